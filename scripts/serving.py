"""Serves a WSGI application over HTTP/1.1 with connections that stay open and can be dropped in the middle.

Werkzeug's own server closes the connection after every answer; real vendors do not, and SDKs pool connections.
"""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

CONNECTION = "werkzeug.socket"
"""Under this name an application finds the connection of its request, to drop it."""


class Handler(BaseHTTPRequestHandler):
    """One connection, request after request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: HttpServer

    def answer(self) -> None:
        try:
            self._answer()
        except ConnectionError:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def _answer(self) -> None:
        told: list[Any] = []
        try:
            given = self.server.application(self._environ(), lambda status, headers: told.extend((status, headers)))
            body = b"".join(given)
        except ConnectionError:
            raise
        except Exception:  # noqa: BLE001 - one failing request must not end the server, and must be seen
            traceback.print_exc(file=sys.stderr)
            told, body = ["500 Internal Server Error", [("Content-Type", "text/plain")]], b"The stand-in failed.\n"
        status, _, reason = told[0].partition(" ")
        self.send_response_only(int(status), reason)
        for name, value in told[1]:
            if name.lower() != "content-length":
                self.send_header(name, value)
        if not (status == "204" or status.startswith("1")):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def _environ(self) -> Environ:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        environ: Environ = {
            "REQUEST_METHOD": self.command, "PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "SCRIPT_NAME": "",
            "QUERY_STRING": query, "SERVER_PROTOCOL": self.request_version, "REMOTE_ADDR": self.client_address[0],
            "SERVER_NAME": str(self.server.server_address[0]), "SERVER_PORT": str(self.server.server_address[1]),
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(length),
            "wsgi.url_scheme": "http", "wsgi.input": BytesIO(self._body(length)),
            "wsgi.errors": sys.stderr, "wsgi.version": (1, 0), "wsgi.multithread": True,
            "wsgi.multiprocess": False, "wsgi.run_once": False, CONNECTION: self.connection,
        }
        return environ | {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}

    def _body(self, length: int) -> bytes:
        """Raises ConnectionError where the caller was gone before the end: no vendor works on half a request."""
        body = self.rfile.read(length) if length else b""
        if len(body) < length:
            raise ConnectionError("the request was cut")
        return body

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: the stand-ins keep a log of calls themselves."""


class HttpServer(ThreadingHTTPServer):
    """Listens at once; `stop` drops every connection that is still open."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, application: Application, host: str, port: int) -> None:
        self.application = application
        self._open: set[socket.socket] = set()
        self._listening: threading.Thread | None = None
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        """Without the name look-up of the standard library's server."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def start(self) -> None:
        self._listening = threading.Thread(target=self.serve_forever, args=(0.1,), name="sandbox", daemon=True)
        self._listening.start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            _drop(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is no news."""
        if not isinstance(sys.exc_info()[1], OSError | ValueError):
            super().handle_error(request, client_address)


def _drop(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
