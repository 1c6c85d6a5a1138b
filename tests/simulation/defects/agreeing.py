"""Wrong versions of the customer's yes and a colleague's approval."""

from __future__ import annotations

from typing import Any

from agent.answer import Answer
from agent.consent import answering, waits
from agent.consent.waits import Wait
from tests.simulation.defects.planting import Put, defect


@defect("only a yes is a yes", "says_no", level="undisturbed")
def any_answer_is_a_yes(put: Put) -> None:
    """Whatever the customer answers counts as a yes."""
    put(answering, "read_answer", lambda *said: Answer.YES)


@defect("a colleague's no is a no", "decline", level="undisturbed")
def a_decline_counts_as_an_answer(put: Put) -> None:
    """Any answer of a colleague lets the action go ahead, a decline, too."""
    answer = waits.answer

    def given(c: Any, wait: Wait, state: Any, by: str, now: Any, **more: Any) -> bool:
        return answer(c, wait, "given", by, now, **more)

    put(waits, "answer", given)
