"""Every route of the app is knocked at as an attacker would: nothing is told, nothing is done, and nothing breaks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import cycle, product
from typing import Any

import pytest
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from agent.desk import Choices, Flags
from tests.journeys.office import CHECKED
from tests.webhooks.opened import ADA, HAL, KIM, LEO, LOU, OURS, OpenOffice, Seat

OPEN_TO_ALL = {"/healthz", "/readyz", "/metrics", "/api/docs", "/api/openapi.json", "/static/<digest>/<path:path>",
               "/confirm/<token>", "/sidebar/zendesk"}
"""What answers without a session: each has a guard of its own, or nothing to tell."""


@pytest.fixture
def office(engine: Engine) -> OpenOffice:
    return OpenOffice(engine)


def routes(office: OpenOffice) -> Iterator[tuple[str, str]]:
    """Every method and rule of the app but what is open to all."""
    for rule in office.app.url_map.iter_rules():
        if rule.rule not in OPEN_TO_ALL:
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                yield method, rule.rule


def path(rule: str, wait: object = 1) -> str:
    return re.sub(r"<int.*?:wait>", str(wait), rule).replace("<id>", "op-1")


BODY = json.dumps({"digest": "0" * 64, "reason": "no", "ticket": "1"})


def test_the_routes_are_those_we_know(office: OpenOffice) -> None:
    assert sorted({path(rule) for _, rule in routes(office)}) == [
        "/api/approvals/1", "/api/approvals/1/decline", "/api/operations/op-1/undo", "/api/pause",
        "/api/resume", "/api/sessions/bind", "/api/ticket", "/api/ticket/give-back", "/api/ticket/run",
        "/api/ticket/take-over", "/api/waiting"]


NO_BEARERS = ("", "Bearer", "Bearer x", f"Bearer {'A' * 43}", f"Basic {'A' * 43}", "bearer null",
              f"Bearer {'A' * 43}, Bearer {'B' * 43}", f"Bearer {'A' * 42}\u00e9")


def test_without_a_live_bearer_no_route_answers(office: OpenOffice) -> None:
    office.unproven()
    wait = office.waits()[0].id
    for given, (method, rule) in product(NO_BEARERS, routes(office)):
        answer = office.client.open(path(rule, wait), method=method, data=BODY, headers={
            "Authorization": given, "Origin": OURS, "Content-Type": "application/json"})
        assert answer.status_code == 401, (method, rule)
        assert "1800" not in answer.text
        assert "Dana" not in answer.text
    assert [one.state for one in office.waits()] == ["open"]


ELSEWHERE = (None, "null", "", "https://evil.example", f"{OURS}.evil.example", f"{OURS}/", f"{OURS}:8080",
             "http://localhost@evil.example", "https://acme.zendesk.com", f"{OURS}, {OURS}", "HTTP://LOCALHOST")


def test_no_write_is_taken_from_elsewhere(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    state = seat.state()
    card = state["cards"][0]
    said = {"/api/ticket/run": {"digest": state["digest"]}, "/api/ticket/take-over": {"digest": state["digest"]}}
    for origin, (method, rule) in product(ELSEWHERE, routes(office)):
        if method == "POST":
            body = said.get(rule, {"digest": card["digest"], "reason": "no"})
            answer = seat.client.post(path(rule, card["wait"]), data=json.dumps(body), headers={
                "Authorization": f"Bearer {seat.bearer}", "Content-Type": "application/json",
                **({} if origin is None else {"Origin": origin})})
            assert (answer.status_code, answer.get_json()["name"]) == (403, "wrong-origin"), rule
    assert [one.state for one in office.waits()] == ["open"]


def test_no_other_method_does_anything(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat(ADA)
    card, digest = seat.card(), seat.state()["digest"]
    body = json.dumps({"digest": card["digest"], "reason": "no"})
    known = {(method, rule) for method, rule in routes(office)}
    for rule in {rule for _, rule in known}:
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "OPTIONS"):
            if (method, rule) in known:
                continue
            answer = seat.client.open(path(rule, card["wait"]), method=method, data=body, headers={
                "Authorization": f"Bearer {seat.bearer}", "Origin": OURS, "X-HTTP-Method-Override": "POST",
                "X-Method-Override": "POST", "X-HTTP-Method": "POST", "Content-Type": "application/json"},
                query_string={"_method": "POST"})
            assert answer.status_code == (200 if method == "OPTIONS" else 405), (method, rule)
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert method != "OPTIONS" or answer.data == b""
    assert seat.state()["digest"] == digest


def test_looking_changes_nothing_and_a_look_without_a_body_tells_the_same(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    whole = seat.get("/api/ticket")
    head = seat.client.head("/api/ticket", headers={"Authorization": f"Bearer {seat.bearer}"})
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", whole.headers["ETag"])
    for tag in ("*", f"W/{whole.headers['ETag']}", whole.headers["ETag"], '"x", ' + whole.headers["ETag"]):
        assert seat.get("/api/ticket", **{"If-None-Match": tag}).status_code == 304
    assert seat.get("/api/ticket", **{"If-Match": '"x"'}).status_code == 412
    for headers in ({"Range": "bytes=0-1"}, {"If-None-Match": '"' + "x" * 5000 + '"'}):
        assert seat.get("/api/ticket", **headers).status_code == 200


@pytest.mark.parametrize("seen", ["*", '"x"', ""])
def test_a_conditional_header_is_no_digest(office: OpenOffice, seen: str) -> None:
    office.unproven()
    seat = office.seat()
    card = seat.card()
    answer = seat.client.post(f"/api/approvals/{card['wait']}", data=json.dumps({"digest": "*"}), headers={
        "Authorization": f"Bearer {seat.bearer}", "Origin": OURS, "If-Match": seen, "ETag": card["digest"]})
    assert (answer.status_code, answer.get_json()["name"]) == (409, "changed")
    assert [one.state for one in office.waits()] == ["open"]


AMOUNTS = ["0", "0.00", "00", "-1", "-0", "+1", "1.234", "1.2345", "18.01", "1e1", "1E1", "0x10", "١٢", "１２", "1,00",
           "1.", ".5", " 1", "1 ", "1\n", "USD 1", "1 USD", "EUR 1.00", "Infinity", "NaN", "9" * 12, "9" * 13,
           "9" * 5000, "", "null", "1_0"]
NO_AMOUNTS: list[Any] = [1, 1.0, 12.5, True, False, [], ["1.00"], {}, {"amount": "1.00"}, 10 ** 30, -1]


def test_what_is_no_lower_amount_approves_nothing(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    for amount in [*NO_AMOUNTS, *AMOUNTS]:
        assert seat.approve(amount).status_code == 400, amount
    assert [one.state for one in office.waits()] == ["open"]


def test_an_amount_for_what_has_none_approves_nothing(engine: Engine) -> None:
    office = OpenOffice(engine, choices=Choices(senders_checked=CHECKED, flags=Flags(vip="zendesk:tag:vip")))
    office.script(lambda _: {"actions": [{
        "kind": "contact_change", "contact": "k1", "field": "last_name", "value": "Miller", "quote": "Miller"}]})
    office.handle("My last name is Miller now.", tags=["vip"])
    (wait,) = office.waits()
    seat = office.seat(LEO)
    answer = seat.post(f"/api/approvals/{wait.id}", {"digest": wait.digest, "amount": "1.00"})
    assert (answer.status_code, answer.get_json().get("name")) == (400, "amount")
    assert [one.state for one in office.waits()] == ["open"]
    assert seat.approve().status_code == 200


BODIES: dict[str, bytes] = {
    "nothing": b"", "null": b"null", "a number": b"1", "a text": b'"x"', "a list": b"[]", "not JSON": b"{",
    "a form": b"digest=x&reason=no", "deep": b'{"digest":' + b"[" * 7000 + b"]" * 7000 + b"}",
    "NUL": b'{"digest":"\\u0000","reason":"a\\u0000b"}', "a raw NUL": b'{"digest":"\0"}',
    "a lone surrogate": b'{"digest":"\\ud800","reason":"\\ud800"}', "not UTF-8": b'{"digest":"\xff\xfe"}',
    "UTF-16": '{"digest":"x"}'.encode("utf-16"), "BOM": b'\xef\xbb\xbf{"digest":"x"}',
    "twice": b'{"digest":"a","digest":"b","reason":"no"}', "more": b'{"digest":"x","reason":"no","admin":true}',
    "__proto__": b'{"digest":"x","__proto__":{"role":"finance"}}', "a role": b'{"digest":"x","role":"finance"}',
    "long": b'{"digest":"' + b"x" * 5000 + b'"}', "many names": json.dumps({f"n{n}": 1 for n in range(900)}).encode(),
    "a huge number": b'{"digest":' + b"9" * 9000 + b"}", "true": b'{"digest":true,"reason":true}',
}


def test_whatever_a_body_says_no_route_breaks_and_none_acts(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat(ADA)
    wait = seat.card()["wait"]
    posts = {rule for method, rule in routes(office) if method == "POST"} - {"/api/pause", "/api/resume"}
    kinds = cycle(("application/json", "text/plain", "application/x-www-form-urlencoded", "application/xml", ""))
    for rule, (name, body) in product(sorted(posts), BODIES.items()):
        answer = seat.client.post(path(rule, wait), data=body, headers={
            "Authorization": f"Bearer {seat.bearer}", "Origin": OURS, "Content-Type": next(kinds)})
        assert answer.status_code in (400, 409), (rule, name, answer.text)
        assert answer.content_type == "application/problem+json"
    assert [one.state for one in office.waits()] == ["open"]


def test_a_body_beyond_all_measure_is_refused_before_it_is_read(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat(ADA)
    wait = seat.card()["wait"]
    for rule in [rule for method, rule in routes(office) if method == "POST"]:
        answer = seat.client.post(path(rule, wait), data=b" " * 20_000, headers={
            "Authorization": f"Bearer {seat.bearer}", "Origin": OURS, "Content-Type": "application/json"})
        assert (answer.status_code, answer.get_json()["name"]) == (413, "too-big")


def unreadable(answer: TestResponse) -> bool:
    return (answer.status_code, answer.get_json().get("name")) == (400, "not-readable")


@pytest.mark.parametrize("reason", ["\u202egnp.exe", "<script>alert(1)</script>", "x" * 200, "'; drop --"])
def test_a_reason_to_pause_is_kept_as_it_is_and_breaks_nothing(office: OpenOffice, reason: str) -> None:
    office.unproven()
    seat = office.seat(ADA)
    answer = seat.post("/api/pause", {"action": "refund", "reason": reason})
    since = "The action refund has been paused since 20 Nov 2026 09:00 UTC by Ada"
    assert (answer.status_code, answer.get_json()) == (200, {"paused": [f"{since}: {reason}"]})
    answer = seat.post("/api/resume", {"digest": seat.state()["paused_digest"]})
    assert (answer.status_code, answer.get_json()) == (200, {"paused": [], "still": ""})


def test_what_cannot_be_kept_of_a_reason_keeps_nobody_from_pausing(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat(ADA)
    assert seat.post("/api/pause", {"action": "refund", "reason": "a\u0000b"}).status_code == 200
    assert seat.state()["paused"].endswith("by Ada: “a b”.")


@pytest.mark.parametrize(("reason", "kept"), [
    ("\u202eevil", "evil"), ("x" * 4000, "x" * 500), ("<b>&amp;", "<b>&amp;"),
    ("![x](http://e.example/x)", "![x](http://e.example/x)"),
    ("line\nDeskhand: refunded USD 1,000.00", "line Deskhand: refunded USD 1,000.00")])
def test_a_reason_to_decline_is_kept_on_one_line_and_breaks_nothing(office: OpenOffice, reason: str, kept: str) -> None:
    ticket = office.unproven()
    assert office.seat().decline(reason).status_code == 200
    office.run()
    assert office.refunds() == []
    assert [note.count("\n") for note in office.notes(ticket)] == [4, 4]
    assert f"Kim declined it: “{kept}”." in office.notes(ticket)[-1].splitlines()[4]


@pytest.mark.parametrize("reason", ["a\u0000b", "\u0000"])
def test_a_reason_to_decline_that_cannot_be_kept_declines_nothing(office: OpenOffice, reason: str) -> None:
    ticket = office.unproven()
    assert unreadable(office.seat().decline(reason))
    office.run()
    assert [one.state for one in office.waits()] == ["open"]
    assert [note.count("\n") for note in office.notes(ticket)] == [4]


WAITS = ("0", "-1", "2147483648", "9223372036854775807", "9223372036854775808", "9" * 400,
         "1.0", "1e0", "%31", "١", "１", "1%00", "1;x", "+1", "01")


def test_no_number_of_a_wait_breaks_anything_or_is_another_ones(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    card = seat.card()
    for wait, more in product(WAITS, ("", "/decline")):
        answer = seat.post(f"/api/approvals/{wait}{more}", {"digest": "0" * 64, "reason": "no"} if more else {
            "digest": "0" * 64})
        assert answer.status_code in (404, 409), (wait, answer.text)
        assert answer.content_type == "application/problem+json"
    assert [(one.id, one.state) for one in office.waits()] == [(card["wait"], "open")]


TRICKS = (
    "/api/tickets/../pause", "/api/ticket/../waiting", "/api//ticket", "//api/ticket", "/api/ticket/", "/API/ticket",
    "/api/ticket%2f", "/api/%2e%2e/healthz", "/api/ticket;x=1", "/api/ticket\\", "/api/operations/../../x/undo",
    "/static/x/../../app.py", "/static/x/%2e%2e/app.py", "/confirm/../api/ticket", "/sidebar/../api/ticket")
BESIDE: tuple[dict[str, str], ...] = (
    {}, {"X-Original-URL": "/api/ticket", "X-Rewrite-URL": "/api/ticket", "X-Forwarded-Host": "evil"})


def test_no_trick_with_an_address_reaches_anything(office: OpenOffice) -> None:
    office.unproven()
    for where, headers in product(TRICKS, BESIDE):
        answer = office.client.get(where, headers=headers)
        assert answer.status_code in (401, 404, 405, 308), where
        assert "Dana" not in answer.text
        assert "evil" not in answer.text
        assert "evil" not in answer.headers.get("Location", "")


def test_a_name_that_is_no_tickets_number_binds_nothing(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat(ticket=None)
    for ticket in ("0", "recent", "show", "1x", "01", "9" * 32, "show0many", "assigned", "count"):
        answer = seat.post("/api/sessions/bind", {"ticket": ticket})
        assert answer.status_code in (400, 403), answer.text
        assert "Dana" not in answer.text


def test_no_name_of_an_operation_breaks_anything(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    for id in ("x", "%00", "../1", "1' or '1'='1", "x" * 5000, "op-1%0d%0aSet-Cookie:x=1"):
        answer = seat.post(f"/api/operations/{id}/undo", {"digest": "0" * 64})
        assert answer.status_code in (404, 405, 409)
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("who", [KIM, LEO, LOU, HAL])
def test_nobody_but_an_administrator_pauses(office: OpenOffice, who: str) -> None:
    office.unproven()
    for what in ("pause", "resume"):
        assert office.seat(who).post(f"/api/{what}", {"action": "all"}).status_code == 403


def refused_everywhere(office: OpenOffice, seat: Seat, wait: int, digest: str) -> Iterator[TestResponse]:
    for method, rule in routes(office):
        if method == "POST":
            yield seat.post(path(rule, wait), {"digest": digest, **({"reason": "no"} if "decline" in rule else {})})


@pytest.mark.parametrize("change", [{"suspended": True}, {"role": "end-user"}, {"active": False}])
def test_who_is_no_agent_any_more_presses_nothing_with_a_session_of_before(
        office: OpenOffice, change: dict[str, Any]) -> None:
    office.unproven()
    seat = office.seat(KIM)
    card = seat.card()
    office.at_desk("change_user", email=KIM, **change)
    assert {one.status_code for one in refused_everywhere(office, seat, card["wait"], card["digest"])} <= {401, 403}
    assert [one.state for one in office.waits()] == ["open"]


@pytest.mark.parametrize("change", [{"groups": ["HR"]}, {"role_type": 1}])
def test_who_was_demoted_decides_nothing_with_a_session_of_before(office: OpenOffice, change: dict[str, Any]) -> None:
    office.unproven()
    seat = office.seat(KIM)
    card, digest = seat.card(), seat.state()["digest"]
    office.at_desk("change_user", email=KIM, **change)
    assert seat.post(f"/api/approvals/{card['wait']}", {"digest": card["digest"]}).status_code == 403
    assert seat.post(f"/api/approvals/{card['wait']}/decline", {"digest": card["digest"], "reason": "n"}
                     ).status_code == 403
    for what in ("run", "take-over", "give-back"):
        assert seat.post(f"/api/ticket/{what}", {"digest": digest}).status_code in (403, 409)
    assert [one.state for one in office.waits()] == ["open"]
