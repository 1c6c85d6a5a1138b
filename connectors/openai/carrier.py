"""Carries the library's httpx2 requests through a `requests` adapter, as stand-ins are mounted for every vendor."""

from __future__ import annotations

import httpx2
import requests
from requests.adapters import BaseAdapter


class Carried(httpx2.BaseTransport):
    """A failure of the adapter leaves as httpx2's own, so that the library names it as it would a real one."""

    def __init__(self, adapter: BaseAdapter) -> None:
        self.adapter = adapter

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        asked = requests.Request(request.method, str(request.url), headers=dict(request.headers),
                                 data=request.read()).prepare()
        try:
            given = self.adapter.send(asked)
        except requests.Timeout as error:
            raise httpx2.ReadTimeout(str(error), request=request) from error
        except requests.RequestException as error:
            raise httpx2.ReadError(str(error), request=request) from error
        return httpx2.Response(given.status_code, headers=dict(given.headers), content=given.content, request=request)
