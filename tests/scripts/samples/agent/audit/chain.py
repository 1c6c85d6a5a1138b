from sqlalchemy import insert, update

from agent.tables import audit


def the_trail_writes_itself(c):
    c.execute(insert(audit).values(kind="x"))
    c.execute(update(audit).values(position=1))
