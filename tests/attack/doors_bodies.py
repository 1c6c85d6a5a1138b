"""Bodies that no parser likes, rightly signed or under a live session, at every door that takes one."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from agent.database import Database
from tests.attack.doors_routes import GUARDS, ZendeskWorld
from tests.attack.doors_vendors import TOKEN, package_event, stripe_sent, zendesk_sent
from tests.attack.doors_wire import Asked, called
from tests.attack.shared import beside, published
from tests.figures import Figures
from tests.webhooks.opened import ADA, OURS

BODIES, STRINGS = "json_bodies.json", "blns.json"
OURS_TOO: tuple[bytes, ...] = (
    b"", b" ", b"\0", b"\xff", b"\xef\xbb\xbf{}", b"{}" * 999, b"[" * 9_999, b"{" * 9_999, b'{"a":' * 9_000,
    b"[" * 120_000 + b"]" * 120_000, b'{"a":"\\ud800"}', b'{"a":"\\udfff\\ud800"}', b'{"a":"\\u0000"}', b'{"a":1e999}',
    b'{"a":-1e999}', b'{"a":' + b"9" * 200_000 + b"}", b'{"a":NaN}', b'{"a":Infinity}',
    b'{"a":0.' + b"0" * 99_999 + b"1}", b'{"a":"' + b"x" * 250_000 + b'"}', b'{"a":1,"a":2}', b'{"":""}',
    b'{"__proto__":{}}', b"null", b"true",
    b"0", b'""', b"[]", b'{"detail":{"id":"1"},"id":"\\ud800","type":"zen:event-type:ticket.x"}',
    b'{"ticket_id":1e400}',
    b'{"ticket_id":"\xd9\xa3"}', b'{"created":1e400,"id":"evt_1","object":"event","type":"a","livemode":false}',
    b'{"created":9999999999999999999,"id":"evt_1","object":"event","type":"refund.failed","livemode":false}',
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY a 'aaaa'>]><a>&a;</a>", b"<a " + b"b='c' " * 20_000 + b"/>",
    b"\x1f\x8b\x08",
    json.dumps({f"n{n}": n for n in range(20_000)}).encode(), "{\"a\":\"\u202e\u2066\ufeff\"}".encode(),
    b"a=b&" * 5_000,
    b"token=" + b"%00" * 999, b"typed=" + b"%ff" * 9, b"--x\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n")


def bodies(quick: bool) -> Iterator[bytes]:
    """Of the shared sets, as far as they are there, and ours. `quick`: every fortieth."""
    found = list(OURS_TOO)
    if (file := beside(BODIES)).exists():
        found += [base64.b64decode(one["b64"]) for one in json.loads(file.read_text())]
    if (file := beside(STRINGS)).exists():
        for said in json.loads(file.read_text()):
            found += [said.encode("utf-8", "surrogatepass"), json.dumps({"ticket_id": said, "digest": said, "id": said,
                                                                         "ticket": said, "reason": said}).encode()]
    yield from found[::40] if quick else found


@dataclass
class Seen:
    sent: int = 0
    broken: list[str] = field(default_factory=list)
    slowest: float = 0.0
    routes: set[str] = field(default_factory=set)

    def heard(self, world: ZendeskWorld, rule: str, asked: Asked) -> None:
        began = time.perf_counter()
        told = called(world.app, asked)
        self.slowest = max(self.slowest, time.perf_counter() - began)
        self.sent += 1
        self.routes.add(rule)
        if told.status >= 500:
            self.broken.append(f"{rule}: {told.status} {asked.body[:60]!r}")


def asked_with(world: ZendeskWorld, bearer: str, n: int, body: bytes) -> Iterator[tuple[str, Asked]]:
    """This body at every door: signed where the door asks for it, from a live session, or as a form's field."""
    at = world.office.clock()
    yield "/webhooks/zendesk", zendesk_sent(body, at)
    yield "/webhooks/stripe", stripe_sent(body, at)
    whole = package_event(n, at)
    if body.startswith(b"{"):  # signing takes long, and what is no object ends at once
        yield "/webhooks/salesforce", package_event(n, at, body=body)
    yield "/webhooks/salesforce", Asked(whole.path, body, whole.headers)
    yield "/webhooks/salesforce/<token>", Asked(f"/webhooks/salesforce/{TOKEN}", body, {"Content-Type": "text/xml"})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for path, name, rule in (("/sidebar/zendesk", "token", "/sidebar/zendesk"),
                             (f"/confirm/{'A' * 43}", "typed", "/confirm/<token>")):
        yield rule, Asked(path, urlencode({name: body}).encode(), form)
        yield rule, Asked(path, body, {"Content-Type": "multipart/form-data; boundary=x"} if n % 2 else form)
    said = {"Authorization": f"Bearer {bearer}", "Origin": OURS, "Content-Type": "application/json"}
    for method, rule in world.rules():
        if method == "POST" and rule.startswith("/api/") and not rule.endswith(("pause", "resume")):
            yield rule, Asked(world.path(rule), body, said)
    text = body.decode("latin-1")[:400]
    yield "/api/pause", Asked("/api/pause", json.dumps({"reason": text, "action": 7}).encode(), said)
    yield "/api/resume", Asked("/api/resume", json.dumps({"action": text, "digest": text}).encode(), said)


def measured(database: Database, quick: bool) -> Figures:
    figures, seen = Figures("Bodies"), Seen()
    world = ZendeskWorld(database)
    before, bearer = world.fingerprint(), ""
    for n, body in enumerate(bodies(quick)):
        world.office.clock.forward(seconds=3)  # the helpdesk lets us ask 700 times a minute, and each press asks
        bearer = bearer if n % 500 else world.office.seat(ADA, world.here).bearer
        for rule, asked in asked_with(world, bearer, n, body):
            seen.heard(world, rule, asked)
    doors = {rule for method, rule in world.rules() if method == "POST"}
    published(figures, "published bodies", BODIES, _listed, 300)
    published(figures, "published strings", STRINGS, _listed, 500)
    figures.add("bodies sent", seen.sent, at_least=500 if quick else 10_000)
    figures.add(f"doors that take a body, of {len(doors)}", len(seen.routes & doors), equal=len(doors & GUARDS.keys()))
    figures.add("5xx", len(seen.broken), equal=0)
    figures.add("presses that came of it", int(_pressed(before) != _pressed(world.fingerprint())), equal=0)
    figures.add("slowest answer, in ms", round(seen.slowest * 1000))
    figures.also["wrong"] = seen.broken[:20]
    return figures


def _listed(at: Path) -> int:
    return len(json.loads(at.read_text()))


def _pressed(fingerprint: str) -> list[object]:
    """Waits and operations, refunds and notes: of events, some are rightly kept."""
    rows, *books = json.loads(fingerprint)
    return [json.loads(rows)[:2], *books]
