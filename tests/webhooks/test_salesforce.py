"""Only what our Salesforce org signed lately is let in; an outbound message is no more than a wake for one case."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webhooks.org import CASE, NOW, ORG, Sent, pem
from webhooks.delivered import NotThem, NotYet, Unreadable
from webhooks.inbox import Event
from webhooks.salesforce import SalesforceDoor, salesforce_door
from webhooks.signed import SignedOrg

TOKEN = "t" * 40
EVENT = {"event_id": Sent().id, "org_id": ORG, "case_id": CASE, "kind": "email_received",
         "occurred_at": "2026-11-21T03:59:58Z"}
OTHER_CASE = "5005e000001WXYZAA4"


def sent(body: Any = EVENT, **more: Any) -> Sent:
    return Sent(body=body if isinstance(body, bytes) else json.dumps(body).encode(), **more)


def read(one: Sent, *, now: datetime = NOW, certificates: tuple[str, ...] = (pem(),), **headers: str) -> Event:
    door = SalesforceDoor(SignedOrg(ORG, certificates))
    return door.event(one.body, {**one.headers, **headers}, now)


def test_a_signed_event_is_read_and_nothing_but_ids_and_a_time_is_kept_of_it() -> None:
    one = sent({**EVENT, "subject": "refund me"})
    assert read(one) == Event(
        delivery_id=Sent().id, kind="case.email_received", ticket_id=CASE,
        occurred_at=datetime(2026, 11, 21, 3, 59, 58, tzinfo=UTC), sha256=sha256(one.body).digest(), account=ORG,
        vendor="salesforce")


def test_a_retry_is_signed_anew_and_names_the_same_event() -> None:
    first, again = sent(), sent(at=NOW + timedelta(minutes=8))
    assert first.headers["X-Deskhand-Signature"] != again.headers["X-Deskhand-Signature"]
    assert read(first).delivery_id == read(again, now=NOW + timedelta(minutes=8)).delivery_id


@pytest.mark.parametrize(("seconds", "passes"), [(-301, False), (-300, True), (-299, True), (0, True), (299, True),
                                                  (300, True), (301, False)])
def test_only_what_was_signed_within_five_minutes_counts(seconds: int, passes: bool) -> None:
    one = sent(at=NOW + timedelta(seconds=seconds))
    if passes:
        assert read(one).ticket_id == CASE
        return
    with pytest.raises(NotThem, match="five minutes"):
        read(one)


def test_during_a_rotation_both_certificates_count_and_no_third() -> None:
    both = (pem() + pem("next"),)
    assert read(sent(), certificates=both) == read(sent(by="next"), certificates=both)
    with pytest.raises(NotThem, match="signature"):
        read(sent(by="third"), certificates=both)
    with pytest.raises(NotThem, match="signature"):
        read(sent(), certificates=())


def test_what_a_certificate_that_is_being_made_signs_is_to_be_told_again() -> None:
    changing = (f"changing,{pem()}",)
    assert read(sent(), certificates=changing).ticket_id == CASE
    with pytest.raises(NotYet):
        read(sent(by="next"), certificates=changing)
    with pytest.raises(NotThem, match="another org"):
        read(sent(by="next", org="00D5e000000OTHRAA4"), certificates=changing)


def test_a_certificate_in_a_file_is_taken_as_the_file_stands(tmp_path: Path) -> None:
    file = tmp_path / "org.pem"
    file.write_text(pem())
    assert read(sent(), certificates=(str(file),)).ticket_id == CASE
    file.write_text(pem("next"))
    assert read(sent(by="next"), certificates=(str(file),)).ticket_id == CASE
    with pytest.raises(NotThem, match="signature"):
        read(sent(), certificates=(str(file),))
    file.unlink()
    with pytest.raises(NotYet):
        read(sent(by="next"), certificates=(str(file),))


@pytest.mark.parametrize("other", [
    {"org": "00D5e000000OTHRAA4"}, {"case": OTHER_CASE}, {"case": "-"}, {"id": "3f0c9d2e-0000-4000-8000-000000000002"},
    {"method": "PUT"}, {"path": "/api/ticket/run"}])
def test_a_signature_of_something_else_does_not_count_here(other: dict[str, str]) -> None:
    """Signed by the org, and yet for another org, case, event, method or address than what comes with it."""
    with pytest.raises(NotThem):
        read(sent(**other))


@pytest.mark.parametrize("name", ["Timestamp", "Id", "Org", "User", "Case", "Signature"])
def test_each_header_is_needed_and_none_may_be_changed(name: str) -> None:
    for changed in ("", " ", "x", "-", "v1=", sent().headers[f"X-Deskhand-{name}"] + " "):
        if changed == sent().headers[f"X-Deskhand-{name}"]:
            continue
        with pytest.raises(NotThem):
            read(sent(), **{f"X-Deskhand-{name}": changed})


def test_no_mutation_of_a_signed_event_is_let_in() -> None:
    """Each byte of body and signature, and random ones of every header."""
    one, chance = sent(), random.Random(6)
    door = SalesforceDoor(SignedOrg(ORG, (pem(),)))
    signature = base64.b64decode(one.headers["X-Deskhand-Signature"][3:])
    forged = [(one.body[:at] + bytes([one.body[at] ^ 1 << chance.randrange(8)]) + one.body[at + 1:], one.headers)
              for at in range(len(one.body))]
    for at in range(len(signature)):
        bad = signature[:at] + bytes([signature[at] ^ 1 << chance.randrange(8)]) + signature[at + 1:]
        forged.append((one.body, {**one.headers, "X-Deskhand-Signature": "v1=" + base64.b64encode(bad).decode()}))
    for name, value in one.headers.items():
        for _ in range(100 if name.startswith("X-Deskhand") else 0):
            at = chance.randrange(len(value))
            bad_value = value[:at] + chance.choice("0Az-=+/ \n.é") + value[at + 1:]
            forged.append((one.body, {**one.headers, name: bad_value}) if bad_value != value else (b"", one.headers))
    let_in = 0
    for body, headers in forged:
        try:
            door.event(body, headers, NOW)
            let_in += 1
        except NotThem:
            pass
    assert (len(forged) > 900, let_in) == (True, 0)


@pytest.mark.parametrize("body", [
    b"", b"[]", b"null", b"{", b"\xff", {**EVENT, "kind": "Case; drop"}, {**EVENT, "case_id": 500},
    {**EVENT, "occurred_at": "yesterday"}, {k: v for k, v in EVENT.items() if k != "kind"}, b"[" * 100_000])
def test_what_is_signed_and_yet_no_event_is_told_so(body: Any) -> None:
    with pytest.raises(Unreadable):
        read(sent(body))


@pytest.mark.parametrize("other", [{"event_id": "3f0c9d2e-0000-4000-8000-00000000000f"}, {"case_id": OTHER_CASE},
                                   {"org_id": "00D5e000000OTHRAA4"}])
def test_body_and_headers_are_about_the_same(other: dict[str, str]) -> None:
    with pytest.raises(NotThem, match="something else"):
        read(sent({**EVENT, **other}))


class Kept:
    """Stands for the inbox."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def keep(self, event: Event, now: datetime) -> str:
        seen = event.delivery_id in {one.delivery_id for one in self.events}
        self.events += [] if seen else [event]
        return "seen" if seen else "kept"


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def client(kept: Kept) -> FlaskClient:
    app = Flask("door")
    door = SalesforceDoor(SignedOrg(ORG, (pem(),)), (TOKEN, "u" * 40))
    app.register_blueprint(salesforce_door(door, kept, lambda: NOW))  # type: ignore[arg-type]
    return app.test_client()


def test_the_door_answers_by_status(client: FlaskClient, kept: Kept) -> None:
    def post(one: Sent, body: bytes | None = None) -> int:
        answer = client.post("/webhooks/salesforce", data=one.body if body is None else body, headers=one.headers)
        return answer.status_code

    assert [post(sent()), post(sent()), post(sent(by="third")), post(sent(b"no")), post(sent(b" " * 300_000))] \
        == [202, 200, 401, 400, 413]
    assert post(sent({"deskhand": "test"})) == 200
    assert post(sent(), b"{}") == 401
    assert len(kept.events) == 1


def test_a_query_behind_the_address_is_not_signed_and_changes_nothing(client: FlaskClient, kept: Kept) -> None:
    answer = client.post("/webhooks/salesforce?kind=x", data=sent().body, headers=sent().headers)
    assert (answer.status_code, len(kept.events)) == (202, 1)


MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>
<notifications xmlns="http://soap.sforce.com/2005/09/outbound">
<OrganizationId>{org}</OrganizationId><ActionId>04k5e000000ABCDAA4</ActionId><SessionId xsi:nil="true"/>
<EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/66.0/00D5e000000DHsk</EnterpriseUrl>
<PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/66.0/00D5e000000DHsk</PartnerUrl>{notifications}
</notifications></soapenv:Body></soapenv:Envelope>"""
ONE = """<Notification><Id>{id}</Id><sObject xsi:type="sf:{kind}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
<sf:Id>{record}</sf:Id>{more}</sObject></Notification>"""


def notification(n: int = 1, kind: str = "Case", record: str = CASE[:15], more: str = "") -> str:
    return ONE.format(id=f"04l5e00000000{n:02d}", kind=kind, record=record, more=more)


def message(*notifications: str, org: str = ORG[:15]) -> bytes:
    return MESSAGE.format(org=org, notifications="".join(notifications or (notification(),))).encode()


def soap(client: FlaskClient, body: bytes, token: str = TOKEN) -> Any:
    return client.post(f"/webhooks/salesforce/{token}", data=body, content_type="text/xml; charset=UTF-8")


def test_an_outbound_message_wakes_its_cases_once_and_is_acknowledged(client: FlaskClient, kept: Kept) -> None:
    three = message(notification(1), notification(2, "CaseComment", "00a5e000001ABCDAA4", f"<sf:ParentId>{OTHER_CASE}"
                                                  "</sf:ParentId>"),
                    notification(3, "EmailMessage", "02s5e000001ABCDAA4", f"<sf:ParentId>{CASE}</sf:ParentId>"))
    first, again = soap(client, three), soap(client, three, "u" * 40)
    assert [(one.ticket_id, one.kind) for one in kept.events] == [
        (CASE, "case.case_message"), (OTHER_CASE, "case.casecomment_message"), (CASE, "case.emailmessage_message")]
    for answer in (first, again):
        assert (answer.status_code, answer.mimetype) == (200, "text/xml")
        assert b"<Ack>true</Ack>" in answer.data


def test_a_mail_that_is_of_no_case_keeps_back_no_other_notification(client: FlaskClient, kept: Kept) -> None:
    """Every notification of a message that is not acknowledged comes again, for a day."""
    mail = notification(1, "EmailMessage", "02s5e000001ABCDAA4")
    assert soap(client, message(mail, notification(2))).status_code == 200
    assert soap(client, message(mail)).status_code == 200
    assert [one.ticket_id for one in kept.events] == [CASE]


@pytest.mark.parametrize(("body", "status"), [
    (message(org="00D5e000000OTHR"), 401), (b"<a/>", 400), (b"", 400), (b"{}", 400), (b"\xff\xfe", 400),
    (message(notification(1, record="0035e000001ABCD")), 400), (message(notification(1, kind="User")), 400),
    (message(*(notification(n % 100) for n in range(101))), 400),
    (b'<!DOCTYPE a [<!ENTITY b "bb">]>' + message()[38:], 400),
    (message(notification(1, more="<!-- x -->")), 400),
    (b"<a>" * 50_000, 400)])
def test_what_is_no_message_of_our_org_wakes_nothing(client: FlaskClient, kept: Kept, body: bytes,
                                                     status: int) -> None:
    assert (soap(client, body).status_code, kept.events) == (status, [])


@pytest.mark.parametrize("token", ["x" * 40, TOKEN[:-1], TOKEN + "t", TOKEN.upper(), "%00", "é" * 20])
def test_another_address_than_the_orgs_own_is_refused(client: FlaskClient, kept: Kept, token: str) -> None:
    assert (soap(client, message(), token).status_code, kept.events) == (401, [])


def test_without_a_token_no_outbound_message_is_taken() -> None:
    door = SalesforceDoor(SignedOrg(ORG, (pem(),)))
    for token in ("", TOKEN):
        with pytest.raises(NotThem):
            door.wakes(token, message())


def test_no_part_of_what_is_signed_reaches_into_another() -> None:
    """One signed text cannot be cut differently: a newline in any part is refused before the signature counts."""
    one = replace(sent(), id="3f0c9d2e-0000\n00D5e000000DHskEAG")
    with pytest.raises(NotThem, match="format"):
        read(one)


