"""What a rehearsal showed, for people and for machines."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scripts.doctor.page import Hiding, sentence
from scripts.doctor.rehearse import Walk

SIGN = {"true": ("yes", "green"), "false": ("no", "red"), "not seen": ("open", "yellow")}


def show_walk(console: Console, walk: Walk | None, refused: str, hide: Hiding) -> None:
    console.print()
    if walk is None:
        console.print(Text(f"Nothing is rehearsed: {hide(sentence(refused))}", style="red"))
        return
    acts = _table("Rehearsal")
    for act in walk.acts:
        acts.add_row(Text("ok" if act.done else "mend", style="green" if act.done else "red"),
                     Text(f"{act.vendor} {act.name}: {hide(sentence(act.says))}"))
    facts = _table("What our pages could not verify")
    for fact in sorted(walk.facts, key=lambda one: list(SIGN).index(one.verdict)):
        word, style = SIGN[fact.verdict]
        why = fact.because or f"not tried: {fact.how}"
        facts.add_row(Text(word, style=style), Text(f"{fact.vendor}: {fact.says}\n→ {hide(sentence(why))}"))
    console.print(acts)
    console.print()
    console.print(facts)
    console.print()
    console.print(Text(_summary(walk)))


def _table(title: str) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1), title=title, title_justify="left", title_style="bold")
    table.add_column(width=5)
    table.add_column(overflow="fold")
    return table


def _summary(walk: Walk) -> str:
    count = {verdict: sum(one.verdict == verdict for one in walk.facts) for verdict in SIGN}
    went = "The walk went well." if walk.went_well() else "The walk failed; see what says mend."
    return (f"{went} Of {len(walk.facts)} sentences {count['true']} are so here, {count['false']} are not and "
            f"{count['not seen']} stay open; it is written into the audit.")


def walk_as_json(walk: Walk | None, refused: str, hide: Hiding) -> dict[str, Any]:
    if walk is None:
        return {"ok": False, "refused": hide(refused)}
    return {"ok": walk.went_well(),
            "acts": [{"vendor": one.vendor, "act": one.name, "done": one.done, "says": hide(one.says)}
                     for one in walk.acts],
            "facts": [{"vendor": one.vendor, "id": one.id, "says": one.says, "how": one.how, "verdict": one.verdict,
                       "because": hide(one.because)} for one in walk.facts]}
