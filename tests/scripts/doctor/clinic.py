"""A sound installation in one process: vendors, database and Deskhand's own doors, set up as an admin would."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import requests
from requests.adapters import BaseAdapter
from sqlalchemy import text

from agent.database import Database
from agent.publishing import People, draft, publish
from agent.vault import Vault
from connectors.contract import Surroundings
from connectors.mount import Mounted
from connectors.parts import House
from connectors.standin import Door
from connectors.zendesk.standin.apps import App
from scripts.doctor.checkup import checkup
from scripts.doctor.examining import Asked, Result, examine
from scripts.doctor.premises import Premises, Space, look_around
from scripts.envfile import EnvFile
from scripts.policy.sources import source
from scripts.sandbox import settings, stand_ins, world
from scripts.setup.steps import carry_out, plan
from webhooks.app import instance
from webhooks.delivered import NotThem, OnlyATest, Unreadable
from webhooks.settings import connectors
from webhooks.zendesk import ZendeskDoor

URL = "https://deskhand.acme.example"
SECRET_KEY = "Zq7vTn2LxW9bRk4MfHs8YcJd3GpQe6Uh"
SETUP_KEY = "rk_test_setup"
RIGHTS = {"charges": "write", "customers": "read", "refunds": "write", "disputes": "read", "invoices": "read",
          "subscriptions": "read", "events": "read", "account": "read"}
"""Exactly what connectors/stripe/README.md asks for."""
MAY = [f"{name}:read" for name in ("Contact", "Account", "Task", "Organization")] + [
    "Contact:edit", "Task:create"]
TOML = """\
[roles]
agent = ["Support"]
lead = ["Team leads"]
finance = ["Team leads"]

[payments]
order_pattern = "#([0-9]+)"
"""
GB = 2**30
KEYS = App()
"""Of the sidebar's app: a key takes long to make."""
_SET_UP: dict[str, Any] = {}
"""What the setups wrote to `.env`, the vendors' books after them, and the policy that was published."""


class Front(BaseAdapter):
    """What answers at the public address."""

    def __init__(self) -> None:
        super().__init__()
        self.body: Any = None
        self.status = 200
        self.error: requests.RequestException | None = None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if self.error is not None:
            raise self.error
        assert request.url == f"{URL}/healthz"
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = self.status, request, request.url
        answer._content = json.dumps(self.body).encode()
        return answer

    def close(self) -> None:
        """Nothing is held open."""


class Clinic:
    """A sound installation, and the doctor that looks at it; a test breaks one thing."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.folder = folder
        self.database = database
        self.now = datetime.now(UTC).replace(microsecond=0)  # as vendors tell it
        self.off = timedelta()
        """How far this machine's clock is ahead."""
        self.space = Space(100 * GB, 50 * GB)
        self.names = True
        self.rules = stand_ins()
        self.doors = {name: Door(rules, lambda: self.now) for name, rules in self.rules.items()}
        self.made = _world()
        self.front = Front()
        self.env = self._settings()
        self.file = EnvFile(folder / ".env")
        zendesk: Any = self.rules["zendesk"]
        zendesk.reach, zendesk.sidebar = self._reach, KEYS
        self._write()
        self._vendors()
        self._publish()
        self._work()
        self._told()
        self.front.body = {"ok": True, "version": version("deskhand"), "instance": self.name()}
        self.file.put(self.env)

    def _settings(self) -> dict[str, str]:
        given = settings("http://127.0.0.1:9", self.made) | {
            "DESKHAND_SECRET_KEY": SECRET_KEY, "DESKHAND_DATABASE_URL": self.database.url,
            "DESKHAND_PUBLIC_URL": URL, "DESKHAND_POLICY": "policy"}
        for name in ("STRIPE_WEBHOOK_SECRET", "ZENDESK_WEBHOOK_SECRET"):
            given.pop(name, None)
        return given

    def _write(self) -> None:
        (self.folder / "deskhand.toml").write_text(TOML)
        (self.folder / "policy").mkdir()
        shipped = source()
        (self.folder / "policy" / "policy.yaml").write_text(shipped.text)
        (self.folder / "policy" / "never.yaml").write_text(shipped.never_text)

    def around(self) -> Surroundings:
        transports: dict[str, BaseAdapter] = {name: Mounted(door, f"/{name}") for name, door in self.doors.items()}
        return Surroundings(now=lambda: self.now + self.off, sleep=lambda seconds: None,
                            transports={**transports, "deskhand": self.front})

    def set_up(self, vendor: str, **login: str) -> None:
        """As `deskhand setup VENDOR` does."""
        connector = next(one for one in connectors() if one.name == vendor)
        assert connector.setup is not None
        held = connector.settings.model_validate({**self.env, **login})
        roles = {"agent": ["Support"], "lead": ["Team leads"], "finance": ["Team leads"]}

        def setup() -> Any:
            assert connector.setup is not None
            return connector.setup(held, self.around(), House(URL, version("deskhand"), dict(self.env), roles=roles))

        def keep(given: Mapping[str, str]) -> None:
            self.env |= given
            for name in [name for name, value in self.env.items() if not value]:
                del self.env[name]

        list(carry_out(plan(setup(), self.env), lambda: self.env, keep))

    def _vendors(self) -> None:
        """Set up once; later clinics begin with a copy of those books."""
        if not _SET_UP:
            for name, door in self.doors.items():
                door.rules.load(self.made[name], self.now)
            self.books("zendesk").webhooks.clear()
            self._set_up()
            books = {name: copy.deepcopy(one.state) for name, one in self.rules.items()}
            _SET_UP.update(env=dict(self.env), books=books)
        for name, rules in self.rules.items():
            rules.state = copy.deepcopy(_SET_UP["books"][name])
        self.env = {**_SET_UP["env"], "DESKHAND_DATABASE_URL": self.database.url}

    def _set_up(self) -> None:
        self.set_up("zendesk")
        self.set_up("stripe", STRIPE_API_KEY=SETUP_KEY)
        del self.env["ZENDESK_API_TOKEN"], self.env["ZENDESK_EMAIL"]

    def _publish(self) -> None:
        """Read and proven once: the first publication of the same texts is the same draft."""
        drafted = source(str(self.folder / "policy"))
        with self.database.engine.begin() as c:
            if "draft" not in _SET_UP:
                _SET_UP["draft"] = draft(c, drafted.text, drafted.never_text)
            publish(c, _SET_UP["draft"], People(), "Ana Admin", None, self.now)

    def _work(self) -> None:
        self.sql("insert into procrastinate_workers (last_heartbeat) values (:now)", now=self.now)

    def _told(self) -> None:
        """A customer wrote, and Zendesk told of it; so it knows a delivery and its account's number."""
        zendesk: Any = self.rules["zendesk"]
        zendesk.control("customer_writes", {"email": "ana@customer.example", "subject": "Hello", "body": "Hi."},
                        self.now)
        for delivery in zendesk.due(self.now):
            zendesk.settled(delivery, 202, self.now)
        self.env["ZENDESK_ACCOUNT_ID"] = str(self.made["zendesk"]["account_id"])

    def _reach(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        door = ZendeskDoor("acme", tuple(self.env["ZENDESK_WEBHOOK_SECRET"].split(",")))
        try:
            door.event(body, headers, self.now + self.off)
        except OnlyATest:
            return 200, ""
        except NotThem:
            return 401, ""
        except Unreadable:
            return 400, ""
        return 202, ""

    def name(self) -> str:
        vault = Vault(self.env["DESKHAND_SECRET_KEY"])
        vault.prepare(self.database.engine)
        return instance(vault)

    def sql(self, words: str, **values: Any) -> None:
        with self.database.engine.begin() as c:
            c.execute(text(words), values)

    def toml(self, words: str) -> None:
        (self.folder / "deskhand.toml").write_text(words)

    def books(self, vendor: str) -> Any:
        return self.rules[vendor].state

    def resolve(self, host: str, port: int) -> None:
        if not self.names:
            raise OSError("no such name")

    @contextmanager
    def premises(self) -> Iterator[Premises]:
        with look_around(self.folder, self.env, self.around(), space=lambda folder: self.space,
                         resolve=self.resolve) as premises:
            yield premises

    def results(self, seconds: float = 20) -> list[Result]:
        with self.premises() as premises:
            return checkup(premises, seconds)

    def wrong(self, only: str = "") -> list[tuple[str, str, str, str]]:
        """Level, check, words and mend of everything that is not green; with `only`, of what that vendor is asked."""
        if only:
            connector = next(one for one in connectors() if one.name == only)
            with self.premises() as premises:
                assert connector.checks is not None
                asked = connector.checks(connector.settings.model_validate(self.env), premises.around, premises.house())
                found = [one.finding for one in examine([Asked(only, check) for check in asked], 20)]
        else:
            found = [one.finding for one in self.results()]
        return [(one.level, one.check, one.says, one.mend) for one in found if one.level != "green"]


def _world() -> dict[str, Any]:
    made = world()
    made["zendesk"]["limits"] = {"account": 100_000}
    made["stripe"]["keys"] = {"rk_test_sandbox": RIGHTS, SETUP_KEY: {"account": "read", "webhook_endpoints": "write"}}
    made["stripe"]["webhook_endpoints"] = []
    for client in made["salesforce"]["clients"].values():
        client["permissions"] = MAY
    made["salesforce"]["organization"] = {"IsSandbox": True}
    made["salesforce"]["read_only_fields"] = ["Contact.Email"]
    return made
