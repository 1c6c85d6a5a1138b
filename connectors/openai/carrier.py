"""Carries the library's httpx2 requests through a `requests` adapter: ours, which bounds every vendor's requests in
time and address, or a stand-in's."""

from __future__ import annotations

import httpx2
import requests
from requests.adapters import BaseAdapter

from connectors.http import ForbiddenAddress

OF_THE_WAY = ("content-encoding", "content-length", "transfer-encoding", "connection")
"""Headers of how an answer came here; what is handed on is already unpacked."""
UNPACKED = "gzip, deflate"
"""Encodings that every installation of `requests` reads."""


class Carried(httpx2.BaseTransport):
    """A failure of the adapter leaves as httpx2's own, so that the library names it as it would a real one."""

    def __init__(self, adapter: BaseAdapter) -> None:
        self.adapter = adapter

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        headers = {**dict(request.headers), "accept-encoding": UNPACKED}
        asked = requests.Request(request.method, str(request.url), headers=headers, data=request.read()).prepare()
        try:
            given = self.adapter.send(asked)
            content = given.content
        except requests.Timeout as error:
            raise httpx2.ReadTimeout(str(error), request=request) from error
        except (requests.RequestException, ForbiddenAddress) as error:
            raise httpx2.ReadError(str(error), request=request) from error
        kept = {name: value for name, value in given.headers.items() if name.lower() not in OF_THE_WAY}
        return httpx2.Response(given.status_code, headers=kept, content=content, request=request)

    def close(self) -> None:
        self.adapter.close()
