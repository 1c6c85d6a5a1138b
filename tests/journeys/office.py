"""A whole support office in one process and virtual time: stand-ins under the real SDKs, the real ledger, no sockets.

Tests read the vendors' books, never ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from agent import engine as wakes
from agent import publishing, workflow
from agent.desk import Choices, Desk, one_by_one
from agent.policy import Policy, load
from agent.proposal import Case, Planned, Planner, PlannerUnsure, Proposal
from agent.published import Published, Version
from agent.publishing import People
from agent.vault import Vault
from connectors.contract import Surroundings
from connectors.mount import Mounted
from connectors.salesforce import CONNECTOR as SALESFORCE
from connectors.salesforce.standin import SalesforceRules
from connectors.standin import Door, Fault
from connectors.stripe import CONNECTOR as STRIPE
from connectors.stripe.standin import StripeRules
from connectors.zendesk.standin import ZendeskRules
from tests.journeys.sides import ORG, SIDES, US, Call
from webhooks.app import build_desk
from webhooks.inbox import Event, keep

DANA, ERIN = "dana@example.com", "erin@example.com"
AGENT = "mia@acme.example"
SECRET = "a secret for tests that is long enough"
CHECKED = frozenset(("zendesk", "salesforce"))
"""Helpdesks of which an admin attests that they authenticate senders."""

WORLD: dict[str, Any] = {
    "zendesk": {
        "account_id": 10000001, "subdomain": "acme", "tokens": {f"{US}/token": "zendesk-token"},
        "users": [{"name": "Deskhand", "email": US, "role": "admin"}, {"name": "Mia", "email": AGENT, "role": "agent"},
                  {"name": "Dana Customer", "email": DANA}, {"name": "Erin Customer", "email": ERIN}],
    },
    "stripe": {
        "account": {"id": "acct_sandbox"}, "keys": {"rk_test_desk": "all"},
        "customers": [{"id": "cus_dana", "email": DANA, "name": "Dana Customer"},
                      {"id": "cus_erin", "email": ERIN, "name": "Erin Customer"}],
        "charges": [],
    },
    "salesforce": {
        "org_id": ORG,
        "clients": {"deskhand": {"secret": "salesforce-secret"}},
        "senders": [{"Address": "support@acme.example", "DisplayName": "Acme Support"}],
        "users": [{"Name": "Mia", "Email": AGENT, "permission_sets": ["Deskhand_Agent"]}],
        "contacts": [{"FirstName": "Dana", "LastName": "Customer", "Email": DANA, "Phone": "+49 30 1234567"}],
    },
}

POLICY = (Path(__file__).parents[2] / "manifests" / "policy" / "policy.yaml").read_text()
"""The policy as shipped; the office runs it in execute mode."""
NEVER = (Path(__file__).parents[2] / "manifests" / "policy" / "never.yaml").read_text()


NEXT_DUE = """
    select least((select min(scheduled_at) from procrastinate_jobs where status = 'todo'),
                 (select min(least(expires_at, remind_at)) from waits where state = 'open'),
                 (select min(recheck_at) from operations where state = 'done'))"""
"""The first moment at which the clock alone makes a worker or its sweep find work."""


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


class Scripted:
    """A planner that says what a test gives it; without a script it is unsure."""

    def __init__(self) -> None:
        self.next: list[Callable[[Case], Mapping[str, Any]] | Mapping[str, Any]] = []
        self.always: Callable[[Case], Mapping[str, Any]] | None = None
        self.cases: list[Case] = []

    def plan(self, case: Case) -> Planned:
        self.cases.append(case)
        given = self.next.pop(0) if self.next else self.always
        if given is None:
            raise PlannerUnsure("no script was given")
        said = given(case) if callable(given) else given
        return Planned(proposal=proposal(**said), planner="model", version="scripted", model="scripted")


def proposal(**said: Any) -> Proposal:
    calm = {"nothing_asked": False, "actions": [], "uncovered": [], "unsure": None, "confidence": "high", "signals": [],
            "category": "billing", "language": "en", "reply": ""}
    return Proposal.model_validate_json(json.dumps({**calm, **said}))


def refund(charge: str = "c2", amount: str | None = None, claim: str = "duplicate", quote: str = "") -> dict[str, Any]:
    return {"kind": "refund", "charge": charge, "amount": amount, "claim": claim, "quote": quote}


class Office:
    """One installation with its vendors. `run` does everything that is due now; `settle` lets time pass as needed."""

    def __init__(self, engine: Engine, *, policy: str | None = None, choices: Choices | None = None,
                 planner: Planner | None = None, without: Sequence[str] = (), world: Mapping[str, Any] = WORLD,
                 helpdesk: str = "zendesk") -> None:
        self.clock = Clock()
        self.engine = engine
        self.zendesk, self.stripe, self.salesforce = ZendeskRules(), StripeRules(), SalesforceRules()
        for rules in (self.zendesk, self.stripe, self.salesforce):
            rules.load(dict(world.get(rules.name, {})), self.clock())
        self.doors = {rules.name: Door(rules, self.clock, wait=self.pass_time)
                      for rules in (self.zendesk, self.stripe, self.salesforce)}
        self.side = SIDES[helpdesk](getattr(self, helpdesk), self.clock)
        self.planner = planner or Scripted()
        self.policy = loaded(execute(policy or POLICY))
        self.published: Published | None = None
        self.choices = choices or Choices(senders_checked=CHECKED)
        self.slept: list[float] = []
        self.around = Surroundings(now=self.clock, sleep=self._sleep,
                                   transports={name: Mounted(door) for name, door in self.doors.items()})
        self.without = without
        self.first: Any = None
        """The ticket that was written first."""
        self.vault = Vault(SECRET)
        self.vault.prepare(engine)
        self.desk = self._desk()
        self.kill_at: Callable[[str], None] | None = None

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        self.clock.forward(seconds=seconds)

    def _desk(self) -> Desk:
        made: dict[str, Callable[[], Any]] = {
            "stripe": lambda: STRIPE.connected(STRIPE.settings.model_validate({
                "STRIPE_API_KEY": "rk_test_desk"}), self.around),
            "salesforce": lambda: SALESFORCE.connected(SALESFORCE.settings.model_validate({
                "SALESFORCE_DOMAIN": "acme", "SALESFORCE_CLIENT_ID": "deskhand",
                "SALESFORCE_CLIENT_SECRET": "salesforce-secret"}), self.around),
        }
        connected = {name: make() for name, make in made.items() if name not in self.without}
        connected[self.side.vendor] = {role: made for role, made in self.side.connected(self.around).items()
                                       if role == "helpdesk" or self.side.vendor not in self.without}
        return build_desk(connected, self.engine, self.vault, self.planner, self.in_force, self.choices,
                          self.around, together=one_by_one)

    def in_force(self, c: Connection) -> Policy | None:
        """What the tests set, until something is published."""
        return self.published.newest(c) if self.published else self.policy

    def publish(self, text: str, by: str = "Ana", second: str | None = "Bo") -> Version:
        """Publishes this policy against the shipped never.yaml, as `deskhand policy publish` does."""
        self.published = self.published or Published()
        with self.engine.begin() as c:
            drafted = publishing.draft(c, text, NEVER)
            return publishing.publish(c, drafted, People(compliance=("Cleo",)), by, second, self.clock())

    def policy_with(self, claims_proven: bool = True, auto: int = 25) -> Policy:
        """The shipped table in execute mode, looser: unproven claims unattended, another auto limit."""
        lines = execute(POLICY).replace("auto: 25", f"auto: {auto}")
        if not claims_proven:
            lines = without_rule(without_rule(lines, "claim-unproven"), "charge-part-refunded")
        return loaded(lines)

    def charge(self, amount: int, *, email: str = DANA, ago: str = "-1h", order: str | None = "1042",
               **more: Any) -> str:
        """A captured card charge of one of the customers; returns its id."""
        customer = {DANA: "cus_dana", ERIN: "cus_erin"}.get(email)
        told = {"customer": customer, "amount": amount, "currency": "usd", "created": ago, "billing_email": email,
                "card": {"brand": "visa", "last4": "4242"}, "metadata": {"order_id": order} if order else {}, **more}
        before = {charge["id"] for charge in self.stripe.books()["charges"]}
        self.stripe.load({"charges": [told]}, self.clock())
        return str(next(c["id"] for c in self.stripe.books()["charges"] if c["id"] not in before))

    def double_charge(self, amount: int = 1800, email: str = DANA) -> tuple[str, str]:
        return (self.charge(amount, email=email, ago="-2h"), self.charge(amount, email=email, ago="-110m"))

    def writes(self, body: str = "I was charged twice for order 1042, please refund the second one.",
               email: str = DANA, **more: Any) -> Any:
        told = {"email": email, "subject": "A question", "body": body, "channel": "email", **more}
        ticket = self.side.writes(**told)
        self.first = self.first or ticket
        return ticket

    def customer_answers(self, ticket: Any, body: str, email: str = DANA) -> None:
        """The customer writes again on the same ticket, and everything due is done."""
        self.clock.forward(minutes=5)
        self.writes(body, email, ticket=ticket)
        self.event(ticket)
        self.run()

    def happens(self, vendor: str, op: str, **params: Any) -> Any:
        rules: Any = {"zendesk": self.zendesk, "stripe": self.stripe, "salesforce": self.salesforce}[vendor]
        return rules.control(op, params, self.clock())

    def fault(self, vendor: str, kind: str, method: str = ".*", path: str = ".*", **more: Any) -> None:
        self.doors[vendor].faults.append(Fault(kind, method, path, **more))

    def fault_at(self, call: Call, kind: str, **more: Any) -> None:
        self.fault(call.vendor, kind, call.method, call.path, body=call.body, **more)

    def at_desk(self, op: str, **params: Any) -> Any:
        """What a colleague or the helpdesk itself does to a ticket."""
        return self.side.happens(op, **params)

    def ref(self, ticket: Any) -> str:
        return f"{self.side.vendor}:{self.side.account}:{ticket}"

    def event(self, ticket: Any, delivery: str | None = None) -> str:
        """The inbox keeps an event about this ticket, as the door does after the signature held."""
        self.count = getattr(self, "count", 0) + 1
        event = Event(delivery_id=delivery or f"delivery-{self.count}", kind="ticket.comment_added",
                      ticket_id=str(ticket), occurred_at=self.clock(), sha256=b"\0" * 32, account=self.side.account,
                      vendor=self.side.vendor)
        with self.engine.begin() as connection:
            return keep(connection.connection.driver_connection, event, self.clock())

    def run(self) -> int:
        return wakes.run_due(self.engine.begin, lambda id, why: workflow.run(self.desk, id, why), self.clock())

    def sweep(self) -> wakes.Swept:
        with self.engine.begin() as connection:
            return wakes.sweep(connection, self.clock())

    def days_pass(self, days: int) -> None:
        """It is swept once a day, and what is due then is done."""
        for _ in range(days):
            self.clock.forward(days=1)
            self.sweep()
            self.run()
            self.settle(hours=2)

    def settle(self, hours: float = 30, step: float = 600) -> None:
        """Runs what is due, and lets time pass until nothing is waiting."""
        self.run()
        until = self.clock() + timedelta(hours=hours)
        while self.clock() < until:
            with self.engine.begin() as connection:
                waiting = wakes.pending(connection, self.clock())
            if not (waiting.waiting or waiting.timed or waiting.due):
                return
            self.clock.forward(seconds=step)
            swept = self.sweep()
            if not self.run() and not swept.woken and not swept.put_back:
                self._rest(until, step)

    def _rest(self, until: datetime, step: float) -> None:
        """Lets those steps pass in which nothing can become due, since nothing did in the last one."""
        with self.engine.begin() as connection:
            next_due = connection.exec_driver_sql(NEXT_DUE).scalar() or until
        idle = (min(next_due, until) - self.clock()).total_seconds()
        self.clock.forward(seconds=step * max(0, ceil(idle / step) - 1))

    def handle(self, body: str = "I was charged twice for order 1042, please refund the second one.",
               **more: Any) -> Any:
        """A customer writes, the event arrives, and everything due is done."""
        ticket = self.writes(body, **more)
        self.event(ticket)
        self.run()
        return ticket

    def refunds(self) -> list[dict[str, Any]]:
        return list(self.stripe.books()["refunds"])

    def refunded(self) -> dict[str, int]:
        return dict(self.stripe.books()["refunded"])

    def ticket(self, id: Any) -> dict[str, Any]:
        return self.side.ticket(id)

    def notes(self, id: Any) -> list[str]:
        return [note["body"] for note in self.ticket(id)["notes"]]

    def replies(self, id: Any) -> list[str]:
        return [reply["body"] for reply in self.ticket(id)["replies"]]

    def activities(self) -> list[dict[str, Any]]:
        return list(self.salesforce.books()["activities"])

    def calls(self) -> list[str]:
        """Every vendor call but tokens, as "vendor METHOD path"."""
        lines = [(call.began, f"{name} {call.method} {call.path}") for name, door in self.doors.items()
                 for call in door.calls if "oauth2/token" not in call.path]
        return [line for _, line in sorted(lines)]

    def states(self) -> list[tuple[str, str]]:
        with self.engine.begin() as connection:
            return [(row.state, row.why) for row in connection.exec_driver_sql(
                "select state, why from tickets order by id")]


@lru_cache
def loaded(policy: str) -> Policy:
    """The policy of this text, read once for all tests."""
    return load(policy)


def above_a_quote(word: str, message: str) -> str:
    """A reply as mail programs make it, with the whole message quoted below."""
    quote = "\n".join(f"> {line}".rstrip() for line in message.split("\n"))
    return f"{word}\n\nOn Fri, 20 Nov 2026 at 09:00, Acme Support <support@acme.example> wrote:\n\n{quote}"


def execute(policy: str) -> str:
    return policy.replace("mode: shadow", "mode: execute")


def without_rule(policy: str, id: str) -> str:
    """The policy's text without the rule of this id, when it has one."""
    head, *rules = policy.split("\n  - id: ")
    return "\n  - id: ".join([head, *(rule for rule in rules if not rule.startswith(f"{id}\n"))])
