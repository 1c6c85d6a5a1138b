"""`deskhand held`: what may have happened at a vendor and was not found, and what a person says about it."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from agent import held as holds
from agent.desk import Desk
from agent.held import CannotResolve, Held
from scripts.audit.reader import noted
from scripts.installation import opened
from scripts.named import NAME


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def held(ctx: click.Context, as_json: bool) -> None:
    """List the operations that a person must look at, or resolve one.

    Exit codes: 0 listed, also where nothing is held, 1 they could not be read, 2 wrong usage.
    """
    if ctx.invoked_subcommand is not None:
        return
    with opened() as installation:
        with installation.desk.ledger.begin() as c:
            found = holds.held(c)
        if found:
            noted(installation.desk, "held", operations=len(found))
    if as_json:
        click.echo(json.dumps({"held": [{**asdict(one), "first_sent_at": one.first_sent_at and
                                         one.first_sent_at.isoformat()} for one in found]}))
    elif found:
        _list(found)
    else:
        click.echo("Nothing is held.")


def _list(found: list[Held]) -> None:
    for one in found:
        sent = f", first sent {one.first_sent_at:%d %b %Y %H:%M} UTC" if one.first_sent_at else ""
        click.echo(f"{one.operation}  {one.kind.replace('_', ' ')} of {one.target}\n"
                   f"    ticket {one.ticket}{sent}\n    {one.reason}")
    click.echo("\nLook at the vendor, then say what you found:\n  deskhand held resolve OPERATION "
               "(--found ID | --not-done | --send-again) --by YOUR-NAME")


@held.command()
@click.argument("operation")
@click.option("--found", "at_vendor", metavar="ID", help="It happened: its id at the vendor. It is read back first.")
@click.option("--not-done", is_flag=True, help="It did not happen; a person goes on with the ticket.")
@click.option("--send-again", is_flag=True, help="Send it once more, under a new key of the vendor's.")
@click.option("--by", required=True, type=NAME, help="Who says so; it is written to the audit.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def resolve(operation: str, at_vendor: str | None, not_done: bool, send_again: bool, by: str, as_json: bool) -> None:
    """Say what became of a held OPERATION; its ticket then goes on.

    Exit codes: 0 it goes on as you said, 1 it stays held, and the Error says why, 2 wrong usage.
    """
    if [at_vendor is not None, not_done, send_again].count(True) != 1:
        raise click.UsageError("Say one of --found ID, --not-done or --send-again.")
    if not by.strip():
        raise click.UsageError("--by needs a name.")
    with opened() as installation:
        try:
            said = _resolve(installation.desk, operation, at_vendor, not_done, by.strip())
        except CannotResolve as why:
            raise click.ClickException(str(why)) from why
    click.echo(json.dumps({"operation": operation, **said}) if as_json else said["words"])


def _resolve(desk: Desk, operation: str, at_vendor: str | None, not_done: bool, by: str) -> dict[str, str]:
    if at_vendor is not None:
        holds.found(desk, operation, at_vendor, by)
        return {"as": "found", "words": f"{at_vendor} was read back; {operation} is done. The ticket goes on."}
    if not_done:
        holds.not_done(desk, operation, by)
        return {"as": "not_done", "words": f"{operation} counts as not done. The ticket stays with a person."}
    send = holds.send_again(desk, operation, by)
    return {"as": "send_again", "words": f"{operation} is looked for once more and sent if it is not there, "
                                         f"as sending {send}."}
