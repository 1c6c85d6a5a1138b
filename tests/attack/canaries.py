"""`scripts/attack --canaries`: planted secrets and card numbers, after a run of everything, are found nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from sqlalchemy import text

from tests.attack import canaries_acts
from tests.attack.canaries_house import HELD_BACK, Held, House, house
from tests.attack.canaries_lives import lived
from tests.attack.canaries_planted import MARKS, Canary, Search, marks, planted
from tests.conftest import a_database
from tests.figures import Figures

PLANTED = 20
QUICK_LIVES = 2
LEAK = text("insert into switches (action, paused, reason, by, at) values ('leak', true, :said, 'x', now())")


def main(quick: bool, seed: int) -> Figures:
    """Lives everything once, then looks at everything that was written anywhere."""
    figures = Figures("Canaries")
    canaries = planted(seed)
    figures.add("secrets and card numbers planted", len(canaries) + 1, at_least=PLANTED)
    found: list[str] = []
    found += _of_lives(figures, canaries, seed, quick)
    found += _of_house(figures, canaries, quick)
    figures.add("planted, and found", len(found), equal=0)
    figures.also["found"] = sorted(set(found))
    return figures


def _of_lives(figures: Figures, canaries: dict[str, Canary], seed: int, quick: bool) -> list[str]:
    card, found, count = canaries["card in body"], [], 0
    search = Search([card])
    with a_database() as reused:
        for name, left in lived(reused, card, seed, QUICK_LIVES if quick else None):
            count += 1
            found += [f"{one} in {name}" for one in search.of(left)]
    figures.add("whole lives in one process, with failures", count, at_least=QUICK_LIVES)
    return found


def _of_house(figures: Figures, canaries: dict[str, Canary], quick: bool) -> list[str]:
    with house(canaries) as opened:
        done = canaries_acts.everything(opened, quick=quick)
        for what, (count, least) in done.counted.items():
            figures.add(what, count, at_least=least)
        handed_out, links = opened.handed_out(), opened.links()
        figures.add("tokens and links handed out meanwhile", len(handed_out) + len(links), at_least=2)
        search = Search([*canaries.values(), *handed_out, *_sessions(done.bearers)])
        opened.app.stop()
        places = [*opened.kept, *opened.sent(), *opened.columns(), *opened.files()]
        found = _found(search, places)
        found += _found(Search(links), (one for one in places if not one.where.startswith("sent to zendesk")))
        figures.add("lines in the log of libraries being debugged", opened.app.log.read_bytes().count(HELD_BACK),
                    at_least=1)
        figures.add("places looked at", len(places), at_least=100)
        figures.add("megabytes looked at", round(sum(len(one.holds) for one in places) / 1e6, 1), at_least=10)
        personal = _found(Search(marks()), (one for one in places if one.kept_by_us))
        figures.add("marks of a person in database, WAL, backups, exports and logs", len(personal), equal=0)
        figures.also["personal"] = sorted(set(personal))
        figures.add("the same marks in what the vendors were sent, where they may stand",
                    len(_found(Search(marks()), opened.sent())), at_least=1)
        missed = _planted_on_purpose(opened, canaries)
        figures.add("leaks made on purpose, and not found", len(missed), equal=0)
        figures.also["missed"] = missed
    return found


def _sessions(bearers: list[str]) -> list[Canary]:
    return [Canary(f"session {number}", bearer) for number, bearer in enumerate(bearers, 1)]


def _found(search: Search, places: Iterable[Held]) -> list[str]:
    return [f"{name} in {place.where}" for place in places for name in search.of(place.holds, text=place.text)]


def _planted_on_purpose(opened: House, canaries: dict[str, Canary]) -> list[str]:
    """Each canary in each of its forms in a log, and one and a customer's name in a row, its file and the WAL: what the
    search misses."""
    missed = []
    for one in canaries.values():
        search = Search([one])
        missed += [f"{one.name} as {form!r}" for form in one.forms() if not search.of(b"at " + form + b" it failed")]
    card, (first, last) = canaries["card in body"], MARKS["name"].split()
    with opened.engine.begin() as c:
        c.execute(LEAK, {"said": json.dumps({"said": f"{opened.card('body')}, hello {first}, we have sent"})})
    with opened.app.log.open("ab") as log:
        log.write(f"INFO anything: {canaries['STRIPE_API_KEY'].value} of {last.lower()}\n".encode())
    search = Search([card, canaries["STRIPE_API_KEY"], *marks()])
    leaks = set(_found(search, _again(opened)))
    missed += [f"{name} in a line of the log" for name in ("STRIPE_API_KEY", "last name of a person")
               if not any(leak.startswith(f"{name} in serve.log") for leak in leaks)]
    missed += [f"{name} in a row in {where}" for name in (card.name, "first name of a person")
               for where in ("table ", "postgres/base/", "postgres/pg_wal/")
               if not any(f"{name} in {where}" in leak for leak in leaks)]
    return missed


def _again(opened: House) -> Iterator[Held]:
    yield from opened.columns()
    yield from opened.files()
