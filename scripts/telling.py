"""Tells the demo on a terminal, or in plain lines where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table


class Teller:
    """Prints to stdout; silent when a machine reads the result."""

    def __init__(self, silent: bool = False) -> None:
        self.console = Console(quiet=silent, highlight=False, width=None if Console().is_terminal else 110)

    def say(self, words: str = "") -> None:
        self.console.print(escape(words))

    def title(self, words: str) -> None:
        self.console.print()
        self.console.print(f"[bold]{escape(words)}[/bold]")

    def line(self, who: str, words: str) -> None:
        """One thing that happened: where, and what."""
        table = Table.grid(padding=(0, 1))
        table.add_column(width=11, no_wrap=True)
        table.add_column(overflow="fold")
        table.add_row(f"[cyan]{escape(who)}[/cyan]", escape(words))
        self.console.print(Padding(table, (0, 0, 0, 2)))

    def written(self, what: str, text: str) -> None:
        """A text as it stands on the ticket."""
        if self.console.is_terminal:
            self.console.print(Padding(Panel(escape(text), title=what, title_align="left", border_style="dim"),
                                       (0, 0, 0, 2)))
            return
        self.console.print(f"  {what}:")
        for line in text.splitlines():
            self.console.print(Padding(escape(f"| {line}"), (0, 0, 0, 4)))

    def dim(self, words: str) -> None:
        self.console.print(Padding(f"[dim]{escape(words)}[/dim]", (0, 0, 0, 2)))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = Table(*heads, box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        self.console.print(Padding(table, (0, 0, 0, 2)))
