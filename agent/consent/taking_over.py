"""A colleague takes a ticket over, gives it back, or has it looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from agent import audit, engine
from agent.consent import waits
from agent.consent.approval import Colleague, NotAllowed, NotNow
from agent.desk import Desk
from agent.facts import Facts
from agent.patience import patiently
from agent.plan import Plan
from agent.scope import mark
from agent.tables import audit as records
from agent.tables import proposals, tickets
from agent.vault import Erased


@dataclass(frozen=True)
class Taken:
    """Since when a colleague had the ticket as the presser saw it; None: nobody had it."""

    at: datetime | None


def taken(desk: Desk, ref: str) -> Taken:
    """As it stands now, for a press that shows it first."""
    with desk.ledger.glance() as c:
        return Taken(c.execute(select(tickets.c.taken_at).where(tickets.c.ref == ref)).scalar())


def take_over(desk: Desk, ref: str, by: Colleague, seen: Taken | None = None) -> None:
    """Deskhand steps back: what is waited for rests, and nothing is begun until the ticket is given back.

    Raises NotNow when somebody has it already, or when it is not as it was `seen`.
    """
    _one_of_us(by, "Taking a ticket over")
    with desk.ledger.begin() as c:
        row = _locked(c, ref, seen)
        if row["taken_at"] is not None:
            raise NotNow("taken_over", "A colleague has taken this ticket over already.")
        now = desk.now()
        c.execute(update(tickets).where(tickets.c.id == row["id"]).values(taken_at=now))
        waits.end(c, [wait.id for wait in waits.of_ticket(c, row["id"], ("open",))], "away", now)
        _record(c, desk, row, "ticket.taken_over", by, {})
        _wake(c, row["id"], "a colleague took it over")


def give_back(desk: Desk, ref: str, by: Colleague, seen: Taken | None = None) -> None:
    """Deskhand goes on where it was: what was waited for is waited for again, and newer messages are read.

    What people did on the ticket until now no longer keeps Deskhand off. Raises NotNow for a ticket never seen, or
    taken over by another since it was `seen`, and Unavailable when the helpdesk cannot be read.
    """
    _one_of_us(by, "Giving a ticket back")
    entries = patiently(lambda: desk.helpdesk(ref).read(ref), desk.sleep).entries
    with desk.ledger.begin() as c:
        row = _locked(c, ref, seen)
        c.execute(update(tickets).where(tickets.c.id == row["id"]).values(
            taken_at=None, given_back=mark(entries) or row["given_back"]))
        last = _last_plan(c, desk, row)
        now, patience = desk.now(), timedelta(hours=desk.choices.approvals.expire_after)
        found = waits.back(c, row["id"], now, now + patience) if last else []  # nobody is asked for who was forgotten
        desk.ledger.looked_back(c, row["id"], _read_upto(last))
        _record(c, desk, row, "ticket.given_back", by, {"waits": [wait.id for wait in found]})
        for moment in waits.next_looks(c, row["id"]):
            engine.wake(c, row["id"], "an answer is due", moment)
        _wake(c, row["id"], "a colleague gave it back")


def run_again(desk: Desk, ref: str, by: Colleague, seen: Taken | None = None) -> None:
    """The customer's last request is read and planned once more, on what is true now.

    What was done is not done again: the same again needs somebody's yes. What people did on the ticket until now keeps
    Deskhand off no longer. Raises NotNow while somebody has taken it over, or had it since it was `seen`, and
    Unavailable when the helpdesk cannot be read.
    """
    _one_of_us(by, "Running it again")
    entries = patiently(lambda: desk.helpdesk(ref).read(ref), desk.sleep).entries
    with desk.ledger.begin() as c:
        row = _locked(c, ref, seen)
        if row["taken_at"] is not None:
            raise NotNow("taken_over", "A colleague has this ticket. Give it back first.")
        c.execute(update(tickets).where(tickets.c.id == row["id"]).values(
            given_back=mark(entries) or row["given_back"]))
        if desk.ledger.open_proposal(c, row["id"]) is None:
            desk.ledger.looked_back(c, row["id"], _before_last(c, desk, row))
        _record(c, desk, row, "ticket.run_again", by, {})
        _wake(c, row["id"], "a colleague had it run again")


def _one_of_us(by: Colleague, what: str) -> None:
    if by.role is None:
        raise NotAllowed("role", f"{what} takes an agent, a lead or finance.")


def _locked(c: Connection, ref: str, seen: Taken | None) -> RowMapping:
    row = c.execute(select(tickets).where(tickets.c.ref == ref).with_for_update(key_share=True)).mappings().first()
    if row is None:
        raise NotNow("unknown", "Deskhand has not seen this ticket yet.")
    if seen is not None and row["taken_at"] != seen.at:
        raise NotNow("changed", "Something has changed on this ticket. Look at it again.")
    return row


def _wake(c: Connection, id: int, why: str) -> None:
    """A reason to look that the next pass must serve, so that it is not lost with its wake."""
    c.execute(update(tickets).where(tickets.c.id == id).values(wanted=tickets.c.wanted + 1))
    engine.wake(c, id, why)


def _record(c: Connection, desk: Desk, row: RowMapping, kind: str, by: Colleague, public: dict[str, Any]) -> None:
    audit.record(c, kind=kind, ticket=row["id"], operation=None, at=desk.now(),
                 public={"by": by.id, "role": by.role, **public}, sealed=_name(c, desk, row, by))


def _name(c: Connection, desk: Desk, row: RowMapping, by: Colleague) -> bytes | None:
    """The colleague's name, under the requester's key as everything of this ticket; None without one."""
    if row["person_id"] is None:
        return None
    try:
        return desk.ledger.vault.person_by_id(c, row["person_id"]).seal({"name": by.name})
    except Erased:
        return None


Last = tuple[Plan, Facts, str | None]
"""A plan, what it was made on, and how it ended."""


def _last_plan(c: Connection, desk: Desk, row: RowMapping) -> Last | None:
    """None where nothing was ever planned for this requester: they may be another one, or forgotten and known anew."""
    found = c.execute(select(records.c.sealed, proposals.c.ending).select_from(records.join(
        proposals, proposals.c.ticket_id == records.c.ticket_id)).where(
        records.c.ticket_id == row["id"], records.c.kind == "ticket.planned",
        records.c.public["generation"].as_integer() == proposals.c.generation,
        ).order_by(proposals.c.id.desc(), records.c.id.desc()).limit(1)).first()
    if found is None or row["person_id"] is None:
        return None
    try:
        opened = desk.ledger.vault.person_by_id(c, row["person_id"]).read(found.sealed)
    except Erased:
        return None
    if opened is None:
        return None
    return Plan.model_validate(opened["plan"]), Facts.model_validate(opened["facts"]), found.ending


def _read_upto(last: Last | None) -> str | None:
    """The last record that a plan which still stands was made on; None: everything is to be read."""
    if last is None:
        return None
    plan, facts, ending = last
    entries = facts.conversation.entries
    return plan.seen_before if ending == "void" or not entries else mark(entries)


def _before_last(c: Connection, desk: Desk, row: RowMapping) -> str | None:
    found = _last_plan(c, desk, row)
    return found[0].seen_before if found else None
