from sqlalchemy import delete, insert, text, update

from agent import tables
from agent.tables import audit, waits


def rewrites_the_past(c):
    # below: audit-only-grows
    c.execute(update(audit).values(public={}))
    # below: audit-only-grows
    c.execute(delete(audit))
    # below: audit-only-grows
    c.execute(audit.delete())
    # below: audit-only-grows
    c.execute(tables.audit.update())
    # below: audit-only-grows
    c.execute(text("update audit set public = '{}'"))
    # below: audit-only-grows
    c.execute(text("DELETE FROM audit WHERE id = 1"))
    # below: audit-only-grows
    c.execute(text("truncate audit"))
    c.execute(update(waits).values(state="void"))
    c.execute(text("delete from audit_heads_sent"))
    c.execute(text("select * from audit for update"))


def begins_a_trail_of_its_own(c):
    # below: audit-begun-here
    c.execute(insert(audit).values(kind="x"))
    # below: audit-begun-here
    c.execute(audit.insert())
    # below: audit-begun-here
    c.execute(text("insert into audit (kind) values ('x')"))
    c.execute(insert(waits).values(state="open"))
