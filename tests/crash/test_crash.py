"""What `scripts/crash` compares with can fail: every kind of wrong book is found, and named."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from agent.database import Database
from scripts.processes import Process
from tests.crash import __main__ as command
from tests.crash import alone
from tests.crash.books import Compared, Due, Ticket, compare
from tests.crash.lives import HELPDESKS, KINDS, Life, life
from tests.crash.running import UNDER_WAY, Postgres, Stuck, came_to
from tests.figures import Figures
from tests.journeys.office import Office
from tests.journeys.test_unlogged import LOGS, twice

Json = dict[str, Any]

OLD, NEW = "+1 212 555 0000", "+1 212 555 0002"
TICKETS = (
    Ticket("zendesk", "1", "ann@customer.example", Due({"ch_ann": 1825}, notes=1, replies=1, activities=1), OLD, "Ann"),
    Ticket("salesforce", "500A", "bob@customer.example", Due(notes=1, replies=1, activities=1, phone=NEW), OLD, "Bob"),
    Ticket("zendesk", "2", "cat@customer.example", Due(), OLD, "Cat"),
)
REFUNDED, CHANGED = "refunded USD 18.25 (re_1, succeeded, charge ch_ann)", f"changed the contact's phone to “{NEW}”"


def said(note: str, reply: str) -> Json:
    return {"notes": [{"body": f"Deskhand: {note}"}], "replies": [{"body": reply, "notified": True}]}


BOOKS: Json = {
    "stripe": {"refunds": [{"id": "re_1", "charge": "ch_ann", "amount": 1825, "status": "succeeded"}]},
    "zendesk": {"tickets": {"1": said(REFUNDED, "Hello Ann, we have sent USD 18.25 back."),
                            "2": {"notes": [], "replies": []}}},
    "salesforce": {
        "tickets": {"500A": said(CHANGED, f"Hello Bob, we have changed your phone number to {NEW}.")},
        "contacts": {"003A": {"Id": "003A", "Email": "ann@customer.example", "Phone": OLD},
                     "003B": {"Id": "003B", "Email": "bob@customer.example", "Phone": NEW},
                     "003C": {"Id": "003C", "Email": "cat@customer.example", "Phone": OLD}},
        "activities": [{"WhoId": "003A", "Subject": REFUNDED}, {"WhoId": "003B", "Subject": CHANGED}],
    },
}


def compared(wrong: Callable[[Json], object]) -> Compared:
    books = json.loads(json.dumps(BOOKS))
    wrong(books)
    return compare(TICKETS, books)


def test_books_in_which_everything_stands_once_have_no_difference() -> None:
    found = compare(TICKETS, BOOKS)
    assert (found.same, found.tickets, found.asked, found.cents_due, found.cents_paid) == (True, 3, 2, 1825, 1825)


def refunded(books: Json, **more: Any) -> None:
    books["stripe"]["refunds"].append({**books["stripe"]["refunds"][0], "id": "re_2", **more})


def again(books: Json, helpdesk: str, ticket: str, what: str) -> None:
    books[helpdesk]["tickets"][ticket][what] *= 2


WRONG: dict[str, tuple[Callable[[Json], object], str]] = {
    "a refund is missing": (
        lambda b: b["stripe"]["refunds"].clear(),
        "lost: zendesk ticket 1: the refund of 1825 cents on ch_ann is missing"),
    "a refund failed": (
        lambda b: b["stripe"]["refunds"][0].update(status="failed"),
        "lost: zendesk ticket 1: the refund of 1825 cents on ch_ann is missing"),
    "a refund is there twice": (
        refunded, "doubled: zendesk ticket 1: 2 refunds on ch_ann"),
    "a refund is a cent too much": (
        lambda b: b["stripe"]["refunds"][0].update(amount=1826),
        "beyond: zendesk ticket 1: refund re_1 on ch_ann is 1826 cents, not 1825"),
    "a charge is refunded that nobody asked for": (
        lambda b: refunded(b, charge="ch_other"),
        "beyond: refund re_2 of 1825 cents on ch_other, for which nothing was due"),
    "a reply is there twice": (
        lambda b: again(b, "zendesk", "1", "replies"), "doubled: zendesk ticket 1: 2 replies, not 1"),
    "a note is there twice": (
        lambda b: again(b, "salesforce", "500A", "notes"), "doubled: salesforce ticket 500A: 2 notes, not 1"),
    "a reply is missing": (
        lambda b: b["salesforce"]["tickets"]["500A"].update(replies=[]),
        "lost: salesforce ticket 500A: 0 replies, not 1"),
    "a reply reached nobody": (
        lambda b: b["zendesk"]["tickets"]["1"]["replies"][0].update(notified=False),
        "lost: zendesk ticket 1: the customer was not told"),
    "an activity is there twice": (
        lambda b: b["salesforce"]["activities"].append({"WhoId": "003A", "Subject": REFUNDED}),
        "doubled: zendesk ticket 1: 2 activities, not 1"),
    "a ticket that is not ours got a note": (
        lambda b: b["zendesk"]["tickets"]["2"].update(notes=[{"body": "a note"}]),
        "beyond: zendesk ticket 2: 1 notes, not 0"),
    "a new number was not written": (
        lambda b: b["salesforce"]["contacts"]["003B"].update(Phone=OLD),
        "lost: salesforce ticket 500A: the phone number is '+1 212 555 0000', not '+1 212 555 0002'"),
    "another customer's number was changed": (
        lambda b: b["salesforce"]["contacts"]["003C"].update(Phone=NEW),
        "beyond: zendesk ticket 2: the phone number is '+1 212 555 0002', not '+1 212 555 0000'"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_book_is_found_and_named(what: str) -> None:
    wrong, named = WRONG[what]
    found = compared(wrong)
    assert (found.differences(), found.same) == ([named], False)


ANNS_TEXTS = ["beyond: zendesk ticket 1: a reply is without 'USD 18.25'",
              "beyond: zendesk ticket 1: a reply is without 'Hello Ann,'"]
BOBS_TEXTS = [f"beyond: salesforce ticket 500A: a reply is without {NEW!r}",
              "beyond: salesforce ticket 500A: a reply is without 'Hello Bob,'"]


def exchanged(books: Json, what: str) -> None:
    ann, bob = books["zendesk"]["tickets"]["1"], books["salesforce"]["tickets"]["500A"]
    ann[what], bob[what] = bob[what], ann[what]


def test_two_customers_who_get_each_others_reply_are_found() -> None:
    """The counts alone would not tell."""
    assert compared(lambda books: exchanged(books, "replies")).differences() == [*ANNS_TEXTS, *BOBS_TEXTS]


@pytest.mark.parametrize(("before", "after"), [("Ann", "Bob"), ("18.25", "18.26")])
def test_a_reply_to_another_name_or_of_another_amount_is_found(before: str, after: str) -> None:
    def wrong(books: Json) -> None:
        reply = books["zendesk"]["tickets"]["1"]["replies"][0]
        reply["body"] = reply["body"].replace(before, after)

    [named] = compared(wrong).differences()
    assert f"a reply is without '{'Hello Ann,' if before == 'Ann' else 'USD 18.25'}'" in named


def test_two_exchanged_notes_or_activities_are_found() -> None:
    def wrong(books: Json) -> None:
        first, second = books["salesforce"]["activities"]
        first["WhoId"], second["WhoId"] = second["WhoId"], first["WhoId"]

    lacking = {"USD 18.25", "ch_ann", "re_1", NEW}
    for what, wrongly in (("note", lambda books: exchanged(books, "notes")), ("activity", wrong)):
        found = compared(wrongly).differences()
        assert {one.split("is without ")[1].strip("'") for one in found} == lacking
        assert all(f"a {what} " in one for one in found)


def test_two_wrongs_of_one_cent_that_cancel_out_are_still_found() -> None:
    """The sum alone would not tell."""
    tickets = [*TICKETS[:1], Ticket("zendesk", "2", "cat@customer.example", Due({"ch_cat": 100}), OLD, "Cat")]
    books = json.loads(json.dumps(BOOKS))
    books["stripe"]["refunds"][0]["amount"] = 1824
    refunded(books, charge="ch_cat", amount=101)
    found = compare(tickets, books)
    assert found.cents_due == found.cents_paid == 1925
    assert found.differences() == ["beyond: zendesk ticket 1: refund re_1 on ch_ann is 1824 cents, not 1825",
                                   "beyond: zendesk ticket 2: refund re_2 on ch_cat is 101 cents, not 100"]


def test_what_is_not_logged_yet_is_waited_for(database: Database) -> None:
    office = Office(database.engine)
    twice(office, then={"nothing_asked": True})
    office.fault_at(LOGS, "timeout_before")
    office.handle()
    assert office.states() == [("done", "")]
    assert under_way(office)
    office.settle()
    assert len(office.activities()) == 1
    assert not under_way(office)


def under_way(office: Office) -> list[str]:
    with office.engine.connect() as c:
        return [row.ref for row in c.execute(text(UNDER_WAY)) if "wake" not in row.ref]


def lives(count: int) -> list[Life]:
    return [life(number, seed=1) for number in range(1, count + 1)]


def test_a_life_follows_from_its_number_and_the_seed() -> None:
    assert lives(20) == lives(20)
    assert lives(20) != [life(number, seed=2) for number in range(1, 21)]


def test_every_kind_of_ticket_is_written_to_both_helpdesks() -> None:
    assert {(one.kind, one.helpdesk) for one in lives(500)} == {(kind, desk) for kind in KINDS for desk in HELPDESKS}


def test_no_two_lives_share_what_the_books_tell_them_apart_by() -> None:
    made = lives(500)
    assert len({one.email for one in made}) == len({one.again for one in made}) == 500
    assert len({one.first_name for one in made}) == len({one.new_phone for one in made}) == 500


def figures(**found: int) -> Figures:
    made = Figures("one process")
    for what, count in found.items():
        made.add(what, count, equal=0)
    made.also["differences"] = [f"{what}: zendesk ticket 7" for what, count in found.items() if count]
    return made


def test_a_lost_refund_makes_the_command_fail_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(command.PARTS, "alone", (lambda *_: figures(lost=1, doubled=0), "one process"))
    ran = CliRunner().invoke(command.crash, ["--only", "alone", "--quick"])
    assert (ran.exit_code, "one process: lost: zendesk ticket 7" in ran.stdout) == (1, True)


def test_as_json_it_prints_one_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(command.PARTS, "alone", (lambda *_: figures(lost=0), "one process"))
    ran = CliRunner().invoke(command.crash, ["--only", "alone", "--quick", "--json"])
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["ok"] is True


def test_a_part_that_cannot_go_on_makes_the_command_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(*_: object) -> Figures:
        raise Stuck("the database does not answer")

    monkeypatch.setitem(command.PARTS, "alone", (stuck, "one process"))
    ran = CliRunner().invoke(command.crash, ["--only", "alone", "--quick"])
    assert (ran.exit_code, "parts that could not go on to their end" in ran.stdout) == (1, True)


@pytest.mark.parametrize("wrong", [{"tickets": 9}, {"asked": 3}, {"cents_due": 0, "cents_paid": 0}], ids=str)
def test_a_run_in_which_too_little_was_asked_fails(wrong: dict[str, Any]) -> None:
    """Books with nothing in them are no success: nothing could be missing there."""
    def told(**numbers: Any) -> Figures:
        figures = Figures("one process")
        came_to(figures, Compared(**{"tickets": 12, "asked": 6, "cents_due": 900, "cents_paid": 900, **numbers}), [],
                tickets=10)
        return figures

    assert told().ok
    assert not told(**wrong).ok


def a_process(folder: Path, program: str) -> Process:
    process = Process("one", [], folder, {})
    process.running = subprocess.Popen([sys.executable, "-c", program])  # noqa: S603 - our own program
    return process


def test_only_who_lived_until_then_counts_as_killed(tmp_path: Path) -> None:
    alive, over = a_process(tmp_path, "import time; time.sleep(60)"), a_process(tmp_path, "raise SystemExit(3)")
    assert over.running is not None
    over.running.wait(30)
    assert (alone.dead(alive), alone.dead(over), alone.dead(Process("one", [], tmp_path, {}))) == (True, False, False)


def test_a_database_that_was_not_there_is_not_killed(tmp_path: Path) -> None:
    """The kill is then in vain, whatever else died."""
    installed: Any = SimpleNamespace(
        serve=SimpleNamespace(running=None, start=lambda: None, kill=lambda: None), postgres=Postgres(tmp_path),
        until_ready=lambda: None, check=lambda: None, ask=lambda sql: None)
    load: Any = SimpleNamespace(acknowledged=9, check=lambda: None)
    killing = alone.Killing(installed, load, 1.0, Random(1))
    killing.ways = [("with its database", killing._everything)]
    killing._by = SimpleNamespace(random=lambda: 0.0)  # type: ignore[assignment]
    killing.once(0)
    assert (killing.killed.total(), killing.in_vain) == (0, 1)


@pytest.mark.parametrize(("killed", "ok"), [
    ({"while it worked": 8, "while it started": 2}, True), ({"while it worked": 6, "while it started": 4}, False),
    ({"while it worked": 10}, False), ({"while it worked": 7, "while it started": 2}, False)], ids=str)
def test_kills_show_something_when_most_of_them_meet_somebody_at_work(killed: dict[str, int], ok: bool) -> None:
    figures = Figures("one process")
    alone.told(figures, killed, 10, {"while it worked", "while it started"})
    assert figures.ok == ok
