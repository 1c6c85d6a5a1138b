"""The bench says how well refunds are told from other asks, and says when it could not measure."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.bench_planner import PRECISION_GOAL, RECALL_GOAL, TEXTS, confusions, labelled_texts, main, score


def test_without_the_texts_nothing_is_measured_and_it_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--texts", str(tmp_path / "none.csv")]) == 2
    assert "Not measured" in capsys.readouterr().out


def test_a_wrong_proposal_is_counted_and_shown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    texts = tmp_path / "texts.csv"
    texts.write_text("text,category\nPlease refund me,request_refund\nI want a refund,card_arrival\n"
                     "Where is my card?,card_arrival\nHow do refunds work?,request_refund\n", encoding="utf-8")
    figures = score(labelled_texts(texts))
    assert (figures.proposed, figures.right, figures.asked) == (2, 1, 2)
    assert (figures.precision, figures.recall) == (0.5, 0.5)
    assert confusions(labelled_texts(texts)) == [("card_arrival", 1, ["I want a refund"])]
    assert main(["--texts", str(texts)]) == 1
    assert "1 card_arrival" in capsys.readouterr().out


@pytest.fixture(scope="module")
def banking77() -> Path:
    if not TEXTS.exists():
        pytest.skip(f"the labelled texts are absent: {TEXTS}")
    return TEXTS


def test_a_refund_is_proposed_only_where_one_is_asked_for(banking77: Path) -> None:
    """Precision and recall on all texts, and on the third that no phrase was written from."""
    texts = labelled_texts(banking77)
    for part in (texts, [labelled for labelled in texts if labelled.held_out]):
        figures = score(part)
        assert figures.precision >= PRECISION_GOAL
        assert figures.recall >= RECALL_GOAL
