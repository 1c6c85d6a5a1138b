"""`scripts/check-salesforce`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

import click

from scripts.checkers import NO_TOOLS, NoTools
from scripts.gating import Columns, NotAsked, check
from scripts.salesforce import package
from scripts.salesforce.gates import GATES, on_a_copy, rewrite
from scripts.salesforce.tools import PROJECT, Tools, tools_for

COLUMNS = Columns(gate=11, count=4)
NOT_RUN = NotAsked("apex_tests", "The Apex tests were parsed and type-checked, not run: only an org can run them.")


@click.command()
@click.option("--only", type=click.Choice(list(GATES)), multiple=True, help="This gate only; may be given again.")
@click.option("--zip", "zip_to", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write the file that `deskhand setup salesforce` deploys, the German words beside it, and check "
                   "nothing.")
@click.option("--write", is_flag=True, help="Write the sources as Prettier writes them, and check nothing.")
@click.option("--install", is_flag=True, help="Install the checkers, and check nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(only: Sequence[str], zip_to: Path | None, write: bool, install: bool, as_json: bool) -> None:
    """Check the Salesforce package of manifests/salesforce, without an org.

    Needs npm and Java; the checkers themselves are installed once, into the user's cache folder. Apex tests are parsed
    and type-checked here, not run: only an org can run them.

    Exit codes: 0 all gates passed, 1 a gate found something, 2 the options are wrong, 3 npm or Java is missing.
    """
    try:
        tools = tools_for()
    except NoTools as why:
        click.echo(str(why), err=True)
        sys.exit(NO_TOOLS)
    if install:
        _say({"tools": str(tools.folder)}, f"The checkers are in {tools.folder}", as_json)
    elif write:
        changed = rewrite(tools, PROJECT)
        _say({"changed": changed}, f"{changed} files were written anew.", as_json)
    elif zip_to:
        _zip(tools, zip_to, as_json)
    else:
        _check(tools, only or list(GATES), as_json)


def _say(told: dict[str, object], words: str, as_json: bool) -> None:
    click.echo(json.dumps(told) if as_json else words)


def _zip(tools: Tools, at: Path, as_json: bool) -> None:
    try:
        with package.converted(tools, PROJECT) as made:
            main, *others = package.zips(made).items()
        written = {str(at): main[1], **{str(at.with_name(name)): content for name, content in others}}
        for path, content in written.items():
            Path(path).write_bytes(content)
    except package.CannotConvert as why:
        raise click.ClickException(f"The package cannot be converted: {why}") from why
    except OSError as error:
        raise click.ClickException(f"{at} cannot be written ({error.strerror}).") from error
    _say({"files": {path: len(content) for path, content in written.items()}},
         "\n".join(f"{path}: {len(content):,} bytes" for path, content in written.items()), as_json)


def _check(tools: Tools, gates: Iterable[str], as_json: bool) -> NoReturn:
    check({name: partial(on_a_copy, name, tools, PROJECT) for name in gates}, NOT_RUN, COLUMNS, as_json=as_json)
