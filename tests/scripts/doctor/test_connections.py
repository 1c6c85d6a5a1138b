"""How many database connections a process opens: what the doctor reckons with, and what admins read."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.doctor.database import SERVE, WORK, room

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"


def test_what_a_process_opens_at_most_is_what_admins_read() -> None:
    """20 for all work, 8 for the doors; of the worker 2 of its own, 3 of the engine's, and 1 that listens."""
    assert (SERVE, WORK) == (34, 26)
    assert f"A `serve` holds up to {SERVE} database connections, a `work` up to {WORK}" in OPERATIONS.read_text()


@pytest.mark.parametrize(("left", "level"), [(34, "green"), (33, "yellow"), (2, "yellow"), (1, "red")])
def test_where_one_more_serve_would_not_find_enough_the_doctor_says_so(left: int, level: str) -> None:
    found = room(left, 97)
    assert (found.level, found.says) == (level, f"{left} of 97 connections are left.")
