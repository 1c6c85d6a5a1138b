"""A command's figures are printed with what they must reach, and fail below it."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from tests.figures import Figures


def test_figures_that_reach_what_they_must_end_with_0() -> None:
    figures = Figures("simulation")
    figures.add("histories", 50_000, at_least=50_000)
    figures.add("lost", 0, equal=0)
    figures.add("takeover in s", 14.9, at_most=15)
    figures.add("held", 12)
    assert figures.exit_code == 0


@pytest.mark.parametrize(("reached", "bound"), [
    (49_999, {"at_least": 50_000}), (1, {"equal": 0}), (15.1, {"at_most": 15}), ("none", {"equal": 0})])
def test_one_figure_that_falls_short_ends_with_1(reached: int | str, bound: dict[str, int]) -> None:
    figures = Figures("simulation")
    figures.add("histories", 50_000, at_least=50_000)
    figures.add("this one", reached, **bound)
    assert figures.exit_code == 1


def test_nothing_measured_is_not_success() -> None:
    assert Figures("simulation").exit_code == 1


def test_a_figure_has_one_bound() -> None:
    with pytest.raises(TypeError):
        Figures("simulation").add("histories", 1, at_least=1, equal=1)


def test_the_table_says_what_was_reached_and_needed() -> None:
    figures, out = Figures("simulation"), io.StringIO()
    figures.add("histories", 49_999, at_least=50_000)
    assert figures.print(console=Console(file=out, width=80)) == 1
    line = next(line for line in out.getvalue().splitlines() if "histories" in line)
    assert "49,999" in line
    assert "≥ 50,000" in line
    assert "NO" in line


@pytest.mark.parametrize(("reached", "told"), [(1, True), (0, False)])
def test_where_one_falls_short_what_went_wrong_stands_below(reached: int, told: bool) -> None:
    part, whole, out = Figures("doors", also={"seed": 7, "wrong": ["GET /: 500"]}), Figures("attack"), io.StringIO()
    part.add("5xx", reached, equal=0)
    whole.include(part)
    whole.print(console=Console(file=out, width=80))
    assert ("  GET /: 500" in out.getvalue().splitlines()) is told


def test_as_json_it_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    figures = Figures("simulation", also={"seed": 7})
    figures.add("lost", 0, equal=0)
    assert figures.print(as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == {
        "title": "simulation", "ok": True, "seed": 7,
        "figures": [{"name": "lost", "reached": 0, "needed": "0", "ok": True}]}


def test_figures_of_a_part_keep_its_name_and_its_failure() -> None:
    part, whole = Figures("doors"), Figures("attack")
    part.add("accepted", 1, equal=0)
    whole.include(part)
    assert [(line.name, line.ok) for line in whole.lines] == [("doors: accepted", False)]
    assert whole.exit_code == 1
