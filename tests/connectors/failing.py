"""A command that says its secrets in every way a process can, for the test of the door."""

from __future__ import annotations

import logging
import os
import sys
import warnings

import click

from webhooks.settings import environment


@click.command()
def fail() -> None:
    """Fails."""
    said = f"{environment()['ZENDESK_API_TOKEN']} {os.environ['STRIPE_API_KEY']}"
    logging.getLogger("deskhand").warning("said %s", said)
    warnings.warn(said, stacklevel=1)
    print(said, file=sys.stderr)
    click.echo(said, err=True)
    raise OSError(said)
