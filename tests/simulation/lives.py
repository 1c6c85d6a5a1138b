"""The lives of tickets: what customers, colleagues and vendors do, and what is then right in the vendors' books.

Every life goes on for seven days, in which some truth comes late: a refund that falls through, a customer who asks
again or writes on a ticket that was solved, a message that no event told of, a dispute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from agent import switch
from agent.consent import approval, undoing
from agent.consent.approval import Colleague
from agent.consent.waits import Wait
from agent.desk import Desk
from tests.journeys.office import AGENT, DANA, ERIN, refund
from tests.simulation.places import Asked
from tests.simulation.stage import Stage

MIA, LEAD = Colleague("79", "Mia", "agent"), Colleague("77", "Lena Lead", "lead")
OLD, NEW, NEWER = "+49 30 1234567", "+49 30 7654321", "+49 30 2468013"
TWICE = refund("c2", quote="please refund the second one")
GOODWILL = refund("c1", claim="goodwill", quote="some money back")
PHONE = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": NEW, "quote": f"my new number is {NEW}"}
CHARGED_TWICE = "I was charged twice for order 1042, please refund the second one."


@dataclass(frozen=True)
class Right:
    """What the vendors' books must show after seven days, if people do not step in."""

    refunds: Mapping[str, int] = field(default_factory=dict)
    """Cents that we pay back, by charge."""
    phone: str = OLD
    changes: int = 0
    """How often we write the contact."""
    person: str = ""
    """Why a person is rightly the one to answer: then a note must say so."""
    left: tuple[str, ...] = ()
    """Charges that a person must be told of beside what is refunded."""
    silent: bool = False
    """Nothing is done and nothing need be written."""
    short: str = ""
    """What people could not do because it was never offered to them."""
    off: bool = False
    """All is switched off by now, and whatever is asked later is nobody's but a person's."""
    whose: str = DANA
    """To whom alone its money may be told."""


@dataclass(frozen=True)
class Came:
    """What came of a late truth, and what it makes due."""

    struck: bool = True
    """There was something for it to happen to."""
    number: str = ""
    """A new number that is asked for: to be written and told, or handed over."""
    ticket: str = ""
    """Where it is asked for."""
    at: datetime | None = None
    disputed: str = ""
    """A charge of which we had refunded something: a note is to name the dispute."""


NOTHING = Came(struck=False)

Life = Callable[[Stage], Right]
LIVES: dict[str, Life] = {}
DONE = frozenset((
    "auto", "confirm", "page", "approve", "approve_less", "approve_and_confirm", "undo", "contact_change", "both",
    "unheard", "paused", "two_tickets", "stopped", "yes_again", "quoted_yes", "three_at_once", "anothers_afterwards"))
"""Lives in which all that is asked is allowed and whoever is asked agrees: undisturbed, they must end with it done."""


def a_life(tell: Life) -> Life:
    LIVES[tell.__name__] = tell
    return tell


def asks(stage: Stage, actions: list[dict[str, Any]], body: str, mark: str, *, category: str = "billing",
         **more: Any) -> Any:
    """A customer asks for this; what they write later asks for nothing new."""
    said = {"actions": actions, "category": category}
    stage.planner.always = lambda case: said if mark in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    return stage.customer(body, **more)


def duplicate(stage: Stage, amount: int) -> tuple[Any, str]:
    """A payment made twice, the second of which is asked back."""
    _, second = stage.double_charge(amount)
    stage.at_stake = (second, amount)
    return asks(stage, [TWICE], CHARGED_TWICE, "charged twice"), second


def goodwill(stage: Stage, amount: int = 1800) -> tuple[Any, str]:
    """A claim that cannot be proven: a colleague decides."""
    charge = stage.charge(amount)
    stage.at_stake = (charge, amount)
    return asks(stage, [GOODWILL], "I was not happy, I want some money back.", "money back"), charge


def approves(stage: Stage, by: Colleague = LEAD, amount: int | None = None) -> bool:
    """A colleague approves whatever waits for one, as soon as it does."""
    return answers_all(stage, lambda desk, wait: approval.approve(desk, wait.id, wait.shown, by, amount))


def answers_all(stage: Stage, do: Callable[[Desk, Wait], None]) -> bool:
    """Whether there was something to press, and it was taken."""
    taken = [stage.press(partial(_about, do, wait)) for wait in stage.waits(customers=False)]
    return any(taken)


def _about(do: Callable[[Desk, Wait], None], wait: Wait, desk: Desk) -> None:
    do(desk, wait)


def patiently(stage: Stage, do: Callable[[], bool], hours: float = 26) -> bool:
    """People come back until there is something for them to do; within a day there is."""
    for wait in (0.1, 1, 4, hours):
        if do():
            return True
        stage.passes(hours=wait)
    return do()


def a_refund_is_sent(asked: Asked) -> bool:
    return asked.vendor == "stripe" and asked.writes


def says_yes(stage: Stage, ticket: Any) -> bool:
    """The customer answers once they were asked."""
    if not stage.waits(customers=True) or not any("reply YES" in one for one in stage.replies(ticket)):
        return False
    stage.customer("YES", ticket)
    stage.passes(minutes=5)
    return True


@a_life
def auto(stage: Stage) -> Right:
    _, second = duplicate(stage, 1800)
    stage.passes(hours=1)
    return Right({second: 1800})


@a_life
def confirm(stage: Stage) -> Right:
    ticket, second = duplicate(stage, 4700)
    stage.passes(hours=1)
    agreed = patiently(stage, lambda: says_yes(stage, ticket))
    return Right({second: 4700} if agreed else {}, person="" if agreed else "nobody was asked")


@a_life
def page(stage: Stage) -> Right:
    ticket, second = duplicate(stage, 4700)
    stage.passes(hours=1)
    agreed = patiently(stage, lambda: bool(stage.waits(customers=True)) and stage.confirms(ticket))
    stage.passes(hours=1)
    return Right({second: 4700} if agreed else {}, person="" if agreed else "nobody was asked")


@a_life
def approve(stage: Stage) -> Right:
    _, charge = goodwill(stage)
    stage.passes(hours=1)
    agreed = patiently(stage, lambda: approves(stage, MIA))
    stage.passes(hours=1)
    return Right({charge: 1800} if agreed else {}, person="" if agreed else "nobody was asked")


@a_life
def approve_less(stage: Stage) -> Right:
    """Less than half of it: paid twice, the payment provider would not refuse it."""
    _, charge = goodwill(stage)
    stage.passes(hours=1)
    agreed = patiently(stage, lambda: approves(stage, MIA, 700))
    stage.passes(hours=1)
    return Right({charge: 700} if agreed else {}, person="" if agreed else "nobody was asked")


@a_life
def approve_and_confirm(stage: Stage) -> Right:
    ticket, second = duplicate(stage, 18000)
    stage.passes(hours=1)
    agreed = patiently(stage, lambda: approves(stage))
    stage.passes(minutes=10)
    agreed = patiently(stage, lambda: says_yes(stage, ticket)) and agreed
    return Right({second: 18000} if agreed else {}, person="" if agreed else "nobody was asked")


@a_life
def decline(stage: Stage) -> Right:
    goodwill(stage)
    stage.passes(hours=1)
    patiently(stage, lambda: answers_all(stage, lambda desk, wait: approval.decline(
        desk, wait.id, wait.shown, MIA, "not this time")))
    stage.passes(hours=1)
    return Right(person="declined")


@a_life
def says_no(stage: Stage) -> Right:
    ticket, _ = duplicate(stage, 4700)
    stage.passes(hours=1)

    def answers() -> bool:
        if not stage.waits(customers=True) or not stage.replies(ticket):
            return False
        stage.customer("No", ticket)
        stage.passes(minutes=5)
        return True
    patiently(stage, answers)
    return Right(person="the customer said no")


@a_life
def no_answer(stage: Stage) -> Right:
    duplicate(stage, 4700)
    stage.passes(hours=80)
    return Right(person="nobody answered")


@a_life
def undo(stage: Stage) -> Right:
    asks(stage, [PHONE], f"Hi, my new number is {NEW}.", "new number", category="contact_details")
    stage.passes(hours=1)

    def taken_back() -> bool:
        with stage.engine.begin() as c:
            id = c.exec_driver_sql(
                "select id from operations where kind = 'contact_change' and state = 'done'").scalar()
            done = stage.desk.ledger.operation(c, id) if id else None
        if done is None:
            return False
        return stage.press(lambda desk: undoing.undo(desk, done.id, undoing.receipt_digest(desk, done), MIA))
    undone = patiently(stage, taken_back)
    stage.passes(hours=1)
    return Right(phone=OLD, changes=2) if undone else Right(phone=NEW, changes=1, short="and nothing could be undone")


@a_life
def contact_change(stage: Stage) -> Right:
    asks(stage, [PHONE], f"Hi, my new number is {NEW}.", "new number", category="contact_details")
    stage.passes(hours=1)
    return Right(phone=NEW, changes=1)


@a_life
def both(stage: Stage) -> Right:
    """Money and a new number in one ticket: the number at once, the money by a colleague."""
    charge = stage.charge(1800)
    stage.at_stake = (charge, 1800)
    asks(stage, [PHONE, GOODWILL], f"My new number is {NEW}, and I want some money back.", "new number")
    stage.passes(hours=1)
    agreed = patiently(stage, lambda: approves(stage))
    stage.passes(hours=1)
    return Right({charge: 1800} if agreed else {}, phone=NEW, changes=1, person="" if agreed else "nobody was asked")


@a_life
def unheard(stage: Stage) -> Right:
    """The first event is never delivered: looking for what was missed finds the ticket."""
    _, second = stage.double_charge(1800)
    stage.at_stake = (second, 1800)
    said = {"actions": [TWICE]}
    stage.planner.always = lambda case: said if "charged twice" in case.asked() else {"nothing_asked": True}  # type: ignore[attr-defined]
    stage.customer(CHARGED_TWICE, heard=False)
    stage.passes(hours=1)
    return Right({second: 1800})


@a_life
def by_hand(stage: Stage) -> Right:
    """While a colleague is asked, another one refunds it in the dashboard."""
    _, second = duplicate(stage, 18000)
    stage.passes(hours=1)
    stage.by_hand(second, 18000)
    stage.passes(hours=1)
    return Right(person="refunded by hand")


@a_life
def moved_on(stage: Stage) -> Right:
    """While the customer is asked, a colleague answers; their yes is then a person's."""
    ticket, _ = duplicate(stage, 4700)
    stage.passes(hours=1)
    stage.colleague("agent_replies", ticket, body="I take care of it.")
    stage.passes(minutes=10)
    stage.customer("YES", ticket)
    stage.passes(hours=1)
    return Right(person="a colleague is on it")


@a_life
def merged(stage: Stage) -> Right:
    ticket, _ = duplicate(stage, 4700)
    stage.passes(hours=1)
    other = stage.writes("Hello, this is about something else.")
    stage.colleague("merge", ticket, into=other)
    stage.passes(hours=1)
    return Right(silent=True)


@a_life
def requester_changed(stage: Stage) -> Right:
    ticket, _ = duplicate(stage, 4700)
    is_erins_now(stage, ticket, "YES")
    return Right(person="another requester")


@a_life
def anothers_afterwards(stage: Stage) -> Right:
    """Once it was refunded the ticket is given to somebody else, who writes on it."""
    ticket, second = duplicate(stage, 1800)
    is_erins_now(stage, ticket, "Hello, this is Erin now.")
    return Right({second: 1800})


def is_erins_now(stage: Stage, ticket: Any, says: str) -> None:
    """An hour later a colleague gives the ticket to Erin, who writes on it."""
    stage.passes(hours=1)
    stage.colleague("change_requester", ticket, email=ERIN)
    stage.passes(minutes=10)
    stage.customer(says, ticket, email=ERIN)
    stage.passes(hours=1)


def pauses(stage: Stage) -> None:
    """Somebody throws the switch for refunds."""
    stage.places.say("refunds are paused")
    with stage.engine.begin() as c:
        switch.pause(c, "refund", "audit day", "Lea", stage.ours())


def resumes(stage: Stage) -> None:
    """Refunds go on."""
    stage.places.say("refunds go on")
    while not stage.survives(lambda: switch.resume(stage.engine, "refund", "Lea", stage.ours())):
        pass


@a_life
def paused(stage: Stage) -> Right:
    """Somebody throws the switch before the ticket comes, and lets it go on twenty minutes later."""
    pauses(stage)
    _, second = duplicate(stage, 1800)
    stage.passes(minutes=20)
    held = not ours(stage)
    resumes(stage)
    stage.passes(hours=2)
    return Right({second: 1800} if held else {})


@a_life
def two_tickets(stage: Stage) -> Right:
    """The same refund asked for on two tickets: one does it, and a person reads the other, or is asked and says nothing
    until their time is up."""
    _, second = duplicate(stage, 1800)
    stage.customer(CHARGED_TWICE)
    stage.passes(hours=75)
    return Right({second: 1800})


LateTruth = Callable[[Stage], Came]
LATES: dict[str, LateTruth] = {}


def a_late_truth(happen: LateTruth) -> LateTruth:
    LATES[happen.__name__] = happen
    return happen


def ours(stage: Stage) -> list[dict[str, Any]]:
    """Refunds that we made, whatever became of them."""
    return [one for one in stage.refunds() if one["metadata"].get("op_id")]


def arrived(stage: Stage) -> list[dict[str, Any]]:
    return [one for one in ours(stage) if one["status"] == "succeeded"]


def all_fail(stage: Stage, *, heard: bool) -> Came:
    """Each refund of ours fails at the bank."""
    found = arrived(stage)
    for one in found:
        stage.places.say(f"refund {one['id']} fails at the bank{'' if heard else ', and nobody tells'}")
        stage.happens("stripe", "fail_refund", refund=one["id"])
        if heard:
            stage.payments_tell("refund.failed", one["charge"])
    return Came(struck=bool(found))


@a_late_truth
def falls_through(stage: Stage) -> Came:
    """Each refund of ours fails at the bank, and the payment provider tells of it."""
    return all_fail(stage, heard=True)


@a_late_truth
def falls_through_unheard(stage: Stage) -> Came:
    """As before, and nobody tells of it: looking again finds it."""
    return all_fail(stage, heard=False)


@a_late_truth
def any_news(stage: Stage) -> Came:
    stage.customer("Any news on this? Thanks.", stage.tickets[0])
    return Came()


def wants_something_new(stage: Stage, ticket: Any) -> Came:
    """Whoever the ticket is of by now asks for a new number there, as nobody has before."""
    before: Callable[[Any], dict[str, Any]] = stage.planner.always  # type: ignore[attr-defined]
    change = {**PHONE, "value": NEWER, "quote": f"by now it is {NEWER}"}

    def planned(case: Any) -> dict[str, Any]:
        said = before(case)
        asks_more = {"actions": [*said.get("actions", ()), change], "nothing_asked": False}
        return said | asks_more if NEWER in case.asked() else said

    stage.planner.always = planned  # type: ignore[attr-defined]
    asked_at = stage.clock()
    made = stage.customer(f"My phone number has changed, by now it is {NEWER}.", ticket, email=stage.requester(ticket))
    return Came(number=NEWER, ticket=str(made), at=asked_at)


@a_late_truth
def asks_again(stage: Stage) -> Came:
    """The very same words once more, on the same ticket; an hour later something new."""
    stage.customer(CHARGED_TWICE, stage.tickets[0])
    stage.passes(hours=1)
    return wants_something_new(stage, stage.tickets[0])


@a_late_truth
def a_message_unheard(stage: Stage) -> Came:
    """The customer writes again, and no event tells of it."""
    stage.customer("Thank you very much!", stage.tickets[0], heard=False)
    return Came()


def is_solved(stage: Stage, ticket: Any) -> bool:
    """A colleague solves the ticket, if it is not closed."""
    if stage.ticket(ticket)["status"] == "closed" or any(act.what == "merge" for act in stage.people.acts):
        return False
    stage.colleague("agent_sets", ticket, assignee=AGENT, status="solved")
    stage.passes(hours=20)
    return True


@a_late_truth
def reopened(stage: Stage) -> Came:
    """A colleague has solved the ticket, and the customer asks for something new on it within the week."""
    ticket = stage.tickets[0]
    return wants_something_new(stage, ticket) if is_solved(stage, ticket) else NOTHING


@a_late_truth
def disputed(stage: Stage) -> Came:
    """The bank questions what was refunded, or is asked about."""
    charge, _ = stage.at_stake
    if not charge:
        return NOTHING
    stands = any(one["charge"] == charge for one in arrived(stage))
    stage.happens("stripe", "dispute", charge=charge)
    stage.payments_tell("charge.dispute.created", charge)
    return Came(disputed=charge) if stands else Came()


@a_late_truth
def solved_and_falls_through(stage: Stage) -> Came:
    """A colleague has solved the ticket, and each refund of ours fails at the bank."""
    return all_fail(stage, heard=True) if is_solved(stage, stage.tickets[0]) else NOTHING


@a_late_truth
def falls_through_and_is_asked_for(stage: Stage) -> Came:
    """Each refund of ours fails at the bank, nobody tells of it, and the customer asks where the money is."""
    came = all_fail(stage, heard=False)
    if not came.struck:
        return came
    before: Callable[[Any], dict[str, Any]] = stage.planner.always  # type: ignore[attr-defined]
    where = {"kind": "status_answer", "charge": None, "quote": "where is my money"}
    stage.planner.always = lambda case: (  # type: ignore[attr-defined]
        {"actions": [where], "category": "billing"} if "where is my money" in case.asked() else before(case))
    stage.customer("Sorry to ask, but where is my money?", stage.tickets[0])
    return came


__all__ = ["DANA", "LATES", "LIVES", "Right"]
