"""Lives in which something holds Deskhand back, in part or for a while: whoever agrees may not, does so too late or
more than once, the switch is thrown, the ticket is closed, a limit is reached, nobody knows who asks."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from agent.consent import approval
from agent.consent.waits import Wait
from tests.journeys.office import ERIN, above_a_quote, refund
from tests.simulation.lives import (
    GOODWILL,
    LEAD,
    TWICE,
    Right,
    a_life,
    a_refund_is_sent,
    asks,
    duplicate,
    ours,
    patiently,
    pauses,
    resumes,
    says_yes,
)
from tests.simulation.stage import Stage

PAID_TWICE = "I have paid twice for order 1042, please refund the second one."
THREE_TIMES = "You took three payments twice, please refund the second one of each."
FROM_THE_OTHER = refund("c2", claim="goodwill", quote="from the other payment")
LONGER_THAN_A_CLOCK_IS_SLOW = timedelta(minutes=65)
TWO_SECONDS = timedelta(seconds=2)
"""Longer than a look at the switch may be old."""


def is_asked(stage: Stage, ticket: Any) -> bool:
    """The customer was asked for a yes, and has a question to answer."""
    return bool(stage.waits(customers=True)) and any("reply YES" in one for one in stage.replies(ticket))


def the_customer_is_asked(stage: Stage) -> Any:
    """For a yes to the second of two payments."""
    ticket, _ = duplicate(stage, 4700)
    stage.passes(hours=1)
    patiently(stage, lambda: is_asked(stage, ticket))
    return ticket


def until_nobody_is_asked(stage: Stage) -> None:
    """Nobody answers, and the time for it goes by."""
    for _ in range(6):
        if not stage.waits(customers=True) and not stage.waits(customers=False):
            return
        stage.passes(hours=24)


@a_life
def closed(stage: Stage) -> Right:
    """While the customer is asked the ticket is closed; their yes on the page comes after that."""
    ticket = the_customer_is_asked(stage)
    stage.colleague("close", ticket)
    stage.passes(minutes=10)
    stage.confirms(ticket)
    stage.passes(hours=1)
    return Right(silent=True)


@a_life
def closed_meanwhile(stage: Stage) -> Right:
    """The ticket is closed when its refund is done and not yet told."""
    ticket, second = duplicate(stage, 1800)
    stage.places.meanwhile = (lambda asked: bool(ours(stage)) and asked.writes and asked.vendor == stage.side.vendor,
                              lambda: stage.colleague("close", ticket))
    stage.passes(hours=1)
    return Right({second: 1800})


@a_life
def stopped(stage: Stage) -> Right:
    """The switch is thrown when a refund is about to be sent, and refunds go on twenty minutes later."""
    _, second = duplicate(stage, 1800)
    held = stops_the_refund(stage)
    resumes(stage)
    stage.passes(hours=2)
    return Right({second: 1800} if held else {})


@a_life
def stopped_for_good(stage: Stage) -> Right:
    """The switch is thrown when a refund is about to be sent, and stays; a colleague refunds it by hand."""
    _, second = duplicate(stage, 1800)
    stops_the_refund(stage)
    stage.by_hand(second, 1800)
    stage.passes(hours=1)
    return Right(person="refunded by hand")


def stops_the_refund(stage: Stage) -> bool:
    """Throws the switch at the last moment; whether nothing went out in the twenty minutes after that."""
    def thrown() -> None:
        pauses(stage)
        stage.clock.moment += TWO_SECONDS

    stage.places.meanwhile = (a_refund_is_sent, thrown)
    stage.passes(minutes=20)
    if stage.places.meanwhile:  # nothing was sent so far
        stage.places.meanwhile = None
        pauses(stage)
    return not ours(stage)


def said_yes_while_paused(stage: Stage) -> Any:
    """The customer is asked and says yes, and refunds are paused by then."""
    ticket = the_customer_is_asked(stage)
    pauses(stage)
    stage.customer("YES", ticket)
    stage.passes(minutes=10)
    return ticket


@a_life
def yes_then_no(stage: Stage) -> Right:
    """While their yes cannot be acted on the customer asks something, and says no after that."""
    ticket = said_yes_while_paused(stage)
    for words in ("What is your address, by the way?", "No"):
        stage.customer(words, ticket)
        stage.passes(minutes=10)
    resumes(stage)
    stage.passes(hours=2)
    return Right(person="the customer said no")


@a_life
def called_off(stage: Stage) -> Right:
    """While their yes cannot be acted on the customer takes it back in words of their own, and is asked once more."""
    ticket = said_yes_while_paused(stage)
    stage.customer("Please cancel the refund.", ticket)
    stage.passes(minutes=10)
    resumes(stage)
    stage.passes(hours=2)
    until_nobody_is_asked(stage)
    return Right(person="nobody answered")


@a_life
def no_and_more(stage: Stage) -> Right:
    """A no and a question are read together; a yes that comes later is one to nothing."""
    ticket = the_customer_is_asked(stage)
    for words in ("No", "What is your address, by the way?"):
        stage.customer(words, ticket)
    stage.passes(hours=1)
    stage.customer("YES", ticket)
    stage.passes(hours=1)
    return Right(person="the customer said no")


@a_life
def quoted_yes(stage: Stage) -> Right:
    """The yes stands above a quote of our whole message."""
    ticket, second = duplicate(stage, 4700)
    stage.passes(hours=1)

    def answers() -> bool:
        if not is_asked(stage, ticket):
            return False
        stage.customer(above_a_quote("YES", stage.replies(ticket)[-1]), ticket)
        stage.passes(minutes=5)
        return True

    agreed = patiently(stage, answers)
    return Right({second: 4700} if agreed else {}, person="" if agreed else "nobody was asked")


@a_life
def stopped_too_long(stage: Stage) -> Right:
    """The customer says yes in time while refunds are paused; when all goes on, even by a clock that is an hour slow,
    the yes is too old."""
    ticket = the_customer_is_asked(stage)
    for wait in stage.waits(customers=True):
        stage.passes_until(wait.expires_at - timedelta(minutes=10))
        pauses(stage)
        says_yes(stage, ticket)
        stage.clock.moment = max(stage.clock(), wait.expires_at) + LONGER_THAN_A_CLOCK_IS_SLOW  # the machine is off
        resumes(stage)
    until_nobody_is_asked(stage)
    return Right(person="the yes was too old")


@a_life
def anothers_yes(stage: Stage) -> Right:
    """Somebody else on the ticket says yes, and a stranger in the customer's name; the customer says nothing."""
    ticket = the_customer_is_asked(stage)
    stage.customer("YES", ticket, email=ERIN)
    stage.passes(minutes=5)
    stage.customer("Yes, please", ticket, sender="mallory@example.net")
    until_nobody_is_asked(stage)
    return Right(person="the customer did not say yes")


@a_life
def yes_too_late(stage: Stage) -> Right:
    """The customer says yes on the ticket and on the page when the time for it is up."""
    ticket = the_customer_is_asked(stage)
    until_nobody_is_asked(stage)
    stage.customer("YES", ticket)
    stage.passes(minutes=10)
    stage.confirms(ticket)
    stage.passes(hours=1)
    return Right(person="the customer did not answer in time")


@a_life
def yes_again(stage: Stage) -> Right:
    """The customer says yes twice on the ticket, and once more on the page."""
    ticket, second = duplicate(stage, 4700)
    stage.passes(hours=1)
    if not patiently(stage, lambda: says_yes(stage, ticket)):
        return Right(person="nobody was asked")
    stage.customer("Yes, please", ticket)
    stage.passes(minutes=5)
    stage.confirms(ticket)
    stage.passes(hours=1)
    return Right({second: 4700})


@a_life
def old_card(stage: Stage) -> Right:
    """The customer wants another payment back, and a colleague presses on the card that they opened before that."""
    _, other = stage.charge(1800, ago="-2h"), stage.charge(2100)
    stage.at_stake = (other, 2100)
    ticket = asks(stage, [GOODWILL], "I was not happy, I want some money back.", "money back")
    stage.passes(hours=1)
    patiently(stage, lambda: bool(stage.waits(customers=False)))
    before = stage.waits(customers=False)
    asks(stage, [FROM_THE_OTHER], "Sorry, take it from the other payment.", "the other payment", ticket=ticket)
    stage.passes(minutes=10)
    for now in stage.waits(customers=False):
        for card in before:
            press_the_old(stage, card, now)
    until_nobody_is_asked(stage)
    return Right(person="nobody approved what is asked now")


def press_the_old(stage: Stage, card: Wait, now: Wait) -> None:
    """What stood on the card, for what is waited for now; nothing where the card is not old."""
    if card.id != now.id:
        stage.press(partial(approval.approve, wait_id=now.id, digest=card.digest, by=LEAD))
        stage.press(partial(approval.approve, wait_id=card.id, digest=card.digest, by=LEAD))


@a_life
def anybodys_form(stage: Stage) -> Right:
    """The customer's address stands in a form, which anybody can fill in."""
    _, second = stage.double_charge(1800)
    stage.at_stake = (second, 1800)
    asks(stage, [TWICE], PAID_TWICE, "paid twice", channel="web")
    stage.passes(hours=1)
    return Right(person="nobody knows who asks")


@a_life
def three_at_once(stage: Stage) -> Right:
    """Three payments were made twice; two are refunded unattended, and the limits leave the third to a lead."""
    pairs = [(stage.charge(amount, ago=f"-{minutes}m"), stage.charge(amount, ago=f"-{minutes - 5}m"))
             for amount, minutes in ((1800, 120), (1900, 100), (2000, 80))]
    (_, one), (_, two), (_, three) = pairs
    stage.at_stake = (three, 2000)
    asks(stage, [{**TWICE, "charge": handle} for handle in ("c2", "c4", "c6")], THREE_TIMES, "three payments")
    stage.passes(hours=1)
    until_nobody_is_asked(stage)
    return Right({one: 1800, two: 1900}, left=(three,))
