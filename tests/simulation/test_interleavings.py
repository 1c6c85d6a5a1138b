"""Whatever people, vendors and time do one after the other, no promise is broken; `--long` plays 2,000 runs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from agent import consider, scope, workflow
from agent.scope import person_acted
from connectors.contract import Comment, Contact, Conversation
from connectors.salesforce.records import SalesforceRecords
from connectors.salesforce.replies import ReplyWriter
from tests.conftest import Reused
from tests.journeys.office import DANA, ERIN
from tests.simulation.conftest import NEEDED, PROPERTY, RUNS, too_few
from tests.simulation.defects import DEFECTS
from tests.simulation.defects.planting import Defect, Put
from tests.simulation.interleavings import Desks, desks, play
from tests.simulation.promises import Broken

HELPDESKS = ("zendesk", "salesforce")


class Shard(NamedTuple):
    """Some of the runs, with a seed of their own."""

    helpdesk: str
    number: int
    runs: int

    def __str__(self) -> str:
        return f"{self.helpdesk}-{self.number}"


SHORT = [Shard(helpdesk, 3, 8) for helpdesk in HELPDESKS]
LONG = [Shard(helpdesk, 100 * (1 + place) + n, RUNS // 20) for place, helpdesk in enumerate(HELPDESKS)
        for n in range(10)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "shard" in metafunc.fixturenames:
        metafunc.parametrize("shard", LONG if metafunc.config.getoption("--long", default=False) else SHORT, ids=str)


def test_whatever_is_done_one_after_the_other_no_promise_is_broken(
        shard: Shard, reused: Reused, record_property: Callable[[str, object], None]) -> None:
    met = play(desks(reused, shard.helpdesk, shard.number), shard.runs)
    record_property(PROPERTY, json.dumps(met))
    assert met["runs"] >= shard.runs


def of_one_day(desk: Desks) -> None:
    desk.an_admin_acts(what="looser", who=DANA)
    for what in ("1", "6", "2"):
        desk.a_customer_asks(who=DANA, what=what, also="", heard="now")
        desk.time_passes(minutes=65, jumps=0)


def of_a_refund_that_was_not_made(desk: Desks) -> None:
    desk.a_vendor_fails(vendor="stripe", kind="phantom_200", writes=True, times=1, skip=0)
    desk.a_customer_asks(who=DANA, what="1", also="", heard="now")


def of_a_killed_pass(desk: Desks) -> None:
    desk.the_next_pass_is_killed(moment=12)
    desk.a_customer_asks(who=DANA, what="1", also="", heard="now")


def of_a_lost_answer(desk: Desks) -> None:
    desk.a_vendor_fails(vendor="stripe", kind="timeout_after", writes=True, times=1, skip=0)
    desk.a_vendor_fails(vendor="stripe", kind="stale_read", writes=False, times=1, skip=3)
    desk.a_customer_asks(who=DANA, what="1", also="", heard="now")


def of_a_new_number(desk: Desks) -> None:
    desk.a_customer_asks(who=DANA, what="phone", also="", heard="now")


def of_a_second_ask(desk: Desks) -> None:
    desk.a_customer_asks(who=DANA, what="1", also="", heard="now")
    desk.a_customer_writes_again(which=0, what="phone", heard="now")


def of_an_ask_after_a_colleagues_answer(desk: Desks) -> None:
    desk.a_customer_asks(who=DANA, what="phone", also="", heard="now")
    desk.a_colleague_edits_the_ticket(which=0, does="answers", heard="now")
    desk.a_customer_writes_again(which=0, what="1", heard="now")


def of_a_refund_that_is_yet_to_be_told(desk: Desks) -> None:
    desk.a_vendor_fails(vendor="helpdesk", kind="500_before", writes=True, times=9, skip=0)
    desk.a_customer_asks(who=DANA, what="1", also="", heard="now")


def of_a_refund_that_fails_later(desk: Desks) -> None:
    desk.a_customer_asks(who=DANA, what="1", also="", heard="now")
    desk.a_refund_fails_later(which=0, heard="now")


def of_a_question_and_a_colleague_who_only_opens(desk: Desks) -> None:
    desk.a_customer_asks(who=DANA, what="3", also="", heard="now")
    desk.a_colleague_edits_the_ticket(which=0, does="opens", heard="now")


def another_contact(put: Put) -> None:
    """Whoever asks, Erin's contact is found under their address."""
    reading = SalesforceRecords.contacts

    def found(self: SalesforceRecords, email: str) -> tuple[Contact, ...]:
        return tuple(one.model_copy(update={"email": email}) for one in reading(self, ERIN))

    put(SalesforceRecords, "contacts", found)


def another_address(put: Put) -> None:
    """Whoever asks, Erin gets the mail."""
    mail = ReplyWriter._mail

    def addressed(self: ReplyWriter, *about: Any) -> dict[str, Any]:
        made = mail(self, *about)
        return made | dict.fromkeys(made.keys() & {"recipientAddresses", "emailAddresses"}, ERIN)

    put(ReplyWriter, "_mail", addressed)


def opening_is_working(put: Put) -> None:
    """Who only opens a ticket is taken to work on it, and what was waited for there is dropped."""
    put(scope, "_worked", scope.person_acted)


def only_these_find(plant: Callable[[Put], None], breaks: str) -> Defect:
    """A defect that only these runs are to find."""
    return Defect(plant.__name__.replace("_", "-"), str(plant.__doc__), breaks, plant, (), "beyond", "")


def deaf(name: str, words: str, to: Callable[[Conversation, tuple[Comment, ...]], bool]) -> Defect:
    """A defect that only these runs are to find: some asks are passed over in silence, as if nothing were asked."""
    def plant(put: Put) -> None:
        heard = consider.surely_nothing
        put(workflow, "surely_nothing", lambda desk, conversation, new: "thanks" if to(conversation, new) else heard(
            desk, conversation, new))

    return Defect(name, words, "nothing is lost", plant, (), "lost", "")


WRONG = [
    (DEFECTS["earlier-refunds-are-not-counted"], "zendesk", of_one_day, "unattended"),
    (DEFECTS["a-refund-is-not-read-back"], "salesforce", of_a_refund_that_was_not_made,
     "told of refunds that are not there"),
    (DEFECTS["nothing-is-swept"], "salesforce", of_a_killed_pass, "nobody told on ticket"),
    (DEFECTS["a-key-for-each-attempt"], "zendesk", of_a_lost_answer, "under another key"),
    (DEFECTS["closed-before-it-is-told"], "zendesk", of_a_refund_that_is_yet_to_be_told, "stand in no note"),
    (DEFECTS["what-fell-through-is-ignored"], "zendesk", of_a_refund_that_fails_later,
     "failed later, and nobody was told"),
    (only_these_find(opening_is_working, "nothing is lost"), "zendesk", of_a_question_and_a_colleague_who_only_opens,
     "nobody told on ticket"),
    (only_these_find(another_contact, "never beyond policy"), "zendesk", of_a_new_number, "who had not asked for it"),
    (only_these_find(another_address, "the customer is told"), "salesforce", of_a_new_number,
     "asked went to"),
    (deaf("no-number-is-heard", "Who asks for another number is not heard.",
          lambda _, new: any("new number" in one.text for one in new)), "zendesk", of_a_new_number,
     "nobody told on ticket"),
    (deaf("nobody-is-heard-twice", "Where Deskhand wrote already, no further ask is heard.",
          lambda conversation, _: any(one.operation for one in conversation.entries)), "salesforce", of_a_second_ask,
     "nobody told on ticket"),
    (deaf("nobody-is-heard-beside-a-person", "Where a colleague ever wrote, no further ask is heard.",
          lambda conversation, _: any(person_acted(one, conversation) for one in conversation.entries)), "zendesk",
     of_an_ask_after_a_colleagues_answer, "nobody told on ticket"),
]
"""Planted defects, where, the steps of a run that meets each, and the words for the promise that it breaks."""


def lived(machine: type[Desks], steps: Callable[[Desks], None]) -> None:
    """One run of these steps, looked at after them and a week later."""
    desk = machine()
    steps(desk)
    desk.the_promises_are_kept()
    desk.teardown()


@pytest.mark.parametrize(("defect", "helpdesk", "steps", "broken"), WRONG, ids=[one[0].name for one in WRONG])
def test_what_a_planted_defect_breaks_is_seen_and_the_same_steps_are_right_without_it(
        reused: Reused, defect: Defect, helpdesk: str, steps: Callable[[Desks], None], broken: str) -> None:
    machine = desks(reused, helpdesk, 1)
    lived(machine, steps)
    with defect.planted(), pytest.raises(Broken, match=broken):
        lived(machine, steps)


def test_a_long_run_in_which_something_hardly_happened_shows_too_little() -> None:
    assert too_few(Counter(NEEDED)) == []
    assert too_few(Counter(NEEDED) - Counter({"taken back": 1})) == ["taken back 19 of 20"]
