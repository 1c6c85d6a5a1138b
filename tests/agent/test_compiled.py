"""Built statements behave as SQLAlchemy's own: same transaction, same errors, nothing personal in an error's words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import IntegrityError

from agent.compiled import Statement, given
from agent.database import connect_engine
from agent.tables import people, switches

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEEP = Statement(insert(people), columns=("id", "wrapped", "created_at"))
THERE = Statement(select(people.c.id).where(people.c.id == given("id")))


def test_what_is_rolled_back_was_never_there(engine: Engine) -> None:
    with engine.connect() as connection:
        KEEP.run(connection, id="dana", wrapped=b"key", created_at=NOW)
        assert THERE.first(connection, id="dana") == {"id": "dana"}
        connection.rollback()
    with engine.begin() as connection:
        assert THERE.first(connection, id="dana") is None


def test_an_error_is_sqlalchemys_and_does_not_show_what_was_written(engine: Engine) -> None:
    with engine.begin() as connection:
        KEEP.run(connection, id="dana", wrapped=None, created_at=NOW)
    with pytest.raises(IntegrityError) as failure, engine.begin() as connection:
        KEEP.run(connection, id="dana", wrapped=b"dana's secret", created_at=NOW)
    assert "secret" not in str(failure.value)
    with engine.begin() as connection:
        assert THERE.one(connection, id="dana")


def test_a_row_that_must_be_there_and_is_not_is_an_error(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(LookupError):
        THERE.one(connection, id="nobody")


def test_constants_of_the_expression_need_not_be_brought(engine: Engine) -> None:
    paused = Statement(select(switches.c.action).where(switches.c.reason.in_(("fraud", "error")), switches.c.paused))
    with engine.begin() as connection:
        connection.execute(insert(switches).values(action="refund", paused=True, reason="fraud", by="mia", at=NOW))
        assert paused.all(connection) == [{"action": "refund"}]


def test_a_connection_that_the_server_closed_meanwhile_is_replaced_unnoticed(engine: Engine) -> None:
    with engine.begin() as connection:
        KEEP.run(connection, id="dana", wrapped=b"key", created_at=NOW)
        doomed = connection.execute(text("select pg_backend_pid()")).scalar_one()
    other = connect_engine(engine.url.render_as_string(hide_password=False))
    with other.begin() as killer:
        assert killer.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": doomed}).scalar_one()
    other.dispose()
    with engine.begin() as connection:
        assert THERE.one(connection, id="dana")
        assert connection.execute(text("select pg_backend_pid()")).scalar_one() != doomed
