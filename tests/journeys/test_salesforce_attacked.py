"""Salesforce as the helpdesk, attacked: what customers, colleagues, flows and careless admins can do moves nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from connectors.contract import Key, NotFound, OutcomeUnknown, TicketUpdate
from tests.journeys.office import AGENT, DANA, Office, refund

TWICE = {"actions": [refund("c2", quote="please refund the second one")]}


@pytest.fixture
def office(engine: Engine) -> Office:
    office = Office(engine, helpdesk="salesforce")
    office.planner.always = (  # type: ignore[attr-defined]
        lambda case: TWICE if "charged twice" in case.asked() else {"nothing_asked": True})
    return office


def rows(office: Office, object: str) -> list[dict[str, Any]]:
    return list(office.salesforce.state.tables[object].values())


def user(office: Office, name: str) -> str:
    return next(str(one["Id"]) for one in rows(office, "User") if one["Name"] == name)


def receipt(office: Office, case: str, record: str, by: str = "Mia", key: str = f"op-{'a' * 24}.1") -> None:
    """A receipt as ours are, made by somebody else: an admin, or whoever was given the right to the object."""
    office.salesforce.state.insert("Deskhand_Action__c", {
        "Key__c": key, "Case__c": case, "Kind__c": "reply", "Digest__c": "0" * 64, "Record__c": record},
        user(office, by), office.clock())


def test_a_receipt_by_somebody_else_does_not_make_the_customers_mail_ours(office: Office) -> None:
    office.double_charge()
    case = office.writes()
    receipt(office, case, rows(office, "EmailMessage")[0]["Id"])
    office.event(case)
    office.run()
    assert office.refunded() == {"usd": 1800}


def test_a_receipt_by_somebody_else_does_not_hide_that_a_colleague_answered(office: Office) -> None:
    office.double_charge(4700)
    case = office.handle()
    office.clock.forward(minutes=5)
    mail = office.at_desk("agent_replies", ticket=case, agent=AGENT, body="I refund you by bank transfer.")["email"]
    receipt(office, case, mail)
    office.customer_answers(case, "yes")
    office.settle(hours=2)
    assert office.refunds() == []


def test_a_receipt_by_somebody_else_is_no_proof_of_our_note(office: Office) -> None:
    case, key = office.writes(), Key(operation=f"op-{'b' * 24}")
    receipt(office, case, "", key=str(key))
    note = TicketUpdate(ref=office.ref(case), about="a", text="Refunded.", public=False)
    helpdesk = office.desk.helpdesks["salesforce"]
    assert helpdesk.find(note, key) is None
    with pytest.raises(OutcomeUnknown):
        helpdesk.perform(note, key)
    assert office.notes(case) == []


def test_a_web_form_that_says_it_came_by_mail_is_no_mail(office: Office) -> None:
    """Whoever posts the form writes its fields, the origin and the address among them."""
    office.double_charge()
    case = office.handle(channel="web", fields={"Origin": "Email"})
    office.settle(hours=1)
    assert office.refunds() == []
    assert "did not come by e-mail" in office.notes(case)[0]


def test_what_a_web_form_said_is_not_lost_to_a_mail_that_came_before_it_was_read(office: Office) -> None:
    office.double_charge()
    case = office.writes(channel="web")
    office.clock.forward(minutes=20)
    office.writes("I forgot to say: it is urgent.", ticket=case)
    office.event(case)
    office.run()
    assert "charged twice" in office.planner.cases[-1].asked()  # type: ignore[attr-defined]
    assert "it is urgent" in office.planner.cases[-1].asked()  # type: ignore[attr-defined]


def test_what_a_colleague_wrote_down_is_not_the_customers_because_a_mail_came_later(office: Office) -> None:
    office.double_charge()
    office.happens("salesforce", "bulk_cases", agent=AGENT, count=1, fields={
        "Subject": "A call", "Origin": "Phone", "Description": "She says she was charged twice.",
        "ContactId": rows(office, "Contact")[0]["Id"]})
    case = rows(office, "Case")[0]["Id"]
    office.clock.forward(minutes=20)
    office.writes("Is there any news?", ticket=case)
    office.event(case)
    office.run()
    assert office.planner.cases[-1].asked() == "Is there any news?"  # type: ignore[attr-defined]
    assert office.refunds() == []


NOT_A_YES = {
    "quoted alone": "<div><img src='x'></div><blockquote>YES</blockquote>",
    "in an earlier answer that is quoted": "<p></p><blockquote type=cite><p>Acme wrote</p><blockquote>yes</blockquote>"
                                           "</blockquote>",
    "not displayed": "<p></p><div style='DISPLAY : none'>yes</div>",
    "of no size": "<p></p><span style='font-size:0px;color:white'>yes</span>",
    "hidden by an attribute": "<p></p><div hidden><p>yes</p></div>",
}


def answers_in_html(office: Office, case: str, page: str) -> None:
    office.clock.forward(minutes=5)
    office.writes("in HTML alone", ticket=case)
    mail = [one for one in rows(office, "EmailMessage") if one["Incoming"]][-1]
    office.salesforce.state.put("EmailMessage", {**mail, "TextBody": None, "HtmlBody": page})
    office.event(case)
    office.run()


@pytest.mark.parametrize("how", NOT_A_YES)
def test_a_yes_that_a_page_quotes_or_hides_is_none(office: Office, how: str) -> None:
    office.double_charge(4700)
    case = office.handle()
    answers_in_html(office, case, NOT_A_YES[how])
    office.settle(hours=1)
    assert office.refunds() == []


@pytest.mark.parametrize("page", [
    "<div>YES</div><blockquote>We are ready to send USD 47.00 back.<br>Please reply YES.</blockquote>",
    "<html><head><title>Re: A question</title><body><p>Yes<p><blockquote>Please reply YES.</blockquote>",
    "<p style='display:none'>preview</p><p>yes</p>"])
def test_a_yes_in_html_alone_is_one(office: Office, page: str) -> None:
    office.double_charge(4700)
    case = office.handle()
    answers_in_html(office, case, page)
    assert office.refunded() == {"usd": 4700}


def test_what_was_done_is_not_told_to_an_address_that_the_contact_got_meanwhile(office: Office) -> None:
    """The answer could not be sent at once, and then somebody wrote another address over the contact's."""
    office.double_charge()
    office.fault("salesforce", "500_before", "POST", "composite/batch", times=50)
    case = office.handle()
    contact = rows(office, "Contact")[0]["Id"]
    office.at_desk("edit", id=contact, fields={"Email": "mallory@evil.example"})
    office.doors["salesforce"].faults.clear()
    office.settle(hours=5)
    assert office.refunded() == {"usd": 1800}
    assert office.salesforce.state.sent == []
    assert "came from another address than the one they have by now" in office.notes(case)[-1]


def test_a_case_has_one_name(office: Office) -> None:
    """The last three characters of an id follow from the others; with other ones it is asked for in vain."""
    case = office.writes()
    helpdesk = office.desk.helpdesks["salesforce"]
    assert helpdesk.read(office.ref(case)).ticket.ref == office.ref(case)
    asked = len(office.calls())
    for other in (case[:15] + "ZZZ", case.lower(), case.upper(), case[:15]):
        if other != case:
            with pytest.raises(NotFound):
                helpdesk.read(office.ref(other))
    assert len(office.calls()) == asked


def test_a_case_that_was_merged_and_kept_is_left_alone(office: Office) -> None:
    office.double_charge()
    master, case = office.writes("Hello?"), office.writes()
    state = office.salesforce.state
    state.put("Case", {**state.tables["Case"][case], "MasterRecordId": master})
    office.event(case)
    office.run()
    assert (office.refunds(), office.states()) == ([], [("ignored", "merged")])


@pytest.mark.parametrize(("on", "stays"), [({"on": "create"}, False), ({}, True)])
def test_a_note_that_a_flow_publishes_is_taken_back_where_it_can_be(
        office: Office, caplog: pytest.LogCaptureFixture, on: dict[str, str], stays: bool) -> None:
    """What a portal showed meanwhile nobody can take back, so the log says it as an error, too."""
    office.double_charge()
    office.at_desk("add_flow", object="CaseComment", field="IsPublished", do="set", value=True, **on)
    office.handle()
    assert [one["IsPublished"] for one in rows(office, "CaseComment")] == [stays]
    assert "the org published an internal note of ours" in caplog.text
    assert office.states() == [("done", "")]


def test_a_mail_is_heard_of_and_is_the_customers_also_where_our_own_user_receives_mail(office: Office) -> None:
    """An admin chose the integration user as the automated case user, too."""
    helpdesk: Any = office.desk.helpdesks["salesforce"]
    office.salesforce.state.desk["automated_user"] = helpdesk.desk.ours()
    office.double_charge()
    case = office.writes()
    assert [(one["Kind__c"], one["Case_Id__c"]) for one in rows(office, "Deskhand_Outbox__c")] == [
        ("email_received", case)]
    office.event(case)
    office.run()
    assert office.refunded() == {"usd": 1800}


def test_a_yes_that_a_colleague_wrote_as_a_mail_of_the_customer_is_none(office: Office) -> None:
    """Whoever may edit a case can make a row that says that a mail came in."""
    office.double_charge(4700)
    case = office.handle()
    office.clock.forward(minutes=5)
    office.salesforce.state.insert("EmailMessage", {
        "ParentId": case, "Incoming": True, "Status": "0", "Subject": "Re: A question", "TextBody": "YES",
        "FromAddress": DANA, "ToAddress": "support@acme.example"}, user(office, "Mia"), office.clock())
    office.event(case)
    office.run()
    office.settle(hours=1)
    assert office.refunds() == []
    office.customer_answers(case, "yes")
    assert office.refunded() == {"usd": 4700}
