"""`deskhand package`: what an admin uploads at a vendor, as one file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from connectors.zendesk.package import CannotPackage, build, contents, sidebar_url
from webhooks.settings import data_path, environment

PUBLIC_URL = "DESKHAND_PUBLIC_URL"


@click.group()
def package() -> None:
    """Build the package that is installed at a vendor."""


@package.command()
@click.option("--url", metavar="ADDRESS", help=f"Where browsers reach this Deskhand. [default: {PUBLIC_URL}]")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE-OR-FOLDER",
              help="Where to write it. [default: var/packages]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def zendesk(url: str | None, out: Path | None, as_json: bool) -> None:
    """Build the private Zendesk app that shows the sidebar of this Deskhand.

    It is checked by Zendesk's published rules and searched for your secrets before it is written. The same address and
    version give the same file, byte for byte.

    Exit codes: 0 the package is written, 1 it would be refused or cannot be written, 2 the options or settings are
    wrong.
    """
    env = environment()
    origin = url or env.get(PUBLIC_URL, "").strip()
    if not origin:
        raise click.UsageError(f"Say where browsers reach this Deskhand: set {PUBLIC_URL} in .env, or give --url "
                               "https://deskhand.example.com")
    try:
        opens = sidebar_url(origin)
    except CannotPackage as why:
        raise click.UsageError(f"{why} (from {'--url' if url else PUBLIC_URL})") from why
    release = version("deskhand")
    try:
        made = build(origin, release, env=env)
    except CannotPackage as why:
        raise click.ClickException(f"The package was not written:\n{why}") from why
    at = _place(out, env, f"deskhand-zendesk-{release}.zip")
    _write(at, made)
    told = {"package": str(at), "version": release, "opens": opens, "bytes": len(made),
            "sha256": hashlib.sha256(made).hexdigest(),
            "files": [{"path": one.path, "bytes": one.size} for one in contents(made)]}
    if as_json:
        click.echo(json.dumps(told))
    else:
        _show(told)


def _place(out: Path | None, env: Mapping[str, str], name: str) -> Path:
    if out is None:
        return data_path(env) / "packages" / name
    return out / name if out.is_dir() else out


def _write(at: Path, content: bytes) -> None:
    """Whole or not at all."""
    half = at.with_name(f".{at.name}.{os.getpid()}")
    try:
        at.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(content)
        half.replace(at)
    except OSError as error:
        with suppress(OSError):
            half.unlink()
        raise click.ClickException(f"{at} cannot be written ({error.strerror}): give another place with --out."
                                   ) from error


def _show(told: Mapping[str, object]) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{told['package']}[/bold]", soft_wrap=True)
    console.print(f"The Zendesk app of Deskhand {told['version']}. It opens {told['opens']}", soft_wrap=True)
    table = Table("file", box=None, padding=(0, 2, 0, 0))
    table.add_column("bytes", justify="right")
    for one in told["files"]:  # type: ignore[attr-defined]
        table.add_row(one["path"], f"{one['bytes']:,}")
    console.print(table)
    console.print(f"SHA-256 {told['sha256']}", soft_wrap=True)
    console.print("It keeps Zendesk's published rules and holds none of your secrets.\n")
    console.print("Next: deskhand setup zendesk uploads and installs it. Or by hand, in Zendesk's Admin Center: Apps "
                  "and integrations, Zendesk Support apps, Upload private app.", soft_wrap=True)
