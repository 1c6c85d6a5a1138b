"""Wrong versions of the ledger and of what an act keeps in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import update

from agent import act, statements
from agent.compiled import Statement, given
from agent.ledger import Ledger, Operation
from agent.tables import operations
from tests.simulation.defects.planting import Put, defect


@defect("intent before the call", "auto", "approve", level="crash", helpdesks=("zendesk",))
def the_intent_is_written_after_the_call(put: Put) -> None:
    """That something is about to be sent is not written down: only its receipt is."""
    def unwritten(self: Ledger, c: Any, op: Operation, now: Any, counted: Any, decided: Any = None) -> Operation:
        return replace(op, state="sent", attempts=op.attempts + 1, first_sent_at=now)

    put(Ledger, "sent", unwritten)


@defect("an operation is named by what is asked", "auto", level="crash")
def named_by_the_delivery(put: Put) -> None:
    """An operation's id comes from the pass that wanted it, not from what is asked."""
    passes = count(1)

    def plan(self: Ledger, c: Any, *, ref: str, **more: Any) -> Operation:
        return planned(self, c, ref=f"{ref}#{next(passes)}", **more)

    planned = Ledger.plan
    put(Ledger, "plan", plan)


@defect("past 23 hours only a person sends again", "approve_less", level="3 faults, answer lost",
        helpdesks=("zendesk",))
def the_first_sending_is_overwritten(put: Put) -> None:
    """Each try overwrites when the operation was sent first, so that it is never too old."""
    tried = update(operations).where(
        statements._this, statements._open, operations.c.attempts == given("attempts"))
    put(statements, "TRIED", Statement(tried.values(
        state=given("state"), attempts=operations.c.attempts + 1, changed_at=statements._now,
        first_sent_at=statements._now).returning(*statements._moving)))


@defect("past 23 hours only a person sends again", "approve_less", level="3 faults, answer lost",
        helpdesks=("zendesk",))
def nothing_is_ever_too_old(put: Put) -> None:
    """An operation may be sent again at any age, though the vendor forgets its key after a day."""
    put(act, "LAST_RESEND", timedelta(days=999))


@defect("a lost answer is not forgotten by a refusal", "approve_less", level="3 faults, answer lost",
        helpdesks=("zendesk",))
def a_second_sending_counts_as_the_first(put: Put) -> None:
    """What keeps a second sending from being made is taken to prove that nothing was ever sent."""
    send = act.Actor._send

    def sent(self: act.Actor, operation: Operation, gate: Any, *, again: bool = False) -> Operation:
        return send(self, operation, gate)

    put(act.Actor, "_send", sent)


@defect("exactly once", "auto", level="1 fault", at_writes=True, helpdesks=("zendesk",))
def what_was_sent_is_sent_again_unseen(put: Put) -> None:
    """What may have happened is sent again without looking for it at the vendor first."""
    def unseen(self: act.Actor, operation: Operation) -> Operation:
        with self.ledger.begin() as c:
            trying = self.ledger.tried_again(c, operation, self.desk.now())
        if trying is None:
            raise act.Later("another pass has this operation", 20)
        return self._send(trying, self._gate(operation.held_back_with), again=True)

    put(act.Actor, "_look", unseen)
