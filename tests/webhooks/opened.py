"""An office with its pages: colleagues open the sidebar beside a ticket, and customers open links."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from agent.consent.waits import Wait, of_ticket
from agent.published import Published
from connectors.zendesk.standin.apps import App
from tests.journeys.office import Office, refund
from webhooks.app import Health, create_app, people_doors
from webhooks.config import Roles
from webhooks.sidebar import ZendeskFrame
from webhooks.tokens import SignedApp

OURS = "http://localhost"
ZENDESK = "https://acme.zendesk.com"
ROLES = Roles(agent=("Support",), lead=("Team leads",), finance=("Finance",))
KIM, LEO, FAY, ADA, LOU, HAL = (f"{name}@acme.example" for name in ("kim", "leo", "fay", "ada", "lou", "hal"))
"""Agent, lead, finance, an administrator who leads, a light agent, and an agent of a group without a role."""
STAFF: dict[str, Any] = {
    "groups": [{"name": "Support"}, {"name": "Team leads"}, {"name": "Finance"}, {"name": "HR"}],
    "users": [{"name": "Kim", "email": KIM, "role": "agent", "groups": ["Support"]},
              {"name": "Leo", "email": LEO, "role": "agent", "groups": ["Team leads"]},
              {"name": "Fay", "email": FAY, "role": "agent", "groups": ["Finance"]},
              {"name": "Ada", "email": ADA, "role": "admin", "groups": ["Team leads"]},
              {"name": "Lou", "email": LOU, "role": "agent", "role_type": 1, "groups": ["Support"]},
              {"name": "Hal", "email": HAL, "role": "agent", "groups": ["HR"]}],
}
KEYS = App()
"""Of the sidebar's app: a key takes long to make, longer than all else of an office."""


@dataclass
class Seat:
    """One colleague's sidebar beside one ticket."""

    client: FlaskClient
    bearer: str

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.bearer}", **headers})

    def post(self, path: str, said: Any = None, origin: str = OURS, **headers: str) -> TestResponse:
        return self.client.post(path, data=json.dumps(said or {}), headers={
            "Authorization": f"Bearer {self.bearer}", "Origin": origin, "Content-Type": "application/json", **headers})

    def state(self) -> Any:
        return self.get("/api/ticket").get_json()

    def card(self) -> Any:
        (card,) = self.state()["cards"]
        return card

    def approve(self, amount: str | None = None) -> TestResponse:
        card = self.card()
        return self.post(f"/api/approvals/{card['wait']}", {"digest": card["digest"], "amount": amount})

    def decline(self, reason: str) -> TestResponse:
        card = self.card()
        return self.post(f"/api/approvals/{card['wait']}/decline", {"digest": card["digest"], "reason": reason})

    def ticket(self, what: str) -> TestResponse:
        return self.post(f"/api/ticket/{what}", {"digest": self.state()["digest"]})


class OpenOffice(Office):
    """The office, reached by people."""

    def __init__(self, engine: Engine, **more: Any) -> None:
        super().__init__(engine, **more)
        self.vault.prepare(engine)
        self.desk = replace(self.desk, public_url=OURS)
        self.zendesk.sidebar = KEYS
        self.zendesk.load(STAFF, self.clock())
        key = load_pem_public_key(self.opens(KIM)["public_key"].encode())
        assert isinstance(key, RSAPublicKey)
        self.frame = ZendeskFrame(SignedApp("acme", self.opens(KIM)["installation"], (key,)), ZENDESK)
        doors = people_doors(self.desk, ROLES, OURS, self.desk.helpdesks["zendesk"], self.frame)
        self.app = create_app(Health(engine, lambda: "running", Published()), tuple(doors))
        self.client = self.app.test_client()

    def opens(self, email: str) -> Any:
        return self.at_desk("opens_sidebar", email=email)

    def sidebar(self, email: str = KIM, **headers: str) -> TestResponse:
        return self.client.post("/sidebar/zendesk?origin=https%3A%2F%2Facme.zendesk.com&app_guid=g", headers=headers,
                                data={"token": self.opens(email)["token"]})

    def bearer(self, email: str = KIM) -> str:
        found = re.search(r'name="deskhand-session" content="([^"]+)"', self.sidebar(email).text)
        assert found is not None
        return found[1]

    def seat(self, email: str = KIM, ticket: int | None = 1) -> Seat:
        seat = Seat(self.app.test_client(), self.bearer(email))
        if ticket is not None:
            answer = seat.post("/api/sessions/bind", {"ticket": str(ticket)})
            assert answer.status_code == 200, answer.text
        return seat

    def asks(self, amount: int) -> int:
        """A proven duplicate of this amount; later messages ask for nothing new."""
        self.double_charge(amount)
        twice = {"actions": [refund("c2", quote="please refund the second one")]}
        self.script(lambda case: twice if "charged twice" in case.asked() else {"nothing_asked": True})
        return self.handle()

    def unproven(self, amount: int = 1800) -> int:
        """A goodwill ask: a colleague approves, the customer need not."""
        self.charge(amount)
        asked = {"actions": [refund("c1", claim="goodwill", quote="my money back")]}
        self.script(lambda case: asked if "charged twice" in case.asked() else {"nothing_asked": True})
        return self.handle()

    def script(self, always: Any) -> None:
        self.planner.always = always  # type: ignore[attr-defined]

    def waits(self, states: tuple[str, ...] = ("open",)) -> list[Wait]:
        with self.engine.begin() as c:
            return of_ticket(c, 1, states)

    def link(self, ticket: int = 1) -> str:
        """The confirmation link as the customer got it in the latest reply."""
        found = re.search(r"http://localhost(/confirm/[A-Za-z0-9_-]{43})", self.replies(ticket)[-1])
        assert found is not None
        return found[1]
