from psycopg.sql import SQL
from sqlalchemy import text

TABLE = "events"
_ONE = "* from events where {which}"


def builds(c, name, value):
    # below: no-built-sql
    c.execute(f"select * from {name}")
    # below: no-built-sql
    c.execute(text(f"select * from events where id = {value}"))
    # below: no-built-sql
    c.execute("select * from events where id = '" + value + "'")
    # below: no-built-sql
    c.execute("select * from events where id = '%s'" % value)
    # below: no-built-sql
    c.execute("select * from events where id = {}".format(value))
    # below: no-built-sql
    c.execute(text("select " + _ONE.format(which=name)))
    # below: no-built-sql
    c.exec_driver_sql(f"drop table {name}")
    # below: no-built-sql
    c.execute(SQL(f"select * from {name}"))


def binds(c, name, value):
    c.execute("select * from events where id = %s", (value,))
    c.execute(text("select * from events where id = :id"), {"id": value})
    c.execute(text("select * from events " "where id = 1"))
    c.execute(text("select * from " + TABLE))
    c.execute(text("select " + _ONE.format(which="id = 1", why="x")))
    c.execute(text(f"{_ONE} for update"))
    c.execute(SQL("select * from {}").format(name))
    print(f"select one of {name}")
