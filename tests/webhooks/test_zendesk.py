"""Only what this account's Zendesk signed lately is let in, and of that only ids and times are read."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from agent.database import Database
from agent.tables import events
from connectors.contract import digest
from tests.webhooks.signing import NOW, SECRET, signed
from webhooks.delivered import NotThem, Unreadable
from webhooks.inbox import Event, Inbox
from webhooks.zendesk import TEST_CALL, ZendeskDoor, verify, zendesk_door

Read = Callable[[str], Any]
BODY = b'{"ticket_id": "35", "event": "comment", "updated_at": "2026-11-21T03:59:59Z"}'
OTHER = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def accepted(headers: dict[str, str], body: bytes, *, secrets: tuple[str, ...] = (SECRET,),
             now: datetime = NOW) -> bool:
    try:
        verify(secrets, headers.get("X-Zendesk-Webhook-Signature-Timestamp", ""),
               headers.get("X-Zendesk-Webhook-Signature", ""), body, now)
    except NotThem:
        return False
    return True


def test_every_published_vector_ends_as_expected(shared_data: Read) -> None:
    vectors = shared_data("attacks/train_webhook_vectors.json")["zendesk"]
    ended = {}
    for vector in vectors:
        headers = {"X-Zendesk-Webhook-Signature-Timestamp": vector["ts"], "X-Zendesk-Webhook-Signature": vector["sig"]}
        ended[vector["name"]] = accepted(headers, vector["body"].encode(), secrets=(vector["secret"],))
    assert ended == {vector["name"]: vector["expect"] == "accept" for vector in vectors}
    assert sum(ended.values()) == 1


def read(body: bytes, *, account_id: int | None = None, **more: str) -> Event:
    return ZendeskDoor("acme", (SECRET,), account_id).event(body, signed(body, **more), NOW)


def test_a_delivery_as_documented_is_read(shared_data: Read) -> None:
    delivery = shared_data("zendesk/synthetic/webhook_delivery_ticket_comment_added.json")
    raw = delivery["request_body_raw"].encode()
    door = ZendeskDoor("acme", (delivery["secret"],), 10000001)
    event = door.event(raw, delivery["request_headers"], datetime(2026, 11, 21, 3, 58, 4, tzinfo=UTC))
    assert event == Event(
        delivery_id="7d1e0f7a-0000-4000-8000-000000000001", kind="ticket.comment_added", ticket_id="35",
        occurred_at=datetime(2026, 11, 21, 3, 58, tzinfo=UTC), sha256=sha256(raw).digest(), account="acme")


def test_a_recorded_delivery_is_verified_and_is_no_tickets(shared_data: Read) -> None:
    """Its timestamp is the moment of sending, eight minutes after the event's own time."""
    attempt = shared_data("zendesk/recorded/webhook_invocation_attempts.json")["body"]["attempts"][0]["request"]
    secret = shared_data("zendesk/recorded/webhook_signing_secret_get.json")["body"]["signing_secret"]["secret"]
    headers = {header["key"]: header["value"] for header in attempt["headers"]}
    with pytest.raises(Unreadable, match="not a ticket event"):
        ZendeskDoor("acme", (secret,)).event(attempt["payload"].encode(), headers,
                                             datetime(2023, 9, 18, 23, 38, 14, tzinfo=UTC))


@pytest.mark.parametrize(("age", "ok"), [(0, True), (299, True), (300, True), (301, False), (4 * 86400, False),
                                         (-299, True), (-300, True), (-301, False)])
def test_a_signature_holds_five_minutes_either_way(age: int, ok: bool) -> None:
    assert accepted(signed(BODY), BODY, now=NOW + timedelta(seconds=age)) is ok


@pytest.mark.parametrize("moved", range(1, 12))
def test_no_byte_moves_between_timestamp_and_body(moved: int) -> None:
    """Nothing stands between the two in what is signed."""
    headers = signed(BODY)
    stamp = headers["X-Zendesk-Webhook-Signature-Timestamp"]
    later = {**headers, "X-Zendesk-Webhook-Signature-Timestamp": stamp + BODY[:moved].decode()}
    assert not accepted(later, BODY[moved:])
    sooner = {**headers, "X-Zendesk-Webhook-Signature-Timestamp": stamp[:-moved]}
    assert not accepted(sooner, stamp[-moved:].encode() + BODY)


@pytest.mark.parametrize("stamp", [
    "", "2026-11-21T04:00:00", "2026-11-21T04:00:00+00:00", "2026-11-21 04:00:00Z", " 2026-11-21T04:00:00Z",
    "2026-11-21T04:00:00Z\n", "1795233600", "２０２６-11-21T04:00:00Z", "2026-13-41T04:00:00Z",
    "2026-11-21T04:00:00.0Z"])
def test_a_timestamp_in_any_other_form_is_refused(stamp: str) -> None:
    signature = base64.b64encode(hmac.new(SECRET.encode(), stamp.encode() + BODY, "sha256").digest()).decode()
    headers = {"X-Zendesk-Webhook-Signature-Timestamp": stamp, "X-Zendesk-Webhook-Signature": signature}
    assert not accepted(headers, BODY)


@pytest.mark.parametrize("signature", ["", "x", "é", "=" * 44, "\ud800", "AAAA" * 1000])
def test_a_signature_of_any_other_form_is_refused(signature: str) -> None:
    assert not accepted({**signed(BODY), "X-Zendesk-Webhook-Signature": signature}, BODY)


def test_without_headers_or_secrets_nobody_is_let_in() -> None:
    assert not accepted({}, BODY)
    assert not accepted(signed(BODY), BODY, secrets=())


def test_a_changed_body_is_refused() -> None:
    assert not accepted(signed(BODY), BODY.replace(b"35", b"36"))


def test_two_secrets_are_both_good_while_one_replaces_the_other() -> None:
    assert accepted(signed(BODY), BODY, secrets=(OTHER, SECRET))
    assert accepted(signed(BODY, secret=OTHER), BODY, secrets=(OTHER, SECRET))
    assert not accepted(signed(BODY), BODY, secrets=(OTHER,))


def test_our_triggers_body_is_read_and_named_by_what_is_signed() -> None:
    event = read(BODY, X_Zendesk_Webhook_Invocation_Id="01HANA2B5D5W9XSJS3NE5SQA1J")
    assert (event.kind, event.ticket_id) == ("comment", "35")
    assert event.delivery_id == sha256(b"2026-11-21T04:00:00Z" + BODY).hexdigest()


def test_a_triggers_call_under_invented_invocation_ids_is_kept_once(database: Database) -> None:
    inbox, headers = Inbox(database.url, digest, connections=1), signed(BODY)
    app = Flask("door")
    app.register_blueprint(zendesk_door(ZendeskDoor("acme", (SECRET,)), inbox, lambda: NOW))
    invented = [{"X-Zendesk-Webhook-Invocation-Id": f"01HANINVENTED{n}"} for n in range(5)]
    answers = [app.test_client().post("/webhooks/zendesk", data=BODY, headers=headers | more) for more in invented]
    inbox.close()
    assert [(one.status_code, one.json) for one in answers] == [
        (202, {"event": "kept"}), *[(200, {"event": "seen"})] * 4]
    with database.engine.connect() as c:
        assert c.execute(select(func.count()).select_from(events)).scalar_one() == 1


def test_a_later_call_with_the_same_body_is_another_delivery() -> None:
    door, later = ZendeskDoor("acme", (SECRET,)), NOW + timedelta(seconds=1)
    first, second = (door.event(BODY, signed(BODY, at=at), later) for at in (NOW, later))
    assert first.delivery_id != second.delivery_id


def envelope(**changed: object) -> bytes:
    return json.dumps({"account_id": 1, "id": "e-1", "type": "zen:event-type:ticket.created",
                       "subject": "zen:ticket:35", "time": "2026-11-21T03:58:00Z", "detail": {"id": "35"}, **changed},
                      ).encode()


def test_another_accounts_event_is_refused() -> None:
    assert read(envelope(), account_id=1).ticket_id == "35"
    with pytest.raises(NotThem, match="another"):
        read(envelope(account_id=2), account_id=1)
    with pytest.raises(NotThem, match="another"):
        read(envelope(account_id=None), account_id=1)


@pytest.mark.parametrize("ticket", [None, "", "0", "-1", "35 ", "３５", "3５", "35\n", "1" * 20, 3.5, True, [35],
                                    {"id": 35}, "\ud800", "35; drop table tickets", "../35"])
def test_what_is_no_tickets_number_is_unreadable(ticket: object) -> None:
    with pytest.raises(Unreadable):
        read(json.dumps({"ticket_id": ticket}).encode())
    with pytest.raises(Unreadable):
        read(envelope(detail={"id": ticket}))


@pytest.mark.parametrize("odd", [None, 7, [], {}, "\ud800", "a\x00b", "x" * 101, "", "über", "a\n"])
def test_odd_ids_and_types_are_unreadable(odd: object) -> None:
    for place in ("id", "type"):
        with pytest.raises(Unreadable):
            read(envelope(**{place: odd}))


@pytest.mark.parametrize("when", ["2026-11-21T03:58:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "now",
                                  [], 1e300])
def test_a_time_that_says_no_moment_is_unreadable(when: object) -> None:
    with pytest.raises(Unreadable):
        read(envelope(time=when))


class Untouched:
    """An inbox that nothing may be left in."""

    def keep(self, event: Event, now: datetime) -> str:
        raise AssertionError("a test call is no event")


def test_the_doctors_test_call_is_answered_and_nothing_is_kept() -> None:
    app = Flask("door")
    app.register_blueprint(zendesk_door(ZendeskDoor("acme", (SECRET,)), Untouched(), lambda: NOW))  # type: ignore[arg-type]
    body = json.dumps(TEST_CALL).encode()
    answer = app.test_client().post("/webhooks/zendesk", data=body, headers=signed(body))
    assert (answer.status_code, answer.json) == (200, {"event": "test"})
    forged = app.test_client().post("/webhooks/zendesk", data=body, headers=signed(body, secret=OTHER))
    assert forged.status_code == 401
