"""A worker that was taken for dead and is not: what it still believes never undoes or repeats what another did."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text

from agent.act import Actor
from agent.ledger import Operation
from connectors.contract import TicketUpdate
from tests.journeys.office import Office, refund


def settled(office: Office) -> tuple[Actor, list[Operation]]:
    """A double charge that was refunded and told, and its operations as the ledger has them."""
    office.double_charge()
    office.planner.next = [{"actions": [refund("c2", quote="please refund the second one")]}]
    office.handle()
    office.settle()
    ledger = office.desk.ledger
    with ledger.begin() as c:
        row = ledger.ticket(c, c.execute(text("select max(id) from tickets")).scalar_one(), office.clock())
        person = ledger.vault.person_by_id(c, str(row.person_id))
        proposal = c.execute(text("select max(id) from proposals")).scalar_one()
        operations = ledger.operations_of(c, proposal, person)
    return Actor(office.desk, row.id, row.ref, person, "anyone", row.wanted, office.clock()), operations


def test_what_is_done_is_not_called_undone_by_a_late_answer(office: Office) -> None:
    actor, operations = settled(office)
    paid = next(one for one in operations if one.kind == "refund")
    with actor.ledger.begin() as c:
        after = actor.ledger.not_done(c, replace(paid, state="sent"), "planned", "late", office.clock())
        counted = c.execute(text("select amount from totals where kind = 'desk' and amount > 0")).scalars().all()

    assert after.state == "done"
    assert counted == [1800]


def test_what_is_done_does_not_become_unknown_by_a_late_answer(office: Office) -> None:
    actor, operations = settled(office)
    paid = next(one for one in operations if one.kind == "refund")
    with actor.ledger.begin() as c:
        assert actor.ledger.unknown(c, replace(paid, state="sent"), "unknown", "late", office.clock()).state == "done"


def test_two_who_look_at_the_same_lost_reply_send_it_again_once(office: Office) -> None:
    actor, operations = settled(office)
    reply = next(one for one in operations if isinstance(one.action, TicketUpdate) and one.action.public)
    with actor.ledger.begin() as c:
        c.execute(text("update operations set state = 'unknown' where id = :id"), {"id": reply.id})
        assert actor.ledger.tried_again(c, reply, office.clock()) is not None
        assert actor.ledger.tried_again(c, reply, office.clock()) is None


def test_what_another_has_begun_is_not_begun_again(office: Office) -> None:
    actor, operations = settled(office)
    reply = next(one for one in operations if isinstance(one.action, TicketUpdate) and one.action.public)
    with actor.ledger.begin() as c:
        assert actor.ledger.sent(c, replace(reply, state="planned"), office.clock(), None) is None
