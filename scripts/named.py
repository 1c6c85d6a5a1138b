"""How commands are told who says so."""

from __future__ import annotations

from typing import Any

import click

from agent.masking import mask_cards


class NameType(click.ParamType[str]):
    """As typed, but for card numbers and security codes: it is kept for good, and in the clear."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return mask_cards(str(value))


NAME = NameType()
