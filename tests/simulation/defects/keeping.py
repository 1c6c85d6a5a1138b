"""Wrong versions of the ledger and of what an act keeps in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from agent import act
from agent.ledger import Ledger, Operation
from tests.simulation.defects.planting import Put, defect


@defect("intent before the call", "auto", "approve", shows="stuck", level="crash", helpdesks=("zendesk",))
def the_intent_is_written_after_the_call(put: Put) -> None:
    """That something is about to be sent is not written down: only its receipt is."""
    def unwritten(self: Ledger, c: Any, op: Operation, now: Any, counted: Any, decided: Any = None) -> Operation:
        return replace(op, state="sent", attempts=op.attempts + 1, first_sent_at=now)

    put(Ledger, "sent", unwritten)


@defect("an operation is named by what is asked", "auto", shows="doubled", level="crash")
def named_by_the_delivery(put: Put) -> None:
    """An operation's id comes from the pass that wanted it, not from what is asked."""
    passes = count(1)

    def plan(self: Ledger, c: Any, *, ref: str, **more: Any) -> Operation:
        return planned(self, c, ref=f"{ref}#{next(passes)}", **more)

    planned = Ledger.plan
    put(Ledger, "plan", plan)


@defect("past 23 hours only a person sends again", "approve_less", shows="doubled", level="answer lost",
        helpdesks=("zendesk",))
def nothing_is_ever_too_old(put: Put) -> None:
    """An operation is sent again at any age, undecided, though the vendor forgets its key after a day."""
    put(act, "LAST_RESEND", timedelta(days=999))
    put(act.Actor, "_against", lambda *asked: "")  # which would stop it, too: the charge shows what came of it


@defect("a lost answer is not forgotten by a refusal", "approve_less", shows="stuck", level="answer lost",
        helpdesks=("zendesk",))
def a_second_sending_counts_as_the_first(put: Put) -> None:
    """What keeps a second sending from being made is taken to prove that nothing was ever sent."""
    send = act.Actor._send

    def sent(self: act.Actor, operation: Operation, gate: Any, *more: Any, again: bool = False) -> Operation:
        return send(self, operation, gate, *more)

    put(act.Actor, "_send", sent)


@defect("exactly once", "auto", shows="doubled", level="1 fault", at_writes=True, helpdesks=("zendesk",))
def what_was_sent_is_sent_again_unseen(put: Put) -> None:
    """What may have happened is sent again without looking for it at the vendor first."""
    def unseen(self: act.Actor, operation: Operation, *more: Any) -> Operation:
        with self.ledger.begin() as c:
            trying = self.ledger.tried_again(c, operation, self.desk.now())
        if trying is None:
            raise act.Later("another pass has this operation", 20)
        return self._send(trying, self._gate(operation.held_back_with), *more, again=True)

    put(act.Actor, "_look", unseen)
