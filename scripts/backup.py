"""`deskhand backup` and `deskhand restore`: everything our rows say, in one file, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click
from sqlalchemy import Connection

from agent import saving
from agent.report.words import count
from agent.saving import Backup, CannotRestore, Manifest, Restored
from agent.vault import Vault, VaultError
from scripts.database import connected, reached
from webhooks.config import FILE, config_path
from webhooks.settings import environment

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
POLICY = "policy/"


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="An older file of that name may go.")
@json_option
def backup(file: Path, replace: bool, as_json: bool) -> None:
    """Write a backup of the database, the policy drafts and deskhand.toml to FILE, while Deskhand runs.

    The secrets in .env are not in it. Keep DESKHAND_SECRET_KEY somewhere else: without it nobody can read the personal
    data in a backup, and neither can you.

    Exit code: 0 it is written, 1 it is not, 2 usage.
    """
    if file.exists() and not replace:
        raise click.ClickException(f"{file} is there already. Choose another name, or say --replace.")
    with reached(otherwise="No backup was made") as engine:
        try:
            made = saving.save(engine, file, _files(environment()), version("deskhand"), datetime.now(UTC))
        except OSError as error:
            raise click.ClickException(f"{file} cannot be written ({error.strerror}).") from error
    if as_json:
        click.echo(json.dumps({"file": str(file), "bytes": file.stat().st_size, **made.model_dump(
            mode="json", include={"deskhand", "revision", "saved_at", "audit_rows", "audit_head"}),
            "rows": {name: table.rows for name, table in made.tables.items()}, "files": sorted(made.files)}))
    else:
        click.echo("\n".join(_made(file, made)))


def _made(file: Path, made: Manifest) -> list[str]:
    rows = sum(table.rows for table in made.tables.values())
    return [f"{file} holds {rows} rows of {count(made.tables['tickets'].rows, 'ticket')} as of "
            f"{made.saved_at:%d %b %Y %H:%M} UTC{_and(sorted(made.files))}.",
            f"Its audit ends at row {made.audit_rows} with {made.audit_head}.",
            "DESKHAND_SECRET_KEY is not in it. Keep that key elsewhere: without it the personal data cannot be read."]


def _and(files: list[str]) -> str:
    return f", and {', '.join(files)}" if files else ""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="What the database holds now may go.")
@json_option
def restore(file: Path, replace: bool, as_json: bool) -> None:
    """Put the backup in FILE into the database, and pause everything.

    Stop every serve and work first. All rows come back or none; tables of an older Deskhand are brought up to date. A
    policy draft or deskhand.toml that is there and differs stays, and the backup's is put beside it.

    What was done after the backup is at the vendors and not in these rows. So everything is paused until you say
    deskhand resume, and on tickets as old as the restore Deskhand looks at the vendor before it does anything.

    Exit code: 0 it is back, 1 it is not and nothing was changed, or files of it could not be written, 2 usage.
    """
    env = environment()

    def check(c: Connection) -> None:
        _opens_with(env, c)
        _nobody_else(c)  # once more: a deskhand serve that was started meanwhile

    try:
        found = Backup.read(file)
        with reached(new=True) as engine:
            with engine.begin() as c:
                _nobody_else(c)
            done = saving.restore(engine, found, datetime.now(UTC), replace=replace, check=check)
    except CannotRestore as refused:
        raise click.ClickException(str(refused)) from refused
    put = _put_files(found.files(), env)
    if as_json:
        click.echo(json.dumps({
            "saved_at": done.manifest.saved_at.isoformat(), "revision": done.upgraded_to, "paused": True,
            "rows": {name: table.rows for name, table in done.manifest.tables.items()}, "files": put.written,
            "not_written": put.refused, "erased_again": done.erased_again, "secret_checked": bool(_secret(env))}))
    else:
        click.echo("\n".join(_back(done, put, checked=bool(_secret(env)))))
    if put.refused:
        raise SystemExit(1)


@dataclass(frozen=True)
class Put:
    """What became of a backup's files."""

    written: list[str]
    refused: dict[str, str]
    """By path, why it could not be written."""


def _back(done: Restored, put: Put, *, checked: bool) -> list[str]:
    manifest = done.manifest
    tickets = count(manifest.tables["tickets"].rows, "ticket")
    lines = [f"The backup of {manifest.saved_at:%d %b %Y %H:%M} UTC is back: {tickets}, the audit's chain holds, the "
             f"tables are at {done.upgraded_to}."]
    lines += [f"Written: {', '.join(put.written)}."] if put.written else []
    lines += [f"NOT written: {path} ({why}). Take it from the backup, which is a zip archive."
              for path, why in put.refused.items()]
    if done.erased_again:
        lines.append(f"Erased again, because they were erased after the backup: {done.erased_again}.")
    lines += [] if checked else ["DESKHAND_SECRET_KEY is not set here, so it was not checked whether it opens these "
                                 "rows; serve will refuse another one."]
    return [*lines, *NEXT]


NEXT = ("Everything is paused. What was done after the backup is at the vendors and not in these rows:",
        "  - on every ticket that is as old as this, Deskhand looks at the vendor before it does anything;",
        "  - the limits per customer and day count only what these rows know, and what is found so;",
        "  - the policy is the one that counted then: publish it again if it was changed since;",
        "  - whoever was erased since, in a database that is lost, must be erased again.",
        "Start deskhand serve, look at deskhand held, and then: deskhand resume --by NAME")


def _files(env: Mapping[str, str]) -> dict[str, bytes]:
    places = {FILE: config_path(env)}
    if (drafts := _drafts(env)) is not None:
        places |= {f"{POLICY}{path.name}": path for path in sorted(drafts.glob("*.yaml"))}
    return {name: path.read_bytes() for name, path in places.items() if path.is_file()}


def _put_files(files: Mapping[str, bytes], env: Mapping[str, str]) -> Put:
    """Where nothing is there; beside it where something else is. One that cannot be written keeps back no other."""
    written, refused = [], {}
    for name, content in files.items():
        drafts = _drafts(env) or Path("policy")
        path = drafts / Path(name).name if name.startswith(POLICY) else config_path(env)
        try:
            if path.is_file() and path.read_bytes() == content:
                continue
            path = path.with_name(f"{path.name}.restored") if path.exists() else path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            refused[str(path)] = error.strerror or type(error).__name__
        else:
            written.append(str(path))
    return Put(written, refused)


def _drafts(env: Mapping[str, str]) -> Path | None:
    folder = env.get("DESKHAND_POLICY", "").strip()
    return Path(folder) if folder else None


def _secret(env: Mapping[str, str]) -> str:
    return env.get("DESKHAND_SECRET_KEY", "").strip()


def _nobody_else(c: Connection) -> None:
    if connected(c):
        raise CannotRestore("Stop Deskhand first: a deskhand serve, work or another of its commands has this database "
                            "open.")


def _opens_with(env: Mapping[str, str], c: Connection) -> None:
    """Refuses rows that the secret set here does not open."""
    if not _secret(env):
        return
    try:
        Vault(_secret(env)).person_id(c, "any", "any")
    except VaultError as error:
        raise CannotRestore("DESKHAND_SECRET_KEY is not the one these rows were written with. Set that one; nothing "
                            "was changed.") from error
