"""`deskhand erase`: what is gone, what stays, and that nothing is begun for that person any more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from agent import audit, erasing
from agent.database import Database
from agent.erasing import StillUnderWay
from scripts.cli import main
from tests.journeys.office import DANA, ERIN, Office, refund
from tests.scripts.test_cli import COMPLETE

DUPLICATE = {"actions": [refund("c2", quote="please refund the second one")]}
Run = Callable[..., Result]


@pytest.fixture
def office(database: Database) -> Office:
    made = Office(database.engine)
    made.planner.always = lambda case: DUPLICATE  # type: ignore[attr-defined]
    return made


@pytest.fixture
def run(bare: Path, database: Database) -> Run:
    """Runs the command against the office's rows."""
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["erase", *arguments], env={**COMPLETE, "DESKHAND_DATABASE_URL": database.url})
    return invoke


def done_for(office: Office, email: str = DANA, amount: int = 1800) -> int:
    office.double_charge(amount, email=email)
    ticket = office.handle(email=email)
    office.settle()
    return ticket


def user_id(office: Office, ticket: int) -> str:
    return office.desk.helpdesk(ref := f"zendesk:acme:{ticket}").read(ref).ticket.requester


OLDER = "If theirs may be among them, name their id in the helpdesk, too."
TROUBLE = "My private trouble: please refund what I paid, I live at 1 Secret Lane."


def handed_over(office: Office, email: str = DANA) -> int:
    """A ticket on which nothing was decided: the planner leaves it to a person."""
    office.planner.always = lambda case: {"unsure": "It is not clear what is asked."}  # type: ignore[attr-defined]
    ticket = office.handle(TROUBLE, email=email)
    office.settle()
    assert [state for state, _ in office.states()][-1] == "handed_over"
    return ticket


def from_before_addresses_were_noted(office: Office) -> None:
    with office.engine.begin() as c:
        c.execute(text("update proposals set customer = null"))


def readable(office: Office) -> int:
    """How many of the audit's sealed texts some key of ours opens."""
    with office.engine.begin() as c:
        keys = [office.vault.person_by_id(c, id) for id in c.execute(text(
            "select id from people where wrapped is not null and id <> 'installation'")).scalars()]
        texts = c.execute(text("select sealed from audit where sealed is not null")).scalars().all()
    return sum(key.read(one) is not None for key in keys for one in texts)


def persons(office: Office, email: str) -> list[str]:
    with office.engine.begin() as c:
        return erasing.by_email(c, office.desk, email)


def test_what_was_written_about_a_person_cannot_be_read_any_more_and_the_chain_holds(
        run: Run, office: Office) -> None:
    done_for(office, DANA)
    other = done_for(office, ERIN)
    with office.engine.begin() as c:
        audit.seal_chain(c)
        keys = set(c.execute(text("select wrapped from people where wrapped is not null")).scalars())
    said = run(DANA, "--by", "Lea")
    assert said.exit_code == 0, said.output
    assert said.output.startswith("Erased: what was written about one person on 1 ticket.\n")
    assert "refund of ch_" in said.output
    assert "The vendors' own books are not touched." in said.output
    with office.engine.begin() as c:
        audit.seal_chain(c)
        assert audit.verify(c) == []
        left = set(c.execute(text("select wrapped from people where wrapped is not null")).scalars())
        assert len(keys - left) == 1
        told = c.execute(text("select public from audit where kind = 'person.erased'")).scalar_one()
        assert (told["by"], told["tickets"]) == ("Lea", 1)
        assert c.execute(text("select count(*) from operations where kind = 'refund' and state = 'done'")
                         ).scalar_one() == 2
    assert persons(office, ERIN)
    assert len(office.replies(other)) == 1


def test_a_person_is_found_by_their_id_in_the_helpdesk(run: Run, office: Office) -> None:
    ticket = done_for(office)
    said = run(user_id(office, ticket), "--by", "Lea")
    assert said.exit_code == 0, said.output
    assert persons(office, DANA) == []


def test_a_dry_run_says_the_same_and_changes_nothing(run: Run, office: Office) -> None:
    done_for(office)
    said = run(DANA, "--dry-run")
    assert said.exit_code == 0
    assert said.output.startswith("Would be erased: what was written about one person on 1 ticket.\n")
    assert len(persons(office, DANA)) == 1
    told = json.loads(run(DANA, "--dry-run", "--json").output)
    assert told["erased"] is False
    assert [one["kind"] for one in told["people"][0]["kept"]].count("refund") == 1


def test_what_waits_for_them_is_void_and_is_never_done(run: Run, office: Office) -> None:
    office.double_charge(9000)
    ticket = office.handle()
    office.settle(hours=1)
    assert "1 open question would be void" in run(DANA, "--dry-run").output
    assert run(DANA, "--by", "Lea").exit_code == 0
    with office.engine.begin() as c:
        assert c.execute(text("select distinct state from waits")).scalars().all() == ["void"]
    office.planner.always = lambda case: {"actions": []}  # type: ignore[attr-defined]
    office.customer_answers(ticket, "YES")
    office.settle()
    assert office.refunds() == []


def test_what_was_begun_is_looked_up_before_the_key_is_destroyed(office: Office) -> None:
    office.fault("stripe", "timeout_after", "POST", "^/v1/refunds$")
    office.fault("stripe", "500_before", "GET", "^/v1/refunds", times=20)
    office.double_charge(1800)
    office.handle()
    office.doors["stripe"].faults.clear()
    [person] = persons(office, DANA)
    gone = erasing.erase(office.desk, person, "Lea", DANA)
    assert [one.kind for one in gone.kept] == ["refund"]
    with office.engine.begin() as c:
        assert c.execute(text("select state from operations where kind = 'refund'")).scalar_one() == "done"
    office.settle()
    assert len(office.refunds()) == 1


def test_what_cannot_be_looked_up_is_held_for_a_person_and_never_sent_again(office: Office) -> None:
    office.fault("stripe", "500_before", "POST", "^/v1/refunds$", times=20)
    office.double_charge(1800)
    office.handle()
    [person] = persons(office, DANA)
    erasing.erase(office.desk, person, "Lea", DANA)
    office.doors["stripe"].faults.clear()
    office.settle()
    assert office.refunds() == []
    with office.engine.begin() as c:
        assert c.execute(text("select state from operations where kind = 'refund'")).scalar_one() in (
            "held", "dropped")


def test_erased_twice_is_said_and_changes_nothing(run: Run, office: Office) -> None:
    ticket = done_for(office)
    assert run(DANA, "--by", "Lea").exit_code == 0
    for who in (DANA, user_id(office, ticket)):
        said = run(who, "--by", "Lea")
        assert said.exit_code == 0
        assert re.search(r"erased before, on \d\d \w{3} \d{4} \d\d:\d\d UTC\. Nothing", said.output)
    with office.engine.begin() as c:
        assert c.execute(text("select count(*) from audit where kind = 'person.erased'")).scalar_one() == 1


def test_who_writes_again_later_is_somebody_new_and_is_served(run: Run, office: Office) -> None:
    first = done_for(office)
    run(DANA, "--by", "Lea")
    office.clock.forward(days=40)
    office.double_charge(1700)
    office.planner.always = lambda case: {"actions": [refund(  # type: ignore[attr-defined]
        "c4", quote="please refund the second one")]}
    second = office.handle()
    office.settle()
    with office.engine.begin() as c:
        owners = c.execute(text("select person_id from tickets order by id")).scalars().all()
    assert owners[0].startswith("erased-")
    assert not owners[1].startswith("erased-")
    assert len(office.replies(second)) == 1
    assert len(office.replies(first)) == 1
    assert len(persons(office, DANA)) == 1


def test_the_old_ticket_of_somebody_erased_stays_quiet(run: Run, office: Office) -> None:
    ticket = done_for(office)
    stood = (office.replies(ticket), office.notes(ticket), office.refunds())
    run(DANA, "--by", "Lea")
    office.event(ticket)
    office.settle()
    assert (office.replies(ticket), office.notes(ticket), office.refunds()) == stood


def test_nobody_found_is_said(run: Run, office: Office) -> None:
    said = run("nobody@example.com", "--by", "Lea")
    assert said.exit_code == 1
    assert said.output == ("Nothing is kept under this address. If they wrote from another one, name their id in the "
                           "helpdesk.\n")
    assert run("999999", "--by", "Lea").exit_code == 1


def test_somebody_must_answer_for_it(run: Run, office: Office) -> None:
    said = run(DANA)
    assert said.exit_code == 2
    assert "--by needs a name" in said.output


def test_a_ticket_that_was_handed_to_another_requester_names_no_innocent(run: Run, office: Office) -> None:
    """The decision was made for Dana; the ticket is Erin's now, and Erin's key does not open that plan."""
    ticket = done_for(office, DANA)
    dana = persons(office, DANA)
    done_for(office, ERIN)
    with office.engine.begin() as c:
        erin = c.execute(text("select person_id from tickets where vendor_id <> :id"), {"id": str(ticket)}).scalar_one()
        c.execute(text("update tickets set person_id = :erin"), {"erin": erin})
    assert persons(office, DANA) == dana
    assert persons(office, ERIN) == [erin]


def test_while_something_is_being_sent_nothing_is_destroyed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.fault("stripe", "timeout_after", "POST", "^/v1/refunds$")
    office.fault("stripe", "500_before", "GET", "^/v1/refunds", times=20)
    office.double_charge(1800)
    office.handle()
    [person] = persons(office, DANA)
    monkeypatch.setattr("agent.forgotten.look_up", lambda desk, operation: None)  # as when a worker is faster
    with pytest.raises(StillUnderWay, match="Say it again in a minute"):
        erasing.erase(office.desk, person, "Lea")
    assert persons(office, DANA) == [person]


def test_who_was_erased_by_their_id_is_known_under_their_address_too(run: Run, office: Office) -> None:
    ticket = done_for(office)
    assert run(user_id(office, ticket), "--by", "Lea").exit_code == 0
    said = run(DANA, "--by", "Lea")
    assert said.exit_code == 0
    assert re.search(r"erased before, on \d\d \w{3} \d{4} \d\d:\d\d UTC\. Nothing", said.output)


def test_who_was_erased_and_whose_ticket_is_another_ones_now_was_erased_before(run: Run, office: Office) -> None:
    ticket = done_for(office)
    assert run(user_id(office, ticket), "--by", "Lea").exit_code == 0
    with office.engine.begin() as c:
        office.desk.ledger.person(c, office.desk.ledger.ticket(c, 1, office.clock()), "acme", "another")
    said = run(DANA, "--by", "Lea")
    assert said.exit_code == 0
    assert re.fullmatch(r"This person was erased before, on \d\d \w{3} \d{4} \d\d:\d\d UTC\. "
                        r"Nothing was kept since\.\n", said.output)


def test_of_an_address_that_nothing_was_planned_for_that_is_said(run: Run, office: Office) -> None:
    done_for(office)
    said = run(ERIN, "--by", "Lea")
    assert said.exit_code == 1
    assert said.output.startswith("Nothing is kept under this address.")


def test_whose_ticket_was_only_handed_over_is_found_by_their_address(run: Run, office: Office) -> None:
    handed_over(office)
    assert readable(office) > 0
    with office.engine.begin() as c:
        assert persons(office, DANA) == [c.execute(text("select person_id from tickets")).scalar_one()]
    said = run(f" {DANA.title()} ", "--by", "Lea")
    assert said.exit_code == 0, said.output
    assert said.output.startswith("Erased: what was written about one person on 1 ticket.\n")
    assert OLDER not in said.output
    assert readable(office) == 0


def test_whose_every_ask_was_about_nothing_that_could_be_found_is_found_by_their_address(
        run: Run, office: Office) -> None:
    office.handle()  # of no charge at all
    with office.engine.begin() as c:
        assert c.execute(text("select count(*) from decisions")).scalar_one() == 0
    assert run(DANA, "--by", "Lea").exit_code == 0
    assert readable(office) == 0


def test_somebody_whom_the_helpdesk_knows_anew_is_erased_under_both_ids(run: Run, office: Office) -> None:
    """Their user was deleted; the address is another user's since, of whom nothing but a hand-over is known."""
    done_for(office)
    office.zendesk.state.by_email.pop(DANA)
    handed_over(office)
    assert len(persons(office, DANA)) == 2
    assert run(DANA, "--by", "Lea").output.count("Erased: what was written about one person on 1 ticket.") == 2
    assert readable(office) == 0


def test_who_was_only_handed_over_and_erased_by_their_id_was_erased_before(run: Run, office: Office) -> None:
    ticket = handed_over(office)
    assert run(user_id(office, ticket), "--by", "Lea").exit_code == 0
    assert persons(office, DANA) == []
    said = run(DANA, "--by", "Lea")
    assert said.exit_code == 0
    assert re.fullmatch(r"This person was erased before, on \d\d \w{3} \d{4} \d\d:\d\d UTC\. "
                        r"Nothing was kept since\.\n", said.output)


def test_that_texts_from_before_addresses_were_noted_may_be_theirs_is_said(run: Run, office: Office) -> None:
    ticket = handed_over(office)
    from_before_addresses_were_noted(office)
    for who in (DANA, "nobody@example.com"):
        said = run(who, "--by", "Lea")
        assert said.exit_code == 1
        assert said.output.startswith("Nothing is kept under this address.")
        assert OLDER in said.output
        assert OLDER in json.loads(run(who, "--by", "Lea", "--json").output)["stays"][0]
    said = run(user_id(office, ticket), "--by", "Lea")
    assert (said.exit_code, OLDER in said.output) == (0, False)
    assert readable(office) == 0
    assert OLDER not in run("nobody@example.com", "--by", "Lea").output


@pytest.mark.parametrize("how", [["--dry-run"], ["--by", "Lea"]])
def test_that_texts_of_others_from_before_may_be_theirs_is_said_beside_what_is_erased(
        run: Run, office: Office, how: list[str]) -> None:
    handed_over(office, ERIN)
    from_before_addresses_were_noted(office)
    office.planner.always = lambda case: DUPLICATE  # type: ignore[attr-defined]
    done_for(office)
    said = run(DANA, *how)
    assert (said.exit_code, OLDER in said.output) == (0, True)


def test_what_was_decided_before_addresses_were_noted_is_known_by_its_decision(run: Run, office: Office) -> None:
    done_for(office)
    from_before_addresses_were_noted(office)
    said = run(DANA, "--by", "Lea")
    assert (said.exit_code, OLDER in said.output) == (0, False)
    assert run(DANA, "--by", "Lea").output.endswith("Nothing was kept since.\n")
