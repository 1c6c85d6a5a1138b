"""The command `deskhand`."""

from __future__ import annotations

import os

import click

from agent.masking import mask_cards
from connectors import redaction
from scripts.commands import Commands

COMMANDS = {
    "demo": "scripts.demo:demo",
    "sandbox": "scripts.sandbox:sandbox",
    "init": "scripts.init:init",
    "setup": "scripts.setup.command:setup",
    "teardown": "scripts.setup.command:teardown",
    "rotate": "scripts.setup.rotate:rotate",
    "doctor": "scripts.doctor.command:doctor",
    "serve": "scripts.serve:serve",
    "work": "scripts.serve:work",
    "policy": "scripts.policy:policy",
    "package": "scripts.package:package",
    "held": "scripts.held:held",
    "pause": "scripts.pause:pause",
    "resume": "scripts.pause:resume",
    "pauses": "scripts.pause:pauses",
    "report": "scripts.report:report",
    "audit": "scripts.audit:audit",
    "catchup": "scripts.catchup:catchup",
    "backup": "scripts.backup:backup",
    "restore": "scripts.backup:restore",
    "erase": "scripts.erase:erase",
    "database": "scripts.database:database",
    "stop-database": "scripts.serve:stop_database",
}
"""Command → where it is."""


@click.command(cls=Commands, commands_at=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="deskhand")
def main() -> None:
    """Does the work a support ticket asks for: exactly once, within a written policy, and with proof."""


def run() -> None:
    """The process `deskhand`: what it writes to its log and to standard error passes the one door."""
    redaction.learn_settings(os.environ)
    redaction.install((mask_cards,))
    main()


if __name__ == "__main__":
    run()
