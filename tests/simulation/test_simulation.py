"""Short versions of the simulation: each life at both helpdesks, and disturbances of every kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from tests.attack.shared import with_empty_tables
from tests.conftest import Reused
from tests.simulation.history import History, Lived, live
from tests.simulation.lives import LATES, LIVES
from tests.simulation.places import At
from tests.simulation.story import told

EVERY = [(life, helpdesk, list(LATES)[(m - n) % len(LATES)]) for n, life in enumerate(LIVES)
         for m, helpdesk in enumerate(("zendesk", "salesforce"))]


@pytest.fixture
def lives(engine: Engine) -> Callable[[History], Lived]:
    return lambda history: live(history, engine, tell=True)


@pytest.mark.parametrize(("life", "helpdesk", "late"), EVERY)
def test_each_life_ends_as_is_right(lives: Callable[[History], Lived], life: str, helpdesk: str, late: str) -> None:
    lived = lives(History(life, helpdesk, late))
    assert lived.ok, "\n".join(told(lived))
    assert lived.errors == []


@pytest.mark.parametrize("key", [
    "auto/zendesk/falls_through/7:timeout_after+0:stale_read~25+0:auth_lost~25/k0/k0/-",
    "lost_and_taken/salesforce/asks_again/47:day_passes/k0/k0/-",
    "auto/salesforce/falls_through_unheard/-/k30/k5/-",
    "approve_less/zendesk/any_news/15:timeout_after+0:stale_read+0:day_passes/k0/k0/-",
    "approve_less/salesforce/falls_through/14:empty_200+0:stale_read~25+0:auth_lost~25/k0/k0/-",
    "confirm/zendesk/any_news/-/k0/k0/1:lost",
    "approve/salesforce/asks_again/20:reset_after/k90/k3/-",
    "undo/zendesk/a_message_unheard/12:timeout_after/k0/k0/-",
    "three_at_once/zendesk/falls_through/-/k0/k0/0:late",
    "anothers_afterwards/salesforce/any_news/10:auth_lost~2/k135/k6/-",
    "lost_and_disputed/zendesk/disputed/18:human_refunds/k151/k0/1:late",
    "contact_change/zendesk/any_news/12:human_edits/k26/k0/-",
    "undo/salesforce/falls_through/10:auth_lost+1:day_passes/k78/k0/-",
    "undo/zendesk/falls_through/10:html_200+1:day_passes/k27/k0/-",
    "closed/salesforce/falls_through/10:human_answers+0:500_before~2/k11/k0/-",
    "busy_and_taken/salesforce/reopened/39:human_answers/k176/k0/-",
    "undo/salesforce/disputed/13:day_passes+2:clock_ahead+0:truncated_200/k10/k0/-",
    "approve_and_confirm/zendesk/falls_through_and_is_asked_for/50:phantom_200+8:human_edits/k0/k0/-",
    "in_copy/salesforce/disputed/1:slow+0:429+8:reset_before~25/k0/k0/-",
    "stopped/salesforce/disputed/18:clock_behind+0:phantom_200/k170/k17/-",
])
def test_disturbed_nothing_is_lost_and_nothing_doubled(lives: Callable[[History], Lived], key: str) -> None:
    lived = lives(History.of(key))
    assert lived.ok, "\n".join(told(lived))


def test_a_history_is_the_same_each_time(reused: Reused) -> None:
    history = History("approve", "zendesk", "falls_through", (At(6, "timeout_before"),), 40, 3, "0:late")
    assert History.of(history.key) == history
    first, second = with_empty_tables(reused, [history] * 2, lambda engine, one: live(one, engine, tell=True))
    assert first.met
    assert len(first.killed) == 2
    assert first.trail == second.trail
    assert first.books == second.books


@pytest.mark.parametrize("key", ["", "auto", "nothing/zendesk/any_news/-/k0/k0/-", "auto/zendesk/any_news/-/x/k0/-",
                                 "auto/freshdesk/any_news/-/k0/k0/-", "auto/zendesk/never/-/k0/k0/-"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="no history has the key"):
        History.of(key)
