"""A support office for measuring: stand-ins without delay under the real SDKs, in one process and real time.

Every ticket is by a customer of its own, charged twice, so that each is refunded by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from agent import engine as wakes
from agent.breaker import Breaker
from agent.desk import Choices, Desk
from agent.planner.rules import RulesPlanner
from agent.policy import Policy, load, shipped_policy_path
from agent.vault import Vault
from connectors.contract import Surroundings
from connectors.contract.connector import Role
from connectors.mount import Mounted
from connectors.salesforce import CONNECTOR as SALESFORCE
from connectors.salesforce.standin import SalesforceRules
from connectors.standin import Door
from connectors.stripe import CONNECTOR as STRIPE
from connectors.stripe.standin import StripeRules
from connectors.zendesk import CONNECTOR as ZENDESK
from connectors.zendesk.standin import ZendeskRules
from webhooks.app import build_desk

ACCOUNT = "acme"
US = "deskhand@acme.example"
ASKS = "Hello, I was charged twice for my order {order}, please refund the second one. Thank you, {name}"
VAST = 10**9
"""A limit that no bench meets."""
CHOICES = Choices(senders_checked=frozenset(("zendesk",)), breaker=Breaker(most_an_hour=VAST, never_below=VAST))

SETTINGS: dict[str, str] = {
    "ZENDESK_SUBDOMAIN": ACCOUNT, "ZENDESK_EMAIL": US, "ZENDESK_API_TOKEN": "zendesk-token",
    "STRIPE_API_KEY": "rk_test_desk", "SALESFORCE_DOMAIN": ACCOUNT, "SALESFORCE_CLIENT_ID": "deskhand",
    "SALESFORCE_CLIENT_SECRET": "salesforce-secret",
}

WORLD: dict[str, Any] = {
    "zendesk": {"account_id": 10000001, "subdomain": ACCOUNT, "tokens": {f"{US}/token": "zendesk-token"},
                "users": [{"name": "Deskhand", "email": US, "role": "admin"}],
                "limits": {"account": VAST, "updates": VAST, "per_ticket": VAST}},
    "stripe": {"account": {"id": "acct_sandbox"}, "keys": {"rk_test_desk": "all"}},
    "salesforce": {"org_id": "00D000000000001EAA", "clients": {"deskhand": {"secret": "salesforce-secret"}},
                   "limits": {"daily": VAST, "app_daily": VAST}},
}


def policy() -> Policy:
    """The shipped policy, switched on, with a day's budget that a bench does not use up."""
    shipped = shipped_policy_path().read_text()
    vast = {"mode: shadow": "mode: execute", "desk_day_home: {over: 2000}": "desk_day_home: {over: 9000000}",
            "{USD: 1000, EUR: 1000, GBP: 1000}": "{USD: 9000000, EUR: 1000, GBP: 1000}"}
    for before, after in vast.items():
        shipped = shipped.replace(before, after)
    return load(shipped)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Office:
    """The vendors' books and the connectors over them; `people` adds customers who write."""

    doors: dict[str, Door]
    around: Surroundings
    connected: dict[str, dict[Role, Any]]
    customers: int = 0

    @classmethod
    def open(cls) -> Office:
        doors = {rules.name: Door(rules, _now) for rules in (ZendeskRules(), StripeRules(), SalesforceRules())}
        for name, door in doors.items():
            door.rules.load(WORLD[name], _now())
        around = Surroundings(transports={name: Mounted(door) for name, door in doors.items()})
        connected = {one.name: one.connected(one.settings.model_validate(SETTINGS), around)
                     for one in (ZENDESK, STRIPE, SALESFORCE)}
        return cls(doors, around, connected)

    def desk(self, engine: Engine, **more: Any) -> Desk:
        vault = Vault("a secret for measuring that is long enough")
        vault.prepare(engine)
        in_force = policy()
        return build_desk(self.connected, engine, vault, RulesPlanner(), lambda c: in_force, CHOICES, self.around,
                          **more)

    def people(self, count: int) -> list[str]:
        """That many new customers, each charged twice, write; returns the references of their tickets."""
        numbers = range(self.customers + 1, self.customers + count + 1)
        self.customers += count
        for door in self.doors.values():
            door.calls.clear()
        self.doors["stripe"].rules.load({"customers": [_payer(n) for n in numbers],
                                         "charges": [charge for n in numbers for charge in _charges(n)]}, _now())
        self.doors["salesforce"].rules.load({"contacts": [
            {"FirstName": "Dana", "LastName": f"Customer {n}", "Email": _email(n)} for n in numbers]}, _now())
        zendesk: Any = self.doors["zendesk"].rules
        zendesk.load({"users": [{"name": _name(n), "email": _email(n)} for n in numbers]}, _now())
        return [f"zendesk:{ACCOUNT}:{zendesk.control('customer_writes', _letter(n), _now())['ticket']}"
                for n in numbers]

    def vendor_calls(self) -> int:
        """How many since `people` last wrote, tokens not counted."""
        return sum("oauth2/token" not in call.path for door in self.doors.values() for call in door.calls)

    def refunds(self) -> int:
        return len(self.doors["stripe"].rules.books()["refunds"])


def _name(n: int) -> str:
    return f"Dana Customer {n}"


def _email(n: int) -> str:
    return f"dana.{n}@example.com"


def _letter(n: int) -> dict[str, Any]:
    return {"email": _email(n), "name": _name(n), "subject": "Charged twice", "channel": "email",
            "body": ASKS.format(order=100_000 + n, name=_name(n))}


def _payer(n: int) -> dict[str, Any]:
    return {"id": f"cus_{n}", "email": _email(n), "name": _name(n)}


def _charges(n: int) -> list[dict[str, Any]]:
    card = {"brand": "visa", "last4": "4242"}
    return [{"customer": f"cus_{n}", "amount": 1800, "currency": "usd", "created": ago, "billing_email": _email(n),
             "card": card, "metadata": {"order_id": str(100_000 + n)}} for ago in ("-2h", "-110m")]


def put(connection: Connection, refs: list[str], *, woken: bool = True) -> list[int]:
    """The tickets as the door leaves them: known, due, and woken in the same transaction."""
    ids = [int(connection.execute(_PUT, {"ref": ref, "account": ACCOUNT, "id": ref.rsplit(":", 1)[1]}).scalar_one())
           for ref in refs]
    for id in ids if woken else []:
        wakes.wake(connection, id, "event")
    return ids


_PUT = text("""
    insert into tickets (ref, vendor, account, vendor_id, first_seen_at, wanted)
    values (:ref, 'zendesk', :account, :id, now(), 1) returning id
""")

Run = Callable[[int, str], None]
