"""A life of five events in all 120 orders, each event lost or doubled: it ends the same, at both helpdesks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from tests.figures import Figures
from tests.journeys.office import AGENT
from tests.simulation.history import Place
from tests.simulation.lives import duplicate
from tests.simulation.places import Places
from tests.simulation.stage import Stage
from tests.simulation.sweep import FOLDER, HELPDESKS, in_processes

EVENTS = 5
SENT = "We have sent USD 18.00 back to your Visa ending in 4242."
Order = tuple[int, ...]
Books = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Disordered:
    """In which order the events come, and what befalls one of them: it is lost, or comes again at the end."""

    helpdesk: str
    order: Order
    lost: int | None = None
    twice: int | None = None

    def __str__(self) -> str:
        mishap = f", {self.lost + 1} lost" if self.lost is not None else (
            f", {self.twice + 1} twice" if self.twice is not None else "")
        return f"{self.helpdesk}: {' '.join(str(n + 1) for n in self.order)}{mishap}"


def every(helpdesks: tuple[str, ...] = HELPDESKS) -> Iterator[Disordered]:
    """120 orders, in each of which every event is lost, or doubled, or none."""
    for helpdesk in helpdesks:
        for order in permutations(range(EVENTS)):
            yield Disordered(helpdesk, order)
            yield from (Disordered(helpdesk, order, lost=n) for n in range(EVENTS))
            yield from (Disordered(helpdesk, order, twice=n) for n in range(EVENTS))


class Told:
    """What happens, in the order of time; an event is there to be delivered once it happened."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.letters: list[Callable[[], None]] = []

    def letter(self, number: int) -> Callable[[], None]:
        """The event of this number, after all that came before it."""
        while len(self.letters) <= number:
            self.stage.clock.forward(minutes=3)
            self.letters.append(self._happens(len(self.letters)))
        return self.letters[number]

    def _happens(self, number: int) -> Callable[[], None]:
        stage = self.stage
        if number == 0:
            _, self.charge = duplicate(stage, 1800)
            stage.queue.clear()
        elif number == 2:
            stage.at_desk("agent_sets", ticket=stage.tickets[0], agent=AGENT,
                          priority="high" if stage.side.vendor == "zendesk" else "High")
        elif number == 3:
            return stage.payments_letter("refund.updated", self.charge, "evt-3")
        else:
            said = {1: "The order number is 1042, as I said.", 4: "Thank you very much!"}[number]
            stage.customer(said, stage.tickets[0])
            stage.queue.clear()
        return stage.letter(stage.tickets[0], f"delivery-{number}")


def end_of(place: Place, one: Disordered) -> dict[str, Any]:
    """What the vendors' books show after a week."""
    with place.empty() as engine:
        stage = Stage(engine, one.helpdesk, Places(), polls=True)
        told = Told(stage)
        for number in one.order:
            letter = told.letter(number)
            if number != one.lost:
                stage.queue.append(letter)
            stage.passes(seconds=90)
        if one.twice is not None:
            stage.queue.append(told.letter(one.twice))
        if one.lost is not None:
            stage.missed()
        stage.passes(days=7)
        stage.close()
        return told_of(stage.ticket(stage.tickets[0]), stage.refunds(), stage.activities(), stage.errors)


def told_of(ticket: Mapping[str, Any], refunds: Books, activities: Books, errors: list[str]) -> dict[str, Any]:
    """An end by its names; what is told of the refund is told by its id, and to the customer in these words."""
    id = refunds[0]["id"] if refunds else "no refund"
    return {"refunds": [(r["charge"], r["amount"], r["status"]) for r in refunds],
            "notes": len(ticket["notes"]), "notes of the refund": sum(id in one["body"] for one in ticket["notes"]),
            "replies": len(ticket["replies"]), "replies that say it": sum(SENT in r["body"] for r in ticket["replies"]),
            "status": ticket["status"], "tags": sorted(ticket["tags"]), "activities": len(activities),
            "errors": len(errors)}


RIGHT = {"refunds": [("ch_sbx000002", 1800, "succeeded")], "notes": 1, "notes of the refund": 1, "replies": 1,
         "replies that say it": 1, "status": "new", "tags": ["deskhand_done"], "activities": 1, "errors": 0}
"""In our words, in which a case stands as a ticket does."""


def differs(end: dict[str, Any]) -> dict[str, Any]:
    """What is not as it is right; empty when all is."""
    return {name: end[name] for name, right in RIGHT.items() if end[name] != right}


def _lived(place: Place, one: Disordered, home: Path, number: int) -> tuple[str, dict[str, Any]]:
    return str(one), differs(end_of(place, one))


def main(quick: bool) -> Figures:
    """All orders, or every thirtieth."""
    wanted = list(every())[::31 if quick else 1]
    figures, wrong = Figures("disorder"), []
    out = Console(stderr=True)
    with Progress(console=out) as bar:
        task = bar.add_task("orders", total=len(wanted))
        for name, found in in_processes(2, _lived, wanted, FOLDER):
            bar.update(task, advance=1)
            if found:
                wrong.append(f"{name}: {found}")
    for line in wrong[:20]:
        out.print(line, markup=False)
    figures.add("orders of a five-event life, each event lost or doubled, both helpdesks", len(wanted),
                at_least=85 if quick else 2640)
    figures.add("that ended another way", len(wrong), equal=0)
    return figures
