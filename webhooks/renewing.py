"""Signing secrets as `.env` holds them now, so that a rotation needs no restart."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import overload

from webhooks.settings import Own, environment, read_settings

log = logging.getLogger("deskhand.webhooks.renewing")

Stamp = tuple[int, int, int] | None
UNREAD: Stamp = (-1, -1, -1)
"""Of no file: the settings were read before this could look, and `.env` may have been replaced in between."""


class Renewing:
    """Deskhand's own settings, read again when `.env` was replaced; what cannot be used leaves those before."""

    def __init__(self, folder: Path, own: Own) -> None:
        self._folder = folder
        self._own = own
        self._stamp = UNREAD
        self._reading = threading.Lock()

    def own(self) -> Own:
        with self._reading:  # nobody goes on with what was before while the file is being read
            stamp = self._look()
            if stamp != self._stamp:
                self._stamp = stamp  # before it is read: what comes in between is seen the next time
                read = read_settings(environment(self._folder)).own
                if read is None:
                    log.warning(".env was changed and cannot be used; the secrets before it go on counting")
                self._own = read or self._own
            return self._own

    def secrets(self, of: Callable[[Own], tuple[str, ...]]) -> Secrets:
        return Secrets(lambda: of(self.own()), of(self._own))

    def _look(self) -> Stamp:
        try:
            seen = (self._folder / ".env").stat()
        except OSError:
            return None
        return seen.st_mtime_ns, seen.st_ino, seen.st_size


class Secrets(Sequence[str]):
    """The values that count now, newest first. Without any, those before go on counting."""

    def __init__(self, read: Callable[[], tuple[str, ...]], first: tuple[str, ...]) -> None:
        self._read = read
        self._last = first

    def _now(self) -> tuple[str, ...]:
        self._last = self._read() or self._last
        return self._last

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        return self._now()[at]
