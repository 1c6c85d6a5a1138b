from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connectors.standin import Json
from scripts.cli import main
from scripts.envfile import EnvFile
from scripts.sandbox import Sandbox
from tests.scripts.setup.admins import ADMIN_KEY, KEY, WORLD

Deskhand = Callable[..., Result]


@pytest.fixture
def world() -> Json:
    return WORLD


@pytest.fixture
def env(bare: Path, sandbox: Sandbox) -> EnvFile:
    """`.env` of an installation that has a Stripe key and nothing at Stripe yet; the folder is the working one."""
    file = EnvFile(Path(".env"))
    file.put({"DESKHAND_SECRET_KEY": "a secret for tests that is long enough", "STRIPE_API_KEY": KEY,
              "DESKHAND_PUBLIC_URL": "https://desk.example.com", "STRIPE_URL": f"{sandbox.url}/stripe",
              "ZENDESK_SUBDOMAIN": "acme", "ZENDESK_SANDBOX": "on", "ZENDESK_URL": f"{sandbox.url}/zendesk"})
    return file


@pytest.fixture
def deskhand(env: EnvFile) -> Deskhand:
    """Runs a command there; `typed` is what the admin types, and the rest is environment."""
    def invoke(*arguments: str, typed: str = "", **outside: str) -> Result:
        return CliRunner().invoke(main, list(arguments), input=typed, env=outside)

    return invoke


@pytest.fixture
def as_admin(deskhand: Deskhand) -> Deskhand:
    return lambda *arguments, **more: deskhand(*arguments, STRIPE_SETUP_KEY=ADMIN_KEY, **more)
