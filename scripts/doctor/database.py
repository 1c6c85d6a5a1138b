"""The database: reachable, new enough, with room, with our tables, and the one that belongs to these settings."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text

from agent import engine
from agent.database import Database, revision, revisions
from agent.vault import Vault, VaultError
from connectors.parts import Finding
from scripts.doctor.premises import Premises
from webhooks import inbox
from webhooks.app import POOL

FULL, FILLING = 0.02, 0.10
"""Shares of the disk left free, and what is never enough beside them."""
LEAST, LITTLE = 256 * 2**20, 2 * 2**30
"""Bytes."""
WORK = POOL + engine.CONNECTIONS
SERVE = WORK + inbox.CONNECTIONS
"""Connections that one `deskhand work` and one `deskhand serve` open at most."""
SCHEMA = "tables"


def reachable(premises: Premises) -> Iterator[Finding]:
    if premises.database is not None:
        with premises.database.engine.connect() as c:
            server = str(c.execute(text("show server_version")).scalar_one()).partition(" ")[0]
        whose = "The embedded one" if premises.database.embedded else "Your own"
        yield Finding("database", "green", f"{whose} answers; it is PostgreSQL {server}.")
    elif premises.no_database:
        yield Finding("database", "red", premises.no_database, "Mend this first; most other checks need it.")
    else:
        yield Finding("database", "yellow", f"There is none yet in {premises.data}.",
                      "deskhand serve or deskhand policy publish makes it at its first start.")


def disk(premises: Premises) -> Iterator[Finding]:
    """Of the embedded database; where your own server keeps its files cannot be seen from here."""
    if premises.env.get("DESKHAND_DATABASE_URL", "").strip():
        yield Finding("disk", "green", "The database is on a server of your own, whose disk cannot be seen from here.")
        return
    total, free = premises.space(premises.data)
    says = f"{_size(free)} of {_size(total)} are free where the database is ({premises.data})."
    mend = f"Make room on the disk of {premises.data}, or move the folder and set DESKHAND_DATA."
    if free < LEAST or free < total * FULL:
        yield Finding("disk", "red", says, mend)
    elif free < LITTLE or free < total * FILLING:
        yield Finding("disk", "yellow", says, mend)
    else:
        yield Finding("disk", "green", says)


def _size(count: float) -> str:
    return f"{count / 2**30:,.1f} GB"


def connections(database: Database) -> Iterator[Finding]:
    with database.engine.connect() as c:
        most, used = c.execute(text("select current_setting('max_connections')::int - "
                                    "current_setting('superuser_reserved_connections')::int, count(*) "
                                    "from pg_stat_activity where backend_type = 'client backend'")).one()
    yield room(most - used, most)


def room(left: int, most: int) -> Finding:
    """Judges whether one more `deskhand serve` would find enough."""
    says = f"{left} of {most} connections are left."
    if left >= SERVE:
        return Finding("connections", "green", says)
    return Finding("connections", "red" if left < 2 else "yellow", says, "Raise max_connections of the server, or let "
                   "fewer programs and deskhand processes hold some.")


def pooler(database: Database) -> Iterator[Finding]:
    """A pooler makes up the process number it tells (PgBouncer docs, "Query cancellation")."""
    with database.engine.connect() as c:
        told = c.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
        own = c.execute(text("select pg_backend_pid()")).scalar_one()
    yield pooled(told, own)


def pooled(told: int, own: int) -> Finding:
    """Judges what the connection said when it was made against what the server says of itself."""
    if told == own:
        return Finding("pooler", "green", "The connection is a direct one.")
    return Finding("pooler", "yellow", "A connection pooler stands in front of the database: tickets are then woken "
                   "with the next poll, up to a second later, and session locks may not hold.",
                   "Let DESKHAND_DATABASE_URL name the server itself, or a pooler in session mode.")


def usable(database: Database) -> bool:
    """The tables are those of this Deskhand, so that its questions can be asked."""
    with database.engine.connect() as c:
        return revision(c) == list(revisions())[-1]


def tables(database: Database) -> Iterator[Finding]:
    known = list(revisions())
    with database.engine.connect() as c:
        found = revision(c)
    if found is None:
        yield Finding(SCHEMA, "yellow", "The database holds no tables yet.",
                      "deskhand serve or deskhand policy publish makes them at its first start.")
    elif found not in known:
        yield Finding(SCHEMA, "red", f"The tables were made by a newer Deskhand (revision {found}).",
                      "Install the newest version you have used with this database, and start that one.")
    elif found != known[-1]:
        steps = len(known) - 1 - known.index(found)
        yield Finding(SCHEMA, "yellow", f"The tables are {steps} migration{'s' if steps > 1 else ''} behind ({found}, "
                      f"newest is {known[-1]}).", "Run deskhand backup FILE, then deskhand database upgrade; deskhand "
                      "serve does that by itself when it starts.")
    else:
        yield Finding(SCHEMA, "green", f"They are up to date ({found}).")


def opens(premises: Premises, database: Database) -> Iterator[Finding]:
    """Whether the secret key is the one that this database was used with; makes no key."""
    secret = premises.env.get("DESKHAND_SECRET_KEY", "")
    with database.engine.connect() as c:
        used = c.execute(text("select 1 from people where id = 'installation'")).first()
    if used is None or not secret.strip():
        return
    try:
        Vault(secret).prepare(database.engine)
    except VaultError as error:
        yield Finding("secret key", "red", str(error), "Put the value of DESKHAND_SECRET_KEY that was used before back "
                      "into .env; without it nothing personal in this database can be read.", "guardrails")


def accounts(premises: Premises, database: Database) -> Iterator[Finding]:
    """One installation is for one helpdesk and one payment account."""
    ours = {name: getattr(one, "account", "") for name, one in premises.helpdesks().items()}
    payments = premises.read.own.stripe_account_id if premises.read.own else None
    if payments:
        ours["stripe"] = payments
    with database.engine.connect() as c:
        held = c.execute(text("select vendor, account from tickets group by 1, 2 union "
                              "select vendor, account from events where vendor <> 'zendesk' group by 1, 2")).all()
    strange = sorted(f"{row.vendor} {row.account}" for row in held
                     if row.account and row.vendor in ours and row.account != ours[row.vendor])
    if strange:
        now = " and ".join(f"{vendor} {account}" for vendor, account in sorted(ours.items()))
        yield Finding("accounts", "red", f"The database holds tickets and events of {', '.join(strange)}, and the "
                      f"settings name {now}.", "Give each account an installation of its own: another DESKHAND_DATA or "
                      "DESKHAND_DATABASE_URL.", "guardrails")
    else:
        yield Finding("accounts", "green", "Everything in the database is of the accounts that are set.", "",
                      "guardrails")
