"""The attack on the trail finds each kind of change, counts the same change once, and sees what was made up."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, text

from tests.attack import audit_tampering
from tests.attack.audit_recomputed import recomputed, told
from tests.attack.audit_tampering import (
    DECISION,
    KINDS,
    PUBLICATION,
    Trail,
    behind_the_last_head,
    lived,
    same_everywhere,
    tampered,
    withheld,
)
from tests.figures import Figures
from tests.journeys.office import Office

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


def test_what_is_changed_while_heads_are_withheld_for_a_day_is_not_called_whole(trail: Trail) -> None:
    found = withheld(trail)
    assert found.rows > 0
    assert (found.whole_by_verify, found.whole_by_file) == (0, 0)


def figures(trail: Trail) -> Figures:
    made = Figures("audit")
    told(made, recomputed(trail.office), decisions=2, refunds=2)
    return made


def wrong(trail: Trail) -> set[str]:
    return {line.name for line in figures(trail).lines if not line.ok}


def changed(trail: Trail, sql: str) -> None:
    with trail.engine.begin() as c:
        c.execute(text("set local session_replication_role = replica"))
        c.execute(text(sql))


def test_what_was_decided_and_refunded_comes_out_again(trail: Trail) -> None:
    assert figures(trail).ok, figures(trail).as_json()


def test_a_decision_that_was_made_up_is_seen(trail: Trail) -> None:
    changed(trail, "update decisions set outcome = 'refuse' where id = 1")
    assert wrong(trail) == {"replay: differences"}


def test_a_policy_that_is_gone_is_seen(trail: Trail) -> None:
    changed(trail, "delete from policies where version = (select max(policy_version) from decisions)")
    assert wrong(trail) == {"replay: decisions that could not be made again"}


def test_a_refund_of_another_amount_is_seen(trail: Trail) -> None:
    next(iter(trail.office.stripe.state.refunds.values())).amount += 1
    assert wrong(trail) == {"reconcile: unexplained", "reconcile: cents of difference"}


def test_without_any_decision_or_refund_nothing_is_shown(engine: Engine) -> None:
    made = Figures("audit")
    told(made, recomputed(Office(engine)), decisions=2, refunds=2)
    assert not made.ok
