"""Where a bench runs: an embedded PostgreSQL of its own that writes durably, and processes it talks to by lines."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import psutil  # type: ignore[import-untyped]
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from agent.database import connect_engine, start_server, stop_server, upgrade
from scripts.benches.rows import NotMeasured

ROOT = Path(__file__).resolve().parents[2]
_numbers = itertools.count(1)


class Server:
    """PostgreSQL with fsync on, as it is shipped; every database starts with our tables in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pgdata = folder / "postgres"
        self._url = make_url(start_server(self._pgdata)).set(drivername="postgresql+psycopg")
        self._admin = create_engine(self._url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self._run("create database migrated")
        template = connect_engine(self._at("migrated"))
        upgrade(template)
        template.dispose()

    def database(self) -> str:
        """The address of a fresh database."""
        name = f"bench_{next(_numbers)}"
        self._run(f"create database {name} template migrated")
        return self._at(name)

    def processes(self) -> list[psutil.Process]:
        """The server with all its children."""
        main = psutil.Process(int((self._pgdata / "postmaster.pid").read_text().split()[0]))
        return [main, *main.children(recursive=True)]

    def stop(self) -> None:
        self._admin.dispose()
        stop_server(self._pgdata)

    def _at(self, name: str) -> str:
        return self._url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def _run(self, sql: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(sql))


@contextmanager
def server() -> Iterator[Server]:
    """A server in a folder of its own, which is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="deskhand-bench-"))
    folder.chmod(0o755)  # the server may run as another user
    made = None
    try:
        made = Server(folder)
        yield made
    finally:
        if made is not None:
            made.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Child:
    """A process that answers each JSON line with one; killed when it is no longer needed."""

    def __init__(self, module: str, *arguments: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", module, *arguments], cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"})

    @property
    def pid(self) -> int:
        return self.process.pid

    def hear(self) -> dict[str, Any]:
        """Its next line. Raises NotMeasured when it ended instead."""
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise NotMeasured(f"a measuring process ended with code {self.process.wait(10)}; its words are above")
        said = json.loads(line)
        if "not_measured" in said:
            raise NotMeasured(said["not_measured"])
        return dict(said)

    def ask(self, **question: Any) -> dict[str, Any]:
        self.tell(**question)
        return self.hear()

    def tell(self, **words: Any) -> None:
        if self.process.stdin:
            self.process.stdin.write(json.dumps(words) + "\n")
            self.process.stdin.flush()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()


def questions() -> Iterator[dict[str, Any]]:
    """The lines a child is asked, until its parent goes away."""
    for line in sys.stdin:
        yield json.loads(line)


_speaking = threading.Lock()


def answer(**words: Any) -> None:
    """One line, whole, whichever thread says it."""
    with _speaking:
        sys.stdout.write(json.dumps(words) + "\n")
        sys.stdout.flush()


def cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    """User and system time of those that still live, their ended children not counted."""
    total = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def until(holds: Any, seconds: float, what: str, every: float = 0.05) -> float:
    """Waits until it holds, and says how long that took. Raises NotMeasured."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise NotMeasured(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(every)
    return time.monotonic() - began
