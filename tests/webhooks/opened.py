"""An office with its pages: colleagues open the sidebar beside a ticket, and customers open links."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask import Blueprint
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
from webhooks.signed import SignedOrg
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
ABOUT_A_TICKET = ("/api/ticket", "/api/approvals", "/api/operations")
ORG_STAFF: dict[str, Any] = {
    "groups": [{"Name": name, "Type": "Regular"} for name in ("Support", "Team leads", "Finance", "HR")],
    "users": [{"Name": name, "Email": email, "permission_sets": sets, "groups": [of]} for name, email, sets, of in (
        ("Kim", KIM, ["Deskhand_Agent"], "Support"), ("Leo", LEO, ["Deskhand_Approver"], "Team leads"),
        ("Fay", FAY, ["Deskhand_Approver"], "Finance"), ("Ada", ADA, ["Deskhand_Admin"], "Team leads"),
        ("Lou", LOU, [], "Support"), ("Hal", HAL, ["Deskhand_Agent"], "HR"))],
}
KEYS = App()
"""Of the sidebar's app: a key takes long to make, longer than all else of an office."""


class Beside:
    """One colleague's look at one ticket, and what they press there."""

    def get(self, path: str, **headers: str) -> TestResponse:
        raise NotImplementedError

    def post(self, path: str, said: Any = None, **headers: str) -> TestResponse:
        raise NotImplementedError

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


@dataclass
class Seat(Beside):
    """Zendesk's sidebar, with a session of its own."""

    client: FlaskClient
    bearer: str

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.bearer}", **headers})

    def post(self, path: str, said: Any = None, origin: str = OURS, **headers: str) -> TestResponse:
        return self.client.post(path, data=json.dumps(said or {}), headers={
            "Authorization": f"Bearer {self.bearer}", "Origin": origin, "Content-Type": "application/json", **headers})


@dataclass
class Component(Beside):
    """The component on a case: the package's Apex calls for the running user, and the org signs."""

    client: FlaskClient
    signs: Callable[..., Any]
    user: str
    case: str | None

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={**self.signed("GET", path), **headers})

    def post(self, path: str, said: Any = None, **headers: str) -> TestResponse:
        body = json.dumps(said or {})
        return self.client.post(path, data=body, headers={**self.signed("POST", path, body), **headers})

    def signed(self, method: str, path: str, body: str = "") -> dict[str, str]:
        about = {"case": self.case} if self.case and path.startswith(ABOUT_A_TICKET) else {}
        return dict(self.signs("signs", method=method, path=path, body=body, user=self.user, **about)["headers"])


class OpenOffice(Office):
    """The office, reached by people."""

    def __init__(self, engine: Engine, **more: Any) -> None:
        super().__init__(engine, **more)
        self.desk = replace(self.desk, public_url=OURS)
        self.zendesk.sidebar = KEYS
        self.app = create_app(Health(engine, lambda: "running", Published()), tuple(self._doors()))
        self.client = self.app.test_client()

    def _doors(self) -> list[Blueprint]:
        if self.side.vendor == "salesforce":
            self.salesforce.load(ORG_STAFF, self.clock())
            self.certificates = [str(self.at_desk("certificate")["certificate"])]
            return people_doors(self.desk, ROLES, OURS, org=SignedOrg(self.side.account, self.certificates))
        self.zendesk.load(STAFF, self.clock())
        key = load_pem_public_key(self.opens(KIM)["public_key"].encode())
        assert isinstance(key, RSAPublicKey)
        self.frame = ZendeskFrame(SignedApp("acme", self.opens(KIM)["installation"], (key,)), ZENDESK)
        return people_doors(self.desk, ROLES, OURS, self.desk.helpdesks["zendesk"], self.frame)

    def opens(self, email: str) -> Any:
        return self.at_desk("opens_sidebar", email=email)

    def sidebar(self, email: str = KIM, **headers: str) -> TestResponse:
        return self.client.post("/sidebar/zendesk?origin=https%3A%2F%2Facme.zendesk.com&app_guid=g", headers=headers,
                                data={"token": self.opens(email)["token"]})

    def bearer(self, email: str = KIM) -> str:
        found = re.search(r'name="deskhand-session" content="([^"]+)"', self.sidebar(email).text)
        assert found is not None
        return found[1]

    def seat(self, email: str = KIM, ticket: Any = "the first") -> Any:
        """A colleague beside a ticket, the first one unless said otherwise; None: beside none."""
        ticket = self.first if ticket == "the first" else ticket
        if self.side.vendor == "salesforce":
            return Component(self.app.test_client(), self.at_desk, email, ticket)
        seat = Seat(self.app.test_client(), self.bearer(email))
        if ticket is not None:
            answer = seat.post("/api/sessions/bind", {"ticket": str(ticket)})
            assert answer.status_code == 200, answer.text
        return seat

    def asks(self, amount: int) -> Any:
        """A proven duplicate of this amount; later messages ask for nothing new."""
        self.double_charge(amount)
        twice = {"actions": [refund("c2", quote="please refund the second one")]}
        self.script(lambda case: twice if "charged twice" in case.asked() else {"nothing_asked": True})
        return self.handle()

    def unproven(self, amount: int = 1800) -> Any:
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

    def link(self, ticket: Any = None) -> str:
        """The confirmation link as the customer got it in the latest reply."""
        found = re.search(r"http://localhost(/confirm/[A-Za-z0-9_-]{43})", self.replies(ticket or self.first)[-1])
        assert found is not None
        return found[1]
