"""Each known trap of Salesforce has a test by name (traps.toml), and that test is one that runs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TRAPS: dict[str, list[dict[str, str]]] = tomllib.loads(Path(__file__).with_name("traps.toml").read_text())
SECTIONS = ["versions", "signing_in", "rest", "errors", "limits", "composite", "notes", "once", "people", "events",
            "signature", "package", "offline", "sdk", "standin", "buyers"]
SDK = 11
"""Traps of the SDK that are known by a number."""


def missing(tests: Iterable[str], collected: Iterable[str] = ()) -> list[str]:
    """Those of these tests, by path and name, that pytest did not collect for this run and would not find either."""
    named = sorted(set(tests) - {one.partition("[")[0] for one in collected})
    files = sorted({one.partition("::")[0] for one in named if (ROOT / one.partition("::")[0]).is_file()})
    ran = subprocess.run(  # noqa: S603 - our own interpreter and files
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files],
        cwd=ROOT, capture_output=True, text=True, check=False)
    found = {line.partition("[")[0] for line in ran.stdout.splitlines() if "::" in line}
    return [one for one in named if one not in found]


def test_every_section_has_traps_in_the_order_of_the_facts() -> None:
    assert list(TRAPS) == SECTIONS
    assert [name for name, traps in TRAPS.items() if not traps] == []


def test_each_trap_is_one_sentence_with_one_test_and_none_is_told_twice() -> None:
    entries = [(name, one) for name, traps in TRAPS.items() for one in traps]
    assert all(set(one) == {"trap", "test"} and one["trap"].strip() and "::test_" in one["test"] for _, one in entries)
    said = [(name, one["trap"]) for name, one in entries]
    assert len(said) == len(set(said))


def test_the_sdks_traps_are_all_there_by_their_numbers() -> None:
    assert [int(one["trap"].partition(":")[0]) for one in TRAPS["sdk"]] == list(range(1, SDK + 1))
    for number, one in enumerate(TRAPS["sdk"], 1):
        assert f"::test_trap_{number}_" in one["test"]


def test_every_test_that_is_named_is_collected_and_one_that_is_not_would_be_told(request: pytest.FixtureRequest,
                                                                                  ) -> None:
    here = str(Path(__file__).relative_to(ROOT))
    nowhere = [f"{here}::test_that_nobody_wrote", "tests/connectors/salesforce/test_nothing.py::test_gone"]
    named = [one["test"] for traps in TRAPS.values() for one in traps]
    assert missing([*named, *nowhere], [one.nodeid for one in request.session.items]) == sorted(nowhere)
