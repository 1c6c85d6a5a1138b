"""The connectors that come with Deskhand keep what every connector must; so do their folders."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import (
    Action,
    ContactChange,
    ContactField,
    LogActivity,
    Money,
    Refund,
    Surroundings,
    TicketUpdate,
)
from connectors.mount import Mounted
from connectors.salesforce import CONNECTOR as SALESFORCE
from connectors.salesforce.standin import SalesforceRules
from connectors.standin import Door
from connectors.stripe import CONNECTOR as STRIPE
from connectors.stripe.standin import StripeRules
from connectors.zendesk import CONNECTOR as ZENDESK
from connectors.zendesk.standin import ZendeskRules
from scripts.sandbox import stand_ins
from tests.connectors.every import REF, Carry, EveryConnectorThatActs, EveryPayments, Vendor
from tests.connectors.salesforce.acme import ANNA, NOW, Time
from tests.connectors.salesforce.acme import WORLD as ORG
from tests.connectors.salesforce.service import service
from tests.journeys.office import DANA, WORLD
from webhooks.settings import connectors

FOLDERS = sorted(one.parent for one in (Path(__file__).parents[2] / "connectors").glob("*/README.md"))
HEADINGS = ["What we do there", "Least permission", "How we reach it", "Limits and quirks",
            "Not verified on a real account"]
OURS = ("agent", "webhooks", "scripts", "connectors.contract", "connectors.http", "connectors.money",
        "connectors.parts")


def plain(adapter: Any) -> Any:
    return adapter


def vendor(rules: Any, world: Any, of: Any, action: Action, carry: Carry, write: str, **settings: str) -> Vendor:
    time = Time()
    rules.load(world, NOW)
    door = Door(rules, time, wait=lambda seconds: None)
    around = Surroundings(now=time, sleep=lambda seconds: time.on(seconds=seconds),
                          transports={rules.name: carry(Mounted(door))})
    return Vendor(door, of.connect(of.settings.model_validate(settings), around), action, write)


class TestStripe(EveryPayments):
    def make(self, carry: Carry = plain) -> Vendor:
        charge = {"id": "ch_1", "customer": "cus_dana", "amount": 1800, "currency": "usd", "created": "-1h"}
        refund = Refund(charge="ch_1", money=Money(amount=1800, currency="USD"), reason="duplicate")
        return vendor(StripeRules(), {**WORLD["stripe"], "charges": [charge]}, STRIPE, refund, carry, "/v1/refunds",
                      STRIPE_API_KEY="rk_test_desk")


class TestZendesk(EveryConnectorThatActs):
    def make(self, carry: Carry = plain) -> Vendor:
        note = TicketUpdate(ref=REF, about="d1:note", text="A note.", public=False)
        rules = ZendeskRules()
        made = vendor(rules, WORLD["zendesk"], ZENDESK, note, carry, "/tickets/1", ZENDESK_SUBDOMAIN="acme",
                      ZENDESK_EMAIL="deskhand@acme.example", ZENDESK_API_TOKEN="zendesk-token")
        rules.control("customer_writes", {"email": DANA, "subject": "?", "body": "?", "channel": "email"}, NOW)
        return made


class OfSalesforce(EveryConnectorThatActs):
    action: Action
    before = 0

    def make(self, carry: Carry = plain) -> Vendor:
        made = vendor(SalesforceRules(), ORG, SALESFORCE, self.action, carry, "/composite", SALESFORCE_DOMAIN="acme",
                      SALESFORCE_CLIENT_ID="deskhand", SALESFORCE_CLIENT_SECRET="s3cret")
        made.before = self.before
        return made


class TestSalesforceContact(OfSalesforce):
    before = 1  # the contact is read by a POST, too (REST API, "Composite")
    action = ContactChange(contact=ANNA, changes={ContactField.PHONE: "+49 30 2"},
                           expected={ContactField.PHONE: "+49 30 1"})


class TestSalesforceActivity(OfSalesforce):
    action = LogActivity(contact=ANNA, about="op-" + "c" * 24, subject="Refunded", text="By rule r1.")


class OfCases(EveryConnectorThatActs):
    """As helpdesk. Each update stands on a look at the case, which is a composite, too."""

    public = False
    write = "/composite"
    before = 1

    def make(self, carry: Carry = plain) -> Vendor:
        made = service(carry=carry)
        words = {"text": "We refunded 18.00 EUR.", "public": self.public, "about": "d1:told"}
        action = TicketUpdate(ref=made.case(), **words)
        made.time.on(minutes=1)
        return Vendor(made.door, made.helpdesk, action, self.write, self.before)


class TestSalesforceNote(OfCases):
    pass


class TestSalesforceReply(OfCases):
    public = True
    write = "/batch"
    before = 0


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_folder_is_found_by_its_name_and_has_a_stand_in(folder: Path) -> None:
    assert folder.name in {connector.name for connector in connectors()}
    assert folder.name in stand_ins()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_readme_has_the_same_headings_in_the_same_order(folder: Path) -> None:
    found = [line.removeprefix("## ") for line in (folder / "README.md").read_text().splitlines()
             if line.startswith("## ")]
    assert [one for one in found if one in HEADINGS] == HEADINGS


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_stand_in_knows_the_product(folder: Path) -> None:
    files = [*folder.glob("standin/**/*.py"), *folder.glob("standin.py")]
    assert files
    assert [(file.name, name) for file in files for name in imported(file) if name.startswith(OURS)] == []


@pytest.mark.parametrize("connector", connectors(), ids=lambda connector: connector.name)
def test_every_setting_has_a_variable_and_no_secret_is_shown(connector: Any) -> None:
    for name, field in connector.settings.model_fields.items():
        if name in ("flags",):
            continue  # comes from deskhand.toml
        assert field.alias, f"{name} has no environment variable"
        assert field.alias == field.alias.upper()
        if field.alias.endswith(("_KEY", "_TOKEN", "_SECRET")):
            assert "SecretStr" in str(field.annotation), f"{field.alias} would be printed"


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
