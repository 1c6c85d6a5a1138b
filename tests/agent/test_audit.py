"""The audit grows and is chained; whoever changes, moves or removes a row is found out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import ProgrammingError

from agent import audit
from agent.tables import audit as rows

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def write(connection: Connection, number: int, sealed: bytes | None = None) -> None:
    audit.record(connection, kind="refund.done", ticket=None, operation=f"op-{number}", at=NOW,
                 public={"amount": number * 100, "currency": "EUR", "rules": ["auto", "größer"]}, sealed=sealed)


@pytest.fixture
def chained(engine: Engine) -> Engine:
    with engine.begin() as connection:
        for number in range(1, 6):
            write(connection, number, sealed=bytes([number]) * 20)
        assert audit.seal_chain(connection) == 5
    return engine


def tamper(engine: Engine, sql: str) -> list[str]:
    """What verify says after the owner of the database switched the guard off and changed something."""
    with engine.begin() as connection:
        connection.execute(text("alter table audit disable trigger user"))
        connection.execute(text(sql))
        connection.execute(text("alter table audit enable trigger user"))
        return audit.verify(connection)


def test_an_untouched_chain_has_no_problems(chained: Engine) -> None:
    with chained.begin() as connection:
        assert audit.verify(connection) == []
        assert audit.head(connection)[0] == 5


def test_rows_are_chained_in_order_and_go_on_from_the_last(chained: Engine) -> None:
    with chained.begin() as connection:
        write(connection, 6)
        assert audit.seal_chain(connection) == 1
        assert audit.seal_chain(connection) == 0
        places = connection.execute(select(rows.c.position, rows.c.operation_id).order_by(rows.c.position)).all()
        assert [tuple(place) for place in places] == [(n, f"op-{n}") for n in range(1, 7)]
        assert audit.verify(connection) == []


def test_eight_that_chain_at_once_make_one_chain(engine: Engine) -> None:
    def both(number: int) -> None:
        with engine.begin() as connection:
            write(connection, number)
        with engine.begin() as connection:
            audit.seal_chain(connection)

    with ThreadPoolExecutor(8) as together:
        list(together.map(both, range(40)))
    with engine.begin() as connection:
        assert audit.verify(connection) == []
        assert audit.head(connection)[0] == 40


@pytest.mark.parametrize(("change", "found"), [
    ("update audit set public = '{\"amount\": 1}' where position = 3", "row 3 (refund.done) was changed"),
    ("update audit set at = at + interval '1 s' where position = 3", "row 3 (refund.done) was changed"),
    ("update audit set kind = 'note' where position = 3", "row 3 (note) was changed"),
    ("update audit set operation_id = null where position = 3", "row 3 (refund.done) was changed"),
    ("update audit set sealed = '\\x00' where position = 3", "row 3 (refund.done) was changed"),
    ("update audit set sealed = null where position = 3", "row 3 (refund.done) was changed"),
    ("update audit set hash = '\\x00' where position = 3", "row 3 (refund.done) was changed"),
    ("update audit set previous = '\\x00' where position = 3", "row 3 does not follow the row before it"),
    ("delete from audit where position = 3", "rows 3 to 3 are missing"),
    ("delete from audit where position = 1", "rows 1 to 1 are missing"),
])
def test_a_change_behind_our_back_is_found(chained: Engine, change: str, found: str) -> None:
    assert found in tamper(chained, change)


def test_two_rows_that_changed_places_are_found(chained: Engine) -> None:
    problems = tamper(chained, """
        update audit set position = -2 where position = 2;
        update audit set position = 2 where position = 4;
        update audit set position = 4 where position = -2""")
    assert "row 2 (refund.done) was changed" in problems
    assert "row 4 (refund.done) was changed" in problems


@pytest.mark.parametrize("change", [
    "update audit set public = '{}' where position = 1",
    "update audit set position = 9 where position = 1",
    "delete from audit where position = 1",
    "truncate audit",
    "update audit set kind = 'x', position = 6, previous = '\\x00', hash = '\\x00' where position is null",
    "update audit set position = 6 where position is null",
    "delete from audit where position is null",
])
def test_the_database_itself_refuses_to_change_the_audit(chained: Engine, change: str) -> None:
    with chained.begin() as connection:
        write(connection, 6)
    with pytest.raises(ProgrammingError, match="the audit only grows"), chained.begin() as connection:
        connection.execute(text(change))


def test_a_row_that_was_rolled_back_was_never_there(chained: Engine) -> None:
    with chained.connect() as connection:
        write(connection, 6)
        connection.rollback()
    with chained.begin() as connection:
        assert audit.seal_chain(connection) == 0
        assert audit.verify(connection) == []

