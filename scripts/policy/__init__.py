"""`deskhand policy …`: check, prove, explain and compare drafts, replay what was decided, publish."""

from __future__ import annotations

import click

from scripts.commands import Commands


@click.command(cls=Commands, commands_at={
    "check": "scripts.policy.check:check",
    "prove": "scripts.policy.prove:prove",
    "explain": "scripts.policy.explain:explain",
    "diff": "scripts.policy.diff:diff",
    "backtest": "scripts.policy.backtest:backtest",
    "publish": "scripts.policy.publish:publish",
    "log": "scripts.policy.publish:log",
    "rollback": "scripts.policy.publish:rollback",
})
def policy() -> None:
    """What Deskhand may do, and whom it must ask: files are drafts, `publish` alone changes what is in force."""
