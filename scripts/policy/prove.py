"""`deskhand policy prove`: whether a draft keeps never.yaml, over all inputs."""

from __future__ import annotations

import json
import time
from typing import Any

import click

from agent.policy.facts import plain
from agent.policy.never import Never
from agent.policy.proof import Counterexample
from agent.policy.proof import prove as proof
from scripts.policy.sources import Source, source


@click.command()
@click.argument("name", metavar="[PATH-OR-VERSION]", required=False)
@click.option("--json", "as_json_object", is_flag=True, help="Print one JSON object.")
@click.pass_context
def prove(ctx: click.Context, name: str | None, as_json_object: bool) -> None:
    """Prove that never.yaml holds whatever is asked, also where facts are missing; or show what breaks it.

    Without an argument: the folder in DESKHAND_POLICY, else what is shipped. Nothing is changed. Exit codes: 0 proven,
    1 not proven, or a file cannot be read, 2 wrong usage.
    """
    draft = source(name)
    policy, never = draft.policy(), draft.never()
    began = time.perf_counter()
    found = proof(policy, never)
    took = (time.perf_counter() - began) * 1000
    if as_json_object:
        click.echo(json.dumps(_told(draft, never, found, took)))
    else:
        click.echo("\n".join(_words(draft, never, found, took)))
    ctx.exit(1 if found else 0)


def _words(draft: Source, never: Never, found: tuple[Counterexample, ...], took: float) -> list[str]:
    entries = len(never.entries)
    if not found:
        return [f"Proven in {took:.0f} ms: {draft.name} keeps all {entries} entries of {draft.never_name}, whatever is "
                "asked and also where facts are missing."]
    broken = len({one.entry for one in found})
    lines = [f"Not proven: {draft.name} breaks {broken} of {entries} entries of {draft.never_name}. For example:"]
    return lines + [f"  line {one.line}, {one.entry}: {one.words}" for one in found]


def _told(draft: Source, never: Never, found: tuple[Counterexample, ...], took: float) -> dict[str, Any]:
    return {"policy": draft.name, "never": draft.never_name, "proven": not found, "entries": len(never.entries),
            "milliseconds": round(took, 1), "counterexamples": [as_json(one) for one in found]}


def as_json(one: Counterexample) -> dict[str, Any]:
    return {"entry": one.entry, "line": one.line, "action": one.action, "duty": one.duty, "at_least": one.at_least,
            "uncertain": one.uncertain, "decision": one.decision.in_words(), "words": one.words,
            "facts": plain(one.facts)}
