"""A Zendesk account in this process, with a clock that only moves when told to."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.standin import Answer, Door, Request
from connectors.zendesk.standin import ZendeskRules

RECORDED = Path(__file__).parents[4] / "shared" / "data" / "zendesk"
DANA, EVE, MIA, US = "dana@example.com", "eve@example.net", "mia@acme.example", "agent@acme.example"
SECRET = "tok-9f2c"

WORLD: dict[str, Any] = {
    "account_id": 10000001,
    "subdomain": "acme",
    "tokens": {f"{US}/token": SECRET},
    "users": [
        {"name": "Deskhand", "email": US, "role": "admin"},
        {"name": "Mia", "email": MIA, "role": "agent"},
        {"name": "Dana Customer", "email": DANA, "identities": [
            {"value": DANA, "verification_method": "full", "verified_at": "2026-03-02T10:00:00Z"},
            {"value": "dana@other.example", "verification_method": "none"}]},
        {"name": "Eve Stranger", "email": EVE},
    ],
    "groups": [{"name": "Support"}, {"name": "Finance"}],
    "ticket_fields": [{"title": "Order number"}],
    "webhooks": [{"endpoint": "http://127.0.0.1:9/webhooks/zendesk", "secret": "hook-key", "subscriptions": [
        "zen:event-type:ticket.created", "zen:event-type:ticket.comment_added",
        "zen:event-type:ticket.status_changed"]}],
}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 4, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


class Account:
    """The stand-in with short ways to ask it and to let things happen in it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.rules = ZendeskRules()
        self.rules.load(WORLD, self.clock())
        self.door = Door(self.rules, self.clock, wait=lambda seconds: None)

    def ask(self, method: str, path: str, body: Any = None, user: str = f"{US}/token", secret: str = SECRET,
            **headers: str) -> Answer:
        basic = base64.b64encode(f"{user}:{secret}".encode()).decode()
        raw = b"" if body is None else json.dumps(body).encode()
        given = self.door.answer(Request.to(method, "/api/v2/" + path, {"Authorization": f"Basic {basic}", **{
            name.replace("_", "-"): value for name, value in headers.items()}}, raw))
        assert isinstance(given, Answer)
        return given

    def happens(self, op: str, **params: Any) -> Any:
        return self.rules.control(op, params, self.clock())

    def writes(self, body: str = "I was charged twice for order 1042.", **more: Any) -> int:
        """A customer writes; the id of the ticket."""
        told = {"email": DANA, "name": "Dana Customer", "subject": "Charged twice", "body": body, **more}
        return int(self.rules.control("customer_writes", told, self.clock())["ticket"])

    def id_of(self, email: str) -> int:
        return self.rules.state.by_email[email]

    def audits(self, ticket: int) -> list[Any]:
        return list(self.ask("GET", f"tickets/{ticket}/audits.json?page[size]=100").json()["audits"])

    def book(self, ticket: int) -> Any:
        return self.rules.books()["tickets"][str(ticket)]


@pytest.fixture
def account() -> Account:
    return Account()


def recorded(name: str) -> Any:
    """A recorded or documented answer; skips where the recordings are not at hand."""
    path = RECORDED / name
    if not path.exists():
        pytest.skip(f"no recordings of Zendesk's answers at {path}")
    return json.loads(path.read_text())
