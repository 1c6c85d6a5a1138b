"""An office to which anything may happen between any two vendor calls of a pass, and whose clock may be wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import requests
from sqlalchemy import Connection, Engine, event, text

from agent import publishing
from agent.catchup import Catching
from agent.compiled import Row
from agent.desk import Desk
from agent.policy import Policy, load
from agent.policy.never import load_never
from agent.policy.proof import prove
from agent.polling import Poll
from agent.published import Published, newest_version
from agent.publishing import Draft, People
from agent.statements import NEWEST_POLICY
from connectors.mount import Mounted
from connectors.stripe.told import TOLD
from tests.journeys.dying import Killed
from tests.journeys.office import ERIN, NEVER, NEXT_DUE, WORLD, Office
from webhooks.hearing import Hearing
from webhooks.inbox import About, Event, keep, keep_about

PUBLIC = "http://localhost"
VAST = 10**9
SHORTEST = timedelta(minutes=2)
"""Between two looks of days that pass."""
PEOPLE: dict[str, Any] = {**WORLD, "salesforce": {**WORLD["salesforce"], "contacts": [
    *WORLD["salesforce"]["contacts"],
    {"FirstName": "Erin", "LastName": "Customer", "Email": ERIN, "Phone": "+49 30 1111111"}]},
    "zendesk": {**WORLD["zendesk"], "limits": {"account": VAST, "updates": VAST, "per_ticket": VAST}}}


class Moments:
    """Counts the moments of the passes, and lets the process die, or something happen, at the one it was told.

    A process dies at a commit or beside a vendor call; things happen beside vendor calls, when no transaction is open.
    """

    def __init__(self) -> None:
        self.on = False
        self.dies_in = 0
        self.happens_in = 0
        self.happening: Callable[[], None] = lambda: None
        self.met: Counter[str] = Counter()

    def commit(self) -> None:
        if self.on and self.dies_in:
            self.dies_in -= 1
            if not self.dies_in:
                self._die()

    def call(self) -> None:
        if not self.on:
            return
        if self.happens_in:
            self.happens_in -= 1
            if not self.happens_in:
                self.on = False  # what happens is no part of the pass
                self.met["something happened during a pass"] += 1
                self.happening()
                self.on = True
        self.commit()

    def _die(self) -> None:
        self.on = False
        self.met["a pass was killed"] += 1
        raise Killed


class Watched(Mounted):
    """Carries requests to a stand-in, and tells of each before and after."""

    def __init__(self, mounted: Mounted, before: Callable[[requests.PreparedRequest], None],
                 after: Callable[[], None]) -> None:
        super().__init__(mounted.door, mounted.prefix)
        self.before, self.after = before, after

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        self.before(request)
        try:
            return super().send(request, *args, **more)
        finally:
            self.after()


class Shifted(Office):
    """`clock` is ours and may be wrong; the vendors have the right time."""

    def __init__(self, engine: Engine, helpdesk: str, moments: Moments, **more: Any) -> None:
        self.moments = moments
        self.begins: Callable[[dict[str, str]], None] = lambda asked: None
        """Is told what is asked of Stripe when a refund is begun."""
        self.written: Callable[[], None] = lambda: None
        """Is called after each call to a vendor."""
        self.skew = timedelta()
        super().__init__(engine, helpdesk=helpdesk, world=PEOPLE, **more)
        self.vault._naming = b"the same each time"  # and so are all ids
        for door in self.doors.values():
            door.clock = self.right_time
        self.side.clock = self.right_time
        for name, adapter in list(self.around.transports.items()):
            self.around.transports[name] = Watched(  # type: ignore[index]
                adapter, self._before, self._after)  # type: ignore[arg-type]
        event.listen(engine, "commit", lambda _: moments.commit())
        self.starts()
        self.heard = 0
        self.swept_at: datetime | None = None
        self.poll.look()
        self.clock.forward(minutes=5)

    def right_time(self) -> datetime:
        return self.clock() - self.skew

    def jumps(self, by: timedelta) -> None:
        """Our clock is set wrong by so much more."""
        self.skew += by
        self.clock.moment += by

    def starts(self) -> None:
        """A process begins anew, with nothing but the database."""
        self.published = self.published and Remembered()
        self.desk = self._desk()
        self.poll = Poll(self.desk, Hearing(self.engine, self.clock, lambda: "acct_sandbox"), Catching(), TOLD)

    def _desk(self) -> Desk:
        return replace(super()._desk(), public_url=PUBLIC)

    def _before(self, request: requests.PreparedRequest) -> None:
        self.moments.call()
        if request.method == "POST" and request.path_url.startswith("/v1/refunds"):
            body = request.body or ""
            asked = dict(parse_qsl(body if isinstance(body, str) else bytes(body).decode()))
            self.begins({**asked, "key": str(request.headers["Idempotency-Key"])})

    def _after(self) -> None:
        self.written()
        self.moments.call()

    def happens(self, vendor: str, op: str, **params: Any) -> Any:
        rules: Any = {"zendesk": self.zendesk, "stripe": self.stripe, "salesforce": self.salesforce}[vendor]
        return rules.control(op, params, self.right_time())

    def works(self) -> None:
        """What is due is done, unless the process dies over it: then the next one begins."""
        self.moments.on = True
        try:
            if self.clock() != self.swept_at:
                self.swept_at = self.clock()
                self.sweep()
            self.run()
        except Killed:
            self.starts()
        finally:
            self.moments.on = False

    def days_pass(self, days: int) -> None:
        """Work is done whenever the clock alone makes a worker or its sweep find some."""
        until = self.clock() + timedelta(days=days)
        while self.clock() < until:
            self.sweep()
            self.run()
            with self.engine.begin() as c:
                due = c.exec_driver_sql(NEXT_DUE).scalar() or until
            self.clock.moment = min(until, max(due, self.clock() + SHORTEST))

    def delivery(self, ticket: Any) -> Event:
        """An event about this ticket, as the helpdesk would send it now."""
        self.heard += 1
        return Event(delivery_id=f"delivery-{self.heard}", kind="ticket.comment_added", ticket_id=str(ticket),
                     occurred_at=self.right_time(), sha256=b"\0" * 32, account=self.side.account,
                     vendor=self.side.vendor)

    def keeps(self, delivery: Event) -> None:
        with self.engine.begin() as c:
            keep(c.connection.driver_connection, delivery, self.clock())  # type: ignore[arg-type]

    def told_of(self, kind: str, charge: str) -> None:
        """Stripe's event about this charge arrives."""
        self.heard += 1
        about = About(delivery_id=f"evt_{self.heard}", kind=kind, target=charge, vendor="stripe",
                      account="acct_sandbox", occurred_at=self.right_time(), sha256=b"\0" * 32)
        with self.engine.begin() as c:
            keep_about(c.connection.driver_connection, about, self.clock())  # type: ignore[arg-type]

    def publishes(self, policy: str) -> None:
        """As `deskhand policy publish`; the proof of the same text is made once for all runs."""
        self.published = self.published or Remembered()
        with self.engine.begin() as c:
            base = newest_version(c)
            draft = proven(policy)
            publishing.publish(c, replace(draft, base=base), People(compliance=("Cleo",)), "Ana", "Bo", self.clock())

    def loses_all_wakes(self) -> None:
        with self.engine.begin() as c:
            c.execute(text("delete from procrastinate_events"))
            c.execute(text("delete from procrastinate_jobs"))


class Remembered(Published):
    """Reads each publication once for all runs: to read a policy costs as much as a pass."""

    known: ClassVar[dict[tuple[int, str], tuple[Row | None, Policy | None, str | None]]] = {}

    def _current(self, c: Connection) -> tuple[Row | None, Policy | None, str | None]:
        row = NEWEST_POLICY.first(c)
        if row is None:
            return super()._current(c)
        name = (row["version"], row["digest"])
        if name not in self.known:
            self.known[name] = super()._current(c)
        return self.known[name]


@lru_cache
def proven(policy: str) -> Draft:
    """A first publication of this text, proven against the shipped never.yaml."""
    read, never = load(policy), load_never(NEVER)
    return Draft(policy=read, never=never, policy_text=policy, never_text=NEVER, base=None,
                 counterexamples=prove(read, never), changes=(), never_changes=())
