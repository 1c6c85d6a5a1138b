"""`deskhand sandbox`: the stand-ins of all vendors in one process, each under its own path prefix."""

from __future__ import annotations

import importlib
import json
import secrets
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from connectors.http import is_loopback
from connectors.standin import Door, Json, Rules, SandboxClock, request_of
from scripts.control import Control, Mistaken
from scripts.sender import Sender
from scripts.serving import Environ, HttpServer

DEMO = "demo"


def stand_ins() -> dict[str, Rules]:
    """A stand-in of every vendor that is installed, by name: the class in its `standin` that bears the name."""
    found = {}
    for point in entry_points(group="deskhand.connectors"):
        module = importlib.import_module(f"{point.module}.standin")
        found[point.name] = next(thing() for thing in vars(module).values()
                                 if isinstance(thing, type) and getattr(thing, "name", None) == point.name)
    return found


def world(named: str | Path = DEMO) -> Json:
    """A world file, or one of those that come with Deskhand by its name. Raises Mistaken."""
    try:
        if isinstance(named, Path):
            text = named.read_text()
        else:
            text = (files("scripts") / "worlds" / f"{named}.json").read_text()
        read = json.loads(text)
    except (OSError, ValueError) as error:
        raise Mistaken(f"The world {named} cannot be read: {error}") from error
    if not isinstance(read, dict):
        raise Mistaken(f"The world {named} is no object with one part per vendor.")
    return read


class Sandbox:
    """The stand-ins behind one port, with `/_control` beside them. Port 0 takes a free one."""

    def __init__(self, world: Json | None = None, host: str = "127.0.0.1", port: int = 0) -> None:
        self.clock = SandboxClock()
        self._stopping = threading.Event()
        rules = stand_ins()
        self.doors = {name: Door(each, self.clock, self._wait) for name, each in rules.items()}
        self.control = Control(self.doors, self.clock, world or {})
        self.control.load(self.control.world)
        self._sender = Sender(rules, self.clock)
        self._server = HttpServer(self, host, port)

    @property
    def url(self) -> str:
        return f"http://{self._server.server_name}:{self._server.server_port}"

    def start(self) -> Sandbox:
        self._server.start()
        self._sender.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        self._sender.stop()
        self._server.stop()

    def _wait(self, seconds: float) -> None:
        """Sleeps, but not longer than the sandbox lives."""
        self._stopping.wait(seconds)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        first, _, rest = environ["PATH_INFO"].lstrip("/").partition("/")
        if first in self.doors:
            return self.doors[first]({**environ, "PATH_INFO": "/" + rest, "SCRIPT_NAME": "/" + first}, start_response)
        if first == "_control" and is_loopback(environ["REMOTE_ADDR"]):
            request = request_of({**environ, "PATH_INFO": "/" + rest})
            return _json(*self.control.answer(request), start_response)
        vendors = ", ".join(f"/{name}" for name in self.doors)
        return _json(404, {"error": f"Here are {vendors} and /_control."}, start_response)


def _json(status: int, body: Json, start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response(f"{status} {'OK' if status < 400 else 'Error'}", [("Content-Type", "application/json")])
    return [json.dumps(body, default=str).encode() + b"\n"]


def settings(url: str, world: Json) -> dict[str, str]:
    """The settings of an installation that talks to the sandbox at `url` with this world's own names and secrets."""
    zendesk, salesforce = world["zendesk"], world["salesforce"]
    endpoints = world["stripe"].get("webhook_endpoints", [])
    [[login, token], *_] = zendesk["tokens"].items()
    [[client, given], *_] = salesforce["clients"].items()
    return {
        "ZENDESK_SUBDOMAIN": zendesk["subdomain"], "ZENDESK_EMAIL": login.removesuffix("/token"),
        "ZENDESK_API_TOKEN": token, "ZENDESK_WEBHOOK_SECRET": zendesk["webhooks"][0]["secret"],
        "ZENDESK_SENDER_AUTH": "on", "ZENDESK_SANDBOX": "on", "ZENDESK_URL": f"{url}/zendesk",
        "STRIPE_API_KEY": next(iter(world["stripe"]["keys"])), "STRIPE_URL": f"{url}/stripe",
        **({"STRIPE_WEBHOOK_SECRET": endpoints[0]["secret"]} if endpoints else {}),
        "SALESFORCE_DOMAIN": salesforce["domain"], "SALESFORCE_CLIENT_ID": client,
        "SALESFORCE_CLIENT_SECRET": given["secret"], "SALESFORCE_URL": f"{url}/salesforce",
        "OPENAI_API_KEY": world["openai"]["keys"][0], "OPENAI_MODEL": "sandbox-model",
        "OPENAI_BASE_URL": f"{url}/openai/v1",
    }


@contextmanager
def until_told_to_stop() -> Iterator[threading.Event]:
    """An event that is set by Ctrl-C or SIGTERM."""
    told = threading.Event()
    before = {number: signal.signal(number, lambda *_: told.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.command()
@click.option("--port", default=8090, show_default=True, help="0 takes a free port.")
@click.option("--world", "file", type=click.Path(path_type=Path), help="JSON with one part per vendor.")
@click.option("--empty", is_flag=True, help="Start with empty books instead of the demo's world.")
@click.option("--settings", "show_settings", is_flag=True, help="Print a .env for a `deskhand serve` that talks to it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line when ready.")
def sandbox(port: int, file: Path | None, empty: bool, show_settings: bool, as_json: bool) -> None:
    """Stand-ins of Zendesk, Stripe, Salesforce and the model API."""
    if show_settings:
        lines = {"DESKHAND_SECRET_KEY": secrets.token_urlsafe(36), **settings(f"http://127.0.0.1:{port}", world())}
        click.echo("\n".join(f"{name}={value}" for name, value in lines.items()))
        return
    try:
        served = Sandbox({} if empty else world(file or DEMO), port=port)
    except Mistaken as mistake:
        raise click.ClickException(str(mistake)) from mistake
    except OSError as error:
        raise click.ClickException(f"Port {port} cannot be used ({error.strerror}); choose another with --port.") \
            from error
    with until_told_to_stop() as told:
        served.start()
        click.echo(_ready(served.url, as_json))
        told.wait()
    served.stop()


def _ready(url: str, as_json: bool) -> str:
    vendors = {name: f"{url}/{name}" for name in stand_ins()}
    if as_json:
        return json.dumps({"ready": True, "url": url, "vendors": vendors, "control": f"{url}/_control"})
    lines = [f"The sandbox is at {url}; Ctrl-C ends it.", ""]
    lines += [f"  {name:<12}{address}" for name, address in vendors.items()]
    lines += [f"  {'control':<12}{url}/_control", "",
              "`deskhand sandbox --settings` prints settings for a `deskhand serve` that talks to the demo's world."]
    return "\n".join(lines)
