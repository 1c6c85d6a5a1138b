"""Runs the setup as `deskhand setup zendesk` does, on a Zendesk in this process that may be cut off at any call."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
import requests

from connectors.contract import Surroundings
from connectors.mount import Mounted
from connectors.parts import House, Notice
from connectors.zendesk import CONNECTOR
from connectors.zendesk.setup import ZendeskSetup
from connectors.zendesk.standin.apps import App
from scripts.setup.steps import Step, carry_out, plan
from tests.connectors.zendesk.conftest import SECRET, US, Account

URL, VERSION = "https://deskhand.acme.example", "1.2.3"
ADMIN = {"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_EMAIL": US, "ZENDESK_API_TOKEN": SECRET}
NOT_BOOKS = ("next_id", "windows", "app_uploads", "app_jobs", "oauth", "fresh_events")
"""Of the account's state: counters, what was asked, and tokens that end by themselves."""

KEYS = App()
"""Of apps: a key takes long to make, so accounts share them."""


class Killed(BaseException):
    """The process ends here."""


class Cut(Mounted):
    """Carries calls until `left` more were made; then the process is killed, before the call or right after it."""

    def __init__(self, account: Account) -> None:
        super().__init__(account.door)
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
    """An admin with a `.env` and a command line."""

    def __init__(self, account: Account) -> None:
        account.rules.load({"limits": {"account": 100_000}}, account.clock())
        account.rules.state.webhooks.clear()
        account.rules.sidebar = KEYS
        self.account = account
        self.env: dict[str, str] = {}
        self.transport = Cut(account)
        self.login: dict[str, str] = ADMIN

    def setup(self, *, url: str = URL, version: str = VERSION, **choices: Any) -> ZendeskSetup:
        around = Surroundings(now=self.account.clock, sleep=lambda seconds: None,
                              transports={"zendesk": self.transport})
        house = House(url, version, dict(self.env), choices)
        assert CONNECTOR.setup is not None
        made = CONNECTOR.setup(CONNECTOR.settings.model_validate(self.login), around, house)
        assert isinstance(made, ZendeskSetup)
        return made

    def run(self, *, teardown: bool = False, **choices: Any) -> list[str]:
        """What was done for each part that was not as it should be."""
        return [f"{step.verb} {step.part.name}" for step in self.steps(teardown=teardown, **choices) if step.changes()]

    def steps(self, *, teardown: bool = False, **choices: Any) -> list[Step]:
        steps = plan(self.setup(**choices), self.env, teardown=teardown)
        return list(carry_out(steps, lambda: self.env, self.keep, teardown=teardown))

    def words(self, **choices: Any) -> dict[str, tuple[str, ...]]:
        """What the plan says of each part that is to be changed."""
        return {step.part.name: step.words for step in plan(self.setup(**choices), self.env) if step.words}

    def keep(self, given: Mapping[str, str]) -> None:
        self.env |= given
        for name in [name for name, value in self.env.items() if not value]:
            del self.env[name]

    def notices(self, **choices: Any) -> list[Notice]:
        return list(self.setup(**choices).notices())

    def books(self) -> dict[str, Any]:
        """Everything the account holds, without numbers that depend on how often it was asked."""
        return {name: value for name, value in copy.deepcopy(vars(self.account.rules.state)).items()
                if name not in NOT_BOOKS}


@pytest.fixture
def admin(account: Account) -> Admin:
    return Admin(account)
