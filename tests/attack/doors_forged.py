"""Deliveries that no vendor of ours sent: published vectors and thousands of mutations of genuine ones.

Beside each batch of forged ones a genuine one is sent, which must be let in: a door that is shut shows nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from agent.database import Database
from agent.tables import events
from connectors.contract import digest
from tests.attack.doors_spoiled import Vendor, spoiled
from tests.attack.doors_vendors import (
    ACCOUNT,
    ENDPOINT,
    MARK,
    MESSAGES,
    OURS,
    PACKAGE,
    SIGNATURE,
    STAMP,
    TOKEN,
    TRIGGER,
    ZENDESK,
    stripe,
)
from tests.attack.doors_wire import Asked, Told, called
from tests.attack.shared import beside, published
from tests.figures import Figures
from tests.webhooks.opened import OpenOffice
from tests.webhooks.org import ORG, pem
from tests.webhooks.signing import SECRET
from webhooks.inbox import Inbox
from webhooks.salesforce import SalesforceDoor, salesforce_door
from webhooks.signed import SignedOrg
from webhooks.stripe import StripeDoor, stripe_door
from webhooks.zendesk import ZendeskDoor, zendesk_door

VECTORS = "train_webhook_vectors.json"
BATCH = 100
"""Forged requests between two genuine ones."""


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@dataclass
class Forged:
    """What was sent, and what came of it."""

    sent: int = 0
    accepted: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    untouched: int = 0
    untouched_accepted: int = 0

    def heard(self, what: str, told: Told) -> None:
        self.sent += 1
        if told.status < 300:
            self.accepted.append(f"{what}: {told.status}")
        if told.status >= 500:
            self.broken.append(f"{what}: {told.status}")


@dataclass
class Doors:
    """The vendors' doors as they stand in an installation, over a real database and a clock of our own."""

    app: Flask
    clock: Clock
    database: Database
    inbox: Inbox
    charge: str

    def kept(self) -> int:
        with self.database.engine.connect() as c:
            return int(c.execute(select(func.count()).select_from(events)).scalar_one())

    def vendors(self) -> tuple[Vendor, ...]:
        return ZENDESK, stripe(self.charge), PACKAGE, MESSAGES, TRIGGER


def opened(database: Database) -> Doors:
    """With one charge that was refunded, so that a payment event is about something."""
    office = OpenOffice(database.engine)
    office.asks(1800)
    clock, inbox, app = Clock(), Inbox(database.url, digest, connections=2), Flask("deskhand", static_folder=None)
    for door in (zendesk_door(ZendeskDoor("acme", (SECRET,), ACCOUNT), inbox, clock),
                 salesforce_door(SalesforceDoor(SignedOrg(ORG, (pem(),)), (TOKEN,)), inbox, clock),
                 stripe_door(StripeDoor(False, (ENDPOINT,), lambda: OURS), inbox, clock)):
        app.register_blueprint(door)
    return Doors(app, clock, database, inbox, str(office.refunds()[0]["charge"]))


def mutated(doors: Doors, vendor: Vendor, count: int, chance: Random) -> Forged:
    """So many forged deliveries, with a genuine one before each batch."""
    found, n = Forged(), chance.randrange(10**6)
    good = other = vendor.genuine(n, doors.clock())
    while found.sent < count:
        if found.sent % BATCH == 0 and found.sent // BATCH == found.untouched:
            n += 1
            good, other = vendor.genuine(n, doors.clock()), vendor.genuine(n + 500_000, doors.clock())
            before, told = doors.kept(), called(doors.app, good)
            found.untouched += 1
            found.untouched_accepted += told.status < 300 and doors.kept() == before + 1
        how: Any = None
        if vendor.common and chance.random() < 0.6:
            forged = spoiled(good, other, vendor, chance)
        else:
            how = chance.choice(vendor.own)
            forged = how(good, n, doors.clock(), chance)
        if not vendor.authentic(good, forged):
            name = getattr(how, "__name__", "spoiled")
            found.heard(f"{vendor.name} {name} {forged!r:.300}", called(doors.app, forged))
    return found


NOT_SIGNED = ("X-Zendesk-Webhook-Invocation-Id", "X-Zendesk-Webhook-Id", "X-Request-Id", "Idempotency-Key",
              "Webhook-Id")
"""Headers that name a delivery, or might, and that no vendor signs."""
REPLAYED = ((0, True), (299, True), (300, True), (301, False), (4 * 86400, False))


def replayed(doors: Doors, vendor: Vendor) -> Forged:
    """A genuine delivery sent again, as it was and under invented names: soon after it is known and changes nothing;
    later it is refused."""
    found = Forged()
    good = vendor.genuine(777_777, doors.clock())
    called(doors.app, good)
    before, began = doors.kept(), doors.clock.moment
    for seconds, known in REPLAYED:
        doors.clock.moment = began + timedelta(seconds=seconds)
        for again in (good, *(good.saying(name, f"01INVENTED{seconds}") for name in NOT_SIGNED)):
            told = called(doors.app, again)
            refused_late = told.status == 401 or vendor is MESSAGES  # an outbound message bears no time
            if doors.kept() != before or not (told.status == 200 if known else refused_late):
                found.accepted.append(f"{vendor.name} replayed after {seconds} s: {told.status} {again.headers}")
            found.broken += [f"{vendor.name} replayed: {told.status}"] if told.status >= 500 else []
            found.sent += 1
    doors.clock.moment = began
    return found


def vectors(doors: Doors, at: Path) -> Iterator[tuple[str, str, int]]:
    """Name, what is expected and the status of each published vector; those of a scheme that nobody here speaks are
    sent to every door."""
    given, inbox = json.loads(at.read_text()), Inbox(doors.database.url, digest, connections=1)
    for one in given["zendesk"]:
        door = ZendeskDoor("acme", (one["secret"],))
        app = _alone(zendesk_door(door, inbox, lambda: datetime(2026, 11, 21, 4, 0, tzinfo=UTC)))
        yield f"zendesk {one['name']}", one["expect"], called(app, Asked(
            "/webhooks/zendesk", one["body"].encode(), {STAMP: one["ts"], MARK: one["sig"]})).status
    for one in given["stripe"]:
        door_of_stripe = StripeDoor(True, (one["secret"],), lambda: OURS)
        app = _alone(stripe_door(door_of_stripe, inbox, partial(datetime.fromtimestamp, one["now"], UTC)))
        yield f"stripe {one['name']}", one["expect"], called(app, Asked(
            "/webhooks/stripe", one["body"].encode(), {SIGNATURE: one["header"]})).status
    for one in given["standard_webhooks"]:
        for path in ("/webhooks/zendesk", "/webhooks/stripe", "/webhooks/salesforce", "/webhooks/salesforce/x"):
            yield f"{path} {one['name']}", "reject", called(doors.app, Asked(
                path, one["payload"].encode(), one["headers"])).status
    inbox.close()


def _alone(door: Any) -> Flask:
    app = Flask("deskhand", static_folder=None)
    app.register_blueprint(door)
    return app


def measured(database: Database, quick: bool, seed: int) -> Figures:
    figures, chance = Figures("Forged webhooks"), Random(seed)
    doors, count = opened(database), 120 if quick else 5_000
    wrong: list[str] = []
    for vendor in doors.vendors():
        found, again = mutated(doors, vendor, count, chance), replayed(doors, vendor)
        figures.add(f"{vendor.name}: mutations", found.sent, at_least=count)
        figures.add(f"{vendor.name}: genuine ones let in, of {found.untouched}", found.untouched_accepted,
                    equal=max(1, found.untouched))
        figures.add(f"{vendor.name}: accepted", len(found.accepted) + len(again.accepted), equal=0)
        figures.add(f"{vendor.name}: 5xx", len(found.broken) + len(again.broken), equal=0)
        wrong += [*found.accepted, *again.accepted, *found.broken, *again.broken]
    ended = list(vectors(doors, beside(VECTORS))) if beside(VECTORS).exists() else []
    published(figures, "published vectors", VECTORS, lambda _: len(ended), 32)
    bad = [one for one in ended if one[2] >= 500 or (one[1] == "reject" and one[2] < 400)]
    figures.add(f"of {len(ended)} published vectors, wrongly accepted or 5xx", len(bad), equal=0)
    wrong += [str(one) for one in bad]
    doors.inbox.close()
    figures.also["wrong"] = wrong[:20]
    return figures
