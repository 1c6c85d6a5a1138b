"""Checkers are no part of an installation: they are kept in the user's cache, outside the checkout."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
NO_TOOLS = 3
"""The exit code of a check that cannot run on this machine."""


class NoTools(Exception):
    """The checks cannot run on this machine; says what to do."""


def cache() -> Path:
    """A folder to install in. Raises NoTools where there is none that can be written."""
    for at in (Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "deskhand", ROOT / "var" / "cache"):
        try:
            at.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(at, os.W_OK):
            return at
    raise NoTools("There is no folder to install the checkers in: neither the user's cache nor var/ can be written.")


@contextmanager
def alone(at: Path) -> Iterator[None]:
    """Two checks at the same time install once."""
    with at.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def last_lines(text: str, count: int = 8) -> str:
    return "\n".join(text.strip().splitlines()[-count:])
