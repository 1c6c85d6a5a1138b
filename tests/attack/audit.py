"""The audit under attack: tampering and forging at hundreds of places, and what an erased person leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from agent.audit.heads import EVERY, EVERY_ROWS
from agent.database import Database, open_database
from tests.attack.audit_erasing import MARKS, Left, left_behind
from tests.attack.audit_forging import FORGERIES, OF_A_PART, Forged, forged
from tests.attack.audit_recomputed import recomputed, told
from tests.attack.audit_tampering import (
    CONTROL,
    KINDS,
    Behind,
    Withheld,
    behind_the_last_head,
    lived,
    same_everywhere,
    tampered,
    withheld,
)
from tests.conftest import Server, a_server
from tests.figures import Figures

PLACES, QUICK_PLACES = 300, 5


def main(quick: bool, seed: int) -> Figures:
    """Both parts. `quick`: a few places, one helpdesk."""
    figures = Figures("audit")
    with a_server() as server:
        folder = server.pgdata.parent
        _tampering(figures, server, QUICK_PLACES if quick else PLACES, seed)
        for side in ("zendesk",) if quick else ("zendesk", "salesforce"):
            with _database(server) as database:
                (folder / side).mkdir()
                _erasing(figures, side, left_behind(database.engine, folder / "pg", folder / side, side))
    return figures


def _tampering(figures: Figures, server: Server, places: int, seed: int) -> None:
    with _database(server) as database:
        trail = lived(database.engine, places)
        again = recomputed(trail.office)
        before = same_everywhere(trail)
        step = (trail.size - 1) / places
        at = sorted({1 + round(n * step) for n in range(places)})
        columns = (TextColumn("tampering"), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        with Progress(*columns, transient=True) as progress:
            bar = progress.add_task("", total=(len(KINDS) + len(FORGERIES) + len(OF_A_PART)) * len(at))
            tally = tampered(trail, at, seed, lambda: progress.advance(bar))
            behind = behind_the_last_head(trail)
            kept_back = withheld(trail)
            exports = forged(trail, at, lambda: progress.advance(bar))
        unchanged = before == same_everywhere(trail)
    figures.add("rows in the trail", trail.size, at_least=places)
    figures.add("signed heads outside", len(trail.outside), at_least=1)
    for kind in KINDS:
        figures.add(f"{kind}: tried", tally.tried[kind], at_least=places)
        figures.add(f"{kind}: of these unlike any other", len(tally.states[kind]), at_least=places)
        figures.add(f"{kind}: found by verify", tally.by_verify[kind], equal=tally.tried[kind])
        figures.add(f"{kind}: found by the single file", tally.by_file[kind], equal=tally.tried[kind])
        figures.add(f"{kind}: found without any head", tally.by_chain[kind])
    figures.add("untouched trails called whole", tally.whole, equal=CONTROL)
    figures.add("trails left changed by the attack", int(not unchanged), equal=0)
    _behind(figures, behind)
    _withheld(figures, kept_back)
    told(figures, again, decisions=max(2, places // 10), refunds=max(2, places // 12))
    _forging(figures, exports, places)
    if tally.missed or exports.missed:
        figures.also["missed"] = [*tally.missed[:20], *exports.missed[:20]]


def _behind(figures: Figures, behind: Behind) -> None:
    """What nobody promises to find is counted, and how much it can be; the gap ends at the head."""
    figures.add("cut off behind the last head outside: tried", behind.rows, at_least=1)
    figures.add(f"of these not found, by design: at most {EVERY_ROWS} entries or {EVERY.seconds // 60} minutes",
                behind.rows - behind.found, at_most=EVERY_ROWS)
    figures.add("cut off with that head's own row: found", int(behind.one_more), equal=1)


def _withheld(figures: Figures, withheld: Withheld) -> None:
    figures.add("changed and chained anew while heads were withheld for a day: tried", withheld.rows, at_least=1)
    figures.add("of these called whole by verify", withheld.whole_by_verify, equal=0)
    figures.add("of these called whole by the single file", withheld.whole_by_file, equal=0)


def _forging(figures: Figures, exports: Forged, places: int) -> None:
    for kind in (*FORGERIES, *OF_A_PART):
        figures.add(f"export: {kind}: tried", exports.tried[kind], at_least=places)
        figures.add(f"export: {kind}: found or called unsigned", exports.found[kind], equal=exports.tried[kind])
    figures.add("export: untouched ones called whole", exports.whole, equal=exports.untouched)
    figures.add("export: texts that write over the check's words", exports.written_over, equal=0)


def _erasing(figures: Figures, side: str, left: Left) -> None:
    figures.add(f"{side}: marks of one person planted", left.marks, at_least=20)
    figures.add(f"{side}: given to Deskhand by the vendors", len(left.seen), equal=len(MARKS))
    figures.add(f"{side}: readable under their key before", len(left.sealed), at_least=12)
    for place, marks in left.before.items():
        figures.add(f"{side}: in the clear before erasing, {place}", len(marks), equal=0)
    figures.add(f"{side}: places looked through after erasing", len(left.after), at_least=7)
    for place, marks in left.after.items():
        figures.add(f"{side}: found after erasing, {place}", len(marks), equal=0)
    figures.add(f"{side}: sealed texts of theirs that any key opens", left.opened, equal=0)
    figures.add(f"{side}: places in which a word put there on purpose is not found", len(left.blind), equal=0)
    figures.add(f"{side}: faults in the chain after erasing", len(left.broken), equal=0)
    figures.add(f"{side}: exit code of the single file after erasing", left.verified, equal=0)


@contextmanager
def _database(server: Server) -> Iterator[Database]:
    name = server.make()
    opened = open_database(server.at(name), Path("unused"), pool=8, migrate=False)
    try:
        yield opened
    finally:
        opened.close()
        server.drop(name)
