"""`deskhand policy check`: what is wrong with policy.yaml and never.yaml, each with its place and its mend."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from agent.policy import Mistake, Policy, PolicyUnusable, load
from agent.policy.never import Never, load_never
from agent.policy.proof import Worry, worries
from scripts.policy.sources import source

T = TypeVar("T")


@click.command()
@click.argument("path", required=False, metavar="[FILE-OR-FOLDER]")
@click.option("--strict", is_flag=True, help="Rules and limits that can never matter are mistakes too (exit code 1).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def check(ctx: click.Context, path: str | None, strict: bool, as_json: bool) -> None:
    """Say what is wrong with a draft: policy.yaml, and never.yaml beside it.

    Looks at FILE-OR-FOLDER, else at the folder in DESKHAND_POLICY, else at what is shipped. Also names rules and limits
    that can never matter. Exit codes: 0 it can be used, 1 it has mistakes, 2 there is nothing to look at.
    """
    found = source(path)
    policy, mistakes = _loaded(load, found.text)
    never, wrong = _loaded(load_never, found.never_text)
    doubts = worries(policy) if policy else ()
    if as_json:
        click.echo(json.dumps(_told(found.name, found.never_name, policy, never, mistakes, wrong, doubts)))
    else:
        lines = [*_lines(found.name, mistakes), *_lines(found.never_name, wrong),
                 *(f"{found.name}:{worry.line}: {worry.sentence}" for worry in doubts)]
        click.echo("\n".join(lines), nl=bool(lines))
        if policy and never:
            _summary(found.name, policy, never, doubts)
    ctx.exit(1 if mistakes or wrong or (strict and doubts) else 0)


def _loaded(load: Callable[[str], T], text: str) -> tuple[T | None, tuple[Mistake, ...]]:
    try:
        return load(text), ()
    except PolicyUnusable as error:
        return None, error.mistakes


def _lines(name: str, mistakes: Iterable[Mistake]) -> list[str]:
    return [f"{name}:{mistake.place.line}:{mistake.place.column}: {mistake.sentence}" for mistake in mistakes]


def _summary(name: str, policy: Policy, never: Never, doubts: tuple[Worry, ...]) -> None:
    table = Table("action", "mode", "rollout", "grants")
    for action, row in policy.actions.items():
        granted = ", ".join(row.limits) if row.limits is not None else row.allow.in_words() if row.allow else ""
        table.add_row(action, row.mode, f"{row.rollout_percent} %", granted)
    Console().print(table)
    doubtful = f", of which {_count(len(doubts), 'line')} can be left away or mended" if doubts else ""
    click.echo(f"{name} can be used: {_count(len(policy.actions), 'action')} and {_count(len(policy.rules), 'rule')}"
               f"{doubtful}. To see whether it keeps the {_count(len(never.entries), 'entry', 'entries')} of "
               "never.yaml: deskhand policy prove")


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def _told(name: str, never_name: str, policy: Policy | None, never: Never | None, mistakes: tuple[Mistake, ...],
          wrong: tuple[Mistake, ...], doubts: tuple[Worry, ...]) -> dict[str, Any]:
    return {
        "ok": policy is not None and never is not None,
        "mistakes": [{"file": file, "line": one.place.line, "column": one.place.column, "sentence": one.sentence}
                     for file, found in ((name, mistakes), (never_name, wrong)) for one in found],
        "worries": [{"file": name, "line": worry.line, "sentence": worry.sentence} for worry in doubts],
        "actions": {action: {"mode": row.mode, "rollout_percent": row.rollout_percent}
                    for action, row in policy.actions.items()} if policy else None,
        "rules": len(policy.rules) if policy else None,
        "never": len(never.entries) if never else None,
    }
