"""Finds how each item of a plan ended: from its operation's row, or from how far those who must agree have come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agent import note
from agent.consent.agreement import LESS, Standing
from agent.consent.asked import asked_for
from agent.consent.states import STATES
from agent.consent.waits import CUSTOMER, Wait
from agent.endings import FELL, GONE, NOT_MADE, Ending, plainly
from agent.evidence import Evidence
from agent.ground import NO_PAYMENT, UNREAD, WHICH_REFUND, Ask, Summary
from agent.ledger import LOOKED, Operation
from agent.plan import Item
from agent.vault import PersonKey
from connectors.contract import ContactChange, ContactReceipt, Money, RefundReceipt

SWITCHED_OFF = "This action is switched off"
NOT_ARRIVED = {"failed": "the payment provider says that the refund failed",
               "canceled": "the payment provider says that the refund was cancelled",
               "requires_action": "the refund was made, and the payment provider waits for the customer's bank "
                                  "details"}
"""A refund was made and the money has not gone, by its status."""
MAIL_WOULD_HELP = ("no address", "not mail", "requester changed", "flagged", "not the requester")
CAUSES = {"declined": ("customer_no", "colleague_no"), "called_off": ("customer_no", "customer_no"),
          "expired": ("customer_silent", "colleague_silent"),
          "late": ("late", "colleague_late")}
"""By the state of the wait that ended an ask: the customer's, and a colleague's."""
WHICH_PAYMENT = (NO_PAYMENT, WHICH_REFUND)


def ending_of(item: Item, ask: Ask | None, standing: Standing | None, operations: Mapping[str, Operation],
              allowed: Mapping[str, str], person: PersonKey, unread: str) -> Ending:
    """How one item ended; `standing` where it needed somebody's yes, `allowed` as for `tell`, `unread` of the facts."""
    if standing is not None:
        return _agreed(item, standing, allowed, person)
    id = item.operation or ""
    ending = _ending(item, operations.get(id), ask, allowed.get(id, ""))
    return replace(ending, why=UNREAD + unread, cause="unread") if unread and ending.cause == "gone" else ending


def rule_of(item: Item, *, watched: bool = False) -> str:
    """The decision behind it, in words; `watched`: of a ticket in shadow."""
    if item.how == "off":
        return SWITCHED_OFF
    return item.decision.in_words(pressed=item.pressed, watched=watched) if item.decision else ""


def _ending(item: Item, operation: Operation | None, ask: Ask | None, allowed: str,
            whole: Money | None = None) -> Ending:
    """How one item ended, from its operation's row where there is one; `whole` where less than that was approved."""
    if item.how == "answer" and ask is None:
        return Ending("ungrounded", item.words, item.summary, why=GONE, cause="gone")
    if item.how == "answer":
        return Ending("answered", "answered where the money is", item.summary, rule_of(item))
    if operation is None or item.how != "go":
        return _not_begun(item)
    if operation.state == "undone":
        return Ending("undone", note.done_words(operation, whole), item.summary, allowed or rule_of(item), operation)
    if operation.state == "done":
        return _finished(item, operation, allowed, whole)
    if operation.state == "rejected" and isinstance(operation.receipt, RefundReceipt):
        return Ending("rejected", item.words, item.summary, operation=operation, cause=FELL,
                      why=f"it {operation.reason}, which was handed over then")
    if operation.state == "rejected" and operation.reason.endswith(LOOKED):
        return Ending("rejected", item.words, item.summary, operation=operation, cause=NOT_MADE,
                      why=f"{operation.reason.removesuffix(LOOKED)}looked at the vendor: it was NOT made")
    how = {"rejected": "rejected", "held": "held"}.get(operation.state, "escalated")
    why = _held_with(operation) if how == "held" else operation.why or "not done"
    cause = "unread" if why.startswith(UNREAD) else "anew" if why == STATES["anew"].why else how
    return Ending(how, item.words, item.summary, operation=operation, cause=cause,
                  why=f"the vendor refused it ({plainly(why).rstrip('.')})" if how == "rejected" else why)


def _held_with(operation: Operation) -> str:
    """Why it is held, and what stood there before and stands there now, as far as it is known."""
    action, why = operation.action, plainly(operation.why)
    if isinstance(operation.receipt, ContactReceipt):
        return f"{why}: {note.done_words(operation)}"
    return f"{why}; {note.before_words(action)}" if isinstance(action, ContactChange) else why


def _not_begun(item: Item) -> Ending:
    if found := item.found:
        return Ending(item.how, found.ask.words, found.ask, why=item.words, charge=found.charge,
                      cause="sender" if _from_nobody_known(found.ask) else found.cause)
    how = {"draft": "parked", "go": "escalated"}.get(item.how, item.how)
    words = item.words if item.decision is None or how != "parked" else f"waiting to {item.words}"
    if item.decision is None or how == "parked":
        return Ending(how, words, item.summary, rule_of(item), cause=_unfounded(item) or how)
    why = "" if item.unsure else rule_of(item)
    return Ending(how, words, item.summary, rule_of(item), why=why, cause=_doubted(item) or how)


def _unfounded(item: Item) -> str:
    """What it would stand on was not found, or could not be read."""
    if item.words.startswith(UNREAD):
        return "unread"
    return "which_payment" if item.words in WHICH_PAYMENT else ""


def _doubted(item: Item) -> str:
    """It stopped because nothing shows that the customer wrote it, and a mail from their own address would."""
    asked = item.summary
    return "sender" if asked and item.how in ("refused", "escalated") and _from_nobody_known(asked) else ""


def _from_nobody_known(asked: Summary) -> bool:
    return asked.evidence is Evidence.E0 and asked.evidence_why in MAIL_WOULD_HELP


def _finished(item: Item, operation: Operation, allowed: str, whole: Money | None) -> Ending:
    """Done, unless the money did not go or waits at the payment provider."""
    rule, receipt, words = allowed or rule_of(item), operation.receipt, note.done_words(operation, whole)
    status = receipt.status if isinstance(receipt, RefundReceipt) else ""
    if status not in NOT_ARRIVED:
        return Ending("done", words, item.summary, rule, operation)
    cause = "stands" if status == "requires_action" else "rejected"
    return Ending("rejected", item.words, item.summary, rule, operation, why=NOT_ARRIVED[status], cause=cause,
                  tried=words)


def _agreed(item: Item, standing: Standing, allowed: Mapping[str, str], person: PersonKey) -> Ending:
    """How an item ended that needed somebody's yes."""
    whole = asked_for(standing.consents.colleague, person)
    words = standing.ask.words if standing.ask else item.words
    words = words.replace(LESS, f"less than the {whole} asked for") if whole else words
    rule = standing.decision.in_words(pressed=standing.pressed) if standing.decision else rule_of(item)
    by = _who(standing.consents.colleague, person)
    if operation := standing.operation:
        after = _ending(item.model_copy(update={"how": "go", "words": words}), operation, standing.ask,
                        allowed.get(operation.id, rule), whole)
        return replace(after, words=f"{after.words}, approved by {by}" if by else after.words, agreed=True,
                       asked_for=whole, tried=", ".join(part for part in (_tried(standing, by), after.tried) if part))
    if standing.how == "go":
        return Ending("answered", f"answered where the money is{f', approved by {by}' if by else ''}", item.summary,
                      rule, agreed=True)
    if standing.how == "parked":
        again = f" ({standing.why})" if standing.why else ""
        return Ending("parked", f"waiting to {words}{again}", item.summary, rule, waiting=standing.waiting,
                      approved=by, agreed=True, tried=_tried(standing, by), asked_for=whole)
    why, cause, ended = standing.why or rule, _cause(standing), standing.ended
    return Ending(standing.how, words, item.summary, "" if ended else rule, agreed=True, why=why, approved=by,
                  tried=_tried(standing, by), cause=cause, ended_by=ended.id if ended else None,
                  unused=cause == "away" and (ended is None or ended.by is not None))


def _cause(standing: Standing) -> str:
    ended = standing.ended
    if ended is None:
        return standing.cause or "refused"
    by_customer, by_colleague = CAUSES.get(ended.state, (ended.state, ended.state))
    return by_customer if ended.for_whom == CUSTOMER else by_colleague


def _tried(standing: Standing, by: str) -> str:
    """Who agreed, and when the customer was asked."""
    asked = standing.consents.customer or standing.ended or standing.waiting
    parts = [f"approved by {by}" + ("" if standing.operation else " but not done")] if by else []
    if asked is not None and (when := asked_on(asked)):
        parts.append(when)
    return ", ".join(parts)


def asked_on(wait: Wait) -> str:
    """When the customer was asked for this yes; "" where they were not, or it is a colleague's."""
    if wait.for_whom != CUSTOMER or wait.said_at is None:
        return ""
    return (f"the customer was asked for a yes on {wait.said_at:%d %b %H:%M} UTC"
            + (f" ({'twice' if wait.said == 2 else f'{wait.said} times'} in all)" if wait.said > 1 else ""))


def _who(wait: Wait | None, person: PersonKey) -> str:
    """The colleague's name, as they had it when they answered."""
    return str(person.open(wait.sealed).get("name", "")) if wait and wait.sealed else ""
