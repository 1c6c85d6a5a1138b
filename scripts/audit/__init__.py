"""`deskhand audit …`: is the trail whole, take it out, decide it again, set it against the payment provider's books."""

from __future__ import annotations

import click

from scripts.commands import Commands

COMMANDS = {name: f"scripts.audit.{name}:{name}" for name in ("verify", "export", "replay", "reconcile", "key")}


@click.command(cls=Commands, commands_at=COMMANDS)
def audit() -> None:
    """Prove that the trail is whole, take it out, decide it again, and compare it with the vendors' books."""
