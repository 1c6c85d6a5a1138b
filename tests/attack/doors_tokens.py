"""Tokens of the sidebar and signed calls of the component that neither Zendesk nor our org made for us."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, select

from agent.database import Database
from agent.published import Published
from agent.tables import sessions
from tests.attack.doors_forged import BATCH, Forged
from tests.attack.doors_spoiled import Vendor, flipped, spoiled
from tests.attack.doors_vendors import NAMES, STALE
from tests.attack.doors_wire import Asked, called
from tests.attack.shared import published
from tests.figures import Figures
from tests.webhooks.forging import AT, AUDIENCE, CLAIMS, HEADER, b64, by_secret, dumped
from tests.webhooks.opened import KIM, LOU, OURS, ROLES, ZENDESK, OpenOffice
from tests.webhooks.org import Sent, pem
from tests.webhooks.signing import NOW
from tests.webhooks.test_tokens import ATTACKER, ATTACKS, EVIL, RECIPES
from tests.webhooks.test_tokens import ZENDESK as SIGNER
from webhooks.app import Health, create_app, people_doors
from webhooks.sidebar import ZendeskFrame
from webhooks.signed import SignedOrg

LISTED = "train_jwt_attacks.json"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
REFUSED = (308, 401, 403, 404, 405, 413)
"""How a call is answered that was not let in: 400 and 409 are said to whoever is."""


class Sidebar:
    """The sidebar's door, for one installation whose key is ours to sign with."""

    def __init__(self, database: Database) -> None:
        self.office = OpenOffice(database.engine)
        self.office.clock.moment = NOW
        self.database, self.user = database, self.office.opens(KIM)["user"]
        frame = ZendeskFrame(SIGNER.app(), ZENDESK)
        self.app = create_app(Health(database.engine, lambda: "running", Published()), tuple(people_doors(
            self.office.desk, ROLES, OURS, self.office.desk.helpdesks["zendesk"], frame)))

    def opened(self) -> int:
        with self.database.engine.connect() as c:
            return int(c.execute(select(func.count()).select_from(sessions)).scalar_one())

    def genuine(self, n: int, **claims: Any) -> str:
        return SIGNER.token(**{"sub": str(self.user), "qsh": f"{n:064x}", **claims})


def posted(token: str) -> Asked:
    form = urlencode({"token": token.encode("utf-8", "surrogatepass")})
    return Asked("/sidebar/zendesk", form.encode(), {"Content-Type": "application/x-www-form-urlencoded"})


def _letter(good: str, other: str, n: int, chance: Random) -> str:
    at = chance.randrange(len(good))
    return good[:at] + chance.choice(LETTERS.replace(good[at], "") + "+/=. \n\0é") + good[at + 1:]


def _mixed(good: str, other: str, n: int, chance: Random) -> str:
    """Parts of two genuine tokens."""
    mine, theirs = good.split("."), other.split(".")
    at = chance.choice((1, 2))
    return ".".join(theirs[n] if n == at else one for n, one in enumerate(mine))


def _shaped(good: str, other: str, n: int, chance: Random) -> str:
    head, claims, mark = good.split(".")
    return chance.choice((
        f"{head}.{claims}", f"{head}.{claims}.", f".{claims}.{mark}", f"{head}..{mark}", f"{good}.{mark}", f"{good}.",
        f".{good}", f"{good},{other}", f"{good} {other}", f"Bearer {good}", f"{head}.{claims}.{mark}=", f"{good}\n",
        f"{good}\0", good.swapcase(), good[::-1], good[:chance.randrange(len(good))], good * 2,
        json.dumps({"protected": head, "payload": claims, "signature": mark}), f"{head}.{claims}.{mark[:-1]}", "",
        f"{claims}.{head}.{mark}", "null",
        f"{head}.{claims}.{b64(flipped(b'x' * 256, chance))}",
        f"{head}.{claims}.{mark}.{claims}.{mark}", "." * 4000))


def _claims(chance: Random) -> dict[str, Any]:
    """Claims of somebody else, of elsewhere, or of another time."""
    return dict(chance.choice((
        {"sub": str(chance.randrange(1, 10**6)) + "x"}, {"sub": None}, {"sub": "-7"}, {"sub": "٧"}, {"sub": "7\n"},
        {"sub": f"https://other.zendesk.com/api/v2/users/{chance.randrange(99)}.json"}, {"sub": 7}, {"sub": ["7"]},
        {"iss": "other.zendesk.com"}, {"iss": "acme.zendesk.com.evil.example"}, {"iss": "acme.zendesk.com/"},
        {"iss": None}, {"iss": ["acme.zendesk.com"]}, {"iss": "ACME.zendesk.com"}, {"iss": "аcme.zendesk.com"},
        {"aud": AUDIENCE.replace("42", str(chance.randrange(43, 10**6)))}, {"aud": [AUDIENCE]}, {"aud": None},
        {"aud": AUDIENCE + "?"}, {"aud": "*"}, {"aud": AUDIENCE.replace("acme", "other")}, {"aud": AUDIENCE.upper()},
        {"exp": AT - chance.randrange(31, 10**6), "iat": AT - 10**6 - 600, "nbf": None}, {"exp": None}, {"iat": None},
        {"exp": str(AT + 300)}, {"exp": AT + 300.5}, {"exp": True}, {"exp": 2**63}, {"exp": AT + 10**8}, {"exp": -1},
        {"iat": AT + chance.randrange(31, 10**6), "nbf": None, "exp": AT + 10**6 + 300}, {"iat": "now"},
        {"nbf": AT + chance.randrange(31, 10**6)}, {"nbf": "now"}, {"context": "x"}, {"context": ["x"]})))


def _who(token: str) -> str:
    """Who is looking, by a genuine token."""
    part = token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["sub"])


def _said_wrong(good: str, other: str, n: int, chance: Random) -> str:
    """Rightly signed, and not for us or not now."""
    return SIGNER.token(**{"sub": _who(good), "qsh": f"{n:064x}", **_claims(chance)})


def _changed(good: str, other: str, n: int, chance: Random) -> str:
    """Claims or header changed after signing."""
    head, claims, mark = good.split(".")
    if chance.random() < 0.5:
        more = chance.choice(({"kid": f"k{chance.randrange(99)}"}, {"alg": "none"}, {"alg": "HS256"}, {"typ": "jwt"},
                              {"alg": "RS384"}, {"jku": EVIL}, {"alg": "PS256"}, {"alg": ""}, {"zip": "DEF"}))
        return f"{b64(dumped(HEADER | more))}.{claims}.{mark}"
    return f"{head}.{b64(dumped(CLAIMS | {'sub': str(chance.randrange(10**9))} | _claims(chance)))}.{mark}"


def _headed(good: str, other: str, n: int, chance: Random) -> str:
    """Rightly signed, under a header that brings or names a key, or means something else."""
    return SIGNER.token(chance.choice((
        {"jwk": ATTACKER.jwk()}, {"jku": EVIL}, {"x5u": EVIL}, {"x5c": [b64(ATTACKER.der)]}, {"crit": ["exp"]},
        {"crit": ["b64"], "b64": False}, {"zip": "DEF"}, {"cty": "JWT"}, {"typ": "at+jwt"}, {"kid": "../../dev/null"},
        {"kid": "' UNION SELECT 'k"}, {"kid": EVIL}, {"kid": chance.randrange(99)}, {"kid": None, "KID": "x"},
        {"alg": chance.choice(("none", "None", "nOnE", "HS256", "RS512", "ES256", "rs256", "RS256 ", "", " RS256"))},
        {"alg": ["RS256"]}, {"alg": None}, {f"x{chance.randrange(10**6)}": 1})), sub=_who(good), qsh=f"{n:064x}")


def _by_others(good: str, other: str, n: int, chance: Random) -> str:
    secret = chance.choice((SIGNER.pem.encode(), SIGNER.pem.strip().encode(), SIGNER.der, b"", b"secret",
                            AUDIENCE.encode(), SIGNER.pem.replace("\n", "").encode(),
                            b64(SIGNER.der).encode()))
    if chance.random() < 0.5:
        return by_secret(secret, {"alg": chance.choice(("HS256", "HS384", "HS512", "RS256", "hs256"))}, sub=_who(good))
    return ATTACKER.token(chance.choice(({}, {"kid": "key-1"}, {"jwk": ATTACKER.jwk()}, {"jku": EVIL})), sub=_who(good),
                          qsh=f"{n:064x}")


TOKENS: tuple[Callable[[str, str, int, Random], str], ...] = (
    _letter, _letter, _mixed, _shaped, _said_wrong, _changed, _headed, _by_others)


def _elsewhere(good: str, chance: Random) -> Asked:
    """A genuine token, and not where Zendesk posts it."""
    form = posted(good)
    bare = replace(form, body=b"")
    return chance.choice((
        replace(bare, query=urlencode({"token": good})), bare.saying("Authorization", f"Bearer {good}"),
        bare.saying("Cookie", f"token={good}"), replace(form, query=urlencode({"token": good})),
        replace(form, body=form.body + b"&" + form.body), replace(form, body=json.dumps({"token": good}).encode()),
        form.saying("Content-Type", "text/plain"), form.saying("Content-Type", "application/json"),
        replace(form, body=form.body.replace(b"token", b"Token")), replace(form, body=form.body.replace(b"=", b"[]=")),
        replace(form, method="PUT"), replace(form, method="GET"), bare.saying("X-Zendesk-Token", good)))


def tokens(sidebar: Sidebar, count: int, chance: Random) -> Forged:
    """So many forged ones, with a genuine one before each batch, and that one a second time."""
    found, n = Forged(), 0
    good = other = ""
    while found.sent < count:
        if found.sent % BATCH == 0 and found.sent // BATCH == found.untouched:
            good, other = sidebar.genuine(n := n + 1), sidebar.genuine(10**6 + n)
            before, told = sidebar.opened(), called(sidebar.app, posted(good))
            found.untouched += 1
            found.untouched_accepted += told.status == 200 and sidebar.opened() == before + 1
            found.heard("used before", called(sidebar.app, posted(good)))
        if chance.random() < 0.1:
            asked, name = _elsewhere(sidebar.genuine(2 * 10**6 + found.sent), chance), "elsewhere"
        else:
            how = chance.choice(TOKENS)
            forged, name = how(sidebar.genuine(3 * 10**6) if how is _letter else good, other, found.sent, chance), \
                how.__name__
            if how is _letter and forged == sidebar.genuine(3 * 10**6):
                continue
            asked = posted(forged)
        found.heard(f"{name}: {asked!r:.400}", called(sidebar.app, asked))
    return found


def recipes(sidebar: Sidebar) -> Forged:
    """Every attack that is written out, those of the shared set too."""
    found = Forged()
    made = {**{name: token for name, (token, _) in ATTACKS.items()}, **{name: make() for name, make in RECIPES.items()}}
    for name, token in made.items():
        found.heard(name, called(sidebar.app, posted(token)))
    return found


class OnTheCase:
    """The API behind the component, for an org whose key is ours to sign with."""

    def __init__(self, database: Database) -> None:
        self.office = office = OpenOffice(database.engine, helpdesk="salesforce")
        office.unproven()
        users = office.salesforce.state.tables["User"].values()
        self.users = {str(one["Email"]): str(one["Id"]) for one in users}
        org = SignedOrg(office.side.account, (pem(),))
        self.app: Flask = create_app(Health(database.engine, lambda: "running", Published()),
                                     tuple(people_doors(office.desk, ROLES, OURS, org=org)))
        self.wait = office.waits()[0]

    def call(self, n: int, at: datetime, **more: Any) -> Asked:
        """A colleague's press, as the package sends it."""
        said = {"body": json.dumps({"digest": f"{n:064x}"}).encode(), "path": "/api/ticket/run", "method": "POST",
                "id": f"3f0c9d2e-0001-4000-8000-{n:012d}", "org": self.office.side.account, "user": self.users[KIM],
                "case": str(self.office.first), "at": at, **more}
        sent = Sent(**said)
        return Asked(sent.path, sent.body, sent.headers, sent.method)

    def _swapped(self, good: Asked, n: int, at: datetime, chance: Random) -> Asked:
        name, said = chance.choice([("User", one) for one in self.users.values() if one != self.users[KIM]] + [
            ("User", "-"), ("Case", "-"), ("Case", "5005e000001WXYZAA4"), ("Org", "00D5e000000OTHRAA4"),
            ("Timestamp", str(int(at.timestamp()) + chance.choice((-1, 1, 60, -299)))), ("Id", f"other-{n:012d}")])
        return good.saying(f"X-Deskhand-{name}", said)

    def _elsewhere(self, good: Asked, n: int, at: datetime, chance: Random) -> Asked:
        """A signature of one address or method at another."""
        card = f"/api/approvals/{self.wait.id}"
        wrongs: tuple[dict[str, Any], ...] = (
            {"path": card}, {"path": f"{card}/decline"}, {"path": "/api/ticket/take-over"}, {"path": "/api/pause"},
            {"path": "/api/resume"}, {"path": "/api/operations/x/undo"}, {"query": "x=1"}, {"method": "GET"},
            {"path": "/api/ticket/run/"}, {"path": "/api//ticket/run"}, {"path": "/API/ticket/run"}, {"method": "PUT"},
            {"path": "/api/sessions/bind"}, {"path": "/api/ticket", "method": "GET"})
        return replace(good, **chance.choice(wrongs))

    def _strangers(self, good: Asked, n: int, at: datetime, chance: Random) -> Asked:
        """Rightly signed, for who may do nothing here, for another org, too late, or by another key."""
        wrongs: tuple[dict[str, Any], ...] = (
            {"by": "third"}, {"by": "fourth"}, {"user": "0055e000002ZZZZAA4"}, {"user": "-"}, {"case": "-"},
            {"case": "5005e000001WXYZAA4"}, {"org": "00D5e000000OTHRAA4"}, {"user": self.users[LOU], "case": "-"},
            {"at": at + timedelta(seconds=chance.choice(STALE))}, {"method": "PUT"}, {"path": "/webhooks/salesforce"})
        wrong: dict[str, Any] = {"at": at, **chance.choice(wrongs)}
        return self.call(n, **wrong)

    def _bearers(self, good: Asked, n: int, at: datetime, chance: Random) -> Asked:
        bare = replace(good, headers={"Content-Type": "application/json", "Origin": OURS})
        guess = "".join(chance.choices(LETTERS, k=chance.choice((1, 42, 43, 44))))
        return bare.saying("Authorization", f"Bearer {guess}")

    def vendor(self) -> Vendor:
        own = (self._swapped, self._elsewhere, self._strangers, self._bearers)
        return Vendor("component", self.call, NAMES, own, lambda good, other: other == good or (
            replace(other, headers={k: v.strip(" \t") for k, v in other.headers.items()}) == good))


def calls(case: OnTheCase, count: int, chance: Random) -> Forged:
    found, vendor, n, at = Forged(), case.vendor(), 0, case.office.clock()
    good = other = vendor.genuine(0, at)
    while found.sent < count:
        if found.sent % BATCH == 0 and found.sent // BATCH == found.untouched:
            n += 1
            good, other = vendor.genuine(n, at), vendor.genuine(10**6 + n, at)
            found.untouched += 1
            found.untouched_accepted += called(case.app, good).status == 409  # let in: it saw something older
            _judged(found, "sent before", case, good)
            good = vendor.genuine(2 * 10**6 + n, at)
        forged = spoiled(good, other, vendor, chance) if chance.random() < 0.5 else chance.choice(vendor.own)(
            good, 4 * 10**6 + found.sent, at, chance)
        if not vendor.authentic(good, forged):
            _judged(found, repr(forged)[:400], case, forged)
    found.accepted += [f"a wait is {one.state}" for one in case.office.waits(("declined", "used", "given"))]
    return found


def _judged(found: Forged, what: str, case: OnTheCase, asked: Asked) -> None:
    told = called(case.app, asked)
    found.heard(what, told)
    if told.status not in REFUSED and told.status < 500 and told.status >= 300:
        found.accepted.append(f"{what}: {told.status}")


def measured(database: Callable[[], Database], quick: bool, seed: int) -> Figures:
    figures, chance, count = Figures("Forged tokens"), Random(seed), 120 if quick else 2_000
    sidebar = Sidebar(database())
    written = recipes(sidebar)
    parts = {"sidebar tokens": tokens(sidebar, count, chance)}
    parts["signed calls"] = calls(OnTheCase(database()), count, chance)
    figures.add("attacks written out", written.sent, at_least=120)
    figures.add("attacks written out: accepted or 5xx", len(written.accepted + written.broken), equal=0)
    published(figures, "published recipes tried", LISTED, lambda at: len(
        {one["name"] for one in json.loads(at.read_text())} & RECIPES.keys()), 22)
    for name, found in parts.items():
        figures.add(f"{name}: mutations", found.sent, at_least=count)
        figures.add(f"{name}: genuine ones let in, of {found.untouched}", found.untouched_accepted,
                    equal=max(1, found.untouched))
        figures.add(f"{name}: accepted", len(found.accepted), equal=0)
        figures.add(f"{name}: 5xx", len(found.broken), equal=0)
    figures.also["wrong"] = [one for found in (written, *parts.values()) for one in found.accepted + found.broken][:20]
    return figures
