"""The internal note: what was done or wanted, by which rule, why, on what evidence, and what comes next. Five lines."""

from __future__ import annotations

from dataclasses import dataclass

from agent.evidence import WHY
from agent.ground import Summary
from agent.ledger import Operation
from agent.policy import Decision
from connectors.contract import (
    ActivityReceipt,
    ContactReceipt,
    RefundReceipt,
)

LONGEST_QUOTE = 160


@dataclass(frozen=True)
class Ending:
    """How one ask ended: done, answered, parked, refused, escalated, rejected, held, or not understood."""

    how: str
    words: str
    ask: Summary | None = None
    decision: Decision | None = None
    operation: Operation | None = None


NEEDS_A_PERSON = ("refused", "escalated", "rejected", "held", "ungrounded", "uncovered", "unsure")


@dataclass(frozen=True)
class Told:
    """Whether the customer was told: `proof` is the helpdesk's own record, None when nothing was to be told."""

    wanted: bool
    proven: bool
    why_not: str = ""


def write(endings: list[Ending], told: Told, planner: str, activities: list[Operation], draft_refused: str | None,
          read: str) -> str:
    """The note's five lines, plain text; words of the customer are quoted and shortened."""
    if any(e.how in ("done", "answered", "parked") for e in endings):
        lines = [_what(endings), _rules(endings), _claims(endings), _evidence(endings, told, draft_refused),
                 _undo(endings, activities)]
    else:
        lines = _handoff(endings, read)
    lines[-1] += f" · {planner}"
    return "\n".join(lines)


def _what(endings: list[Ending]) -> str:
    return "Deskhand: " + "; ".join(e.words for e in endings)


def _rules(endings: list[Ending]) -> str:
    seen = list(dict.fromkeys(e.decision.in_words() for e in endings if e.decision))
    return "Rule: " + ("; ".join(seen) if seen else "none was reached")


def _claims(endings: list[Ending]) -> str:
    asks = [e.ask for e in endings if e.ask]
    parts = [f"“{_short(ask.quote)}”" + _claim(ask) for ask in asks]
    return "Why: " + ("; ".join(parts) if parts else "see the customer's message")


def _claim(ask: Summary) -> str:
    if ask.claim is None:
        return ""
    state = {True: "proven", False: "not proven", None: "could not be checked"}[ask.proof.proven]
    return f" – claim {ask.claim.replace('_', ' ')}, {state}: {ask.proof.words}"


def _evidence(endings: list[Ending], told: Told, draft_refused: str | None) -> str:
    asks = [e.ask for e in endings if e.ask]
    seen = list(dict.fromkeys(f"{ask.evidence}, {WHY[ask.evidence_why]}" for ask in asks))
    line = "Evidence: " + "; ".join(seen)
    if told.proven:
        line += ". Customer told: yes, the helpdesk recorded the notification"
    elif told.wanted:
        line += f". Customer NOT told ({told.why_not}): please tell them"
    else:
        line += ". Customer not told anything"
    return line + (f". The model's draft was not used: {draft_refused}" if draft_refused else "")


def _undo(endings: list[Ending], activities: list[Operation]) -> str:
    parts = []
    for ending in endings:
        if ending.operation and ending.how == "done":
            how = ending.operation.action.undo or "cannot be taken back"
            parts.append(f"{ending.operation.id}: {how}")
    for activity in activities:
        logged = isinstance(activity.receipt, ActivityReceipt)
        parts.append(f"CRM activity {activity.receipt.id}" if logged and isinstance(activity.receipt, ActivityReceipt)
                     else "CRM activity not written yet")
    waiting = [e for e in endings if e.how == "parked"]
    if waiting:
        parts.append("nothing was done yet for what waits; please take it from here if it should not wait")
    return "Undo: " + ("; ".join(parts) if parts else "nothing was changed")


def _handoff(endings: list[Ending], read: str) -> list[str]:
    first = next((e for e in endings if e.ask), None)
    quote = f"“{_short(first.ask.quote)}”" if first and first.ask else "see the message"
    return [
        f"Deskhand hands this over to you. Wants: {quote}",
        f"Read: {read}",
        "Found: " + "; ".join(_found(e) for e in endings),
        f"Next step: {_next(endings)}",
        f"Why it stopped: {_stopped(endings)}. Nothing was changed and the customer was told nothing",
    ]


def _found(ending: Ending) -> str:
    if ending.ask is None:
        return ending.words
    return f"{ending.ask.words}{_claim(ending.ask)}, evidence {ending.ask.evidence}"


def _next(endings: list[Ending]) -> str:
    if any(e.how == "held" for e in endings):
        return "look at the vendor whether it happened, then release it with `deskhand held resolve`"
    asks = [e.ask for e in endings if e.ask and e.ask.changes_something]
    if not asks:
        return "read the message and answer it"
    return f"check and {asks[0].words}, or decline; then answer the customer"


def _stopped(endings: list[Ending]) -> str:
    reasons = [e.decision.in_words() if e.decision else e.words for e in endings if e.how in NEEDS_A_PERSON]
    return "; ".join(dict.fromkeys(reasons)) or "a person should look"


def done_words(operation: Operation) -> str:
    """What a finished operation did, from its receipt."""
    receipt = operation.receipt
    if isinstance(receipt, RefundReceipt):
        to = f"{receipt.method.brand or receipt.method.kind} ending in {receipt.method.last4}" \
            if receipt.method.last4 else receipt.method.kind
        return f"refunded {receipt.money} to {to} ({receipt.id}, {receipt.status}, charge {receipt.charge})"
    if isinstance(receipt, ContactReceipt):
        parts = [f"{name} from “{receipt.before.get(name)}” to “{value}”" for name, value in receipt.after.items()]
        return f"changed the contact's {', '.join(parts)}"
    return f"{operation.kind} done"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_QUOTE else flat[: LONGEST_QUOTE - 1].rstrip() + "…"
