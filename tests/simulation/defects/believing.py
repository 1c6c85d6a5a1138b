"""Wrong versions of whose yes counts, for how long and for what; of who is asking; of what stops an act; and of what is
still believed later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, update

from agent import evidence, replying, scope, switch, tell
from agent.act import Actor
from agent.answer import Answer
from agent.consent import agreement, answering, approval, waits
from agent.consent.consents import Consents
from agent.evidence import Evidence
from agent.ledger import Ledger
from agent.tables import operations
from connectors.contract import Comment
from tests.simulation.defects.planting import Put, defect

FAR = datetime(2036, 1, 1, tzinfo=UTC)


@defect("a yes is the customer's own", "anothers_yes", shows="beyond", level="undisturbed")
def a_yes_of_somebody_else_counts(put: Put) -> None:
    """Whoever writes on the ticket is taken for the customer who was asked."""
    def anybodys(news: tuple[Any, ...], requester: str) -> tuple[Comment, ...]:
        return tuple(comment for entry in news if not entry.operation for comment in entry.comments if comment.public)

    put(scope, "_asked", anybodys)
    put(evidence, "of_sender", lambda *asked: (Evidence.E1, "authenticated sender"))


@defect("a yes grows old", "stopped_too_long", shows="beyond", level="undisturbed")
def a_yes_never_grows_old(put: Put) -> None:
    """A yes that was given in time counts however much later it is acted on."""
    agreed = agreement._Item._agreed

    def for_ever(self: Any, consents: Consents, upon: Any) -> Any:
        young = {whose: replace(wait, expires_at=FAR) for whose in ("colleague", "customer")
                 if (wait := getattr(consents, whose))}
        return agreed(self, replace(consents, **young), upon)

    put(agreement._Item, "_agreed", for_ever)


@defect("a question has an end", "yes_too_late", shows="beyond", level="undisturbed")
def a_question_never_ends(put: Put) -> None:
    """A question stays open until somebody answers, and counts then."""
    wait_for = waits.wait_for
    put(waits, "wait_for", lambda c, **values: wait_for(c, **{**values, "expires_at": FAR}))


@defect("an approval is for exactly this", "old_card", shows="beyond", level="undisturbed")
def a_card_is_not_compared(put: Put) -> None:
    """What a colleague had before them is not compared with what is waited for."""
    waiting = approval._waiting

    def whatever_was_seen(c: Any, desk: Any, wait_id: int, digest: str, by: Any) -> Any:
        wait = waits.by_id(c, wait_id)
        return waiting(c, desk, wait_id, wait.shown if wait else digest, by)

    put(approval, "_waiting", whatever_was_seen)


@defect("limits add up", "three_at_once", shows="beyond", level="undisturbed")
def earlier_refunds_are_not_counted(put: Put) -> None:
    """A customer's limits look at each refund by itself."""
    counted = Actor._spent

    def alone(self: Actor, known: Any, money: Any) -> Any:
        return counted(self, replace(known, customer_day=0, customer_30d=0, customer_day_refunds=0,
                                     customer_30d_refunds=0, desk_day={}), money)

    put(Actor, "_spent", alone)


@defect("who asks must be known", "anybodys_form", shows="beyond", level="undisturbed")
def evidence_is_ignored(put: Put) -> None:
    """Whoever names the customer's address is taken for the customer."""
    put(evidence, "of_sender", lambda *asked: (Evidence.E1, "authenticated sender"))


@defect("stops at once when told to", "stopped", "stopped_for_good", shows="beyond", level="undisturbed")
def the_switch_is_not_asked_at_the_act(put: Put) -> None:
    """The kill switch is read when an act is decided, and not when it is sent."""
    put(switch.Gate, "__call__", lambda gate: None)


@defect("nothing on a ticket that is shut", "closed", shows="beyond", level="undisturbed")
def a_closed_ticket_is_gone_on_with(put: Put) -> None:
    """That a ticket was closed is no reason to stop."""
    not_ours = scope.not_ours
    put(scope, "not_ours", lambda ticket, wanted: not_ours(ticket.model_copy(update={"status": "open"}), wanted))
    put(scope, "person_acted", lambda entry, conversation: False)


@defect("never a false done", "anothers_afterwards", shows="false_done", level="undisturbed",
        lates=("falls_through_unheard",))
def what_was_done_for_an_earlier_requester_is_left_alone(put: Put) -> None:
    """Once its ticket has another requester a refund is not looked at again."""
    due = Ledger.to_recheck

    def of_the_present_one(self: Ledger, c: Connection, ticket_id: int, now: datetime) -> Any:
        row = self.ticket(c, ticket_id, now)
        found = due(self, c, ticket_id, now)
        for operation, person in found:
            if person.id != row.person_id:
                c.execute(update(operations).where(operations.c.id == operation.id).values(recheck_at=None))
        return [one for one in found if one[1].id == row.person_id]

    put(Ledger, "to_recheck", of_the_present_one)


@defect("never a false done", "closed_meanwhile", shows="stuck", level="1 fault", helpdesks=("salesforce",),
        at_writes=True)
def a_reply_that_was_lost_stays_noted_as_told(put: Put) -> None:
    """The note is left as it is when the helpdesk has a reply no more that it had confirmed."""
    put(tell, "_retracted", lambda *_: False)


@defect("told once", "both", shows="doubled", level="undisturbed")
def each_reply_tells_everything_again(put: Put) -> None:
    """What an earlier reply told is told once more by the next one."""
    before = replying.told_before
    put(replying, "told_before", lambda *of: replace(before(*of), told=frozenset()))


@defect("a no is heard", "called_off", shows="beyond", level="undisturbed")
def a_plan_under_way_listens_to_nobody(put: Put) -> None:
    """What a customer writes after their yes is not heard while it waits to be acted on."""
    put(answering, "heard_before_acting", lambda *_: False)


@defect("a yes can be taken back", "called_off", shows="beyond", level="undisturbed")
def only_a_plain_no_takes_a_yes_back(put: Put) -> None:
    """Other words after a yes leave it as it is."""
    put(answering, "_only_thanks", lambda *_: True)


@defect("a no is heard", "no_and_more", shows="beyond", level="undisturbed")
def a_no_is_outweighed_by_a_question(put: Put) -> None:
    """Where a no and something else are read together the whole is taken for something else."""
    put(answering, "WORST", (Answer.PERSON, Answer.OTHER, Answer.NO, Answer.UNCLEAR, Answer.YES))


@defect("an answer is heard", "quoted_yes", shows="lost", level="undisturbed")
def our_own_words_in_a_quote_make_it_a_machines(put: Put) -> None:
    """A message that quotes our disclosure is taken for an automatic one."""
    put(answering, "unquoted", lambda text: text)
    put(answering, "without_disclosure", lambda text, *_: text)


@defect("it is sent again only if it is decided so again", "lost_and_taken", shows="beyond", level="undisturbed")
def a_second_sending_is_not_decided(put: Put) -> None:
    """What was sent and did not arrive is sent again whatever has happened since."""
    put(Actor, "_against", lambda *asked: "")


@defect("a yes is for exactly this", "busy_and_by_hand", shows="lost", level="undisturbed")
def a_yes_whose_operation_was_not_begun_stays_used(put: Put) -> None:
    """It is not compared any more with what would be done on it."""
    put(waits, "free_item", lambda *asked: None)
