"""Waits: one row for each yes that an action needs. The first answer counts, and it allows one sending."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    DateTime,
    Text,
    and_,
    any_,
    case,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from agent.compiled import Statement, given
from agent.consent.states import State
from agent.policy import Role
from agent.tables import proposals, tickets, waits

CUSTOMER: Literal["customer"] = "customer"
Whom = Literal["customer", "agent", "lead", "finance"]
Saying = Literal["question", "again", "clarify", "remind"]

STANDING: tuple[State, ...] = ("open", "given")
"""States in which a wait still means something, in a newer plan too."""
COUNTING: tuple[State, ...] = ("given", "used")
"""States in which a yes counts for its own plan."""
WHO: Mapping[Whom, str] = {"customer": "the customer", "agent": "a colleague", "lead": "a lead", "finance": "finance"}
"""In words for a colleague."""


@dataclass(frozen=True)
class Wait:
    """One yes that is waited for, or was answered."""

    id: int
    ticket_id: int
    proposal_id: int
    position: int
    """Of the item in its plan."""
    decision_id: int
    for_whom: Whom
    digest: str
    """Of exactly what is asked; another amount is another digest."""
    state: State
    amount: int | None
    """Less than was asked for, as the colleague approved it."""
    currency: str | None
    to_say: Saying | None
    """What the next pass says to whom is waited for."""
    said: int
    said_at: datetime | None
    remind_at: datetime | None
    expires_at: datetime
    by: str | None
    role: Role | None
    answered_at: datetime | None
    sealed: bytes | None
    token_hash: bytes | None
    created_at: datetime
    asked: bytes | None = None
    """Exactly what is asked, under the requester's key."""
    tries: int = 0
    """Wrong answers on the confirmation page."""
    target: str | None = None
    """The charge it is about."""
    stirred_at: datetime | None = None
    """When the payment provider told of that charge, or a colleague gave the ticket back; nobody has looked since."""
    wrote: str | None = None
    """The customer's last comment while a colleague was asked, which asked for nothing."""

    @property
    def shown(self) -> str:
        """Names what a colleague is shown: exactly what is asked, and what the customer has written since."""
        return hashlib.sha256(f"{self.digest} {self.wrote}".encode()).hexdigest() if self.wrote else self.digest


def alone(c: Connection, ticket_id: int) -> None:
    """Nobody else changes what is waited for on this ticket, nor its plan, until the transaction ends.

    The first lock of everybody who does: people press while a pass ends, and neither may hold what the other needs.
    """
    _ALONE.run(c, ticket=ticket_id)


_ALONE = Statement(select(tickets.c.id).where(tickets.c.id == given("ticket")).with_for_update(key_share=True))


def wait_for(c: Connection, **values: Any) -> Wait:
    """Opens a wait."""
    return Wait(**c.execute(insert(waits).values(**values).returning(waits)).mappings().one())


def of_plan(c: Connection, proposal_id: int) -> list[Wait]:
    """All waits of a plan, oldest first."""
    return _all(_OF_PLAN, c, plan=proposal_id)


def newest(found: Iterable[Wait]) -> list[Wait]:
    """Of one plan's waits the last for each item."""
    return list({wait.position: wait for wait in found}.values())


def of_ticket(c: Connection, ticket_id: int, states: Iterable[State] = STANDING) -> list[Wait]:
    return _all(_OF_TICKET, c, ticket=ticket_id, states=list(states))


def by_id(c: Connection, id: int) -> Wait | None:
    return next(iter(_all(_BY_ID, c, id=id)), None)


def whose(c: Connection, wait: Wait) -> str:
    """The id on our rows of whom its plan was made for."""
    return str(c.execute(select(proposals.c.person_id).where(proposals.c.id == wait.proposal_id)).scalar_one())


def by_token(c: Connection, token_hash: bytes) -> Wait | None:
    return next(iter(_all(_BY_TOKEN, c, hash=token_hash)), None)


def answer(c: Connection, wait: Wait, state: Literal["given", "declined"], by: str, now: datetime, *,
           role: Role | None = None, amount: int | None = None, sealed: bytes | None = None) -> bool:
    """The first answer to exactly this, in time; False when another came first, or it is too late."""
    changed = c.execute(update(waits).where(
        waits.c.id == wait.id, waits.c.state == "open", waits.c.digest == wait.digest, waits.c.expires_at > now,
    ).values(state=state, by=by, role=role, amount=amount, sealed=sealed, answered_at=now, to_say=None))
    return changed.rowcount == 1


def answered(c: Connection, ids: Iterable[int]) -> bool:
    """Somebody has answered one of these by now."""
    said = select(waits.c.id).where(waits.c.id.in_(tuple(ids)), waits.c.state.in_(("given", "declined")))
    return c.execute(said.limit(1)).first() is not None


def dropped_by(c: Connection, ticket_id: int, proposal_id: int) -> list[Wait]:
    """What plans before this one waited for when the customer wrote something else, and did not ask for again."""
    return _all(_DROPPED_BY, c, ticket=ticket_id, plan=proposal_id)


def left_over(c: Connection, ticket_id: int) -> bool:
    """A yes was taken back on a plan that was let go, or stands on one, and no plan since has told of it."""
    return _LEFT_OVER.first(c, ticket=ticket_id) is not None


def taken_back(c: Connection, ticket_id: int, digest: str) -> bool:
    """The customer has said yes to exactly this, and wrote something else before it was used."""
    last = select(waits.c.state).where(
        waits.c.ticket_id == ticket_id, waits.c.digest == digest, waits.c.for_whom == CUSTOMER,
    ).order_by(waits.c.id.desc()).limit(1)
    return c.execute(last).scalar() == "withdrawn"


def asked_since(c: Connection, wait: Wait) -> bool:
    """The customer was asked on this ticket after this wait had ended, and has not answered that yet."""
    return _ASKED_SINCE.first(c, ticket=wait.ticket_id, ended=wait.answered_at) is not None


def end(c: Connection, ids: Iterable[int], state: State, now: datetime) -> int:
    """Ends what still stands; says how many did."""
    return _END.run(c, ids=list(ids), into=state, now=now)


_END = Statement(update(waits).where(
    waits.c.id == any_(given("ids", ARRAY(BigInteger))), waits.c.state.in_(STANDING),
).values(state=given("into"), answered_at=given("now"), to_say=null()))


def not_needed(c: Connection, proposal_id: int, still: Collection[int], now: datetime) -> None:
    """Nobody is asked on for what this plan goes on without; `still` is what it waits for."""
    found = of_plan(c, proposal_id)
    end(c, [wait.id for wait in found if wait.state == "open" and wait.id not in still], "void", now)


def set_aside(c: Connection, wait: Wait, sealed: bytes, now: datetime,
              state: Literal["unused", "unasked"] = "unused") -> Wait:
    """A yes, given or still asked for, that shall not be used; `sealed` says why, under the requester's key."""
    free(c, [wait.id])
    c.execute(update(waits).where(waits.c.id == wait.id, waits.c.state.in_(STANDING)).values(
        state=state, sealed=sealed, answered_at=now, to_say=None))
    return replace(wait, state=state, sealed=sealed)


def use(c: Connection, ids: tuple[int, ...]) -> bool:
    """Takes up each yes for the one operation, or the one answer, of its plan; False when one no longer stands."""
    return not ids or c.execute(update(waits).where(waits.c.id.in_(ids), waits.c.state.in_(COUNTING)).values(
        state="used")).rowcount == len(ids)


def free(c: Connection, ids: Iterable[int]) -> None:
    """Their one operation was not begun after all: the yes is to be used yet."""
    c.execute(update(waits).where(waits.c.id.in_(tuple(ids)), waits.c.state == "used").values(state="given"))


def free_item(c: Connection, proposal_id: int, position: int) -> None:
    """As `free`, for all that was given for one item of a plan."""
    _FREE_ITEM.run(c, plan=proposal_id, position=position)


_FREE_ITEM = Statement(update(waits).where(
    waits.c.proposal_id == given("plan"), waits.c.position == given("position"), waits.c.state == "used",
).values(state="given"))


def move(c: Connection, wait: Wait, proposal_id: int, position: int) -> None:
    """The same is asked for in a newer plan: who was asked need not be asked again."""
    c.execute(update(waits).where(waits.c.id == wait.id).values(proposal_id=proposal_id, position=position))


def decided(c: Connection, wait: Wait, decision_id: int) -> Wait:
    """It is waited for under a newer policy, which asks for nothing more."""
    c.execute(update(waits).where(waits.c.id == wait.id).values(decision_id=decision_id))
    return replace(wait, decision_id=decision_id)


def wrote(c: Connection, ticket_id: int, comment: str) -> None:
    """Colleagues who are asked are to read first what the customer has written since."""
    c.execute(update(waits).where(
        waits.c.ticket_id == ticket_id, waits.c.state == "open", waits.c.for_whom != CUSTOMER).values(wrote=comment))


def say(c: Connection, wait: Wait, what: Saying | None) -> None:
    c.execute(update(waits).where(waits.c.id == wait.id, waits.c.state == "open").values(to_say=what))


def opened_by(c: Connection, wait: Wait, token_hash: bytes) -> Wait:
    """The customer may answer this one on a page, with the token of this SHA-256."""
    c.execute(update(waits).where(waits.c.id == wait.id).values(token_hash=token_hash))
    return replace(wait, token_hash=token_hash)


def wrong(c: Connection, wait: Wait) -> int:
    """Counts a wrong answer on the page; how many there were."""
    return int(c.execute(update(waits).where(waits.c.id == wait.id).values(tries=waits.c.tries + 1)
                         .returning(waits.c.tries)).scalar_one())


def back(c: Connection, ticket_id: int, now: datetime, until: datetime) -> list[Wait]:
    """What a person's taking over had ended is waited for again, as far as it is of the latest plan.

    Also where somebody had said yes before: it is for them to say again. It is looked at anew, so that who was never
    asked is asked now. Where its time was up meanwhile it is waited for `until` then, and who was asked is reminded.
    """
    late, theirs = waits.c.expires_at <= now, waits.c.for_whom == CUSTOMER
    latest = select(func.max(proposals.c.id)).where(proposals.c.ticket_id == ticket_id).scalar_subquery()
    found = c.execute(update(waits).where(
        waits.c.ticket_id == ticket_id, waits.c.state == "away", waits.c.proposal_id == latest,
    ).values(
        state="open", answered_at=None, by=None, role=None, sealed=None, stirred_at=now,
        expires_at=case((late, until), else_=waits.c.expires_at), amount=case((theirs, waits.c.amount)),
        to_say=case((and_(theirs, waits.c.said == 0), "question")),
        remind_at=case((and_(theirs, waits.c.said == 0), null()),
                       (and_(theirs, or_(late, waits.c.by == CUSTOMER)), now), else_=waits.c.remind_at),
    ).returning(waits)).mappings().all()
    return [Wait(**row) for row in found]


def was_said(c: Connection, wait: Wait, now: datetime, remind_at: datetime | None) -> None:
    """Counts that they were asked, or reminded; also where they are not waited for any more."""
    c.execute(update(waits).where(waits.c.id == wait.id).values(
        to_say=None, said=waits.c.said + 1, said_at=now, remind_at=remind_at))


def unsaid(c: Connection, plans: Collection[int]) -> None:
    """The reply that asked is not on the ticket: until it is said again, a yes of the customer's is one to nothing."""
    c.execute(update(waits).where(waits.c.proposal_id.in_(plans), waits.c.for_whom == CUSTOMER,
                                  waits.c.state == "open").values(said_at=None))


def stirred(c: Connection, ticket_id: int) -> list[Wait]:
    """Open ones that are to be decided on anew: nobody has looked since the payment provider told of their charge, or a
    colleague gave them back."""
    return _all(_STIRRED, c, ticket=ticket_id)


def looked(c: Connection, found: Iterable[Wait]) -> None:
    """They were looked at; not for what the payment provider has told of their charges since."""
    for wait in found:
        c.execute(update(waits).where(waits.c.id == wait.id, waits.c.stirred_at == wait.stirred_at).values(
            stirred_at=None))


def due(c: Connection, ticket_id: int, now: datetime) -> list[Wait]:
    """Open ones of which the time is up, or whose reminder is due."""
    return _all(_DUE, c, ticket=ticket_id, now=now)


def next_looks(c: Connection, ticket_id: int) -> list[datetime]:
    """When to look again at what is waited for: at the next reminder, and when the time is up."""
    found = of_ticket(c, ticket_id, ("open",))
    reminders = [wait.remind_at for wait in found if wait.remind_at]
    return sorted({*reminders, *(wait.expires_at for wait in found)})


def _all(found: Statement, c: Connection, **values: Any) -> list[Wait]:
    return [Wait(**row) for row in found.all(c, **values)]


def _found(*which: Any) -> Statement:
    return Statement(select(waits).where(*which).order_by(waits.c.id))


_its = waits.c.ticket_id == given("ticket")
_now = given("now", DateTime(timezone=True))
_OF_PLAN = _found(waits.c.proposal_id == given("plan"))
_OF_TICKET = _found(_its, waits.c.state == any_(given("states", ARRAY(Text))))
_BY_ID = _found(waits.c.id == given("id"))
_BY_TOKEN = _found(waits.c.token_hash == given("hash"))
_STIRRED = _found(_its, waits.c.state == "open", waits.c.stirred_at.is_not(None))
_DUE = _found(_its, waits.c.state == "open", or_(waits.c.expires_at <= _now, waits.c.remind_at <= _now))


def _since_what_was_told(*before: Any) -> tuple[Any, ...]:
    """What was waited for last for each item of the latest plan that was told, and of those since that were not."""
    told = select(func.max(proposals.c.id)).where(
        proposals.c.ticket_id == given("ticket"), func.coalesce(proposals.c.ending, "") != "void",
        *before).scalar_subquery()
    later = waits.alias()
    return (_its, waits.c.proposal_id >= func.coalesce(told, 0), ~exists().where(
        later.c.proposal_id == waits.c.proposal_id, later.c.position == waits.c.position, later.c.id > waits.c.id))


_DROPPED_BY = _found(waits.c.proposal_id < given("plan"), waits.c.state.in_(("withdrawn", "replaced")),
                     *_since_what_was_told(proposals.c.id < given("plan")))
_ASKED_SINCE = _found(_its, waits.c.for_whom == CUSTOMER, waits.c.state == "open", waits.c.said > 0,
                      waits.c.created_at >= given("ended", DateTime(timezone=True)))
_asked = waits.alias()
_LEFT_OVER = _found(
    waits.c.state.in_(("withdrawn", "given")),
    exists().where(proposals.c.id == waits.c.proposal_id, proposals.c.ending == "void"),
    ~exists().where(_asked.c.ticket_id == given("ticket"), _asked.c.state == "open"), *_since_what_was_told())
