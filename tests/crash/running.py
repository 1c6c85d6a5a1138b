"""Deskhand as it is installed, with its processes and its database, and the vendors beside it."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import psutil  # type: ignore[import-untyped]
import requests
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from agent import publishing
from agent.database import connect_engine, start_server, stop_server, upgrade
from agent.policy import read_text
from agent.policy.never import shipped_never_path
from scripts.benches.place import Child
from scripts.processes import Process, free_port
from tests.crash import books
from tests.crash.lives import OLD_PHONE, life
from tests.crash.world import CONFIG, environment, policy
from tests.figures import Figures

Json = dict[str, Any]
Say = Callable[[str], None]

STARTING = 180.0
"""Seconds a process may take until it answers, its database recovered before."""
STANDSTILL = 900.0
"""Seconds without any ticket coming on, after which the rest counts as stuck: three times the longest that Deskhand
waits before it tries again."""
ONE_ASKS_IN, CENTS_A_TICKET = 3, 20
"""Fewer than of the lives as they are drawn: every second asks for something, and 66 cents are due to each."""
IDLE_WORDS = 2000
CALM_LOOKS, CALM_EVERY = 5, 0.4


class Stuck(RuntimeError):
    """The run cannot go on; the message says what does not come, with the end of the log."""


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on a disk, removed afterwards. Raises Stuck where it would only be in memory."""
    made = Path(tempfile.mkdtemp(prefix="deskhand-crash-"))
    made.chmod(0o755)  # the database server may run as another user
    try:
        if filesystem(made) in ("tmpfs", "ramfs"):
            raise Stuck(f"{made} is in memory; set TMPDIR to a folder on a disk.")
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def filesystem(of: Path) -> str:
    """The kind of file system the folder lies on, such as ext4."""
    mounted = {part.mountpoint: part.fstype for part in psutil.disk_partitions(all=True)}
    return str(next((mounted[str(at)] for at in (of, *of.parents) if str(at) in mounted), "unknown"))


class Postgres:
    """The embedded server: started and found by whoever opens it, killed here without mercy."""

    def __init__(self, pgdata: Path) -> None:
        self.pgdata = pgdata
        self.url = ""

    def start(self) -> None:
        self.url = start_server(self.pgdata)

    def kill(self) -> int:
        """kill -9 of the server and all its processes; how many there were."""
        try:
            main = psutil.Process(int((self.pgdata / "postmaster.pid").read_text().split()[0]))
            all = [main, *main.children(recursive=True)] if main.name().startswith("postgres") else []
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return 0
        for process in all:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(all, 15)
        return len(all)

    def immediate(self) -> None:
        """Ends it without a checkpoint, as `pg_ctl stop -m immediate` does."""
        main = psutil.Process(int((self.pgdata / "postmaster.pid").read_text().split()[0]))
        main.send_signal(signal.SIGQUIT)
        psutil.wait_procs([main], 30)

    def stop(self) -> None:
        stop_server(self.pgdata)


class Installed:
    """Deskhand in `folder`. `serve` with what it is given; the vendors stay what they are whatever happens to it."""

    def __init__(self, folder: Path, seed: int, *, own_database: bool, workers: int = 0) -> None:
        self.folder = folder
        self.postgres = Postgres((folder / "elsewhere" if own_database else folder / "var") / "postgres")
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self.seed = seed
        (folder / "deskhand.toml").write_text(CONFIG)
        self.vendors = Child("tests.crash.vendors", self.url, str(seed))
        self.postgres.start()
        told = self.vendors.hear()
        env = environment(told["url"], self.url, folder, told["certificate"])
        if own_database:
            env |= {"DESKHAND_DATABASE_URL": self.postgres.url}
        only = ["--no-worker"] if workers else []
        self.serve = Process("serve", ["serve", "--port", str(port), *only], folder, env)
        self.workers = [Process(f"work{n + 1}", ["work"], folder, env) for n in range(workers)]
        self.engine: Engine = connect_engine(self.postgres.url, pool=3, application="crash")
        self._publish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for process in (self.serve, *self.workers):
            process.kill()
        self.engine.dispose()
        self.vendors.kill()
        self.postgres.stop()

    def _publish(self) -> None:
        upgrade(self.engine)
        with self.engine.begin() as c:
            drafted = publishing.draft(c, policy(), read_text(shipped_never_path()))
            publishing.publish(c, drafted, publishing.People(), "Ana Admin", None, datetime.now(UTC))

    def settings(self) -> Mapping[str, str]:
        """What the database says of how it writes."""
        with self.engine.connect() as c:
            return {name: str(c.execute(text(f"show {name}")).scalar_one())
                    for name in ("fsync", "synchronous_commit", "full_page_writes")}

    def until_ready(self) -> None:
        self.serve.until(lambda: self.ready() or None, STARTING)

    def check(self) -> None:
        """Raises Stuck when a process ended without being killed, or does nothing because of its settings."""
        for process in (self.serve, *self.workers):
            if process.running is not None and process.running.poll() is not None:
                raise Stuck(f"{process.name} ended by itself with {process.running.returncode}.\n{process.tail()}")
        if "Nothing is executed" in self.serve.log.read_text(errors="replace")[:IDLE_WORDS]:
            raise Stuck(f"Deskhand executes nothing.\n{self.serve.tail()}")

    def ready(self) -> bool:
        with requests.Session() as http, suppress(requests.RequestException):
            http.trust_env = False
            return http.get(f"{self.url}/readyz", timeout=5).status_code == 200
        return False

    def ask(self, sql: str, **values: Any) -> list[Any] | None:
        """Rows of our own database; None while it is away."""
        with suppress(SQLAlchemyError), self.engine.connect() as c:
            return list(c.execute(text(sql), values))
        return None

    def due(self) -> int | None:
        """Tickets with a reason to look that no pass has served; None while the database is away."""
        rows = self.ask(_DUE)
        return None if rows is None else int(rows[0].due)

    def quiet(self, say: Say) -> list[str]:
        """Waits until nothing is on its way any more; returns the tickets on which nothing came on for long."""
        calm, last, since = 0, "", time.monotonic()
        while calm < CALM_LOOKS:
            time.sleep(CALM_EVERY)
            told, rows = self.vendors.ask(do="state"), self.ask(UNDER_WAY)
            left = [] if rows is None else [str(row.ref) for row in rows]
            calm = calm + 1 if rows is not None and not (left or told["waiting"] or told["steps"]) else 0
            now = f"{len(left)} {told['waiting']} {told['steps']} {rows is None}"
            if now != last:
                last, since = now, time.monotonic()
                say(f"waiting until all is quiet: {len(left):,} tickets under way, {told['waiting']:,} events not "
                    f"acknowledged")
            elif time.monotonic() - since > STANDSTILL:
                return left or [f"{told['waiting']} events are not acknowledged"]
        return []

    def tell(self, figures: Figures, stuck: list[str], events: int, tickets: int) -> None:
        """Sets every ticket against the vendors' books, and adds what came of it, each difference by name.

        `events` to be acknowledged and `tickets` to be written, at least.
        """
        file = self.folder / "books.json"
        state = self.vendors.ask(do="books", file=str(file))
        told = json.loads(file.read_text())
        lives = [(life(one["number"], self.seed), one["id"]) for one in told["tickets"]]
        found = books.compare([books.Ticket(made.helpdesk, id, made.email, made.due(), OLD_PHONE, made.first_name)
                               for made, id in lives], told["books"])
        acknowledged = {(vendor, id) for vendor, id in told["acknowledged"]}
        kept = {(row.vendor, row.delivery_id) for row in self.ask("select vendor, delivery_id from events") or []}
        figures.add("events acknowledged", state["acknowledged"], at_least=events)
        figures.add("of these sent again though acknowledged", state["repeated"])
        figures.add("deliveries that were not acknowledged, and sent again", sum(state["refused"].values()))
        figures.add("acknowledged events that the database does not hold", len(acknowledged - kept), equal=0)
        came_to(figures, found, stuck, tickets)


def came_to(figures: Figures, found: books.Compared, stuck: list[str], tickets: int) -> None:
    """What stands in the books, and that there was enough that could be missing there."""
    figures.add("tickets", found.tickets, at_least=max(1, tickets))
    figures.add("of these with something to do", found.asked, at_least=max(1, found.tickets // ONE_ASKS_IN))
    figures.add("not finished", len(stuck), equal=0)
    figures.add("lost", len(found.lost), equal=0)
    figures.add("doubled", len(found.doubled), equal=0)
    figures.add("what nobody asked for", len(found.beyond), equal=0)
    figures.add("cents due", found.cents_due, at_least=max(1, found.tickets * CENTS_A_TICKET))
    figures.add("cents refunded", found.cents_paid, equal=found.cents_due)
    figures.also["differences"] = [*(f"not finished: {one}" for one in stuck), *found.differences()]


_DUE = "select count(*) as due from tickets where wanted > served"
UNDER_WAY = """
    select ref from tickets where wanted > served or attempts > 0 or state in ('new', 'acting')
    union all select 'wake ' || id from procrastinate_jobs
     where status = 'doing' or status = 'todo' and coalesce(scheduled_at, now()) <= now()
    union all select id from operations
     where state in ('sent', 'unknown') or state = 'planned' and kind in ('undo', 'log_activity')
"""
"""What is not written in the CRM yet keeps no ticket open."""
