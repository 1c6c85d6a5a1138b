"""Looks for a planted defect in a directed, seeded slice of the simulation's histories, and shows that the same
histories are clean without it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.simulation.defects.planting import DEFECTS, Defect
from tests.simulation.history import History, Lived, Place
from tests.simulation.story import last_line
from tests.simulation.sweep import A_WRITES, DRAWN, SEED, Scout, every_single, first, scouted

MOST = 400
"""Histories in a slice; a defect that none of them shows is not found."""


@dataclass(frozen=True)
class Found:
    """How the search for one defect ended."""

    name: str
    after: int
    """How many histories were lived with it."""
    of: int
    """How many the slice has."""
    key: str
    """The history that showed it; "" when none did."""
    last: str
    """The last line of that history's story."""
    broken: tuple[str, ...]
    """Those of the histories that break a promise without the defect, too."""


def slice_of(scouts: Sequence[Scout], level: str, *, at_writes: bool = False, seed: int = SEED,
             most: int = MOST) -> list[History]:
    """Histories of one level of the simulation's enumeration, in an order that the seed gives."""
    rng = random.Random(f"defects {seed}")
    if level in DRAWN:
        drawn = (DRAWN[level](rng, scouts[rng.randrange(len(scouts))]) for _ in range(most))
        return list(dict.fromkeys(drawn))
    histories = every_single(scouts)[level]
    if at_writes:
        asked = {(one.life, one.helpdesk, one.late): one.kinds for one in scouts}
        histories = [one for one in histories
                     if A_WRITES in asked[one.life, one.helpdesk, one.late][one.faults[0].after]]
    return rng.sample(histories, min(most, len(histories)))


class Hunt:
    """Searches in one place; what was lived there without a defect is not lived again."""

    def __init__(self, place: Place) -> None:
        self.live: Callable[[History], Lived] = place.live
        self.scouts = cache(lambda *of: scouted(place.live, *of))
        self.clean = cache(lambda history: place.live(history).ok)

    def look_for(self, defect: Defect) -> Found:
        """With the defect until what it breaks is broken, then the same histories without it."""
        histories = slice_of(self.scouts(defect.lives, defect.helpdesks, defect.lates), defect.level,
                             at_writes=defect.at_writes)
        with defect.planted():
            after, lived = first(self.live, histories, defect.is_found_in)
        broken = tuple(one.key for one in histories[:after] if not self.clean(one))
        return Found(defect.name, after, len(histories), lived.history.key if lived else "",
                     last_line(lived) if lived else "", broken)


@cache
def _hunt(place: Place) -> Hunt:
    return Hunt(place)


def look_for(place: Place, name: str, home: Path, number: int) -> Found:
    """For `in_processes`."""
    return _hunt(place).look_for(DEFECTS[name])
