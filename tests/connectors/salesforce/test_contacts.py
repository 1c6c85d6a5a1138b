"""Finding the contacts under an address: complete, in one call, and unknown is never "none"."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import ContactField, Unavailable
from connectors.standin import Answer, Door, Lost, Request
from tests.connectors.salesforce.acme import ANNA, BEN, NOW, WORLD, counter


def test_a_contact_is_read_with_account_flags_and_history_in_one_call() -> None:
    at = counter(flags={"vip": "VIP__c"})
    (anna,) = at.records.contacts("anna@example.com")
    assert at.calls() == ["POST composite"]
    assert (anna.id, anna.name, anna.email) == (ANNA, "Anna Beck", "anna@example.com")
    assert (anna.account, anna.account_name) == ("0015e00000000ACAAY", "Acme & Söhne")
    assert anna.values[ContactField.PHONE] == "+49 30 1"
    assert anna.values[ContactField.OPT_OUT] is False
    assert anna.values[ContactField.STREET] is None
    assert anna.flags == {"vip"}
    assert (anna.unreadable, anna.flags_unreadable, anna.email_history_known) == (frozenset(), False, True)
    assert anna.modified_at == datetime(2026, 8, 23, 4, 0, tzinfo=UTC)


def test_the_case_of_an_address_does_not_matter() -> None:
    assert [c.id for c in counter().records.contacts(" ANNA@Example.COM ")] == [ANNA]


def test_the_last_change_of_the_address_is_told_from_history() -> None:
    (ben,) = counter().records.contacts("ben@example.com")
    assert ben.email_changed_at == datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
    assert ben.email_history_known


def test_of_several_changes_of_the_address_the_newest_counts() -> None:
    history = [{"Field": "Email", "NewValue": "many@example.com", "CreatedDate": day} for day in ("-40d", "-1d", "-9d")]
    world = {"contacts": [{"LastName": "Many", "Email": "many@example.com", "history": history}]}
    (many,) = counter(world).records.contacts("many@example.com")
    assert many.email_changed_at == datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def test_a_contact_found_by_a_looser_comparison_is_not_taken() -> None:
    class Loose(Door):
        """Compares without accents, as some databases do."""

        def answer(self, request: Request) -> Answer | Lost:
            accented = request.body.replace(b"%C3%A4", b"a")
            return super().answer(replace(request, body=accented))

    at = counter()
    at.door.__class__ = Loose
    assert at.records.contacts("änna@example.com") == ()


def test_an_address_is_as_old_as_its_contact_at_most() -> None:
    world = {"contacts": [{"LastName": "New", "Email": "new@example.com", "CreatedDate": "-2d"}]}
    (new,) = counter(world).records.contacts("new@example.com")
    assert new.email_changed_at == datetime(2026, 11, 19, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize("tracked", [None, ["Phone"]])
def test_no_history_rows_prove_nothing_where_the_address_is_not_tracked(tracked: list[str] | None) -> None:
    (anna,) = counter({"field_history": tracked}).records.contacts("anna@example.com")
    assert not anna.email_history_known


def test_nobody_found_is_an_empty_answer() -> None:
    assert counter().records.contacts("nobody@example.com") == ()


@pytest.mark.parametrize("email", [
    "x' OR Email LIKE '%", "x\\' OR Name != '", "anna@example.com'", "%", "", " ", "a\x00b@example.com", "\ud800@x.de",
    "a" * 200 + "@example.com", "anna@example.com\n"])
def test_an_address_cannot_widen_the_question(email: str) -> None:
    found = counter().records.contacts(email)
    assert [c.email for c in found] == (["anna@example.com"] if email == "anna@example.com\n" else [])


def test_a_name_with_a_quote_is_found() -> None:
    world = {"contacts": [{"LastName": "O'Hara", "Email": "o'hara@example.com"}]}
    (found,) = counter(world).records.contacts("o'hara@example.com")
    assert found.name == "O'Hara"


def test_several_contacts_under_one_address_are_all_told() -> None:
    twin = {"LastName": "Twin", "Email": "Anna@example.com", "CreatedDate": "-1d"}
    found = counter({"contacts": [*WORLD["contacts"], twin]}).records.contacts("anna@example.com")
    assert [c.name for c in found] == ["Anna Beck", "Twin"]


def test_a_field_that_cannot_be_read_is_named_as_unreadable() -> None:
    at = counter({"hidden_fields": ["Contact.Phone", "Contact.VIP__c"]}, flags={"vip": "VIP__c"})
    (anna,) = at.records.contacts("anna@example.com")
    assert anna.unreadable == {ContactField.PHONE}
    assert ContactField.PHONE not in anna.values
    assert anna.flags_unreadable
    assert at.calls() == ["POST composite"] * 3


def test_what_cannot_be_read_is_remembered_for_an_hour() -> None:
    at = counter({"hidden_fields": ["Contact.Phone"]})
    at.records.contacts("anna@example.com")
    at.door.calls.clear()
    at.records.contacts("anna@example.com")
    assert at.calls() == ["POST composite"]
    at.rules.control("hide_field", {"field": "Phone", "hidden": False}, NOW)
    at.time.on(hours=1, seconds=1)
    (anna,) = at.records.contacts("anna@example.com")
    assert anna.values[ContactField.PHONE] == "+49 30 1"


@pytest.mark.parametrize("world", [{"hidden_fields": ["Contact.Email"]}, {"encrypted_fields": ["Contact.Email"]}])
def test_an_address_that_cannot_be_searched_is_not_no_match(world: dict[str, Any]) -> None:
    with pytest.raises(Unavailable, match="Email cannot be read") as refusal:
        counter(world).records.contacts("anna@example.com")
    assert refusal.value.lasting


def test_contacts_that_may_not_be_read_are_not_no_match() -> None:
    world = {"clients": {"deskhand": {"secret": "s3cret", "permissions": ["Task:read"]}}}
    with pytest.raises(Unavailable, match="contacts cannot be read") as refusal:
        counter(world).records.contacts("anna@example.com")
    assert (refusal.value.reason, refusal.value.lasting) == ("contacts_unreadable", True)


def test_accounts_that_may_not_be_read_leave_the_contact_without_account_name() -> None:
    world = {"clients": {"deskhand": {"secret": "s3cret", "permissions": ["Contact:read", "Organization:read"]}}}
    (anna,) = counter(world).records.contacts("anna@example.com")
    assert (anna.id, anna.account, anna.account_name) == (ANNA, "0015e00000000ACAAY", None)


def test_a_flag_of_the_account_is_read_there() -> None:
    world = {"accounts": [{"Id": "0015e00000000ACAAY", "Name": "Acme", "Legal_Hold__c": True}]}
    (anna,) = counter(world, flags={"legal_hold": "Account.Legal_Hold__c"}).records.contacts("anna@example.com")
    assert anna.flags == {"legal_hold"}


def test_a_flag_field_that_does_not_exist_is_unknown_not_absent() -> None:
    (anna,) = counter(flags={"fraud": "Fraud__c"}).records.contacts("anna@example.com")
    assert (anna.flags, anna.flags_unreadable) == (frozenset(), True)
    (ben,) = counter(flags={"vip": "VIP__c"}).records.contacts("ben@example.com")
    assert (ben.id, ben.flags, ben.flags_unreadable) == (BEN, frozenset(), False)


@pytest.mark.parametrize(("organization", "production"), [
    ({}, True), ({"IsSandbox": True}, False), ({"OrganizationType": "Developer Edition"}, False)])
def test_the_org_tells_by_itself_whether_it_is_production(organization: dict[str, Any], production: bool) -> None:
    at = counter({"organization": organization})
    at.records.contacts("anna@example.com")
    assert at.records.production is production
    assert at.calls() == ["POST composite"]


def test_connecting_makes_no_call() -> None:
    assert counter().calls() == []
