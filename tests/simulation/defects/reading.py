"""Wrong versions of how a ticket is read."""

from __future__ import annotations

from agent import consider
from tests.simulation.defects.planting import Put, defect


@defect("what is allowed is done", "auto", "approve", "contact_change", shows="lost", level="undisturbed",
        lates=("any_news",))
def the_planner_is_always_unsure(put: Put) -> None:
    """Every ticket is left to a person, as if nobody could say what it asks for."""
    put(consider, "_answered_today", lambda conversation: consider.MOST_REPLIES_A_DAY)
