"""What others published is read wherever it lies beside the checkout, and nothing that was not read looks green."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attack import shared
from tests.attack.shared import published
from tests.figures import Figure, Figures


def told(folder: Path | None, monkeypatch: pytest.MonkeyPatch) -> Figure:
    monkeypatch.setattr(shared, "SHARED", folder or Path("/nowhere"))
    figures = Figures("any")
    published(figures, "vectors", "vectors.txt", lambda at: len(at.read_text()), 3)
    [line] = figures.lines
    return line


def test_without_the_folder_the_figure_is_nought_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    line = told(None, monkeypatch)
    assert (line.reached, line.needed) == (0, "")
    assert "there is no ../shared beside this checkout" in line.name


@pytest.mark.parametrize(("holds", "reached", "ok"), [("abc", 3, True), ("ab", 2, False), (None, 0, False)])
def test_with_the_folder_it_must_be_read(holds: str | None, reached: int, ok: bool, tmp_path: Path,
                                         monkeypatch: pytest.MonkeyPatch) -> None:
    at = tmp_path / "data" / "attacks" / "vectors.txt"
    at.parent.mkdir(parents=True)
    if holds:
        at.write_text(holds)
    line = told(tmp_path, monkeypatch)
    assert (line.reached, line.ok) == (reached, ok)
