"""From an empty folder and an org without Deskhand to what Deskhand would do with a new case: an admin's commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agent.database import Database
from connectors.standin import Json
from scripts.cli import main
from scripts.envfile import EnvFile
from scripts.processes import Process, free_port, wait_for
from scripts.sandbox import Sandbox
from tests.journeys.test_installed import DANA, PAID, compared, ready
from tests.scripts.setup.admins import ADMIN_KEY, KEY

TOKEN, USER = "00D5e000000DHsk!an.admins.session", "deskhand@acme.example"
HELP = "help@acme.example"
ORG: dict[str, Any] = {
    "package": False, "sessions": {TOKEN: "ada@acme.example"}, "domain": "acme--uat.sandbox",
    "senders": [{"Address": HELP}], "contacts": [{"LastName": "Doe", "FirstName": "Dana", "Email": DANA}],
    "users": [{"Name": "Ada Admin", "Email": "ada@acme.example", "Profile": "System Administrator"},
              {"Name": "Deskhand Integration", "Email": USER, "Profile": "Minimum Access - API Only Integrations"}]}
Deskhand = Callable[..., Result]


@pytest.fixture
def world() -> Json:
    return {"stripe": PAID["stripe"], "salesforce": ORG}


@pytest.fixture
def deskhand(bare: Path, sandbox: Sandbox, database: Database) -> Deskhand:
    machine = {"STRIPE_URL": f"{sandbox.url}/stripe", "SALESFORCE_URL": f"{sandbox.url}/salesforce",
               "DESKHAND_DATABASE_URL": database.url, "COLUMNS": "80"}
    return lambda *arguments, typed="", **more: CliRunner().invoke(main, list(arguments), input=typed,
                                                                   env={**machine, **more})


def test_five_commands_lead_from_nothing_to_the_first_shadow_result(deskhand: Deskhand, sandbox: Sandbox,
                                                                    tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    said = [deskhand("init", typed=f"{url}\n\ny\n{KEY}\nacme--uat.sandbox\n\ny\nn\n"),
            deskhand("setup", "salesforce", "--set", f"user={USER}", typed=f"{TOKEN}\ny\n"),
            deskhand("setup", "stripe", typed=f"{ADMIN_KEY}\ny\n"),
            deskhand("policy", "publish", "--by", "Ada")]
    assert [one.exit_code for one in said] == [0, 0, 0, 0], "\n".join(one.output for one in said)
    serve = Process("deskhand", ["serve", "--port", str(port), "--json"], tmp_path, {})
    serve.start()
    try:
        serve.until(lambda: ready(url))
        complains(sandbox)
        first = wait_for("the first shadow result", lambda: compared(deskhand, 1), 40, every=0.5)
        assert first == [("done", "not_yet")]
        for step in ([], ["--finish"]):  # the server goes on running, and hears what the new certificate signs
            changed = deskhand("rotate", "salesforce", *step, typed=f"{TOKEN}\ny\n")
            assert changed.exit_code == 0, changed.output
        complains(sandbox)
        wait_for("the second shadow result", lambda: compared(deskhand, 2), 40, every=0.5)
        EnvFile(Path(".env")).put({"SALESFORCE_SENDER": HELP})
        found = json.loads(deskhand("doctor", "--json", "--rehearse", SALESFORCE_ADMIN_TOKEN=TOKEN).stdout)
        said_of = {one["check"]: one["level"] for one in found["findings"] if one["group"] == "Salesforce"}
        assert (said_of["cases"], said_of["outbox"], said_of["scheduled job"]) == ("green", "green", "green"), found
        acts = [(one["act"], one["done"]) for one in found["rehearsal"]["acts"] if one["vendor"] == "salesforce"]
        assert acts == [("throwaway ticket", True), ("internal note", True), ("public reply", True),
                        ("reading the ticket", True), ("what our page could not verify", True), ("tidy up", True)]
    finally:
        serve.stop()
    assert sandbox.doors["stripe"].rules.books()["refunds"] == []
    assert "Traceback" not in serve.log.read_text()


def complains(sandbox: Sandbox) -> None:
    sandbox.doors["salesforce"].rules.control("customer_writes", {
        "email": DANA, "subject": "Charged twice",
        "body": "I was charged twice for order 1042, please refund the second one."}, sandbox.clock())
