"""Honest tickets end right, and a wrong end is seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from tests.attack.honest import Ended, Read, Reader, live, told
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


def test_figures_fail_with_one_wrong_end_and_with_too_few_right_ones() -> None:
    ended = [Ended(str(n), "rules", "done", "done") for n in range(300)]
    wrong, many = Figures("one wrong"), Figures("many handed over")
    told(wrong, "rules", [*ended, Ended("x", "rules", "done", "wrong")], quick=False)
    told(many, "rules", [*ended, *(Ended(str(n), "rules", "done", "wrongly handed over") for n in range(17))], False)
    assert not wrong.ok
    assert not many.ok
