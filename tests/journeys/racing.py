"""An office whose wakes are run by the real worker, eight passes at a time, on vendors that take a moment to answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import Blueprint, Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from agent import engine as wakes
from agent import workflow
from agent.breaker import Breaker
from agent.database import Database
from agent.desk import Choices, Threads
from agent.engine import Worker
from agent.proposal import Case
from agent.published import Published
from scripts.processes import wait_for
from tests.journeys.office import CHECKED, WORLD, Office, Scripted
from tests.journeys.sides import ORG
from tests.webhooks.signing import SECRET, signed
from webhooks.app import Health, create_app
from webhooks.inbox import Inbox
from webhooks.salesforce import DOOR, SalesforceDoor, salesforce_door
from webhooks.signed import SignedOrg
from webhooks.zendesk import ZendeskDoor, zendesk_door

Result = TypeVar("Result")
NO_BREAKER = Choices(senders_checked=CHECKED, breaker=Breaker(most_an_hour=10**9, never_below=10**9))
"""A storm of tickets is an unusual hour."""
LATENCY = 0.005
"""Seconds a vendor takes, so that passes overlap."""
PATIENCE = 25.0


class Racing(Office):
    """Time stands still but for what is written and waited for, and what is waited for really takes its moment."""

    def __init__(self, database: Database, answers: Callable[[Case], Mapping[str, Any]], **more: Any) -> None:
        self.script = Scripted()
        self.script.always = answers
        super().__init__(database.engine, planner=self.script, world={}, **{"choices": NO_BREAKER, **more})
        self.clock.moment = datetime.now(UTC)
        for rules in (self.zendesk, self.stripe, self.salesforce):
            rules.load(dict(WORLD[rules.name]), self.clock())
        for door in self.doors.values():
            door.latency = LATENCY
        self.desk = replace(self.desk, together=Threads())
        self.inbox = Inbox(database.url, self.vault.digest)
        page = self._door()
        self.app: Flask = create_app(Health(database.engine, lambda: "running", Published()), (page,))
        self.worker = Worker(database.url, lambda id, why: workflow.run(self.desk, id, why), concurrency=8,
                             poll_every=0.1, sweep_every=0.3)

    def _door(self) -> Blueprint:
        if self.side.vendor == "zendesk":
            return zendesk_door(ZendeskDoor("acme", (SECRET,), 10000001), self.inbox, self.clock)
        org = SignedOrg(ORG, (self.at_desk("certificate")["certificate"],))
        return salesforce_door(SalesforceDoor(org), self.inbox, self.clock)

    def close(self) -> bool:
        """Ends the worker and lets go of the database; False when a pass did not end in time."""
        ended = self.worker.stop()
        self.inbox.close()
        return ended

    def writes(self, *args: Any, **more: Any) -> Any:
        """A case that was changed a moment ago is not written over: so the moment passes."""
        ticket = super().writes(*args, **more)
        self.clock.forward(seconds=3)
        return ticket

    def pass_time(self, seconds: float) -> None:
        threading.Event().wait(seconds)

    def knocks(self, ticket: Any, event: str) -> int:
        """A signed delivery at the real door; its status."""
        if self.side.vendor == "salesforce":
            return self._org_knocks(ticket, event.rjust(8, "0"))
        body = json.dumps({
            "account_id": 10000001, "id": event, "type": "zen:event-type:ticket.comment_added",
            "time": self.clock().isoformat(), "detail": {"id": str(ticket)}}).encode()
        return self.app.test_client().post("/webhooks/zendesk", data=body,
                                           headers=signed(body, at=self.clock())).status_code

    def _org_knocks(self, case: str, event: str) -> int:
        body = json.dumps({"event_id": event, "org_id": ORG, "case_id": case, "kind": "email_received",
                           "occurred_at": self.clock().isoformat()})
        headers = self.at_desk("signs", method="POST", path=DOOR, body=body, case=case, id=event)["headers"]
        return self.app.test_client().post(DOOR, data=body, headers=headers).status_code

    def pass_over(self, ref: str) -> None:
        """A pass that no lock keeps apart from the worker's own; of two that plan at once, one fails."""
        with self.engine.begin() as c:
            id = c.execute(text("select id from tickets where ref = :ref"), {"ref": ref}).scalar_one()
        with suppress(IntegrityError):
            workflow.run(self.desk, id)

    def paused(self, on: bool) -> None:
        """The kill switch of everything."""
        with self.engine.begin() as c:
            c.execute(text("insert into switches (action, paused, by, at) values ('all', :on, 'a test', now()) "
                           "on conflict (action) do update set paused = :on"), {"on": on})

    def until_parked_by_the_switch(self) -> None:
        """Returns when the plan is kept and the pass that made it has ended, to look again in a minute."""
        wait_for("a rest", lambda: True if self._rests() else None, PATIENCE)

    def _rests(self) -> bool:
        with self.engine.begin() as c:
            planned = c.execute(text("select 1 from operations where state = 'planned'")).first()
            return planned is not None and wakes.pending(c).idle()

    def until_quiet(self, seconds: float = PATIENCE) -> None:
        """Returns when no ticket has anything left to do now."""
        wait_for("a quiet moment", self._quiet, seconds, every=0.1)

    def _quiet(self) -> bool | None:
        with self.engine.begin() as c:
            under_way = c.execute(text("select 1 from proposals where closed_at is null limit 1")).first()
            return True if under_way is None and wakes.pending(c).idle() else None


def at_once(steps: Sequence[Callable[[], Result]]) -> list[Result]:
    """Runs each in a thread of its own, all let go at the same moment; their results in order."""
    start = threading.Barrier(len(steps))

    def run(step: Callable[[], Result]) -> Result:
        start.wait(PATIENCE)
        return step()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))
