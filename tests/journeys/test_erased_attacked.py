"""Somebody is erased at the worst moment, and a vendor quoted their address: nothing of them stays readable."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from agent import audit, erasing
from agent.consent import approval, taking_over
from agent.consent.approval import Colleague
from agent.consent.waits import of_ticket
from agent.database import Database
from agent.proposal import Case
from connectors.contract import Rejected
from tests.journeys.office import DANA, Office, refund

MIA = Colleague("79", "Mia", "agent")
DUPLICATE = {"actions": [refund("c2", quote="please refund the second one")]}


@pytest.fixture
def office(database: Database) -> Office:
    made = Office(database.engine)
    made.planner.always = lambda case: DUPLICATE  # type: ignore[attr-defined]
    return made


def person_of(office: Office) -> str:
    with office.engine.begin() as c:
        return str(c.execute(text("select id from people where wrapped is not null and id <> 'installation'")
                             ).scalar_one())


def rows(office: Office) -> str:
    """Every row of ours, as text."""
    with office.engine.begin() as c:
        names = c.execute(text("select tablename from pg_tables where schemaname = 'public'")).scalars().all()
        return "\n".join(str(one) for name in names
                         for one in c.execute(text(f'select t::text from "{name}" t')).scalars())  # noqa: S608


def readable(office: Office, sealed: str = "proposals") -> int:
    """How many sealed texts some key of ours opens."""
    with office.engine.begin() as c:
        keys = [office.vault.person_by_id(c, id) for id in c.execute(text(
            "select id from people where wrapped is not null and id <> 'installation'")).scalars()]
        texts = c.execute(text(f"select sealed from {sealed}")).scalars().all()  # noqa: S608 - ours
    return sum(key.read(one) is not None for key in keys for one in texts)


def test_who_is_erased_while_their_ticket_is_being_planned_gets_nothing_done_and_nothing_kept(office: Office) -> None:
    def meanwhile(case: Case) -> Any:
        office.planner.always = lambda case: DUPLICATE  # type: ignore[attr-defined]
        erasing.erase(office.desk, person_of(office), "Lea", DANA)
        return DUPLICATE

    office.planner.always = meanwhile  # type: ignore[attr-defined]
    office.double_charge(1800)
    ticket = office.handle()
    office.settle()
    assert (office.refunds(), office.replies(ticket)) == ([], [])
    assert readable(office) == 0
    with office.engine.begin() as c:
        audit.seal_chain(c)
        assert audit.verify(c) == []


def test_a_ticket_of_somebody_who_was_erased_and_is_known_anew_is_given_back_and_run_again(office: Office) -> None:
    office.double_charge(4700)
    ticket = office.handle()
    taking_over.take_over(office.desk, office.ref(ticket), MIA)
    office.run()
    erasing.erase(office.desk, person_of(office), "Lea", DANA)
    office.customer_answers(ticket, "Are there any news?")
    assert readable(office) == 0
    taking_over.give_back(office.desk, office.ref(ticket), MIA)
    taking_over.run_again(office.desk, office.ref(ticket), MIA)
    office.settle()
    assert (office.refunds(), office.states()[0][0] in ("parked", "handed_over")) == ([], True)


def test_an_address_in_a_vendors_refusal_is_not_kept(office: Office) -> None:
    """Salesforce's INVALID_EMAIL_ADDRESS and Zendesk's RecordInvalid quote what they refuse."""
    office.double_charge(1800)
    office.handle()
    office.settle()
    with office.engine.begin() as c:
        id = c.execute(text("select id from operations where kind = 'refund'")).scalar_one()
        operation = office.desk.ledger.operation(c, id)
        assert operation is not None
        c.execute(text("update operations set state = 'sent' where id = :id"), {"id": id})
        said = Rejected(f"Email: invalid email address: Dana.O'Hara+shop@example.co.uk, or <{DANA}>.", vendor="zendesk",
                        reason="refused")
        office.desk.ledger.not_done(c, operation, "rejected", str(said), office.clock())
    everything = rows(office)
    assert "invalid email address" in everything
    assert not [one for one in (DANA, "example.co.uk", "O'Hara") if one in everything]


LONG = "10115 c/o Marthe Kolbitz"
"""More characters than Contact.MailingPostalCode holds."""


def asks_for(office: Office, field: str, value: str) -> None:
    """The model reads it in the first message, and in no later one."""
    office.planner.always = lambda case: {"actions": [{  # type: ignore[attr-defined]
        "kind": "contact_change", "contact": "k1", "field": field, "value": value,
        "quote": f"it is now {value}"}]} if value in case.asked() else {"nothing_asked": True}


def test_what_salesforce_quotes_of_a_value_it_refuses_stands_in_the_note_and_nowhere_in_the_clear(
        office: Office) -> None:
    asks_for(office, "postal_code", LONG)
    ticket = office.handle(f"Hello, I moved: it is now {LONG}.")
    office.customer_answers(ticket, "YES")
    office.settle(hours=3)
    assert ("the vendor refused it (the value is too long for the field: MailingPostalCode: data value too large: "
            f"{LONG} (max length=20))") in office.notes(ticket)[-1]
    assert "string_too_long: the value is too long for the field; fields: MailingPostalCode" in rows(office)
    assert "Kolbitz" not in rows(office)
    erasing.erase(office.desk, person_of(office), "Lea", DANA)
    assert (readable(office, "operations"), readable(office, "(select said as sealed from operations) o")) == (0, 0)


def test_what_a_rule_of_the_org_writes_in_its_own_way_is_not_kept_in_the_clear(
        office: Office, caplog: pytest.LogCaptureFixture) -> None:
    asks_for(office, "phone", "+49 30 7654321")
    office.fault("salesforce", "validation", "POST", body="PATCH",
                 params={"message": "(030) 76-54-321 of MARTHE is taken: ask us."})
    ticket = office.handle("My phone: it is now +49 30 7654321.")
    office.settle(hours=3)
    assert "a validation rule of the org refuses the value: (030) 76-54-321 of MARTHE is taken: ask us" in (
        office.notes(ticket)[-1])
    assert not [one for one in ("76-54-321", "MARTHE") if one in rows(office) + caplog.text]


def test_the_note_that_is_written_only_after_a_pause_says_why_the_vendor_refused_it(office: Office) -> None:
    asks_for(office, "phone", "+49 30 7654321")
    office.fault("salesforce", "validation", "POST", body="PATCH", params={"message": "Ask the back office."})
    office.fault("zendesk", "503", "PUT", times=4)
    ticket = office.handle("My phone: it is now +49 30 7654321.")
    assert office.notes(ticket) == []
    office.settle(hours=3)
    assert "refuses the value: Ask the back office" in office.notes(ticket)[-1]


PHONE = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
         "quote": "my number is +49 30 7654321"}
MAIA = Colleague("79", "Maia Lind", "lead")


def test_no_column_of_ours_holds_in_the_clear_what_was_written_by_or_about_somebody(office: Office) -> None:
    """A change, a question, a no with a reason and a handoff: the words lie under the person's key alone."""
    office.planner.always = lambda case: {"actions": [  # type: ignore[attr-defined]
        PHONE, refund("c2", quote="refund the second one")]} if "charged twice" in case.asked() else {
        "uncovered": ["a thing about Kastanienallee"], "reply": "Dear Dana"}
    office.double_charge(9000)
    ticket = office.handle("I was charged twice for order 1042, please refund the second one. My name is Dana, my "
                           "number is +49 30 7654321, I live in Kastanienallee 7.")
    office.settle(hours=1)
    office.customer_answers(ticket, "YES, and my dog Bello agrees.")
    with office.engine.begin() as c:
        waiting = [one for one in of_ticket(c, 1, ("open",)) if one.for_whom != "customer"]
    assert waiting
    for one in waiting:
        approval.decline(office.desk, one.id, one.shown, MAIA, "Dana Customer lives with Bello in Kastanienallee")
    office.settle()
    office.customer_answers(ticket, "Bello and I want a person about Kastanienallee 7 please.")
    office.settle()
    everything = rows(office)
    assert "contact_change" in everything
    assert not [one for one in (DANA, "Dana", "7654321", "Kastanienallee", "Bello", "charged twice", "Maia")
                if one in everything]
    with office.engine.begin() as c:
        [person] = erasing.by_email(c, office.desk, DANA)
    assert readable(office) > 0
    erasing.erase(office.desk, person, "Lea", DANA)
    assert (readable(office), readable(office, "operations"), readable(office, "waits")) == (0, 0, 0)
