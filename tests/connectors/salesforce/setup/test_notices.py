"""What the admin is told before anything is made, and what only people can do."""

from __future__ import annotations

import pytest

from tests.connectors.salesforce.setup.conftest import USER, Admin


def said(admin: Admin, **choices: str) -> dict[str, str]:
    return {one.what: one.mend for one in admin.notices(**{"user": USER, **choices})}


def about(admin: Admin, words: str, **choices: str) -> list[str]:
    return [what for what in said(admin, **choices) if words in what]


def test_that_the_admins_token_is_used_and_not_stored_is_said_first(admin: Admin) -> None:
    first = next(iter(said(admin)))
    assert first == "the token of this setup may do all that you may do; it is used now and not stored"


def test_a_user_who_may_change_all_data_is_warned_of(admin: Admin) -> None:
    assert about(admin, "may change all data", user="ada@acme.example") == [
        "ada@acme.example may change all data by the profile System Administrator, so that no permission set holds "
        "Deskhand back"]
    assert about(admin, "may change all data") == []


def test_a_user_with_a_paid_licence_is_warned_of(admin: Admin) -> None:
    admin.rules.load({"package": None, "users": [{"Name": "Bo", "Email": "bo@acme.example"}]}, admin.time())
    assert about(admin, "takes a licence", user="bo@acme.example") == [
        "bo@acme.example takes a licence Salesforce, and can sign in to Salesforce's pages"]


@pytest.mark.parametrize(("sender", "verified", "words"), [
    ("", True, "SALESFORCE_SENDER is not set, so Deskhand hands over instead of replying; the org has "
               "help@acme.example"),
    ("other@acme.example", True, "SALESFORCE_SENDER is other@acme.example, and the org has no such org-wide address"),
    ("Help@acme.example", False, "the org-wide address Help@acme.example is not verified, so that no reply can be sent "
                                 "from it"),
    ("Help@acme.example", True, None),
])
def test_an_address_that_no_reply_can_be_sent_from_is_said(admin: Admin, sender: str, verified: bool,
                                                           words: str | None) -> None:
    admin.keep({"SALESFORCE_SENDER": sender})
    for row in admin.org.tables["OrgWideEmailAddress"].values():
        row["IsVerified"] = verified
    assert about(admin, "SALESFORCE_SENDER") + about(admin, "org-wide address Help") == ([words] if words else [])


def test_that_nobody_can_see_the_component_is_said_until_somebody_can(admin: Admin) -> None:
    assert len(about(admin, "nobody has Deskhand_Agent")) == 1
    admin.run()
    admin.rules.control("grant", {"user": "ada@acme.example", "permission_set": "Deskhand_Admin"}, admin.time())
    assert about(admin, "nobody has Deskhand_Agent") == []


def test_what_must_be_clicked_is_said_with_the_clicks(admin: Admin) -> None:
    mends = " ".join(said(admin).values())
    assert "Lightning App Builder open Deskhand Case, choose Activation" in mends
    assert "Allow access to OAuth consumer secrets via Metadata API" in mends


def test_without_apex_it_is_said_what_is_heard_later(admin: Admin) -> None:
    assert len(about(admin, "without Apex Deskhand hears", apex="no")) == 1
    assert about(admin, "component shows", apex="no") == []


def test_for_the_crm_alone_nothing_is_said_of_cases(admin: Admin) -> None:
    assert len(said(admin, desk="no")) == 1
