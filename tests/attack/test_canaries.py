"""The search for planted secrets can find them, and card numbers that vendors' records hold go no further."""

from __future__ import annotations

import copy
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests

from agent.database import Database
from scripts.homes import Seat
from tests.attack import canaries_acts
from tests.attack.canaries_house import House, house
from tests.attack.canaries_planted import CODE, SETTINGS, Canary, Drawing, Search, marks, planted
from tests.attack.canaries_presses import LEAST, Presses
from tests.journeys.office import DANA, WORLD, refund
from tests.webhooks.opened import LEO, OpenOffice

CARD = "4539 1488 0343 6467"
CANARIES = planted(3)


@pytest.mark.parametrize("name", CANARIES)
def test_each_is_found_in_every_writing_and_nowhere_else(name: str) -> None:
    search = Search([CANARIES[name]])
    for form in CANARIES[name].forms():
        assert search.of(b"it failed with " + form + b" at 9") == {name}
    others = b" ".join(form for other, one in CANARIES.items() if other != name for form in one.forms())
    assert search.of(others) == set()


@pytest.mark.parametrize(("said", "names"), [
    ("Hello Zebulonia, We have sent USD 18.00", {"first name"}), ("zebulonia quarkwitz", {"name", "first name",
                                                                                         "last name"}),
    ("Quarkwitz, Zebulonia", {"first name", "last name"}), ("MR. QUARKWITZ", {"last name"}),
    ("+493055512987", {"number"}), ("(030) 555-129.87", {"number"}), ("030/55512987", {"number"}),
    ("ZEBULONIA.Q@Customer.Example", {"first name", "address"}), ("The Tortoise is called hannibal", {"later words"})])
def test_a_person_is_found_by_a_part_and_in_small_letters_too(said: str, names: set[str]) -> None:
    found = Search(marks()).of(f"it failed with {said} at 9".encode())
    assert found == {f"{name} of a person" for name in names}
    wide = said.encode("utf-16-le") if names & {"first name", "last name"} else said.encode()
    assert Search(marks()).of(b"\0" + wide) & found


@pytest.mark.parametrize("one", marks(), ids=lambda one: one.name)
def test_a_persons_mark_is_found_in_every_writing(one: Canary) -> None:
    for form in one.forms():
        assert one.name in Search([one]).of(b"it failed with " + form + b" at 9")
    assert Search([one]).of(b"Hello Zeb, we have 30555 of 12987 at 49") == set()


def test_a_security_code_is_found_where_it_is_called_one() -> None:
    search = Search([])
    assert search.of(f"my cvv is {CODE}".encode()) == set()
    assert search.of(f"CVV: {CODE}".encode()) == {"security code"}
    assert search.of(f"took {CODE} ms".encode()) == set()
    assert search.of(f"cvv {CODE}".encode(), text=False) == set()


def test_the_same_seed_plants_the_same_and_enough() -> None:
    assert planted(3) == planted(3) != planted(4)
    assert len(planted(3)) >= 20
    assert all(CANARIES[name].value.startswith(begins) for name, begins in SETTINGS.items())
    assert len(Drawing(1).card()) == 16


NOTED: Any = copy.deepcopy(WORLD)
NOTED["salesforce"]["contacts"] = [
    {"FirstName": "Dana", "LastName": f"Customer {CARD}", "Email": DANA, "Phone": CARD, "MobilePhone": CARD}]


@pytest.mark.parametrize("helpdesk", ["zendesk", "salesforce"])
def test_a_card_number_in_a_vendors_record_reaches_neither_the_model_nor_a_colleague(
        database: Database, helpdesk: str) -> None:
    """Somebody noted it in Stripe's description and order number, in the CRM's phone field and its name."""
    office = OpenOffice(database.engine, helpdesk=helpdesk, world=NOTED)
    for _ in range(2):
        office.charge(9000, description=f"Card {CARD}", order=CARD.replace(" ", ""))
    office.script({"actions": [refund("c2", claim="goodwill", quote="my money back")]})
    ticket = office.handle("I would like my money back")
    case = office.planner.cases[-1].model_dump_json()  # type: ignore[attr-defined]
    state = json.dumps(office.seat(LEO).state())
    for shown in (case, state):
        assert "[card ending in 6467]" in shown
    for shown in (case, state, *office.notes(ticket), *office.replies(ticket)):
        assert CARD not in shown
        assert CARD.replace(" ", "") not in shown


WRONG_VERSION = """
from agent.consent import approval
decline = approval.decline
def leaking(desk, wait, digest, by, reason):
    logging.getLogger("agent.consent").warning("declined: %s", reason)
    with desk.ledger.begin() as c:
        from agent import audit
        audit.record(c, kind="wait.lesson", ticket=None, operation=None, at=desk.now(), public={"reason": reason},
                     sealed=None)
    decline(desk, wait, digest, by, reason)
approval.decline = leaking
"""


def test_a_wrong_version_that_logs_and_keeps_the_reason_of_a_decline_is_found() -> None:
    """The reason goes to the log, which masks cards and knows no person, and into a row as it was typed."""
    with house(CANARIES, WRONG_VERSION) as opened:
        opened.start()
        presses = Presses(opened)
        presses.all(canaries_acts.pressable(opened), [])
        opened.app.stop()
        search = Search([CANARIES["card in decline reason"], *marks()])
        found = {f"{name} in {one.where}" for one in [*opened.columns(), *opened.files()]
                 for name in search.of(one.holds)}
    assert {kind: presses.taken[kind] >= least for kind, least in LEAST.items()} == dict.fromkeys(LEAST, True)
    assert {"decline words of a person in serve.log", "card in decline reason in table public.audit"} <= found


def test_a_press_that_is_refused_counts_for_nothing() -> None:
    def refused(*_: Any, **__: Any) -> Any:
        return SimpleNamespace(status_code=400, text="", json=dict)

    presses = Presses(cast(House, SimpleNamespace(asks=refused, quiet=lambda: None)))
    seat = Seat(requests.Session(), "", lambda method, path, body: {})
    assert not presses.press("decline", seat, "/api/approvals/1/decline", {})
    assert presses.taken["decline"] < LEAST["decline"]
