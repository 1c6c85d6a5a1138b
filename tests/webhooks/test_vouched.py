"""The component on a case: its org vouches for who presses, and what it did not sign, or sent before, counts not."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from tests.webhooks.opened import ADA, KIM, LEO, LOU, Component, OpenOffice
from tests.webhooks.org import Sent
from webhooks.api import ROUTES
from webhooks.signed import text


@pytest.fixture
def office(engine: Engine) -> OpenOffice:
    return OpenOffice(engine, helpdesk="salesforce")


def sent(office: OpenOffice, method: str, path: str, headers: dict[str, str], body: str = "") -> TestResponse:
    return office.client.open(path, method=method, data=body or None, headers=headers)


def test_what_the_org_signs_is_what_the_server_reads() -> None:
    """The tests' own writing of the nine lines, the server's, and the stand-in's agree."""
    one = Sent(body=b"{}", path="/api/approvals/17", user="0055e000002EFGHAA4")
    assert one.text() == text(one.method, one.path, one.body, timestamp=str(int(one.at.timestamp())), id=one.id,
                              org=one.org, user=one.user, case=one.case)


def test_a_lead_approves_on_the_case_and_the_customer_is_asked_and_paid(office: OpenOffice) -> None:
    ticket = office.asks(18000)
    seat = office.seat(LEO)
    assert seat.state()["me"] == {"name": "Leo", "role": "lead", "admin": False}
    assert seat.approve().status_code == 200
    office.run()
    assert office.refunded() == {}
    office.customer_answers(ticket, "yes")
    assert office.refunded() == {"usd": 18000}
    assert [mail["to"] for mail in office.ticket(ticket)["replies"]] == ["dana@example.com", "dana@example.com"]
    assert any("approved by Leo" in note for note in office.notes(ticket))


def test_a_call_counts_once(office: OpenOffice) -> None:
    """Also one that was refused when it came first. A look that a proxy repeats must not end the component."""
    office.unproven()
    seat = office.seat()
    for method, path, body in (("GET", "/api/ticket", ""), ("POST", "/api/ticket/take-over", "{}")):
        headers = seat.signed(method, path, body)
        first, again = (sent(office, method, path, headers, body) for _ in range(2))
        assert first.status_code in (200, 400)
        assert (again.status_code, again.get_json()["name"]) == (
            (503, "came-before") if method == "GET" else (401, "not-signed-in"))


def test_a_component_stays_open_while_the_orgs_certificate_is_changed(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    (known,) = office.certificates
    office.certificates[:] = [f"changing,{known}"]
    assert seat.get("/api/ticket").status_code == 200
    new = office.at_desk("certificate", renew=True)["certificate"]
    for answer in (seat.get("/api/ticket"), seat.post("/api/ticket/take-over", {"digest": "any"})):
        assert (answer.status_code, answer.get_json()["name"], answer.headers["Retry-After"]) == (
            503, "certificate-changing", "5")
    office.certificates[:] = [f"{new},{known}"]
    assert seat.get("/api/ticket").status_code == 200


def test_no_mutation_of_a_signed_press_is_let_in(office: OpenOffice) -> None:
    office.unproven()
    seat, chance = office.seat(LOU), random.Random(7)
    card = office.seat(KIM).card()
    path, body = f"/api/approvals/{card['wait']}", json.dumps({"digest": card["digest"]})
    signed = seat.signed("POST", path, body)
    users = [office.seat(one).signed("GET", "/api/ticket")["X-Deskhand-User"] for one in (KIM, LEO, ADA)]
    forged = [(path, {**signed, "X-Deskhand-User": user}, body) for user in users]
    forged += [(path, {**signed, "X-Deskhand-Case": "-"}, body), (path, signed, body + " "), (path + "/", signed, body),
               (path.replace("approvals", "Approvals"), signed, body), (f"{path}?x=1", signed, body),
               ("/api/ticket/take-over", signed, body)]
    for name, value in signed.items():
        for _ in range(120 if name.startswith("X-Deskhand") else 0):
            at = chance.randrange(len(value))
            other = value[:at] + chance.choice("0Az-=+/9") + value[at + 1:]
            if other != value:
                forged.append((path, {**signed, name: other}, body))
    raw = base64.b64decode(signed["X-Deskhand-Signature"][3:])
    for at in range(0, len(raw), 2):
        bad = base64.b64encode(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1:]).decode()
        forged.append((path, {**signed, "X-Deskhand-Signature": f"v1={bad}"}, body))
    answers = {sent(office, "POST", where, headers, said).status_code for where, headers, said in forged}
    assert (len(forged) > 600, answers <= {401, 404, 308}) == (True, True), answers
    assert [one.state for one in office.waits()] == ["open"]


def test_nobody_is_told_or_may_press_anything_without_the_orgs_word(office: OpenOffice) -> None:
    """Every route of the API, with each thing that is wrong about a call."""
    office.unproven()
    seat = office.seat(ADA)
    stranger = Component(office.client, office.at_desk, "stranger@acme.example", office.first)
    office.happens("salesforce", "change_user", user="stranger@acme.example", type="Guest")
    let_in = []
    for route in ROUTES:
        path = route.path.replace("{wait}", "1").replace("{id}", "op-1")
        wrongs: dict[str, dict[str, str]] = {
            "unsigned": {}, "another method": seat.signed("PUT", path),
            "another path": seat.signed(route.method, "/api/x"),
            "no user": office.at_desk("signs", method=route.method, path=path, case=office.first)["headers"],
            "of a guest": stranger.signed(route.method, path),
            "without a signature": {k: v for k, v in seat.signed(route.method, path).items() if "Signature" not in k}}
        for wrong, headers in wrongs.items():
            status = sent(office, route.method, path, headers).status_code
            if status not in (401, 403):
                let_in.append((route.path, wrong, status))
    assert let_in == []


def test_who_may_not_see_the_case_sees_nothing_of_it(office: OpenOffice) -> None:
    office.unproven()
    office.at_desk("private", objects=["Case"])
    answer = office.seat(KIM).get("/api/ticket")
    assert (answer.status_code, answer.get_json()["name"]) == (403, "not-your-ticket")


def test_looking_again_and_again_asks_the_org_once_in_five_minutes(office: OpenOffice) -> None:
    """A component that polls must not use up the org's daily calls."""
    office.unproven()
    seat = office.seat(KIM)
    seat.state()
    before = len(office.calls())
    for _ in range(40):
        office.clock.forward(seconds=4)
        assert seat.get("/api/ticket").status_code == 200
    assert len(office.calls()) == before
    office.clock.forward(seconds=200)
    seat.state()
    assert len(office.calls()) == before + 2


def test_ten_open_cases_ask_the_org_once_who_is_looking_and_a_press_asks_anew(office: OpenOffice) -> None:
    office.unproven()
    cases = office.at_desk("bulk_cases", count=10)["cases"]
    seats = [office.seat(KIM, ticket=case) for case in cases]
    for seconds in (0, 301):
        office.clock.forward(seconds=seconds)
        before = len(office.calls())
        assert {seat.get("/api/ticket").status_code for seat in seats} == {200}
        assert len(office.calls()) - before == 1 + 10
    office.happens("salesforce", "revoke", user=KIM, permission_set="Deskhand_Agent")
    pressed = seats[0].post("/api/ticket/take-over", {"digest": "any"}).get_json()
    assert (pressed["name"], pressed["state"]["me"]["role"]) == ("changed", None)
    assert seats[1].state()["me"]["role"] == "agent"
    office.clock.forward(seconds=301)
    assert seats[1].state()["me"]["role"] is None


def test_after_eight_hours_or_an_hour_away_the_org_is_asked_anew_and_nobody_signs_in_again(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat(KIM)
    for hours in (0, 2, 9):
        office.clock.forward(hours=hours)
        assert seat.get("/api/ticket").status_code == 200


@pytest.mark.parametrize("path", ["/api/waiting", "/api/ticket"])
def test_two_languages_of_a_user_are_answered_in_theirs(office: OpenOffice, path: str) -> None:
    office.asks(18000)
    told: list[Any] = [office.seat(LEO).get(path, **{"Accept-Language": one}) for one in ("en", "de")]
    assert [one.headers["Content-Language"] for one in told] == ["en", "de"]
