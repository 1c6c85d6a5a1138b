"""A rehearsal's throwaway case: made with an admin's login, worked on with Deskhand's own, and gone at its end."""

from __future__ import annotations

import pytest

from connectors.contract import Key, Rejected, Surroundings, TicketUpdate, digest, operation_id
from connectors.parts import House, Seen
from connectors.salesforce import CONNECTOR
from connectors.salesforce.helpdesk import connect_helpdesk
from connectors.salesforce.rehearsal import SalesforceRehearsal
from connectors.salesforce.settings import SalesforceSettings
from tests.connectors.salesforce.setup.conftest import ORG, URL, USER, VERSION, Admin, standing


def settings(admin: Admin, *, watching: bool = True) -> SalesforceSettings:
    return SalesforceSettings.model_validate({**admin.env, **(admin.login if watching else {
        "SALESFORCE_DOMAIN": "acme"})})


def around(admin: Admin) -> Surroundings:
    return Surroundings(now=admin.time, sleep=lambda seconds: admin.time.on(seconds=seconds),
                        transports={"salesforce": admin.transport})


def rehearsal(admin: Admin, *, watching: bool = True, **choices: str) -> SalesforceRehearsal:
    made = SalesforceRehearsal(settings(admin, watching=watching), around(admin),
                               House(URL, VERSION, dict(admin.env), choices))
    assert CONNECTOR.rehearsal is SalesforceRehearsal
    return made


@pytest.fixture
def desk() -> Admin:
    admin = standing()
    admin.keep({"SALESFORCE_SENDER": "help@acme.example"})
    return admin


def works_on(admin: Admin, ref: str) -> None:
    """A note and a reply, as `deskhand doctor --rehearse` makes them."""
    helpdesk = connect_helpdesk(settings(admin), around(admin))
    assert helpdesk is not None
    for public in (False, True):
        admin.time.on(seconds=30)
        action = TicketUpdate(ref=ref, about=f"rehearsal:{public}", public=public, text="A rehearsal.")
        helpdesk.perform(action, Key(operation=operation_id(ref, action, digest)))


def test_the_case_bears_the_tags_that_a_running_deskhand_leaves_alone(desk: Admin) -> None:
    ref = rehearsal(desk).begin()
    [case] = desk.org.tables["Case"].values()
    assert ref == f"salesforce:{ORG}:{case['Id']}"
    assert case["Deskhand_Tags__c"].split() == ["deskhand_rehearsal", "no_deskhand"]
    assert case["SuppliedEmail"] == USER


def test_who_asks_may_be_chosen(desk: Admin) -> None:
    rehearsal(desk, requester="dana@example.com").begin()
    [case] = desk.org.tables["Case"].values()
    assert case["SuppliedEmail"] == "dana@example.com"


def test_what_note_and_reply_show_is_told(desk: Admin) -> None:
    tried = rehearsal(desk)
    ref = tried.begin()
    works_on(desk, ref)
    seen: dict[str, Seen] = {one.fact: one for one in tried.look(ref)}
    assert {fact: seen[fact].verdict for fact in (
        "comment-and-last-modified", "mail-logged-before-answer", "missing-reference-refuses", "consumer-key-of-ours",
        "certificate-made-by-the-org")} == {
        "comment-and-last-modified": "true", "mail-logged-before-answer": "true", "missing-reference-refuses": "true",
        "consumer-key-of-ours": "true", "certificate-made-by-the-org": "true"}


def test_nothing_of_it_is_left(desk: Admin) -> None:
    before = desk.books()
    tried = rehearsal(desk)
    ref = tried.begin()
    works_on(desk, ref)
    tried.end(ref)
    tried.end(ref)
    after = desk.books()
    assert {name: after["tables"].get(name, {}) for name in ("Case", "Deskhand_Action__c")} == {
        name: before["tables"].get(name, {}) for name in ("Case", "Deskhand_Action__c")}


def test_without_an_admins_login_it_says_what_to_give(desk: Admin) -> None:
    with pytest.raises(Rejected, match="SALESFORCE_ADMIN_TOKEN"):
        rehearsal(desk, watching=False).begin()


def test_a_crm_alone_needs_no_case(admin: Admin) -> None:
    admin.run(desk="no")
    assert rehearsal(admin, watching=False).begin() == ""
