"""Real processes on loopback: started with their own environment, waited for, and stopped by their own ids."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")


class DidNotStart(RuntimeError):
    """A process ended or stayed silent; the message holds the end of its log."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, look: Callable[[], Found | None], seconds: float, every: float = 0.03) -> Found:
    """What `look` finds, looked for again and again. Raises TimeoutError, naming what was waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (found := look()) is not None:
            return found
        time.sleep(every)
    raise TimeoutError(f"{what} did not come within {seconds:.0f} s")


@dataclass
class Process:
    """`deskhand` with some arguments, in a folder of its own; what it prints goes to a log file there."""

    name: str
    arguments: list[str]
    folder: Path
    environment: Mapping[str, str]
    running: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        inherited = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(  # noqa: S603 - our own command with our own arguments
                [sys.executable, "-m", "scripts.cli", *self.arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
                env={**inherited, "HOME": str(self.folder), "PYTHONUNBUFFERED": "1", **self.environment})

    def to_its_end(self, seconds: float = 60) -> str:
        """Starts it and returns what it printed when it ended well. Raises DidNotStart."""
        self.start()
        if self.running is None or self.running.wait(seconds) != 0:
            raise DidNotStart(f"{self.name} failed.\n{self.tail()}")
        self.running = None
        return self.tail()

    def until(self, look: Callable[[], Found | None], seconds: float = 80) -> Found:
        """Waits until it is up, as `look` sees it. Raises DidNotStart."""
        def look_if_there() -> Found | None:
            if self.running is not None and self.running.poll() is not None:
                raise DidNotStart(f"{self.name} ended with {self.running.returncode}.\n{self.tail()}")
            return look()

        try:
            return wait_for(self.name, look_if_there, seconds)
        except TimeoutError as late:
            raise DidNotStart(f"{late}.\n{self.tail()}") from late

    def tail(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def kill(self) -> None:
        """kill -9: it gets no chance to finish anything."""
        self._end(signal.SIGKILL)

    def stop(self, patience: float = 15) -> None:
        """Asks it to end, and makes it end when it does not."""
        try:
            self._end(signal.SIGTERM, patience)
        except subprocess.TimeoutExpired:
            self.kill()

    def _end(self, how: signal.Signals, patience: float = 15) -> None:
        if self.running is None:
            return
        if self.running.poll() is None:
            self.running.send_signal(how)
        self.running.wait(patience)
        self.running = None
