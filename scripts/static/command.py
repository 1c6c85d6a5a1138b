"""`scripts/check-static`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

import click

from scripts.checkers import NO_TOOLS, ROOT, NoTools
from scripts.gating import Columns, Found, NotAsked, check
from scripts.static import code, supplies
from scripts.static.finding import Excuses
from scripts.static.tools import Tools, tools_for

Gate = Callable[[Tools, Path, Excuses], Found]
GATES: Mapping[str, Gate] = {
    "bandit": code.bandit, "rules": code.own_rules, "reasons": code.reasons, "workflows": code.zizmor,
    "licences": supplies.licences, "sbom": supplies.sbom, "hashes": supplies.hashes,
}
COLUMNS = Columns(gate=9, count=6)
NOT_ASKED = NotAsked(
    "vulnerabilities", "Known vulnerabilities are not looked up here: that asks a service on the network. The workflow "
                       "does it once a week, and `uv audit` whenever you like.")


@click.command()
@click.option("--only", type=click.Choice(list(GATES)), multiple=True, help="This gate only; may be given again.")
@click.option("--sbom", "bill_to", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write what an installation brings as CycloneDX 1.5, and check nothing.")
@click.option("--write", is_flag=True, help="Write docs/licences.md anew, and check nothing.")
@click.option("--install", is_flag=True, help="Install the readers, and check nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(only: Sequence[str], bill_to: Path | None, write: bool, install: bool, as_json: bool) -> None:
    """Read the code, the workflows and what we depend on, and run nothing of it.

    bandit, zizmor and our own semgrep rules (scripts/static/rules) read the code; licences, bill of materials and
    hashes are those of uv.lock and of what is installed. The readers are installed once, by their hashes, into the
    user's cache folder; after that nothing asks the network.

    Exit codes: 0 all gates passed, 1 a gate found something, 2 the options are wrong, 3 the readers are missing.
    """
    try:
        if bill_to:
            _write(bill_to, json.dumps(supplies.bill(ROOT), indent=1, sort_keys=True) + "\n", as_json)
        elif write:
            _write(ROOT / supplies.PAGE, supplies.page(ROOT), as_json)
        elif install:
            folder = tools_for().folder
            click.echo(json.dumps({"tools": str(folder)}) if as_json else f"The readers are in {folder}")
        else:
            _check(tools_for(), only or list(GATES), as_json)
    except NoTools as why:
        click.echo(str(why), err=True)
        sys.exit(NO_TOOLS)
    except supplies.CannotTell as why:
        raise click.ClickException(str(why)) from why


def _write(at: Path, text: str, as_json: bool) -> None:
    try:
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text)
    except OSError as error:
        raise click.ClickException(f"{at} cannot be written ({error.strerror}).") from error
    click.echo(json.dumps({"written": str(at)}) if as_json else f"{at} is written.")


def _check(tools: Tools, gates: Iterable[str], as_json: bool) -> NoReturn:
    excuses = Excuses(ROOT)
    check({name: partial(GATES[name], tools, ROOT, excuses) for name in gates}, NOT_ASKED, COLUMNS, as_json=as_json)
