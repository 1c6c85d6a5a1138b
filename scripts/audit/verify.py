"""`deskhand audit verify`: whether anything in the trail was changed, left out or cut off."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from agent.audit import checking
from agent.audit.checking import Checked
from agent.audit.heads import Head, Signing, read_lines
from agent.audit.keepers import held_by
from scripts.audit import verify_export
from scripts.audit.unchecked import NotChecked, or_not_checked
from scripts.installation import opened
from scripts.since import MOMENT, Since

MOST_SHOWN = 50


@click.command()
@click.argument("export", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--heads", "heads_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="Signed heads that were kept elsewhere, one in a line.")
@click.option("--key", "keys", multiple=True, metavar="KEY",
              help="A public key that heads were signed with, as deskhand audit key printed it.")
@click.option("--heads-since", type=MOMENT, metavar="TIME",
              help="Leave out older heads: of rows that were lost when a backup was put back, or before a known gap.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(export: Path | None, heads_file: Path | None, keys: tuple[str, ...], heads_since: Since | None,
           as_json: bool) -> None:
    """Check the trail in the database, or an EXPORT of it, against the signed heads.

    In the database: every row's place and hash, every head that was made here, is with a keeper that can be asked (its
    file, the helpdesk) or in the file of heads, the facts of every decision, every policy with who published it and
    when. An EXPORT is checked by scripts/audit/verify_export.py, one small file that runs without Deskhand: give it to
    whoever shall not need to trust this program.

    Exit codes: 0 nothing was changed, 1 something was, 2 wrong usage, or no export, 3 the chain holds in itself, but no
    head that is kept elsewhere was compared, the newest of them is a day behind, heads are missing in between, rows
    were left without a place in it for a day, or an EXPORT is not signed with a key given, 4 nothing could be checked.
    """
    if export is not None:
        raise SystemExit(_export(export, heads_file, keys, heads_since, as_json))
    kept, broken = _read(heads_file)
    with or_not_checked(), opened() as installation:
        lines, away = held_by(installation.keepers())
        elsewhere, also_broken = read_lines(lines)
        known = [*Signing(installation.settings.own.secret_key.get_secret_value()).public, *keys]
        now = installation.desk.now()
        since = heads_since(now) if heads_since else None
        with installation.desk.ledger.glance() as c:
            found = checking.check(c, [*kept, *elsewhere], known, now, since)
    _say(found, broken + also_broken, away, as_json)
    raise SystemExit(1 if found.problems else 3 if _unsure(found) else 0)


def _export(export: Path, heads_file: Path | None, keys: tuple[str, ...], heads_since: Since | None,
            as_json: bool) -> int:
    since = heads_since(datetime.now(UTC)) if heads_since else None
    lines = heads_file.read_bytes().splitlines() if heads_file else []
    said: list[str] = []
    try:
        with export.open("rb") as file:
            code = verify_export.check(file, lines, [key.strip().lower() for key in keys],
                                       said.append, since.isoformat() if since else "")
    except OSError as error:
        raise NotChecked(f"{export} cannot be read ({error.strerror}).") from error
    click.echo(json.dumps({"ok": code == 0, "exit": code, "says": said}) if as_json else "\n".join(said))
    return code


def _read(file: Path | None) -> tuple[list[Head], int]:
    if file is None:
        return [], 0
    with file.open(encoding="utf-8", errors="replace") as lines:
        return read_lines(lines)


def _unsure(found: Checked) -> bool:
    return found.behind or bool(found.gaps or found.left) or (found.rows > 0 and not found.outside)


def _say(found: Checked, broken: int, away: Sequence[str], as_json: bool) -> None:
    if as_json:
        ok = not found.problems and not _unsure(found)
        click.echo(json.dumps({"ok": ok, "broken_lines": broken, "away": away, **asdict(found)}))
        return
    said = [*_notes(found, broken), *(f"Note: {words}." for words in away),
            *(f"Wrong: {one}." for one in found.problems[:MOST_SHOWN])]
    click.echo("\n".join(verify_export.harmless(line) for line in said))
    if len(found.problems) > MOST_SHOWN:
        click.echo(f"Wrong: and {len(found.problems) - MOST_SHOWN} more.")
    click.echo(_verdict(found))


def _verdict(found: Checked) -> str:
    if found.problems:
        return f"This is not what was written: {len(found.problems)} found."
    if found.left:
        return (f"Rows were left without a place in the chain for a day or more, or are dated ahead, {found.left} of "
                "them: nobody vouches for these. See that a worker runs (deskhand doctor); if it does, somebody keeps "
                "them out.")
    if not found.rows:
        return "Nothing was chained yet."
    if not found.heads:
        return ("The chain holds in itself. No signed head was compared: a chain that was built anew as a whole would "
                "not be found.")
    if not found.outside:
        return (f"Every row fits the {found.heads} signed heads in this database, which its owner can have signed "
                "anew. None that is kept elsewhere was compared: is the file of heads gone? Else name it with --heads.")
    if found.behind:
        return (f"Up to row {found.outside} nothing was changed. Rows came after it, and for a day or more no head of "
                "them reached who keeps them elsewhere: they could have been built anew. deskhand doctor names a "
                "keeper that is away. If these are the first rows after quiet days, verify again in ten minutes.")
    if found.gaps:
        return (f"Every row fits the {found.heads} signed heads, the last one at row {found.upto} of {found.rows}. "
                "Heads are missing among those kept elsewhere: the notes say where. If the workers stood still then, "
                "--heads-since with a time after it leaves the older heads out.")
    return (f"Nothing was changed, left out or cut off: {found.heads} signed heads stand in the chain, the last one at "
            f"row {found.upto} of {found.rows}.")


def _notes(found: Checked, broken: int) -> Iterable[str]:
    yield (f"{found.rows} rows, {found.decisions} decisions, {found.policies} policies, "
           f"{found.heads + found.unknown} heads.")
    if found.loose:
        yield f"Note: {found.loose} rows are not chained yet; a running worker chains them every few seconds."
    if found.unbound:
        yield f"Note: {found.unbound} decisions are older than the rows that bind them; their facts cannot be checked."
    if found.unknown:
        yield f"Note: {found.unknown} heads were signed with another key and left out; name it with --key."
    if found.outside < found.upto:
        since = f"after row {found.outside}" if found.outside else "for all of it"
        yield (f"Note: {since} only heads in this database count, which its owner can have signed anew; --heads names "
               "those of another keeper.")
    if found.quiet_since:
        yield (f"Note: no row came after the newest head that is kept elsewhere, of {found.quiet_since}. If Deskhand "
               "worked since, what it wrote was cut off.")
    for gap in found.gaps:
        yield (f"Note: {gap}. This is so after workers stood still; if they ran, these rows could have been changed "
               "until the later time.")
    if broken:
        yield f"Note: {broken} lines among the heads cannot be read."
    for at in found.restored:
        yield (f"Note: a backup was put back on {at}. Heads of rows that were lost then do not fit; --heads-since "
               "leaves them out.")
