"""What a person says about a held operation, and what follows from it."""

import pytest
from sqlalchemy import text

from agent import held
from agent.held import CannotResolve
from tests.journeys.office import Office, refund

ASK = {"actions": [refund("c2", quote="please refund the second one")]}


@pytest.fixture
def office(engine) -> Office:  # type: ignore[no-untyped-def]
    return Office(engine)


def held_refund(office: Office) -> tuple[int, str, str]:
    """A ticket whose refund met a stored failure: ticket, operation, and the charge."""
    _, second = office.double_charge(1800)
    office.planner.next = [ASK]  # type: ignore[attr-defined]
    office.fault("stripe", "500_before", "POST", "/v1/refunds")
    ticket = office.handle()
    office.settle(hours=2)
    with office.engine.begin() as c:
        [one] = held.held(c)
    assert (one.kind, one.target, one.ticket) == ("refund", second, f"zendesk:acme:{ticket}")
    return ticket, one.operation, second


def audited(office: Office) -> list[dict[str, object]]:
    with office.engine.begin() as c:
        return list(c.execute(text("select public from audit where kind = 'operation.resolved'")).scalars())


def counted(office: Office) -> int:
    with office.engine.begin() as c:
        return int(c.execute(text("select coalesce(sum(amount), 0) from totals where kind = 'desk'")).scalar_one())


def test_sent_again_by_a_person_it_is_refunded_once_and_the_customer_is_told(office: Office) -> None:
    ticket, operation, charge = held_refund(office)
    assert office.refunds() == []

    assert held.send_again(office.desk, operation, "Mia") == 2
    office.settle(hours=2)

    assert [(r["charge"], r["amount"]) for r in office.refunds()] == [(charge, 1800)]
    assert len(office.replies(ticket)) == 1
    assert "USD 18.00 back" in office.replies(ticket)[0]
    assert office.states() == [("done", "")]
    assert counted(office) == 1800
    assert audited(office) == [{"by": "Mia", "action": "refund", "target": charge, "as": "send_again", "send": 2}]


def test_what_was_refunded_by_hand_is_adopted_and_the_customer_is_told(office: Office) -> None:
    ticket, operation, charge = held_refund(office)
    by_hand = office.happens("stripe", "dashboard_refund", charge=charge, amount=1800)["id"]

    seen = held.found(office.desk, operation, by_hand, "Mia")
    office.settle(hours=2)

    assert seen.model_dump()["id"] == by_hand
    assert [r["id"] for r in office.refunds()] == [by_hand]
    assert "USD 18.00 back" in office.replies(ticket)[0]
    assert office.states() == [("done", "")]


def test_a_refund_of_another_amount_is_not_adopted(office: Office) -> None:
    _, operation, charge = held_refund(office)
    other = office.happens("stripe", "dashboard_refund", charge=charge, amount=700)["id"]
    with pytest.raises(CannotResolve, match=r"is a refund of USD 7\.00, and asked for was USD 18\.00"):
        held.found(office.desk, operation, other, "Mia")
    with office.engine.begin() as c:
        assert [one.operation for one in held.held(c)] == [operation]


def test_what_another_operation_did_is_not_adopted(office: Office) -> None:
    _, operation, charge = held_refund(office)
    by_hand = office.happens("stripe", "dashboard_refund", charge=charge, amount=1800)["id"]
    with office.engine.begin() as c:
        c.execute(text("""
            insert into operations (id, ticket_id, proposal_id, position, kind, role, target, digest, state, vendor_ids,
                                    sealed, created_at, changed_at)
            select 'op-another', ticket_id, proposal_id, 0, kind, role, target, digest, 'done',
                   jsonb_build_object('id', cast(:id as text)), sealed, created_at, changed_at
              from operations where id = :op"""), {"id": by_hand, "op": operation})
    with pytest.raises(CannotResolve, match="is what op-another did already"):
        held.found(office.desk, operation, by_hand, "Mia")


def test_said_not_done_it_stops_counting_and_the_customer_is_told_nothing(office: Office) -> None:
    ticket, operation, _ = held_refund(office)
    assert counted(office) == 1800

    held.not_done(office.desk, operation, "Mia")
    office.settle(hours=2)

    assert counted(office) == 0
    assert office.refunds() == []
    assert office.replies(ticket) == []
    assert office.states() == [("handed_over", "")]


def test_what_is_not_held_cannot_be_resolved(office: Office) -> None:
    _, operation, _ = held_refund(office)
    held.send_again(office.desk, operation, "Mia")
    with pytest.raises(CannotResolve, match="is not held"):
        held.send_again(office.desk, operation, "Mia")
    with pytest.raises(CannotResolve, match="There is no operation op-000"):
        held.not_done(office.desk, "op-000", "Mia")


def test_while_paused_nothing_is_released(office: Office) -> None:
    _, operation, _ = held_refund(office)
    with office.engine.begin() as c:
        c.execute(text("insert into switches (action, paused, reason, by, at) "
                       "values ('refund', true, 'audit day', 'Lea', now())"))
    with pytest.raises(CannotResolve, match="refund is paused"):
        held.send_again(office.desk, operation, "Mia")
