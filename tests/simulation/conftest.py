"""`--long`: the whole number of runs; and at the end, how many runs and steps there really were."""

from __future__ import annotations

import json
from collections import Counter

import pytest

PROPERTY = "interleavings"
NEEDED = {"runs": 2_000, "steps": 60_000}
"""Of all shards together, with --long."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="2,000 runs of 30 steps of the interleavings, not a few")


@pytest.fixture
def is_long(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--long", default=False))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The counts come with the reports, from all processes."""
    met: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, told in getattr(report, "user_properties", ()):
                met.update(json.loads(told) if name == PROPERTY and report.when == "call" else {})
    if not met:
        return
    for name, times in sorted(met.items()):
        terminalreporter.write_line(f"{times:>9,}  {name}")
    short = [f"{name} {met[name]:,} of {least:,}" for name, least in NEEDED.items() if met[name] < least]
    if config.getoption("--long", default=False) and short:
        terminalreporter.write_line(f"too few: {', '.join(short)}", red=True)
    terminalreporter.write_line(f"interleavings: {met['runs']:,} runs, {met['steps']:,} steps")
