"""Somebody who owns the database changes the trail, in every way, at hundreds of places: is it found?

The heads that a keeper outside has are all they cannot touch. Each change is undone before the next one.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import Connection, Engine, bindparam, select, text, update

from agent import audit
from agent.audit import checking, export
from agent.audit.heads import Head, Signing, kept, make
from agent.tables import audit as rows
from scripts.audit import verify_export
from tests.journeys.office import POLICY as SHIPPED
from tests.journeys.office import Office, execute, refund

SIGNING = Signing("a secret for tests that is long enough")
HEAD_EVERY = 50
"""Less than a worker would: days pass between tickets, and more than 100 rows without a head would be told of."""
LEAST_HEADS = 2
CONTROL = 2
"""Untouched trails that must count as whole, before and after."""
FIELDS = ("public = public || '{\"amount\": 1}'", "kind = kind || '.not'", "at = at + interval '1 second'",
          "operation_id = 'op-other'", "ticket_id = null, public = public || '{\"by\": \"nobody\"}'")
PUBLICATION = ("published_by = 'mallory'", "second = coalesce(second, '') || 'mallory'",
               "published_at = published_at - interval '1 day'", "rolled_back_to = version", "digest = md5(digest)",
               "text = text || '# '", "never = never || '# '")
DECISION = (
    "facts = facts || '{\"evidence\": \"E4\"}'", "facts = facts || '{\"amount\": 1}'", "facts = facts - 'claim'",
    "operation_id = operation_id || 'x'", "action = 'contact_change'", "outcome = outcome || 'not'",
    "confirm = not confirm", "approve_by = coalesce(approve_by, '') || 'lead'", "mode = mode || 'not'", "rules = '[]'",
    "missing = missing || '[\"claim\"]'", "policy = policy || 'x'", "policy_version = policy_version + 1",
    "policy_digest = md5(policy_digest)", "decided_at = decided_at - interval '1 day'", "customer = customer || 'x'",
    *(f"{other} = (select max(o.{other}) from decisions o where o.{other} <> decisions.{other})"  # noqa: S608 - ours
      for other in ("ticket_id", "proposal_id")))
PUBLISHED_EACH = 3
"""Publications before each ticket: of one there are as many changes as it has columns, and each shall be another."""



@dataclass
class Trail:
    """A chained trail of whole tickets, and its heads as a keeper outside has them."""

    office: Office
    size: int
    outside: list[Head]

    @property
    def engine(self) -> Engine:
        return self.office.engine


@dataclass
class Tally:
    tried: Counter[str] = field(default_factory=Counter)
    states: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    """By kind, what came of the changes: two that leave the same behind are one."""
    by_verify: Counter[str] = field(default_factory=Counter)
    by_file: Counter[str] = field(default_factory=Counter)
    by_chain: Counter[str] = field(default_factory=Counter)
    """By the chain alone, without any head: why heads are kept."""
    whole: int = 0
    missed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Behind:
    """Rows that no head outside vouches for yet, cut off with all that only they name."""

    rows: int
    found: int
    """Of so many cuts, one before each of these rows."""
    one_more: bool
    """A cut that takes the row of the last head outside as well is found."""


@dataclass(frozen=True)
class Withheld:
    """Rows that no head outside vouches for after a day, each changed in its turn and chained anew from there."""

    rows: int
    whole_by_verify: int
    whole_by_file: int


def lived(engine: Engine, places: int) -> Trail:
    """Tickets are worked on until the trail has room for so many places; a head is signed every fifty rows or so."""
    office = Office(engine)
    office.planner.always = lambda case: {"actions": [refund("c2", quote="please refund the second one")]}  # type: ignore[attr-defined]
    size, tickets, headed = 0, 0, [0]
    while size <= places or len(headed) < LEAST_HEADS + 1:
        _a_day(office, tickets := tickets + 1)
        with engine.begin() as c:
            audit.seal_chain(c)
            size, _ = audit.head(c)
            if size - headed[-1] >= min(HEAD_EVERY, places) or size > places:
                make(c, SIGNING, office.clock())
                headed.append(size)
    with engine.begin() as c:
        return Trail(office, size, [head for _, head in kept(c)])


def _a_day(office: Office, number: int) -> None:
    """Policies are published, a new customer gets back what they paid twice, and now and then the rest by hand."""
    for n in range(PUBLISHED_EACH):
        office.publish(f"{execute(SHIPPED)}\n# {number}.{n}\n")
    email, customer = f"p{number}@example.com", f"cus_p{number}"
    office.stripe.load({"customers": [{"id": customer, "email": email}]}, office.clock())
    first, _ = (office.charge(1800 + number, email=email, customer=customer, ago=ago) for ago in ("-2h", "-110m"))
    office.handle(email=email)
    office.settle(hours=2)
    if number % 2:
        office.happens("stripe", "dashboard_refund", charge=first)
    office.clock.forward(days=1)


def change_a_field(c: Connection, at: int, size: int, dice: random.Random) -> None:
    c.execute(text(f"update audit set {FIELDS[at % len(FIELDS)]} where position = :at"), {"at": at})  # noqa: S608 - ours


def change_sealed_bytes(c: Connection, at: int, size: int, dice: random.Random) -> None:
    """One bit of what is encrypted; where nothing was, something."""
    sealed = c.execute(text("select sealed from audit where position = :at"), {"at": at}).scalar_one()
    changed = bytearray(sealed or b"nothing was here")
    changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    c.execute(text("update audit set sealed = :changed where position = :at"), {"at": at, "changed": bytes(changed)})


def delete(c: Connection, at: int, size: int, dice: random.Random) -> None:
    c.execute(text("delete from audit where position = :at"), {"at": at})


def insert(c: Connection, at: int, size: int, dice: random.Random) -> None:
    """A row after this one, with a hash that fits it; those behind it move up."""
    _move(c, at + 1, size, +1)
    c.execute(text("insert into audit (id, at, kind, public, position, previous, hash) overriding system value "
                   "select 1000000 + :at, at, 'operation.done', '{\"action\": \"refund\"}', :place, hash, hash "
                   "from audit where position = :at"), {"at": at, "place": at + 1})
    made = c.execute(select(rows).where(rows.c.position == at + 1)).mappings().one()
    c.execute(update(rows).where(rows.c.position == at + 1).values(hash=audit.link(made["previous"], at + 1, made)))


def reorder(c: Connection, at: int, size: int, dice: random.Random) -> None:
    """This row and another change places, all else stays with its row."""
    other = dice.choice(range(at + 1, size + 1) or range(1, at))
    c.execute(text("update audit set position = -1 where position = :at"), {"at": at})
    c.execute(text("update audit set position = :at where position = :other"), {"at": at, "other": other})
    c.execute(text("update audit set position = :other where position = -1"), {"other": other})


def truncate_the_end(c: Connection, at: int, size: int, dice: random.Random) -> None:
    """Everything from this row on goes, the decisions and policies that only it names, and the heads in the database
    with it."""
    c.execute(text("set local session_replication_role = replica"))
    for table, key, kind, name in (("decisions", "id", "decision.made", "decision"),
                                   ("policies", "version", "policy.published", "version")):
        c.execute(text(f"delete from {table} where {key} in (select (public->>'{name}')::bigint from audit "  # noqa: S608 - ours
                       "where kind = :kind and position >= :at)"), {"kind": kind, "at": at})
    c.execute(text("delete from audit where position >= :at"), {"at": at})
    c.execute(text("delete from audit_heads where position >= :at"), {"at": at})


def reseal(c: Connection, at: int, size: int, dice: random.Random) -> None:
    """One field is changed and the chain built anew from there; the heads in the database are taken away."""
    change_a_field(c, at, size, dice)
    previous = c.execute(text("select previous from audit where position = :at"), {"at": at}).scalar_one()
    made = []
    for row in c.execute(select(rows).where(rows.c.position >= at).order_by(rows.c.position)).mappings():
        hash = audit.link(previous, row["position"], row)
        made.append({"row": row["id"], "before": previous, "sum": hash})
        previous = hash
    c.execute(update(rows).where(rows.c.id == bindparam("row")).values(
        previous=bindparam("before"), hash=bindparam("sum")), made)
    c.execute(text("delete from audit_heads where position >= :at"), {"at": at})


def change_a_decision(c: Connection, at: int, size: int, dice: random.Random) -> None:
    """What was decided, by what, on which facts, and when; the chain's rows stay as they are."""
    _change_one(c, "decisions", "id", DECISION, at)


def change_a_publication(c: Connection, at: int, size: int, dice: random.Random) -> None:
    """A policy's words, who published it, who agreed, when, and what it went back to."""
    _change_one(c, "policies", "version", PUBLICATION, at)


def _change_one(c: Connection, table: str, key: str, changes: Sequence[str], at: int) -> None:
    """Another row or another column at every place, for as long as there are any."""
    rows = c.execute(text(f"select {key} from {table} order by {key}")).scalars().all()  # noqa: S608 - ours
    change = changes[at // len(rows) % len(changes)]
    c.execute(text(f"update {table} set {change} where {key} = :row"), {"row": rows[at % len(rows)]})  # noqa: S608 - ours


def _move(c: Connection, first: int, size: int, by: int) -> None:
    c.execute(text("update audit set position = -position where position between :first and :size"),
              {"first": first, "size": size})
    c.execute(text("update audit set position = -position + :by where position < 0"), {"by": by})


KINDS: dict[str, Callable[[Connection, int, int, random.Random], None]] = {
    "a field changed": change_a_field, "sealed bytes changed": change_sealed_bytes, "a row deleted": delete,
    "a row inserted": insert, "rows in another order": reorder, "the end cut off": truncate_the_end,
    "the chain built anew after a change": reseal, "a decision changed": change_a_decision,
    "a policy's publication changed": change_a_publication}
"""The seven of the threats, and what the trail is about."""


@contextmanager
def _owned(trail: Trail) -> Iterator[Connection]:
    """As who owns the database has it; all is undone afterwards."""
    with trail.engine.connect() as c, c.begin() as undone:
        c.execute(text("alter table audit disable trigger user"))
        c.execute(text("alter table policies disable trigger user"))
        yield c
        undone.rollback()


def tampered(trail: Trail, places: Sequence[int], seed: int, step: Callable[[], object] = lambda: None) -> Tally:
    """Tries every kind at every place; each time both readers look."""
    tally, dice = Tally(), random.Random(seed)
    with _owned(trail) as c:
        tally.whole += _whole(c, trail)
        for name, change in KINDS.items():
            for at in places:
                with c.begin_nested() as undone:
                    change(c, at, trail.size, dice)
                    _look(c, trail, name, at, tally)
                    undone.rollback()
                step()
        tally.whole += _whole(c, trail)
    return tally


def behind_the_last_head(trail: Trail) -> Behind:
    """The newest head has not come to the keeper yet: what is cut off behind the one before it?"""
    outside = trail.outside[:-1]
    late = replace(trail, outside=outside)
    last, found = outside[-1].position, []
    with _owned(trail) as c:
        for at in range(last, trail.size + 1):
            with c.begin_nested() as undone:
                truncate_the_end(c, at, trail.size, random.Random(at))
                found.append(_verified(c, late) or _by_the_file(_exported(c, late), late) == 1)
                undone.rollback()
    return Behind(trail.size - last, sum(found[1:]), found[0])


def withheld(trail: Trail) -> Withheld:
    """The heads of a day come to nothing in the database, and none leaves it: what does a check still call whole?"""
    late = replace(trail, outside=trail.outside[:-1])
    places, verify, file = range(late.outside[-1].position + 1, trail.size + 1), 0, 0
    with _owned(trail) as c:
        for at in places:
            with c.begin_nested() as undone:
                reseal(c, at, trail.size, random.Random(at))
                verify += _called_whole(c, late)
                file += _by_the_file(_exported(c, late), late) == 0
                undone.rollback()
    return Withheld(len(places), verify, file)


def _look(c: Connection, trail: Trail, name: str, at: int, tally: Tally) -> None:
    lines = _exported(c, trail)
    tally.tried[name] += 1
    tally.states[name].add(hashlib.sha256(b"".join(lines)).digest())
    tally.by_chain[name] += bool(audit.verify(c))
    found = {"verify": _verified(c, trail), "the single file": _by_the_file(lines, trail) == 1}
    tally.by_verify[name] += found["verify"]
    tally.by_file[name] += found["the single file"]
    tally.missed += [f"{name} at row {at}, by {who}" for who, saw in found.items() if not saw]


def _whole(c: Connection, trail: Trail) -> bool:
    return _called_whole(c, trail) and _by_the_file(_exported(c, trail), trail) == 0


def _called_whole(c: Connection, trail: Trail) -> bool:
    found = checking.check(c, trail.outside, SIGNING.public, trail.office.clock())
    return not (found.problems or found.gaps or found.behind or found.left)


def _verified(c: Connection, trail: Trail) -> bool:
    """Whether `deskhand audit verify` finds something in the database."""
    return bool(checking.check(c, trail.outside, SIGNING.public, trail.office.clock()).problems)


def _exported(c: Connection, trail: Trail) -> list[bytes]:
    """What is there now."""
    lines: list[bytes] = []
    now = max(head.at for head in trail.outside) + timedelta(days=1)
    export.write(c, lines.append, deskhand="test", now=now, part=export.part(c), signing=SIGNING)
    return lines


def _by_the_file(lines: list[bytes], trail: Trail) -> int:
    """The single file's exit code on this export."""
    return verify_export.check(lines, [head.line().encode() for head in trail.outside], SIGNING.public,
                               lambda words: None)


def same_everywhere(trail: Trail) -> str:
    """The digest of the trail, to see that nothing was left changed."""
    with trail.engine.connect() as c:
        return hashlib.sha256(b"".join(c.execute(select(rows.c.hash).order_by(rows.c.position)).scalars())).hexdigest()
