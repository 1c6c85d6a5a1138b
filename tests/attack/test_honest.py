"""Honest tickets end right, and a wrong end is seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from agent import ground
from tests.attack.honest import CAME_BACK, Ended, Read, Reader, live, told
from tests.figures import Figures
from tests.threads.threads import Thread, threads

BY_ID = {thread.id: thread for thread in threads()}


@pytest.mark.parametrize("reader", ["labels", "rules"])
@pytest.mark.parametrize(("id", "end"), [
    ("dup-03", "done"), ("ref-01", "approved by a colleague"), ("ger-09", "handed over"), ("ref-41", "left alone")])
def test_each_kind_of_end_is_reached_as_labelled(engine: Engine, id: str, end: str, reader: Reader) -> None:
    assert live(engine, Read(BY_ID[id], reader)).end == end


def relabelled(thread: Thread, **other: object) -> Thread:
    return replace(thread, **other)  # type: ignore[arg-type]


def test_a_refund_that_nobody_asked_for_is_wrong(engine: Engine) -> None:
    """The rules planner reads the text, which asks for it; the label says that it does not."""
    found = live(engine, Read(relabelled(BY_ID["dup-03"], actions=()), "rules"))
    assert found.end == "wrong"
    assert "done [('refund'" in found.told


def test_what_should_have_been_done_and_was_not_is_wrongly_handed_over(engine: Engine) -> None:
    assert live(engine, Read(BY_ID["sta-08"], "rules")).end == "wrongly handed over"


def test_what_should_have_been_done_at_once_and_was_asked_about_is_not_right(engine: Engine) -> None:
    assert live(engine, Read(relabelled(BY_ID["ref-01"], end="done"), "rules")).end == "asked needlessly"


@pytest.mark.parametrize("reader", ["labels", "rules"])
@pytest.mark.parametrize("id", CAME_BACK)
def test_who_asks_after_a_refund_that_failed_is_answered_by_a_person(engine: Engine, id: str, reader: Reader) -> None:
    assert live(engine, Read(CAME_BACK[id], reader)).end == "handed over"


@pytest.mark.parametrize("reader", ["labels", "rules"])
@pytest.mark.parametrize("id", CAME_BACK)
def test_a_refund_that_failed_and_is_told_as_on_its_way_is_wrong(
        engine: Engine, id: str, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ground, "_under_way", lambda charge, ask: None)
    found = live(engine, Read(CAME_BACK[id], reader))
    assert found.end == "wrong"
    assert "told of [('eur', 3500)]" in found.told


def test_figures_fail_with_one_wrong_end_and_with_too_few_right_ones() -> None:
    back = [Ended(id, "rules", "handed_over", "handed over") for id in CAME_BACK]
    ended = [*(Ended(str(n), "rules", "done", "done") for n in range(300)), *back]
    right, none_back = Figures("right"), Figures("none that came back")
    told(right, "rules", ended, quick=False)
    told(none_back, "rules", ended[:-1], quick=False)
    assert (right.ok, none_back.ok) == (True, False)
    wrong, many = Figures("one wrong"), Figures("many handed over")
    told(wrong, "rules", [*ended, Ended("x", "rules", "done", "wrong")], quick=False)
    told(many, "rules", [*ended, *(Ended(str(n), "rules", "done", "wrongly handed over") for n in range(17))], False)
    assert not wrong.ok
    assert not many.ok
