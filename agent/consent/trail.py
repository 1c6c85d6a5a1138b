"""The audit of one ticket in plain words, oldest first."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from agent.consent.shown import TrailEntry
from agent.endings import plainly
from agent.ledger import LOOKED
from agent.tables import audit, waits
from agent.vault import PersonKey

MOST = 100
"""Of the newest."""
NEAR = 3
"""How far back the same line is looked for."""
ACTIONS = {"refund": "the refund", "contact_change": "the change of contact details",
           "log_activity": "the activity in the CRM", "ticket_update": "the update of the ticket", "undo": "the undo"}
ENDINGS = {"done": "done", "parked": "waiting for an answer", "answered": "answered", "handed_over": "handed over",
           "refused": "a person answers"}
ANSWERS = {"yes": "yes", "no": "no", "unclear": "something that is neither yes nor no", "person": "that they want a "
           "person"}
CHANGED = {"fell through": "the refund fell through", "disputed": "the charge is disputed",
           "refunded by hand": "a colleague refunded it by hand", "not there": "the refund cannot be found any more"}
ASKED = {"refund": "a refund", "contact_change": "new contact details", "status_answer": "where the money is"}
"""What may be asked for, by the action's name."""
HOW = {"go": "goes ahead", "answer": "can be answered", "parked": "needs a yes first", "refused": "a person decides",
       "escalated": "a person decides", "draft": "prepared for a colleague to approve", "off": "not switched on",
       "shadow": "only watched", "ungrounded": "not found where it should be", "uncovered": "not for Deskhand",
       "unsure": "not clear", "repeat": "asked before"}
"""What was planned for it."""
QUIET = ("public", "digest")
"""Not shown among the facts."""
NUMBERS = ("wait", "generation", "operation", "target", "request_id", "entry", "comment", "items", "by", "action", "of",
           "facts", "outcome", "reason", "why", "answer", "waits", "comments")
"""Facts for machines: shown with a machine's step only."""
BOOKKEEPING = ("ticket_update", "log_activity")
FOR_AUDITORS = ("decision.made", "read")
"""What binds other rows, and who looked: not shown to those who look."""
STEPS = ("operation.sent", "operation.planned", "operation.unknown", "operation.dropped")
PLAINLY = {"id": "receipt", "planner": "read by"}
UNREMARKABLE = ("our own update", "no new message")


def trail(c: Connection, ticket_id: int, person: PersonKey | None) -> tuple[TrailEntry, ...]:
    """`person` is whose key names lie under; None where it is forgotten."""
    rows = c.execute(select(
        audit.c.at, audit.c.kind, audit.c.operation_id, audit.c.public, audit.c.sealed).where(
        audit.c.ticket_id == ticket_id, audit.c.kind.not_in(FOR_AUDITORS)).order_by(
        audit.c.id.desc()).limit(MOST)).mappings().all()
    names = _names(c, ticket_id, person)
    told = ((row, _words(row, names, person)) for row in reversed(rows))
    return tuple(_folded([TrailEntry(at=row["at"], words=words, facts=_facts(row), step=_is_a_step(row), times=1)
                          for row, words in told if words]))


def _folded(entries: list[TrailEntry]) -> list[TrailEntry]:
    """What was tried again and again is told once, with how often."""
    told: list[TrailEntry] = []
    for entry in entries:
        same = next((n for n in range(len(told) - 1, max(-1, len(told) - 1 - NEAR), -1)
                     if told[n].step and (told[n].words, told[n].facts) == (entry.words, entry.facts)), None)
        if same is None:
            told.append(entry)
        else:
            told[same] = entry.model_copy(update={"times": told[same].times + 1})
    return told


def _is_a_step(row: RowMapping) -> bool:
    """What a machine does on the way, and nobody needs to know unless it went wrong."""
    public = row["public"]
    if (row["kind"], public.get("action")) == ("operation.done", "undo"):
        return True
    if row["kind"].startswith("operation.") and public.get("action") in BOOKKEEPING:
        return row["kind"] in (*STEPS, "operation.done")
    if row["kind"] == "ticket.ignored":
        return public.get("why") in UNREMARKABLE
    return row["kind"] in STEPS or row["kind"] not in KINDS


def _facts(row: RowMapping) -> dict[str, Any] | None:
    step = _is_a_step(row)
    shown = {PLAINLY.get(name, name): value for name, value in row["public"].items()
             if name not in QUIET and (step or name not in NUMBERS) and value not in (None, [], {})}
    if step and row["operation_id"]:
        shown["operation"] = row["operation_id"]
    return shown or None


def _names(c: Connection, ticket_id: int, person: PersonKey | None) -> dict[int, str]:
    """Who answered, by wait."""
    if person is None:
        return {}
    rows = c.execute(select(waits.c.id, waits.c.sealed).where(
        waits.c.ticket_id == ticket_id, waits.c.sealed.is_not(None))).all()
    return {row.id: str((person.read(row.sealed) or {}).get("name", "somebody")) for row in rows}


def _words(row: RowMapping, names: dict[int, str], person: PersonKey | None) -> str:
    tell = KINDS.get(row["kind"])
    if tell is None:
        return str(row["kind"]).replace(".", " ").replace("_", " ").capitalize()
    if row["kind"] in NAMED:
        return tell(row["public"], _name(row, person))
    return tell(row["public"], names.get(row["public"].get("wait", 0), "A colleague"))


def _name(row: RowMapping, person: PersonKey | None) -> str:
    said = (person.read(row["sealed"]) if person else None) or {}
    return str(said.get("name", "A colleague"))


NAMED = ("wait.changed", "ticket.taken_over", "ticket.given_back", "ticket.run_again", "undo.asked")
"""Kinds that seal nothing but who pressed."""


def _operation(words: str) -> Callable[[dict[str, Any], str], str]:
    def tell(public: dict[str, Any], _: str) -> str:
        reason = _plain(str(public.get("reason") or ""))
        what = ACTIONS.get(public.get("action", ""), "the action")
        return f"{words.format(what=what)}{f': {reason}' if reason else ''}".replace("  ", " ")
    return lambda public, name: _capital(tell(public, name))


def _plain(reason: str) -> str:
    """Without the name of an exception, too."""
    return re.sub(r": \w+(Error|Exception)$", "", plainly(reason))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _planned(public: dict[str, Any], _: str) -> str:
    asked = [f"{ASKED.get(one['action'] or '', 'something else')} ({HOW[one['how']]})" for one in public["items"]]
    return f"The customer’s message was read: {', '.join(asked) or 'nothing was asked'}"


def _approved(public: dict[str, Any], name: str) -> str:
    return f"{name} approved it" + (", for a smaller amount" if public.get("amount") else "")


def _answered(public: dict[str, Any], _: str) -> str:
    if "answer" not in public:
        return "The customer answered"
    return f"The customer said {ANSWERS.get(str(public['answer']), 'something else')}"


def _rejected(public: dict[str, Any], name: str) -> str:
    """Refused by the vendor, or held until a person looked for it and did not find it."""
    reason = str(public.get("reason") or "")
    if reason.endswith(LOOKED):
        who = reason.removesuffix(LOOKED)
        return f"{who}looked at the vendor: {ACTIONS.get(public.get('action', ''), 'the action')} was not made"
    return _operation("refused by the vendor: {what}")(public, name)


def _resolved(public: dict[str, Any], _: str) -> str:
    """What was not made is told by the line before."""
    by = public.get("by", "A person")
    return f"{by} looked at the vendor and released it" if public.get("as") != "not_done" else ""


KINDS: dict[str, Callable[[dict[str, Any], str], str]] = {
    "ticket.planned": _planned,
    "ticket.told": lambda public, _: f"Written on the ticket: {ENDINGS.get(public.get('outcome', ''), 'done')}",
    "plan.unreadable": lambda public, _: "Could not read its plan any more, and let it go",
    "ticket.ignored": lambda public, _: f"Looked, and did nothing: {public.get('why', '')}",
    "ticket.taken_over": lambda _, name: f"{name} took the ticket over",
    "ticket.given_back": lambda _, name: f"{name} gave the ticket back",
    "ticket.run_again": lambda _, name: f"{name} had it looked at again",
    "wait.approved": _approved,
    "wait.declined": lambda _, name: f"{name} declined it",
    "wait.changed": lambda _, name: f"{name} wanted to approve it, and something had changed since it was shown",
    "wait.answered": _answered,
    "wait.confirmed": lambda _public, _name: "The customer confirmed it on the page",
    "undo.asked": lambda _, name: f"{name} asked to undo it",
    "operation.sent": _operation("begun: {what}"),
    "operation.done": _operation("done and read back: {what}"),
    "operation.rejected": _rejected,
    "operation.dropped": _operation("not begun: {what}"),
    "operation.planned": _operation("put off, and surely not done: {what}"),
    "operation.unknown": _operation("not known whether it happened: {what}"),
    "operation.held": _operation("a person must look: {what}"),
    "operation.undone": _operation("undone: {what}"),
    "operation.fell_through": _operation("fell through after it was done: {what}"),
    "refund.changed": lambda public, _: f"Seen where the money is: {CHANGED.get(public.get('what', ''), 'a change')}",
    "operation.resolved": _resolved,
    "switch.paused": lambda public, _: f"Paused by {public.get('by', 'a person')}: {public.get('reason', '')}",
}
