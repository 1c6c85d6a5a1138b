"""An office that is killed at the nth place: at every commit, and before and after every vendor call."""

from __future__ import annotations

from typing import Any

import requests
from sqlalchemy import event

from connectors.mount import Mounted
from tests.journeys.office import Office


class Killed(BaseException):
    """kill -9, as far as one process can play it: nothing between here and the top may catch it."""


class Boundary:
    """Counts the places a crash can fall between, and kills at the one it was told."""

    def __init__(self, kill_at: int | None) -> None:
        self.kill_at = kill_at
        self.passed: list[str] = []
        self.on = False

    def __call__(self, where: str) -> None:
        if not self.on:
            return
        self.passed.append(where)
        if len(self.passed) == self.kill_at:
            self.on = False
            raise Killed(where)


class Dying(Mounted):
    """Carries requests to a stand-in, and may be killed on the way there or back."""

    def __init__(self, mounted: Mounted, boundary: Boundary) -> None:
        super().__init__(mounted.door, mounted.prefix)
        self.boundary = boundary

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        name = f"{request.method} {request.path_url.split('?')[0]}"
        self.boundary(f"before {name}")
        response = super().send(request, *args, **more)
        self.boundary(f"after {name}")
        return response


def mortal(office: Office, kill_at: int | None) -> Boundary:
    """Puts a boundary at each place of this office; it counts from when it is on."""
    boundary = Boundary(kill_at)
    for name, adapter in list(office.around.transports.items()):
        office.around.transports[name] = Dying(adapter, boundary)
    office.desk = office._desk()
    event.listen(office.engine, "commit", lambda connection: boundary("before a commit"))
    return boundary


def survived(office: Office, boundary: Boundary) -> bool:
    """Whether a run came to its end; one that was killed leaves a new desk behind."""
    boundary.on = True
    try:
        office.run()
    except Killed:
        office.desk = office._desk()
        return False
    finally:
        boundary.on = False
    return True


def run_and_swept(office: Office, boundary: Boundary) -> None:
    """What a killed run left is looked for half a minute later."""
    if not survived(office, boundary):
        office.clock.forward(seconds=30)
        office.sweep()
