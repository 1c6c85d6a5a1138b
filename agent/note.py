"""The internal note: what was done or wanted, by which rule, why, on what evidence, and what comes next. Five lines."""

from __future__ import annotations

from dataclasses import dataclass

from agent.case import paid_with
from agent.consent.waits import CUSTOMER, Wait
from agent.evidence import WHY
from agent.ground import Summary
from agent.ledger import Operation
from agent.reply import in_order
from connectors.contract import ActivityReceipt, ContactReceipt, Receipt, RefundReceipt

LONGEST_QUOTE = 160
LONGEST_LINE = 2_000
DONE = ("done", "answered")
NEEDS_A_PERSON = ("refused", "escalated", "rejected", "held", "ungrounded", "uncovered", "unsure", "declined",
                  "expired", "person")


IN_THE_SIDEBAR = "in Deskhand's sidebar, unless someone changed it since"
COLLEAGUE = {"agent": "a colleague", "lead": "a lead", "finance": "finance"}


@dataclass(frozen=True)
class Ending:
    """How one ask ended: done, answered, parked, or a way that needs a person."""

    how: str
    words: str
    ask: Summary | None = None
    rule: str = ""
    """The decision behind it, in words."""
    operation: Operation | None = None
    waiting: Wait | None = None
    """Whose yes it waits for."""
    approved: str = ""
    """Who has approved it already."""
    agreed: bool = False
    """It needed somebody's yes, so the same plan is told of more than once."""


@dataclass(frozen=True)
class Told:
    """Whether the customer was to be told, and whether the helpdesk's own record proves that they were."""

    wanted: bool
    proven: bool
    why_not: str = ""


def write(endings: list[Ending], told: Told, planner: str, activities: list[Operation], draft_refused: str | None,
          read: str, prepared: str = "") -> str:
    """The note's five lines, plain text; the customer's words are quoted and shortened.

    `prepared` is a reply for the colleague who takes over.
    """
    if any(e.how in (*DONE, "undone", "parked") for e in endings):
        lines = [_what(endings), _rules(endings), _claims(endings), _evidence(endings, told, draft_refused),
                 _next(endings, activities, told)]
    else:
        lines = _handoff(endings, read, prepared)
    lines[-1] += f" · {planner}"
    return "\n".join(_one_line(line)[:LONGEST_LINE] for line in lines)


def watching(endings: list[Ending], planner: str) -> str:
    """The note of a ticket in shadow mode, where an admin wants one."""
    lines = ["Deskhand only watches here and did nothing. It would have "
             + "; ".join(f"{WOULD_HAVE.get(e.how, HANDED_OVER)}: {e.words}" for e in endings),
             _rules(endings), _claims(endings), "Evidence: " + ("; ".join(_sure(endings)) or "none was needed"),
             f"Next: handle the ticket as always · {planner}"]
    return "\n".join(_one_line(line)[:LONGEST_LINE] for line in lines)


WOULD_HAVE = {"done": "done this", "answered": "answered this", "parked": "asked before this"}
HANDED_OVER = "handed this over"


# ---------------------------------------------------------------- something was done, or waits


def _what(endings: list[Ending]) -> str:
    reminder = any(e.waiting and e.waiting.for_whom != CUSTOMER and e.waiting.to_say == "remind" for e in endings)
    told = "; ".join(f"{e.words}, undone since" if e.how == "undone" else e.words for e in endings)
    return f"Deskhand{' reminds you' if reminder else ''}: {told}"


def _rules(endings: list[Ending]) -> str:
    seen = list(dict.fromkeys(e.rule for e in endings if e.rule))
    return "Rule: " + ("; ".join(seen) if seen else "none was reached")


def _claims(endings: list[Ending]) -> str:
    parts = [f"“{_short(e.ask.quote)}”" + _claim(e.ask) for e in endings if e.ask]
    return "Why: " + ("; ".join(parts) if parts else "see the customer's message")


def _claim(ask: Summary) -> str:
    if ask.claim is None:
        return ""
    state = {True: "proven", False: "not proven", None: "could not be checked"}[ask.proof.proven]
    return f" – {ask.claim.replace('_', ' ')}, {state}: {ask.proof.words}"


def _evidence(endings: list[Ending], told: Told, draft_refused: str | None) -> str:
    line = "Evidence: " + "; ".join(_sure(endings))
    if told.proven:
        line += ". Customer told: yes, the helpdesk recorded the notification"
    elif told.wanted:
        line += f". Customer NOT told ({told.why_not}): please tell them"
    else:
        line += ". Customer not told of this yet"
    return line + (f". The model's own words were not used: {draft_refused}" if draft_refused else "")


def _sure(endings: list[Ending]) -> list[str]:
    return list(dict.fromkeys(f"{WHY[e.ask.evidence_why]} ({e.ask.evidence})" for e in endings if e.ask))


def _next(endings: list[Ending], activities: list[Operation], told: Told) -> str:
    waiting, person = [e for e in endings if e.how == "parked"], [e for e in endings if e.how in NEEDS_A_PERSON]
    parts = []
    if waiting:
        parts.append("Next: " + "; ".join(dict.fromkeys(_waits(e) for e in waiting)))
    elif person:
        parts.append("Next: please take over what Deskhand did not do"
                     + ("; the customer was told that someone will" if told.proven else ""))
    if not parts:
        parts.append("Next: nothing to do")
    undo = [f"{IN_THE_SIDEBAR if e.operation.action.undo else 'cannot be taken back'} ({e.operation.id})"
            for e in endings if e.how == "done" and e.operation]
    parts.append("Undo: " + ("; ".join(undo) if undo else "nothing was changed"))
    parts += [f"CRM activity {one.receipt.id}" if isinstance(one.receipt, ActivityReceipt)
              else "the CRM activity is not written yet" for one in activities]
    return ". ".join(parts)


def _waits(ending: Ending) -> str:
    """Who is to answer, how, and until when."""
    wait = ending.waiting
    if wait is None:
        return "check it and do it by hand, or decline; then answer the customer"
    until = f"{wait.expires_at:%d %b %Y %H:%M} UTC"
    approved = f"{ending.approved} approved it; " if ending.approved else ""
    if wait.for_whom == CUSTOMER:
        return f"{approved}the customer was asked for a yes. Without an answer until {until} a person goes on"
    return (f"{approved}{COLLEAGUE[wait.for_whom]} approves or declines it in Deskhand's sidebar. Without an "
            f"answer until {until} a person goes on")


# ---------------------------------------------------------------- nothing was done: a person takes over


def _handoff(endings: list[Ending], read: str, prepared: str) -> list[str]:
    first = next((e.ask for e in endings if e.ask), None)
    return [
        "Deskhand hands this over to you. The customer wants: "
        + (f"“{_short(first.quote)}”" if first else "see the message"),
        f"Read: {read}",
        "Found: " + ("; ".join(_found(e) for e in endings if e.ask) or "nothing that could be matched to a request"),
        f"Next: {_step(endings)}" + (f". A reply to begin with: “{prepared}”" if prepared else ""),
        f"Why it stopped: {_stopped(endings).rstrip('.')}. {_left(endings)}, and the customer was not told that it "
        "stopped",
    ]


def _left(endings: list[Ending]) -> str:
    if any(e.how == "held" for e in endings):
        return "Whether it happened is NOT known: do not do it again before you have looked"
    return "Nothing was changed"


def _found(ending: Ending) -> str:
    if ending.ask is None:
        return ""
    return (f"{ending.words}{_claim(ending.ask)}; evidence: {WHY[ending.ask.evidence_why]} "
            f"({ending.ask.evidence})")


def _step(endings: list[Ending]) -> str:
    if any(e.how == "held" for e in endings):
        return "look at the vendor whether it happened, then release it with `deskhand held resolve`"
    if any(e.ask and e.ask.changes_something for e in endings):
        ways = {e.how for e in endings if e.ask}
        if len(ways) == 1 and (step := STEPS.get(*ways)):
            return step
        return "check the request and do it by hand, or decline; then answer the customer"
    return "read the message and answer it"


STEPS = {"declined": "do not do it; answer the customer",
         "refused": "do it by hand only if what stopped it no longer holds; answer the customer",
         "person": "answer the customer, who asks for a person"}
"""By how all of it ended. Doing by hand what somebody declined or the policy refused is never the first advice."""


def _stopped(endings: list[Ending]) -> str:
    reasons = [e.rule if e.rule and e.how in ("refused", "escalated") else e.words
               for e in endings if e.how in NEEDS_A_PERSON]
    return "; ".join(dict.fromkeys(reasons)) or "a person should look"


# ---------------------------------------------------------------- words


def done_words(operation: Operation) -> str:
    """What a finished operation did, from its receipt."""
    return receipt_words(operation.receipt) or f"{operation.kind.replace('_', ' ')} done"


def receipt_words(receipt: Receipt | None) -> str:
    """What was done to money or a contact; "" for any other receipt."""
    if isinstance(receipt, RefundReceipt):
        return (f"refunded {receipt.money} to {paid_with(receipt.method)} "
                f"({receipt.id}, {receipt.status}, charge {receipt.charge})")
    if isinstance(receipt, ContactReceipt):
        parts = [f"{name.replace('_', ' ')} from {_value(receipt.before.get(name))} to {_value(value)}"
                 for name, value in in_order(receipt.after).items()]
        return f"changed the contact's {', '.join(parts)}"
    return ""


def _value(value: str | bool | None) -> str:
    if isinstance(value, bool):
        return "“yes”" if value else "“no”"
    return f"“{value}”" if value else "empty"


def _one_line(text: str) -> str:
    """Whatever a customer wrote into a name or a quote, a line of the note stays one line."""
    return " ".join(text.split())


def _short(text: str) -> str:
    flat = _one_line(text)
    return flat if len(flat) <= LONGEST_QUOTE else flat[: LONGEST_QUOTE - 1].rstrip() + "…"
