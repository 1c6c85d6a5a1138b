"""What people wrote is named by a key of the installation: nobody counts a number out of an id or a digest."""

from __future__ import annotations

import re

from sqlalchemy import Engine, text

from agent import erasing
from agent.audit import export, heads, seal_chain
from agent.database import Database
from agent.vault import Vault
from connectors.contract import digest
from tests.journeys.conftest import on_both
from tests.journeys.office import DANA, SECRET, Office, refund
from tests.journeys.test_erased_attacked import person_of, rows
from tests.journeys.test_undo import kept, moved, undo

NEXT = "another secret for tests that is long enough"
HASH = re.compile(r"[0-9a-f]{16,}")


def exported(office: Office) -> str:
    lines: list[bytes] = []
    with office.engine.begin() as c:
        seal_chain(c)
        export.write(c, lines.append, deskhand="1.0", now=office.clock(), part=export.part(c),
                     signing=heads.Signing(office.vault.token("export")))
    return b"".join(lines).decode()


def changed(office: Office) -> None:
    """The secret, as by `deskhand rotate secret-key`: both count, keys are wrapped anew, the new one counts alone."""
    for secret in (f"{NEXT},{SECRET}", NEXT):
        office.vault = Vault(secret)
        office.vault.prepare(office.engine)
        office.desk = office._desk()
        with office.engine.begin() as c:
            office.vault.rewrap(c)


def lived(engine: Engine) -> Office:
    """A phone number was changed and changed back, a refund waits for a yes, and its customer was erased."""
    office = Office(engine)
    moved(office)
    undo(office)
    office.planner.always = lambda case: {"actions": [refund("c2", quote="refund the second one")]}
    office.double_charge(9000)
    office.handle("I was charged twice, refund the second one. My number is +49 30 5550117.")
    erasing.erase(office.desk, person_of(office), "Lea", DANA)
    return office


def test_no_number_of_an_erased_person_can_be_counted_out_of_an_operations_name(office: Office) -> None:
    ticket = moved(office)
    erasing.erase(office.desk, person_of(office), "Lea", DANA)
    with office.engine.begin() as c:
        told = c.execute(text("select operation_id, public ->> 'target' as contact from audit where kind = "
                              "'operation.done' and public ->> 'action' = 'contact_change'")).one()
    guessed = (f"+49 30 {number}" for number in range(7_654_000, 7_655_000))
    assert [one for one in guessed if told.operation_id == "op-" + digest(
        [office.ref(ticket), "contact_change", told.contact, {"phone": one}, 1])[:24]] == []


def test_nothing_that_is_kept_or_exported_is_the_same_for_the_same_words_in_another_installation(
        database: Database, own_database: Database) -> None:
    """What two that were told the same have alike, whoever guesses the words can work out: only what nobody said."""
    ours, theirs = lived(database.engine), lived(own_database.engine)
    said_by_nobody = {ours.policy.digest, "0" * 64}
    for told in (rows, exported):
        assert len(set(HASH.findall(told(ours)))) > 20
        assert set(HASH.findall(told(ours))) & set(HASH.findall(told(theirs))) <= said_by_nobody


@on_both
def test_what_is_under_way_while_the_secret_is_changed_is_found_under_its_name(office: Office) -> None:
    office.double_charge()
    office.planner.always = lambda case: {"actions": [refund("c2", quote="refund the second one")]}  # type: ignore[attr-defined]
    office.fault("stripe", "timeout_after", "POST", "/refunds")
    office.fault("stripe", "500_before", "GET", "/refunds", times=10_000)
    ticket = office.handle()
    (begun,) = kept(office, "refund")
    assert begun.state == "unknown"
    changed(office)
    office.doors["stripe"].faults.clear()
    office.settle()

    (done,) = kept(office, "refund")
    assert (done.id, done.state, office.refunded()) == (begun.id, "done", {"usd": 1800})
    assert len(office.notes(ticket)) == len(office.replies(ticket)) == 1


@on_both
def test_the_same_ask_after_the_secret_was_changed_is_the_same(office: Office) -> None:
    office.charge(5000)
    office.policy = office.policy_with(claims_proven=False)
    office.planner.always = lambda case: {"actions": [refund(  # type: ignore[attr-defined]
        "c1", amount="5.00", claim="goodwill", quote="5 back")]}
    ticket = office.handle("Could I get 5 back for the scratched box?")
    (done,) = kept(office, "refund")
    changed(office)
    office.customer_answers(ticket, "Are there any news of the 5 back?")
    office.settle()

    assert office.refunded() == {"usd": 500}
    assert office.desk.ledger.operation_id(office.ref(ticket), done.action) == done.id
