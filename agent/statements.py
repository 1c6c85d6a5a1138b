"""What the ledger asks and writes for every ticket, over `agent.tables`, each built once."""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    LargeBinary,
    ScalarSelect,
    Text,
    Update,
    and_,
    any_,
    case,
    cast,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from agent.compiled import Statement, given
from agent.tables import audit, decisions, operations, policies, proposals, spending, switches, tickets, totals, waits

FOREVER = date(1970, 1, 1)
ANY = "any"
"""The currency of the row that is locked for all of them."""

LOOK_FIRST = "look_first"
"""The switch's row that says when a backup was put back; it holds nothing back."""

_now = given("now", DateTime(timezone=True))

_last_proposal: ScalarSelect[int] = select(func.max(proposals.c.id)).where(
    proposals.c.ticket_id == given("id")).scalar_subquery()
RESOLVED, NEWS = 601, 701
NOTES_ON_ONE = (RESOLVED, NEWS)
"""The positions of a note on what somebody had undone or has resolved, and of one on what became of a refund: nothing
else tells of it, whatever was planned since."""
_confirmed = select(operations.c.id).where(
    or_(operations.c.proposal_id == _last_proposal, operations.c.position.in_(NOTES_ON_ONE)),
    operations.c.ticket_id == given("id"), operations.c.kind == "ticket_update", operations.c.state == "done")

_open_wait = and_(waits.c.ticket_id == tickets.c.id, waits.c.state == "open")

CHANGES = ("refund", "contact_change")
"""Kinds of operations that change something for a customer: on these the policy decides."""
_unsettled = select(operations.c.proposal_id).join(proposals, proposals.c.id == operations.c.proposal_id).where(
    operations.c.ticket_id == given("id"), proposals.c.closed_at.is_not(None), or_(
        and_(operations.c.kind.in_(("undo", "log_activity")), operations.c.state.in_(("planned", "sent", "unknown"))),
        and_(or_(operations.c.kind.in_(CHANGES), operations.c.position.in_(NOTES_ON_ONE)),
             operations.c.state.in_(("sent", "unknown"))))
).order_by(operations.c.created_at)

_open_plan_of = select(proposals.c.person_id).where(
    proposals.c.ticket_id == tickets.c.id, proposals.c.closed_at.is_(None)).scalar_subquery()

TICKET = Statement(select(
    *tickets.c["id", "ref", "generation", "state", "why", "wanted", "served", "attempts", "seen_entry", "heard_at",
                 "given_back", "taken_at"],
    func.coalesce(_open_plan_of, tickets.c.person_id).label("person_id"),
    exists().where(proposals.c.ticket_id == tickets.c.id, proposals.c.closed_at.is_(None)).label("under_way"),
    exists().where(_open_wait).label("asking"),
    exists().where(_open_wait, waits.c.stirred_at.is_not(None)).label("stirred"),
    exists().where(operations.c.ticket_id == tickets.c.id, operations.c.state == "done",
                   operations.c.recheck_at <= _now).label("recheck"),
    func.array(_confirmed.scalar_subquery()).label("confirmed"),
    func.array(_unsettled.scalar_subquery()).label("unsettled"),
    select(switches.c.at).where(switches.c.action == LOOK_FIRST).scalar_subquery().label("restored"),
).where(tickets.c.id == given("id")))

OF_PERSON = Statement(update(tickets).where(tickets.c.id == given("id")).values(person_id=given("person")))
SAW = Statement(update(tickets).where(tickets.c.id == given("id")).values(
    is_open=given("is_open"), seen_entry=func.coalesce(given("entry", Text), tickets.c.seen_entry)))
SERVED = Statement(update(tickets).where(tickets.c.id == given("id")).values(served=given("upto"), attempts=0))
TAKEN_UP = Statement(update(tickets).where(tickets.c.id == given("id")).values(
    state="acting", why="", shadow=False, last_pass_at=_now, is_open=True, generation=given("generation"),
    seen_entry=func.coalesce(given("entry", Text), tickets.c.seen_entry),
    about_money=or_(tickets.c.about_money, given("money"))))
ENDED = Statement(update(tickets).where(tickets.c.id == given("id")).values(
    state=given("state"), why=given("why"), shadow=given("shadow"), last_pass_at=_now,
    served=func.coalesce(given("served", BigInteger), tickets.c.served),
    attempts=case((given("served", BigInteger).is_(None), tickets.c.attempts), else_=0)))

OPEN_PROPOSAL = Statement(select(proposals).where(
    proposals.c.ticket_id == given("ticket"), proposals.c.closed_at.is_(None)))
RETURNED = ("ticket.given_back", "ticket.run_again")
FOR_THE_CUSTOMER = ("done", "answered", "parked")
"""Endings of plans that left nothing to a person, unless the customer was not told of what was done or answered."""
_last_told = select(func.max(audit.c.at)).where(
    audit.c.ticket_id == proposals.c.ticket_id, audit.c.kind == "ticket.told",
    audit.c.public["generation"].as_integer() == proposals.c.generation).scalar_subquery()
_returned = select(func.max(audit.c.at)).where(
    audit.c.ticket_id == given("ticket"),
    audit.c.kind.in_(RETURNED)).scalar_subquery()
_planned = select(func.max(audit.c.id)).where(
    audit.c.ticket_id == given("ticket"), audit.c.kind == "ticket.planned",
    audit.c.public["generation"].as_integer() == given("generation")).scalar_subquery()
ASKED_ANEW = Statement(select(func.count().label("times")).where(
    audit.c.ticket_id == given("ticket"), audit.c.kind.in_(RETURNED), audit.c.id < _planned))
"""How often a colleague gave the ticket back, or had it run again, before this plan was made."""
_when_told = func.coalesce(_last_told, proposals.c.closed_at)
_by_a_plan = select(_when_told.label("at")).where(
    proposals.c.ticket_id == given("ticket"), proposals.c.id < given("proposal", BigInteger),
    proposals.c.ending.in_(("handed_over", "refused")))
_by_what_came_later = select(audit.c.at).join(operations, operations.c.id == audit.c.operation_id).where(
    audit.c.ticket_id == given("ticket"), audit.c.kind == "refund.changed",
    operations.c.proposal_id < given("proposal", BigInteger))
_to_be_told = exists().where(
    proposals.c.ticket_id == given("ticket"), proposals.c.id < given("proposal", BigInteger),
    proposals.c.ending.in_(FOR_THE_CUSTOMER), or_(_returned.is_(None), _when_told > _returned))
_handed_over = union_all(_by_a_plan, _by_what_came_later).subquery()
HANDED_OVER = Statement(select(func.min(_handed_over.c.at).label("at"), _to_be_told.label("to_be_told")).where(
    or_(_returned.is_(None), _handed_over.c.at > _returned)))
_other = operations.alias()
_changed_something = exists().where(
    _other.c.proposal_id == proposals.c.id, _other.c.state == "done", _other.c.kind.in_(CHANGES))
TO_BE_TOLD = Statement(select(
    operations, proposals.c.id.label("plan_id"), proposals.c.sealed.label("plan"), *proposals.c["person_id", "ending"],
    _when_told.label("at"), func.coalesce(_when_told <= _returned, false()).label("returned"),
).outerjoin_from(proposals, operations, and_(
    operations.c.proposal_id == proposals.c.id, operations.c.state == "done",
    or_(operations.c.kind.in_(CHANGES), operations.c.vendor_ids["notified"].as_boolean())),
).where(
    proposals.c.ticket_id == given("ticket"), or_(proposals.c.ending.in_(FOR_THE_CUSTOMER), _changed_something),
    or_(given("proposal", BigInteger).is_(None), proposals.c.id < given("proposal", BigInteger)),
).order_by(proposals.c.id, operations.c.position, operations.c.id))
"""Plans with what they have changed that stands, and with the updates that the customer was notified of."""
PROPOSE = Statement(insert(proposals).returning(proposals.c.id), columns=(
    c.name for c in proposals.c if c.name not in ("id", "closed_at", "ending")))
_its_ticket = select(tickets.c.id).where(tickets.c.id == select(proposals.c.ticket_id).where(
    proposals.c.id == given("id")).scalar_subquery()).with_for_update(key_share=True).subquery()
CLOSE_PROPOSAL = Statement(update(proposals).where(
    proposals.c.id == given("id"), proposals.c.ticket_id == _its_ticket.c.id).values(
    closed_at=_now, ending=given("ending")))
"""The ticket is locked before its plan, in the order of those who press (`waits.alone`)."""
_decided = insert(decisions).values({c.name: given(c.name, c.type) for c in decisions.c if c.name != "id"}).returning(
    *decisions.c["id", "ticket_id", "operation_id", "decided_at"]).cte("decided")
_bound = insert(audit).from_select(
    ["kind", "ticket_id", "operation_id", "at", "public"],
    select(literal("decision.made"), _decided.c.ticket_id, func.nullif(_decided.c.operation_id, ""),
           _decided.c.decided_at, func.jsonb_build_object(
               "decision", _decided.c.id, "sha256", given("sha256", Text), "ref",
               select(tickets.c.ref).where(tickets.c.id == _decided.c.ticket_id).scalar_subquery()))
    ).cte("bound")
DECIDED = Statement(select(_decided.c.id).add_cte(_bound))
"""A decision and, in the audit, what binds it into the chain."""

NEWEST_POLICY = Statement(select(policies.c.version, policies.c.digest).order_by(policies.c.version.desc()).limit(1))

_moving = operations.c["proposal_id", "state", "send", "attempts", "first_sent_at", "reason", "reserved"]
_this = operations.c.id == given("id")
_new = upsert(operations)

PLANNED = Statement(_new.on_conflict_do_update(
    index_elements=[operations.c.id], where=or_(operations.c.state == "planned", operations.c.state == "dropped"),
    set_={"reason": "", **{name: _new.excluded[name] for name in (
        "proposal_id", "decision_id", "position", "digest", "sealed", "state", "changed_at")}},
).returning(*_moving), columns=(
    "id", "ticket_id", "proposal_id", "decision_id", "position", "kind", "role", "target", "repeat", "digest",
    "state", "sealed", "created_at", "changed_at"))
"""One that was surely not sent is taken up with what is true now; any other that is there stays, nothing returns."""

_whose = select(operations, proposals.c.person_id).join(proposals, proposals.c.id == operations.c.proposal_id)
OPERATION = Statement(_whose.where(_this))
OPERATION_LOCKED = Statement(_whose.where(_this).with_for_update(of=operations))
AS_IT_STANDS = Statement(select(*_moving).where(_this).with_for_update())
OPERATIONS_OF = Statement(select(operations).where(operations.c.proposal_id == given("proposal"))
                          .order_by(operations.c.position, operations.c.created_at, operations.c.id))
UNWRITTEN = Statement(select(func.max(operations.c.attempts).label("attempts")).where(
    operations.c.proposal_id == given("proposal"), operations.c.kind == "log_activity",
    operations.c.state.in_(("planned", "sent", "unknown"))))

_paused = select(switches.c.reason).where(
    or_(switches.c.action == given("kind"), switches.c.action == "all"), switches.c.paused)
PAUSED = Statement(_paused.limit(1))


def _moved(change: Update) -> Statement:
    """The change of this operation and, if it happens, what the audit says of it; returns the operation's new state."""
    moved = change.where(_this).returning(operations.c.ticket_id, operations.c.id, *_moving).cte("moved")
    told = insert(audit).from_select(
        ["kind", "ticket_id", "operation_id", "at", "public", "sealed"],
        select(given("told", Text), moved.c.ticket_id, moved.c.id, _now, given("public", audit.c.public.type),
               given("sealed", LargeBinary))).cte("told")
    return Statement(select(*(moved.c[column.name] for column in _moving)).add_cte(told))


_open = and_(operations.c.state.not_in(("done", "undone")), operations.c.attempts == given("attempts"))
"""What is done stays done, and what another pass has sent or looked for since is its, whatever a worker that was taken
for dead still believes."""

SENT = _moved(update(operations).where(~_paused.exists(), operations.c.state == "planned").values(
    state="sent", attempts=operations.c.attempts + 1, changed_at=_now,
    first_sent_at=func.coalesce(operations.c.first_sent_at, _now),
    reserved=func.coalesce(given("counted", operations.c.reserved.type), operations.c.reserved)))
"""Unless the kill switch is thrown, or another pass was first: then nothing happens, and nothing returns."""
DONE = _moved(update(operations).where(operations.c.state != "undone").values(
    state="done", reason="", said=null(), receipt=given("sealed", LargeBinary), vendor_ids=given("ids"),
    changed_at=_now, recheck_at=given("recheck", DateTime(timezone=True))))
_was_done = update(operations).where(operations.c.state == "done")
UNDONE = _moved(_was_done.values(state="undone", reserved=null(), changed_at=_now))
FELL_THROUGH = _moved(_was_done.values(
    state="rejected", reason=given("reason"), reserved=null(), receipt=given("sealed", LargeBinary), changed_at=_now,
    recheck_at=null()))
RECHECKED = Statement(_was_done.where(_this).values(
    receipt=given("sealed", LargeBinary), recheck_at=case(
        (operations.c.recheck_at > _now, operations.c.recheck_at), else_=given("recheck", DateTime(timezone=True)))))
"""An event that came while it was looked at, after `now`, has it looked at again."""
TO_RECHECK = Statement(_whose.where(
    operations.c.ticket_id == given("ticket"), operations.c.state == "done", operations.c.recheck_at <= _now)
    .order_by(operations.c.created_at, operations.c.position, operations.c.id))
LOOK_NO_MORE = Statement(update(operations).where(
    operations.c.ticket_id == given("ticket"), operations.c.recheck_at.is_not(None),
    or_(given("person", Text).is_(None), operations.c.proposal_id.in_(
        select(proposals.c.id).where(proposals.c.person_id == given("person", Text)))),
).values(recheck_at=null()))
NOT_DONE = _moved(update(operations).where(_open, or_(
    given("frees", Boolean).is_(False), operations.c.reserved.is_not(None))).values(
    state=given("state"), reason=given("reason"), said=given("said", LargeBinary), reserved=null(), changed_at=_now,
    first_sent_at=case((given("state", Text).in_(("planned", "dropped")), None), else_=operations.c.first_sent_at)))
NOT_SETTLED = _moved(update(operations).where(_open).values(
    state=given("state"), reason=given("reason"), said=given("said", LargeBinary), changed_at=_now,
    receipt=func.coalesce(given("sealed", LargeBinary), operations.c.receipt)))
TRIED = Statement(update(operations).where(_this, _open).values(
    state=given("state"), attempts=operations.c.attempts + 1, changed_at=_now).returning(*_moving))

_here = select(
    func.coalesce(func.bool_or((operations.c.id == given("id")) & operations.c.state.not_in(("planned", "dropped"))),
                  false()).label("same"),
    func.coalesce(func.sum(operations.c.attempts), 0).label("attempts"),
).where(operations.c.ticket_id == given("ticket"), operations.c.kind == given("kind")).subquery()
_same_elsewhere = exists().where(
    operations.c.target == given("charge"), operations.c.kind == "refund", operations.c.ticket_id != given("ticket"),
    func.coalesce(operations.c.first_sent_at, operations.c.created_at) > given("month_ago"),
    operations.c.state.not_in(("planned", "dropped")))
_other_tickets = select(
    func.count().label("other_open_tickets"),
    func.coalesce(func.bool_or(tickets.c.about_money & (tickets.c.id < given("ticket"))), false())
    .label("older_money_ticket"),
).where(tickets.c.person_id == given("person"), tickets.c.is_open, tickets.c.id != given("ticket")).subquery()
_begun = and_(operations.c.id != given("but"), operations.c.state.in_(("sent", "unknown", "held", "done")))
_begun_refund = exists().where(
    operations.c.kind == "refund", operations.c.target == any_(given("charges", ARRAY(Text))), _begun)
_contact_changed = exists().where(
    operations.c.kind == "contact_change", operations.c.target == given("contact"), _begun,
    operations.c.changed_at > given("changed_since"))


def _sum(of: ColumnElement[int], *which: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(of).filter(and_(*which)), 0), BigInteger)


_customer, _desk = totals.c.kind == "customer", totals.c.kind == "desk"
_today, _currency = totals.c.day == given("today", Date), totals.c.currency == given("currency", Text)
_spent = select(
    _sum(totals.c.amount, _customer, _currency, _today).label("customer_day"),
    _sum(totals.c.amount, _customer, _currency).label("customer_30d"),
    _sum(totals.c["count"], _customer, _today).label("customer_day_refunds"),
    _sum(totals.c["count"], _customer).label("customer_30d_refunds"),
    func.json_object_agg(totals.c.currency, totals.c.amount).filter(_desk, totals.c.amount > 0).label("desk_day"),
).where(~totals.c.attended, or_(
    and_(_customer, totals.c.subject == given("customer"), totals.c.day >= given("first_day")),
    and_(_desk, totals.c.subject == "desk", _today))).subquery()

BEARING = Statement(select(
    _here.c.same.label("same_here"), _same_elsewhere.label("same_elsewhere"), _here.c.attempts,
    _begun_refund.label("begun_refund"), _contact_changed.label("contact_changed"),
    select(tickets.c.wanted).where(tickets.c.id == given("ticket")).scalar_subquery().label("wanted"),
    *_other_tickets.c, *_spent.c))

_new_total = upsert(totals)
_one_total = [totals.c.kind, totals.c.subject, totals.c.day, totals.c.currency, totals.c.attended]

LOCK_TOTALS = Statement(_new_total.values([
    {"kind": kind, "subject": subject, "day": FOREVER, "currency": currency, "attended": False}
    for kind, subject, currency in (("charge", given("charge"), given("currency")),
                                    ("customer", given("customer"), ANY), ("desk", "desk", ANY))
]).on_conflict_do_update(index_elements=_one_total, set_={"amount": totals.c.amount}))
"""Rows are taken one after the other, in this order; one that is not there is made."""

_amount, _times = given("amount", BigInteger), given("times", BigInteger)
_spending = upsert(spending)
_by_the_hour = _spending.values(
    action="refund", hour=given("hour"), currency=given("currency"), amount=func.greatest(_amount, 0),
    count=func.greatest(_times, 0),
).on_conflict_do_update(index_elements=spending.primary_key.columns, set_={
    "amount": func.greatest(spending.c.amount + _amount, 0),
    "count": func.greatest(spending.c["count"] + _times, 0)}).cte("by_the_hour")
COUNT = Statement(_new_total.values([
    {"kind": kind, "subject": subject, "day": day, "currency": given("currency"), "attended": given("attended"),
     "amount": func.greatest(_amount, 0), "count": func.greatest(_times, 0)}
    for kind, subject, day in (("charge", given("charge"), FOREVER), ("customer", given("customer"), given("day")),
                               ("desk", "desk", given("day")))
]).on_conflict_do_update(index_elements=_one_total, set_={
    "amount": func.greatest(totals.c.amount + _amount, 0),
    "count": func.greatest(totals.c["count"] + _times, 0)}).add_cte(_by_the_hour))
"""A day whose sums were swept stays at nothing when what it counted is taken off."""

SEEN_BY = "refund, seen"
"""Under this action stands what a person had seen of an hour when they resumed refunds in it."""
TRIPPED_BY = "refund, tripped"
"""Under this action stands the refund that tripped the breaker, until a person resumes."""
_of_refunds = spending.c.action == "refund"
SPENT = Statement(select(
    spending.c.hour, spending.c.currency, _sum(spending.c.amount, _of_refunds).label("amount"),
    _sum(spending.c.amount, ~_of_refunds).label("seen"),
).where(spending.c.action.in_(("refund", SEEN_BY)), spending.c.hour == any_(given(
    "hours", ARRAY(DateTime(timezone=True))))).group_by(spending.c.hour, spending.c.currency))
_anew = {"amount": _spending.excluded.amount, "count": _spending.excluded["count"]}
TRIPPED = Statement(_spending.values(
    action=TRIPPED_BY, hour=given("hour"), currency=given("currency"), amount=_amount, count=1,
).on_conflict_do_update(index_elements=spending.primary_key.columns, set_=_anew))
SEEN = Statement(_spending.from_select(["action", "hour", "currency", "amount", "count"], select(
    literal(SEEN_BY), given("hour", DateTime(timezone=True)), spending.c.currency, func.sum(spending.c.amount),
    func.sum(spending.c["count"]),
).where(or_(and_(_of_refunds, spending.c.hour == given("hour")), spending.c.action == TRIPPED_BY))
    .group_by(spending.c.currency)).on_conflict_do_update(index_elements=spending.primary_key.columns, set_=_anew))
"""What went out in the hour and what would have: the refund that tripped the breaker."""
UNTRIPPED = Statement(delete(spending).where(spending.c.action == TRIPPED_BY))
