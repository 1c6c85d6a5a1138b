"""From an empty folder to what Deskhand would do with a new ticket: the commands of an admin, and no file edited."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result

from agent.database import Database
from connectors.standin import Json
from scripts.cli import main
from scripts.processes import Process, free_port, wait_for
from scripts.sandbox import Sandbox
from tests.scripts.setup.admins import ADMIN, ADMIN_KEY, KEY, TOKEN, WORLD

DANA = "dana@example.com"
PAID: dict[str, Any] = {**WORLD, "stripe": {
    **WORLD["stripe"], "customers": [{"id": "cus_dana", "email": DANA}],
    "charges": [{"customer": "cus_dana", "amount": 1800, "currency": "usd", "created": created,
                 "metadata": {"order_id": "1042"}} for created in ("-3h", "-2h")]}}
TRANSCRIPT = Path(__file__).with_name("installed.txt")
"""What an admin sees of the first three commands."""
Deskhand = Callable[..., Result]


@pytest.fixture
def world() -> Json:
    return PAID


@pytest.fixture
def deskhand(bare: Path, sandbox: Sandbox, database: Database) -> Deskhand:
    """In an empty folder of a machine of 80 columns; its vendors are the sandbox's, and its database is the tests'."""
    machine = {"STRIPE_URL": f"{sandbox.url}/stripe", "ZENDESK_URL": f"{sandbox.url}/zendesk",
               "DESKHAND_DATABASE_URL": database.url, "COLUMNS": "80"}
    return lambda *arguments, typed="": CliRunner().invoke(main, list(arguments), input=typed, env=machine)


def test_five_commands_lead_from_nothing_to_the_first_shadow_result(deskhand: Deskhand, sandbox: Sandbox,
                                                                    tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    said = [deskhand("init", typed=f"{url}\nacme\n\ny\ny\ny\n{KEY}\nn\nn\n"),
            deskhand("setup", "zendesk", typed=f"{ADMIN}\n{TOKEN}\ny\n"),
            deskhand("setup", "stripe", typed=f"{ADMIN_KEY}\ny\n"),
            deskhand("policy", "publish", "--by", "Ada")]
    assert [one.exit_code for one in said] == [0, 0, 0, 0], said[-1].output
    assert transcript(said[:3], {url: "https://desk.example.com", str(tmp_path): "/srv/desk"}) == TRANSCRIPT.read_text()
    serve = Process("deskhand", ["serve", "--port", str(port), "--json"], tmp_path, {})
    serve.start()
    try:
        serve.until(lambda: ready(url))
        complains(sandbox)
        first = wait_for("the first shadow result", lambda: compared(deskhand, 1), 40, every=0.5)
        assert first == [("done", "not_yet")]
        for step in ([], ["--finish"]):  # the server goes on running, and hears what the new secret signs
            changed = deskhand("rotate", "zendesk", *step, typed=f"{ADMIN}\n{TOKEN}\ny\n")
            assert changed.exit_code == 0, changed.output
        complains(sandbox)
        wait_for("the second shadow result", lambda: compared(deskhand, 2), 40, every=0.5)
    finally:
        serve.stop()
    assert sandbox.doors["stripe"].rules.books()["refunds"] == []
    assert "Traceback" not in serve.log.read_text()


def ready(url: str) -> bool | None:
    try:
        return requests.get(f"{url}/readyz", timeout=2).status_code == 200 or None
    except requests.RequestException:
        return None


def complains(sandbox: Sandbox) -> None:
    sandbox.doors["zendesk"].rules.control("customer_writes", {
        "email": DANA, "subject": "Charged twice",
        "body": "I was charged twice for order 1042, please refund the second one."}, sandbox.clock())


def compared(deskhand: Deskhand, tickets: int) -> list[tuple[str, str]] | None:
    """What Deskhand would have done with each and what people did, once there are so many."""
    said = deskhand("report", "--json")
    told = json.loads(said.stdout) if said.exit_code == 0 else {"tickets": 0, "lines": []}
    return [(one["would"], one["people"]) for one in told["lines"]] if told["tickets"] >= tickets else None


def transcript(said: list[Result], words: dict[str, str]) -> str:
    """What stood on the screen, with this test's own places taken out."""
    text = "\n".join(one.output for one in said)
    for word, stands_for in words.items():
        text = text.replace(word, stands_for)
    return re.sub(r" +\n", "\n", text)
