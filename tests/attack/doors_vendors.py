"""What the vendors send to our doors, rightly signed, and what only their own deliveries can be spoiled by."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.attack.doors_spoiled import LOOKALIKES, Vendor, flipped
from tests.attack.doors_wire import Asked
from tests.webhooks.org import CASE, ORG, Sent, pem
from tests.webhooks.signing import SECRET, signed
from webhooks.zendesk import TEST_SECRET

ACCOUNT, OURS = 10000001, "acct_sandbox"
ENDPOINT, TOKEN = "whsec_of_this_endpoint", "Zr4u7xQ2m9KpLw8sVtYb3nHcGd6eJfA1-_oT"
STALE = (-4 * 86400, -86400, -3600, -400, -302, -301, 301, 302, 400, 3600, 86400, 4 * 86400)
"""Seconds between a right signature and now that are too many."""
HASHES = ("md5", "sha1", "sha224", "sha384", "sha512", "sha3_256", "blake2s")

# Zendesk

STAMP, MARK = "X-Zendesk-Webhook-Signature-Timestamp", "X-Zendesk-Webhook-Signature"


def _zendesk_body(n: int, **more: Any) -> bytes:
    return json.dumps({"account_id": ACCOUNT, "id": f"01JD{n:010d}", "type": "zen:event-type:ticket.comment_added",
                       "time": "2026-11-20T09:00:00Z", "detail": {"id": str(1000 + n % 7)}, **more}).encode()


def zendesk_sent(body: bytes, at: datetime, secret: str = SECRET) -> Asked:
    return Asked("/webhooks/zendesk", body, signed(body, secret=secret, at=at))


def _zendesk_boundary(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    """What is signed stays the same; where the timestamp ends and the body begins does not."""
    stamp, by = good.headers[STAMP], chance.randrange(1, 20)
    if chance.random() < 0.5:
        return replace(good.saying(STAMP, stamp + good.body[:by].decode("latin-1")), body=good.body[by:])
    return replace(good.saying(STAMP, stamp[:-by]), body=stamp[-by:].encode() + good.body)


def _zendesk_time(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    other = at + timedelta(seconds=chance.choice((-1, 1, 60, -60, 299, -299, 3600)))
    said = chance.choice((other.strftime("%Y-%m-%dT%H:%M:%SZ"), at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
                          at.strftime("%Y-%m-%d %H:%M:%SZ"), str(int(at.timestamp())), at.isoformat(),
                          at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "9999-99-99T99:99:99Z", "0000-00-00T00:00:00Z"))
    return good.saying(STAMP, said)


def _zendesk_secret(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    guess = chance.choice(("", TEST_SECRET, SECRET[:-1], SECRET.lower(), SECRET + "\n", ENDPOINT, TOKEN, "secret",
                           base64.b64decode(SECRET).hex(), f"guess-{chance.random()}"))
    return zendesk_sent(good.body, at, guess)


def _zendesk_stale(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    return zendesk_sent(good.body, at + timedelta(seconds=chance.choice(STALE)))


def _zendesk_hash(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    stamp = good.headers[STAMP].encode()
    if chance.random() < 0.3:
        raw = hashlib.sha256(SECRET.encode() + stamp + good.body).digest()  # no HMAC, only a hash
    elif chance.random() < 0.3:
        raw = hmac.new(SECRET.encode(), chance.choice((good.body, good.body + stamp, stamp + b"." + good.body, stamp)),
                       "sha256").digest()
    else:
        raw = hmac.new(SECRET.encode(), stamp + good.body, chance.choice(HASHES)).digest()
    return good.saying(MARK, base64.b64encode(raw).decode())


def _zendesk_other_account(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    return zendesk_sent(_zendesk_body(n, account_id=chance.choice((10000002, 1, 0, -1, None, 2**60))), at)


def _zendesk_unreadable(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    """Rightly signed, and no event of a ticket."""
    wrong: tuple[dict[str, Any], ...] = (
        {"id": "../x"}, {"id": ""}, {"id": None}, {"type": "zen:event-type:user.created"}, {"type": "x"}, {"type": 7},
        {"detail": {}}, {"detail": {"id": "0"}}, {"detail": {"id": "1; drop"}}, {"detail": {"id": "9" * 19}},
        {"detail": []}, {"time": "yesterday"}, {"time": "0001-01-01T00:00:00Z"}, {"detail": {"id": "１"}},
        {"detail": {"id": "\ud800"}}, {"detail": {"id": "1\u0000"}})
    return zendesk_sent(_zendesk_body(n, **chance.choice(wrong)), at)


def foreign_scheme(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    """Signed as other vendors sign, with our own secrets."""
    stamp, secret = str(int(at.timestamp())), chance.choice((SECRET, ENDPOINT, TOKEN)).encode()
    dotted = hmac.new(secret, f"{stamp}.".encode() + good.body, "sha256").digest()
    plain = hmac.new(secret, good.body, "sha256").digest()
    standard = hmac.new(secret, f"msg_1.{stamp}.".encode() + good.body, "sha256").digest()
    theirs = chance.choice((
        {"Stripe-Signature": f"t={stamp},v1={plain.hex()}"}, {"X-Hub-Signature-256": f"sha256={plain.hex()}"},
        {"X-Slack-Signature": f"v0={dotted.hex()}", "X-Slack-Request-Timestamp": stamp},
        {"webhook-id": "msg_1", "webhook-timestamp": stamp,
         "webhook-signature": "v1," + base64.b64encode(standard).decode()},
        {STAMP: at.strftime("%Y-%m-%dT%H:%M:%SZ"), MARK: base64.b64encode(plain).decode()},
        {"X-Deskhand-Signature": "v1=" + base64.b64encode(plain * 10).decode(), "X-Deskhand-Timestamp": stamp},
        {"Authorization": f"Basic {base64.b64encode(b':' + secret).decode()}"}, {"X-Shopify-Hmac-Sha256": plain.hex()}))
    return replace(good, headers={"Content-Type": "application/json", **theirs})


def _same(good: Asked, mutation: Asked, names: Sequence[str]) -> bool:
    return (mutation.body, mutation.path) == (good.body, good.path) and all(
        mutation.headers.get(one, "").strip(" \t") == good.headers[one] for one in names)


ZENDESK = Vendor("zendesk", lambda n, at: zendesk_sent(_zendesk_body(n), at), (STAMP, MARK), (
    _zendesk_boundary, _zendesk_time, _zendesk_secret, _zendesk_stale, _zendesk_hash, _zendesk_other_account,
    _zendesk_unreadable, foreign_scheme), lambda good, other: _same(good, other, (STAMP, MARK)))


def _trigger_calls(n: int, at: datetime) -> Asked:
    """What our trigger sends: no event's id is signed."""
    body = json.dumps({"ticket_id": str(1000 + n), "updated_at": "2026-11-20T09:00:00Z", "current_user_id": "11"})
    return zendesk_sent(body.encode(), at).saying("X-Zendesk-Webhook-Invocation-Id", f"01HAN{n:021d}")


TRIGGER = Vendor("zendesk trigger", _trigger_calls, (STAMP, MARK), ZENDESK.own, ZENDESK.authentic)


# Stripe

SIGNATURE = "Stripe-Signature"


def _stripe_body(n: int, charge: str, **more: Any) -> bytes:
    return json.dumps({"id": f"evt_{n}", "object": "event", "type": "refund.failed", "created": 1795234944,
                       "livemode": False, "request": {"id": None, "idempotency_key": None},
                       "data": {"object": {"id": "re_1", "object": "refund", "charge": charge}}, **more}).encode()


def stripe_mark(body: bytes, at: datetime, secret: str = ENDPOINT, digest: str = "sha256") -> str:
    return hmac.new(secret.encode(), f"{int(at.timestamp())}.".encode() + body, digest).hexdigest()


def stripe_sent(body: bytes, at: datetime, secret: str = ENDPOINT) -> Asked:
    return Asked("/webhooks/stripe", body, {
        SIGNATURE: f"t={int(at.timestamp())},v1={stripe_mark(body, at, secret)}", "Content-Type": "application/json"})


def _stripe_lists(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    """The list of signatures reordered, doubled, cut short or filled with false ones."""
    stamp, mark = good.headers[SIGNATURE].removeprefix("t=").split(",v1=")
    false = flipped(bytes.fromhex(mark), chance).hex()
    return good.saying(SIGNATURE, chance.choice((
        f"v1={mark}", f"t={stamp}", f"t={stamp},v0={mark}", f"t={stamp},v1={false}", f"t={stamp},v1={false},v1={false}",
        f"t={stamp},t={int(stamp) + 1},v1={mark}", f"t={stamp},t={stamp},v1={mark}", f"t={int(stamp) + 1},v1={mark}",
        f"t={stamp},v1={mark[:-1]}", f"t={stamp},v1={mark}0", f"t={stamp},v1=", f"t=,v1={mark}", f"t={stamp};v1={mark}",
        f"t={stamp},v1={mark}" + f",v1={false}" * 40, f"t={stamp}.0,v1={mark}", f"t=+{stamp},v1={mark}",
        f"t=-{stamp},v1={mark}", f"t= {stamp} ,v2={mark}", f"t={stamp},V1={mark}", f"T={stamp},v1={mark}",
        f"t={stamp},v1={base64.b64encode(bytes.fromhex(mark)).decode()}", f"t={stamp},v1={mark.upper()}",
        f"t={stamp},alg=none,v1=", f"t={'9' * 40},v1={mark}", f"t={stamp},v1=\u0661{mark[1:]}", "," * 5000)))


def _stripe_boundary(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    stamp, mark = good.headers[SIGNATURE].removeprefix("t=").split(",v1=")
    by = chance.randrange(1, 6)
    if chance.random() < 0.5:
        return replace(good.saying(SIGNATURE, f"t={stamp}.{good.body[:by].decode('latin-1')},v1={mark}"),
                       body=good.body[by:])
    return replace(good.saying(SIGNATURE, f"t={stamp[:-by]},v1={mark}"), body=stamp[-by:].encode() + b"." + good.body)


def _stripe_secret(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    guess = chance.choice(("", ENDPOINT.removeprefix("whsec_"), ENDPOINT[:-1], ENDPOINT.upper(), SECRET, TOKEN,
                           "rk_test_desk", "whsec_", f"whsec_{chance.random()}"))
    return stripe_sent(good.body, at, guess)


def _stripe_stale(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    return stripe_sent(good.body, at + timedelta(seconds=chance.choice(STALE)))


def _stripe_hash(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    mark = stripe_mark(good.body, at, digest=chance.choice(HASHES))
    return good.saying(SIGNATURE, f"t={int(at.timestamp())},v1={mark}")


def _stripe_other_account(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    wrong: tuple[dict[str, Any], ...] = (
        {"livemode": True}, {"account": "acct_other"}, {"context": "acct_other"},
        {"context": f"org_1/{OURS}/acct_other"}, {"account": "acct_other", "context": OURS}, {"account": OURS.upper()},
        {"livemode": "true"}, {"livemode": 1})
    return stripe_sent(_stripe_body(n, "ch_1", **chance.choice(wrong)), at)


def _stripe_unreadable(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    wrong: tuple[dict[str, Any], ...] = (
        {"id": "x"}, {"id": None}, {"object": "refund"}, {"type": 7}, {"type": ""}, {"created": -1}, {"created": 1e300},
        {"created": "now"}, {"data": {}}, {"data": {"object": {"id": "x;", "object": "charge"}}}, {"data": None},
        {"id": "evt_\u0000"}, {"request": "x"}, {"account": 7}, {"context": "\ud800"})
    return stripe_sent(_stripe_body(n, "ch_1", **chance.choice(wrong)), at)


def _stripe_authentic(good: Asked, other: Asked) -> bool:
    """Stripe's header may carry more signatures than the right one."""
    parts = [part.strip() for part in other.headers.get(SIGNATURE, "").split(",")]
    stamp, mark = good.headers[SIGNATURE].split(",")
    return other.body == good.body and stamp in parts and mark in parts and sum(one[:2] == "t=" for one in parts) == 1


def stripe(charge: str) -> Vendor:
    """Deliveries about this charge."""
    return Vendor("stripe", lambda n, at: stripe_sent(_stripe_body(n, charge), at), (SIGNATURE,), (
        _stripe_lists, _stripe_lists, _stripe_boundary, _stripe_secret, _stripe_stale, _stripe_hash,
        _stripe_other_account, _stripe_unreadable, foreign_scheme), _stripe_authentic)


# Salesforce: the package's signed events

NAMES = tuple(f"X-Deskhand-{one}" for one in ("Timestamp", "Id", "Org", "User", "Case", "Signature"))
OTHERS: dict[str, Any] = {"org": "00D5e000000OTHRAA4", "case": "5005e000001WXYZAA4",
          "id": "3f0c9d2e-ffff-4000-8000-000000000002", "method": "PUT", "path": "/api/ticket/run"}


def _id(n: int) -> str:
    return f"3f0c9d2e-0000-4000-8000-{n:012d}"


def package_event(n: int, at: datetime, told: dict[str, Any] | None = None, **more: Any) -> Asked:
    body = json.dumps({"event_id": _id(n), "org_id": ORG, "case_id": CASE, "kind": "email_received",
                       "occurred_at": "2026-11-20T08:59:58Z", **(told or {})}).encode()
    return Asked("/webhooks/salesforce", body, Sent(**{"body": body, "id": _id(n), "at": at, **more}).headers)


def _package_elsewhere(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    """Signed by the org, for something else than what it comes with."""
    name = chance.choice(list(OTHERS))
    other = package_event(n, at, **{name: OTHERS[name]})
    return other if chance.random() < 0.5 or name in ("method", "path") else good.saying(
        f"X-Deskhand-{name.title()}", OTHERS[name])


def _package_signature(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    raw = base64.b64decode(good.headers[NAMES[-1]][3:])
    bad = chance.choice((flipped(raw, chance), raw[:-1], raw + b"\0", b"\0" * 256, b"\xff" * 256, raw[::-1],
                         b"\1" * 256))
    return good.saying(NAMES[-1], "v1=" + base64.b64encode(bad).decode())


def _package_key(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    if chance.random() < 0.7:
        return package_event(n, at, by=chance.choice(("third", "fourth")))
    mark = hmac.new(pem().encode(), Sent(body=good.body, id=_id(n), at=at).text(), "sha256").digest() * 8
    return good.saying(NAMES[-1], "v1=" + base64.b64encode(mark).decode())


def _package_stale(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    return package_event(n, at + timedelta(seconds=chance.choice(STALE)))


def _package_body(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    wrong: tuple[dict[str, Any], ...] = (
        {"event_id": "other"}, {"org_id": OTHERS["org"]}, {"case_id": OTHERS["case"]}, {"case_id": 500}, {"kind": "A;"},
        {"kind": None}, {"occurred_at": "then"}, {"case_id": CASE[:15]}, {"event_id": None}, {"kind": "\ud800"})
    return package_event(n, at, chance.choice(wrong))


def _package_lines(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    """A line of what is signed reaches into the next one."""
    first, second = chance.sample(NAMES[:-1], 2)
    return good.saying(first, f"{good.headers[first]}\n{good.headers[second]}").saying(second, "")


PACKAGE = Vendor("salesforce package", package_event, NAMES, (
    _package_elsewhere, _package_signature, _package_key, _package_stale, _package_body, _package_lines,
    foreign_scheme), lambda good, other: _same(good, other, NAMES))


# Salesforce: outbound messages, of which nothing is signed; their address is the secret.

MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>
<notifications xmlns="http://soap.sforce.com/2005/09/outbound">
<OrganizationId>{org}</OrganizationId><ActionId>04k5e000000ABCDAA4</ActionId>
<Notification><Id>{id}</Id><sObject xsi:type="sf:{kind}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
<sf:Id>{case}</sf:Id></sObject></Notification>
</notifications></soapenv:Body></soapenv:Envelope>"""


def message(n: int, at: datetime, token: str = TOKEN, **more: str) -> Asked:
    said = {"org": ORG[:15], "id": f"04l5e{n:010d}", "kind": "Case", "case": CASE[:15], **more}
    return Asked(f"/webhooks/salesforce/{token}", MESSAGE.format(**said).encode(), {"Content-Type": "text/xml"})


def _token(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    at_, letters = chance.randrange(len(TOKEN)), "ABCXYZabcxyz0189-_.~é"
    return message(n, at, chance.choice((
        TOKEN[:at_] + chance.choice(letters.replace(TOKEN[at_], "")) + TOKEN[at_ + 1:], TOKEN[:at_], TOKEN[at_ + 1:],
        TOKEN + chance.choice(letters), chance.choice(letters) + TOKEN, TOKEN + TOKEN, TOKEN[::-1], TOKEN.upper(),
        TOKEN.lower(), TOKEN.swapcase(), TOKEN + " ", " " + TOKEN, TOKEN + "\n", TOKEN + "\0", f"{TOKEN},{TOKEN}",
        TOKEN.translate(LOOKALIKES), "null", "undefined", "*", "%", ".*", "x" * 5000, "'or'1'='1", SECRET, ENDPOINT,
        "\u202e" + TOKEN, "Ｚ" + TOKEN[1:], hashlib.sha256(TOKEN.encode()).hexdigest())))


def _token_elsewhere(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    bare = replace(good, path="/webhooks/salesforce")
    return chance.choice((
        bare, replace(bare, query=f"token={TOKEN}"), bare.saying("Authorization", f"Bearer {TOKEN}"),
        bare.saying("Cookie", f"token={TOKEN}"), bare.saying("X-Token", TOKEN), replace(bare, body=TOKEN.encode()),
        replace(good, path=f"/webhooks/salesforce/{TOKEN}/x"), replace(good, path=f"/webhooks/salesforce//{TOKEN}"),
        replace(good, path=f"/webhooks/zendesk/{TOKEN}"), replace(good, path=f"/webhooks/salesforce/x/{TOKEN}"),
        replace(good, method="PUT"), replace(good, method="GET")))


def _message_org(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    letter = chance.randrange(3, 15)
    return message(n, at, org=chance.choice((
        ORG[:letter] + ("z" if ORG[letter] != "z" else "y") + ORG[letter + 1:15], ORG[:14], ORG[:15] + "AAA",
        ORG.upper(), OTHERS["org"], OTHERS["org"][:15], "", ORG + " ", f" {ORG}", ORG + ORG, "00D", "x" * 999)))


def _message_case(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    wrong = ({"case": "0035e000001ABCD"}, {"case": ""}, {"case": CASE[:14]}, {"case": CASE + "x"}, {"kind": "User"},
             {"kind": ""}, {"id": "x"}, {"id": ""}, {"id": "04l"}, {"case": "500é00001ABCDAA"},
             {"case": "５００" + CASE[3:]})
    return message(n, at, **chance.choice(wrong))


def _message_xml(good: Asked, n: int, at: datetime, chance: Random) -> Asked:
    raw = good.body
    return replace(good, body=chance.choice((
        b"", b"<a/>", b"{}", raw[:-5], b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>" + raw[38:],
        raw.replace(b"<soapenv:Body>", b"<!-- x --><soapenv:Body>"), raw.replace(b"2005/09", b"2005/10"),
        raw.replace(b"Notification>", b"Other>"), raw + b"\0", b"<a>" * 20_000, raw.decode().encode("utf-16"),
        raw.replace(b"<OrganizationId>", b"<OrganizationId>&lol;"), raw.replace(b"soapenv:Body", b"soapenv:Head"),
        b"\xff" + raw, raw.replace(b"<Notification>", b"<Notification><![CDATA[x]]>"))))


MESSAGES = Vendor("salesforce message", message, ("Content-Type",), (
    _token, _token, _token, _token, _token_elsewhere, _message_org, _message_case, _message_xml),
    lambda good, other: other == good, common=False)
