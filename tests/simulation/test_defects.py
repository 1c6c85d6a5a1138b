"""Seven planted defects; `scripts/simulate --defects` looks for all of them."""

from __future__ import annotations

import pytest

from agent import engine as wakes
from tests.conftest import Reused
from tests.simulation.defects import DEFECTS, NEEDED, summed
from tests.simulation.defects.hunting import Found, Hunt
from tests.simulation.defects.planting import Defect
from tests.simulation.history import Place


class Lent(Place):
    """The tests' own database, emptied for each history."""

    def __init__(self, reused: Reused) -> None:
        self.reused, self.lent = reused, 0


@pytest.fixture
def hunt(reused: Reused) -> Hunt:
    return Hunt(Lent(reused))


@pytest.mark.parametrize("name", ["nobody-is-asked", "the-kill-switch-is-not-read", "what-fell-through-is-ignored",
                                  "nobody-looks-for-lost-events", "nothing-is-looked-at-again",
                                  "the-planner-is-always-unsure", "who-is-in-copy-reads-it-all"])
def test_a_planted_defect_is_found_and_the_same_histories_are_clean_without_it(hunt: Hunt, name: str) -> None:
    found = hunt.look_for(DEFECTS[name])
    assert found.key
    assert found.broken == ()


def test_without_a_defect_nothing_is_found(hunt: Hunt) -> None:
    none = Defect("none", "Nothing is wrong.", "none", lambda put: None, ("auto",), "lost", "undisturbed",
                  lates=("falls_through",))
    found = hunt.look_for(none)
    assert (found.key, found.after) == ("", found.of)


def test_a_defect_is_gone_when_its_search_ends() -> None:
    before = wakes.sweep
    with DEFECTS["nothing-is-swept"].planted():
        assert wakes.sweep is not before
    assert wakes.sweep is before


def test_each_defect_is_explained_in_one_sentence() -> None:
    assert len(DEFECTS) > NEEDED
    for one in DEFECTS.values():
        assert one.words.endswith(".")
        assert "\n\n" not in one.words
        assert one.breaks


def test_one_that_is_not_found_or_a_history_that_is_broken_without_it_fails() -> None:
    good = Found("nothing-is-swept", 3, 40, "auto/zendesk/any_news/-/k3/k0/-", "stuck", ())
    unfound = Found("nobody-is-asked", 40, 40, "", "", ())
    unclean = Found("nobody-is-asked", 3, 40, good.key, "stuck", ("auto/zendesk/any_news/-/k1/k0/-",))
    assert summed([good], 1, 1).ok
    assert not summed([good], 1, 2).ok
    assert not summed([good, unfound], 2, 2).ok
    assert not summed([good, unclean], 2, 2).ok
