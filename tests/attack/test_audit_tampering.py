"""The attack on the trail finds each kind of change and counts the same change once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, text

from tests.attack import audit_tampering
from tests.attack.audit_tampering import (
    DECISION,
    KINDS,
    PUBLICATION,
    Trail,
    behind_the_last_head,
    lived,
    same_everywhere,
    tampered,
)

BY_CHANCE = {"sealed bytes changed", "rows in another order"}
"""Kinds in which chance has a part: at one place they may differ."""


@pytest.fixture
def trail(engine: Engine) -> Trail:
    return lived(engine, places=12)


def test_every_kind_is_found_the_same_change_counts_once_and_the_trail_is_left_as_it_was(trail: Trail) -> None:
    before = same_everywhere(trail)
    tally = tampered(trail, [1, 5, 11, 11], seed=7)
    assert tally.missed == []
    assert set(tally.tried.values()) == {4}
    assert {kind: len(states) for kind, states in tally.states.items() if kind not in BY_CHANCE} == dict.fromkeys(
        KINDS.keys() - BY_CHANCE, 3)
    assert (tally.whole, same_everywhere(trail)) == (2, before)


@pytest.mark.parametrize(("kind", "table", "columns"), [
    ("a decision changed", "decisions", DECISION), ("a policy's publication changed", "policies", PUBLICATION)])
def test_every_column_is_changed_and_bound(
        trail: Trail, monkeypatch: pytest.MonkeyPatch, kind: str, table: str, columns: Sequence[str]) -> None:
    monkeypatch.setattr(audit_tampering, "KINDS", {kind: KINDS[kind]})
    with trail.engine.connect() as c:
        there = c.execute(text(f"select count(*) from {table}")).scalar_one()  # noqa: S608 - ours
    tally = tampered(trail, [there * n for n in range(len(columns))], seed=7)
    assert tally.missed == []
    assert len(tally.states[kind]) == len(columns)


def test_what_is_cut_off_behind_the_last_head_outside_is_not_found_and_with_the_heads_row_it_is(trail: Trail) -> None:
    behind = behind_the_last_head(trail)
    assert 0 < behind.rows <= 100
    assert (behind.found, behind.one_more) == (0, True)
