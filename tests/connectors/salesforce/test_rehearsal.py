"""What a rehearsal asks the org of our open sentences, without writing anything."""

from __future__ import annotations

from connectors.contract import Surroundings
from connectors.mount import Mounted
from connectors.parts import House
from connectors.salesforce.rehearsal import SalesforceRehearsal
from scripts.doctor.rehearse import facts_of
from tests.connectors.salesforce.service import Service, service


def shown(at: Service, **settings: str | None) -> dict[str, str]:
    around = Surroundings(now=at.time, transports={"salesforce": Mounted(at.door)})
    chosen = at.helpdesk.desk.settings.model_copy(update=settings)
    part = SalesforceRehearsal(chosen, around, House("https://deskhand.example.com", "1"))
    return {one.fact: one.verdict for one in part.look("")}


def test_each_sentence_that_a_query_shows_is_tried_and_nothing_is_written() -> None:
    at = service()
    before = at.rules.books()
    told = shown(at)
    assert told.pop("frozen-readable") == "false"  # its run-as user may not manage users
    assert told == dict.fromkeys(told, "true")
    assert told.pop("token-for-my-domain") == "true"
    asked = {one["id"] for one in facts_of("salesforce") if one["how"].startswith("the quer")}
    assert {*told, "frozen-readable"} == asked
    assert at.rules.books() == before


def test_an_org_that_only_keeps_contacts_is_asked_about_contacts_alone() -> None:
    assert set(shown(service(), org_id=None)) == {
        "token-for-my-domain", "field-definition-by-query", "history-by-contact-email"}


def test_a_query_that_is_refused_shows_the_sentence_to_be_false() -> None:
    at = service()
    at.does("permit", client="deskhand", permissions=["Contact:read", "ContactHistory:read", "FieldDefinition:read"])
    assert shown(at)["anti-joins-on-case"] == "false"
