"""Nobody gets in by a token or a call that somebody else made: a slice of `scripts/attack --doors`."""

from __future__ import annotations

from random import Random

import pytest

from agent.database import Database
from tests.attack import doors_tokens
from tests.attack.doors_tokens import OnTheCase, Sidebar, calls, measured, tokens
from tests.conftest import Reused


def test_no_forged_token_and_no_forged_call_is_let_in(reused: Reused) -> None:
    def empty() -> Database:
        reused.empty()
        return reused.lent()

    figures = measured(empty, quick=True, seed=3)
    assert figures.ok, figures.as_json()


def test_the_attack_would_find_a_sidebar_that_checks_no_times(
        database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webhooks.tokens._check_times", lambda *_: None)
    monkeypatch.setattr(doors_tokens, "TOKENS", (doors_tokens._said_wrong,))
    assert tokens(Sidebar(database), 150, Random(5)).accepted


def test_the_attack_would_find_a_component_that_is_believed_without_a_signature(
        database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webhooks.signed._signed", lambda *_: True)
    assert calls(OnTheCase(database), 60, Random(5)).accepted
