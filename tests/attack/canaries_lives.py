"""Whole lives of tickets that hold planted cards, with failures and with errors that quote them, in one process."""

from __future__ import annotations

import io
import logging
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, text

from agent.masking import mask_cards
from connectors import redaction
from tests.attack.canaries_planted import CODE, Canary
from tests.conftest import Reused
from tests.simulation.lives import LIVES
from tests.simulation.places import READS, WRITES, At, Places
from tests.simulation.stage import Spinning, Stage


class Quoting(Stage):
    """Whoever writes gives away a card, and the planner fails now and then with their words."""

    def __init__(self, engine: Engine, helpdesk: str, places: Places, card: Canary) -> None:
        self.card = card.value
        super().__init__(engine, helpdesk, places)

    def writes(self, body: str = "", email: str = "", **more: Any) -> Any:
        grouped = " ".join(self.card[at : at + 4] for at in range(0, 16, 4))
        return super().writes(f"{body}\nMy card is {grouped}, cvv {CODE}.", *([email] if email else []), **more)


@contextmanager
def the_door() -> Iterator[io.StringIO]:
    """What this process writes with every logger at its loudest, behind the door that every command stands behind."""
    out = io.StringIO()
    before = (sys.stderr, sys.excepthook, sys.unraisablehook, threading.excepthook, logging.getLogRecordFactory())
    levels = logging.Logger.getEffectiveLevel, logging.Logger.isEnabledFor
    sys.stderr = out
    redaction.install((mask_cards,))
    handler = logging.StreamHandler(sys.stderr)
    logging.getLogger().addHandler(handler)
    logging.Logger.getEffectiveLevel = lambda self: 1  # type: ignore[method-assign]
    logging.Logger.isEnabledFor = lambda self, level: True  # type: ignore[method-assign]
    try:
        yield out
    finally:
        logging.getLogger().removeHandler(handler)
        logging.Logger.getEffectiveLevel, logging.Logger.isEnabledFor = levels  # type: ignore[method-assign]
        sys.stderr, sys.excepthook, sys.unraisablehook, threading.excepthook = before[:4]
        logging.setLogRecordFactory(before[4])


ROWS = text("select tablename from pg_tables where schemaname = 'public'")


def lived(reused: Reused, card: Canary, seed: int, most: int | None) -> Iterator[tuple[str, bytes]]:
    """Each life in both helpdesks with two faults drawn for it: its name, and all that it left behind."""
    draw = random.Random(seed)
    lives = [(life, helpdesk) for life in LIVES for helpdesk in ("zendesk", "salesforce")]
    for life, helpdesk in draw.sample(lives, most) if most else lives:
        faults = tuple(At(draw.randrange(1, 12), draw.choice((*READS, *WRITES))) for _ in range(2))
        reused.empty()
        yield f"life {life} in {helpdesk}", _left(reused.lent().engine, life, helpdesk, faults, card)
        reused.taken_back()


def _left(engine: Engine, life: str, helpdesk: str, faults: tuple[At, ...], card: Canary) -> bytes:
    with the_door() as out:
        stage = Quoting(engine, helpdesk, Places(faults), card)
        try:
            LIVES[life](stage)
            stage.passes(hours=80)
            stage.planner.always = _fails  # type: ignore[attr-defined]
            stage.customer("And one more thing.", stage.tickets[-1])
            stage.passes(hours=2)
        except Spinning:
            out.write("it span\n")
    with engine.connect() as c:
        rows = [str(row) for name in c.execute(ROWS).scalars() for row in c.exec_driver_sql(f'select * from "{name}"')]  # noqa: S608
    ours = [str(part) for id in stage.tickets for part in (stage.notes(id), stage.replies(id))]
    return "\n".join([out.getvalue(), *rows, *ours, str(stage.activities())]).encode("utf-8", "replace")


def _fails(case: Any) -> Any:
    raise ValueError(f"cannot plan {case}")
