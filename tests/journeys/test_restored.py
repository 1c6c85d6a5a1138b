"""A backup is put back days later: nothing that was done since is done a second time. Told from the vendors' books."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from agent import audit, erasing, saving, switch
from agent.database import Database
from agent.saving import Backup, CannotRestore
from tests.journeys.office import DANA, ERIN, Office, refund
from tests.journeys.test_consent import LEAD, approve, waiting
from tests.journeys.test_people_at_once import Interrupted

DUPLICATE = {"actions": [refund("c2", quote="please refund the second one")]}


@pytest.fixture
def office(own_database: Database) -> Office:
    made = Office(own_database.engine)
    made.planner.always = lambda case: DUPLICATE  # type: ignore[attr-defined]
    return made


def backup(office: Office, folder: Path) -> Backup:
    saving.save(office.engine, folder / "saved.zip", {}, "0.1.0", office.clock())
    return Backup.read(folder / "saved.zip")


def put_back(office: Office, saved: Backup) -> saving.Restored:
    """The backup is put back; of a Deskhand that was put together before it nothing is made anew but connections."""
    office.engine.dispose()
    done = saving.restore(office.engine, saved, office.clock(), replace=True)
    office.engine.dispose()
    return done


def resume(office: Office, *tickets: int) -> None:
    """An admin resumes, and the catch-up finds what changed since the backup."""
    assert switch.resume(office.engine, switch.ALL, "Lea", office.clock()) is not None
    for ticket in tickets:
        office.event(ticket)
    office.settle()


def books(office: Office, *tickets: int) -> dict[str, Any]:
    return {"refunds": [(one["charge"], one["amount"], one["status"]) for one in office.refunds()],
            "activities": [one["Subject"] for one in office.activities()],
            **{f"replies on {one}": office.replies(one) for one in tickets},
            **{f"notes on {one}": office.notes(one) for one in tickets}}


@pytest.mark.parametrize("days", [0.2, 3])
def test_what_was_done_after_the_backup_is_not_done_again(office: Office, tmp_path: Path, days: float) -> None:
    """Stripe forgets an idempotency key after a day (Stripe docs, "Idempotent requests")."""
    office.double_charge(1800)
    before = office.handle()
    office.settle()
    saved = backup(office, tmp_path)
    office.double_charge(1900, email=ERIN)
    after = office.handle(email=ERIN)
    office.settle()
    stood = books(office, before, after)
    assert [(amount, status) for _, amount, status in stood["refunds"]] == [(1800, "succeeded"), (1900, "succeeded")]

    office.clock.forward(days=days)
    put_back(office, saved)
    resume(office, before, after)
    assert books(office, before, after) == stood


@pytest.mark.parametrize("days", [0.2, 3])
def test_what_was_planned_and_held_back_at_the_backup_and_done_after_it_is_found_and_counted(
        office: Office, tmp_path: Path, days: float) -> None:
    with office.engine.begin() as c:
        switch.pause(c, "refund", "a look first", "Lea", office.clock())
    office.double_charge(1800)
    ticket = office.handle()
    assert office.refunds() == []
    saved = backup(office, tmp_path)
    switch.resume(office.engine, "refund", "Lea", office.clock())
    office.settle()
    stood = books(office, ticket)
    assert len(stood["refunds"]) == 1

    office.clock.forward(days=days)
    put_back(office, saved)
    switch.resume(office.engine, "refund", "Lea", office.clock())
    resume(office, ticket)
    now = books(office, ticket)
    assert now["refunds"] == stood["refunds"]
    assert len(now[f"replies on {ticket}"]) == 1
    with office.engine.begin() as c:
        assert c.execute(text("select state from operations where kind = 'refund'")).scalar_one() == "done"
        assert c.execute(text("select sum(amount) from totals where kind = 'desk'")).scalar_one() == 1800


@pytest.mark.parametrize("days", [0.2, 3])
def test_what_was_sent_without_an_answer_at_the_backup_is_looked_up(
        office: Office, tmp_path: Path, days: float) -> None:
    office.fault("stripe", "timeout_after", "POST", "^/v1/refunds$")
    office.fault("stripe", "500_before", "GET", "^/v1/refunds", times=20)
    office.double_charge(1800)
    ticket = office.handle()
    with office.engine.begin() as c:
        assert c.execute(text("select state from operations where kind = 'refund'")).scalar_one() in ("sent", "unknown")
    saved = backup(office, tmp_path)
    office.doors["stripe"].faults.clear()
    office.settle()
    stood = books(office, ticket)
    assert len(stood["refunds"]) == 1

    office.clock.forward(days=days)
    put_back(office, saved)
    resume(office, ticket)
    assert books(office, ticket)["refunds"] == stood["refunds"]
    assert len(office.replies(ticket)) == 1


def test_until_an_admin_resumes_nothing_is_written(office: Office, tmp_path: Path) -> None:
    saved = backup(office, tmp_path)
    put_back(office, saved)
    office.double_charge(1800)
    ticket = office.handle()
    office.settle(hours=2)
    assert (office.refunds(), office.replies(ticket), office.notes(ticket)) == ([], [], [])
    with office.engine.begin() as c:
        [pause] = switch.pauses(c)
    assert (pause.action, pause.by) == ("all", "deskhand restore")
    assert pause.reason == "a backup of 20 Nov 2026 09:00 UTC was put back"
    resume(office, ticket)
    assert len(office.refunds()) == 1


def test_what_was_paused_after_the_backup_stays_paused_when_everything_else_goes_on(
        office: Office, tmp_path: Path) -> None:
    """As long as the database that is replaced still tells of it."""
    saved = backup(office, tmp_path)
    with office.engine.begin() as c:
        switch.pause(c, "refund", "a fraud is looked into", "Lea", office.clock())
    put_back(office, saved)
    office.double_charge(1800)
    resume(office, office.handle())
    assert office.refunds() == []
    with office.engine.begin() as c:
        [pause] = switch.pauses(c)
    assert (pause.action, pause.reason, pause.by) == ("refund", "a fraud is looked into", "Lea")


def test_a_ticket_written_after_the_restore_costs_no_further_look(office: Office, tmp_path: Path) -> None:
    put_back(office, backup(office, tmp_path))
    office.clock.forward(hours=1)
    assert switch.resume(office.engine, switch.ALL, "Lea", office.clock()) is not None
    office.double_charge(1800)
    office.handle()
    office.settle()
    assert len(office.refunds()) == 1
    assert not [call for call in office.calls() if call.endswith("GET /v1/refunds")]


def test_a_question_asked_after_the_backup_is_asked_by_the_rows_again(office: Office, tmp_path: Path) -> None:
    """The wait is forgotten, so the ticket is planned anew, and its yes does the refund once."""
    saved = backup(office, tmp_path)
    office.double_charge(9000)
    ticket = office.handle()
    office.settle(hours=1)
    asked = len(office.replies(ticket))
    assert (office.refunds(), asked) == ([], 1)
    put_back(office, saved)
    resume(office, ticket)
    with office.engine.begin() as c:
        assert c.execute(text("select count(*) from waits where state = 'open'")).scalar_one() == 1
    office.customer_answers(ticket, "YES")
    office.settle()
    assert [one["amount"] for one in office.refunds()] == [9000]


def test_what_a_colleague_changed_since_is_not_changed_back(office: Office, tmp_path: Path) -> None:
    """The number was changed after the backup, and then by hand: what the customer wished then is done with."""
    wish = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
            "quote": "my number is +49 30 7654321"}
    office.planner.always = lambda case: {"actions": [wish]}  # type: ignore[attr-defined]
    with office.engine.begin() as c:
        switch.pause(c, "contact_change", "a look first", "Lea", office.clock())
    office.charge(1800)
    ticket = office.handle("Please note: my number is +49 30 7654321 now.")
    saved = backup(office, tmp_path)
    switch.resume(office.engine, "contact_change", "Lea", office.clock())
    office.settle()
    assert phone(office) == "+49 30 7654321"
    [contact] = office.salesforce.books()["contacts"].values()
    office.happens("salesforce", "edit", id=contact["Id"], fields={"Phone": "+49 30 1111111"})
    stood = (office.replies(ticket), office.notes(ticket), len(office.activities()))

    office.clock.forward(days=1)
    put_back(office, saved)
    switch.resume(office.engine, "contact_change", "Lea", office.clock())
    resume(office, ticket)
    assert phone(office) == "+49 30 1111111"
    assert (office.replies(ticket), office.notes(ticket), len(office.activities())) == stood


def phone(office: Office) -> str:
    [contact] = office.salesforce.books()["contacts"].values()
    return str(contact["Phone"])


@pytest.mark.parametrize("days", [0.2, 2, 4])
def test_a_customer_who_has_said_yes_after_the_backup_is_not_asked_or_reminded_again(
        office: Office, tmp_path: Path, days: float) -> None:
    office.double_charge(9000)
    ticket = office.handle()
    office.settle(hours=1)
    saved = backup(office, tmp_path)
    office.customer_answers(ticket, "YES")
    office.settle()
    stood = books(office, ticket)
    assert len(stood["refunds"]) == 1

    office.clock.forward(days=days)
    put_back(office, saved)
    resume(office, ticket)
    office.settle(hours=100)
    assert books(office, ticket) == stood


PHONE = {"actions": [{"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
                      "quote": "my number"}], "category": "contact_details"}


MOVED = "Also, my number is +49 30 7654321."


def reads_both(office: Office) -> None:
    office.planner.always = lambda case: (  # type: ignore[attr-defined]
        PHONE if "my number" in case.asked() else DUPLICATE if "charged twice" in case.asked() else
        {"nothing_asked": True})


def crossed(office: Office) -> int:
    """The customer writes again between our reply and our note; the machine breaks down before anybody reads it."""
    zendesk = Interrupted(office.desk.helpdesks["zendesk"])
    office.desk = replace(office.desk, helpdesks={"zendesk": zendesk})
    reads_both(office)
    office.double_charge(1800)
    ticket = office.writes()
    zendesk.meanwhile = lambda: setattr(zendesk, "meanwhile", lambda: office.writes(MOVED, ticket=ticket))
    office.event(ticket)
    office.run()
    assert (len(office.refunds()), len(office.notes(ticket))) == (1, 1)
    return ticket


@pytest.mark.parametrize("days", [0.2, 3])
def test_a_message_that_crossed_a_note_which_the_rows_forgot_is_read(
        office: Office, tmp_path: Path, days: float) -> None:
    saved = backup(office, tmp_path)
    ticket = crossed(office)
    office.clock.forward(days=days)
    put_back(office, saved)
    resume(office, ticket)
    assert phone(office) == "+49 30 7654321"
    assert len(office.refunds()) == 1
    assert ["We have sent USD 18.00" in reply for reply in office.replies(ticket)] == [True, False]


@pytest.mark.parametrize("days", [0.2, 3])
def test_a_message_that_was_answered_after_an_earlier_note_is_not_answered_again(
        office: Office, tmp_path: Path, days: float) -> None:
    saved = backup(office, tmp_path)
    reads_both(office)
    office.double_charge(1800)
    ticket = office.handle()
    office.customer_answers(ticket, MOVED)
    office.settle()
    stood = books(office, ticket)
    assert (phone(office), len(office.replies(ticket))) == ("+49 30 7654321", 2)
    office.clock.forward(days=days)
    put_back(office, saved)
    resume(office, ticket)
    assert books(office, ticket) == stood


def test_the_rows_are_as_they_were_and_the_audit_says_that_they_were_put_back(
        office: Office, tmp_path: Path) -> None:
    office.double_charge(1800)
    office.handle()
    office.settle()
    with office.engine.begin() as c:
        audit.seal_chain(c)
    saved = backup(office, tmp_path)
    with office.engine.begin() as c:
        c.execute(text("update tickets set state = 'new'"))
    put_back(office, saved)
    with office.engine.begin() as c:
        assert c.execute(text("select state from tickets")).scalars().all() == ["done"]
        audit.seal_chain(c)
        assert audit.verify(c) == []
        assert c.execute(text("select kind from audit order by id desc limit 1")).scalar_one() == "database.restored"
        # No number is used twice.
        c.execute(text("insert into events (vendor, account, delivery_id, kind, sha256, received_at, ticket_ref) "
                       "values ('zendesk', 'acme', 'new', 'x', '', now(), 'zendesk:acme:1')"))


def test_who_was_erased_after_the_backup_is_erased_again(office: Office, tmp_path: Path) -> None:
    office.double_charge(1800)
    office.handle()
    office.settle()
    saved = backup(office, tmp_path)
    office.clock.forward(hours=1)
    with office.engine.begin() as c:
        [person] = erasing.by_email(c, office.desk, DANA)
    erasing.erase(office.desk, person, "Lea", DANA)
    assert put_back(office, saved).erased_again == 1
    with office.engine.begin() as c:
        assert erasing.by_email(c, office.desk, DANA) == []
        c.execute(text("update decisions set customer = ''"))  # the audit alone tells of the address
        assert erasing.erased_before(c, office.desk, DANA) is not None


def test_who_was_erased_by_a_clock_that_was_behind_the_backups_is_erased_again(office: Office, tmp_path: Path) -> None:
    office.double_charge(1800)
    office.handle()
    office.settle()
    saved = backup(office, tmp_path)
    office.clock.forward(minutes=-3)
    with office.engine.begin() as c:
        [person] = erasing.by_email(c, office.desk, DANA)
    erasing.erase(office.desk, person, "Lea")
    assert put_back(office, saved).erased_again == 1
    with office.engine.begin() as c:
        assert erasing.by_email(c, office.desk, DANA) == []


def test_who_was_erased_before_the_backup_and_wrote_again_is_not_erased_again(office: Office, tmp_path: Path) -> None:
    office.double_charge(1800)
    ticket = office.handle()
    office.settle()
    with office.engine.begin() as c:
        [person] = erasing.by_email(c, office.desk, DANA)
    erasing.erase(office.desk, person, "Lea")
    office.double_charge(1900)
    office.customer_answers(ticket, "I was charged twice for order 1042 again, refund the second one.")
    office.settle()
    saved = backup(office, tmp_path)
    with office.engine.begin() as c:
        kept = erasing.by_email(c, office.desk, DANA)
    assert len(kept) == 1
    assert put_back(office, saved).erased_again == 0
    with office.engine.begin() as c:
        assert erasing.by_email(c, office.desk, DANA) == kept


def test_who_was_kept_only_after_the_backup_and_erased_is_not_counted(office: Office, tmp_path: Path) -> None:
    saved = backup(office, tmp_path)
    office.double_charge(1800)
    office.handle()
    office.settle()
    with office.engine.begin() as c:
        [person] = erasing.by_email(c, office.desk, DANA)
    erasing.erase(office.desk, person, "Lea")
    assert put_back(office, saved).erased_again == 0


def test_a_database_in_use_is_not_overwritten_unasked(office: Office, tmp_path: Path) -> None:
    office.handle()
    saved = backup(office, tmp_path)
    with pytest.raises(CannotRestore, match=r"not empty.*--replace"):
        saving.restore(office.engine, saved, office.clock())
    assert len(office.states()) == 1


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_a_damaged_backup_is_refused_before_anything_is_touched(office: Office, tmp_path: Path, at: float) -> None:
    office.handle()
    backup(office, tmp_path)
    file = tmp_path / "saved.zip"
    data = bytearray(file.read_bytes())
    place = int(len(data) * at)
    data[place:place + 40] = bytes(40)
    file.write_bytes(data)
    with pytest.raises(CannotRestore):
        Backup.read(file)
    file.write_bytes(bytes(data[:place]))
    with pytest.raises(CannotRestore, match="no whole backup"):
        Backup.read(file)


def test_a_refusal_at_the_end_leaves_the_database_as_it_was(office: Office, tmp_path: Path) -> None:
    saved = backup(office, tmp_path)
    office.handle()

    def refuses(_: object) -> None:
        raise CannotRestore("another secret")

    with pytest.raises(CannotRestore, match="another secret"):
        saving.restore(office.engine, saved, office.clock(), replace=True, check=refuses)
    assert len(office.states()) == 1


def test_the_same_asked_again_after_the_backup_is_paid_again_by_a_new_yes(office: Office, tmp_path: Path) -> None:
    """The first refund, its reply and its notes are not in our rows; it stood at Stripe when the second was asked."""
    ten = {"actions": [refund("c1", amount="10.00", claim="damaged", quote="ten dollars back")]}
    office.planner.always = lambda case: ten if "ten dollars" in case.asked() else {  # type: ignore[attr-defined]
        "nothing_asked": True}
    office.charge(5000)
    saved = backup(office, tmp_path)
    ticket = office.handle("One item was broken, ten dollars back please.")
    approve(office, LEAD)
    office.settle()
    assert office.refunded() == {"usd": 1000}
    stood = books(office, ticket)

    office.clock.forward(hours=2)
    put_back(office, saved)
    resume(office, ticket)
    assert books(office, ticket) == stood
    office.clock.forward(days=2)
    office.customer_answers(ticket, "And ten dollars back for the second broken item too, please.")
    assert "waiting to refund USD 10.00" in office.notes(ticket)[-1]
    assert len(office.notes(ticket)) == len(stood[f"notes on {ticket}"]) + 1
    approve(office, LEAD)
    office.settle()
    assert office.refunded() == {"usd": 2000}
    assert len(office.replies(ticket)) == len(stood[f"replies on {ticket}"]) + 1
    assert len(office.notes(ticket)) == len(stood[f"notes on {ticket}"]) + 2


def test_a_yes_given_before_the_backup_and_acted_on_after_it_pays_once(office: Office, tmp_path: Path) -> None:
    ten = {"actions": [refund("c1", amount="10.00", claim="damaged", quote="ten dollars back")]}
    office.planner.always = lambda case: ten  # type: ignore[attr-defined]
    office.charge(5000)
    ticket = office.handle("One item was broken, ten dollars back please.")
    saved = backup(office, tmp_path)
    office.fault("zendesk", "500_before", "PUT", "/tickets", times=10_000)
    approve(office, LEAD)
    assert office.refunded() == {"usd": 1000}

    office.doors["zendesk"].faults.clear()
    put_back(office, saved)
    resume(office, ticket)
    if waiting(office):
        approve(office, LEAD)
        office.settle()
    assert office.refunded() == {"usd": 1000}


def test_made_and_not_told_before_the_backup_came_back_it_is_not_paid_again_by_a_new_yes(
        office: Office, tmp_path: Path) -> None:
    """Whoever is asked anew about the same message is shown the refund, and their yes is for that one."""
    ten = {"actions": [refund("c1", amount="10.00", claim="damaged", quote="ten dollars back")]}
    office.planner.always = lambda case: ten  # type: ignore[attr-defined]
    office.charge(5000)
    saved = backup(office, tmp_path)
    ticket = office.handle("One item was broken, ten dollars back please.")
    office.clock.forward(minutes=5)
    office.fault("zendesk", "500_before", "PUT", "/tickets", times=10_000)
    approve(office, LEAD)
    assert office.refunded() == {"usd": 1000}

    office.doors["zendesk"].faults.clear()
    put_back(office, saved)
    resume(office, ticket)
    approve(office, LEAD)
    office.settle()
    assert office.refunded() == {"usd": 1000}
    assert "We have sent USD 10.00" in office.replies(ticket)[0]


def test_another_question_after_a_backup_was_put_back_is_answered_although_one_before_it_was_forgotten(
        office: Office, tmp_path: Path) -> None:
    """What is told is named by what it answers: a count in our rows would go back with them."""
    charge = office.charge(3000)
    office.happens("stripe", "dashboard_refund", charge=charge, amount=1000)
    office.planner.always = lambda _: {"actions": [  # type: ignore[attr-defined]
        {"kind": "status_answer", "charge": "c1", "quote": "where is my money"}]}
    ticket = office.handle("Where is my money?")
    saved = backup(office, tmp_path)
    office.clock.forward(days=1)
    office.customer_answers(ticket, "And where is my money now?")
    assert len(office.replies(ticket)) == 2
    office.clock.forward(days=1)
    put_back(office, saved)
    resume(office, ticket)
    assert len(office.replies(ticket)) == 2
    office.clock.forward(days=1)
    office.happens("stripe", "dashboard_refund", charge=charge, amount=500)
    office.customer_answers(ticket, "And where is my money by now?")
    office.settle()
    assert len(office.replies(ticket)) == 3
    assert "USD 5.00" in office.replies(ticket)[-1]
    assert len(office.notes(ticket)) == 3
