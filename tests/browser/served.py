"""What the browser meets here: a helpdesk's page around the app, and a Deskhand that says what a test wants."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.serving import make_server

from webhooks.assets import Assets
from webhooks.pages import Pages
from webhooks.sidebar import ZendeskFrame
from webhooks.tokens import SignedApp

HERE = Path(__file__).parent
BEARER = "b" * 43
NOBODYS = SignedApp("acme", "1", ())
HOST_FILES = {
    "": ("host.html", "text/html"),
    "host.js": ("host.js", "text/javascript"),
    "zaf_sdk.js": ("zaf_sdk.js", "text/javascript"),
}
Answer = tuple[int, dict[str, Any] | None]


@contextmanager
def on_loopback(app: Any) -> Iterator[str]:
    """The WSGI app at a free port of this machine, as `http://127.0.0.1:port`."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def helpdesk() -> Flask:
    """The page that stands for Zendesk's, and the script that stands for its app script."""
    app = Flask("helpdesk", static_folder=None)

    @app.get("/")
    @app.get("/<name>")
    def file(name: str = "") -> Response:
        if name not in HOST_FILES:
            return Response(status=404)
        path, kind = HOST_FILES[name]
        return Response((HERE / path).read_text(), content_type=f"{kind}; charset=utf-8")

    return app


class Scripted:
    """A Deskhand that shows one state and answers presses as told; what was pressed is kept."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.state: dict[str, Any] = {}
        self.locale = "en"
        self.sdk = True
        self.answers: dict[str, Answer] = {}
        """By path; for what has none, 200 with the state."""
        self.pressed: list[tuple[str, dict[str, Any]]] = []
        self.waiting: dict[str, Any] = {"items": [], "more": False}
        self.answering = threading.Event()
        """While it is not set, presses hang."""
        self.answering.set()
        self.asked = 0
        self.unchanged = 0
        self.after: Callable[[str], dict[str, Any]] | None = None
        """The state after a press, by its path."""

    def app(self, host: Callable[[], str]) -> Flask:
        app = Flask("scripted", static_folder=None)
        pages = Pages(Assets())
        app.register_blueprint(pages.assets.door())

        @app.post("/sidebar/zendesk")
        def page() -> Response:
            frame = ZendeskFrame(NOBODYS, host(), f"{host()}/{'zaf_sdk.js' if self.sdk else 'missing.js'}")
            return pages.show(
                "sidebar.html",
                lets=frame.lets(),
                locale=self.locale,
                bearer=BEARER,
                origin=frame.origin,
                sdk_url=frame.sdk_url,
            )

        @app.get("/api/ticket")
        def ticket() -> Response:
            self.asked += 1
            if (told := self._told("/api/ticket")) is not None:
                return told
            return self._state()

        @app.get("/api/waiting")
        def waiting() -> Response:
            return self._told("/api/waiting") or _json(200, self.waiting)

        @app.post("/api/<path:path>")
        def press(path: str) -> Response:
            whole = f"/api/{path}"
            self.pressed.append((whole, request.get_json()))
            self.answering.wait(20)
            if (told := self._told(whole)) is not None:
                return told
            if self.after and "bind" not in path:
                self.state = self.after(whole)
            return _json(200, self.state)

        return app

    def presses(self) -> list[tuple[str, dict[str, Any]]]:
        return [one for one in self.pressed if "sessions/bind" not in one[0]]

    def _told(self, path: str) -> Response | None:
        if path not in self.answers:
            return None
        status, body = self.answers[path]
        return _json(status, body)

    def _state(self) -> Response:
        body = json.dumps(self.state)
        etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:20]}"'
        if request.headers.get("If-None-Match") == etag:
            self.unchanged += 1
            return Response(status=304, headers={"ETag": etag})
        return Response(body, content_type="application/json", headers={"ETag": etag, "Cache-Control": "no-store"})


def _json(status: int, body: Any) -> Response:
    kind = "application/json" if status < 400 else "application/problem+json"
    return Response(json.dumps(body), status, content_type=kind)
