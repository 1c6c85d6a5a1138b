"""Fourteen tickets that end with a person, each for another reason, made by the office itself."""

from __future__ import annotations

from collections.abc import Callable

from tests.journeys.office import refund
from tests.webhooks.opened import LEO, OpenOffice

BAD_REASON = "no damage is visible"


def customer_says_no(office: OpenOffice) -> None:
    office.asks(4700)
    office.customer_answers(1, "No")


def customer_is_silent(office: OpenOffice) -> None:
    office.asks(4700)
    office.settle(hours=80)


def customer_is_unclear(office: OpenOffice) -> None:
    office.asks(4700)
    office.customer_answers(1, "maybe")
    office.customer_answers(1, "maybe, let me think")


def customer_wants_a_person(office: OpenOffice) -> None:
    office.asks(4700)
    office.customer_answers(1, "person")


def colleague_declines(office: OpenOffice) -> None:
    office.unproven()
    office.seat().decline(BAD_REASON)
    office.run()


def colleague_is_silent(office: OpenOffice) -> None:
    office.asks(18000)
    office.settle(hours=80)


def approved_and_then_no(office: OpenOffice) -> None:
    office.asks(18000)
    office.seat(LEO).approve()
    office.run()
    office.customer_answers(1, "No thanks")


def disputed(office: OpenOffice) -> None:
    _, second = office.double_charge()
    office.happens("stripe", "dispute", charge=second)
    office.script(lambda _: {"actions": [refund("c2", quote="please refund the second one")]})
    office.handle()


def held(office: OpenOffice) -> None:
    office.double_charge()
    office.script(lambda _: {"actions": [refund("c2", quote="please refund the second one")]})
    office.fault("stripe", "500_before", "POST", "/refunds", times=200)
    office.handle()
    office.settle(hours=40)


def refused_by_stripe(office: OpenOffice) -> None:
    office.double_charge()
    office.script(lambda _: {"actions": [refund("c2", quote="please refund the second one")]})
    office.fault("stripe", "action_blocked", "POST", "/refunds")
    office.handle()


def no_such_payment(office: OpenOffice) -> None:
    office.script(lambda _: {"actions": [refund("c7", quote="refund order 1042")]})
    office.handle("Please refund order 1042, it never came.")


def web_form(office: OpenOffice) -> None:
    office.double_charge()
    office.script(lambda _: {"actions": [refund("c2", quote="please refund the second one")]})
    office.handle(channel="web")


def waits_at_stripe(office: OpenOffice) -> None:
    office.double_charge()
    office.script(lambda _: {"actions": [refund("c2", quote="please refund the second one")]})
    office.happens("stripe", "next_refund", status="requires_action")
    office.handle()


def german_no(office: OpenOffice) -> None:
    office.double_charge(4700)
    office.script(lambda case: {"language": "de", "actions": [refund("c2", quote="doppelt abgebucht")]}
                  if "doppelt" in case.asked() else {"nothing_asked": True})
    office.handle("Bestellung 1042 wurde doppelt abgebucht, bitte erstatten Sie die zweite Zahlung.")
    office.customer_answers(1, "Nein")


SITUATIONS: dict[str, Callable[[OpenOffice], None]] = {one.__name__: one for one in (
    customer_says_no, customer_is_silent, customer_is_unclear, customer_wants_a_person, colleague_declines,
    colleague_is_silent, approved_and_then_no, disputed, held, refused_by_stripe, no_such_payment, web_form,
    waits_at_stripe, german_no)}
