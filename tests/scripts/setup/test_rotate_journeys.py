"""While a signing secret is changed, things go on happening at the vendor: each is told, and each is kept once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from connectors.contract import Surroundings
from connectors.mount import Mounted
from connectors.parts import CHANGING, House, Rotation
from connectors.standin import Delivery, Door
from connectors.stripe import CONNECTOR as STRIPE
from connectors.stripe.standin import StripeRules
from connectors.zendesk import CONNECTOR as ZENDESK
from connectors.zendesk.standin.hooks import signature
from connectors.zendesk.standin.state import stamp
from scripts.envfile import EnvFile
from scripts.setup.rotate import begin, drop
from scripts.setup.steps import carry_out, plan
from scripts.setup.vendors import Home
from tests.connectors.stripe.shop import Shop
from tests.connectors.zendesk.conftest import SECRET as TOKEN
from tests.connectors.zendesk.conftest import US, Account
from tests.connectors.zendesk.setup.conftest import KEYS
from webhooks.renewing import Renewing
from webhooks.settings import Own, environment, read_settings
from webhooks.stripe import StripeDoor, stripe_door
from webhooks.zendesk import ZendeskDoor, zendesk_door

URL = "https://desk.example.com"


class Killed(BaseException):
    """The process ends here."""


class Kept(list[str]):
    """An inbox that remembers what it was given; the second time it says so, as ours does."""

    def keep(self, event: Any, now: object) -> str:
        if event.delivery_id in self:
            return "seen"
        self.append(event.delivery_id)
        return "kept"

    keep_about = keep


class Busy(Mounted):
    """Around every call of the admin's something happens at the vendor: what happened before is under way meanwhile."""

    def __init__(self, door: Door, desk: Desk) -> None:
        super().__init__(door)
        self.desk = desk
        self.on = False
        self.left: int | None = None

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        if not self.on:
            return super().send(request, *args, **more)
        self.desk.happens()
        under_way = self.desk.sent()
        given = super().send(request, *args, **more)
        self.desk.deliver(under_way)
        self.desk.happens()
        self.desk.deliver(self.desk.sent())
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed
        return given


class Desk(ABC):
    """An installation of one vendor: a running door, its `.env`, and the admin who changes its secret."""

    connector: Any
    variable: str
    path: str

    def __init__(self, folder: Path, door: Door, first: dict[str, str]) -> None:
        self.file = EnvFile(folder / ".env")
        self.file.put({"DESKHAND_SECRET_KEY": "a secret for tests that is long enough", **first})
        self.kept = Kept()
        self.answers: list[int] = []
        self.transport = Busy(door, self)
        self.settings = self.connector.settings.model_validate({**first, **self.admins()})
        setup = self.connector.setup(self.settings, self.around(), self.house())
        list(carry_out(plan(setup, self.file.values()), self.file.values, self.file.put))
        own = read_settings(environment(folder)).own
        assert own is not None
        self.client = self.opened(Renewing(folder, own))
        self.transport.on = True

    def around(self) -> Surroundings:
        return Surroundings(now=self.clock, sleep=lambda seconds: None,
                            transports={self.connector.name: self.transport})

    def house(self) -> House:
        return House(URL, "1.2.3", self.file.values(), {"app": "no"} if self.connector.name == "zendesk" else {})

    def rotation(self) -> Rotation:
        made: Rotation = self.connector.rotation(self.settings, self.around(), self.house())
        return made

    def home(self) -> Home:
        return Home(self.file, self.file.values())

    def secrets(self) -> list[str]:
        return self.file.values()[self.variable].split(",")

    def rotate(self) -> None:
        begin(self.rotation(), self.home(), [one for one in self.secrets() if one != CHANGING])

    def finish(self) -> None:
        drop(self.rotation(), self.home(), self.secrets()[0])

    def deliver(self, these: list[Delivery]) -> None:
        for one in these:
            status = self.client.post(self.path, data=one.body, headers=one.sign(self.clock())).status_code
            self.answers.append(status)
            self.settled(one, status)

    def settle(self) -> None:
        """Time passes, and the vendor tries again what was not taken."""
        for _ in range(6):
            self.forward()
            self.deliver(self.sent())

    def app(self, page: Any) -> FlaskClient:
        app = Flask("door")
        app.register_blueprint(page)
        return app.test_client()

    @abstractmethod
    def admins(self) -> dict[str, str]: ...
    @abstractmethod
    def clock(self) -> Any: ...
    @abstractmethod
    def forward(self) -> None: ...
    @abstractmethod
    def opened(self, renewing: Renewing) -> FlaskClient: ...
    @abstractmethod
    def happens(self) -> None: ...
    @abstractmethod
    def sent(self) -> list[Delivery]: ...
    @abstractmethod
    def settled(self, delivery: Delivery, status: int) -> None: ...
    @abstractmethod
    def happened(self) -> int:
        """How many things were to be told."""


class StripeDesk(Desk):
    connector, variable, path = STRIPE, "STRIPE_WEBHOOK_SECRET", "/webhooks/stripe"

    def __init__(self, folder: Path) -> None:
        self.shop = Shop(StripeRules())
        self.shop.load(charges=[{"id": "ch_1", "amount": 100_000, "currency": "usd"}])
        super().__init__(folder, self.shop.door, {"STRIPE_API_KEY": "sk_test_everything_1"})

    def admins(self) -> dict[str, str]:
        return {}

    def clock(self) -> Any:
        return self.shop.now

    def forward(self) -> None:
        self.shop.pass_time(hours=3)

    def opened(self, renewing: Renewing) -> FlaskClient:
        door = StripeDoor(False, renewing.secrets(Own.stripe_webhook_secrets), lambda: "acct_sandbox")
        return self.app(stripe_door(door, self.kept, self.clock))  # type: ignore[arg-type]

    def happens(self) -> None:
        self.shop.control("dashboard_refund", charge="ch_1", amount=1)

    def sent(self) -> list[Delivery]:
        return self.shop.rules.due(self.shop.now)

    def settled(self, delivery: Delivery, status: int) -> None:
        self.shop.rules.settled(delivery, status, self.shop.now)

    def happened(self) -> int:
        return sum(row.type in ("refund.created", "charge.refunded", "refund.updated")
                   for row in self.shop.rules.state.events.values())


class ZendeskDesk(Desk):
    connector, variable, path = ZENDESK, "ZENDESK_WEBHOOK_SECRET", "/webhooks/zendesk"

    def __init__(self, folder: Path) -> None:
        self.account = Account()
        self.account.rules.load({"limits": {"account": 100_000}}, self.account.clock())
        self.account.rules.state.webhooks.clear()
        self.account.rules.sidebar = KEYS
        self.written = 0
        super().__init__(folder, self.account.door, {"ZENDESK_SUBDOMAIN": "acme"})
        self.account.rules.state.fresh_events.clear()

    def admins(self) -> dict[str, str]:
        return {"ZENDESK_EMAIL": US, "ZENDESK_API_TOKEN": TOKEN}

    def clock(self) -> Any:
        return self.account.clock()

    def forward(self) -> None:
        self.account.clock.forward(seconds=70)

    def opened(self, renewing: Renewing) -> FlaskClient:
        door = ZendeskDoor("acme", renewing.secrets(Own.webhook_secrets))
        return self.app(zendesk_door(door, self.kept, self.clock))  # type: ignore[arg-type]

    def happens(self) -> None:
        self.written += 1
        self.account.writes(f"Where is my order {self.written}?")

    def sent(self) -> list[Delivery]:
        return self.account.rules.due(self.account.clock())

    def settled(self, delivery: Delivery, status: int) -> None:
        self.account.rules.settled(delivery, status, self.account.clock())

    def happened(self) -> int:
        return self.written


@pytest.fixture(params=[StripeDesk, ZendeskDesk], ids=["Stripe", "Zendesk"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    made: Callable[[Path], Desk] = request.param
    return made(tmp_path)


def everything_is_kept_once(desk: Desk) -> None:
    desk.settle()
    assert desk.happened() > 4
    assert len(desk.kept) == len(set(desk.kept)) == desk.happened()


def test_through_a_whole_rotation_no_event_is_lost_and_none_is_kept_twice(desk: Desk) -> None:
    old = desk.secrets()
    desk.rotate()
    assert desk.secrets()[1:] == old
    assert CHANGING not in desk.secrets()
    desk.settle()
    desk.finish()
    assert len(desk.secrets()) == 1
    assert desk.secrets() != old
    everything_is_kept_once(desk)


def test_zendesk_is_asked_to_tell_again_what_it_signed_before_we_knew_how(tmp_path: Path,
                                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    """A 401 it would take for good."""
    monkeypatch.chdir(tmp_path)
    desk = ZendeskDesk(tmp_path)
    desk.rotate()
    assert 503 in desk.answers
    assert 401 not in desk.answers
    everything_is_kept_once(desk)


@pytest.mark.parametrize("calls", range(5))
def test_killed_after_any_call_and_run_again_no_event_is_lost(desk: Desk, calls: int) -> None:
    old = desk.secrets()
    desk.transport.left = calls
    try:
        desk.rotate()
    except Killed:
        desk.transport.left = None
        desk.rotate()
    desk.transport.left = None
    assert len(desk.secrets()) == 2
    assert desk.secrets()[1:] == old
    desk.settle()
    desk.finish()
    everything_is_kept_once(desk)


def test_after_the_rotation_the_old_secret_opens_nothing(desk: Desk) -> None:
    desk.happens()
    [before, *_] = desk.sent()
    headers = before.sign(desk.clock())
    desk.rotate()
    desk.finish()
    assert desk.client.post(desk.path, data=before.body, headers=headers).status_code == 401


def test_what_is_signed_by_nobody_is_let_in_at_no_time(desk: Desk) -> None:
    desk.happens()
    [one, *_] = desk.sent()
    name = next(name for name in one.sign(desk.clock()) if name.endswith("Signature"))
    for secrets in (desk.secrets(), [CHANGING, *desk.secrets()], ["whsec_new", *desk.secrets()]):
        desk.file.put({desk.variable: ",".join(secrets)})
        headers = {**one.sign(desk.clock()), name: "t=1,v1=00"}
        assert desk.client.post(desk.path, data=one.body, headers=headers).status_code in (401, 503)
    assert desk.kept == []


def test_the_mark_of_a_change_is_no_secret_that_somebody_could_sign_with(tmp_path: Path,
                                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    desk = ZendeskDesk(tmp_path)
    desk.file.put({desk.variable: ",".join([CHANGING, *desk.secrets()])})
    at, body = stamp(desk.clock()), b'{"ticket_id": "35"}'
    forged = {"X-Zendesk-Webhook-Signature-Timestamp": at, "X-Zendesk-Webhook-Signature": signature(CHANGING, at, body)}
    assert desk.client.post(desk.path, data=body, headers=forged).status_code == 503
    assert desk.kept == []
