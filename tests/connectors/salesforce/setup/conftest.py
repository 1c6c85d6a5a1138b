"""Runs the setup as `deskhand setup salesforce` does, on an org in this process that may be cut off at any call."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.contract import Surroundings
from connectors.mount import Mounted
from connectors.parts import House, Notice
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.setup import SalesforceSetup
from connectors.salesforce.setup.metadata import Component, manifest, zipped
from connectors.salesforce.standin import SalesforceRules
from connectors.standin import Door
from scripts.setup.steps import Step, carry_out, plan
from tests.connectors.salesforce.acme import NOW, Time

URL, VERSION, TOKEN = "https://deskhand.acme.example", "1.2.3", "00D5e000000DHsk!admin.token"
ADA, USER = "ada@acme.example", "deskhand@acme.example"
ORG = "00D5e000000DHskEAG"
LOGIN = {"SALESFORCE_DOMAIN": "acme", "SALESFORCE_ADMIN_TOKEN": TOKEN}
WORLD: dict[str, Any] = {
    "org_id": ORG, "package": False, "limits": {"daily": 1_000_000},
    "users": [{"Name": "Ada Admin", "Email": ADA, "Username": ADA, "Profile": "System Administrator"},
              {"Name": "Deskhand Integration", "Email": USER, "Username": USER,
               "Profile": "Minimum Access - API Only Integrations"}],
    "sessions": {TOKEN: ADA}, "session_seconds": 10**9,
    "senders": [{"Address": "help@acme.example"}],
}
NOT_BOOKS = ("counters", "cursors", "deploys", "tokens", "used", "indexes", "indexed", "savepoints", "wakes", "changes",
             "bin", "objects")
"""Of the org's state: counters, what was asked, tokens that end by themselves, and what follows from the rest."""
SOURCES = Path(__file__).parents[4] / "manifests" / "salesforce" / "force-app" / "main" / "default"
PLACES = {"permissionsets": ("PermissionSet", ".permissionset-meta.xml"), "classes": ("ApexClass", ".cls"),
          "triggers": ("ApexTrigger", ".trigger"),
          "customPermissions": ("CustomPermission", ".customPermission-meta.xml"),
          "externalCredentials": ("ExternalCredential", ".externalCredential-meta.xml")}
"""Kinds of components whose source file is also the deployed one."""


@cache
def package(note: str = "") -> bytes:
    """A package small and quick to deploy, of our own sources: not all kinds need the vendor's converter."""
    files: dict[str, bytes] = {}
    made: list[Component] = []
    for folder, (kind, ending) in PLACES.items():
        for path in sorted((SOURCES / folder).glob(f"*{ending}")):
            files[f"{folder}/{path.name.removesuffix('-meta.xml')}"] = path.read_bytes() + note.encode()
            made.append(Component(kind, path.name.removesuffix(ending)))
            about = path.with_name(path.name + "-meta.xml")
            if about.exists():
                files[f"{folder}/{about.name}"] = about.read_bytes()
    for path in (SOURCES / "objects").glob("Deskhand_*/*.object-meta.xml"):
        files[f"objects/{path.name.removesuffix('-meta.xml')}"] = path.read_bytes()
        made.append(Component("CustomObject", path.name.removesuffix(".object-meta.xml")))
    labels = SOURCES / "labels" / "CustomLabels.labels-meta.xml"
    files["labels/CustomLabels.labels"] = labels.read_bytes()
    made += [Component("CustomLabels", "CustomLabels"), Component("CustomField", "Case.Deskhand_Tags__c"),
             Component("CustomField", "Deskhand_Action__c.Key__c")]
    return zipped({**files, "package.xml": manifest(made, "66.0")})


class Killed(BaseException):
    """The process ends here."""


class Cut(Mounted):
    """Carries calls until `left` more were made; then the process is killed, before the call or right after it."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self.left: int | None = None
        self.after = False
        self.calls = 0

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.calls += 1
        last = self.left == 0
        if self.left is not None:
            self.left -= 1
        if last and not self.after:
            raise Killed
        answer = super().send(request, *args, **kwargs)
        if last:
            raise Killed
        return answer


class Admin:
    """An admin with a `.env`, a command line and an org."""

    def __init__(self) -> None:
        self.time = Time()
        self.rules = SalesforceRules()
        self.rules.load(WORLD, NOW)
        self.door = Door(self.rules, self.time, wait=lambda seconds: None)
        self.transport = Cut(self.door)
        self.env: dict[str, str] = {}
        self.login: dict[str, str] = dict(LOGIN)
        self.package = package()
        self.told: list[str] = []

    @property
    def org(self) -> Any:
        return self.rules.state

    def setup(self, *, url: str = URL, version: str = VERSION, **choices: Any) -> SalesforceSetup:
        around = Surroundings(now=self.time, sleep=lambda seconds: self.time.on(seconds=seconds),
                              transports={"salesforce": self.transport})
        house = House(url, version, dict(self.env), choices, told=self.told.append)
        return SalesforceSetup(SalesforceSettings.model_validate({**self.env, **self.login}), around, house,
                               self.package)

    def run(self, *, teardown: bool = False, **choices: Any) -> list[str]:
        """What was done for each part that was not as it should be."""
        return [f"{step.verb} {step.part.name}" for step in self.steps(teardown=teardown, **choices) if step.changes()]

    def steps(self, *, teardown: bool = False, **choices: Any) -> list[Step]:
        prepared = self.setup(**({} if teardown else {"user": USER}) | choices)
        prepared.account()
        if not teardown:
            list(prepared.notices())
        steps = plan(prepared, self.env, teardown=teardown)
        return list(carry_out(steps, lambda: self.env, self.keep, teardown=teardown))

    def words(self, *, teardown: bool = False, **choices: Any) -> dict[str, tuple[str, ...]]:
        """What the plan says of each part that is to be changed."""
        return {step.part.name: step.words for step in plan(self.setup(**choices), self.env, teardown=teardown)
                if step.words}

    def keep(self, given: Mapping[str, str]) -> None:
        self.env |= given
        for name in [name for name, value in self.env.items() if not value]:
            del self.env[name]

    def notices(self, **choices: Any) -> list[Notice]:
        return list(self.setup(**choices).notices())

    def books(self) -> dict[str, Any]:
        """Everything the org holds, without numbers that depend on how often it was asked."""
        held = {name: value for name, value in copy.deepcopy(vars(self.org)).items() if name not in NOT_BOOKS}
        held["tables"] = {name: rows for name, rows in held["tables"].items() if rows}
        return held


@cache
def _stood(raw: bytes, choices: tuple[tuple[str, Any], ...]) -> tuple[Any, dict[str, str]]:
    admin = Admin()
    admin.package = raw
    admin.run(**dict(choices))
    return admin.org, admin.env


def standing(raw: bytes | None = None, **choices: Any) -> Admin:
    """An org that was set up with this package: a copy of one, which is quicker than another setup."""
    admin = Admin()
    admin.package = raw or admin.package
    org, env = _stood(admin.package, tuple(choices.items()))
    admin.rules.state = copy.deepcopy(org)
    admin.env = dict(env)
    return admin


@pytest.fixture
def admin() -> Admin:
    return Admin()
