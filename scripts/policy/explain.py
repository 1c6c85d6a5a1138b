"""`deskhand policy explain`: what was decided for a ticket and why, or what a policy makes of facts you type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from agent.policy import ACTIONS, FACTS, FactValue, Policy
from agent.policy.explain import Explained
from agent.policy.explain import explain as explained
from agent.policy.proof.calm import calm_with
from agent.policy.typed import FactsUnusable, typed
from agent.recorded import LastPlan, NoSuchTicket, of_ticket
from connectors.contract import Money
from scripts.installation import opened
from scripts.policy.sources import source


@click.command()
@click.argument("ticket", required=False)
@click.option("--action", type=click.Choice(list(ACTIONS)), help="Explain this action on the facts given, no ticket.")
@click.option("--fact", "facts", multiple=True, metavar="NAME=VALUE",
              help='As in amount="USD 40", claim_proven=true, flags=vip,fraud. What is not given is not known.')
@click.option("--facts", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.json",
              help="Facts as one JSON object; whole numbers of money are minor units.")
@click.option("--calm", "otherwise_calm", is_flag=True, help="What is not given is as in a case that calls for nobody.")
@click.option("--policy", "name", metavar="FILE-OR-VERSION",
              help="By this policy. Else: for a ticket the one in force, for facts the draft.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(ticket: str | None, action: str | None, facts: tuple[str, ...], file: Path | None, otherwise_calm: bool,
            name: str | None, as_json: bool) -> None:
    """Say who must be asked and why: for TICKET as it was decided last, or for an --action on facts.

    TICKET is a number or a reference such as zendesk:acme:123. It shows what was decided then, by which version, and
    what the policy in force would say to the same facts. Exit codes: 0 explained, 1 there is no such ticket or the
    policy cannot be read, 2 wrong usage or facts.
    """
    if (ticket is None) == (action is None):
        raise click.UsageError("Name a ticket, or an action with --action and its facts.")
    if ticket is not None:
        if facts or file or otherwise_calm:
            raise click.UsageError("--fact, --facts and --calm go with --action; a ticket has its own facts.")
        _explain_ticket(ticket, name, as_json)
    elif action is not None:
        _explain_facts(action, _given(action, facts, file, otherwise_calm), name, as_json)


def _explain_ticket(ticket: str, name: str | None, as_json: bool) -> None:
    policy = source(name).policy() if name else None
    with opened() as installation, installation.desk.ledger.begin() as c:
        try:
            plan = of_ticket(c, ticket)
        except NoSuchTicket as unknown:
            raise click.ClickException(str(unknown)) from unknown
        if name is None:
            policy = installation.published.newest(c)
    pairs = [(Explained(one.action, one.facts, one.decision),
              explained(one.action, {name: value for name, value in one.facts.items() if name in FACTS}, policy))
             for one in plan.decisions]
    if as_json:
        click.echo(json.dumps({
            "ticket": plan.ticket, "generation": plan.generation, "planned_at": plan.at and plan.at.isoformat(),
            "ending": plan.ending,
            "decisions": [{"then": then.as_json(), "now": now.as_json()} for then, now in pairs]}))
        return
    click.echo(_plan_words(plan))
    by = name or "the policy in force"
    for then, now in pairs:
        _show(then)
        click.echo(_compared(then, now, by, policy))


ENDINGS = {
    "done": "it was done", "answered": "it was answered", "parked": "it waits for someone",
    "handed_over": "it was handed to a person", "refused": "it was left to a person", "ignored": "nothing was done",
    "shadow": "in shadow mode, so nothing was done", "void": "the customer or a colleague wrote before it was done",
}


def _plan_words(plan: LastPlan) -> str:
    if plan.at is None:
        return f"{plan.ticket} was never planned: nothing was asked of Deskhand, or it is out of scope."
    ending = f"; {ENDINGS.get(plan.ending, plan.ending.replace('_', ' '))}" if plan.ending else "; it is under way"
    what = "" if plan.decisions else " Nothing was decided: it proposed nothing that the policy decides about."
    return f"{plan.ticket} was planned last on {plan.at:%d %b %Y %H:%M} UTC{ending}.{what}"


def _compared(then: Explained, now: Explained, by: str, policy: Policy | None) -> str:
    if policy is None:
        return "No policy is in force now, so it would be handed to a person."
    version = f" (version {policy.version})" if policy.version else ""
    if now.duties == then.duties:
        return f"By {by}{version} it would be the same on these facts."
    return f"By {by}{version}: {now.decision.in_words()}"


def _explain_facts(action: str, facts: Mapping[str, FactValue], name: str | None, as_json: bool) -> None:
    found = explained(action, facts, source(name).policy())
    if as_json:
        click.echo(json.dumps(found.as_json()))
        return
    _show(found)
    absent = found.not_given()
    if absent:
        click.echo(f"Not given, and so not known: {', '.join(absent)}. With --calm they are as in an ordinary case.")


def _given(action: str, facts: tuple[str, ...], file: Path | None, otherwise_calm: bool) -> dict[str, FactValue]:
    told: dict[str, object] = {}
    if file is not None:
        told |= _from_file(file)
    for one in facts:
        name, equals, value = one.partition("=")
        if not equals:
            raise click.UsageError(f"--fact {one}: write NAME=VALUE, as in claim_proven=true")
        told[name.strip()] = value
    try:
        found = typed(action, told)
    except FactsUnusable as error:
        raise click.UsageError("\n".join(error.sentences)) from error
    return calm_with(action, found) if otherwise_calm else found


def _from_file(file: Path) -> dict[str, object]:
    try:
        told = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise click.UsageError(f"{file} is not JSON: {error}") from error
    if not isinstance(told, dict):
        raise click.UsageError(f'{file} is not one JSON object; write facts by name, as in {{"amount": "USD 40"}}')
    return told


def _show(one: Explained) -> None:
    decision, console = one.decision, Console()
    policy = f"{decision.policy} version {decision.version}" if decision.version else f"{decision.policy}, a draft"
    console.print(f"\n[bold]{_asked(one)}[/bold]: {_needs(one)}  [dim]({escape(policy)}, mode {decision.mode})[/dim]")
    table = Table("", Column("rule", overflow="fold"), Column("asks for", overflow="fold"), "because")
    for part, hits in (("decides", decision.by), ("also", decision.also)):
        for hit in hits:
            table.add_row(part, *map(escape, (hit.id, hit.effect, hit.because)))
    console.print(table)
    if decision.missing:
        click.echo(f"Not known, and so counted as a match: {', '.join(decision.missing)}")
    if one.facts:
        console.print(_facts(one.facts))


def _facts(given: Mapping[str, FactValue]) -> Table:
    """In the order in which FACTS tells of them, the ledger keeps none."""
    table = Table("fact", "value")
    for name in sorted(given, key=[*FACTS].index if given.keys() <= FACTS.keys() else str):
        table.add_row(name, escape(_words(name, given[name], given)))
    return table


def _asked(one: Explained) -> str:
    amount = one.facts.get("amount")
    of = f" of {_words('amount', amount, one.facts)}" if amount is not None else ""
    return f"{one.action.replace('_', ' ')}{of}"


def _needs(one: Explained) -> str:
    if one.decision.unattended:
        return "nobody is asked"
    return f"needs {one.duties}" if one.decision.outcome == "go_ahead" else one.duties


def _words(name: str, value: Any, facts: Mapping[str, FactValue]) -> str:
    currency = facts.get("currency")
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "true" if value else "false"
    if name in FACTS and FACTS[name].kind == "money" and isinstance(value, int) and isinstance(currency, str):
        return str(Money(amount=value, currency=currency))
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(sorted(map(str, value))) or "none"
    return str(value)
