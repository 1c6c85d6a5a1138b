"""Every route of the application as installed, with everything that can be wrong about who asks.

The routes come from the application's own map: one without a declared guard is itself a finding. What a wrong request
changed is read from the ledger and from the vendors' books.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from flask import Flask
from sqlalchemy import func, select, text, update
from werkzeug.test import TestResponse

from agent.consent.waits import of_ticket
from agent.database import Database
from agent.published import Published
from agent.tables import sessions
from connectors.zendesk.standin.apps import App
from tests.attack.doors_vendors import ENDPOINT, TOKEN, message, package_event, stripe_sent, zendesk_sent
from tests.attack.doors_wire import Asked, called
from tests.figures import Figures
from tests.journeys.office import AGENT, ERIN, refund
from tests.journeys.sides import ORG, SIDES
from tests.webhooks.opened import ADA, HAL, KIM, LEO, LOU, OURS, ROLES, Beside, Component, OpenOffice, Seat
from tests.webhooks.org import pem
from tests.webhooks.signing import SECRET
from webhooks.app import Installation
from webhooks.config import Config
from webhooks.settings import load_settings

SUE, EVE, IVY = (f"{name}@acme.example" for name in ("sue", "eve", "ivy"))
"""Agents who will be suspended, made a customer, and kept from seeing the tickets."""
LATER: dict[str, Any] = {"users": [{"name": email.split("@")[0].title(), "email": email, "role": "agent",
                                    "groups": ["Team leads"]} for email in (SUE, EVE, IVY)]}
LATER_IN_THE_ORG: dict[str, Any] = {"users": [
    {"Name": email.split("@")[0].title(), "Email": email, "permission_sets": ["Deskhand_Approver"],
     "groups": ["Team leads"]} for email in (SUE, IVY)]}

GUARDS: dict[str, str] = {
    "/webhooks/zendesk": "vendor", "/webhooks/stripe": "vendor", "/webhooks/salesforce": "vendor",
    "/webhooks/salesforce/<token>": "vendor", "/sidebar/zendesk": "sidebar", "/confirm/<token>": "customer",
    "/api/sessions/bind": "colleague", "/api/ticket": "colleague", "/api/waiting": "colleague",
    "/api/ticket/run": "role", "/api/ticket/take-over": "role", "/api/ticket/give-back": "role",
    "/api/approvals/<int:wait>": "role", "/api/approvals/<int:wait>/decline": "role",
    "/api/operations/<id>/undo": "role", "/api/pause": "admin", "/api/resume": "admin",
    "/healthz": "nothing to tell", "/readyz": "nothing to tell", "/metrics": "nothing to tell",
    "/api/docs": "nothing to tell", "/api/openapi.json": "nothing to tell",
    "/static/<digest>/<path:path>": "nothing to tell"}
"""Who may pass: a vendor that signs, the customer who has the link, a colleague (who may look), one with a role, an
administrator; or anybody, because nothing is told and nothing done."""
PEOPLES = ("colleague", "role", "admin")
NEEDED: dict[str, tuple[str, ...]] = {
    "vendor": ("no auth", "signed by others", "another installation", "too old"),
    "sidebar": ("no auth", "signed by others"),
    "customer": ("no auth", "only looked at", "not what our message says"),
    "colleague": ("no auth", "another installation", "suspended"),
    "role": ("no auth", "another installation", "suspended", "light agent", "stale digest"),
    "admin": ("no auth", "another installation", "suspended", "light agent", "no role"),
    "nothing to tell": ("anybody asks",)}
"""By guard, what must be tried at every route of it, and at every route a wrong method."""
NEEDED_OF = {
    ("zendesk", "sidebar"): ("replay", "suspended", "a customer now"),
    ("zendesk", "people"): ("a customer now", "session ended", "session idle", "session too old"),
    ("zendesk", "role"): ("no role", "beside no ticket", "foreign ticket"),
    ("zendesk", "pressed"): ("cross-site",),
    ("salesforce", "people"): ("another user's name", "another case's name", "a guest", "signed too early or late"),
    ("salesforce", "pressed"): ("replay",)}
"""And beside it, by what the helpdesk's own way of signing in makes possible."""
NOT_POSSIBLE = {("/webhooks/salesforce/<token>", "too old")}
"""An outbound message bears no time."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "CONNECT", "QUERY")
OVERRIDES = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST", "X-HTTP-Method": "POST"}
NO = (400, 401, 403, 404, 405, 409, 410)
"""Statuses by which something is refused."""
PERSONAL = ("Dana", "Erin", "dana@example.com", "18.00", "1800", "charged twice", "+49 30")
LEDGER = """
    select json_build_array(
      (select json_agg(row(id, state, by, amount, digest) order by id) from waits),
      (select json_agg(row(id, state, attempts) order by id) from operations),
      (select json_agg(row(id, state, wanted, taken_at, generation) order by id) from tickets),
      (select count(*) from events), (select json_agg(row(s.*)::text) from switches s),
      (select count(*) from proposals), (select count(*) from decisions))::text"""


@dataclass
class Seen:
    """What was tried, by route and wrong, and what passed."""

    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    passed: list[str] = field(default_factory=list)
    right: set[tuple[str, str]] = field(default_factory=set)
    """Routes at which the right request by the right person was let in."""

    def wrongs(self) -> set[str]:
        return {wrong for _, wrong in self.tried}


class World:
    """An installation with three tickets: one that a colleague may approve, another customer's, and one whose customer
    is asked; on the third something was done that can be undone."""

    vendor = ""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.office = office = OpenOffice(database.engine, helpdesk=self.vendor)
        self.staffed()
        self.asked = office.asks(4700)
        office.charge(1800, order="2000")
        office.script(lambda case: {"actions": [refund("c1", claim="goodwill",
                                                       quote="my money back")]})
        self.here = office.handle("I want my money back for order 2000")
        office.charge(1800, email=ERIN)
        self.other = office.handle(email=ERIN)
        office.app = self.app = self._installed()
        office.client = self.app.test_client()
        office.desk = self.installation.desk
        self.waited = {ticket: self.wait(ticket).id for ticket in (self.here, self.other)}

    def staffed(self) -> None:
        raise NotImplementedError

    def settings(self) -> dict[str, str]:
        raise NotImplementedError

    def _installed(self) -> Flask:
        office, other = self.office, next(name for name in SIDES if name != self.vendor)
        beside = SIDES[other](getattr(office, other), office.clock).connected(office.around)["helpdesk"]
        desk = replace(office.desk, helpdesks={**office.desk.helpdesks, other: beside})
        settings = load_settings({
            "DESKHAND_SECRET_KEY": "k" * 48, "DESKHAND_PUBLIC_URL": OURS, "ZENDESK_SUBDOMAIN": "acme",
            "ZENDESK_OAUTH_TOKEN": "t" * 20, "ZENDESK_WEBHOOK_SECRET": SECRET, "ZENDESK_ACCOUNT_ID": "10000001",
            "STRIPE_API_KEY": "rk_test_desk", "STRIPE_WEBHOOK_SECRET": ENDPOINT, "STRIPE_ACCOUNT_ID": "acct_sandbox",
            "SALESFORCE_DOMAIN": "acme", "SALESFORCE_CLIENT_ID": "deskhand", "SALESFORCE_CLIENT_SECRET": "s" * 20,
            "SALESFORCE_ORG_ID": ORG, "SALESFORCE_OUTBOUND_TOKEN": TOKEN, **self.settings()})
        self.installation = Installation(settings, Config(roles=ROLES), self.database, desk, Published())
        return self.installation.app(lambda: "running")

    def fingerprint(self) -> str:
        """Everything that a press, an event or a yes can change."""
        with self.database.engine.connect() as c:
            rows = c.execute(text(LEDGER)).scalar_one()
        told = [{name: book[name] for name in ("notes", "replies", "tags", "status", "assignee_id")}
                for book in map(self.office.ticket, (self.here, self.other, self.asked))]
        records = self.office.salesforce.books()
        return json.dumps([rows, self.office.refunds(), told, records["contacts"], records["activities"]], default=str)

    def wait(self, ticket: Any) -> Any:
        with self.database.engine.begin() as c:
            found = c.execute(text("select id from tickets where ref = :ref"), {"ref": self.office.ref(ticket)})
            return of_ticket(c, found.scalar_one(), ("open",))[0]

    def rules(self) -> Iterator[tuple[str, str]]:
        """Method and rule of every route, as the application itself lists them."""
        for rule in self.app.url_map.iter_rules():
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
                yield method, rule.rule

    def path(self, rule: str, ticket: Any = None) -> str:
        wait = self.waited[ticket or self.here] if "wait>" in rule else 0
        made = re.sub(r"<int:wait>", str(wait), rule).replace("<id>", "op-1")
        return made.replace("<digest>", "x").replace("<path:path>", "y")

    def body(self, rule: str, digest: str, ticket: Any = None) -> dict[str, Any]:
        if "bind" in rule:
            return {"ticket": str(ticket or self.here)}
        if rule.endswith("pause"):
            return {"action": "refund"}
        return {"digest": digest, **({"reason": "no"} if "decline" in rule else {})}

    def digests(self) -> dict[str, str]:
        """What a colleague beside the ticket was shown, by route."""
        state = self.office.seat(KIM, self.here).state()
        card = state["cards"][0]["digest"]
        return {rule: card if "approvals" in rule else state["digest"] for rule in GUARDS}

    def seated(self, email: str, ticket: Any) -> Beside:
        seat: Beside = self.office.seat(email, ticket)
        return seat

    @cached_property
    def shown(self) -> dict[str, str]:
        return self.digests()

    def wrongs(self) -> dict[str, Callable[[str, str], list[TestResponse]]]:
        """By name, what sends each wrong to a route of the API."""
        raise NotImplementedError

    def of_another(self, leo: Any) -> dict[str, Callable[[str, str], list[TestResponse]]]:
        """Asked by who may, for what was not shown, or is not theirs to decide."""
        return {
            "stale digest": lambda method, rule: [leo.post(self.path(rule), self.body(rule, one)) for one in (
                "0" * 64, "", "*")] if method == "POST" and GUARDS[rule] == "role" else [],
            "foreign wait": lambda method, rule: [leo.post(rule.replace("<int:wait>", one), self.body(
                rule, self.shown[rule])) for one in ("0", "999999", "9223372036854775808")] if "wait>" in rule else [],
            "foreign operation": lambda method, rule: [leo.post(rule.replace("<id>", one), self.body(
                rule, self.shown[rule])) for one in self._operations()] if "<id>" in rule else []}

    def _operations(self) -> list[str]:
        with self.database.engine.connect() as c:
            return ["op-1", "x" * 64, *c.execute(text("select id from operations")).scalars()]

    def press(self, seat: Any, method: str, rule: str, ticket: Any = None, **headers: str) -> TestResponse:
        """The right request at this route by whoever sits there."""
        path = self.path(rule, ticket)
        answer: TestResponse = seat.get(path, **headers) if method == "GET" else seat.post(
            path, self.body(rule, self.shown[rule], ticket), **headers)
        return answer


class ZendeskWorld(World):
    vendor = "zendesk"

    def staffed(self) -> None:
        self.office.zendesk.load(LATER, self.office.clock())
        self.key = self.office.opens(KIM)

    def settings(self) -> dict[str, str]:
        return {"ZENDESK_APP_PUBLIC_KEY": self.key["public_key"], "SALESFORCE_CERTIFICATE": pem(),
                "ZENDESK_APP_INSTALLATION_ID": self.key["installation"]}

    def leave(self) -> None:
        """What happens to colleagues after they opened the ticket."""
        self.gone = [self.office.seat(one, self.here) for one in (SUE, EVE)]
        self.unseeing = self.office.seat(IVY, None)
        self.office.at_desk("change_user", email=SUE, suspended=True)
        self.office.at_desk("change_user", email=EVE, role="end-user")
        self.office.at_desk("change_user", email=IVY, ticket_restriction="assigned")
        self.kim, self.unbound = self.office.seat(KIM, self.here), self.office.seat(KIM, None)
        self.hal, self.lou, self.leo = (self.office.seat(one, self.here) for one in (HAL, LOU, LEO))
        self.elsewhere = self.office.seat(LEO, self.other)
        self.foreign = self._moved("account", "other")
        self.reinstalled = self._moved("installation", "41")
        self.ended = self._moved("ended_at", self.office.clock())
        old = self.office.clock()
        self.idle = self._moved("used_at", old.replace(day=old.day - 1))
        self.aged = self._moved("opened_at", old.replace(day=old.day - 1))

    def _moved(self, column: str, value: Any) -> Seat:
        """A session whose row says this."""
        seat: Seat = self.office.seat(ADA, self.here)
        with self.database.engine.begin() as c:
            newest = select(func.max(sessions.c.id)).scalar_subquery()
            c.execute(update(sessions).where(sessions.c.id == newest).values({column: value}))
        return seat

    def wrongs(self) -> dict[str, Callable[[str, str], list[TestResponse]]]:
        def bare(method: str, rule: str, **headers: str) -> TestResponse:
            said = {"Origin": OURS, "Content-Type": "application/json", **headers}
            body = json.dumps(self.body(rule, self.shown[rule])) if method == "POST" else None
            return self.app.test_client().open(self.path(rule), method=method, data=body, headers=said)

        def crossed(method: str, rule: str) -> list[TestResponse]:
            return [] if method == "GET" else [self.press(self.leo, method, rule, origin=one) for one in (
                "null", "", "https://evil.example", f"{OURS}.evil.example", f"{OURS}:8080", "https://acme.zendesk.com")]

        def by(*seats: Any) -> Callable[[str, str], list[TestResponse]]:
            return lambda method, rule: [self.press(seat, method, rule) for seat in seats]

        def roleless(method: str, rule: str) -> list[TestResponse]:
            seats = {"role": (self.hal,), "admin": (self.hal, self.kim, self.leo)}.get(GUARDS[rule], ())
            return [self.press(seat, method, rule) for seat in seats]

        def light(method: str, rule: str) -> list[TestResponse]:
            return [self.press(self.lou, method, rule)] if GUARDS[rule] in ("role", "admin") else []

        return {
            "no auth": lambda method, rule: [bare(method, rule, Authorization=one) for one in (
                "", "Bearer", f"Bearer {'A' * 43}", f"Basic {'A' * 43}", f"Bearer {self.kim.bearer[:-1]}",
                f"Bearer {self.kim.bearer}x", f"Token {self.kim.bearer}")] + [
                bare(method, rule, Cookie=f"session={self.kim.bearer}")],
            "another installation": by(self.foreign, self.reinstalled),
            "suspended": by(self.gone[0]), "a customer now": by(self.gone[1]),
            "session ended": by(self.ended), "session idle": by(self.idle), "session too old": by(self.aged),
            "cross-site": crossed, "no role": roleless, "light agent": light,
            "may not see it": lambda method, rule: self._unseen(method, rule),
            "beside no ticket": lambda method, rule: [self.press(self.unbound, method, rule)] if rule not in (
                "/api/sessions/bind", "/api/waiting", "/api/pause", "/api/resume") else [],
            "foreign ticket": lambda method, rule: [self.press(self.kim, method, rule, self.other)] if rule.endswith(
                ("bind", "<int:wait>", "decline")) else [self.press(self.elsewhere, method, rule)] if method == "POST"
            and GUARDS[rule] == "role" else [], **self.of_another(self.leo)}

    def _unseen(self, method: str, rule: str) -> list[TestResponse]:
        return [self.press(self.unseeing, method, rule)] if rule == "/api/sessions/bind" else []


class SalesforceWorld(World):
    vendor = "salesforce"

    def staffed(self) -> None:
        self.office.salesforce.load(LATER_IN_THE_ORG, self.office.clock())

    def settings(self) -> dict[str, str]:
        return {"SALESFORCE_CERTIFICATE": str(self.office.at_desk("certificate")["certificate"]),
                "ZENDESK_APP_PUBLIC_KEY": App().public_key(), "ZENDESK_APP_INSTALLATION_ID": "42"}

    def leave(self) -> None:
        self.sue = self.office.seat(SUE, self.here)
        self.office.at_desk("deactivate_user", user=SUE)
        self.kim, self.leo, self.lou, self.hal = (self.office.seat(one, self.here) for one in (KIM, LEO, LOU, HAL))
        self.stranger = Component(self.app.test_client(), self.office.at_desk, "stranger@acme.example", self.here)
        self.office.happens("salesforce", "change_user", user="stranger@acme.example", type="Guest")

    def wrongs(self) -> dict[str, Callable[[str, str], list[TestResponse]]]:
        def sent(method: str, rule: str, **changed: str | None) -> TestResponse:
            path, body = self.path(rule), json.dumps(self.body(rule, self.shown[rule])) if method == "POST" else ""
            signed = {**self.leo.signed(method, path, body), **{f"X-Deskhand-{k}": v for k, v in changed.items()}}
            return self.app.test_client().open(path, method=method, data=body or None, headers={
                name: said for name, said in signed.items() if said is not None})

        def late(method: str, rule: str, seconds: int) -> TestResponse:
            path, body = self.path(rule), json.dumps(self.body(rule, self.shown[rule])) if method == "POST" else ""
            signed, began = self.leo.signed(method, path, body), self.office.clock.moment
            self.office.clock.forward(seconds=seconds)
            answer = self.app.test_client().open(path, method=method, data=body or None, headers=signed)
            self.office.clock.moment = began
            return answer

        def again(method: str, rule: str) -> list[TestResponse]:
            """Sent to another route first, where it is refused, and then twice here."""
            if method == "GET":
                return []
            path, body = self.path(rule), json.dumps(self.body(rule, "0" * 64))
            signed = self.leo.signed(method, path, body)
            first, second = (self.app.test_client().open(path, method=method, data=body, headers=signed)
                             for _ in range(2))
            return [second] if first.status_code != 401 else []

        def needed(*guards: str, seat: Any) -> Callable[[str, str], list[TestResponse]]:
            return lambda method, rule: [self.press(seat, method, rule)] if GUARDS[rule] in guards else []

        return {
            "no auth": lambda method, rule: [sent(method, rule, Signature=None), sent(method, rule, Signature="v1=x"),
                                             self.app.test_client().open(self.path(rule), method=method)],
            "another installation": lambda method, rule: [sent(method, rule, Org="00D5e000000OTHRAA4")],
            "another user's name": lambda method, rule: [sent(method, rule, User="0055e000002EFGHAA4"),
                                                         sent(method, rule, User="-")],
            "another case's name": lambda method, rule: [sent(method, rule, Case="5005e000001WXYZAA4")],
            "suspended": lambda method, rule: [self.press(self.sue, method, rule)],
            "a guest": lambda method, rule: [self.press(self.stranger, method, rule)],
            "no role": needed("admin", seat=self.hal), "light agent": needed("role", "admin", seat=self.lou),
            "signed too early or late": lambda method, rule: [late(method, rule, one) for one in (-301, 301, 86400)],
            "replay": again,
            "foreign ticket": lambda method, rule: [self.press(self.kim, method, rule, self.other)] if rule.endswith(
                ("<int:wait>", "decline")) else [], **self.of_another(self.leo)}


ALLOWED_ANYWHERE = ("/api/waiting",)
"""What a colleague without any ticket may see."""


def judged(world: World, seen: Seen, rule: str, wrong: str, before: str, answers: list[TestResponse]) -> None:
    for answer in answers:
        seen.tried[rule, wrong] += 1
        told = answer.status_code in NO or (answer.status_code == 200 and answer.request.method == "OPTIONS")
        if not told:
            seen.passed.append(f"{wrong} at {answer.request.method} {rule}: {answer.status_code}")
        if wrong == "no auth" and any(one in answer.text for one in PERSONAL):
            seen.passed.append(f"{wrong} at {rule}: told of a customer")
    if answers and world.fingerprint() != before:
        seen.passed.append(f"{wrong} at {rule}: something has changed")


def on_the_api(world: Any, seen: Seen) -> None:
    """Every route of people's, with every wrong."""
    world.leave()
    world.shown  # noqa: B018 - read before anything is tried
    for method, rule in world.rules():
        if GUARDS.get(rule) in PEOPLES:
            for name, send in world.wrongs().items():
                before = world.fingerprint()
                judged(world, seen, rule, name, before, send(method, rule))


def by_other_methods(world: Any, seen: Seen) -> None:
    """Every route, by every method that it does not have, with everything else right."""
    known = set(world.rules())
    for rule in {rule for _, rule in known}:
        before, path = world.fingerprint(), world.path(rule).replace("<token>", TOKEN)
        answers = []
        for method in METHODS:
            if (method, rule) in known or (method == "HEAD" and ("GET", rule) in known):
                continue
            headers = dict(OVERRIDES)
            if GUARDS.get(rule) in PEOPLES:
                headers |= world.leo.signed(method, path) if isinstance(world.leo, Component) else {
                    "Authorization": f"Bearer {world.leo.bearer}", "Origin": OURS}
            answers.append(world.app.test_client().open(path, method=method, headers=headers, data=b"{}",
                                                        query_string={"_method": "POST"}))
        judged(world, seen, rule, "wrong method", before, answers)


def at_vendors_doors(world: World, seen: Seen) -> None:
    """Unsigned, signed by others, for another account, and too old."""
    at, body = world.office.clock(), b'{"ticket_id": "35", "event": "comment"}'
    thing = {"id": "re_1", "object": "refund", "charge": "ch_1"}
    stripe = json.dumps({"id": "evt_9", "object": "event", "type": "refund.failed", "created": 1795234944,
                         "livemode": False, "data": {"object": thing}}).encode()
    theirs = json.dumps({"account_id": 7, "id": "01JD", "type": "zen:event-type:ticket.comment_added",
                         "detail": {"id": "35"}}).encode()
    old = at.replace(year=at.year - 1)
    other = json.loads(stripe)
    wrongs: dict[str, tuple[Asked, ...]] = {
        "no auth": (Asked("/webhooks/zendesk", body), Asked("/webhooks/stripe", stripe),
                    Asked("/webhooks/salesforce", body), replace(message(1, at), path="/webhooks/salesforce/x")),
        "signed by others": (zendesk_sent(body, at, "other"), stripe_sent(stripe, at, "whsec_other"),
                             package_event(1, at, by="third"), message(1, at, TOKEN[:-1] + "x")),
        "another installation": (
            zendesk_sent(theirs, at), stripe_sent(json.dumps({**other, "account": "acct_other"}).encode(), at),
            stripe_sent(json.dumps({**other, "livemode": True}).encode(), at),
            package_event(1, at, org="00D5e000000OTHRAA4"), message(1, at, org="00D5e000000OTHR")),
        "too old": (zendesk_sent(body, old), stripe_sent(stripe, old), package_event(1, old))}
    for name, sent in wrongs.items():
        for asked in sent:
            before, told = world.fingerprint(), called(world.app, asked)
            rule = "/webhooks/salesforce/<token>" if asked.path.count("/") == 3 else asked.path
            seen.tried[rule, name] += 1
            if told.status not in NO or world.fingerprint() != before:
                seen.passed.append(f"{name} at {asked.path}: {told.status}")


def at_the_customers_page(world: Any, seen: Seen) -> None:
    link = world.office.link(world.asked)
    token = link.rsplit("/", 1)[1]
    client = world.app.test_client()
    before = world.fingerprint()
    unknown = [client.open(f"/confirm/{one}", method=method, data={"typed": "47.00"}) for method in ("GET", "POST")
               for one in ("A" * 43, token[:-1], token + "A", token.swapcase(), "x", "%00", "..", token[::-1])]
    judged(world, seen, "/confirm/<token>", "no auth", before, unknown)
    for wrong, answers in {
            "only looked at": [client.get(link), client.head(link), client.get(link + "?typed=47.00&confirm=yes")],
            "not what our message says": [client.post(link, data=data) for data in (
                {}, {"typed": ""}, {"typed": "yes"}, {"typed": "1.00"}, {"typed": ["47.00", "47.00"]},
                {"typed": "x" * 50})]}.items():
        for answer in answers:
            seen.tried["/confirm/<token>", wrong] += 1
            if answer.status_code >= 500:
                seen.passed.append(f"{wrong} at /confirm/<token>: {answer.status_code}")
        if world.fingerprint() != before:
            seen.passed.append(f"{wrong} at /confirm/<token>: something has changed")


def at_the_sidebar(world: Any, seen: Seen) -> None:
    """Tokens are tried by the thousand elsewhere; here: none, another key's, a used one, and those who are no agents
    any more."""
    client, office = world.app.test_client(), world.office
    theirs = App().opened(office.zendesk.state, {"email": AGENT}, office.clock())["token"]
    tokens = {"no auth": "", "signed by others": theirs}
    if world.vendor == "zendesk":
        tokens |= {"replay": office.opens(KIM)["token"], "suspended": office.opens(SUE)["token"],
                   "a customer now": office.opens(EVE)["token"]}
        client.post("/sidebar/zendesk", data={"token": tokens["replay"]})
    before = world.fingerprint()
    for wrong, token in tokens.items():
        judged(world, seen, "/sidebar/zendesk", wrong, before, [client.post("/sidebar/zendesk", data={"token": token})])
    judged(world, seen, "/sidebar/zendesk", "cross-site", before, [client.post(
        "/sidebar/zendesk", data={"token": "x"}, headers={"Origin": "https://evil.example"})])


def at_open_doors(world: World, seen: Seen) -> None:
    """Whoever asks is told nothing of a customer, and nothing is done."""
    for method, rule in world.rules():
        if GUARDS.get(rule) == "nothing to tell":
            before = world.fingerprint()
            for headers in ({}, {"Authorization": "Bearer x"}, {"Origin": "https://evil.example"},
                            {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "evil.example"}):
                answer = world.app.test_client().open(world.path(rule), method=method, headers=headers)
                seen.tried[rule, "anybody asks"] += 1
                told = answer.get_data(as_text=True)
                if answer.status_code >= 500 and rule != "/readyz":
                    seen.passed.append(f"anybody at {rule}: {answer.status_code}")
                if any(one in told for one in PERSONAL) or "Access-Control-Allow-Origin" in answer.headers:
                    seen.passed.append(f"anybody at {rule}: told too much")
            if world.fingerprint() != before:
                seen.passed.append(f"anybody at {rule}: something has changed")


def rightly(world: Any, seen: Seen) -> None:
    """The right request by the right person is let in, or all the refusals show nothing."""
    ada = world.office.seat(ADA, world.here)
    for method, rule in sorted(world.rules(), key=lambda one: ("approvals" in one[1], "decline" in one[1])):
        if GUARDS.get(rule) not in PEOPLES or (world.vendor == "salesforce" and rule == "/api/sessions/bind"):
            continue
        answer = world.press(ada, method, rule)
        if answer.status_code == 200 or (answer.status_code == 409 and answer.get_json()["name"] != "came-before"):
            seen.right.add((method, rule))
        else:
            seen.passed.append(f"the right one at {method} {rule} is refused: {answer.status_code} {answer.text[:80]}")


def undeclared(world: World) -> list[str]:
    """Routes of which nobody said who may pass."""
    return sorted({rule for _, rule in world.rules()} - GUARDS.keys())


def untried(world: World, seen: Seen) -> list[str]:
    """What the guard of a route must be shown to refuse, and was not asked."""
    found: set[str] = set()
    for method, rule in world.rules():
        guard = GUARDS.get(rule, "")
        needed = {"wrong method", *NEEDED.get(guard, ()), *NEEDED_OF.get((world.vendor, guard), ())}
        if guard in PEOPLES:
            needed |= {*NEEDED_OF[world.vendor, "people"],
                       *(NEEDED_OF[world.vendor, "pressed"] if method == "POST" else ())}
        found |= {f"{wrong} at {rule}" for wrong in needed
                  if not seen.tried[rule, wrong] and (rule, wrong) not in NOT_POSSIBLE}
    return sorted(found)


def tried(world: World) -> Seen:
    seen = Seen()
    on_the_api(world, seen)
    by_other_methods(world, seen)
    at_vendors_doors(world, seen)
    at_open_doors(world, seen)
    at_the_sidebar(world, seen)
    at_the_customers_page(world, seen)
    rightly(world, seen)
    return seen


def measured(database: Callable[[], Database], quick: bool) -> Figures:
    """`quick`: with one helpdesk."""
    figures, wrong = Figures("Routes"), list[str]()
    for made in (ZendeskWorld, SalesforceWorld)[:1 if quick else 2]:
        world = made(database())
        missing, seen = undeclared(world), tried(world)
        rules = {rule for _, rule in world.rules()}
        name = f"with {world.vendor}"
        figures.add(f"{name}: routes", len(rules), at_least=len(GUARDS))
        figures.add(f"{name}: routes of which nobody said who may pass", len(missing), equal=0)
        left = untried(world, seen)
        figures.add(f"{name}: wrongs that a route's guard needs and were not tried", len(left), equal=0)
        figures.add(f"{name}: wrongs", len(seen.wrongs()), at_least=12)
        figures.add(f"{name}: pairs of route and wrong", len(seen.tried))
        figures.add(f"{name}: requests", seen.tried.total(), at_least=250)
        figures.add(f"{name}: right requests let in", len(seen.right), at_least=10)
        figures.add(f"{name}: passed", len(seen.passed), equal=0)
        wrong += [f"{name}: {one}" for one in (*missing, *left, *seen.passed)]
    figures.also["wrong"] = wrong[:40]
    return figures
