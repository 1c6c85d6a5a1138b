"""`--long`: the whole number of runs; and at the end, how many runs and steps there really were."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.simulation.interleavings import STEPS

PROPERTY = "interleavings"
RUNS = 2_000
HAPPENS = ("refunds unattended", "refunds that somebody agreed to", "approved", "approved less", "declined", "yes",
           "no", "yes on the page", "numbers changed", "taken back", "taken over", "given back", "run again",
           "refunded by hand", "disputed", "failed later", "paused", "published", "forgotten", "our clock jumped",
           "a pass was killed", "something happened during a pass", "found by catching up", "all wakes lost",
           "event: lost", "event: twice", "event: later", "asks: done", "asks: told of", "asks: with a person")
"""What must have happened for a long run to show anything."""
RULES = (
    "a customer asks",
    "a customer writes again",
    "a customer answers",
    "a customer opens the page",
    "a colleague approves",
    "a colleague declines",
    "a colleague takes a change back",
    "a colleague takes a ticket over",
    "a colleague gives it back",
    "a colleague has it run again",
    "a colleague edits the ticket",
    "a ticket goes away",
    "somebody settles it by hand",
    "a refund fails later",
    "an admin acts",
    "the switch is let go",
    "an event arrives late",
    "time passes",
    "a vendor fails",
    "the next pass is killed",
    "meanwhile",
    "it catches up",
)
"""Everything that may be the next step."""
NEEDED = {"runs": RUNS, "steps": RUNS * STEPS, **dict.fromkeys(HAPPENS, RUNS // 100),
          **{f"rule: {name}": RUNS // 20 for name in RULES}}
"""Of all shards together, with --long."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="2,000 runs of 30 steps or more, not a few")


def told(config: pytest.Config) -> Counter[str]:
    """The counts of all processes, which come with the reports."""
    met: Counter[str] = Counter()
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    for reports in reporter.stats.values() if reporter else ():
        for report in reports:
            for name, counts in getattr(report, "user_properties", ()):
                met.update(json.loads(counts) if name == PROPERTY and report.when == "call" else {})
    return met


def too_few(met: Counter[str]) -> list[str]:
    """What a long run did less often than it must have to show anything."""
    return [f"{name} {met[name]:,} of {least:,}" for name, least in NEEDED.items() if met[name] < least]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A long run that did too little has failed, even if every test passed."""
    config = session.config
    if config.getoption("--long", default=False) and not hasattr(config, "workerinput") and too_few(told(config)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not (met := told(config)):
        return
    for name, times in sorted(met.items()):
        terminalreporter.write_line(f"{times:>9,}  {name}")
    if config.getoption("--long", default=False) and (short := too_few(met)):
        terminalreporter.write_line(f"too few: {', '.join(short)}", red=True)
    terminalreporter.write_line(f"interleavings: {met['runs']:,} runs of {STEPS} steps or more, "
                                f"{met['steps']:,} steps in them that did something")
