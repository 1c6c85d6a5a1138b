"""All checks of one installation: ours, and those of each vendor that is on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from agent.database import Database
from connectors.parts import Dimension, Finding, Level, Question
from scripts.doctor import database as db
from scripts.doctor import reaching, running, settings
from scripts.doctor.examining import PATIENCE, Asked, Result, examine
from scripts.doctor.premises import Premises
from webhooks.settings import connectors

T = TypeVar("T")
TITLES = {"openai": "Model"}
OFF = {"payments": "refunds go to a person", "records": "contact changes go to a person, and nothing is logged",
       "model": "the rules planner reads tickets: plain asks only, the rest goes to a person",
       "helpdesk": "there are no tickets"}
DIMENSIONS: dict[str, Dimension] = {"helpdesk": "CRM access", "payments": "API access", "records": "CRM access",
                                    "model": "knowledge"}
"""By role, in the order of the page."""


def checkup(premises: Premises, seconds: float = PATIENCE) -> list[Result]:
    """Everything that is found, in the order of the page: what is missing comes first."""
    clocks = reaching.Clocks(premises)
    asked = [*_ours(premises), *_vendors(premises)]
    results = examine(asked, seconds, clocks.hear)
    place = next((n for n, one in enumerate(results) if one.group == MACHINE), 0)
    return [*results[:place], Result(MACHINE, clocks.finding()), *results[place:]]


SETTINGS, MACHINE, DATABASE, POLICY, WORK = "Settings", "This machine", "Database", "Policy", "Work"


def _ours(premises: Premises) -> Iterator[Asked]:
    now = premises.around.now()
    yield from _group(SETTINGS, premises, settings.settings, settings.config, settings.env_file, settings.secret_key,
                      partial(settings.two_values, now=now), settings.modes, settings.records_kind, settings.sender)
    yield from _group("Replies and colleagues", premises, settings.languages, settings.orders,
                      partial(settings.hours, now=now), settings.handing_over)
    yield from _group(MACHINE, premises, reaching.public, db.disk)
    yield from _group(DATABASE, premises, db.reachable)
    if premises.database is None:
        yield from _group(POLICY, premises, running.unpublished)
    else:
        yield from _of_database(premises, premises.database)


def _of_database(premises: Premises, database: Database) -> Iterator[Asked]:
    now = premises.around.now()
    yield from _group(DATABASE, database, db.connections, db.pooler, db.tables)
    if not db.usable(database):
        return  # with other tables than ours no further question can be put
    yield from _group(DATABASE, database, partial(db.opens, premises), partial(db.accounts, premises),
                      partial(running.trail, premises))
    yield from _group(POLICY, database, running.policy, partial(running.drafts, premises),
                      partial(running.pauses, premises), partial(running.rates, premises))
    yield from _group(WORK, database, partial(running.workers, now=now), partial(running.waiting, now=now),
                      running.failing, running.held_operations, partial(running.catching_up, premises),
                      partial(running.periods, premises, now=now))


def _group(name: str, of: T, *asks: Callable[[T], Iterable[Finding]]) -> Iterator[Asked]:
    for ask in asks:
        yield Asked(name, Question(_name(ask), partial(ask, of)))


def _name(ask: object) -> str:
    """A question is called as its function is."""
    while isinstance(ask, partial):
        ask = ask.func
    return str(getattr(ask, "__name__", "check")).replace("_", " ")


def _vendors(premises: Premises) -> Iterator[Asked]:
    for connector in sorted(connectors(), key=lambda one: list(DIMENSIONS).index(one.role)):
        title = TITLES.get(connector.name, connector.name.title())
        dimension = DIMENSIONS[connector.role]
        if connector.name not in premises.read.connectors:
            how = premises.read.off.get(connector.name)
            if connector.role == "helpdesk" and premises.helpdesks():
                continue  # the tickets are in another one
            if how:  # else its settings are wrong, which the settings say
                level: Level = "red" if connector.role == "helpdesk" else "yellow"
                off = Finding(title, level, f"It is off, so {OFF[connector.role]}.", f"To switch it on, {how}.",
                              dimension)
                yield Asked(title, Question(title, partial(_only, off)), dimension)
            continue
        if connector.checks is not None:
            said = premises.read.connectors[connector.name][1]
            for check in connector.checks(said, premises.around, premises.house()):
                yield Asked(title, check, dimension)


def _only(finding: Finding) -> list[Finding]:
    return [finding]
