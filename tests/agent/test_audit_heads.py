"""The signed head: due in time, checked by anyone with the public key, and proof against a chain built anew."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, select, text, update

from agent import audit
from agent.audit.heads import EVERY, Head, Signing, compare, kept, make, make_due, read_lines, signed_text
from agent.tables import audit as rows

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SIGNING = Signing("a secret of ours")


def write(c: Connection, how_many: int) -> None:
    for number in range(how_many):
        audit.record(c, kind="refund.done", ticket=None, operation=f"op-{number}", at=NOW, public={"amount": number})
    audit.seal_chain(c)


def build_anew(c: Connection) -> None:
    """What somebody who may write to the database can do: every hash fits again."""
    c.execute(text("set local session_replication_role = replica"))
    previous = audit.START
    for row in c.execute(select(rows).order_by(rows.c.position)).mappings().all():
        hash = audit.link(previous, row["position"], row)
        c.execute(update(rows).where(rows.c.id == row["id"]).values(previous=previous, hash=hash))
        previous = hash
    c.execute(text("alter table audit enable trigger user"))


def test_the_first_row_makes_a_head_due_and_an_empty_trail_none(engine: Engine) -> None:
    with engine.begin() as c:
        assert make_due(c, SIGNING, NOW) is None
        write(c, 1)
        made = make_due(c, SIGNING, NOW)
    assert made is not None
    assert made.position == 1


@pytest.mark.parametrize(("more", "later", "due"), [
    (0, EVERY * 9, False), (1, EVERY - timedelta(seconds=1), False), (1, EVERY, True), (99, timedelta(0), False),
    (100, timedelta(0), True), (1, -timedelta(seconds=30), False), (1, -EVERY, True)])
def test_a_head_is_due_after_a_hundred_rows_or_ten_minutes_with_something_new_also_where_a_clock_was_ahead(
        engine: Engine, more: int, later: timedelta, due: bool) -> None:
    with engine.begin() as c:
        write(c, 5)
        assert make_due(c, SIGNING, NOW) is not None
        write(c, more)
        assert (make_due(c, SIGNING, NOW + later) is not None) is due


def test_a_signature_is_over_place_hash_and_time() -> None:
    head = SIGNING.head(7, b"\x01" * 32, NOW)
    assert head.signed_by(SIGNING.public)
    for changed in (Head(8, head.hash, NOW, head.signatures), Head(7, b"\x02" * 32, NOW, head.signatures),
                    Head(7, head.hash, NOW + timedelta(seconds=1), head.signatures)):
        assert not changed.signed_by(SIGNING.public)
    assert not head.signed_by(Signing("another secret").public)
    assert signed_text(7, b"\x01" * 32, NOW) == (
        b"deskhand audit head 1\n7\n" + b"01" * 32 + b"\n2026-11-21T04:00:00+00:00")


def test_while_the_secret_is_changed_both_keys_sign() -> None:
    old, both = Signing("old"), Signing("new, old")
    head = both.head(1, bytes(32), NOW)
    assert head.signed_by(old.public)
    assert head.signed_by(Signing("new").public)
    assert both.public == [*Signing("new").public, *old.public]


def test_a_line_of_a_keeper_reads_back_as_the_head_and_a_broken_line_is_counted() -> None:
    head = SIGNING.head(7, b"\x01" * 32, NOW)
    assert read_lines([head.line(), "", "{}", "nothing"]) == ([head], 2)


def test_heads_of_an_untouched_chain_fit(engine: Engine) -> None:
    with engine.begin() as c:
        write(c, 5)
        make(c, SIGNING, NOW)
        write(c, 3)
        make(c, SIGNING, NOW)
        found = compare(c, [head for _, head in kept(c)], SIGNING.public)
    assert (found.problems, found.used, found.upto) == ([], 2, 8)


def test_a_chain_that_was_built_anew_or_cut_off_does_not_fit_its_heads(engine: Engine) -> None:
    with engine.begin() as c:
        write(c, 5)
        head = make(c, SIGNING, NOW)
        c.execute(text("set local session_replication_role = replica"))
        c.execute(text("update audit set public = '{\"amount\": 1}' where position = 3"))
        build_anew(c)
        assert audit.verify(c) == []
        assert compare(c, [head], SIGNING.public).problems == [
            "row 5 is another than the head of 2026-11-21T04:00:00+00:00 says: the chain was built anew"]
        c.execute(text("set local session_replication_role = replica"))
        c.execute(text("delete from audit where position > 3"))
        assert compare(c, [head], SIGNING.public).problems == [
            "the head of 2026-11-21T04:00:00+00:00 says 5 rows, and row 5 is not there: rows were cut off"]


def test_a_head_that_somebody_else_signed_proves_nothing_and_a_wrong_signature_is_a_problem(engine: Engine) -> None:
    with engine.begin() as c:
        write(c, 2)
        theirs = Signing("theirs").head(2, bytes(32), NOW)
        forged = Head(2, bytes(32), NOW, {SIGNING.public[0]: "00" * 64})
        found = compare(c, [theirs, forged], SIGNING.public)
    assert (found.unknown, found.used) == (1, 0)
    assert found.problems == ["the head at row 2 of 2026-11-21T04:00:00+00:00 has a wrong signature"]


def test_the_canonical_form_is_what_the_docstring_says(engine: Engine) -> None:
    with engine.begin() as c:
        audit.record(c, kind="note", ticket=None, operation=None, at=NOW, sealed=b"x",
                     public={"b": "größer \"1\"\n", "a": [1, None]})
        audit.seal_chain(c)
        row = c.execute(select(rows)).mappings().one()
    said = audit.content(1, row).decode()
    assert said == ('{"at":"2026-11-21T04:00:00+00:00","id":' + str(row["id"]) + ',"kind":"note","operation":null,'
                    '"position":1,"public":{"a":[1,null],"b":"größer \\"1\\"\\n"},"sealed":"'
                    + hashlib.sha256(b"x").hexdigest() + '","ticket":null}')
    assert row["hash"] == hashlib.sha256(bytes(32) + said.encode()).digest()
