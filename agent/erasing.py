"""Forgets a person: their key is destroyed, and what was written about them can never be read again.

The row of the person is exchanged for a tombstone under another name: whoever writes again later is somebody new.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, delete, func, insert, or_, select, union, update

from agent import audit, forgotten
from agent.desk import Desk
from agent.tables import audit as trail
from agent.tables import decisions, operations, people, proposals, tickets, waits
from agent.vault import INSTALLATION

ERASED = "person.erased"
UNDER_WAY = ("sent", "unknown")


class StillUnderWay(RuntimeError):
    """Something was begun for them just now; nothing is destroyed before its outcome is known."""


@dataclass(frozen=True)
class Kept:
    """An operation that stays, without a word about the person."""

    operation: str
    kind: str
    target: str
    """The vendor's object."""
    id: str
    """The vendor's name for what was done."""


@dataclass(frozen=True)
class Found:
    """One person of ours, and what hangs on them."""

    person: str
    tickets: tuple[str, ...]
    """Their refs, the oldest first."""
    waiting: int
    """Questions to them or about them that are open."""
    planned: int
    """Operations that were not begun, and will not be."""
    under_way: tuple[str, ...]
    """Operations that may have happened; they are looked up first."""
    kept: tuple[Kept, ...]


def by_user(c: Connection, desk: Desk, user_id: str) -> list[str]:
    """The person whom the helpdesk knows by this id; nobody when nothing was ever kept for them."""
    vault = desk.ledger.vault
    ids = [vault.person_id(c, helpdesk.account, user_id) for helpdesk in desk.helpdesks.values()]
    return list(c.execute(select(people.c.id).where(people.c.id.in_(ids), people.c.wrapped.is_not(None))).scalars())


def by_email(c: Connection, desk: Desk, email: str) -> list[str]:
    """Everybody something was planned for under this address, which our rows know as a keyed hash.

    Of a plan made before plans knew whose they are it is told by whose key opens it: its ticket may be another's now.
    """
    vault = desk.ledger.vault
    payer = vault.person_id(c, "payer", email.strip().lower())
    rows = c.execute(select(proposals.c.id, proposals.c.person_id, proposals.c.sealed).join(
        people, people.c.id == proposals.c.person_id).where(
        _made_for(payer), people.c.wrapped.is_not(None))).all()
    theirs = [row for row in rows if vault.person_by_id(c, row.person_id).read(row.sealed) is not None]
    moved = {row.id: row.sealed for row in rows if row not in theirs}
    return sorted({row.person_id for row in theirs} | _who_opens(c, desk, moved))


def _who_opens(c: Connection, desk: Desk, moved: dict[int, bytes]) -> set[str]:
    """Whose plans these are, of everybody; from now on the plans know it. Erased people's open no more."""
    found = set()
    everybody = c.execute(select(people.c.id).where(
        people.c.wrapped.is_not(None), people.c.id != INSTALLATION)).scalars().all() if moved else ()
    for one in everybody:
        key = desk.ledger.vault.person_by_id(c, one)
        if plans := [id for id, sealed in moved.items() if key.read(sealed) is not None]:
            c.execute(update(proposals).where(proposals.c.id.in_(plans)).values(person_id=one))
            found.add(one)
    return found


def without_address(c: Connection, but: Collection[str]) -> bool:
    """Texts of others than these are kept under no address: nothing was decided, and plans did not note it yet."""
    decided = select(decisions.c.proposal_id).where(decisions.c.customer != "")
    return c.execute(select(proposals.c.id).join(people, people.c.id == proposals.c.person_id).where(
        proposals.c.customer.is_(None), proposals.c.id.not_in(decided), people.c.wrapped.is_not(None),
        people.c.id.not_in(but)).limit(1)).first() is not None


def erased_before(c: Connection, desk: Desk, who: str) -> datetime | None:
    """When this person was erased last; None when never, or when the address or id says nothing."""
    vault = desk.ledger.vault
    ids = [vault.person_id(c, helpdesk.account, who) for helpdesk in desk.helpdesks.values()]
    ids.append(vault.person_id(c, "payer", who.strip().lower()))
    said = select(func.max(trail.c.at)).where(
        trail.c.kind == ERASED, trail.c.public["person"].astext.in_(ids)
        | trail.c.public["payer"].astext.in_(ids))
    # Under another name, such as their id: then their plans lead to the tombstone.
    stands = select(func.max(people.c.erased_at)).select_from(
        people.join(proposals, proposals.c.person_id == people.c.id)).where(_made_for(ids[-1]))
    moment: datetime | None = c.execute(said).scalar() or c.execute(stands).scalar()
    return moment


def was_planned(c: Connection, desk: Desk, email: str) -> bool:
    """Something was planned for this address, whoever can read it now."""
    payer = desk.ledger.vault.person_id(c, "payer", email.strip().lower())
    return c.execute(select(proposals.c.id).where(_made_for(payer)).limit(1)).first() is not None


def found(c: Connection, person: str) -> Found:
    """What erasing them would mean."""
    theirs = select(proposals.c.id).where(proposals.c.person_id == person)
    refs = c.execute(select(tickets.c.ref).where(_about(person)).order_by(tickets.c.id)).scalars()
    waiting = c.execute(select(func.count()).where(
        waits.c.proposal_id.in_(theirs), waits.c.state == "open")).scalar_one()
    begun = c.execute(select(operations).where(operations.c.proposal_id.in_(theirs)).order_by(
        operations.c.created_at, operations.c.id)).all()
    return Found(person, tuple(refs), int(waiting), sum(row.state == "planned" for row in begun),
                 tuple(row.id for row in begun if row.state in UNDER_WAY),
                 tuple(Kept(row.id, row.kind, row.target, str(row.vendor_ids.get("id", ""))) for row in begun
                       if row.state in ("done", "undone", "held")))


def erase(desk: Desk, person: str, by: str, email: str | None = None) -> Found:
    """Lets go of what waits, looks up what was begun, and destroys the key. Safe to say again when it was cut short.

    `email`: the address they were named by, kept as a keyed hash to recognise it. Raises StillUnderWay.
    """
    with desk.ledger.begin() as c:
        _let_go(c, desk, person)
        begun = [one for ticket in _tickets(c, person)
                 for one in forgotten.operations_of(c, ticket, person, UNDER_WAY)]
    for operation in begun:
        forgotten.look_up(desk, operation)
    with desk.ledger.begin() as c:
        _let_go(c, desk, person)  # locks the tickets, which everybody locks before the person
        c.execute(select(people.c.id).where(people.c.id == person).with_for_update())
        _let_go(c, desk, person)
        standing = found(c, person)
        if standing.under_way:
            raise StillUnderWay(f"{', '.join(standing.under_way)} was begun for them just now. Say it again in a "
                                "minute.")
        payer = desk.ledger.vault.person_id(c, "payer", email.strip().lower()) if email else None
        forget(c, person, by=by, now=desk.now(), payer=payer)
    return standing


def forget(c: Connection, person: str, *, by: str, now: datetime, payer: str | None = None,
           look_again: bool = True) -> bool:
    """Destroys the key and leaves a tombstone, here and in the audit; False when nobody is kept under this id.

    With `look_again` a pass over one of their tickets that is under way looks again, and stops. What was made for them
    on a ticket that is somebody else's by now goes with them.
    """
    kept = c.execute(select(people.c.created_at).where(people.c.id == person, people.c.wrapped.is_not(None),
                                                       people.c.id != INSTALLATION)).first()
    if kept is None:
        return False
    tombstone = f"erased-{secrets.token_hex(16)}"
    c.execute(insert(people).values(id=tombstone, wrapped=None, created_at=kept.created_at, erased_at=now))
    count = c.execute(update(tickets).where(_about(person)).values(
        person_id=case((tickets.c.person_id == person, tombstone), else_=tickets.c.person_id),
        wanted=tickets.c.wanted + int(look_again))).rowcount
    c.execute(update(proposals).where(proposals.c.person_id == person).values(person_id=tombstone))
    c.execute(delete(people).where(people.c.id == person))
    public = {"person": person, "tombstone": tombstone, "tickets": count, "by": by}
    audit.record(c, kind=ERASED, ticket=None, operation=None, at=now,
                 public={**public, **({"payer": payer} if payer else {})})
    return True


def _let_go(c: Connection, desk: Desk, person: str) -> None:
    for id in _tickets(c, person):
        forgotten.let_go(c, desk, id, person)


def _tickets(c: Connection, person: str) -> Iterable[int]:
    return list(c.execute(select(tickets.c.id).where(_about(person)).order_by(tickets.c.id)).scalars())


def _about(person: str) -> ColumnElement[bool]:
    """A ticket is theirs, or something was planned there for them."""
    own = select(tickets.c.id).where(tickets.c.person_id == person)
    return tickets.c.id.in_(union(own, select(proposals.c.ticket_id).where(proposals.c.person_id == person)))


def _made_for(payer: str) -> ColumnElement[bool]:
    """A plan was made for this address, or something was decided on it for this address."""
    return or_(proposals.c.customer == payer, proposals.c.id.in_(
        select(decisions.c.proposal_id).where(decisions.c.customer == payer)))
