"""Deskhand installed as an admin would have it: `deskhand serve` as a real process, the vendors' sandbox beside it.

One database and one sandbox serve all tests of a module; each test brings a customer of its own, so that nothing has
to be emptied while the process lives. Tests read the vendors' books; ours are only waited on.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, text

from agent.database import connect_engine
from connectors.standin import Call
from scripts.control import AskedFault
from scripts.processes import Process, free_port, wait_for
from scripts.sandbox import Sandbox, settings, world
from tests.journeys.office import POLICY, execute

NO_BREAKER = "[breaker]\nmost_an_hour = 1000000\nnever_below = 1000000\n"
"""All of a module's customers come within the hour."""
HANGS = 60.0
"""Seconds a lost answer stays away; Deskhand is killed long before."""
PATIENCE = 45.0
QUIET_LOOKS = 10
"""In a row: Zendesk tells us of our own updates a moment later, unless Deskhand was dead just then."""


@dataclass(frozen=True)
class Customer:
    """Charged twice for one order; `again` is the later charge."""

    email: str
    first: str
    again: str
    ticket: int = 0


class Installed:
    """Everything one installation consists of, in `folder`."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.engine: Engine = connect_engine(database_url, pool=3, application="test")
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        made = world()
        secret = base64.b64encode(secrets.token_bytes(32)).decode()
        for webhook in made["zendesk"]["webhooks"]:
            webhook |= {"endpoint": f"{self.url}/webhooks/zendesk", "secret": secret}
        self.sandbox = Sandbox(made).start()
        (folder / "policy").mkdir()
        (folder / "deskhand.toml").write_text(NO_BREAKER)
        (folder / "policy" / "policy.yaml").write_text(execute(POLICY))
        self.app = Process("deskhand", ["serve", "--port", str(port)], folder, {
            "DESKHAND_DATABASE_URL": database_url, "DESKHAND_SECRET_KEY": secrets.token_urlsafe(36),
            "DESKHAND_POLICY": str(folder / "policy"), "DESKHAND_CONFIG": str(folder / "deskhand.toml"),
            "DESKHAND_PUBLIC_URL": self.url,
            **settings(self.sandbox.url, made)})
        self._customers = 0
        self._lock = self.engine.connect()

    def publish(self) -> None:
        Process("publish", ["policy", "publish", "--by", "Ana Admin"], self.app.folder,
                self.app.environment).to_its_end()

    def start(self) -> None:
        self.app.start()
        self.app.until(self._ready)

    def kill(self, *, missed_at_once: bool = True) -> None:
        """kill -9. `missed_at_once` ages its last heartbeat, so that a test need not wait until it is missed."""
        self.app.kill()
        self._lock.rollback()
        if missed_at_once:
            with self.engine.begin() as c:
                c.execute(text("update procrastinate_workers set last_heartbeat = now() - interval '1 minute'"))

    def close(self) -> None:
        self._lock.close()
        self.app.stop()
        self.sandbox.stop()
        self.engine.dispose()

    def _ready(self) -> bool | None:
        try:
            with requests.Session() as http:
                http.trust_env = False
                return http.get(f"{self.url}/readyz", timeout=5).status_code == 200 or None
        except requests.RequestException:
            return None

    def fault(self, vendor: str, kind: str, method: str, path: str, *, skip: int = 0, seconds: float = HANGS) -> None:
        self.sandbox.control.fault(AskedFault(vendor=vendor, kind=kind, method=method, path=path, skip=skip,
                                              params={"seconds": seconds}))

    def next_ticket(self) -> int:
        """The number that the next ticket will have."""
        return 1 + max((int(id) for id in self.sandbox.control.books()["zendesk"]["tickets"]), default=0)

    def customer(self) -> Customer:
        """Someone new, with two card charges of 18 dollars for the same order."""
        self._customers += 1
        n = self._customers
        who = Customer(f"pat{n}@customer.example", f"ch_pat{n}_first", f"ch_pat{n}_again")
        card = {"customer": f"cus_pat{n}", "amount": 1800, "currency": "usd", "metadata": {"order_id": str(2000 + n)},
                "card": {"brand": "visa", "last4": "4242"}}
        self.sandbox.control.load({
            "zendesk": {"users": [{"name": "Pat Doe", "email": who.email, "created_at": "-300d"}]},
            "stripe": {"customers": [{"id": f"cus_pat{n}", "email": who.email, "name": "Pat Doe", "created": "-300d"}],
                       "charges": [{"id": who.first, "created": "-26h", **card},
                                   {"id": who.again, "created": "-25h", **card}]},
            "salesforce": {"contacts": [{"FirstName": "Pat", "LastName": "Doe", "Email": who.email,
                                         "Phone": "+1 212 555 0141"}]}})
        return who

    def writes(self, who: Customer) -> Customer:
        """The customer asks for the second charge back; returns them with their ticket."""
        told = {"email": who.email, "subject": "Charged twice",
                "body": "Hi, I was charged twice for my order. Please refund the second one. Thank you, Pat"}
        ticket = int(self.sandbox.control.happen("zendesk", "customer_writes", told)["ticket"])
        return Customer(who.email, who.first, who.again, ticket)

    def calls(self) -> list[Call]:
        return self.sandbox.control.calls()

    def until(self, look: Callable[[], bool]) -> None:
        self.app.until(lambda: look() or None)

    def until_a_call_is_lost(self, after: int) -> None:
        """Returns when one of the calls since the first `after` got no answer: its caller hangs now."""
        self.app.until(lambda: any(call.fault for call in self.calls()[after:]) or None)

    def until_a_call_is_on_its_way(self) -> None:
        """Returns when a slow call was taken up by the vendor and has done nothing yet."""
        self.app.until(lambda: any(fault.kind == "slow" and fault.times == 0 for door in self.sandbox.doors.values()
                                   for fault in door.faults) or None)

    def lock_charge(self, charge: str) -> None:
        """Until Deskhand is killed, nobody gets past the locks that come before an intent on this charge."""
        self._lock.execute(text("insert into totals (kind, subject, day, currency, attended) "
                                "values ('charge', :charge, '1970-01-01', 'USD', false)"), {"charge": charge})

    def until_someone_waits_for_a_lock(self) -> None:
        self.app.until(lambda: self._query(
            "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") or None)

    def operations(self, who: Customer) -> list[tuple[str, str]]:
        """Kind and state of what is being done on the customer's ticket, in the order begun."""
        return [(row.kind, row.state) for row in self._query(
            "select kind, o.state from operations o join tickets t on t.id = o.ticket_id "
            "where t.vendor_id = :ticket order by position", ticket=str(who.ticket))]

    def until_done(self, who: Customer) -> str:
        """The outcome of the ticket, once nothing is left to do and echoes have had time to come."""
        row = self.app.until(lambda: next(iter(self._query(
            "select state from tickets where vendor_id = :ticket and wanted = served and attempts = 0 "
            "and state not in ('new', 'acting')", ticket=str(who.ticket))), None), PATIENCE)
        quiet = 0

        def looked() -> bool | None:
            nonlocal quiet
            quiet = 0 if self._busy() else quiet + 1
            return quiet >= QUIET_LOOKS or None

        wait_for("a quiet moment", looked, PATIENCE)
        return str(row.state)

    def _busy(self) -> bool:
        return bool(self._query(
            "select 1 from tickets where wanted > served union all select 1 from procrastinate_jobs "
            "where status = 'doing' or status = 'todo' and coalesce(scheduled_at, now()) <= now()"))

    def _query(self, sql: str, **values: Any) -> list[Any]:
        with self.engine.connect() as c:
            return list(c.execute(text(sql), values))

    def books(self, who: Customer) -> dict[str, Any]:
        """What the vendors' books say of this customer."""
        books = self.sandbox.control.books()
        ticket = books["zendesk"]["tickets"].get(who.ticket) or books["zendesk"]["tickets"][str(who.ticket)]
        contact = next(c["Id"] for c in books["salesforce"]["contacts"].values() if c["Email"] == who.email)
        return {
            "refunds": [(refund["charge"], refund["amount"]) for refund in books["stripe"]["refunds"]
                        if refund["charge"] in (who.first, who.again)],
            "notes": [note["body"] for note in ticket["notes"]],
            "replies": [reply["body"] for reply in ticket["replies"]],
            "activities": [a["Subject"] for a in books["salesforce"]["activities"] if a["WhoId"] == contact],
            "tags": sorted(ticket.get("tags", [])), "status": ticket.get("status"),
        }
