"""A record page for the Lightning component, and a server that plays the package's Apex behind it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask.testing import FlaskClient

from scripts.salesforce.tools import PROJECT, Tools

HERE = Path(__file__).parent
SOURCES = PROJECT / "force-app" / "main" / "default"
WORDS = {"en": SOURCES / "labels" / "CustomLabels.labels-meta.xml",
         "de": PROJECT / "german" / "main" / "default" / "translations" / "de.translation-meta.xml"}
KINDS = {"page.html": "text/html", "page.js": "text/javascript", "page.css": "text/css", "en.js": "text/javascript",
         "de.js": "text/javascript"}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
Answer = dict[str, Any]
Said = Mapping[str, Any]
Apex = Callable[[str, Said], Answer]
"""A method of DeskhandPanel with its arguments -> {status, body, etag}."""


def built(tools: Tools, folder: Path) -> Path:
    """The component as one script for each language, from the sources that are deployed."""
    for language, words in WORDS.items():
        told = subprocess.run([tools.node, HERE / "build.mjs", tools.folder, SOURCES, words,  # noqa: S603
                               language, folder / f"{language}.js"], capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
    return folder


def record_page(scripts: Path, apex: Callable[[], Apex]) -> Flask:
    """Keeps the page to its own scripts: whatever else would run is a violation."""
    app = Flask("record page", static_folder=None)

    @app.get("/")
    @app.get("/<name>")
    def file(name: str = "page.html") -> Response:
        if name not in KINDS:
            return Response(status=404)
        at = (scripts if name.removesuffix(".js") in WORDS else HERE) / name
        return Response(at.read_bytes(), content_type=f"{KINDS[name]}; charset=utf-8",
                        headers={"Content-Security-Policy": POLICY})

    @app.post("/apex/DeskhandPanel.<method>")
    def call(method: str) -> Response:
        return Response(json.dumps(apex()(method, request.get_json())), content_type="application/json")

    return app


class ScriptedApex:
    """Shows one state and answers presses as told; what was pressed is kept."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}
        self.waiting: dict[str, Any] = {"items": [], "more": False}
        self.answers: dict[str, Answer] = {}
        """By method; for what has none, 200 with the state."""
        self.pressed: list[tuple[str, Said]] = []
        self.answering = threading.Event()
        """While it is not set, presses hang."""
        self.answering.set()

    def __call__(self, method: str, said: Said) -> Answer:
        if method not in ("state", "waiting"):
            self.pressed.append((method, said))
            self.answering.wait(20)
        if method in self.answers:
            return self.answers[method]
        if method == "waiting":
            return ok(self.waiting)
        etag = f'"{hashlib.sha256(json.dumps(self.state).encode()).hexdigest()[:20]}"'
        return {"status": 304, "body": "", "etag": etag} if said.get("etag") == etag else ok(self.state, etag)


def ok(body: Any, etag: str | None = None) -> Answer:
    return {"status": 200, "body": json.dumps(body), "etag": etag}


@dataclass
class PlayedApex:
    """Calls the product's own API as DeskhandPanel.cls does: signed by the org, for the user who is looking."""

    client: FlaskClient
    signs: Callable[..., Any]
    """Has the org's stand-in sign a call."""
    user: str

    def __call__(self, method: str, said: Said) -> Answer:
        verb, path, body = _call(method, said)
        raw = "" if body is None else json.dumps(body)
        signed = self.signs("signs", method=verb, path=path, body=raw, user=self.user, case=said.get("caseId"))
        match = {"If-None-Match": said["etag"]} if said.get("etag") else {}
        answer = self.client.open(path, method=verb, data=raw, headers={**signed["headers"], **match})
        return {"status": answer.status_code, "body": answer.text, "etag": answer.headers.get("ETag")}


def _call(method: str, said: Said) -> tuple[str, str, dict[str, Any] | None]:
    seen = {"digest": said.get("digest")}
    if method in ("state", "waiting"):
        return "GET", "/api/ticket" if method == "state" else "/api/waiting", None
    if method in ("pause", "resume"):
        return "POST", f"/api/{method}", dict(said)
    if method == "undo":
        return "POST", f"/api/operations/{said['operation']}/undo", seen
    if method == "approve":
        return "POST", f"/api/approvals/{said['waitId']}", seen | ({"amount": said["amount"]} if said["amount"] else {})
    if method == "decline":
        return "POST", f"/api/approvals/{said['waitId']}/decline", seen | {"reason": said["reason"]}
    paths = {"run": "run", "takeOver": "take-over", "giveBack": "give-back"}
    return "POST", f"/api/ticket/{paths[method]}", seen
