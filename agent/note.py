"""The internal note: what was done or wanted, by which rule, why, on what evidence, and what comes next. Five lines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from agent import handoff
from agent.case import paid_with
from agent.consent.waits import CUSTOMER, WHO
from agent.endings import DONE, FELL, NEEDS_A_PERSON, STILL, TOLD, Ending, Told, claimed, one_line, quoted, sure
from agent.ledger import Operation
from agent.reply import in_order
from connectors.contract import (
    ActivityReceipt,
    ContactChange,
    ContactReceipt,
    Money,
    Receipt,
    RefundReceipt,
)

LONGEST_LINE = 2_000
IN_THE_SIDEBAR = "in Deskhand's sidebar, unless someone changed it since"


def write(endings: list[Ending], told: Told, planner: str, activities: list[Operation], draft_refused: str | None,
          read: str, since: str = "", dropped: str = "", wanted: str = "", prepared: str = "", trail: str = "",
          promised: datetime | None = None, unlogged: str = "") -> str:
    """The note's five lines, plain text; the customer's words are quoted and shortened.

    `since` is what they wrote since, where it stopped at that; `dropped` what nobody is asked for any more since they
    wrote something else; `wanted`, `prepared` and `promised` as for a handoff; `trail` where all that happened can be
    read; `unlogged`: why what was done is in no activity.
    """
    if any(e.how in (*DONE, "undone", "parked") for e in endings):
        lines = [_what(endings), _rules(endings), _claims(endings) + since, _evidence(endings, told, draft_refused),
                 _next(endings, activities, told, dropped)]
    else:
        lines = handoff.lines(endings, wanted, read + since + (f"; {dropped}" if dropped else ""), prepared,
                              promised)
    if unlogged:
        lines[-1] += f". The CRM activity is not written, as {unlogged}"
    lines[-1] += f" · {planner}" + (f" · Trail: {trail}" if trail else "")
    return joined(lines)


def watching(endings: list[Ending], planner: str) -> str:
    """The note of a ticket in shadow mode, where an admin wants one."""
    lines = ["Deskhand only watches here and did nothing. It would have "
             + "; ".join(f"{WOULD_HAVE.get(e.how, HANDED_OVER)}: {e.in_full()}" for e in endings),
             _rules(endings), _claims(endings), "Evidence: " + ("; ".join(_sure(endings)) or "none was needed"),
             f"Next: handle the ticket as always · {planner}"]
    return joined(lines)


def joined(lines: Iterable[str]) -> str:
    """A note of these lines, whatever a customer wrote into a value that one of them quotes."""
    return "\n".join(one_line(line)[:LONGEST_LINE] for line in lines)


WOULD_HAVE = {"done": "done this", "answered": "answered this", "parked": "asked before this",
              "draft": "prepared this for a colleague", "off": "left this alone (switched off)"}
HANDED_OVER = "handed this over"


def _what(endings: list[Ending]) -> str:
    reminder = any(e.waiting and e.waiting.for_whom != CUSTOMER and e.waiting.to_say == "remind" for e in endings)
    return f"Deskhand{' reminds you' if reminder else ''}: {'; '.join(map(_how, endings))}"


def _how(ending: Ending) -> str:
    if ending.how == "undone":
        return f"{ending.words}, undone since"
    stopped = ending.how in NEEDS_A_PERSON and ending.how != "held" and ending.cause != FELL and not ending.approved
    acts = ending.ask is not None and ending.ask.changes_something
    return f"NOT done: {ending.in_full()}" if stopped and acts else ending.in_full()


def _rules(endings: list[Ending]) -> str:
    seen = list(dict.fromkeys(e.rule for e in endings if e.rule))
    return "Rule: " + ("; ".join(seen) if seen else "none was reached")


def _claims(endings: list[Ending]) -> str:
    parts = [" – ".join(part for part in (quoted(e.ask.quote), claimed(e.ask)) if part) for e in endings if e.ask]
    return "Why: " + ("; ".join(parts) if parts else "see the customer's message")


def _evidence(endings: list[Ending], told: Told, draft_refused: str | None) -> str:
    line = "Evidence: " + "; ".join(_sure(endings))
    if told.proven:
        asked = not any(e.how in (*DONE, "undone") for e in endings)
        when = f" on {told.at:%d %b %H:%M} UTC" if told.at else ""
        line += f". Customer {'asked' if asked else 'told'}: yes, the helpdesk recorded the notification{when}"
    elif told.wanted:
        line += f". Customer NOT told ({told.why_not}): please tell them"
    else:
        never = any(map(_undone_untold, endings))
        line += f". {_asked_before(endings) or ('Customer NOT told' if never else 'Customer not told of this yet')}"
    return line + (f". The model's own words were not used: {draft_refused}" if draft_refused else "")


def _asked_before(endings: list[Ending]) -> str:
    """When the customer was last asked for a yes that is still waited for; "" where what was undone is to be told."""
    waiting = [e.waiting for e in endings if e.waiting and e.waiting.for_whom == CUSTOMER and not e.waiting.to_say]
    asked = [wait.said_at for wait in waiting if wait.said_at]
    undone = any(e.how == "undone" for e in endings)
    return f"Customer asked before, on {max(asked):%d %b %H:%M} UTC" if asked and not undone else ""


def _sure(endings: list[Ending]) -> list[str]:
    return list(dict.fromkeys(sure(e.ask) for e in endings if e.ask))


def _next(endings: list[Ending], activities: list[Operation], told: Told, dropped: str) -> str:
    waiting, person = [e for e in endings if e.how == "parked"], [e for e in endings if e.how in NEEDS_A_PERSON]
    done = any(e.how == "done" for e in endings)
    steps = ["tell the customer what was done" if done else "answer the customer"] if told.left else []
    steps += dict.fromkeys(map(_waits, waiting))
    steps += [f"tell the customer, who was told of it, that this was undone: {e.words}" for e in endings
              if e.how == "undone" and e.cause == TOLD]
    steps += [f"answer the customer, who was told neither that it was done nor that it was undone: {e.words}"
              for e in endings if _undone_untold(e)]
    steps += ["tell the customer why it is less than they asked for"] * any(
        e.how == "done" and e.asked_for for e in endings)
    if any(e.cause != STILL for e in person):
        steps.append(f"please take over: {handoff.steps(person)}")
        steps += ["the customer was told that someone will"] if told.proven else []
    elif person:
        steps.append(handoff.steps(person))
    if any(e.how == "held" for e in person):
        steps.insert(0, handoff.not_known(person))
    parts = ["Next: " + ("; ".join(steps) or "nothing to do")]
    if dropped:
        parts.append(dropped[:1].upper() + dropped[1:])
    undo = [f"{IN_THE_SIDEBAR if e.operation.action.undo else 'cannot be taken back'} ({e.operation.id})"
            for e in endings if e.how == "done" and e.operation]
    undone = any(e.how == "undone" for e in endings)
    parts.append("Undo: " + ("; ".join(undo) or ("an undo is not undone" if undone else "nothing was changed")))
    parts += [f"CRM activity {one.receipt.id}" if isinstance(one.receipt, ActivityReceipt)
              else "The CRM activity is not written yet" for one in activities]
    return ". ".join(parts)


def _undone_untold(ending: Ending) -> bool:
    return ending.how == "undone" and ending.cause != TOLD


def _waits(ending: Ending) -> str:
    """Who is to answer, how, and until when."""
    wait = ending.waiting
    if wait is None:
        return "check it and do it by hand, or decline; then answer the customer"
    until = f"{wait.expires_at:%d %b %Y %H:%M} UTC"
    approved = f"{ending.approved} approved it; " if ending.approved else ""
    if wait.for_whom == CUSTOMER:
        return f"{approved}the customer was asked for a yes. If no answer comes by {until}, a person takes over"
    return (f"{approved}{WHO[wait.for_whom]} approves or declines it in Deskhand's sidebar. If no "
            f"answer comes by {until}, a person takes over")


def done_words(operation: Operation, whole: Money | None = None) -> str:
    """What a finished operation did, from its receipt; `whole` was asked for, where a colleague approved less."""
    return receipt_words(operation.receipt, whole) or f"{operation.kind.replace('_', ' ')} done"


def receipt_words(receipt: Receipt | None, whole: Money | None = None) -> str:
    """What was done to money or a contact; "" for any other receipt."""
    if isinstance(receipt, RefundReceipt):
        part = f" of the {whole} asked for," if whole else ""
        return (f"refunded {receipt.money}{part} to {paid_with(receipt.method)} "
                f"({receipt.id}, {receipt.status}, charge {receipt.charge})")
    if isinstance(receipt, ContactReceipt):
        parts = [f"{name.replace('_', ' ')} from {_value(receipt.before.get(name))} to {_value(value)}"
                 for name, value in in_order(receipt.after).items()]
        return f"changed the contact's {', '.join(parts)}"
    return ""


def before_words(change: ContactChange) -> str:
    """What a contact held when its change was asked for."""
    held = in_order({str(name): change.expected.get(name) for name in change.changes})
    return ", ".join(f"the {name.replace('_', ' ')} before it was {_value(value)}" for name, value in held.items())


def _value(value: str | bool | None) -> str:
    if isinstance(value, bool):
        return "“yes”" if value else "“no”"
    return f"“{value}”" if value else "empty"
