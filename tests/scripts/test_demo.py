"""The demo as everybody runs it: real processes, a kill -9, and the vendors' books. Alone: pytest -m demo."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors.standin import Call
from scripts.homes import HOMES, Zendesk
from scripts.office import Counted

pytestmark = pytest.mark.demo
Json = dict[str, Any]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """What `deskhand demo --json` prints with each helpdesk; they run side by side, as each mostly waits."""
    running = {name: subprocess.Popen(  # noqa: S603 - our own command with our own arguments
        [sys.executable, "-m", "scripts.cli", "demo", "--helpdesk", name, "--json"], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, cwd=tmp_path_factory.mktemp(name)) for name in HOMES}
    try:
        return {name: read(one) for name, one in running.items()}
    finally:
        for one in running.values():
            one.terminate()
            one.wait()


def read(demo: subprocess.Popen[str]) -> Json:
    out, err = demo.communicate(timeout=300)
    assert demo.returncode == 0, out + err
    return dict(json.loads(out))


@pytest.fixture(params=sorted(HOMES, reverse=True))
def told(both: dict[str, Json], request: pytest.FixtureRequest) -> Json:
    return both[request.param]


def test_the_books_are_right(told: Json) -> None:
    assert told["books"] == {"refunds": 3, "refunded": {"usd": 21950}, "notes": 8, "replies": 6, "activities": 4}
    assert told["ok"] is True


def test_each_story_ends_as_it_should(told: Json) -> None:
    assert [(ticket["story"], ticket["outcome"]) for ticket in told["tickets"]] == [
        ("a", "done"), ("b", "done"), ("c", "answered"), ("d", "done"), ("e", "handed_over"), ("f", "ignored"),
        ("g", "done")]


def test_the_rules_that_decided_are_named(told: Json) -> None:
    rules = {ticket["story"]: ticket["rules"] for ticket in told["tickets"]}
    assert rules["a"] == ["limit.refund.auto"]
    assert "legal-threat" in rules["e"]
    assert rules["f"] == []


def test_a_refund_takes_few_calls_and_silence_takes_one(told: Json) -> None:
    by_story = {ticket["story"]: ticket for ticket in told["tickets"]}
    assert by_story["a"]["vendor_calls"] <= 11
    assert by_story["a"]["sequential_calls"] < by_story["a"]["vendor_calls"]  # tests/journeys/test_calls.py counts them
    assert by_story["a"]["model_calls"] == 1
    assert (by_story["f"]["vendor_calls"], by_story["f"]["model_calls"]) == (1, 0)


def call(vendor: str, path: str, began: float, ended: float, method: str = "GET") -> Call:
    return Call(vendor, method, path, "", began, ended, 200, None)


def test_calls_are_counted_without_tokens_echo_and_other_tickets() -> None:
    calls = [
        call("zendesk", "/api/v2/tickets/7/audits.json", 0, 1),
        call("salesforce", "/services/oauth2/token", 1.1, 2, "POST"),
        call("stripe", "/v1/customers", 1.2, 2.1),
        call("zendesk", "/api/v2/tickets/6/audits.json", 1.5, 2),
        call("salesforce", "/services/data/v66.0/composite", 2.2, 3, "POST"),
        call("openai", "/v1/chat/completions", 3.1, 4, "POST"),
        call("zendesk", "/api/v2/tickets/7.json", 4.1, 5, "PUT"),
        call("zendesk", "/api/v2/tickets/7/audits.json", 6, 7),
    ]
    assert Counted.of(calls, "7", Zendesk()) == Counted(vendors=4, one_after_the_other=3, model=1, seconds=5)


def test_the_shell_scripts_can_be_run() -> None:
    scripts = Path(__file__).parents[2] / "scripts"
    for name in ("demo", "test", "check", "bench"):
        assert (scripts / name).stat().st_mode & 0o111 == 0o111
        read = subprocess.run(["sh", "-n", str(scripts / name)], check=False)  # noqa: S603, S607 - only parsed
        assert read.returncode == 0
