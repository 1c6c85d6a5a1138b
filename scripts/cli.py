"""The command `deskhand`: each command lies in a module of its own and is loaded when it is asked for."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "demo": "scripts.demo:demo",
    "sandbox": "scripts.sandbox:sandbox",
    "serve": "scripts.serve:serve",
    "work": "scripts.serve:work",
    "held": "scripts.held:held",
    "stop-database": "scripts.serve:stop_database",
}
"""Command → where it is."""


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="deskhand")
def main() -> None:
    """Does the work a support ticket asks for: exactly once, within a written policy, and with proof."""


if __name__ == "__main__":
    main()
