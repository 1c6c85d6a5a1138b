"""The rehearsal: what it does with a test key, what it refuses, what it leaves behind and what it writes down."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from connectors.standin import Fault
from scripts.cli import main
from scripts.doctor.page import Hiding
from scripts.doctor.rehearse import LOOK, Refused, Walk, facts_of, rehearse
from scripts.doctor.rehearsed import show_walk
from tests.scripts.doctor.clinic import Clinic

VENDORS = ("zendesk", "stripe", "salesforce", "openai")
CHARGE = "ch_ana_order"


@pytest.fixture
def clinic(clinic: Clinic) -> Clinic:
    """With tickets, and a test charge of 18 dollars that somebody made in the Dashboard."""
    clinic.rules["stripe"].load({"charges": [{
        "id": CHARGE, "customer": "cus_ana", "amount": 1800, "currency": "usd", "created": "-1h",
        "card": {"brand": "visa", "last4": "4242"}}]}, clinic.now)
    zendesk: Any = clinic.rules["zendesk"]
    for body in ("Hello?", "Are you there?"):
        zendesk.control("customer_writes", {"email": "ana@customer.example", "subject": "Hi", "body": body}, clinic.now)
    clinic.now += timedelta(minutes=5)
    return clinic


def walk(clinic: Clinic, **choices: str) -> Walk:
    with clinic.premises() as premises:
        return rehearse(premises, {"charge": CHARGE} | choices)


def tickets(clinic: Clinic) -> list[Any]:
    return [one for one in clinic.books("zendesk").tickets.values() if not one.deleted]


def test_one_dollar_goes_back_and_a_note_and_a_reply_are_read_back(clinic: Clinic) -> None:
    done = walk(clinic)
    assert [(act.vendor, act.name) for act in done.acts if not act.done] == []
    assert [act.name for act in done.acts] == [
        "connection", "connection", "test charge", "throwaway ticket", "refund", "internal note", "public reply",
        "reading the ticket", LOOK, LOOK, LOOK, LOOK, "tidy up", "tidy up"]
    assert [one["amount"] for one in clinic.rules["stripe"].books()["refunds"] if one["charge"] == CHARGE] == [100]
    said = {act.name: act.says for act in done.acts}
    assert said["refund"].startswith("USD 1.00 of ch_ana_order went back as re_")
    assert said["internal note"].startswith("it stands as internal comment ")
    assert said["public reply"].startswith("it stands as public comment ")


def test_the_throwaway_ticket_is_gone_afterwards_also_when_the_walk_fails(clinic: Clinic) -> None:
    before = len(tickets(clinic))
    clinic.doors["zendesk"].faults.append(Fault("500_before", "PUT", "tickets"))
    failed = walk(clinic)
    assert [act.name for act in failed.acts if not act.done] == ["internal note"]
    assert len(tickets(clinic)) == before


def test_a_running_deskhand_leaves_its_ticket_alone(clinic: Clinic) -> None:
    """Its requester is Deskhand's own user, and the look at such a ticket is silent."""
    walk(clinic)
    made = max(clinic.books("zendesk").tickets.values(), key=lambda one: one.id)
    assert clinic.books("zendesk").users[made.requester_id]["email"] == "deskhand@acme.example"
    assert "no_deskhand" in made.tags


def test_who_is_named_as_requester_is_mailed(clinic: Clinic) -> None:
    done = walk(clinic, requester="tester@acme.example")
    assert "and the requester was notified" in next(act.says for act in done.acts if act.name == "public reply")
    assert next(one.verdict for one in done.facts if one.id == "audit-holds-notification") == "true"


def test_each_open_sentence_is_told_with_its_verdict_and_written_into_the_audit(clinic: Clinic) -> None:
    done = walk(clinic)
    verdicts = {f"{one.vendor}.{one.id}": one.verdict for one in done.facts}
    assert {name: verdict for name, verdict in verdicts.items() if verdict != "not seen"} == {
        "zendesk.audits-bring-tickets": "true", "zendesk.custom-roles-readable": "true",
        "zendesk.export-page-size": "true", "zendesk.token-speaks-for-user": "true",
        "stripe.permission-judged-first": "true", "stripe.unknown-id-in-a-form": "true",
        "salesforce.field-definition-by-query": "true", "salesforce.history-by-contact-email": "true",
        "salesforce.token-for-my-domain": "true",
        "openai.max-completion-tokens": "true", "openai.request-id": "true"}
    with clinic.database.engine.connect() as c:
        [kept] = c.exec_driver_sql("select public from audit where kind = 'rehearsal.done'").scalars()
    assert kept["facts"] == verdicts
    assert "@" not in str(kept)


def test_a_sentence_that_is_wrong_here_is_told_so(clinic: Clinic) -> None:
    clinic.books("zendesk").audit_sideloads.remove("tickets")
    assert next(one.verdict for one in walk(clinic).facts if one.id == "audits-bring-tickets") == "false"


def test_a_key_that_may_make_no_charge_says_to_name_one(clinic: Clinic) -> None:
    with clinic.premises() as premises:
        done = rehearse(premises, {})
    [failed] = [act for act in done.acts if not act.done]
    assert failed.name == "test charge"
    assert "--charge ch_" in failed.says
    assert "internal note" in [act.name for act in done.acts]


def test_with_a_live_key_nothing_is_rehearsed(clinic: Clinic) -> None:
    stripe = clinic.books("stripe")
    stripe.keys["rk_live_sandbox"] = stripe.keys["rk_test_sandbox"]
    clinic.env["STRIPE_API_KEY"] = "rk_live_sandbox"
    before, calls = len(tickets(clinic)), len(clinic.doors["stripe"].calls)
    with pytest.raises(Refused, match="a LIVE one: nothing is rehearsed with real money"):
        walk(clinic)
    assert (len(tickets(clinic)), len(clinic.doors["stripe"].calls)) == (before, calls)


def test_beside_a_production_helpdesk_a_test_key_rehearses_on_its_own_ticket_and_on_no_other(clinic: Clinic) -> None:
    """A mix with which nothing else is ever executed."""
    del clinic.env["ZENDESK_SANDBOX"]
    before = {one.id: one.updated_at for one in tickets(clinic)}
    with clinic.premises() as premises:
        assert premises.helpdesks()["zendesk"].production
    assert walk(clinic).went_well()
    assert {one.id: one.updated_at for one in tickets(clinic)} == before


def test_while_everything_is_paused_nothing_is_rehearsed(clinic: Clinic) -> None:
    clinic.sql("insert into switches (action, paused, reason, by, at) values ('all', true, 'month end', 'Lea', :now)",
               now=clinic.now)
    with pytest.raises(Refused, match="by Lea: month end"):
        walk(clinic)


def test_without_complete_settings_nothing_is_rehearsed(clinic: Clinic) -> None:
    del clinic.env["ZENDESK_WEBHOOK_SECRET"]
    with pytest.raises(Refused, match="settings are not complete"):
        walk(clinic)


def test_people_read_what_was_tried_and_which_sentences_hold(clinic: Clinic) -> None:
    console = Console(width=110, record=True, file=io.StringIO())
    done = walk(clinic)
    show_walk(console, done, "", Hiding(clinic.env))
    said = console.export_text()
    assert "stripe refund: USD 1.00 of ch_ana_order went back as " in said
    assert "stripe: that a permission is judged before the object is looked up" in said
    assert f"The walk went well. Of {len(done.facts)} sentences 11 are so here, 0 are not and" in said
    assert said.index(" yes ") < said.index(" open ")


def test_a_refusal_is_said_and_ends_with_1(bare: Path) -> None:
    said = CliRunner().invoke(main, ["doctor", "--rehearse", "--json"], env={"DESKHAND_SECRET_KEY": ""})
    assert (said.exit_code, json.loads(said.output)["rehearsal"]["ok"]) == (1, False)
    assert CliRunner().invoke(main, ["doctor", "--charge", "ch_1"]).exit_code == 2


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_sentence_that_a_vendors_page_calls_open_is_a_fact_and_no_other(vendor: str) -> None:
    page = " ".join((Path(__file__).parents[3] / "connectors" / vendor / "README.md").read_text().split())
    _, _, part = page.partition("## Not verified on a real account")
    sentences = part.split(" · ") if " · " in part else re.split(r" - (?=[A-Z`])", part)[1:]
    sentences += re.findall(r"[^|;]*\(unverified\)", page)
    facts = [one["says"] for one in facts_of(vendor)]
    assert [one for one in sentences if not any(fact in one for fact in facts)] == []
    assert [fact for fact in facts if not any(fact in one for one in sentences)] == []


def test_ids_of_facts_differ_and_each_says_how() -> None:
    for vendor in VENDORS:
        facts = facts_of(vendor)
        assert len({one["id"] for one in facts}) == len(facts)
        assert all(one["how"] for one in facts)
