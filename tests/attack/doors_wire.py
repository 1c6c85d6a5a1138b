"""One request handed to an application as a server hands it on: header values and bodies may be anything."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Asked:
    """A request. Header values are what stands between the colon and the end of the line, as latin-1."""

    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    query: str = ""

    def saying(self, name: str, said: str) -> Asked:
        return replace(self, headers={**self.headers, name: said})

    def without(self, name: str) -> Asked:
        return replace(self, headers={one: said for one, said in self.headers.items() if one != name})


@dataclass(frozen=True)
class Told:
    status: int
    headers: dict[str, str]
    body: bytes


def wire(said: str) -> str:
    """A text as its UTF-8 bytes look on the wire."""
    return said.encode("utf-8", "surrogatepass").decode("latin-1")


def called(app: Any, asked: Asked) -> Told:
    """What the application answers."""
    told: list[Any] = []
    environ = {
        "REQUEST_METHOD": asked.method, "SCRIPT_NAME": "", "PATH_INFO": wire(asked.path), "QUERY_STRING": asked.query,
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": str(len(asked.body)), "wsgi.input": io.BytesIO(asked.body),
        "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "wsgi.version": (1, 0), "wsgi.multithread": False,
        "wsgi.multiprocess": False, "wsgi.run_once": False, "wsgi.input_terminated": True}
    for name, said in asked.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = wire(said)
    given = app.wsgi_app(environ, lambda status, headers, *_: told.extend((status, headers)))
    body = b"".join(given)
    if close := getattr(given, "close", None):
        close()
    return Told(int(told[0].split(" ", 1)[0]), dict(told[1]), body)
