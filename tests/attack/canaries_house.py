"""A whole installation with planted secrets: real processes, an embedded database on disk, debugging on everywhere."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, make_url, text

from agent.database import connect_engine, start_server, stop_server
from connectors.standin import Answer, Door, Request
from scripts.homes import Zendesk
from scripts.processes import Process, free_port, wait_for
from scripts.sandbox import Sandbox, settings, world
from tests.attack.canaries_planted import CODE, MARKS, Canary
from tests.journeys.office import POLICY, execute

DEBUGGING = """\
import logging
logging.Logger.getEffectiveLevel = lambda self: 1
logging.Logger.isEnabledFor = lambda self, level: True
"""
"""Every logger of every library writes everything: Python runs this before all else (Python docs, "site")."""
HELD_BACK = b"says below WARNING is not written"
"""Stands in the log for what a library wrote when it was debugged."""
IN_CLEAR = "open.jsonl"
"""The export for which a named person asked to read what people wrote: it may hold that, and no secret and no card."""
BUSY = text("select 1 from tickets where wanted > served union all select 1 from procrastinate_jobs where "
            "status = 'doing' or status = 'todo' and coalesce(scheduled_at, now()) <= now()")


@dataclass
class Held:
    """What was found lying in one place."""

    where: str
    holds: bytes
    text: bool = True
    kept_by_us: bool = False
    """Whether it lies in the installation: in its database, its files, its log."""


@dataclass
class Told:
    """What a vendor was sent, and what it answered."""

    vendor: str
    request: Request
    answer: bytes

    @property
    def is_login(self) -> bool:
        return "oauth2/token" in self.request.path


@dataclass
class House:
    """One installation in `folder`; `kept` is everything that came out of it beside its files."""

    canaries: dict[str, Canary]
    folder: Path
    mistake: str = ""
    """Python that every process of it runs first: a wrong version of the product."""
    told: list[Told] = field(default_factory=list)
    kept: list[Held] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        given = {name: one.value for name, one in self.canaries.items()}
        self.sandbox = Sandbox(self._world(given)).start()
        for vendor, door in self.sandbox.doors.items():
            door.rules.answer = _overheard(door, vendor, self.told)  # type: ignore[method-assign]
        self.database = make_url(start_server(self.folder / "postgres")).set(
            drivername="postgresql", password=given["DESKHAND_DATABASE_PASSWORD"])
        self.made_at = time.time() - 1
        address = self.database.render_as_string(hide_password=False)
        self.engine: Engine = connect_engine(address, application="canaries")
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.execute(text("alter system set fsync = off"))
            c.execute(text("alter system set work_mem = '64kB'"))  # so that sorting needs files
            c.execute(text("select pg_reload_conf()"))
        (self.folder / "policy").mkdir()
        (self.folder / "policy" / "policy.yaml").write_text(execute(POLICY))
        (self.folder / "sitecustomize.py").write_text(DEBUGGING + self.mistake)
        home = Zendesk()
        (self.folder / "deskhand.toml").write_text(home.roles)
        self.environment = {
            **home.settings(self.happens, settings(self.sandbox.url, self.sandbox.control.world)),
            "DESKHAND_SECRET_KEY": given["DESKHAND_SECRET_KEY"], "DESKHAND_PUBLIC_URL": self.url,
            "SALESFORCE_OUTBOUND_TOKEN": given["SALESFORCE_OUTBOUND_TOKEN"],
            "SALESFORCE_ADMIN_TOKEN": given["SALESFORCE_ADMIN_TOKEN"],
            "DESKHAND_DATABASE_URL": address,
            "DESKHAND_POLICY": str(self.folder / "policy"), "PYTHONPATH": str(self.folder), "PYTHONASYNCIODEBUG": "1"}
        self.http = requests.Session()
        self.http.trust_env = False
        self.app = Process("serve", ["serve", "--port", str(port)], self.folder, self.environment)
        self._home = home
        self._numbers = count(1)

    def _world(self, given: Mapping[str, str]) -> Any:
        made = world()
        [login] = made["zendesk"]["tokens"]
        made["zendesk"]["tokens"] = {login: given["ZENDESK_API_TOKEN"]}
        for webhook in made["zendesk"]["webhooks"]:
            webhook |= {"endpoint": f"{self.url}/webhooks/zendesk", "secret": given["ZENDESK_WEBHOOK_SECRET"]}
        [rights] = made["stripe"]["keys"].values()
        made["stripe"]["keys"] = {given["STRIPE_API_KEY"]: rights}
        for endpoint in made["stripe"]["webhook_endpoints"]:
            endpoint |= {"url": f"{self.url}/webhooks/stripe", "secret": given["STRIPE_WEBHOOK_SECRET"]}
        [client] = made["salesforce"]["clients"]
        made["salesforce"]["clients"] = {client: {"secret": given["SALESFORCE_CLIENT_SECRET"]}}
        made["openai"]["keys"] = [given["OPENAI_API_KEY"]]
        for charge in made["stripe"]["charges"]:
            charge["description"] = f"Order, card {self.card('payment description')}"
            charge["metadata"] = {**charge.get("metadata", {}), "note": self.card("payment metadata")}
        for contact in made["salesforce"]["contacts"]:
            contact["MobilePhone"] = self.card("contact phone")
        return made

    def card(self, place: str, between: str = " ") -> str:
        number = self.canaries[f"card in {place}"].value
        return between.join(number[at : at + 4] for at in range(0, 16, 4))

    def happens(self, op: str, said: Any) -> Any:
        vendor, _, name = op.partition("/")
        return self.sandbox.control.happen(vendor, name, said)

    def start(self) -> None:
        self.runs("policy", "publish", "--by", "Ana Admin")
        self.app.start()
        self.app.until(self._ready)

    def _ready(self) -> bool | None:
        try:
            return self.http.get(f"{self.url}/readyz", timeout=5).status_code == 200 or None
        except requests.RequestException:
            return None

    def runs(self, *arguments: str, **other: str) -> int:
        """How a command ended; all that it prints is kept."""
        process = Process(f"command-{next(self._numbers)}-{arguments[0]}", list(arguments), self.folder,
                          {**self.environment, **other})
        process.start()
        assert process.running is not None
        code = process.running.wait(90)
        self.keeps(f"deskhand {' '.join(arguments)}", process.log.read_bytes())
        return code

    def keeps(self, where: str, holds: bytes) -> None:
        self.kept.append(Held(where, holds))

    def asks(self, method: str, path: str, **more: Any) -> requests.Response:
        """One request to a door, whose answer is kept."""
        answered = self.http.request(method, f"{self.url}{path}", timeout=30, **more)
        heads = "\n".join(f"{name}: {value}" for name, value in answered.headers.items())
        self.keeps(f"answer to {method} {path[:40]}", f"{heads}\n\n".encode() + answered.content)
        return answered

    def writes(self, who: str, body: str, **more: Any) -> int:
        subject = f"A question {self.card('subject')}"
        told = {"email": f"{who}@customer.example", "subject": subject, "body": body, **more}
        return int(self.happens("zendesk/customer_writes", told)["ticket"])

    def person(self) -> int:
        """The ticket of somebody whose every word can be told from all else."""
        name, address = MARKS["name"], MARKS["address"]
        first, last = name.split()
        charge = {"customer": "cus_marked", "amount": 1800, "currency": "usd", "metadata": {"order_id": "7731"},
                  "card": {"brand": "visa", "last4": "4242"}}
        self.sandbox.control.load({
            "zendesk": {"users": [{"name": name, "email": address, "created_at": "-300d"}]},
            "stripe": {"customers": [{"id": "cus_marked", "email": address, "name": name, "created": "-300d"}],
                       "charges": [{"id": "ch_marked_1", "created": "-26h", **charge},
                                   {"id": "ch_marked_2", "created": "-25h", **charge}]},
            "salesforce": {"contacts": [{"FirstName": first, "LastName": last, "Email": address,
                                         "Phone": MARKS["phone"]}]}})
        told = {"email": address, "subject": MARKS["subject"],
                "body": f"I was charged twice, {MARKS['words']}. Please refund the second one. {MARKS['phone']}"}
        return int(self.happens("zendesk/customer_writes", told)["ticket"])

    def with_cards(self, words: str) -> str:
        wide = "".join(chr(0xFF10 + int(one)) for one in self.canaries["card in full-width digits"].value)
        return (f"{words}\nMy card is {self.card('body')} 12/27, cvv {CODE}, or {wide}, or "
                f"{self.card('tags between', '</b><b>')}\n> you wrote: {self.card('quoted history', '-')}")

    def seat(self, email: str, ticket: int) -> Any:
        return self._home.seat(self.http, self.url, self.happens, email, str(ticket))

    def quiet(self, seconds: float = 60) -> None:
        """Until nothing is due any more."""
        wait_for("a quiet moment", lambda: self._is_quiet(), seconds, every=0.2)

    def _is_quiet(self) -> bool | None:
        with self.engine.connect() as c:
            return None if c.execute(BUSY).first() else True

    def columns(self) -> Iterator[Held]:
        """Every column of every table, as PostgreSQL writes it down."""
        with self.engine.connect() as c:
            names = c.execute(text("select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables "
                                   "where schemaname not in ('pg_catalog', 'information_schema')")).scalars().all()
            driver: Any = c.connection.driver_connection
            for name in names:
                with driver.cursor() as cursor, cursor.copy(f"copy {name} to stdout") as copied:
                    yield Held(f"table {name}", b"".join(bytes(chunk) for chunk in copied), kept_by_us=True)

    def files(self) -> Iterator[Held]:
        """Every file of the installation: logs, the database's own with its WAL, exports, heads, backups unpacked.

        Not those of an empty database that nothing was written to.
        """
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.execute(text("checkpoint"))
        for path in sorted(self.folder.rglob("*")):
            if not path.is_file():
                continue
            of_database = "postgres" in path.relative_to(self.folder).parts and path.name != "log"
            if of_database and path.stat().st_mtime < self.made_at:
                continue
            yield Held(str(path.relative_to(self.folder)), path.read_bytes(), not of_database, not _answers(path))
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    for name in archive.namelist():
                        yield Held(f"{path.name}: {name}", archive.read(name), kept_by_us=True)

    def sent(self) -> Iterator[Held]:
        """What went to the vendors, logins at their own door aside; and their keys, which go in its header."""
        for one in self.told:
            if not one.is_login:
                yield Held(f"sent to {one.vendor}: {one.request.method} {one.request.path}",
                           f"{one.request.path}?{one.request.query}\n".encode() + one.request.body)

    def handed_out(self) -> list[Canary]:
        """The tokens that vendors handed out while it ran."""
        tokens = {json.loads(one.answer)["access_token"] for one in self.told
                  if one.is_login and b"access_token" in one.answer}
        return [Canary(f"token {number} of a vendor", token) for number, token in enumerate(sorted(tokens), 1)]

    def links(self) -> list[Canary]:
        """The links that customers were sent: they open an answer, so that only the reply may hold them."""
        bodies = b"".join(one.request.body for one in self.told if one.vendor == "zendesk")
        found = sorted(set(re.findall(rb"/confirm/([\w-]{20,})", bodies)))
        return [Canary(f"link {number}", token.decode()) for number, token in enumerate(found, 1)]

    def close(self) -> None:
        self.app.stop()
        self.sandbox.stop()
        self.engine.dispose()
        self.http.close()


def _answers(path: Path) -> bool:
    """What a command answered to whoever typed it, who may have named a person, or asked for their words in clear."""
    return path.name.startswith("command-") or path.name == IN_CLEAR


def _overheard(door: Door, vendor: str, told: list[Told]) -> Callable[..., Answer]:
    answer = door.rules.answer

    def overheard(request: Request, now: Any) -> Answer:
        given = answer(request, now)
        told.append(Told(vendor, request, given.body))
        return given
    return overheard


@contextmanager
def house(canaries: dict[str, Canary], mistake: str = "") -> Iterator[House]:
    """An installation that leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="deskhand-"))
    made: House | None = None
    try:
        made = House(canaries, folder, mistake)
        yield made
    finally:
        if made is not None:
            made.close()
        stop_server(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)
