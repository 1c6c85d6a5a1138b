"""A process that serves the webhook door, or its peer: a bare route with the same HMAC and one insert."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, jsonify, request
from psycopg_pool import ConnectionPool
from waitress.server import create_server

from agent.database import open_database
from agent.published import Published
from connectors.contract import digest
from scripts.benches.place import answer, questions
from webhooks.app import Health, create_app
from webhooks.inbox import Inbox
from webhooks.zendesk import ZendeskDoor, zendesk_door

SECRET = base64.b64encode(b"a secret for measuring, not real").decode()
ACCOUNT, ACCOUNT_ID = "acme", 10000001
THREADS = 8
PATH = "/webhooks/zendesk"
STAMP, SIGNATURE = "X-Zendesk-Webhook-Signature-Timestamp", "X-Zendesk-Webhook-Signature"


def sign(stamp: str, body: bytes) -> str:
    """Zendesk docs, "Verifying and authenticating webhook requests"."""
    return base64.b64encode(hmac.new(SECRET.encode(), stamp.encode() + body, "sha256").digest()).decode()


def ours(url: str) -> Flask:
    """The door as it is served, with no worker behind it."""
    engine = open_database(url, Path("unused")).engine
    door = ZendeskDoor(ACCOUNT, (SECRET,), ACCOUNT_ID)
    health = Health(engine, worker=lambda: "running", published=Published())
    return create_app(health, (zendesk_door(door, Inbox(url, digest), lambda: datetime.now(UTC)),))


def bare(url: str) -> Flask:
    """As little as a door can do that checks the signature and remembers the event."""
    app = Flask("bare", static_folder=None)
    pool = ConnectionPool(url, min_size=THREADS, max_size=THREADS, open=True, kwargs={"autocommit": True})
    with pool.connection() as connection:
        connection.execute("create table if not exists bare (delivery text primary key, sha256 bytea, at timestamptz)")

    @app.post(PATH)
    def receive() -> tuple[Response, int]:
        raw = request.get_data(cache=False)
        wanted = sign(request.headers.get(STAMP, ""), raw)
        if not hmac.compare_digest(wanted, request.headers.get(SIGNATURE, "")):
            return jsonify(error="not them"), 401
        told = request.headers.get("X-Zendesk-Webhook-Invocation-Id", "")
        with pool.connection() as connection:
            connection.execute("insert into bare values (%s, %s, now()) on conflict do nothing",
                               (told, hashlib.sha256(raw).digest()))
        return jsonify(event="kept"), 202

    return app


def main(which: str, url: str) -> None:
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a queue is what eight connections are there for
    made: dict[str, Callable[[str], Flask]] = {"ours": ours, "bare": bare}
    server = create_server(made[which](url), host="127.0.0.1", port=0, threads=THREADS, ident=None,
                           clear_untrusted_proxy_headers=True)
    threading.Thread(target=server.run, daemon=True).start()
    answer(ready=True, port=server.effective_port)
    for _ in questions():
        break


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
