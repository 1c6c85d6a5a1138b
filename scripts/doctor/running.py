"""What is in force and how the work goes: policy, pauses, workers, tickets that wait, operations that are held."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import click
from sqlalchemy import Connection, text

from agent import audit, engine, held, retention, switch
from agent.database import Database
from agent.endings import RESOLVE
from agent.policy import Policy, PolicyUnusable
from agent.policy.never import load_never
from agent.policy.proof import prove
from agent.published import Published, newest_version
from agent.publishing import draft
from agent.statements import ANY
from connectors.contract import KeepsHeads
from connectors.parts import Dimension, Finding, Level
from scripts.doctor.premises import Premises
from scripts.policy.sources import source

SEEN = timedelta(minutes=1)
LATE, VERY_LATE = timedelta(minutes=1), timedelta(minutes=10)
"""How long a ticket may wait for a worker."""
LATE_HEAD = timedelta(hours=1)
PUBLISH = "deskhand policy publish --by NAME"
RAIL: Dimension = "guardrails"
MODES = {"off": "not done at all; a person does it", "shadow": "decided and recorded, nothing is written",
         "draft": "prepared, and carried out once a colleague approves", "execute": "carried out as the policy says"}


def unpublished(premises: Premises) -> Iterator[Finding]:
    """Of an installation without a database."""
    yield Finding("policy", "red", "No policy is in force: without a database nothing is published.",
                  f"Publish one: {PUBLISH}.", RAIL)


def policy(database: Database) -> Iterator[Finding]:
    """Published, readable, proven against its never.yaml, and what each action's mode is."""
    with database.engine.connect() as c:
        published = Published()
        problem, in_force, version = published.problem(c), published.newest(c), newest_version(c)
    if in_force is None or version is None:
        yield Finding("policy", "red", f"No policy is in force: {problem}.", f"Publish one: {PUBLISH}.", RAIL)
        return
    yield _proven(in_force, version.never, version.version)
    for name, row in in_force.actions.items():
        yield Finding(f"mode of {name}", "green", f"{MODES[row.mode]} ({row.mode}).", "", RAIL)


def _proven(in_force: Policy, never_text: str, version: int) -> Finding:
    try:
        broken = prove(in_force, load_never(never_text))
    except PolicyUnusable as error:
        return Finding("policy", "red", f"The never.yaml of version {version} cannot be read ({error.mistakes[0]}).",
                       f"Publish it anew: {PUBLISH}.", RAIL)
    if broken:
        entries = ", ".join(dict.fromkeys(one.entry for one in broken))
        return Finding("policy", "red", f"Version {version} of the policy breaks never.yaml: {entries}.",
                       "Stop with deskhand pause --by NAME, mend the draft with deskhand policy prove, and publish it.",
                       RAIL)
    return Finding("policy", "green", f"Version {version} is published and proven against its never.yaml.", "", RAIL)


def drafts(premises: Premises, database: Database) -> Iterator[Finding]:
    """The files in the policy folder are drafts of the next version."""
    folder = premises.env.get("DESKHAND_POLICY", "").strip()
    if not folder:
        return
    try:
        draft_of = source(str(premises.folder / folder))
        with database.engine.connect() as c:
            made = draft(c, draft_of.text, draft_of.never_text)
    except (PolicyUnusable, click.ClickException) as error:
        why = error.mistakes[0] if isinstance(error, PolicyUnusable) else error.message
        yield Finding("drafts", "yellow", f"The draft cannot be read: {why}",
                      "Mend it; deskhand policy check names every mistake. What is published stays in force.", RAIL)
        return
    if made.counterexamples:
        entries = ", ".join(dict.fromkeys(one.entry for one in made.counterexamples))
        yield Finding("drafts", "yellow", f"The draft breaks never.yaml: {entries}.",
                      "deskhand policy prove shows an example of each; what is published stays in force.", RAIL)
    elif made.base is not None and not made.same:
        yield Finding("drafts", "yellow", "The draft in the policy folder is not what is published.",
                      f"See deskhand policy diff published, then {PUBLISH}; or put the published text back.", RAIL)
    elif made.base is not None:
        yield Finding("drafts", "green", "The draft is what is published.", "", RAIL)


def rates(premises: Premises, database: Database) -> Iterator[Finding]:
    """Money that cannot be counted in the home currency waits for a person each time."""
    with database.engine.connect() as c:
        seen = set(c.execute(text("select currency from totals union select currency from spending union "
                                  "select currency from waits where currency is not null")).scalars())
    table = premises.config.rates
    known = {table.currency, *(table.__pydantic_extra__ or {})}
    if missing := sorted(seen - known - {"", ANY}):  # rows that count questions and hold locks, not money
        yield Finding("rates", "yellow", f"No rate is set for {' and '.join(missing)}, so no limit can count it "
                      "and a person decides.", "Write what one unit is worth under [rates] in deskhand.toml: "
                      f'{missing[0]} = "1.08"', RAIL)
    else:
        yield Finding("rates", "green", f"Every currency seen counts in {table.currency}.", "", RAIL)


def pauses(premises: Premises, database: Database) -> Iterator[Finding]:
    with database.engine.connect() as c:
        found = [*switch.of_file(premises.data / switch.FILE), *switch.pauses(c)]
    for one in found:
        level: Level = "red" if one.by == switch.BREAKER else "yellow"
        look = "Look at what went out with deskhand report; then" if one.by == switch.BREAKER else "To go on:"
        yield Finding("pauses", level, f"{one.in_words()}.", f"{look} {one.lifted_by()}.", RAIL)
    if not found:
        yield Finding("pauses", "green", "Nothing is paused.", "", RAIL)


def workers(database: Database, now: datetime) -> Iterator[Finding]:
    """By the heartbeat that each worker writes every two seconds."""
    with database.engine.connect() as c:
        beats = engine.heartbeats(c)
    living = [beat for beat in beats if now - beat < SEEN]
    if living:
        yield Finding("workers", "green", f"{len(living)} worker{'s' if len(living) > 1 else ''} seen in the last "
                      "minute.")
    elif beats:
        yield Finding("workers", "red", f"No worker was seen since {max(beats):%d %b %Y %H:%M} UTC: nothing is worked "
                      "on.", "Start deskhand serve, or deskhand work beside a deskhand serve --no-worker.")
    else:
        yield Finding("workers", "yellow", "No worker runs: nothing is worked on.",
                      "Start deskhand serve, or deskhand work beside a deskhand serve --no-worker.")


def waiting(database: Database, now: datetime) -> Iterator[Finding]:
    """Tickets that should have been looked at, and passes whose worker is gone."""
    with database.engine.connect() as c:
        found = engine.late(c, now, SEEN)
    late = now - found.oldest if found.oldest else timedelta()
    if late > LATE:
        level: Level = "red" if late > VERY_LATE else "yellow"
        wait = _counted(found.waiting, "ticket waits for a worker,", "tickets wait for a worker, the oldest")
        yield Finding("waiting tickets", level, f"{wait} since {found.oldest:%d %b %H:%M} UTC.", "Start deskhand work "
                      "on another machine, and look at the log of deskhand serve for passes that fail again and again.")
    if found.stuck:
        yield Finding("waiting tickets", "yellow", _counted(found.stuck, "ticket is with a worker that is silent.",
                                                            "tickets are with a worker that is silent."),
                      "Any running worker takes over within seconds: start deskhand serve or deskhand work.")
    if late <= LATE and not found.stuck:
        yield Finding("waiting tickets", "green",
                      _counted(found.waiting, "ticket is due now.", "tickets are due now."))


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def failing(database: Database) -> Iterator[Finding]:
    with database.engine.connect() as c:
        refs = list(c.execute(text("select ref from tickets where attempts >= 5 and wanted > served "
                                   "order by attempts desc limit 5")).scalars())
    if refs:
        yield Finding("failing tickets", "yellow", f"Passes of {', '.join(refs)} fail again and again.",
                      "The log of deskhand serve says where; a vendor that is away mends itself.")


def held_operations(database: Database) -> Iterator[Finding]:
    """Nobody can say whether they happened: only a person can settle them."""
    with database.engine.connect() as c:
        found = held.held(c)
    for one in found:
        yield Finding("held operations", "red", f"{one.operation} ({one.kind} of {one.target}, ticket {one.ticket}) is "
                      f"held: {one.reason}", f"Look at the vendor, then: {RESOLVE.format(one.operation)}",
                      "escalation path")
    if not found:
        yield Finding("held operations", "green", "None.", "", "escalation path")


def catching_up(premises: Premises, database: Database) -> Iterator[Finding]:
    with database.engine.connect() as c:
        rows = c.execute(text("select name, problem from catchups where problem <> '' order by name")).all()
    for row in rows:
        yield Finding("catching up", "yellow", f"What no webhook told of {row.name} is not found: {row.problem}",
                      "Mend this, then run deskhand catchup --since 2d.")
    if not rows:
        every = premises.config.catchup.every_minutes
        says = f"It is looked every {every} minutes for what no webhook told." if every else "It is switched off."
        yield Finding("catching up", "green" if every else "yellow", says,
                      "" if every else "Set every_minutes under [catchup] in deskhand.toml.")


def trail(premises: Premises, database: Database) -> Iterator[Finding]:
    """Whether the audit's chain reaches its newest records, and its heads those who keep them; that it holds, deskhand
    audit verify says."""
    with database.engine.connect() as c:
        yield _chained(c)
        yield from _kept_outside(c, premises.config.audit.keepers)
    if "helpdesk" in premises.config.audit.keepers:
        keeping = [one for one in premises.helpdesks().values() if isinstance(one, KeepsHeads)]
        if not keeping:
            yield Finding("audit heads", "yellow", "No helpdesk that is set up keeps heads of the audit.",
                          'Choose "file" or "url" for keepers under [audit] in deskhand.toml.', RAIL)
    if not premises.config.audit.keepers:
        yield Finding("audit heads", "yellow", "Nobody keeps the audit's heads, so a chain that was built anew as a "
                      "whole would not be found.", "Name a keeper under [audit] in deskhand.toml.", RAIL)


def _kept_outside(c: Connection, chosen: Collection[str]) -> Iterator[Finding]:
    """Whether the chain's signed heads reach those who keep them; that one is not away proves nothing, for how far each
    has come stands in the database."""
    newest = c.execute(text("select max(at) from audit where at < now() - interval '10 minutes'")).scalar()
    for row in c.execute(text("select name, kept_at, problem, failing_since from audit_keepers order by name")):
        if row.problem:
            since = f" since {row.failing_since:%d %b %Y %H:%M} UTC" if row.failing_since else ""
            yield Finding("audit heads", "yellow", f"The keeper {row.name} is away{since}: {row.problem}.",
                          "Mend it, or choose others under [audit] in deskhand.toml; what it lacks is brought then.",
                          RAIL)
        elif row.name in chosen and row.kept_at and newest and newest - row.kept_at > LATE_HEAD:
            yield Finding("audit heads", "yellow", f"The keeper {row.name} got a head on {row.kept_at:%d %b %Y %H:%M} "
                          "UTC, and none of what came since.", "Compare what it has: deskhand audit verify --heads "
                          "FILE.", RAIL)
        elif row.kept_at is not None:
            yield Finding("audit heads", "green", f"The keeper {row.name} got one on {row.kept_at:%d %b %Y %H:%M} "
                          "UTC.", "", RAIL)


def _chained(c: Connection) -> Finding:
    loose = c.execute(text("select count(*) from audit where position is null and at < now() - interval '10 minutes'")
                      ).scalar_one()
    if loose:
        return Finding("audit", "yellow", _counted(loose, "record is not chained yet.", "records are not chained yet."),
                       "A running worker chains them every few seconds: start deskhand serve.", RAIL)
    count, _ = audit.head(c)
    return Finding("audit", "green", f"{_counted(count, 'record', 'records')}, all chained.", "", RAIL)


def periods(premises: Premises, database: Database, now: datetime) -> Iterator[Finding]:
    """For how long what people wrote is kept, and whether it goes when its time is up."""
    days = premises.config.retention.texts_days
    if not days:
        yield Finding("retention", "yellow", "What people wrote is kept until somebody erases it.",
                      "Write how long under [retention] in deskhand.toml: texts_days = 400", RAIL)
        return
    with database.engine.connect() as c:
        late = retention.overdue(c, premises.config.retention, now)
    if late:
        yield Finding("retention", "yellow", f"What {_counted(late, 'person', 'people')} wrote should have gone "
                      f"after {days} days.",
                      "A worker does it, a little every minute: see that one runs.", RAIL)
    else:
        yield Finding("retention", "green", f"What people wrote goes {days} days after the last work on it.", "", RAIL)
