"""What was asked, agreed to and forbidden in a run, kept by whoever did it, and what the vendors' books must then show.

Of our own rows it knows one thing, beside all that the books show: whether anything is still under way at the end.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from agent.catchup import Catching
from agent.consent.consents import rank
from tests.simulation.asks import CHANGED, SENT, Ask, Failure, Refund, cents, is_told, said, stands
from tests.simulation.mailed import misdirected, recipients
from tests.simulation.moments import Shifted

AUTO = {"shipped": 2_500, "stricter": 500, "looser": 5_000, "draft": 2_500}
"""Cents that a policy pays without the customer's yes."""
CONFIRM, LEAD, FINANCE = 10_000, 50_000, 200_000
CUSTOMER_DAY, CUSTOMER_MONTH, MONTH_COUNT, DESK_DAY = 5_000, 10_000, 2, 100_000
OUR_MARK = re.compile(r"Ref: (op-[0-9a-f]{24})")
ASKED = re.compile(r"ready to send USD ([\d,]+\.\d\d) back")
ASKED_ON_PAGE = re.compile(ASKED.pattern + r".*?/confirm/([\w-]{43})", re.DOTALL)

STEPS_BACK = "steps back from this ticket"
"""In a note: a colleague refunds by hand, and nothing is begun there any more."""


class Broken(AssertionError):
    """A promise was broken."""


@dataclass
class Yes:
    """Somebody agreed on this ticket: the customer to all that one question named, or a colleague of this role."""

    ticket: Any
    amounts: Counter[int]
    """Those that are not used up yet; each is for one refund."""
    role: str
    step: int


@dataclass(frozen=True)
class Duties:
    customer: bool
    role: str | None


def duties(policy: str, ask: Ask, amount: int) -> Duties | None:
    """The least that this refund needs by the written table; None: nobody may."""
    if amount > FINANCE:
        return None
    by_amount = "finance" if amount > LEAD else "lead" if amount > CONFIRM else None
    by_claim = "agent" if not ask.proven or policy == "draft" else None
    return Duties(amount > AUTO[policy], max(by_amount, by_claim, key=lambda one: rank(one) if one else -1))


@dataclass
class Promises:
    """The run's own record, and the checks against it. `step` counts what has happened so far."""

    office: Shifted
    step: int = 0
    asks: list[Ask] = field(default_factory=list)
    said: list[Yes] = field(default_factory=list)
    policies: list[tuple[int, str]] = field(default_factory=list)
    keys: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Idempotency keys under which each was sent."""
    paused: dict[str, datetime] = field(default_factory=dict)
    taken: dict[Any, int] = field(default_factory=dict)
    """Tickets that a colleague has taken over, and since which step."""
    begun: dict[str, bool] = field(default_factory=dict)
    """Operations at Stripe, and whether somebody had agreed to each."""
    by_hand: dict[str, int] = field(default_factory=dict)
    """Charges that a person refunded or that are disputed, and since which step."""
    disputed: dict[str, int] = field(default_factory=dict)
    pairs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Each charge with the one it repeats."""
    phones: dict[str, str] = field(default_factory=dict)
    """Each contact's number now."""
    ours: dict[str, list[str]] = field(default_factory=dict)
    """Each number that Deskhand wrote, with what had stood there each time: run again, it may write the same twice.

    Only the last time may be taken back.
    """
    undo_asked: Counter[str] = field(default_factory=Counter)
    """Numbers that a colleague wants taken back."""
    excused: dict[Any, str] = field(default_factory=dict)
    """Tickets that nobody writes on any more, and why."""
    worked: dict[Any, int] = field(default_factory=dict)
    """Tickets that a colleague answered, solved or set to wait for the customer, and in which step last."""
    unseen: set[Any] = field(default_factory=set)
    """Those of them at which Deskhand has not surely looked since."""
    looked: dict[Any, int] = field(default_factory=dict)
    """Per ticket the last step in which Deskhand surely read all that stood there."""
    given: dict[str, int] = field(default_factory=dict)
    """So many notes of ours stood on a ticket when it was given back."""
    forgotten: set[Any] = field(default_factory=set)
    """Tickets whose customer was forgotten."""
    failures: list[Failure] = field(default_factory=list)
    """Refunds of ours that failed later."""
    addressed: set[Any] = field(default_factory=set)
    """Replies of which it was looked at to whom they went."""
    met: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    _days: dict[str, date] = field(default_factory=dict)
    """The day, by our clock, on which each refund was first asked of Stripe."""

    def breaks(self, words: str) -> None:
        """Kept, since the product may swallow an error; `kept` raises it."""
        self.broken.append(f"step {self.step}: {words}")

    # What is asked, and who works on it.

    def asked(self, ask: Ask) -> None:
        """Now, on its ticket or on one that is yet to be written."""
        ask.step, ask.at = self.step, self.office.right_time()
        if ask.ticket is not None:
            book = self.office.ticket(ask.ticket)
            ask.said_before = len(book["notes"]), len(book["replies"])
            ask.read_by_a_person = ask.ticket in self.unseen
        self.asks.append(ask)

    def worked_on(self, ticket: Any) -> None:
        """A colleague answered what stood there, or set it to another status than open: Deskhand leaves it to them."""
        self.worked[ticket] = self.step
        self.touched(ticket)

    def touched(self, ticket: Any) -> None:
        """A colleague took it, opened it or merged another into it: Deskhand keeps off from what it had not read by
        then, and what it had is still its own."""
        self.unseen.add(ticket)
        for ask in self.asks:
            ask.read_by_a_person |= ask.ticket == ticket and ask.step > self.looked.get(ticket, -1)

    def looked_at(self, ticket: Any) -> None:
        """Deskhand has seen what people did there: what is asked from now on is its own to answer."""
        self.unseen.discard(ticket)
        self.looked[ticket] = self.step

    def is_looked_for(self) -> None:
        """What no event told of is looked for now; what is older than this is left to people."""
        late = self.office.right_time() - timedelta(days=Catching().oldest_days)
        for ask in self.asks:
            ask.too_late |= ask.step > self.looked.get(ask.ticket, -1) and ask.at is not None and ask.at <= late

    def forgets(self, ticket: Any) -> None:
        """Its customer was forgotten: what was read is not to be done any more, and what was not may be read anew."""
        self.forgotten.add(ticket)
        for ask in self.asks:
            if ask.ticket == ticket and ask.ended is None:
                if ask.step <= self.looked.get(ticket, -1):
                    ask.ended = self.step
                ask.read_by_a_person = True

    # What a refund needs, at the moment it is first asked of Stripe.

    def begins(self, asked: dict[str, str]) -> None:
        op, charge, amount = asked.get("metadata[op_id]", ""), asked["charge"], int(asked["amount"])
        self._days.setdefault(op, self.office.clock().date())
        now = self.office.right_time()
        for action, since in self.paused.items():
            if action in ("all", "refund") and abs((now - since).total_seconds()) > 1:
                self.breaks(f"a refund of {amount} on {charge} was begun while {action} was paused")
        if self.keys[op] and asked["key"] not in self.keys[op] and self._stands(op):
            self.breaks(f"{op} stands at Stripe, and was sent again under another key")
        self.keys[op].add(asked["key"])
        if op in self.begun:
            return
        why = "nobody asked for it"
        for ask in [one for one in self.asks if one.charge == charge]:
            agreed, why = self._agreed(ask, amount)
            if agreed is not None:
                for one in agreed:
                    one.amounts[amount] -= 1
                self.begun[op] = bool(agreed)
                self.met["refunds that somebody agreed to" if agreed else "refunds unattended"] += 1
                return
        self.begun[op] = True
        self.breaks(f"a refund of {amount} on {charge} was begun: {why}")

    def fails(self, made: Refund) -> None:
        """From now on; what was said before does not tell of it."""
        self.failures.append(Failure(made, said(self._books().values())))

    def _stands(self, op: str) -> bool:
        return any(made["metadata"]["op_id"] == op and stands(made) for made in self._refunds())

    def _agreed(self, ask: Ask, amount: int) -> tuple[list[Yes] | None, str]:
        """Whose yes this refund uses up; None and why when it must not be."""
        if ask.amount < amount:
            return None, "more than was asked for"
        if ask.ended is not None and ask.ended < self.step:
            return None, f"it was ended in step {ask.ended}"
        if self.taken.get(ask.ticket, self.step) < self.step:
            return None, "a colleague has the ticket"
        if self.disputed.get(ask.charge, self.step) < self.step:
            return None, "the charge is disputed"
        why = ""
        for policy in self._in_force():
            agreed, why = self._by(policy, ask, amount)
            if agreed is not None:
                return agreed, ""
        return None, why

    def _in_force(self) -> list[str]:
        """The policies that a refund decided in this step may rest on: it was decided before or after one was
        published in that very step."""
        before = [name for step, name in self.policies if step < self.step][-1:]
        return [*before, *(name for step, name in self.policies if step == self.step)]

    def _by(self, policy: str, ask: Ask, amount: int) -> tuple[list[Yes] | None, str]:
        touched = any(self.by_hand.get(one, self.step) < self.step for one in self.pairs[ask.charge])
        again = any(made["charge"] in self.pairs[ask.charge] for made in self._refunds())
        as_it_is = Ask(ask.ticket, ask.who, ask.step, ask.charge, ask.amount,
                       proven=ask.proven and amount == ask.amount and not touched and not again)
        need = duties(policy, as_it_is, amount)
        if need is None:
            return None, "it is more than anybody may"
        used = []
        if need.customer:
            yes = self._free(ask, amount, "customer")
            if yes is None:
                return None, f"the customer had not said yes (policy {policy})"
            used.append(yes)
        if need.role:
            yes = self._free(ask, amount, need.role)
            if yes is None:
                return None, f"no {need.role} had approved it (policy {policy})"
            used.append(yes)
        if not used:
            spare = self._free(ask, amount, "customer") or self._free(ask, amount, "agent")
            used += [spare] if spare else []
        return used, ""

    def _free(self, ask: Ask, amount: int, role: str) -> Yes | None:
        def fits(one: Yes) -> bool:
            enough = one.role == role if "customer" in (role, one.role) else rank(one.role) >= rank(role)
            return enough and one.ticket == ask.ticket and one.amounts[amount] > 0

        return next((one for one in self.said if fits(one)), None)

    # What the books show, after each step.

    def kept(self) -> None:
        """Raises Broken when a promise is broken by now."""
        if not self.broken:
            self._limits()
            self._once()
            self._told_truly()
        if self.broken:
            raise Broken("; ".join(self.broken))

    def _refunds(self) -> list[dict[str, Any]]:
        """Ours, as Stripe has them."""
        return [made for made in self.office.refunds() if made["metadata"].get("op_id")]

    def _limits(self) -> None:
        standing = [made for made in self._refunds() if stands(made)]
        alone = [made for made in standing if not self.begun.get(made["metadata"]["op_id"], True)]
        days = [(self._days[made["metadata"]["op_id"]], self._whose(made["charge"]), made["amount"]) for made in alone]
        auto = max((AUTO[name] for _, name in self.policies), default=0)
        if any(amount > auto for _, _, amount in days):
            self.breaks("an unattended refund is larger than any policy allows")
        for day, who, _ in days:
            month = [amount for other, theirs, amount in days
                     if theirs == who and timedelta(0) <= day - other < timedelta(days=30)]
            today = [amount for other, theirs, amount in days if theirs == who and other == day]
            if sum(today) > CUSTOMER_DAY:
                self.breaks(f"{who} was paid {sum(today)} unattended on {day}")
            if sum(month) > CUSTOMER_MONTH or len(month) > MONTH_COUNT:
                self.breaks(f"{who} was paid {month} unattended in the 30 days up to {day}")
            if sum(amount for other, _, amount in days if other == day) > DESK_DAY:
                self.breaks(f"the desk paid too much unattended on {day}")

    def _whose(self, charge: str) -> str:
        return next(ask.who for ask in self.asks if ask.charge == charge)

    def _once(self) -> None:
        made = Counter(one["metadata"]["op_id"] for one in self._refunds())
        if doubled := [op for op, times in made.items() if times > 1]:
            self.breaks(f"refunded more than once: {doubled}")
        subjects = Counter(one["Subject"] for one in self.office.activities())
        if doubled := [subject for subject, times in subjects.items() if times > 1]:
            self.breaks(f"activities written more than once: {doubled}")

    def _books(self) -> dict[str, dict[str, Any]]:
        """The tickets' by their ids."""
        return dict(self.office.side.rules.books()["tickets"])

    def _told_truly(self) -> None:
        for id, book in self._books().items():
            ops = Counter(book["ops"] if "ops" in book else OUR_MARK.findall(str(book["replies"])))
            if doubled := [op for op, times in ops.items() if times > 1]:
                self.breaks(f"written more than once on ticket {id}: {doubled}")
            self._replies(id, [one["body"] for one in book["replies"]])
            self._addressed(id, book["replies"])

    def _replies(self, id: str, bodies: list[str]) -> None:
        asked = {ask.charge for ask in self.asks if str(ask.ticket) == id}
        sent = Counter(cents(amount) for body in bodies for amount in SENT.findall(body))
        made = Counter(one["amount"] for one in self._refunds() if one["charge"] in asked)
        if more := sent - made:
            self.breaks(f"ticket {id} was told of refunds that are not there: {dict(more)}")
        for body in bodies:
            for number in CHANGED.findall(body):
                if number not in self.ours:
                    self.breaks(f"ticket {id} was told of the number {number}, which Deskhand never wrote")

    def _addressed(self, id: str, replies: list[dict[str, Any]]) -> None:
        """Each reply went to the customer of whose ask it tells, and to nobody else."""
        if not (new := [one for one in replies if one["id"] not in self.addressed]):
            return
        went, asks = recipients(self.office.side, id), [ask for ask in self.asks if str(ask.ticket) == id]
        for one in new:
            if wrong := misdirected(one["body"], went.get(one["id"], frozenset()), asks):
                self.breaks(f"on ticket {id} {wrong}")
            self.met["replies that went where they belong"] += not wrong
        self.addressed |= {one["id"] for one in new}

    # Contact details, after each call to the CRM.

    def written(self) -> None:
        """Every number that stands there now, and did not before, was written by us just now."""
        whose = self.addresses()
        for contact, number in self.numbers().items():
            before = self.phones[contact]
            if number == before:
                continue
            self.phones[contact] = number
            if self.ours.get(before, [])[-1:] == [number] and self.undo_asked[before]:
                self.ours[before].pop()
                self.undo_asked[before] -= 1
                self.met["taken back"] += 1
            elif any(ask.phone == number and ask.who == whose[contact] and ask.ended is None for ask in self.asks):
                self.met["numbers changed"] += 1
                self.ours.setdefault(number, []).append(before)
            else:
                self.breaks(f"{number} was written over {before} of {whose[contact]}, who had not asked for it")

    def numbers(self) -> dict[str, str]:
        return self._contacts("Phone")

    def addresses(self) -> dict[str, str]:
        return self._contacts("Email")

    def _contacts(self, field: str) -> dict[str, str]:
        return {id: str(row[field]) for id, row in self.office.salesforce.state.tables["Contact"].items()}

    def ends(self, which: Any) -> None:
        """What was asked on this ticket is not to be done any more."""
        for ask in self.asks:
            if ask.ticket == which and ask.ended is None:
                ask.ended = self.step

    def given_back(self, ticket: Any) -> None:
        """What people did there until now no longer keeps Deskhand off."""
        self.taken.pop(ticket, None)
        self.worked.pop(ticket, None)
        self.given[str(ticket)] = len(self.office.ticket(ticket)["notes"])
        self.unseen.discard(ticket)
        for ask in self.asks:
            ask.read_by_a_person &= ask.ticket != ticket

    def merged(self, away: Any, into: Any) -> None:
        """What was asked on the one may be read on the other from now on."""
        self.asks += [replace(ask, ticket=into, step=self.step, ended=None, merged=True)
                      for ask in self.asks if ask.ticket == away]
        self.touched(into)

    # The end, a week later.

    def closed(self) -> None:
        """Everything that was asked was answered in the vendors' books, and nothing is under way."""
        self.kept()
        for words in (self.untold(), self.unanswered(), self._unnoted(), self._unfinished()):
            if words:
                raise Broken(words)

    def unanswered(self) -> str:
        """Each ask is done, or somebody was told of it, or a person has it."""
        books, theirs, left = self._books(), self.theirs(), []
        for ask in [one for one in self.asks if not one.merged]:
            refunds = [made for made in self.office.refunds() if made["charge"] == ask.charge]
            done, told = self._is_done(ask), is_told(ask, books[str(ask.ticket)], refunds)
            how = ("done" if done else "told of" if told
                   else "with a person" if self._is_with_a_person(ask, theirs) else "lost")
            self.met[f"asks: {how}"] += 1
            left += [ask] if how == "lost" else []
        return "; ".join(f"nothing was done and nobody told on ticket {ask.ticket}: {ask}" for ask in left)

    def untold(self) -> str:
        """Whom a refund that failed later was told to, they were told that it did, or a person was, since."""
        books, left = self._books(), []
        for failure in self.failures:
            told = any(map(failure.is_told, books.values()))
            gone = not told and self._nowhere_to_tell(failure)
            self.met["failed later" if told else "failed later, where nobody can be told"] += told or gone
            left += [] if told or gone else [failure]
        return "; ".join(f"{one.refund['id']} failed later, and nobody was told: {one}" for one in left)

    def _nowhere_to_tell(self, failure: Failure) -> bool:
        """A person deleted or merged a ticket on which it was asked for, or had its customer forgotten."""
        return any(self.excused.get(ask.ticket) in ("deleted", "merged") or ask.ticket in self.forgotten
                   for ask in self.asks if ask.charge == failure.refund["charge"])

    def _unnoted(self) -> str:
        """Money that went back stands in a note, unless a person took away what there was to write on."""
        notes = "\n".join(note["body"] for book in self._books().values() for note in book["notes"])
        gone = {ask.charge for ask in self.asks if ask.ticket in self.excused}
        left = [made for made in self._refunds() if made["charge"] not in gone
                and made["id"] not in notes and made["metadata"]["op_id"] not in notes]
        return f"refunds that stand in no note: {left}" if left else ""

    def _is_with_a_person(self, ask: Ask, theirs: list[Any]) -> bool:
        """Somebody said no to it or had the customer forgotten; merged, deleted or moved its ticket; took the ticket
        over and keeps it, or refunds there by hand; answered it or set its status after it was asked; or was at work
        there before Deskhand had looked at it. Or it was found too late."""
        return (ask.ended is not None or ask.too_late or ask.ticket in self.excused or ask.ticket in theirs
                or ask.read_by_a_person or self.worked.get(ask.ticket, -1) >= ask.step)

    def theirs(self) -> list[Any]:
        """Tickets that a colleague took over, or of which Deskhand told that it steps back; nobody gave them back."""
        stepped_back = [ticket for ticket, book in self._books().items() if any(
            STEPS_BACK in one["body"] for one in book["notes"][self.given.get(ticket, 0):])]
        return [ticket for ticket in dict.fromkeys(ask.ticket for ask in self.asks)
                if ticket in self.taken or str(ticket) in stepped_back]

    def _is_done(self, ask: Ask) -> bool:
        """Since it was asked, and it stands: the number was written, or the money went back: all of it, where a person
        did that; by us perhaps less, if that is what somebody approved."""
        if ask.phone:
            return ask.phone in self.ours
        asked_at = ask.at.timestamp() if ask.at else 0
        since = [made for made in self.office.refunds() if made["charge"] == ask.charge and stands(made)
                 and made["created"] >= int(asked_at)]
        return any(made["metadata"].get("op_id") or made["amount"] >= ask.amount for made in since)

    def _unfinished(self) -> str:
        """Nothing of this is in any vendor's book, where all that was asked may be answered by now."""
        with self.office.engine.begin() as c:
            plans = c.exec_driver_sql("select ticket_id from proposals where closed_at is null").scalars().all()
            open_ = c.exec_driver_sql("select id, state from operations where state in ('sent', 'unknown')").all()
            waits = c.exec_driver_sql("select id from waits where state = 'open'").scalars().all()
            due = c.exec_driver_sql("select id from tickets where wanted > served").scalars().all()
        if plans or open_ or waits or due:
            return f"a week later: plans {plans}, operations {open_}, waits {waits}, tickets due {due}"
        return ""
