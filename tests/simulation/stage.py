"""The office in which a life is lived: it works as the worker does, is killed and starts again, and time passes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Engine, event

from agent import engine as wakes
from agent import workflow
from agent.catchup import Catching
from agent.consent import confirming
from agent.consent.approval import NotNow
from agent.consent.waits import Wait, of_ticket
from agent.desk import Desk
from agent.polling import Poll
from connectors.contract import Surroundings
from connectors.mount import Mounted
from connectors.standin import Fault
from connectors.stripe.standin.refusals import Refusal
from connectors.stripe.told import TOLD
from tests.journeys.office import AGENT, DANA, NEXT_DUE, Office
from tests.simulation.places import JUMPS, Asked, Carried, Killed, Places
from tests.simulation.readers import readers, requester
from webhooks.hearing import Hearing
from webhooks.inbox import About, Event, keep, keep_about

WORKER_MISSED = timedelta(seconds=7)
"""After so long others take over what a killed worker held."""
CORRECTED = timedelta(minutes=30)
"""After so long a clock that was wrong is right again."""
LOOKS = (timedelta(minutes=6), timedelta(minutes=36), timedelta(hours=6))
"""So long after something happened that no event told of it is looked for."""
LATE = timedelta(hours=3)
"""After so long an event comes for which there was no next one to come before it."""
A_MOMENT = timedelta(seconds=1)
AGAIN_AFTER = timedelta(minutes=1)
NEVER = datetime.max.replace(tzinfo=UTC)
MOST_PASSES = 1500
"""More passes than any life takes, even with a vendor away for days: a history that does not stop is stuck."""


LEFT = "select (" + NEXT_DUE + """) as due,
           exists (select from procrastinate_jobs where status <> 'todo')
        or exists (select from tickets where wanted > served)
        or exists (select from proposals p where p.closed_at is null and not exists (
                   select from procrastinate_jobs j where j.lock = 'ticket:' || p.ticket_id)) as undone"""  # noqa: S608 - constants only
"""When the clock alone makes something due, and whether there is anything beside it that a sweep may take up."""


class Spinning(Exception):
    """More and more passes, and no end."""


@dataclass(frozen=True)
class Said:
    """A reply or note as it came into the helpdesk's books, and what the other books showed then."""

    ticket: str
    body: str
    at: datetime
    refunds: tuple[Mapping[str, Any], ...]
    phones: tuple[str, ...]
    """The number on record, and the last that we had written into each contact."""
    to: str = "customer"
    """Or "colleagues"."""
    heard: bool = True
    """The helpdesk mailed it to the requester."""
    requester: str = DANA
    readers: tuple[str, ...] = (DANA,)
    """The customers who were mailed it, or are in copy."""
    wrote: tuple[str, ...] = ()
    """What the requester had written on that ticket by then."""


@dataclass
class Mishap:
    """What happens to the n-th event that a vendor tells of: it is lost, comes twice, or comes late: after the next
    one, or three hours later where there is none before."""

    number: int
    how: str

    def __str__(self) -> str:
        return f"{self.number}:{self.how}"


@dataclass(frozen=True)
class Act:
    """Something that a person did."""

    what: str
    about: str
    """The ticket, the charge or the contact."""
    at: datetime


@dataclass
class People:
    """What people did meanwhile, which may explain that Deskhand did not."""

    acts: list[Act] = field(default_factory=list)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often the customer wrote the same on the same ticket."""
    wrote: list[tuple[str, str, str]] = field(default_factory=list)
    """The ticket, who wrote there, and what."""

    def asked_most(self, ticket: str) -> int:
        """How often what was written most often on this ticket was written there; 1 where nothing was."""
        return max((times for (on, _), times in self.asked.items() if on == ticket), default=1)


class Stage(Office):
    """One installation through which one history runs."""

    def __init__(self, engine: Engine, helpdesk: str, places: Places, mishap: Mishap | None = None, *,
                 polls: bool = False) -> None:
        self.skew, self.wrong_until = timedelta(), NEVER
        super().__init__(engine, helpdesk=helpdesk)
        self.vault._naming = b"the same each time"  # and so are all ids
        self.places, self.mishap = places, mishap
        self.looks: list[datetime] = []
        """When it is looked for what no event told."""
        self.errors: list[str] = []
        """What no pass may end with."""
        self.people = People()
        self.said: list[Said] = []
        self.tickets: list[Any] = []
        self.events = self.passes_run = 0
        self._due: datetime | None = None
        self.after_the_next: list[Callable[[], None]] = []
        """Events that come late: at `latest`, if there is no next one before."""
        self.latest = NEVER
        self.queue: list[Callable[[], None]] = []
        self._seen: dict[tuple[str, str], int] = {}
        self.began = self.clock()
        places.now = self.clock
        self.around = Surroundings(now=self.ours, sleep=self._sleep, transports={
            name: Carried(Mounted(door), places, self.meets, self._hear)
            for name, door in self.doors.items()})
        if any(fault.kind.startswith("stale_read") for fault in places.faults):
            for door in self.doors.values():
                door.faults.append(Fault("stale_read", method="NEVER"))
        self._hears = engine, "commit", lambda connection: places.boundary("before a commit")
        event.listen(*self._hears)
        self.start()
        if polls or (mishap is not None and mishap.how == "lost"):
            self._poll()
            self.clock.forward(minutes=5)

    def close(self) -> None:
        """It hears no more of the database, which the next history may be given."""
        event.remove(*self._hears)

    def ours(self) -> datetime:
        """What our own clock says."""
        return self.clock() + self.skew

    def start(self) -> None:
        """A process begins: nothing of an earlier one is known but its rows."""
        self.desk: Desk = replace(self._desk(), public_url="http://localhost")
        self.poll = Poll(self.desk, Hearing(self.engine, self.ours, lambda: "acct_sandbox"), Catching(), TOLD)

    @contextmanager
    def ours_at_work(self) -> Iterator[None]:
        """Only what Deskhand does can be killed."""
        self.places.on = True
        try:
            yield
        finally:
            self.places.on = False

    def killed(self) -> None:
        self.clock.moment += WORKER_MISSED
        self.start()

    def survives(self, do: Callable[[], Any]) -> bool:
        """Whether it ended; a process that was killed is started again."""
        try:
            with self.ours_at_work():
                do()
        except Killed:
            self.killed()
            return False
        return True

    # time

    def passes(self, **by: float) -> None:
        """Lets time pass; all that becomes due is done when it is due."""
        self.passes_until(self.clock() + timedelta(**by))

    def passes_until(self, until: datetime) -> None:
        self._work()
        while (at := min([self.latest, *self.looks])) <= until:
            self._passes_until(at)  # meanwhile the next event may have come, and the late ones with it
            if at == self.latest:
                self._late_ones_come()
                self._work()
            elif at in self.looks:
                self._looks(at)
        self._passes_until(until)

    def missed(self) -> None:
        """Something happened that no event told of."""
        self.looks += [self.clock() + after for after in LOOKS]

    def _looks(self, at: datetime) -> None:
        """At last when whatever is away has come back."""
        self.looks.remove(at)
        self._poll()
        if not self.looks and (ends := self.places.away_until(self.clock())):
            self.looks = [ends]

    def _late_ones_come(self) -> None:
        self.queue += self.after_the_next
        self.after_the_next, self.latest = [], NEVER

    def _passes_until(self, until: datetime) -> None:
        while (due := self._next()) <= until:
            self.clock.moment = due
            self._work()
        self.clock.moment = max(self.clock.moment, until)

    def _next(self) -> datetime:
        """When the clock alone makes something due: until then there is nothing to find, as all that is was done."""
        at = min(self.wrong_until, self._due - self.skew if self._due else NEVER)
        return at if at > self.clock() else self.clock() + AGAIN_AFTER  # nothing came of it: the sweep looks again

    def _work(self) -> None:
        """Whatever is due now: what vendors tell, passes, and the sweep once nothing else is left."""
        if self.clock() >= self.wrong_until:
            self.skew, self.wrong_until = timedelta(), NEVER
        busy = True
        while busy:
            self._deliver()
            died = not self.survives(self._run)
            busy = died or bool(self.queue) or self._swept()

    def _swept(self) -> bool:
        """Whether a sweep found something to do; it is spared where there is nothing for it."""
        with self.engine.begin() as c:
            self._due, undone = c.exec_driver_sql(LEFT).one()
        if not undone and (self._due is None or self._due > self.ours()):
            return False
        found: list[wakes.Swept] = []
        survived = self.survives(lambda: found.append(self.sweep()))
        return not survived or bool(found[0].woken or found[0].put_back)

    def _run(self) -> None:
        def one(id: int, why: str) -> None:
            self.passes_run += 1
            if self.passes_run > MOST_PASSES:
                raise Killed("more and more passes")
            self.places.say(f"a pass of ticket {id}: {why}")
            try:
                workflow.run(self.desk, id, why)
            except Exception as error:
                self.errors.append(f"{type(error).__name__}: {error}"[:200])
                raise

        if self.passes_run > MOST_PASSES:
            raise Spinning(self.passes_run)
        wakes.run_due(self.engine.begin, one, self.ours)

    def sweep(self) -> wakes.Swept:
        with self.engine.begin() as connection:
            return wakes.sweep(connection, self.ours())

    def _poll(self) -> None:
        while not self.survives(self.poll.look):
            self.looks.append(self.clock() + LOOKS[1])  # what that look was to find, the next one does
        self._work()

    # what vendors tell

    def _deliver(self) -> None:
        while self.queue:
            self.queue.pop(0)()

    def tells(self, ticket: Any) -> None:
        """The helpdesk tells of this ticket, now unless a mishap befalls it."""
        self._tell(self.letter(ticket, f"delivery-{self.events}"))

    def payments_tell(self, kind: str, charge: str) -> None:
        """The payment provider tells of this charge."""
        self._tell(self.payments_letter(kind, charge, f"evt-{self.events}"))

    def letter(self, ticket: Any, id: str) -> Callable[[], None]:
        """An event as the helpdesk sends it; the same one each time it is delivered."""
        told = Event(delivery_id=id, kind="ticket.comment_added", ticket_id=str(ticket), occurred_at=self.clock(),
                     sha256=b"\0" * 32, account=self.side.account, vendor=self.side.vendor)
        return lambda: self._keep(keep, told)

    def payments_letter(self, kind: str, charge: str, id: str) -> Callable[[], None]:
        told = About(delivery_id=id, kind=kind, target=charge, vendor="stripe", account="acct_sandbox",
                     occurred_at=self.clock(), sha256=b"\0" * 32)
        return lambda: self._keep(keep_about, told)

    def _tell(self, deliver: Callable[[], None]) -> None:
        number, self.events = self.events, self.events + 1
        how = self.mishap.how if self.mishap and self.mishap.number == number else ""
        if how in ("", "twice"):
            self.queue += [deliver, deliver] if how else [deliver]
        self._late_ones_come()
        if how == "lost":
            self.places.say(f"event {number} is never delivered")
            self.missed()
        elif how == "late":
            self.after_the_next, self.latest = [deliver], self.clock() + LATE

    def _keep(self, how: Callable[..., Any], told: Any) -> None:
        """The door answers once it is kept; until then the vendor sends it again."""
        def kept() -> None:
            with self.engine.begin() as connection:
                how(connection.connection.driver_connection, told, self.ours())

        while not self.survives(kept):
            pass
        self.places.say(f"told of {told.delivery_id}: {told.kind}")

    # what people do

    def customer(self, body: str, ticket: Any = None, *, heard: bool = True, email: str = DANA, **more: Any) -> Any:
        """A customer writes, and the helpdesk tells of it."""
        self.places.say(f"the customer writes: {body}")
        made = self.writes(body, email, **({"ticket": ticket} if ticket is not None else {}), **more)
        self.people.asked[str(made), body] += 1
        self.people.wrote.append((str(made), email, body))
        if made not in self.tickets:
            self.tickets.append(made)
        if heard:
            self.tells(made)
        else:
            self.missed()
        return made

    def acted(self, what: str, about: Any) -> None:
        """A person did this."""
        self.people.acts.append(Act(what, str(about), self.clock()))

    def colleague(self, op: str, ticket: Any, **more: Any) -> None:
        self.places.say(f"a colleague: {op} {more}")
        self.acted(op, ticket)
        self.at_desk(op, ticket=ticket, **({"agent": AGENT} | more))
        self.tells(ticket)

    def by_hand(self, charge: str, amount: int, *, heard: bool = True) -> None:
        """A colleague refunds in the payment provider's dashboard, as far as there is anything left."""
        try:
            self.happens("stripe", "dashboard_refund", charge=charge, amount=amount)
        except Refusal:
            return
        self.places.say(f"a colleague refunds {amount} of {charge} by hand")
        self.acted("refund", charge)
        if heard:
            self.payments_tell("refund.created", charge)

    def press(self, do: Callable[[Desk], Any]) -> bool:
        """Somebody presses a button, again when the process died under it; whether it was taken."""
        taken: list[bool] = []

        def pressed() -> None:
            try:
                do(self.desk)
            except NotNow as no:
                self.places.say(f"pressed, and told: {no}")
                taken.append(False)
            else:
                taken.append(True)

        while not self.survives(pressed):
            pass
        return taken[-1]

    def waits(self, *, customers: bool) -> list[Wait]:
        with self.engine.begin() as c:
            ids = c.exec_driver_sql("select id from tickets order by id").scalars().all()
            found = [wait for id in ids for wait in of_ticket(c, id, ("open",))]
        return [wait for wait in found if (wait.for_whom == "customer") == customers]

    def confirms(self, ticket: Any, typed: str = "4242") -> bool:
        """The customer opens the link of the newest reply that has one, and types what is asked for."""
        links = re.findall(r"/confirm/([A-Za-z0-9_-]{43})", "\n".join(self.replies(ticket)))
        if links:
            self.places.say("the customer confirms on the page")
            self.press(lambda desk: confirming.confirm(desk, links[-1], typed))
        return bool(links)

    def meets(self, kind: str, asked: Asked) -> None:
        """What no vendor does to a call: the clock, or a person."""
        self.places.say(f"{kind} before {asked}")
        if kind == "day_passes":
            self.clock.moment += JUMPS[kind]
        elif kind in JUMPS:
            self.skew, self.wrong_until = JUMPS[kind], self.clock() + CORRECTED
        elif kind == "human_refunds":
            self.by_hand(*self.at_stake)
        elif kind == "human_answers":
            self._answers()
        elif kind == "human_edits":
            self.edits(Phone="+49 30 555")

    def _answers(self) -> None:
        """A colleague answers on the oldest ticket that takes an answer."""
        open_ = [one for one in self.tickets if self.ticket(one)["status"] != "closed"]
        if open_:
            self.colleague("agent_replies", open_[0], body="I am looking into it.")

    at_stake: tuple[str, int] = ("", 0)
    """The charge that the life is about, and the cents of it."""

    def edits(self, **fields: Any) -> None:
        id = next(iter(self.salesforce.books()["contacts"]))
        self.acted("edit", id)
        self.happens("salesforce", "edit", id=id, fields=fields, by="Mia")

    # what the books say

    def phone(self) -> Any:
        return next(iter(self.salesforce.books()["contacts"].values()))["Phone"]

    def written(self) -> list[dict[str, Any]]:
        """Our changes of the contact."""
        return [one for one in self.salesforce.books()["changes"] if one["by"] != "Mia"]

    def written_over(self) -> list[dict[str, Any]]:
        """Our changes of what a colleague had written less than a moment before, when nobody could know of it."""
        all_of = self.salesforce.books()["changes"]
        return [ours for theirs, ours in pairwise(all_of) if theirs["by"] == "Mia" != ours["by"]
                and (theirs["field"], theirs["new"]) == (ours["field"], ours["old"])
                and datetime.fromisoformat(ours["at"]) - datetime.fromisoformat(theirs["at"]) < A_MOMENT]

    def requester(self, ticket: Any) -> str:
        return requester(self.side.rules, ticket)

    def _hear(self, asked: Asked) -> None:
        """Keeps what was just told, and what was true then."""
        if asked.vendor == self.side.vendor:
            for ticket in self.tickets:
                book = self.ticket(ticket)
                self._hear_of(str(ticket), "colleagues", book["notes"])
                self._hear_of(str(ticket), "customer", book["replies"])

    def _hear_of(self, ticket: str, to: str, lines: Sequence[Mapping[str, Any]]) -> None:
        for line in lines[self._seen.get((ticket, to), 0):]:
            body = line["body"]
            self.places.say(f"told to the {to}: {body[:300]!r}")
            last = {one["contact"]: str(one["new"]) for one in self.written()}
            whose = self.requester(ticket)
            self.said.append(Said(
                ticket, body, self.clock(), tuple(self.refunds()), (str(self.phone()), *last.values()), to,
                heard=line.get("notified", to == "colleagues"), requester=whose,
                readers=readers(self.side.rules, ticket, line["id"]) if to == "customer" else (),
                wrote=tuple(said for on, who, said in self.people.wrote if (on, who) == (ticket, whose))))
        self._seen[ticket, to] = len(lines)
