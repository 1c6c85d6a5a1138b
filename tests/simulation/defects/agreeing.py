"""Wrong versions of the customer's yes and a colleague's approval."""

from __future__ import annotations

from typing import Any

from agent.answer import Answer
from agent.consent import answering, undoing, waits
from agent.consent.approval import NotNow
from agent.consent.waits import Wait
from tests.simulation.defects.planting import Put, defect


@defect("only a yes is a yes", "says_no", shows="beyond", level="undisturbed")
def any_answer_is_a_yes(put: Put) -> None:
    """Whatever the customer answers counts as a yes."""
    put(answering, "read_answer", lambda *said: Answer.YES)


@defect("a colleague's no is a no", "decline", shows="beyond", level="undisturbed")
def a_decline_counts_as_an_answer(put: Put) -> None:
    """Any answer of a colleague lets the action go ahead, a decline, too."""
    answer = waits.answer

    def given(c: Any, wait: Wait, state: Any, by: str, now: Any, **more: Any) -> bool:
        return answer(c, wait, "given", by, now, **more)

    put(waits, "answer", given)


@defect("everything undoable is undoable", "undo", shows="lost", level="undisturbed")
def nothing_is_undone(put: Put) -> None:
    """Whoever presses undo is told that it cannot be taken back."""
    def refused(*_: Any) -> str:
        raise NotNow("not_undoable", "It cannot be taken back.")

    put(undoing, "undo", refused)
