"""A server on loopback that speaks as a test likes: HTTP, or something near it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

PATIENCE = 5
"""Seconds after which a caller who says no more is let go."""


class Listener:
    """Serves one caller after the other until it is stopped; `came` counts them."""

    def __init__(self, serve: Callable[[socket.socket], object]) -> None:
        self.came, self._serve = 0, serve
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._live, daemon=True).start()

    def _live(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            self.came += 1
            with caller:
                try:
                    caller.settimeout(PATIENCE)
                    self._serve(caller)
                except OSError:
                    continue

    def stop(self) -> None:
        self._listening.close()
