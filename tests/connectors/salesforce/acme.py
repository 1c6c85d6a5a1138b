"""A small org to test against: who is in it, and how to ask it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from connectors.contract import Surroundings
from connectors.mount import Mounted
from connectors.salesforce import CONNECTOR
from connectors.salesforce.records import SalesforceRecords
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.standin import SalesforceRules
from connectors.standin import Answer, Door, Fault, Request

NOW = datetime(2026, 11, 21, 4, 0, 0, tzinfo=UTC)
ANNA, BEN, CARL = "0035e00000000A1AAI", "0035e00000000B2AAI", "0035e00000000C3AAI"
WORLD: dict[str, Any] = {
    "org_id": "00D5e000000DHskEAG",
    "clients": {"deskhand": {"secret": "s3cret"}},
    "accounts": [{"Id": "0015e00000000ACAAY", "Name": "Acme & Söhne"}],
    "contacts": [
        {"Id": ANNA, "FirstName": "Anna", "LastName": "Beck", "Email": "anna@example.com", "Phone": "+49 30 1",
         "MobilePhone": None, "HasOptedOutOfEmail": False, "AccountId": "0015e00000000ACAAY", "VIP__c": True,
         "CreatedDate": "-400d", "LastModifiedDate": "-90d"},
        {"Id": BEN, "FirstName": "Ben", "LastName": "O'Hara", "Email": "ben@example.com", "VIP__c": False,
         "history": [{"Field": "Email", "OldValue": "old@example.com", "NewValue": "ben@example.com",
                      "CreatedDate": "-3d"}]},
        {"Id": CARL, "LastName": "100%_\\Carl", "Email": "carl@example.com", "VIP__c": False}],
}
RECORDED = Path(__file__).parents[4] / "shared" / "data" / "salesforce"


def recorded(name: str) -> Any:
    """A recorded exchange; skips where the recordings are not at hand."""
    path = RECORDED / name
    if not path.exists():
        pytest.skip(f"the recorded answers are not here: {path.name}")
    return json.loads(path.read_text())


@dataclass
class Time:
    """A clock the test turns."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def on(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Org:
    """The stand-in with a signed-in caller."""

    rules: SalesforceRules = field(default_factory=SalesforceRules)
    time: Time = field(default_factory=Time)
    token: str = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        base = "" if path.startswith("/services") else "/services/data/v66.0"
        sent = {"Authorization": "Bearer " + self.token, "Content-Type": "application/json",
                **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.rules.answer(Request.to(method, base + path, sent,
                                            b"" if body is None else json.dumps(body).encode()), self.time())

    def sign_in(self, **form: str) -> Answer:
        asked = {"grant_type": "client_credentials", "client_id": "deskhand", "client_secret": "s3cret", **form}
        given = self.rules.answer(Request.to("POST", "/services/oauth2/token", {}, urlencode(asked).encode()),
                                  self.time())
        self.token = given.json().get("access_token", self.token)
        return given

    def query(self, soql: str) -> Any:
        return self.ask("GET", "/query?q=" + quote(soql)).json()

    def emails(self, where: str) -> list[str]:
        """Local parts of the addresses a condition finds."""
        found = self.query(" ".join(("SELECT Email FROM Contact WHERE", where, "ORDER BY Email")))
        return [row["Email"].partition("@")[0] for row in found["records"]]

    def composite(self, *subs: dict[str, Any], whole: bool = False) -> list[dict[str, Any]]:
        numbered = [{"referenceId": f"r{n}", **sub} for n, sub in enumerate(subs)]
        given = self.ask("POST", "/composite", {"allOrNone": whole, "compositeRequest": numbered})
        assert given.status == 200, given.body
        answers: list[dict[str, Any]] = given.json()["compositeResponse"]
        return answers


def acme(**world: Any) -> Org:
    org = Org()
    org.rules.load({**WORLD, **world}, NOW)
    org.sign_in()
    return org


def sub(method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    made: dict[str, Any] = {"method": method, "url": "/services/data/v66.0" + path}
    if body is not None:
        made["body"] = body
    if headers:
        made["httpHeaders"] = {name.replace("_", "-"): value for name, value in headers.items()}
    return made


@dataclass
class Counter:
    """Our connector on the stand-in, in one process: the real SDK, no socket."""

    door: Door
    records: SalesforceRecords
    time: Time

    @property
    def rules(self) -> SalesforceRules:
        rules = self.door.rules
        assert isinstance(rules, SalesforceRules)
        return rules

    def meets(self, kind: str, *, path: str = "composite", times: int = 1, skip: int = 0, **params: Any) -> None:
        self.door.faults.append(Fault(kind, path=path, times=times, skip=skip, params=params))

    def calls(self) -> list[str]:
        """Method and last part of each call, tokens left out."""
        made = [f"{c.method} {c.path.rpartition('/')[2]}" for c in self.door.calls]
        return [call for call in made if not call.endswith("token")]

    def contact(self, id: str = ANNA) -> dict[str, Any]:
        contact: dict[str, Any] = self.rules.books()["contacts"][id]
        return contact


def counter(world: dict[str, Any] | None = None, **settings: Any) -> Counter:
    rules, time = SalesforceRules(), Time()
    rules.load({**WORLD, **(world or {})}, NOW)
    door = Door(rules, time, wait=lambda seconds: None)
    around = Surroundings(now=time, sleep=lambda seconds: time.on(seconds=seconds),
                          transports={"salesforce": Mounted(door)})
    chosen = SalesforceSettings.model_validate({
        "SALESFORCE_DOMAIN": "acme", "SALESFORCE_CLIENT_ID": "deskhand", "SALESFORCE_CLIENT_SECRET": "s3cret",
        **settings})
    records = CONNECTOR.connect(chosen, around)
    assert isinstance(records, SalesforceRecords)
    return Counter(door, records, time)
