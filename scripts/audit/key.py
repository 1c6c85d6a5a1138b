"""`deskhand audit key`: what an outside reader needs to check the heads' signatures."""

from __future__ import annotations

import json

import click

from agent.audit.heads import Signing
from scripts.installation import opened


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def key(as_json: bool) -> None:
    """Print the public key that the audit's heads are signed with, newest first while the secret is being changed.

    Give it to whoever shall check the audit, by another way than the heads. Exit codes: 0 printed, 1 it is not known
    here, 2 wrong usage.
    """
    with opened() as installation:
        keys = Signing(installation.settings.own.secret_key.get_secret_value()).public
    click.echo(json.dumps({"keys": keys}) if as_json else "\n".join(keys))
