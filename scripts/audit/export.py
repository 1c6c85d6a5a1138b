"""`deskhand audit export`: the trail as a file, for auditors' programs and for people."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

import click
from sqlalchemy import Connection

from agent import audit
from agent.audit import export as exporting
from agent.audit import heads, reading
from agent.audit.heads import Signing
from scripts.installation import opened
from scripts.named import NAME
from scripts.since import MOMENT, Since
from webhooks.app import Installation


@click.command()
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Where to write it; readable by its owner alone, and never half there.")
@click.option("--csv", "as_csv", is_flag=True, help="A table for people instead; it cannot be verified.")
@click.option("--since", type=MOMENT, help="Only rows from then on, as in 30d or 2026-11-01.")
@click.option("--until", type=MOMENT, help="Only rows from before then.")
@click.option("--open", "in_clear", is_flag=True, help="With what people wrote and their names, in clear.")
@click.option("--by", default="", type=NAME, help="With --open: who reads it; it is written to the audit.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def export(out: Path, as_csv: bool, since: Since | None, until: Since | None, in_clear: bool, by: str,
           as_json: bool) -> None:
    """Write the trail to a file: every row with its place in the chain, the policies in full, the decisions with their
    facts, and the signed heads. The whole file is signed with the key that signs the heads.

    Nobody's words are in it, unless --open says so. Check it with deskhand audit verify FILE, or with
    scripts/audit/verify_export.py, which needs nothing of Deskhand.

    Exit codes: 0 written, 1 it could not be written, 2 wrong usage.
    """
    if in_clear and not by.strip():
        raise click.UsageError("--open needs --by NAME; it is written to the audit.")
    if in_clear and as_csv:
        raise click.UsageError("--csv holds no words of people: leave --open out.")
    with opened() as installation:
        try:
            written = _write(installation, out, as_csv, since, until, by.strip() if in_clear else None)
        except OSError as error:
            raise click.ClickException(f"{out} cannot be written ({error.strerror}).") from error
    told = {"file": str(out), "rows": written.rows, "decisions": written.decisions, "policies": written.policies,
            "heads": written.heads, "first": written.part.first, "last": written.part.last, "open": in_clear}
    more = "" if as_csv else f", {written.decisions} decisions, {written.policies} policies, {written.heads} heads"
    click.echo(json.dumps(told) if as_json else f"Written to {out}: {written.rows} rows{more}.")


def _write(installation: Installation, out: Path, as_csv: bool, since: Since | None, until: Since | None,
           reader: str | None) -> exporting.Written:
    ledger, now = installation.desk.ledger, installation.desk.now()
    signing = Signing(installation.settings.own.secret_key.get_secret_value())
    with ledger.begin() as c:
        if reader is not None:
            reading.by_command(c, "audit export --open", reader, now, file=out.name)
        _chain(c, signing, installation)
    with private(out) as file, ledger.glance() as c:
        part = exporting.part(c, since(now) if since else None, until(now) if until else None)
        if as_csv:
            text = TextIOWrapper(file, encoding="utf-8", newline="")
            written = exporting.Written(rows=exporting.write_table(c, text, part), part=part)
            text.flush()
            text.detach()
            return written
        return exporting.write(c, file.write, deskhand=version("deskhand"), now=now, part=part,
                               signing=signing, opened=ledger.vault if reader is not None else None)


def _chain(c: Connection, signing: Signing, installation: Installation) -> None:
    """Every committed row gets its place, and the end a head, so that the export is covered to its last row."""
    while audit.seal_chain(c):
        pass
    last = max((head.position for _, head in heads.kept(c)), default=0)
    if audit.head(c)[0] != last:
        heads.make(c, signing, installation.desk.now())


@contextmanager
def private(out: Path) -> Iterator[BinaryIO]:
    """The file takes its name when it is whole; readable by its owner alone."""
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}-")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
