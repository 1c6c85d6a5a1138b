"""Wrong versions of what is told later, to whom, and of who then sees to the ticket."""

from __future__ import annotations

from typing import Any

from agent import aftermath, ground, replying, tell, workflow
from agent.endings import Told
from agent.reply import Reply
from connectors.zendesk import helpdesk
from tests.simulation.defects.planting import Put, defect


@defect("what fails days later is told", "auto", "confirm", shows="false_done", level="undisturbed",
        lates=("falls_through", "falls_through_unheard"))
def a_correction_is_noted_and_never_written(put: Put) -> None:
    """The note on a refund that fell through says that the customer was told, and no reply says it."""
    put(aftermath, "_correct", lambda *_: Told(wanted=True, proven=True))


@defect("a customer who writes again is heard", "auto", "contact_change", shows="lost", level="undisturbed",
        lates=("asks_again", "reopened"))
def a_finished_ticket_is_never_read_again(put: Put) -> None:
    """Once something was done on a ticket, whatever the customer writes there is left alone."""
    surely_nothing = workflow.surely_nothing

    def deaf(desk: Any, conversation: Any, new: Any) -> str | None:
        return "finished" if "deskhand_done" in conversation.ticket.tags else surely_nothing(desk, conversation, new)

    put(workflow, "surely_nothing", deaf)


@defect("a dispute of what was refunded is told", "auto", "approve", shows="lost", level="undisturbed",
        lates=("disputed",))
def a_dispute_is_nobodys_business(put: Put) -> None:
    """That the bank questions a charge which was refunded is seen, and told to nobody."""
    look = aftermath._look

    def unseen(*of: Any) -> Any:
        receipt, found = look(*of)
        return receipt, [news for news in found if news.what != "disputed"]

    put(aftermath, "_look", unseen)


@defect("what is somebody's is told to nobody else", "anothers_afterwards", shows="leaked", level="undisturbed",
        lates=("falls_through", "falls_through_unheard"))
def whoever_has_the_ticket_is_told(put: Put) -> None:
    """That a refund fell through is told to the requester of today, whose money it never was."""
    correct = aftermath._correct
    put(aftermath, "_correct", lambda *of: correct(*of[:-1], ""))


@defect("what is somebody's is told to nobody else", "in_copy", shows="leaked", level="undisturbed",
        helpdesks=("zendesk",))
def who_is_in_copy_reads_it_all(put: Put) -> None:
    """A reply goes out, whoever else is in copy."""
    put(replying, "others_in_copy", lambda conversation: False)


@defect("handing over never loses work", "auto", shows="stuck", level="undisturbed",
        lates=("solved_and_falls_through",))
def a_solved_ticket_stays_solved_when_its_refund_fails(put: Put) -> None:
    """The note that a refund fell through stands on a ticket that looks settled."""
    put(aftermath, "SETTLED", ())


@defect("handing over never loses work", "anothers_afterwards", "requester_changed", shows="stuck",
        level="undisturbed", helpdesks=("salesforce",), lates=("reopened",))
def what_is_handed_over_stays_closed(put: Put) -> None:
    """What is handed over stands on a case that was closed before, and that no message opens."""
    put(tell, "SETTLED", ())


@defect("told means the helpdesk's own record", "nobody_is_mailed", shows="false_done", level="undisturbed",
        helpdesks=("zendesk",))
def a_public_comment_counts_as_told(put: Put) -> None:
    """A reply that stands on the ticket counts as told, whether the helpdesk mailed it or not."""
    receipt = helpdesk._receipt

    def believed(*of: Any) -> Any:
        made = receipt(*of)
        return made.model_copy(update={"notified": made.public})

    put(helpdesk, "_receipt", believed)


@defect("what was done is told", "auto", "confirm", shows="stuck", level="undisturbed", lates=("any_news",))
def nobody_is_answered(put: Put) -> None:
    """No channel is one on which the customer is answered: all that is done is left to a person to tell."""
    put(replying, "REPLY_CHANNELS", ())


@defect("only what was read back is done", "pending", shows="false_done", level="undisturbed")
def on_its_way_counts_as_sent(put: Put) -> None:
    """A refund that is still under way is told of as sent."""
    refunded = Reply.refunded
    put(Reply, "refunded", lambda self, receipt, *more: refunded(
        self, receipt.model_copy(update={"status": "succeeded"}), *more))


@defect("never a false done", "auto", "approve", shows="false_done", level="undisturbed",
        lates=("falls_through_and_is_asked_for",))
def what_never_arrived_is_on_its_way(put: Put) -> None:
    """Who asks where their money is hears that it is on its way, though it has come back."""
    under_way = ground._under_way

    def anyway(charge: Any, ask: Any) -> None:
        last = ground.latest_refund(charge)
        if last is None or last.status not in ground.NOT_ARRIVED:
            under_way(charge, ask)

    put(ground, "_under_way", anyway)
