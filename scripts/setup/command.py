"""`deskhand setup` and `deskhand teardown`: what will be done at a vendor, and then only that."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from connectors.contract import Connector, VendorError
from connectors.parts import Notice, Taken
from scripts.setup.following import after
from scripts.setup.steps import Step, Verb, carry_out, plan
from scripts.setup.vendors import Home, Vendor, in_words, refuse_unready, setup_of, spelled

SIGNS: dict[Verb, str] = {"make": "+", "make anew": "+", "change": "~", "note settings": "~", "remove": "-",
                          "clear settings": "-", "keep": "=", "nothing": "="}
AS_WANTED: dict[Verb, str] = {"keep": "is as it should be", "nothing": "is not there"}


@dataclass
class Outcome:
    """What `--json` prints."""

    vendor: str
    account: str
    dry_run: bool
    notices: list[dict[str, str]] = field(default_factory=list)
    plan: list[dict[str, Any]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    next: list[str] = field(default_factory=list)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (click.argument("connector", type=Vendor(), metavar="VENDOR"),
                   click.option("--dry-run", is_flag=True, help="Only show the plan; nothing is changed or written."),
                   click.option("--yes", is_flag=True, help="Do not ask before it is done."),
                   click.option("--set", "chosen", multiple=True, metavar="NAME=VALUE",
                                help="A choice of that vendor's, as in events=trigger; an unknown name lists them. Say "
                                     "it again for another."),
                   click.option("--json", "as_json", is_flag=True, help="Print one JSON object; needs --yes or "
                                "--dry-run.")):
        command = option(command)
    return command


@click.command()
@_options
def setup(connector: Connector, dry_run: bool, yes: bool, chosen: Sequence[str], as_json: bool) -> None:
    """Make at a vendor what Deskhand needs there: zendesk, salesforce or stripe.

    First says whose account it is, what there may collide with Deskhand's work, and what will be made or changed; then
    does only that, and writes ids and secrets to .env. A second run changes nothing. A run that was stopped goes on
    when you say the same again. An admin's login is asked for, or read from the environment, and not stored.

    Exit codes: 0 done or nothing to do, 1 refused or failed (what was done stays), 2 usage.
    """
    _run(connector, dry_run=dry_run, yes=yes, chosen=chosen, as_json=as_json, teardown=False)


@click.command()
@_options
def teardown(connector: Connector, dry_run: bool, yes: bool, chosen: Sequence[str], as_json: bool) -> None:
    """Remove at a vendor what deskhand setup made there, and nothing else.

    Exit codes: 0 done or nothing to do, 1 refused or failed (what was done stays), 2 usage.
    """
    _run(connector, dry_run=dry_run, yes=yes, chosen=chosen, as_json=as_json, teardown=True)


def _run(connector: Connector, *, dry_run: bool, yes: bool, chosen: Sequence[str], as_json: bool,
         teardown: bool) -> None:
    if as_json and not (yes or dry_run):
        raise click.UsageError("--json does not ask: add --yes or --dry-run.")
    console = Console(highlight=False, soft_wrap=True, stderr=as_json)
    home = Home.here()
    before, choices = dict(home.held), _choices(chosen)
    refuse_unready(connector, home, choices)
    login = asked_login(connector, home, ask=not (yes or as_json))
    with _failures_in_words(connector, "Nothing was changed."):
        prepared = setup_of(connector, home, login, choices, lambda words: console.print(f"  … {words}"))
        outcome = Outcome(connector.name, prepared.account(), dry_run)
        console.print(f"[bold]{spelled(connector.name)}[/bold]: {outcome.account}")
        found = [] if teardown else list(prepared.notices())
        steps = plan(prepared, home.held, teardown=teardown)
    outcome.notices, outcome.plan = [asdict(one) for one in found], [_told(step) for step in steps]
    _show_notices(console, found)
    _show_plan(console, steps)
    changes = any(step.changes() for step in steps)
    if not changes:
        console.print("\nNothing to do.")
    if changes and dry_run:
        console.print("\nNothing was changed: this is the plan only.")
    if changes and not dry_run:
        _ask(yes, "Remove this?" if teardown else "Do this?")
        with _failures_in_words(connector, "What was done stays. Say the same again to go on."):
            for step in carry_out(steps, lambda: home.held, home.keep, teardown=teardown):
                if step.changes():
                    outcome.done.append(f"{step.verb} {step.part.name}")
                    console.print(f"  done: {step.verb} {step.part.name}")
    if not dry_run:
        _stay_logged_in(console, connector, home, login, teardown=teardown)
        _say_overruled(console, home)
        outcome.next = after(before, home.held) if outcome.done and not teardown else []
        _show_next(console, outcome.next)
    if as_json:
        click.echo(json.dumps(asdict(outcome)))


def _choices(chosen: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in chosen]
    for name, sign, value in pairs:
        if not (name and sign and value):
            raise click.UsageError(f"--set {name}: write NAME=VALUE, as in events=trigger.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def asked_login(connector: Connector, home: Home, *, ask: bool) -> dict[str, str]:
    """An admin's login from the environment, or as typed; empty values leave what `.env` holds."""
    login = {one.variable: home.held.get(one.variable, "").strip() for one in connector.admin}
    if not ask or not login or any(login.values()):
        return login
    click.echo("Used now, and not stored:", err=True)
    for one in connector.admin:
        try:
            typed = click.prompt(f"  {one.question}", default="", show_default=False, hide_input=one.secret, err=True)
        except click.Abort as stopped:
            if sys.stdin.isatty():
                click.echo(err=True)
                raise click.ClickException("Nothing was changed.") from stopped
            break  # nobody is there to type
        if not typed.strip():
            break
        login[one.variable] = typed.strip()
    return login


@contextmanager
def _failures_in_words(connector: Connector, then: str) -> Iterator[None]:
    try:
        yield
    except (VendorError, Taken) as error:
        raise click.ClickException(f"{in_words(error, connector)}\n{then}") from error


def _ask(yes: bool, question: str) -> None:
    try:
        agreed = yes or click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)
        agreed = False
    if not agreed:
        raise click.ClickException("Nothing was changed. With --yes it is done without a question.")


def _told(step: Step) -> dict[str, Any]:
    return {"part": step.part.name, "verb": step.verb, "why": step.part.why, "words": list(step.words)}


def _show_notices(console: Console, found: Sequence[Notice]) -> None:
    for one in found:
        console.print(f"\n[yellow]![/yellow] {one.what[:1].upper()}{one.what[1:]}.\n  {one.mend}")


def _show_plan(console: Console, steps: Sequence[Step]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for step in [one for one in steps if one.part.wanted or one.words or one.verb != "nothing"]:
        about = "; ".join(step.words) or AS_WANTED.get(step.verb) or step.part.why
        table.add_row(SIGNS[step.verb], step.verb if step.changes() else "", step.part.name, about)
    console.print()
    console.print(table)


def _stay_logged_in(console: Console, connector: Connector, home: Home, login: Mapping[str, str], *,
                    teardown: bool) -> None:
    """Where no other login was made, Deskhand can only run with the admin's: then it is stored, and that is said. What
    stands for nothing that running takes is never stored."""
    settings = {one.stands_for: login.get(one.variable, "") for one in connector.admin
                if one.stands_for != one.variable}
    if teardown or not any(settings.values()) or _can_run(connector, home):
        return
    home.keep({name: value for name, value in settings.items() if value})
    console.print(f"\n[yellow]![/yellow] No login of Deskhand's own was made, so it runs with yours: "
                  f"{' and '.join(settings)} are stored in .env. Whoever reads them may do all that you may do.")


def _can_run(connector: Connector, home: Home) -> bool:
    try:
        connector.settings.model_validate({name: value for name, value in home.held.items() if value.strip()})
    except ValueError:
        return False
    return True


def _say_overruled(console: Console, home: Home) -> None:
    if home.overruled:
        console.print(f"\n[yellow]![/yellow] The environment holds other values of {', '.join(home.overruled)}, and it "
                      "counts before .env: take them out there.")


def _show_next(console: Console, commands: Sequence[str]) -> None:
    if commands:
        console.print("\nNext: " + ", then ".join(commands))
