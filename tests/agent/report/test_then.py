"""A past ticket as it stood when the customer had written and nobody had answered."""

from __future__ import annotations

from agent.report.then import charge_then, moments, open_at
from connectors.contract import Dispute
from tests.agent.report.things import BEGIN, DANA, DAY, HOUR, MIA, changed, charge, conversation, entry, refund, usd

LATER = BEGIN + 30 * DAY


def test_a_ticket_solved_since_is_as_new_as_it_was() -> None:
    [moment] = moments(conversation(
        entry(0 * HOUR, DANA, "Refund me, please."),
        entry(2 * HOUR, MIA, "Done.", changes=(
            changed("status", "new", "solved"), changed("assignee_id", None, MIA),
            changed("tags", "shop", "shop refunded"), changed("77", "1042", "1043"))),
        status="solved", assignee=MIA, tags=("shop", "refunded"), fields={"77": "1043"}), BEGIN, LATER)
    ticket = moment.conversation.ticket
    assert (ticket.status, ticket.assignee, ticket.tags, ticket.fields) == ("new", None, ("shop",), {"77": "1042"})
    assert [one.id for one in moment.conversation.entries] == ["0"]
    assert moment.at == moment.conversation.read_at == BEGIN
    assert moment.seen is None


def test_a_ticket_merged_later_was_not_merged_then() -> None:
    [moment] = moments(conversation(
        entry(0 * HOUR, DANA, "Refund me, please."),
        entry(2 * HOUR, MIA, changes=(changed("status", "open", "closed"), changed("tags", "", "closed_by_merge"))),
        status="closed", tags=("closed_by_merge",), merged=True), BEGIN, LATER)
    assert not moment.conversation.ticket.merged


def test_a_changed_the_requester_is_taken_back() -> None:
    [moment] = moments(conversation(
        entry(0 * HOUR, DANA, "Refund me, please."),
        entry(2 * HOUR, MIA, changes=(changed("requester_id", DANA, "9"),)), requester="9"), BEGIN, LATER)
    assert moment.conversation.ticket.requester == DANA


def test_messages_in_a_row_are_read_together_and_an_answer_parts_them() -> None:
    found = moments(conversation(
        entry(0 * HOUR, DANA, "Refund me, please."), entry(HOUR / 60, DANA, "It is order 1042."),
        entry(HOUR / 40, MIA, "I am looking."), entry(HOUR / 38, DANA, "Thanks."),
        entry(3 * HOUR, DANA, "Any news?"), entry(4 * HOUR, MIA, "For us only.", public=False)), BEGIN, LATER)
    assert [[one.id for one in moment.conversation.entries] for moment in found] == [
        ["0", "60"], ["0", "60", "90", "94"], ["0", "60", "90", "94", "10800"]]
    assert [moment.seen for moment in found] == [None, "90", "94"]


def test_our_own_answer_parts_messages_too() -> None:
    found = moments(conversation(entry(0 * HOUR, DANA, "Refund me, please."),
                                 entry(HOUR / 60, MIA, "Refunded.", operation="op-1"),
                                 entry(HOUR / 40, DANA, "Thanks.")), BEGIN, LATER)
    assert [moment.at - BEGIN for moment in found] == [0 * HOUR, HOUR / 40]


def test_messages_before_or_after_the_period_are_left_out() -> None:
    told = conversation(*(entry(n * DAY, DANA, "Any news?") for n in range(4)))
    assert [moment.at for moment in moments(told, BEGIN + DAY, BEGIN + 3 * DAY)] == [BEGIN + DAY, BEGIN + 2 * DAY]


def test_a_customers_private_comment_and_a_colleagues_message_are_no_moment() -> None:
    assert moments(conversation(entry(0 * HOUR, MIA, "We call you."), entry(HOUR, DANA, "x", public=False)),
                   BEGIN, LATER) == []


def test_a_ticket_is_open_until_it_is_solved_and_again_after_that() -> None:
    told = conversation(
        entry(0 * HOUR, DANA, "Refund me, please."),
        entry(2 * HOUR, MIA, changes=(changed("status", "new", "solved"),)),
        entry(5 * HOUR, DANA, "It is not there.", changes=(changed("status", "solved", "open"),)))
    assert [open_at(told, BEGIN + n * HOUR) for n in (1, 3, 6)] == [True, False, True]


def test_refunds_and_disputes_that_came_later_are_taken_back() -> None:
    now = charge("ch_1", refund("re_1", -HOUR, 300), refund("re_2", HOUR, 500), disputed=True)
    dispute = Dispute(id="dp_1", charge="ch_1", status="lost", open=False, refundable=False, created=BEGIN + DAY)
    then = charge_then(now, [dispute], BEGIN)
    assert (then.refunded, [one.id for one in then.refunds], then.disputed) == (usd(300), ["re_1"], False)
    assert charge_then(now, [dispute], BEGIN + 2 * DAY) == now


def test_a_refund_that_failed_had_given_nothing_back() -> None:
    now = charge("ch_1", refund("re_1", HOUR, 500, status="failed"), refund("re_2", 2 * HOUR, 400))
    assert charge_then(now, [], BEGIN).refunded == usd(0)


def test_a_dispute_that_cannot_be_dated_counts_as_open_then() -> None:
    now = charge("ch_1", disputed=True)
    undated = Dispute(id="dp_1", charge="ch_1", status="needs_response", open=True, refundable=False)
    assert charge_then(now, [], BEGIN).disputed
    assert charge_then(now, [undated], BEGIN).disputed
