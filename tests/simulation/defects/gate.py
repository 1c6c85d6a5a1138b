"""Wrong versions of the policy gate."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, update

from agent import claims, statements
from agent.compiled import given
from agent.consent import agreement, going_on
from agent.consent.consents import Consents
from agent.ledger import Ledger
from agent.tables import operations
from tests.simulation.defects.planting import Put, defect


@defect("stops at once when told to", "paused", shows="beyond", level="undisturbed", lates=("any_news", "disputed"))
def the_kill_switch_is_not_read(put: Put) -> None:
    """What is about to be sent does not look at the kill switch."""
    put(statements, "SENT", statements._moved(update(operations).where(
        operations.c.state == "planned").values(
        state="sent", attempts=operations.c.attempts + 1, changed_at=statements._now,
        first_sent_at=func.coalesce(operations.c.first_sent_at, statements._now),
        reserved=func.coalesce(given("counted", operations.c.reserved.type), operations.c.reserved))))
    put(Ledger, "paused", lambda self, c, kind: None)


@defect("never beyond policy", "confirm", "approve", shows="beyond", level="undisturbed", lates=("any_news",))
def nobody_is_asked(put: Put) -> None:
    """Whom the policy wants to be asked is not asked."""
    put(Consents, "still_needed", lambda self, decision, *, switched_on: None)


@defect("size is not entitlement", "approve", shows="beyond", level="undisturbed")
def every_claim_is_proven(put: Put) -> None:
    """A claim that no book can prove counts as proven."""
    unproven = claims.unproven
    put(claims, "unproven", lambda claim: unproven(claim).model_copy(update={"proven": True}))


@defect("never beyond policy", "approve_and_confirm", shows="beyond", level="undisturbed")
def a_colleague_stands_in_for_the_customer(put: Put) -> None:
    """A colleague's approval counts for the customer's yes, too."""
    still_needed = Consents.still_needed

    def one_is_enough(self: Consents, decision: Any, *, switched_on: bool) -> Any:
        return None if self.colleague else still_needed(self, decision, switched_on=switched_on)

    put(Consents, "still_needed", one_is_enough)


@defect("never beyond policy", "approve_and_confirm", "by_hand", shows="beyond", level="undisturbed")
def no_amount_needs_a_colleague(put: Put) -> None:
    """The customer's own yes counts for a colleague's approval, too."""
    def customer_only(self: Consents, decision: Any, *, switched_on: bool) -> Any:
        return "customer" if (decision.confirm or decision.approve_by) and self.customer is None else None

    put(Consents, "still_needed", customer_only)


@defect("an approval is for exactly this", "approve_less", shows="lost", level="undisturbed")
def the_lower_amount_is_ignored(put: Put) -> None:
    """A colleague's approval of less is taken for one of the whole amount."""
    put(agreement, "lowered", lambda ask, wait: ask)
    put(going_on, "lowered", lambda ask, wait: ask)
