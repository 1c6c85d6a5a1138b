"""A yes is asked for, and by the reminder nothing needs it any more: nobody is asked on, and the ticket rests."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from agent.policy import load
from tests.journeys.office import POLICY, Office
from tests.webhooks.opened import KIM, OpenOffice

PHONE = {"actions": [{"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
                      "quote": "my number"}], "category": "contact_details"}
DRAFT = POLICY.replace("mode: shadow", "mode: draft")


@pytest.fixture
def office(engine: Engine) -> OpenOffice:
    return OpenOffice(engine, policy=DRAFT)


def states(office: Office) -> list[str]:
    with office.engine.begin() as c:
        return list(c.exec_driver_sql("select state from waits order by id").scalars())


def past_the_reminder(office: Office) -> None:
    office.clock.forward(hours=4, minutes=1)
    office.sweep()
    office.run()


def wakes(office: Office) -> int:
    """How often it is woken in a minute, after its own look at what was written."""
    office.clock.forward(minutes=2)
    office.run()
    woken = 0
    for _ in range(30):
        office.clock.forward(seconds=2)
        woken += office.sweep().woken + office.run()
    return woken


def test_what_a_colleague_changed_by_hand_is_told_once_and_nobody_is_asked_any_more(office: OpenOffice) -> None:
    office.script(lambda case: PHONE if "my number" in case.asked() else {"nothing_asked": True})
    ticket = office.handle("my number is +49 30 7654321")
    card = office.seat().card()
    [contact] = office.salesforce.books()["contacts"].values()
    office.happens("salesforce", "edit", id=contact["Id"], fields={"Phone": "+49 30 7654321"})

    past_the_reminder(office)
    assert states(office) == ["void"]
    assert "what it stood on is no longer there" in office.notes(ticket)[-1]
    assert office.seat().state()["cards"] == []
    answer = office.seat().post(f"/api/approvals/{card['wait']}", {"digest": card["digest"], "amount": None})
    assert (answer.status_code, answer.get_json()["detail"]) == (409, "It is no longer waited for.")
    notes = office.notes(ticket)
    assert wakes(office) == 0
    assert office.notes(ticket) == notes


def test_what_needs_no_press_any_more_is_done_once_and_the_card_goes(office: OpenOffice) -> None:
    office.asks(1800)
    card = office.seat().card()
    office.policy = load(POLICY.replace("mode: shadow", "mode: execute"))

    past_the_reminder(office)
    assert office.refunded() == {"usd": 1800}
    assert states(office) == ["void"]
    assert office.seat().state()["cards"] == []
    answer = office.seat().post(f"/api/approvals/{card['wait']}", {"digest": card["digest"], "amount": None})
    assert answer.status_code == 409
    assert wakes(office) == 0
    assert office.refunded() == {"usd": 1800}


def test_on_a_deleted_ticket_nobody_is_asked_any_more(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = office.asks(4700)
    link = office.link(ticket)
    office.at_desk("delete", ticket=ticket)
    office.event(ticket)
    office.run()
    assert states(office) == ["away"]
    page = office.client.get(link)
    assert (page.status_code, "no answer is needed any more" in page.text) == (410, True)
    office.clock.forward(hours=80)
    assert wakes(office) == 0
    assert office.refunds() == []


def not_told(office: OpenOffice) -> int:
    """Somebody is to be asked, and the helpdesk takes no update just then."""
    office.fault("zendesk", "429", "PUT", times=9, params={"retry_after": 600})
    ticket = office.asks(4700)
    assert (states(office), office.replies(ticket), office.notes(ticket)) == (["open"], [], [])
    office.doors["zendesk"].faults.clear()
    return ticket


def test_switched_to_watching_before_anybody_was_asked_nobody_is_asked_any_more(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = not_told(office)
    office.policy = load(POLICY)
    office.settle(hours=1)
    assert states(office) == ["void"]
    office.settle(hours=80)
    assert (office.replies(ticket), office.notes(ticket)) == ([], [])


def test_taken_by_a_colleague_before_anybody_was_asked_nobody_is_asked_any_more(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = not_told(office)
    office.happens("zendesk", "agent_sets", ticket=ticket, agent=KIM, assignee=KIM)
    office.settle(hours=1)
    assert states(office) == ["away"]
    office.settle(hours=80)
    assert (office.replies(ticket), office.notes(ticket)) == ([], [])


def test_given_back_the_question_that_nobody_got_is_asked(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = not_told(office)
    office.happens("zendesk", "agent_sets", ticket=ticket, agent=KIM, assignee=KIM)
    office.settle(hours=1)
    office.seat().ticket("give-back")
    office.settle(hours=1)
    assert "Please reply YES" in office.replies(ticket)[0]
    office.customer_answers(ticket, "YES")
    assert office.refunded() == {"usd": 4700}
