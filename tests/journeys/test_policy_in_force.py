"""What is published decides, from the next decision on; a pass half way decides again with the newest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text, update

from agent.desk import Choices, Shadow
from agent.policy import load
from agent.policy.nodes import text_digest
from agent.publishing import NotPublished
from agent.tables import policies
from tests.agent.test_publishing import PAST_TRIGGERS
from tests.journeys.office import CHECKED, POLICY, Office, execute, refund, without_rule
from tests.journeys.test_hostile import crash_story

TWICE = {"actions": [refund("c2", quote="please refund the second one")]}
LIVE = execute(POLICY)
STRICT = LIVE.replace("USD: {auto: 25, confirm: 100", "USD: {auto: 10, confirm: 100")


def asks(office: Office) -> int:
    office.double_charge()
    office.planner.always = lambda case: TWICE if any(m.new for m in case.messages) else {"nothing_asked": True}
    return office.handle()


def test_the_note_names_the_version_that_decided(office: Office) -> None:
    office.publish(LIVE)
    (note,) = office.notes(asks(office))
    assert note.splitlines()[1] == ("Rule: Done without asking: up to USD 25.00, the claim is proven "
                                    "(rule limit.refund.auto); policy version 1")


def test_with_none_published_everything_goes_to_a_person(office: Office) -> None:
    office.publish(LIVE)
    with office.engine.begin() as c:
        c.execute(text(PAST_TRIGGERS))
        c.execute(policies.delete())
    ticket = asks(office)
    assert office.refunds() == []
    assert "no policy is in force" in office.notes(ticket)[0]


def test_the_next_ticket_is_decided_by_the_version_just_published(office: Office) -> None:
    office.publish(LIVE)
    asks(office)
    office.publish(STRICT)
    office.clock.forward(days=1)
    ticket = asks(office)
    assert office.refunded() == {"usd": 1800}
    assert "policy version 2" in office.notes(ticket)[0]


def test_a_pass_half_way_decides_again_with_the_newest_before_it_acts(office: Office) -> None:
    """The policy is tightened after the plan is kept and before the refund is sent: it is not sent."""
    office.publish(LIVE)
    planned, original = office.desk, office.desk.ledger.as_it_stands

    def published_meanwhile(c: object, operation: object) -> object:
        if not done:
            done.append(office.publish(STRICT))
        return original(c, operation)  # type: ignore[arg-type]

    done: list[object] = []
    planned.ledger.as_it_stands = published_meanwhile  # type: ignore[assignment, method-assign]
    ticket = asks(office)

    assert len(done) == 1
    assert office.refunds() == []
    assert "policy version 2" in office.notes(ticket)[0]


LOOSER = LIVE.replace("auto: 25", "auto: 90")


@pytest.mark.parametrize("values", [{"text": LOOSER}, {"text": LOOSER, "digest": text_digest(LOOSER)}],
                         ids=["text", "text with its digest"])
def test_a_version_changed_in_the_database_is_not_obeyed(office: Office, values: dict[str, str]) -> None:
    office.publish(LIVE)
    with office.engine.begin() as c:
        c.execute(text(PAST_TRIGGERS))
        c.execute(update(policies).values(**values))
    ticket = asks(office)
    assert office.refunds() == []
    assert "no policy is in force" in office.notes(ticket)[0]


def test_a_draft_that_is_refused_leaves_the_published_one_in_force(office: Office) -> None:
    office.publish(LIVE)
    with pytest.raises(NotPublished, match=r"breaks never\.yaml"):
        office.publish(without_rule(LIVE, "charge-disputed"))
    asks(office)
    assert office.refunded() == {"usd": 1800}


WATCHED = Choices(senders_checked=CHECKED, shadow=Shadow(notes=True))


def test_in_shadow_a_note_is_written_only_where_the_admin_wants_it(an_office: Callable[..., Office]) -> None:
    office = an_office(choices=WATCHED)
    office.policy = load(POLICY)
    ticket = asks(office)
    office.settle()

    assert office.refunds() == []
    assert office.replies(ticket) == []
    (note,) = office.notes(ticket)
    assert note.splitlines()[0] == (
        "Deskhand only watches here and did nothing. It would have done this: refund USD 18.00 of charge "
        f"{office.stripe.books()['charges'][1]['id']} (Visa ending in 4242, 20 Nov 2026)")
    assert office.ticket(ticket)["tags"] == []
    assert office.states() == [("done", "shadow: only a note was written")]


PLACES = 27
"""Of a pass that watches and writes one note."""


@pytest.mark.parametrize("kill_at", range(1, PLACES + 2))
def test_killed_anywhere_in_shadow_there_is_one_note_and_nothing_else(an_office: Callable[..., Office],
                                                                      kill_at: int) -> None:
    def prepare(office: Office) -> None:
        office.policy = load(POLICY)
        office.choices = WATCHED
        office.desk = replace(office.desk, choices=WATCHED)

    office, ticket, boundary = crash_story(an_office, kill_at, prepare)
    assert office.refunds() == []
    assert office.replies(ticket) == []
    assert len(office.notes(ticket)) == 1
    assert len(boundary.passed) <= PLACES
