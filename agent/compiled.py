"""Statements over our tables that are built once: running one costs its parameters, not its building."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from sqlalchemy import JSON, BindParameter, Connection, bindparam
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.crud import REQUIRED
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.types import TypeEngine

_DIALECT: Any = PGDialect_psycopg()  # type: ignore[no-untyped-call]

Row = dict[str, Any]


def given(name: str, type: type[TypeEngine[Any]] | TypeEngine[Any] | None = None) -> BindParameter[Any]:
    """A value that each run brings; the type is needed where no column beside it tells."""
    return bindparam(name, None, type)


def _cursor(connection: Connection) -> psycopg.Cursor[Row]:
    """One for all statements of a driver's connection, as each is read to its end before the next one runs."""
    kept = connection.info  # lives as long as the driver's connection
    if "cursor" not in kept:
        driver: Any = connection.connection.driver_connection
        kept["cursor"] = driver.cursor(row_factory=dict_row)
    cursor: psycopg.Cursor[Row] = kept["cursor"]
    return cursor


class Statement:
    """A Core expression as prepared SQL. It runs on the driver's connection, within the caller's transaction."""

    def __init__(self, expression: ClauseElement, columns: Iterable[str] | None = None) -> None:
        """`columns`: of a bare insert, those that each run brings."""
        compiled: Any = expression.compile(dialect=_DIALECT, column_keys=list(columns) if columns else None,
                                           compile_kwargs={"render_postcompile": True})
        self.sql = str(compiled)
        self._constants = {name: value for name, value in compiled.params.items()
                           if value is not None and value is not REQUIRED}
        self._json = [name for name in compiled.params
                      if name in compiled.binds and isinstance(compiled.binds[name].type, JSON)]

    def run(self, connection: Connection, **values: Any) -> int:
        """How many rows it touched or found."""
        return self._run(connection, values).rowcount

    def first(self, connection: Connection, **values: Any) -> Row | None:
        return self._run(connection, values).fetchone()

    def one(self, connection: Connection, **values: Any) -> Row:
        """The row that must be there. Raises LookupError."""
        row = self._run(connection, values).fetchone()
        if row is None:
            raise LookupError(self.sql)
        return row

    def all(self, connection: Connection, **values: Any) -> list[Row]:
        return self._run(connection, values).fetchall()

    def _run(self, connection: Connection, values: dict[str, Any]) -> psycopg.Cursor[Row]:
        """Raises what SQLAlchemy would raise, values left out: they may be what a customer wrote."""
        for name in self._json:
            if values[name] is not None:
                values[name] = Jsonb(values[name])
        try:
            return _cursor(connection).execute(self.sql, {**self._constants, **values}, prepare=True)
        except psycopg.Error as error:
            raise DBAPIError.instance(self.sql, None, error, psycopg.Error, hide_parameters=True,
                                      dialect=_DIALECT) from error
