"""A planted defect: a small wrong version of the product, which stands in its place only while it is looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

from tests.simulation.history import Lived
from tests.simulation.lives import LATES
from tests.simulation.sweep import HELPDESKS

Put = Callable[[Any, str, Any], Any]
"""Puts a value in the place of a name of a module or class until the defect ends; what stood there is returned."""


@dataclass(frozen=True)
class Defect:
    """One wrong version, and where to look for it: the histories still come from the simulation's own enumeration."""

    name: str
    words: str
    """What is wrong, in one sentence."""
    breaks: str
    """The promise that does not hold with it."""
    plant: Callable[[Put], None]
    lives: tuple[str, ...]
    shows: str
    """The class of broken promise that it must be found by."""
    level: str
    helpdesks: tuple[str, ...] = HELPDESKS
    lates: tuple[str, ...] = tuple(LATES)
    at_writes: bool = False
    """Only histories whose first fault meets a call that writes."""

    def is_found_in(self, lived: Lived) -> bool:
        """By what it breaks, and not by an error of its own."""
        return any(kind == self.shows for kind, _ in lived.verdict.broken) and not lived.errors

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The product has this defect meanwhile."""
        with ExitStack() as stack:
            put = partial(_put, stack)
            self.plant(put)
            yield


def _put(stack: ExitStack, owner: Any, name: str, value: Any) -> Any:
    before = getattr(owner, name)
    stack.enter_context(patch.object(owner, name, value))
    return before


DEFECTS: dict[str, Defect] = {}


def defect(breaks: str, *lives: str, shows: str, level: str, **more: Any) -> Callable[[Callable[[Put], None]], None]:
    """Names a defect by its function, and explains it by the function's docstring."""
    def add(plant: Callable[[Put], None]) -> None:
        words = (plant.__doc__ or "").strip()
        name = plant.__name__.replace("_", "-")
        DEFECTS[name] = Defect(name, words, breaks, plant, lives, shows, level, **more)
    return add
