"""Who says so is typed at commands and kept as typed, but for card numbers."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from scripts.cli import main
from scripts.named import NAME

Option = tuple[str, click.Parameter]


def options(command: click.Command, ctx: click.Context, path: str = "deskhand") -> Iterator[Option]:
    """Every option of every command that asks who somebody is."""
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            assert found is not None
            yield from options(found, ctx, f"{path} {name}")
    yield from ((f"{path} {one.opts[0]}", one) for one in command.params if one.name in ("by", "second"))


FOUND = dict(options(main, click.Context(main)))


def test_the_commands_that_ask_for_a_name_are_known() -> None:
    assert {"deskhand pause --by", "deskhand resume --by", "deskhand erase --by", "deskhand held resolve --by",
            "deskhand policy publish --by", "deskhand policy publish --second", "deskhand policy rollback --by",
            "deskhand audit export --by"} <= set(FOUND)


@pytest.mark.parametrize("option", sorted(FOUND))
def test_a_card_number_in_a_name_is_masked_before_anything_is_kept(option: str) -> None:
    assert FOUND[option].type is NAME
    told = NAME.convert("Lea, for 4242 4242 4242 4242 cvv 917", FOUND[option], None)
    assert told == "Lea, for [card ending in 4242] cvv [code]"
