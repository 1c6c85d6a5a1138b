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


def test_said_not_done_a_colleague_reads_that_they_may_do_it(office: Office) -> None:
    ticket, operation, _ = held_refund(office)
    assert "Whether it happened is NOT known" in office.notes(ticket)[-1]
    held.not_done(office.desk, operation, "Mia")
    office.settle(hours=2)
    assert len(office.notes(ticket)) == 2
    second = office.notes(ticket)[-1]
    lines = second.splitlines()
    assert lines[0].startswith("Deskhand hands this over to you.")
    assert lines[3].startswith("Next: it was not made: do it by hand, or decline; then answer the customer (see https://")
    assert lines[4].startswith("Why it stopped: Mia looked at the vendor: it was NOT made. Nothing was changed; ")
    assert "NOT known" not in second
    assert "refused it" not in second
    assert "Your request needs a closer look" in lines[3]


def test_each_of_two_that_were_not_done_is_told_when_a_person_has_looked(office: Office) -> None:
    office.double_charge(1800)
    for ago in ("-100m", "-90m"):
        office.charge(1900, ago=ago)
    office.planner.next = [{"actions": [refund("c2", quote="the second one"),  # type: ignore[attr-defined]
                                        refund("c4", quote="the second one")]}]
    for charge in ("ch_sbx000002", "ch_sbx000004"):
        office.fault("stripe", "500_before", "POST", "/v1/refunds", body=charge)
    ticket = office.handle()
    office.settle(hours=2)
    with office.engine.begin() as c:
        first, second = held.held(c)
    held.not_done(office.desk, first.operation, "Mia")
    office.settle(hours=2)
    assert "`deskhand held resolve" in office.notes(ticket)[-1]
    held.not_done(office.desk, second.operation, "Ana")
    office.settle(hours=2)
    assert len(office.notes(ticket)) == 3
    assert "Mia looked at the vendor: it was NOT made; Ana looked at the vendor: it was NOT made." in (
        office.notes(ticket)[-1])


def test_beside_what_was_done_it_is_told_as_well_that_it_was_not(office: Office) -> None:
    office.double_charge(1800)
    for ago in ("-100m", "-90m"):
        office.charge(1900, ago=ago)
    office.planner.next = [{"actions": [refund("c2", quote="the second one"),  # type: ignore[attr-defined]
                                        refund("c4", quote="the second one")]}]
    office.fault("stripe", "500_before", "POST", "/v1/refunds", body="ch_sbx000002")
    ticket = office.handle()
    office.settle(hours=2)
    with office.engine.begin() as c:
        (one,) = held.held(c)
    held.not_done(office.desk, one.operation, "Mia")
    office.settle(hours=2)
    note = office.notes(ticket)[-1]
    assert "refunded USD 19.00" in note
    assert "NOT done: refund USD 18.00" in note
    assert "Mia looked at the vendor: it was NOT made" in note
    assert "please take over: it was not made: do it by hand, or decline; then answer the customer" in note
    assert len(office.replies(ticket)) == 1


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
