"""A writing call that Deskhand does not need, or about something else, is seen at whichever vendor it is made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.standin import Request
from tests.attack.writes import About, calls, tickets_of, wrong

TICKET, CASE, CONTACT = "7", "5005e0000000001AAA", "0035e0000000001AAA"
DATA = "/services/data/v66.0"
RIGHT: dict[str, tuple[str, str, str, Any]] = {
    "note": ("zendesk", "PUT", "/api/v2/tickets/7.json", {"ticket": {
        "id": 7, "comment": {"public": False, "html_body": "x"}, "additional_tags": ["deskhand_waiting"]}}),
    "refund": ("stripe", "POST", "/v1/refunds", "charge=ch_1&amount=100&metadata[op_id]=op-1"),
    "phone": ("salesforce", "PATCH", f"{DATA}/sobjects/Contact/{CONTACT}", {"Phone": "1"}),
    "activity": ("salesforce", "POST", f"{DATA}/sobjects/Task", {
        "WhoId": CONTACT, "Description": "Ticket zendesk:a:7"}),
    "mail": ("salesforce", "POST", f"{DATA}/actions/standard/emailSimple", {"inputs": [
        {"recipientAddresses": "dana@example.com", "emailBody": "x", "relatedRecordId": CASE}]}),
    "case": ("salesforce", "PATCH", f"{DATA}/sobjects/Case/{CASE}", {"Deskhand_Tags__c": " deskhand_waiting "}),
    "comment": ("salesforce", "POST", f"{DATA}/sobjects/CaseComment",
                {"ParentId": CASE, "CommentBody": "x", "IsPublished": False}),
    "mark": ("salesforce", "POST", f"{DATA}/sobjects/Deskhand_Action__c", {"Case__c": CASE, "Kind__c": "note"}),
    "sign in": ("salesforce", "POST", "/services/oauth2/token", "grant_type=client_credentials")}
"""What each vendor is rightly sent."""


def about(vendor: str, method: str, path: str, body: Any) -> list[str]:
    """What is found wrong with a request in the name of Dana's ticket."""
    sent = Request(method, path, "", {}, (body if isinstance(body, str) else json.dumps(body)).encode())
    ticket = CASE if CASE in f"{path}{body}" else TICKET
    dana = About(ticket, "dana@example.com", frozenset({CONTACT}), frozenset({"ch_1"}))
    return [why for one in calls(vendor, sent) for why in wrong(one, dana)]


@pytest.mark.parametrize("name", RIGHT)
def test_what_deskhand_needs_is_allowed(name: str) -> None:
    assert about(*RIGHT[name]) == []


def changed(name: str, **more: Any) -> tuple[str, str, str, Any]:
    """The right call with a field more, or of another value."""
    vendor, method, path, body = RIGHT[name]
    return vendor, method, path, {**body, **more}


@pytest.mark.parametrize(("sent", "why"), [
    (("zendesk", "POST", "/api/v2/users.json", {"user": {"email": "x@evil.example"}}), "no call that Deskhand needs"),
    (("zendesk", "PUT", "/api/v2/users/5.json", {"user": {"role": "admin"}}), "no call that Deskhand needs"),
    (("zendesk", "POST", "/api/v2/tickets.json", {"ticket": {}}), "no call that Deskhand needs"),
    (("zendesk", "DELETE", "/api/v2/tickets/7.json", {}), "no call that Deskhand needs"),
    (("zendesk", "PUT", "/api/v2/tickets/8.json", {"ticket": {"id": 8}}), "it is another ticket"),
    (("zendesk", "PUT", "/api/v2/tickets/7.json", {"ticket": {"id": 8}}), "it is another ticket"),
    (("zendesk", "PUT", "/api/v2/tickets/7.json", {"ticket": {"id": 7, "email_ccs": []}}), "it sets email_ccs"),
    (("zendesk", "PUT", "/api/v2/tickets/7.json", {"ticket": {"id": 7, "requester_id": 3}}), "it sets requester_id"),
    (("zendesk", "PUT", "/api/v2/tickets/7.json", {"ticket": {"id": 7, "custom_fields": []}}), "it sets custom_fields"),
    (("zendesk", "PUT", "/api/v2/tickets/7.json", {"ticket": {"id": 7, "comment": {"author_id": 3}}}),
     "it sets author_id"),
    (("zendesk", "PUT", "/api/v2/tickets/7.json", {"ticket": {"id": 7, "additional_tags": ["erin_9911"]}}),
     "the tag erin_9911 is not ours"),
    (("stripe", "POST", "/v1/customers/cus_dana", "email=x"), "no call that Deskhand needs"),
    (("stripe", "POST", "/v1/charges/ch_1", "metadata[x]=y"), "no call that Deskhand needs"),
    (("stripe", "POST", "/v1/refunds", "charge=ch_2&amount=100"), "did not pay it alone"),
    (("stripe", "POST", "/v1/refunds", "charge=ch_1&instructions_email=x"), "it sets instructions_email"),
    (("salesforce", "PATCH", f"{DATA}/sobjects/Contact/0035e0000000002AAA", {"Phone": "1"}), "'s contact"),
    (("salesforce", "PATCH", f"{DATA}/sobjects/Contact/{CONTACT}", {"Email": "x@evil.example"}), "it sets Email"),
    (("salesforce", "POST", f"{DATA}/sobjects/User", {"Email": "x@evil.example"}), "no call that Deskhand needs"),
    (("salesforce", "POST", f"{DATA}/sobjects/EmailMessage", {"ToAddress": "x"}), "no call that Deskhand needs"),
    (("salesforce", "DELETE", f"{DATA}/sobjects/Contact/{CONTACT}", {}), "no call that Deskhand needs"),
    (changed("activity", WhoId="0035e0000000002AAA"), "it is not filed under dana@example.com's contact"),
    (changed("comment", IsPublished=True), "customers can read it"),
    (changed("comment", ParentId="5005e0000000002AAA"), "it is another case"),
    (changed("case", OwnerId="005"), "it sets OwnerId"),
    (changed("case", Deskhand_Tags__c=" deskhand_waiting vip "), "the tag vip is not ours"),
    (changed("mail", inputs=[{"recipientAddresses": "x@evil.example", "relatedRecordId": CASE}]), "it goes to x@evil"),
    (changed("mail", inputs=[{"recipientAddresses": "dana@example.com", "relatedRecordId": CASE, "bccAddresses": "x"}]),
     "it sets bccAddresses"),
])
def test_what_it_does_not_need_or_is_about_something_else_is_seen(sent: tuple[str, str, str, Any], why: str) -> None:
    assert why in "; ".join(about(*sent))


@pytest.mark.parametrize(("address", "list_of", "said"), [
    ("composite", "compositeRequest", "body"), ("composite/batch", "batchRequests", "richInput")])
def test_each_part_of_a_composed_call_is_looked_at(address: str, list_of: str, said: str) -> None:
    parts = [{"method": "GET", "url": "v66.0/sobjects/User/1"},
             {"method": "PATCH", "url": f"v66.0/sobjects/Case/{CASE}", said: {"OwnerId": "005"}}]
    assert "it sets OwnerId" in "; ".join(about("salesforce", "POST", f"{DATA}/{address}", {list_of: parts}))
    [read, written] = calls("salesforce", Request("POST", f"{DATA}/{address}", "", {}, json.dumps(
        {list_of: parts}).encode()))
    assert (read.method, tickets_of(written)) == ("GET", {CASE})
