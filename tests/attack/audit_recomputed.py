"""The trail made again: every decision from its facts, and every refund in the provider's books against the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from agent.audit.month import Month
from agent.audit.reconcile import Reconciled
from agent.audit.replay import Replay, kept_in, replayed, texts_of
from agent.audit.sides import both_sides
from tests.figures import Figures
from tests.journeys.office import Office


@dataclass(frozen=True)
class Recomputed:
    replay: Replay
    months: tuple[Reconciled, ...]
    books: int
    """Refunds that the provider's books hold."""

    @property
    def refunds(self) -> int:
        return sum(one.provider.count for month in self.months for one in month.totals().values())

    @property
    def by_people(self) -> int:
        kinds = sum((month.kinds() for month in self.months), Counter())
        return kinds["person"] + kinds["noticed"]

    @property
    def unexplained(self) -> int:
        return sum(len(month.unexplained()) for month in self.months)

    @property
    def cents(self) -> int:
        """By which the two sides differ, added up over currencies and months."""
        return sum(abs(one.difference) + one.missing.amount for month in self.months
                   for one in month.totals().values())


def recomputed(office: Office) -> Recomputed:
    """All decisions, and every month that has a refund."""
    made = office.refunds()
    months = sorted({(at.year, at.month) for at in (datetime.fromtimestamp(one["created"], UTC) for one in made)})
    with office.engine.begin() as c:
        replay = replayed(texts_of(c), kept_in(c))
    return Recomputed(replay, tuple(both_sides(office.desk, Month(*month, ZoneInfo("UTC"))) for month in months),
                      len(made))


def told(figures: Figures, made: Recomputed, decisions: int, refunds: int) -> None:
    """`decisions` and `refunds` that there must be, at least."""
    figures.add("replay: decisions made again", made.replay.decisions, at_least=decisions)
    figures.add("replay: versions of the policy they were made by", len(made.replay.versions), at_least=2)
    figures.add("replay: differences", len(made.replay.differences), equal=0)
    figures.add("replay: decisions that could not be made again", len(made.replay.undecidable), equal=0)
    figures.add("reconcile: refunds of the months set against the ledger", made.refunds, at_least=refunds)
    figures.add("reconcile: of these made by a person", made.by_people, at_least=1)
    figures.add("reconcile: refunds in the books that were left out", made.books - made.refunds, equal=0)
    figures.add("reconcile: unexplained", made.unexplained, equal=0)
    figures.add("reconcile: cents of difference", made.cents, equal=0)
