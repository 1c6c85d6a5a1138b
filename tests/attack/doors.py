"""`scripts/attack --doors`: every way in is tried, and what would come out elsewhere, too."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

from agent.database import Database
from tests.attack import doors_bodies, doors_forged, doors_outgoing, doors_routes, doors_server, doors_tokens
from tests.conftest import Reused, a_database
from tests.figures import Figures


def empty(reused: Reused) -> Database:
    reused.empty()
    return reused.lent()


def main(quick: bool, seed: int) -> Figures:
    """Every room of the doors. `quick`: a small slice, in seconds."""
    logging.disable(logging.CRITICAL)
    figures = Figures("Doors")
    figures.include(doors_outgoing.measured(quick))
    with a_database() as reused, tempfile.TemporaryDirectory(prefix="deskhand-") as folder:
        figures.include(doors_forged.measured(empty(reused), quick, seed))
        figures.include(doors_tokens.measured(lambda: empty(reused), quick, seed))
        figures.include(doors_routes.measured(lambda: empty(reused), quick))
        figures.include(doors_bodies.measured(empty(reused), quick))
        figures.include(doors_server.measured(empty(reused), Path(folder), quick))
    logging.disable(logging.NOTSET)
    return figures
