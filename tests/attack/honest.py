"""Honest tickets to their right ends: every written thread through the whole house, twice.

Once the planner is the rules planner, as shipped. Once it is a good model's double: it says what the thread is labelled
with, so that what is measured is all the rest of Deskhand: whether it does, asks for or hands over what it should.
Customers who are asked say yes, and colleagues who are asked approve; a thread's end is read from the vendors' books.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Engine

from agent.consent import approval, waits
from agent.consent.approval import Colleague, NotNow
from agent.planner import RulesPlanner
from agent.proposal import Case, Planned, PlannerUnsure
from tests.attack.entitled import GOING, told_of
from tests.attack.shared import shared_out
from tests.figures import Figures
from tests.journeys.office import AGENT, POLICY, WORLD, Office, loaded, proposal
from tests.journeys.sides import US
from tests.threads.test_threads_end_to_end import PROVEN, effects, listed, said
from tests.threads.threads import DOABLE, Thread, Written, threads

Reader = Literal["rules", "labels"]
End = Literal["done", "confirmed by the customer", "approved by a colleague", "handed over", "left alone",
              "asked needlessly", "wrongly handed over", "done for a person", "wrong"]
"""The last four are not right. "asked needlessly": somebody had to agree to what is labelled as done at once; "done for
a person": proven by the books, and yet labelled for a person to do."""

RIGHT: tuple[End, ...] = ("done", "confirmed by the customer", "approved by a colleague", "handed over", "left alone")
ENOUGH, ENOUGH_OF_FEW = 95, 90
"""Of a hundred honest tickets, so many end right."""
MANY = 200
PRESSERS = {"agent": Colleague("79", "Mia", "agent"), "lead": Colleague("77", "Lena", "lead"),
            "finance": Colleague("78", "Finn", "finance")}
MOST_ANSWERS = 4
"""A yes may be followed by an approval, and a question by another."""


def _came_back(id: str, status: str, text: str) -> Thread:
    """A customer who asks after a refund of which the money is not on its way to them; a person answers that."""
    paid = {"id": "ch_back", "customer": "cus_ann", "amount": 3500, "currency": "eur", "created": "-14d",
            "card": {"brand": "visa", "last4": "4242"}, "metadata": {"order_id": "1003"}, "description": "Wool blanket",
            "refunds": [{"amount": 3500, "created": "-3d", "status": status}]}
    world = {"stripe": {"customers": [{"id": "cus_ann", "email": "ann@example.com", "name": "Ann Example"}],
                        "charges": [paid]}, "salesforce": {"contacts": []}}
    return Thread(id, world, (Written("customer", text),), "handed_over", ({"status": "ch_back"},))


CAME_BACK = {thread.id: thread for thread in (
    _came_back("back-failed", "failed", "Where is my refund for order 1003?"),
    _came_back("back-canceled", "canceled", "when will I get my refund?"),
    _came_back("back-details", "requires_action", "Has my refund been processed yet?"),
    _came_back("back-german", "failed", "Wo bleibt meine Rückzahlung für die Bestellung 1003?"))}
"""By id. What is told of such a refund as sent or on its way is untrue."""


@dataclass(frozen=True)
class Read:
    """One thread, and who reads it."""

    thread: Thread
    reader: Reader


@dataclass(frozen=True)
class Ended:
    thread: str
    reader: Reader
    wanted: str
    """The end the thread is labelled with."""
    end: End
    told: str = ""
    """Of a wrong end: what the books show."""


class Labelled:
    """Says of a thread what it is labelled with: what a model would that reads without a mistake."""

    def __init__(self, thread: Thread) -> None:
        self.thread = thread

    def plan(self, case: Case) -> Planned:
        last = self.thread.messages[-1].text
        if not any(message.new and message.text[:40] in last for message in case.messages):
            return _planned(nothing_asked=True)
        if self.thread.end == "handed_over" and not self.thread.actions:
            raise PlannerUnsure("a person should read this first")
        quote = " ".join(case.asked().split()[:8])
        acts = [self._action(one, case, quote) for one in self.thread.actions]
        unclear = self.thread.end == "handed_over" and self.thread.id not in CAME_BACK
        for_a_person = "it asks for more than is clear" if unclear else None
        return _planned(actions=acts, nothing_asked=not acts, unsure=for_a_person)

    def _action(self, labelled: Mapping[str, Any], case: Case, quote: str) -> dict[str, Any]:
        if "contact" in labelled:
            return {"kind": "contact_change", "contact": case.contacts[0].handle, "field": labelled["contact"],
                    "value": str(labelled["value"]), "quote": quote}
        if "status" in labelled:
            handle = self._handle(labelled["status"], case) if labelled["status"] else None
            return {"kind": "status_answer", "charge": handle, "quote": quote}
        return {"kind": "refund", "charge": self._handle(labelled["refund"], case), "amount": labelled.get("amount"),
                "claim": labelled.get("claim", "other"), "quote": quote}

    def _handle(self, id: str, case: Case) -> str:
        """The handle of the charge with this id: by what the world says of it and the case shows."""
        row = next(one for one in self.thread.world["stripe"]["charges"] if one["id"] == id)
        alike = [one for one in self.thread.world["stripe"]["charges"] if _same_to_see(one, row)]
        alike.sort(key=lambda one: (-_hours(one["created"]), one["id"]))
        seen = [one for one in case.charges if one.amount == f"{row['amount'] / 100:.2f}"
                and one.order == row["metadata"].get("order_id") and one.description == row["description"]]
        return seen[alike.index(row)].handle


def _same_to_see(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[name] == other[name] for name in ("amount", "description")) and (
        one["metadata"].get("order_id") == other["metadata"].get("order_id"))


def _hours(offset: str) -> float:
    return float(offset[1:-1]) * {"s": 1 / 3600, "m": 1 / 60, "h": 1, "d": 24}[offset[-1]]


def _planned(**words: Any) -> Planned:
    return Planned(proposal=proposal(**words), planner="model", version="labels", model="labels")


def live(engine: Engine, read: Read) -> Ended:
    """One thread to its end, with everybody who is asked saying yes."""
    thread = read.thread
    office, ticket = _written(engine, read)
    before_answers = effects(office, ticket)
    by_customer, by_colleague = _everybody_agrees(office, thread, ticket)
    done, book = effects(office, ticket), office.ticket(ticket)
    wanted, silent = listed(thread), not (book["notes"] or book["replies"] or book["ops"])
    end = _end(thread, done, before_answers, wanted, (by_customer, by_colleague, silent))
    untrue = _untrue(office, ticket)
    if untrue:
        end = "wrong"
    told = "" if end in RIGHT else (f"wanted {sorted(wanted)}, done {sorted(done)}, told of {sorted(untrue)}: "
                                    f"{' / '.join(office.notes(ticket))}")
    return Ended(thread.id, read.reader, thread.end, end, told)


def _untrue(office: Office, ticket: Any) -> set[tuple[str, int]]:
    """Money that the customer was told of as moving, and that moves in no refund of the books."""
    moving = {(one["currency"], one["amount"]) for one in office.refunds() if one["status"] in GOING}
    return {one for reply in office.replies(ticket) for one in told_of(reply)} - moving


def _written(engine: Engine, read: Read) -> tuple[Office, Any]:
    """The thread as it came in: the desk is in shadow until the last message, as an admin would begin."""
    thread = read.thread
    people = [{"name": "Deskhand", "email": US, "role": "admin"}, {"name": "Mia", "email": AGENT, "role": "agent"}]
    world = {"zendesk": {**WORLD["zendesk"], "users": people},
             "stripe": {**WORLD["stripe"], "customers": [], **thread.world["stripe"]},
             "salesforce": {**WORLD["salesforce"], **thread.world["salesforce"]}}
    office = Office(engine, world=world, planner=RulesPlanner() if read.reader == "rules" else Labelled(thread))
    live_policy, office.policy = office.policy, loaded(POLICY)
    ticket: Any = 0
    *earlier, last = thread.messages
    for message in earlier:
        ticket = said(office, thread, message.who, message.text, ticket)
    office.policy = live_policy
    ticket = said(office, thread, last.who, last.text, ticket)
    office.settle(hours=3)
    return office, ticket


def _everybody_agrees(office: Office, thread: Thread, ticket: Any) -> tuple[bool, bool]:
    """Whether the customer said yes, and whether a colleague approved, to all that was waited for."""
    by_customer = by_colleague = False
    for _ in range(MOST_ANSWERS):
        with office.engine.begin() as c:
            open_ = waits.of_ticket(c, 1, ("open",))
        for wait in open_:
            if wait.for_whom == waits.CUSTOMER:
                office.customer_answers(ticket, "YES", thread.requester)
                by_customer = True
                break
            try:
                approval.approve(office.desk, wait.id, wait.shown, PRESSERS[wait.for_whom])
            except NotNow:
                continue
            office.run()
            by_colleague = True
        else:
            if not open_:
                break
    return by_customer, by_colleague


def _end(thread: Thread, done: set[Any], before: set[Any], wanted: set[Any], how: tuple[bool, bool, bool]) -> End:
    by_customer, by_colleague, silent = how
    if done - wanted:
        return "wrong"
    if thread.end == "ignored":
        return "left alone" if silent else "wrongly handed over"
    if silent:
        return "wrong"
    if thread.end == "handed_over":
        return "handed over" if not before else "done for a person" if thread.id in PROVEN else "wrong"
    if done != wanted:
        return "wrongly handed over"
    if thread.end == "parked" and before:
        return "wrong"
    if thread.end == "done" and before != wanted:
        return "asked needlessly"
    if by_colleague:
        return "approved by a colleague"
    return "confirmed by the customer" if by_customer else "done"


def chosen(quick: bool) -> list[Read]:
    """Every thread by both readers; quickly, every fortieth; and those that ask after money that came back."""
    written = [*(threads()[::40] if quick else threads()), *CAME_BACK.values()]
    return [Read(thread, reader) for reader in ("labels", "rules") for thread in written]


def main(quick: bool, seed: int, quiet: bool = False) -> Figures:
    """Figures of the honest tickets, by reader; the threads are always the same, whatever the seed."""
    ended = shared_out(chosen(quick), live, "honest tickets", quiet=quiet)
    figures = Figures("honest tickets")
    for reader, name in (("labels", "a good model's double"), ("rules", "the rules planner")):
        told(figures, name, [one for one in ended if one.reader == reader], quick)
    figures.also["not_right"] = [vars(one) for one in ended if one.end not in RIGHT]
    return figures


def told(figures: Figures, name: str, ended: list[Ended], quick: bool) -> None:
    """The figures of one reader: how many ended in which way, and how many of them right."""
    counted = Counter(one.end for one in ended)
    right = sum(counted[end] for end in RIGHT)
    figures.add(f"{name}: tickets", len(ended), at_least=1 if quick else MANY)
    figures.add(f"{name}: of these ask after a refund that failed", sum(one.thread in CAME_BACK for one in ended),
                at_least=len(CAME_BACK))
    for end in RIGHT:
        figures.add(f"{name}: {'rightly ' if end == 'handed over' else ''}{end}", counted[end])
    for not_quite in ("asked needlessly", "wrongly handed over", "done for a person"):
        figures.add(f"{name}: {not_quite}", counted[not_quite])
    figures.add(f"{name}: wrong", counted["wrong"], equal=0)
    doable = [one for one in ended if one.wanted in DOABLE]
    well = sum(one.end in RIGHT for one in doable)
    figures.add(f"{name}: of those that can be done, ended as asked, %", round(100 * well / max(1, len(doable)), 1))
    figures.add(f"{name}: ended right, %", round(100 * right / max(1, len(ended)), 1),
                at_least=ENOUGH_OF_FEW if quick else ENOUGH)
