"""A hostile model at every door, random and worst-case proposals, and honest tickets beside them."""

from __future__ import annotations

from tests.attack import honest, injections, worst
from tests.figures import Figures


def main(quick: bool, seed: int) -> Figures:
    """Figures of the three rooms together."""
    figures = Figures("model")
    for room in (injections, worst, honest):
        figures.include(room.main(quick, seed))
    return figures
