"""Rounds shared out to a few processes, each with a database of its own; connections to outside are counted."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn
from sqlalchemy import Engine

from tests.conftest import Reused, a_database
from tests.figures import Figures

R = TypeVar("R")
T = TypeVar("T")

SHARED = Path(__file__).parents[3] / "shared"
"""What lies beside some checkouts: strings, vectors and recipes that others published."""
PORTION = 5
"""Rounds given to a process at a time."""


def published(figures: Figures, what: str, name: str, read: Callable[[Path], int], least: int) -> None:
    """How many `read` found in the file of this name beside the checkout: enough, wherever there is such a folder.

    Where there is none, the figure is 0 and says why: nothing was shown, and nothing could be.
    """
    if not SHARED.is_dir():
        figures.add(f"{what}: none, because there is no ../shared beside this checkout", 0)
        return
    at = beside(name)
    figures.add(what, read(at) if at.exists() else 0, at_least=least)


def beside(name: str) -> Path:
    """Where a published file of attacks lies, if it is there."""
    return SHARED / "data" / "attacks" / name


def with_empty_tables(reused: Reused, rounds: Sequence[R], live: Callable[[Engine, R], T]) -> list[T]:
    """What each round came to, one after the other. Raises RuntimeError, which names the round that failed."""
    lived = []
    for one in rounds:
        reused.empty()
        try:
            lived.append(live(reused.lent().engine, one))
        except Exception as error:  # noqa: BLE001 - it may not come whole out of another process
            raise RuntimeError(f"{one}: {type(error).__name__}: {error}") from None
        reused.taken_back()
    return lived


def shared_out(rounds: Sequence[R], live: Callable[[Engine, R], T], what: str, *, workers: int = 2,
               quiet: bool = False) -> list[T]:
    """What each round came to, in their order; `live` is a function of a module."""
    portions = [rounds[at:at + PORTION] for at in range(0, len(rounds), PORTION)]
    columns = ("[progress.description]{task.description}", MofNCompleteColumn(), TimeElapsedColumn(),
               TimeRemainingColumn())
    lived: list[T] = []
    pool = _pool(workers)
    out = Console(stderr=True, quiet=quiet)
    with Progress(*columns, console=out, transient=True, disable=quiet) as progress:
        bar = progress.add_task(what, total=len(rounds))
        for portion in pool.map(partial(_lived, live), portions):
            tenths = len(lived) * 10 // len(rounds)
            lived += portion
            progress.update(bar, completed=len(lived))
            if not out.is_terminal and len(lived) * 10 // len(rounds) > tenths:
                out.print(f"{what}: {len(lived):,} of {len(rounds):,}", highlight=False)  # a log has no moving bar
    return lived


@cache
def _pool(workers: int) -> ProcessPoolExecutor:
    """The processes stay for the next rounds: their databases take seconds to start."""
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin)


_OURS: dict[str, Any] = {}


def _begin() -> None:
    """Makes this process's database; both end with the process."""
    logging.disable(logging.CRITICAL)  # what the product says of thousands of bad answers
    opened = a_database()
    _OURS["opened"], _OURS["reused"] = opened, opened.__enter__()
    from multiprocessing.util import Finalize  # noqa: PLC0415 - only a process of a pool ends this way
    Finalize(None, opened.__exit__, args=(None, None, None), exitpriority=10)


def _lived(live: Callable[[Engine, R], T], rounds: Sequence[R]) -> list[T]:
    return with_empty_tables(_OURS["reused"], rounds, live)


@contextmanager
def calls_outside() -> Iterator[list[str]]:
    """Every address that Python looks up or connects to meanwhile; none is reached. The database is not among them:
    its driver connects by itself."""
    tried: list[str] = []

    def refused(where: Any) -> OSError:
        tried.append(str(where))
        return OSError("no address outside is reached here")

    def connect(self: socket.socket, address: Any) -> None:
        raise refused(address)

    def look_up(host: Any, *_: Any, **__: Any) -> Any:
        raise refused(host)

    before = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo
    socket.socket.connect = connect  # type: ignore[method-assign,assignment]
    socket.socket.connect_ex = connect  # type: ignore[method-assign,assignment]
    socket.getaddrinfo = look_up
    try:
        yield tried
    finally:
        socket.socket.connect, socket.socket.connect_ex = before[:2]  # type: ignore[method-assign]
        socket.getaddrinfo = before[2]
