"""The stand-in's model of the package tells Deskhand of every change that people make, whatever goes wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

from connectors.standin import Delivery, Door, SandboxClock
from scripts.control import AskedFault, Control
from tests.connectors.salesforce.acme import NOW, Org, sub
from tests.connectors.salesforce.standin_desk import happens, service_desk, writes

HOME = "http://127.0.0.1:8080"
ACK = (b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse'
       b' xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body>'
       b"</soapenv:Envelope>")


def desk(**package: Any) -> Org:
    return service_desk(package={"named_credential": HOME, **package})


def taken(delivery: Delivery) -> int | None:
    return 202


def pump(org: Org, answer: Callable[[Delivery], int | None] = taken) -> list[dict[str, Any]]:
    """Delivers what is due now until nothing is; the bodies in the order they came."""
    seen = []
    while made := org.rules.due(org.time()):
        for delivery in made:
            seen.append(json.loads(delivery.body))
            org.rules.settled(delivery, answer(delivery), org.time())
    return seen


def live(org: Org, hours: float, answer: Callable[[Delivery], int | None]) -> list[dict[str, Any]]:
    """Lets time pass minute by minute."""
    seen = []
    for _ in range(int(hours * 60)):
        seen += pump(org, answer)
        org.time.on(minutes=1)
    return seen


def statuses(org: Org) -> Counter[str]:
    return Counter(row["Status__c"] for row in org.rules.books()["outbox"])


def test_what_people_do_is_told_with_ids_only_and_our_own_writes_are_not() -> None:
    org = desk()
    case = writes(org)
    happens(org, "agent_comments", case=case, agent="mia@acme.example", body="Secret words")
    happens(org, "agent_edits", case=case, agent="mia@acme.example", status="Working")
    happens(org, "agent_edits", case=case, agent="mia@acme.example", priority="High")
    org.composite(sub("PATCH", "/sobjects/Case/" + case, {"Status": "Closed"}),
                  sub("POST", "/sobjects/CaseComment", {"ParentId": case, "CommentBody": "Ours"}))
    kept = org.rules.books()["outbox"]
    assert [row["Kind__c"] for row in kept] == ["case_created", "email_received", "case_comment_added", "case_updated"]
    assert pump(org) == [{"event_id": kept[-1]["Event_Id__c"], "org_id": "00D5e000000DHskEAG", "case_id": case,
                          "kind": "case_updated", "occurred_at": "2026-11-21T04:00:00.000Z"}]
    assert statuses(org) == {"Sent": 4}


def test_each_case_is_called_for_once_and_its_events_wait_together() -> None:
    org = desk()
    first, second = writes(org), writes(org)
    told = pump(org, lambda delivery: 503 if first.encode() in delivery.body else 202)
    assert [one["case_id"] for one in told] == [first, second]
    assert Counter((row["Case_Id__c"], row["Status__c"]) for row in org.rules.books()["outbox"]) == {
        (first, "Waiting"): 2, (second, "Sent"): 2}


def test_an_event_that_was_tried_before_does_not_stand_for_a_new_one() -> None:
    """Deskhand kept the first and its answer was lost; a second wake under the same id would be none."""
    org = desk()
    case = writes(org)
    [first] = pump(org, lambda delivery: None)
    org.time.on(seconds=45)
    happens(org, "agent_comments", case=case, agent="mia@acme.example", body="Look again, please")
    org.time.on(seconds=45)
    [second] = pump(org)
    assert (first["kind"], second["kind"]) == ("email_received", "case_comment_added")
    assert statuses(org) == {"Sent": 3}


def test_a_call_is_signed_over_nine_lines_with_the_orgs_certificate() -> None:
    org = desk()
    case = writes(org)
    [delivery] = org.rules.due(NOW)
    assert delivery.url == HOME + "/webhooks/salesforce"
    headers = delivery.sign(NOW + timedelta(seconds=7))
    text = "\n".join(["deskhand-v1", "POST", "/webhooks/salesforce", str(int(NOW.timestamp()) + 7), delivery.id,
                      "00D5e000000DHskEAG", "-", case, hashlib.sha256(delivery.body).hexdigest()])
    key = load_pem_x509_certificate(happens(org, "certificate")["certificate"].encode()).public_key()
    assert isinstance(key, RSAPublicKey)
    version, _, signature = headers["X-Deskhand-Signature"].partition("=")
    key.verify(base64.b64decode(signature), text.encode(), PKCS1v15(), SHA256())
    assert (version, headers["X-Deskhand-Id"], headers["X-Deskhand-Org"], headers["X-Deskhand-Case"],
            headers["X-Deskhand-User"]) == ("v1", delivery.id, "00D5e000000DHskEAG", case, "-")


def test_a_renewed_certificate_is_another_one() -> None:
    org = desk()
    old = happens(org, "certificate")["certificate"]
    assert happens(org, "certificate") == {"certificate": old}
    assert happens(org, "certificate", renew=True)["certificate"] != old


def test_two_hundred_cases_of_one_load_are_all_told() -> None:
    org = desk()
    cases = happens(org, "bulk_cases", count=200)["cases"]
    told = pump(org)
    assert sorted(t["case_id"] for t in told) == sorted(cases)
    assert statuses(org) == {"Sent": 200}


def test_a_job_calls_at_most_fifty_times_and_one_after_the_other() -> None:
    org = desk()
    happens(org, "bulk_cases", count=60)
    calls = 0
    while len(made := org.rules.due(NOW)) == 1 and calls < 50:
        org.rules.settled(made[0], 202, NOW)
        calls += 1
    assert (calls, statuses(org)) == (50, {"Sent": 50, "Waiting": 10})


def test_three_failures_in_a_row_end_a_job_which_comes_again_after_growing_pauses() -> None:
    org, tries = desk(), []
    happens(org, "bulk_cases", count=5)

    def away(delivery: Delivery) -> int | None:
        tries.append(int((org.time() - NOW).total_seconds() // 60))
        return None

    live(org, 0.5, away)
    assert sorted(Counter(tries).items()) == [(0, 3), (1, 3), (3, 3), (7, 3), (15, 3), (25, 3)]


def test_what_was_not_taken_waits_for_the_sweep_and_is_given_up_after_a_day() -> None:
    org = desk()
    writes(org)
    live(org, 25.5, lambda delivery: 503)
    assert statuses(org) == {"Failed": 2}
    assert {row["Last_Error__c"] for row in org.rules.books()["outbox"]} == {"HTTP 503"}


def test_a_deskhand_that_comes_back_hears_everything_under_the_same_ids() -> None:
    org = desk()
    first = writes(org)
    lost = live(org, 3, lambda delivery: None)
    second = writes(org)
    told = live(org, 1.5, taken)
    assert {t["event_id"] for t in lost} <= {t["event_id"] for t in told}
    assert {t["case_id"] for t in told} == {first, second}
    assert statuses(org) == {"Sent": 4}


@pytest.mark.parametrize(("broken", "told"), [
    ("subscriber_user", None), ("credential_access", "System.CalloutException: We couldn't access the credential(s)."),
    ("certificate", "System.SecurityException: Certificate not found: Deskhand_Signing")])
def test_with_a_step_of_the_setup_left_out_nothing_arrives_and_only_the_row_says_why(
        broken: str, told: str | None) -> None:
    org = desk(**{broken: False})
    case = writes(org)
    assert live(org, 2, taken) == []
    assert statuses(org) == {"Waiting": 2}
    errors = [row["Last_Error__c"] for row in org.rules.books()["outbox"]]
    assert all((error or "").startswith(told) if told else error is None for error in errors)
    happens(org, "package", **{broken: True})
    assert {t["case_id"] for t in live(org, 1.1, taken)} == {case}


def test_without_the_hourly_job_what_a_dead_sender_left_is_told_with_the_next_event_only() -> None:
    org = desk(scheduled=False)
    first = writes(org, channel="web")
    live(org, 1, lambda delivery: None)
    assert live(org, 3, taken) == []
    second = writes(org, channel="web")
    assert {t["case_id"] for t in pump(org)} == {first, second}


def test_calls_are_lost_doubled_late_or_die_as_asked() -> None:
    org = desk()
    for plan in ({"lost": True}, {"times": 3}, {"delay": 30}, {"crash": True}):
        happens(org, "next_deliveries", **plan)
    cases = [writes(org, channel="web") for _ in range(5)]
    first = pump(org)
    assert [t["case_id"] for t in first] == [cases[1]] * 3
    org.time.on(seconds=30)
    assert [t["case_id"] for t in pump(org)] == [cases[2]]
    told = live(org, 0.1, taken)
    assert cases[0] in {t["case_id"] for t in told}
    assert {cases[3], cases[4]} <= {t["case_id"] for t in told}


@pytest.mark.parametrize(("kind", "came"), [("dup_event", 2), ("lost_event", 0), ("reorder", 0)])
def test_the_sandboxs_faults_of_events_fall_on_the_next_call(kind: str, came: int) -> None:
    org = desk()
    control = Control({"salesforce": Door(org.rules, org.time)}, SandboxClock(), {})
    control.fault(AskedFault(vendor="salesforce", kind=kind))
    first = writes(org, channel="web")
    assert [t["case_id"] for t in pump(org)] == [first] * came
    second = writes(org, channel="web")
    assert [t["case_id"] for t in pump(org)] == [second]
    org.time.on(seconds=2)
    assert len(pump(org)) == (kind == "reorder")


def test_a_lost_call_counts_as_sent_and_never_comes_again() -> None:
    org = desk()
    happens(org, "next_deliveries", lost=True)
    writes(org, channel="web")
    assert live(org, 25, taken) == []
    assert statuses(org) == {"Sent": 1}


def test_what_a_transaction_took_back_is_not_told() -> None:
    org = desk()
    happens(org, "add_flow", object="EmailMessage", field="Incoming", do="fail")
    with pytest.raises(Exception, match="failed"):
        writes(org)
    assert (pump(org), org.rules.books()["tickets"], org.rules.books()["outbox"]) == ([], {}, [])


def test_without_an_address_nothing_is_sent_and_everything_waits() -> None:
    org = service_desk()
    writes(org)
    assert (pump(org), statuses(org)) == ([], {"Waiting": 2})


def test_the_components_call_names_the_running_user() -> None:
    org = desk()
    case = writes(org)
    given = happens(org, "signs", method="POST", path="/api/approvals/17", body="{}", user="mia@acme.example",
                    case=case)
    assert given["headers"]["X-Deskhand-User"] == given["user"]
    assert given["user"].startswith("005")
    assert given["headers"]["X-Deskhand-Case"] == case


def outbound() -> Org:
    return service_desk(package=False, users=[], desk={"outbound_messages": [
        {"object": "Case", "url": HOME + "/webhooks/salesforce/token", "fields": ["Id", "CaseNumber", "Subject"]}]})


def test_an_outbound_message_is_soap_with_the_rows_as_they_stand_now() -> None:
    org = outbound()
    case = writes(org, subject="First <&>", channel="web")
    happens(org, "agent_edits", case=case, subject="Newest <&>")
    [delivery] = org.rules.due(org.time())
    assert delivery.url.endswith("/webhooks/salesforce/token")
    told = delivery.body.decode()
    assert re.findall("<OrganizationId>(.*)</OrganizationId>", told) == ["00D5e000000DHskEAG"]
    assert re.findall("<sf:Subject>(.*)</sf:Subject>", told) == ["Newest &lt;&amp;&gt;"] * 2
    ids = re.findall(r"<Notification>\s*<Id>(\w{18})</Id>", told)
    assert len(set(ids)) == 2
    assert all(id.startswith("04l") for id in ids)


@pytest.mark.parametrize(("status", "answer"), [(200, b"OK"), (500, ACK), (None, b"")])
def test_an_outbound_message_comes_again_until_it_is_acknowledged(status: int | None, answer: bytes) -> None:
    org = outbound()
    writes(org, channel="web")
    [delivery] = org.rules.due(org.time())
    delivery.answer = answer
    org.rules.settled(delivery, status, org.time())
    assert org.rules.due(org.time()) == []
    org.time.on(seconds=15)
    [again] = org.rules.due(org.time())
    assert again.body == delivery.body
    again.answer = ACK
    org.rules.settled(again, 200, org.time())
    org.time.on(hours=3)
    assert org.rules.due(org.time()) == []


def test_an_outbound_message_is_dropped_after_a_day() -> None:
    org = outbound()
    writes(org, channel="web")
    tries = 0
    for _ in range(26 * 60):
        for delivery in org.rules.due(org.time()):
            tries += 1
            org.rules.settled(delivery, None, org.time())
        org.time.on(minutes=1)
    assert (org.rules.state.messages, 24 < tries < 40) == ([], True)
