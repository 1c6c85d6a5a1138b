"""Tells the demo: with some colour on a terminal, in plain lines where there is none."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

WIDTH = 100
NAMES = 13
"""Columns for who or where, before what happened."""


class Teller:
    """Prints to stdout; silent when a machine reads the result."""

    def __init__(self, silent: bool = False) -> None:
        self.console = Console(quiet=silent, highlight=False, soft_wrap=True)
        self.width = min(self.console.width, WIDTH) if self.console.is_terminal else WIDTH

    def _print(self, words: str, style: str = "") -> None:
        self.console.print(Text(words, style))

    def say(self, words: str = "") -> None:
        self._print(textwrap.fill(words, self.width))

    def title(self, words: str) -> None:
        self._print(f"\n{words}", "bold")

    def line(self, who: str, words: str) -> None:
        """One thing that happened: where, and what."""
        told = textwrap.wrap(words, self.width - NAMES, break_long_words=False, break_on_hyphens=False)
        for n, part in enumerate(told):
            self.console.print(Text.assemble((f"  {who if n == 0 else '':<{NAMES - 2}}", "cyan"), part))

    def written(self, what: str, text: str) -> None:
        """A text as it stands on the ticket."""
        self._print(f"  {what}", "cyan")
        for line in text.splitlines():
            for part in textwrap.wrap(line, self.width - 6) or [""]:
                self._print(f"    │ {part}".rstrip())

    def command(self, what: str, command: str) -> None:
        """Something to type, on a line of its own so that it can be copied."""
        self._print(f"  {what}", "cyan")
        self._print(f"    {command}")

    def aside(self, words: str) -> None:
        self._print(textwrap.fill(words, self.width, initial_indent="  ", subsequent_indent="  "), "dim")

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Columns as wide as their widest cell; the first row heads them."""
        widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
        for n, row in enumerate(rows):
            cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
            self._print("  " + "   ".join(cells).rstrip(), "bold" if n == 0 else "")
