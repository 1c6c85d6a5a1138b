"""The door keeps a signed event once, wakes its ticket, and falls over nothing it is sent."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, text

from agent.database import Database
from connectors.contract import digest
from tests.webhooks.signing import NOW, SECRET, signed
from webhooks.inbox import Event, Inbox, keep
from webhooks.zendesk import ZendeskDoor, zendesk_door


@pytest.fixture
def inbox(database: Database) -> Iterator[Inbox]:
    opened = Inbox(database.url, keyed)
    yield opened
    opened.close()


@pytest.fixture
def door(inbox: Inbox) -> FlaskClient:
    return a_door(inbox, lambda: NOW)


def a_door(inbox: Inbox, now: Callable[[], datetime]) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(zendesk_door(ZendeskDoor("acme", (SECRET,), 10000001), inbox, now))
    return app.test_client()


def send(door: FlaskClient, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, str]:
    answer = door.post("/webhooks/zendesk", data=body, headers=headers or signed(body))
    told = answer.get_json(silent=True) or {}
    return answer.status_code, told.get("event") or told.get("error", "")


def rows(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def comment(id: str = "e-1", ticket: int = 35) -> bytes:
    return json.dumps({"account_id": 10000001, "id": id, "type": "zen:event-type:ticket.comment_added",
                       "time": "2026-11-21T03:58:00Z",
                       "detail": {"id": str(ticket), "subject": "Charged twice"}}).encode()


def keyed(named: str) -> str:
    return digest(["a key of ours", named])


def event(id: str = "event:e-1", ticket: str = "35") -> Event:
    return Event(delivery_id=id, kind="ticket.created", ticket_id=ticket, occurred_at=NOW, sha256=b"\1" * 32,
                 account="acme")


def driver(connection: Connection) -> psycopg.Connection[Any]:
    """The psycopg connection below, so that a test can take back what was kept."""
    inside: psycopg.Connection[Any] = connection.connection.driver_connection
    return inside


def kept(engine: Engine, one: Event, now: datetime = NOW) -> str:
    with engine.begin() as connection:
        return keep(driver(connection), one, now)


def test_an_event_is_kept_without_its_body_and_its_ticket_woken(engine: Engine, door: FlaskClient) -> None:
    assert send(door, comment()) == (202, "kept")
    [stored] = rows(engine, "select row_to_json(events) from events")
    assert stored[0] == {
        "id": 1, "vendor": "zendesk", "account": "acme", "delivery_id": "e-1", "ticket_ref": "zendesk:acme:35",
        "kind": "ticket.comment_added", "occurred_at": "2026-11-21T03:58:00+00:00",
        "received_at": "2026-11-21T04:00:00+00:00", "sha256": f"\\x{keyed(sha256(comment()).hexdigest())}"}
    assert rows(engine, "select ref, vendor, account, vendor_id, wanted, served, state from tickets") == [
        ("zendesk:acme:35", "zendesk", "acme", "35", 1, 0, "new")]
    assert rows(engine, "select lock, args, status::text, scheduled_at from procrastinate_jobs") == [
        ("ticket:1", {"ticket": 1, "why": "ticket.comment_added"}, "todo", None)]


def test_the_same_delivery_is_kept_once(engine: Engine, door: FlaskClient) -> None:
    assert [send(door, comment()) for _ in range(3)] == [(202, "kept"), (200, "seen"), (200, "seen")]
    assert rows(engine, "select wanted, (select count(*) from procrastinate_jobs) from tickets") == [(1, 1)]


def test_twenty_of_the_same_at_once_are_one(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as together:
        outcomes = list(together.map(lambda _: kept(engine, event()), range(20)))
    assert sorted(outcomes) == ["kept"] + ["seen"] * 19
    assert rows(engine, "select (select count(*) from events), (select count(*) from procrastinate_jobs)") == [(1, 1)]


def test_twenty_for_one_ticket_at_once_are_one_wake(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as together:
        outcomes = list(together.map(lambda n: kept(engine, event(f"event:{n}")), range(20)))
    assert outcomes == ["kept"] * 20
    assert rows(engine, "select wanted, served, (select count(*) from procrastinate_jobs) from tickets") == [(20, 0, 1)]


def test_once_served_the_next_event_wakes_again(engine: Engine) -> None:
    kept(engine, event("event:1"))
    with engine.begin() as connection:
        connection.execute(text("update tickets set served = wanted"))
        connection.execute(text("delete from procrastinate_jobs"))
    kept(engine, event("event:2"))
    assert rows(engine, "select wanted, served, (select count(*) from procrastinate_jobs) from tickets") == [(2, 1, 1)]


def test_keeping_and_waking_are_one(engine: Engine) -> None:
    with engine.connect() as connection:
        keep(driver(connection), event(), NOW)
        connection.rollback()
    assert rows(engine, """select (select count(*) from events), (select count(*) from tickets),
                                  (select count(*) from procrastinate_jobs)""") == [(0, 0, 0)]


def test_who_is_not_them_is_turned_away_and_nothing_kept(engine: Engine, door: FlaskClient) -> None:
    body = comment()
    assert send(door, body, signed(body, secret="wrong"))[0] == 401
    assert send(door, body, {"Content-Type": "application/json"})[0] == 401
    assert send(door, body, signed(body, at=NOW - timedelta(seconds=301)))[0] == 401
    assert send(door, body, signed(body, at=NOW + timedelta(seconds=301)))[0] == 401
    other = body.replace(b"10000001", b"10000002")
    assert send(door, other)[0] == 401
    assert rows(engine, "select count(*) from events") == [(0,)]


def test_a_replay_within_five_minutes_is_seen_and_later_refused(inbox: Inbox) -> None:
    clock = [NOW]
    door = a_door(inbox, lambda: clock[0])
    body, headers = comment(), signed(comment())
    ended = []
    for seconds in (0, 299, 301, 4 * 86400):
        clock[0] = NOW + timedelta(seconds=seconds)
        ended.append(send(door, body, headers)[0])
    assert ended == [202, 200, 401, 401]


def test_what_is_about_no_ticket_is_refused(engine: Engine, door: FlaskClient) -> None:
    assert send(door, b'{"id": "e-2", "type": "zen:event-type:user.deleted", "detail": {"id": "9"}}')[0] == 400
    assert rows(engine, "select count(*) from events") == [(0,)]


@pytest.mark.parametrize(("size", "status"), [(256 * 1024, 400), (256 * 1024 + 1, 413), (5_000_000, 413)])
def test_more_than_256_kb_is_too_big(door: FlaskClient, size: int, status: int) -> None:
    body = b'{"a": "' + b"x" * (size - 9) + b'"}'
    assert len(body) == size
    assert send(door, body)[0] == status


BAD = {
    "empty": b"", "space": b"  ", "html": b"<!doctype html><html></html>", "a list": b"[]", "a number": b"35",
    "null": b"null", "cut off": b'{"ticket_id": "35"', "not utf-8": b'{"ticket_id": "\xff"}',
    "a bom": b"\xef\xbb\xbf{}",
    "utf-16": '{"ticket_id": "35"}'.encode("utf-16"), "nul": b'{"ticket_id": "35\\u0000"}',
    "raw nul": b'{"ticket_id": "35\x00"}', "lone surrogate": b'{"ticket_id": "\\ud800"}',
    "deep lists": b'{"a":' + b"[" * 100_000, "deep objects": b'{"a":' * 40_000, "closed deep lists":
    b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "long number": b'{"ticket_id": ' + b"1" * 100_000 + b"}",
    "nan": b'{"ticket_id": NaN}', "infinity": b'{"ticket_id": 1e999}', "true": b'{"ticket_id": true}',
    "object": b'{"ticket_id": {}}', "nothing": b"{}", "form": b"ticket_id=35",
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_a_signed_body_that_says_nothing_is_refused_and_breaks_nothing(
        engine: Engine, door: FlaskClient, body: bytes) -> None:
    assert send(door, body)[0] == (400 if body.startswith(b"{") else 401)
    assert rows(engine, "select count(*) from events") == [(0,)]


def naughty(read: Callable[[str], Any]) -> list[bytes]:
    bodies = [base64.b64decode(one["b64"]) for one in read("attacks/json_bodies.json")]
    return bodies + [string.encode("utf-8", "surrogatepass") for string in read("attacks/blns.json")]


def test_no_naughty_body_ends_in_a_5xx(door: FlaskClient, shared_data: Callable[[str], Any]) -> None:
    """Each is sent as it is, and again in every place of an envelope, rightly signed."""
    bodies = naughty(shared_data)
    assert len(bodies) == 832
    ended: dict[int, int] = {}
    slowest = 0.0
    for body in bodies:
        words = body.decode("utf-8", "replace")
        parts = {"id": words, "type": "zen:event-type:ticket.created", "subject": words, "event": words}
        whole = json.dumps({**parts, "account_id": 10000001, "detail": {"id": "35", "tags": words}}).encode()
        trigger = json.dumps({"ticket_id": "35", "event": "comment", "updated_at": words}).encode()
        raw = b'{"ticket_id": "35", "x": ' + body + b"}"
        for sent in (body, whole, trigger, raw):
            began = time.perf_counter()
            status, _ = send(door, sent)
            slowest = max(slowest, time.perf_counter() - began)
            ended[status] = ended.get(status, 0) + 1
    print(f"832 bodies, 4 ways each: {ended}, slowest {slowest * 1000:.1f} ms")
    assert sum(ended.values()) == 4 * 832
    assert set(ended) <= {200, 202, 400, 401, 413}
    assert ended[202] > 832  # every trigger's body, and the envelopes whose id is one


def test_without_a_database_the_vendor_is_asked_to_come_again() -> None:
    nowhere = Inbox("postgresql://nobody@127.0.0.1:9/x", keyed, patience=0.2)
    answer = a_door(nowhere, lambda: NOW).post("/webhooks/zendesk", data=comment(), headers=signed(comment()))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    nowhere.close()


def test_the_door_finds_its_database_again(engine: Engine, door: FlaskClient) -> None:
    assert send(door, comment("e-1"))[0] == 202
    with engine.connect() as connection:
        connection.execute(text("""select pg_terminate_backend(pid) from pg_stat_activity
                                    where datname = current_database() and pid <> pg_backend_pid()"""))
    assert send(door, comment("e-2"))[0] == 202
