"""Wrong versions of the engine and of the order of a pass."""

from __future__ import annotations

from copy import copy
from typing import Any

from sqlalchemy import text

from agent import engine, ledger, polling, tell, workflow
from agent.compiled import Statement
from agent.desk import Desk
from agent.ledger import TicketRow
from agent.plan import Open
from connectors.contract import VendorError
from tests.simulation.defects.planting import Put, defect

NOTHING = Statement(text("select 1 where false and :why = ''"))


@defect("what crashed is gone on with", "auto", shows="lost", level="crash")
def nothing_is_swept(put: Put) -> None:
    """No sweep looks for tickets that were forgotten."""
    put(engine, "sweep", lambda connection, now: engine.Swept(0, 0, 0))


@defect("a dead worker's ticket is taken over", "contact_change", shows="lost", level="crash")
def the_dead_keep_their_jobs(put: Put) -> None:
    """The sweep wakes what is due, but what a dead worker held stays with it."""
    put(engine, "_PUT_BACK", Statement(text("delete from procrastinate_jobs where false")))


@defect("a wake is answered once its work is done", "auto", shows="lost", level="crash")
def served_before_it_is_looked_at(put: Put) -> None:
    """A pass counts as made when it begins: its job is gone, and the ticket's reasons to look are served."""
    put(engine, "_TAKE", _deletes(engine._TAKE))
    put(engine, "run_due", _forgetting(put))


def _deletes(take: Statement) -> Statement:
    made = copy(take)
    made.sql = made.sql.replace("update procrastinate_jobs set status = 'doing' where",
                                "delete from procrastinate_jobs where")
    return made


def _forgetting(put: Put) -> Any:
    run_due = engine.run_due

    def served_first(connect: Any, run: Any, now: Any) -> int:
        def one(id: int, why: str) -> None:
            with connect() as c:
                c.exec_driver_sql("update tickets set served = wanted where id = %s", (id,))
            run(id, why)
        return run_due(connect, one, now)
    return served_first


@defect("what rests is taken up again", "contact_change", shows="lost", level="1 fault")
def later_never_comes(put: Put) -> None:
    """A pass that says "later" wakes nobody, and the sweep does not look for plans under way."""
    def served(desk: Desk, row: TicketRow, later: Exception) -> None:
        with desk.ledger.begin() as c:
            desk.ledger.served(c, row.id, row.wanted)

    put(workflow, "_served", served)
    put(engine, "_WAKE_UNDER_WAY", NOTHING)


@defect("a vendor that is away is asked again", "auto", shows="lost", level="1 fault")
def away_is_served(put: Put) -> None:
    """A pass that could not read because a vendor is away counts as made."""
    def failed(desk: Desk, row: TicketRow, away: VendorError) -> None:
        with desk.ledger.begin() as c:
            desk.ledger.served(c, row.id, row.wanted)

    put(workflow, "_failed", failed)


@defect("an event that was never delivered is found", "unheard", shows="lost", level="undisturbed",
        lates=("falls_through", "a_message_unheard"))
def nobody_looks_for_lost_events(put: Put) -> None:
    """What no event told of is never looked for."""
    put(polling.Poll, "look", lambda poll: None)


@defect("whatever was done is told", "auto", shows="stuck", level="crash")
def closed_before_it_is_told(put: Put) -> None:
    """A plan is closed once its actions are done, before anybody is told of them."""
    tell_ = tell.tell

    def closing(desk: Desk, actor: Any, open_: Open, *more: Any) -> str:
        with desk.ledger.begin() as c:
            desk.ledger.close_proposal(c, open_.proposal_id, "done", desk.now())
        return tell_(desk, actor, open_, *more)

    put(tell, "tell", closing)


@defect("the same message is answered once", "auto", "both", shows="stuck", level="undisturbed")
def what_was_read_is_not_remembered(put: Put) -> None:
    """Up to where a ticket was read is not kept with the plan made of it."""
    taken_up = ledger.Ledger.taken_up

    def forgetting(self: ledger.Ledger, c: Any, id: int, entry: str | None, *more: Any, **named: Any) -> None:
        taken_up(self, c, id, None, *more, **named)

    put(ledger.Ledger, "taken_up", forgetting)
