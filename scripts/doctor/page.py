"""The doctor's page: grouped, coloured, each finding with its mend; and the same for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from rich.text import Text

from connectors.parts import Level
from scripts.doctor.examining import Result
from scripts.doctor.readiness import Rated

SIGN: dict[Level, str] = {"green": "ok", "yellow": "look", "red": "mend"}
RATED = {"ready": "green", "limited": "yellow", "not ready": "red"}
SHORTEST = 8
"""Characters from which a secret is looked for in what is printed."""
DATABASE = "DESKHAND_DATABASE_URL"
NOT_SECRET = ("ZENDESK_APP_PUBLIC_KEY",)


class Hiding:
    """Takes every secret of the settings out of words, wherever they came from."""

    def __init__(self, env: Mapping[str, str]) -> None:
        values = {part.strip() for name, value in env.items() if _is_secret(name)
                  for part in (value, *value.split(","))}
        values |= {urlsplit(value).password or "" for name, value in env.items() if name == DATABASE}
        self._secrets = sorted((one for one in values if len(one) >= SHORTEST), key=len, reverse=True)

    def __call__(self, words: str) -> str:
        for one in self._secrets:
            words = words.replace(one, "(hidden)")
        return words


def _is_secret(name: str) -> bool:
    ours = name.startswith(("DESKHAND_", "ZENDESK_", "STRIPE_", "SALESFORCE_", "OPENAI_"))
    return ours and name not in NOT_SECRET and (
        name.endswith(("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")) or name == DATABASE)


def show(console: Console, results: Sequence[Result], rated: Sequence[Rated], hide: Hiding) -> None:
    for group, lines in groupby(results, lambda one: one.group):
        table = Table(box=None, show_header=False, padding=(0, 1), title=group, title_justify="left",
                      title_style="bold")
        table.add_column(width=4)
        table.add_column(overflow="fold")
        for line in lines:
            found = line.finding
            name = found.check.removeprefix(f"{group} ")
            table.add_row(Text(SIGN[found.level], style=found.level),
                          Text(f"{name}: {hide(sentence(found.says))}"))
            if found.level != "green" and found.mend:
                table.add_row("", Text(f"→ {hide(sentence(found.mend))}", style="bold"))
        console.print(table)
        console.print()
    _readiness(console, rated, hide)
    console.print(Text(summary(results)))


def _readiness(console: Console, rated: Sequence[Rated], hide: Hiding) -> None:
    table = Table(title="Readiness", title_justify="left", title_style="bold", box=None, show_header=False,
                  padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in rated:
        table.add_row(one.dimension, Text(one.rating, style=RATED[one.rating]), Text(hide(sentence(one.because))))
        if one.next:
            table.add_row("", "", Text(f"→ {hide(sentence(one.next))}", style="bold"))
    console.print(table)
    console.print()


def counts(results: Sequence[Result]) -> dict[Level, int]:
    return {level: sum(one.finding.level == level for one in results) for level in SIGN}


def summary(results: Sequence[Result]) -> str:
    count = counts(results)
    if count["red"]:
        return (f"{count['red']} to mend, {count['yellow']} to look at, {count['green']} fine. Begin with the first "
                "that says mend: later ones may follow from it.")
    if count["yellow"]:
        return f"Nothing is broken; {count['yellow']} to look at, {count['green']} fine."
    return f"All {count['green']} checks are fine."


def as_json(results: Sequence[Result], rated: Sequence[Rated], hide: Hiding) -> dict[str, Any]:
    return {
        "ok": not counts(results)["red"], "counts": counts(results),
        "findings": [{"group": one.group, "check": one.finding.check, "level": one.finding.level,
                      "says": hide(one.finding.says), "mend": hide(one.finding.mend),
                      "dimension": one.finding.dimension} for one in results],
        "readiness": [{"dimension": one.dimension, "rating": one.rating, "because": hide(one.because),
                       "next": hide(one.next)} for one in rated]}


def sentence(words: str) -> str:
    """With a full stop; a command or a line to be typed stays as it is."""
    typed = words.startswith(("deskhand ", "chmod ", "http"))
    stop = "." if words[-1:].isalnum() or words.endswith((")", "%")) else ""
    return (words if typed else words[:1].upper() + words[1:]) + stop
