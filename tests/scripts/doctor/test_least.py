"""Least privilege: with exactly what the vendor pages ask for everything works, and doctor names what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from connectors.stripe import CONNECTOR as STRIPE
from connectors.stripe.told import TOLD
from connectors.zendesk import CONNECTOR as ZENDESK
from tests.journeys.office import DANA, US, WORLD, Office, refund
from tests.scripts.doctor.clinic import MAY, RIGHTS, Clinic

LEAST: dict[str, Any] = {
    "zendesk": {**WORLD["zendesk"], "tokens": {},
                "oauth": {"least": {"email": US, "scopes": ["read", "tickets:write"]}}},
    "stripe": {**WORLD["stripe"], "keys": {"rk_test_desk": RIGHTS}},
    "salesforce": {**WORLD["salesforce"], "read_only_fields": ["Contact.Email"],
                   "clients": {"deskhand": {"secret": "salesforce-secret", "permissions": MAY}}},
}


@pytest.fixture
def least(engine: Engine) -> Office:
    """An office whose logins may do what our vendor pages ask for, and nothing more."""
    office = Office(engine, world=LEAST)
    settings = ZENDESK.settings.model_validate({"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_OAUTH_TOKEN": "least"})
    office.desk = replace(office.desk, helpdesks={"zendesk": ZENDESK.connect(settings, office.around)})
    return office


def test_with_the_documented_rights_a_double_charge_is_refunded_told_and_logged(least: Office) -> None:
    least.double_charge()
    least.planner.next = [{"actions": [refund("c2", quote="please refund the second one")]}]  # type: ignore[attr-defined]
    ticket = least.handle()
    assert least.refunded() == {"usd": 1800}
    assert (len(least.notes(ticket)), len(least.replies(ticket)), len(least.activities())) == (1, 1, 1)
    least.settle(hours=24 * 11)
    assert least.states()[0][0] == "done"


def test_with_the_documented_rights_a_phone_number_is_changed(least: Office) -> None:
    least.planner.next = [{"actions": [{"kind": "contact_change", "contact": "k1", "field": "phone",  # type: ignore[attr-defined]
                                        "value": "+49 30 7654321", "quote": "my new number is +49 30 7654321"}]}]
    least.handle("Hello, my new number is +49 30 7654321. Please change it.")
    [contact] = [one for one in least.salesforce.books()["contacts"].values() if one["Email"] == DANA]
    assert contact["Phone"] == "+49 30 7654321"


def test_with_the_documented_rights_lost_events_are_found(clinic: Clinic) -> None:
    """Zendesk's export answers to the scope `read` of an admin, Stripe's events to their own permission."""
    helpdesk = ZENDESK.connect(ZENDESK.settings.model_validate(clinic.env), clinic.around())
    begin, clinic.now = clinic.now - timedelta(hours=1), clinic.now + timedelta(minutes=5)
    assert len(helpdesk.changed_since(begin).tickets) == 1
    payments = STRIPE.connect(STRIPE.settings.model_validate(clinic.env), clinic.around())
    assert payments.happened_since(begin, TOLD) == ()


NAMES = {"charges": "Charges: Read", "customers": "Customers: Read", "refunds": "Refunds: Write",
          "disputes": "Disputes: Read", "invoices": "Invoices: Read", "subscriptions": "Subscriptions: Read",
          "events": "Events: Read", "account": "Account: Read"}


def test_every_permission_of_stripe_is_tried() -> None:
    assert NAMES.keys() == RIGHTS.keys()


@pytest.mark.parametrize("right", NAMES)
def test_a_permission_that_stripes_key_lacks_is_named(clinic: Clinic, right: str) -> None:
    del clinic.books("stripe").keys["rk_test_sandbox"].permissions[right]
    assert any(level == "red" and f"lacks the permission {NAMES[right]}" in says
               for level, _, says, _ in _of(clinic, "stripe"))


SALESFORCE: dict[str, tuple[str, str]] = {
    "Contact:read": ("red", "Contact: read"), "Account:read": ("yellow", "Account: read"),
    "Task:read": ("red", "Task: read"), "Contact:edit": ("red", "Contact: edit"),
    "Task:create": ("red", "Task: create"), "Organization:read": ("red", "org")}


def test_every_right_of_salesforce_is_tried() -> None:
    assert set(SALESFORCE) == set(MAY)


@pytest.mark.parametrize("right", SALESFORCE)
def test_a_right_that_salesforces_user_lacks_is_named(clinic: Clinic, right: str) -> None:
    [client] = clinic.books("salesforce").clients.values()
    client["permissions"] = [one for one in MAY if one != right]
    level, words = SALESFORCE[right]
    assert any(found == level and words in f"{check}: {says}" for found, check, says, _ in _of(clinic, "salesforce"))


@pytest.mark.parametrize("field", [
    "Contact.Name", "Contact.Email", "Contact.AccountId", "Contact.Phone", "Contact.MobilePhone", "Contact.FirstName",
    "Contact.LastName", "Contact.HasOptedOutOfEmail", "Contact.MailingStreet", "Contact.MailingCity",
    "Contact.MailingPostalCode", "Contact.MailingState", "Contact.MailingCountry", "Account.Name", "Task.WhoId",
    "Task.Subject", "Task.Description", "Task.Status", "Task.ActivityDate"])
def test_a_field_that_salesforces_user_cannot_see_is_named(clinic: Clinic, field: str) -> None:
    clinic.books("salesforce").hidden.add(field)
    assert any(field in says and "permission set" in mend for _, _, says, mend in _of(clinic, "salesforce"))


@pytest.mark.parametrize(("scopes", "says"), [
    (["tickets:write"], "required scopes: read"), (["read"], "lacks the scope tickets:write"),
    (["read", "write"], "scopes nobody needs: write")])
def test_a_scope_too_little_or_too_much_is_named(clinic: Clinic, scopes: list[str], says: str) -> None:
    for name in ("ZENDESK_OAUTH_CLIENT_ID", "ZENDESK_OAUTH_CLIENT_SECRET"):
        del clinic.env[name]
    clinic.env["ZENDESK_OAUTH_TOKEN"] = "other"
    clinic.books("zendesk").oauth["other"] = {"email": "deskhand@acme.example", "scopes": scopes, "id": 5}
    assert any(says in one[2] for one in _of(clinic, "zendesk")), _of(clinic, "zendesk")


def _of(clinic: Clinic, vendor: str) -> list[tuple[str, str, str, str]]:
    return clinic.wrong(only=vendor)
