"""Mounts a stand-in under a real SDK in the same process: no socket, virtual time."""

from __future__ import annotations

import io
from typing import Any

import requests
from requests.adapters import BaseAdapter

from connectors.standin import Door, Lost, Request


class Mounted(BaseAdapter):
    """Carries `requests` calls to one stand-in's door; `prefix` is cut from the path as the sandbox does."""

    def __init__(self, door: Door, prefix: str = "") -> None:
        super().__init__()
        self.door = door
        self.prefix = prefix

    def send(self, request: requests.PreparedRequest, stream: bool = False, timeout: Any = None,
             verify: bool | str = True, cert: Any = None, proxies: Any = None) -> requests.Response:
        body = request.body or b""
        asked = Request.to(request.method or "GET", request.url or "", dict(request.headers),
                           body.encode() if isinstance(body, str) else bytes(body))
        if self.prefix:
            asked = Request(asked.method, asked.path.removeprefix(self.prefix), asked.query, asked.headers, asked.body)
        given = self.door.answer(asked)
        if isinstance(given, Lost):
            if given.how == "timeout":
                raise requests.ReadTimeout("read timed out", request=request)
            raise requests.ConnectionError("connection reset by peer", request=request)
        response = requests.Response()
        response.status_code = given.status
        response.headers = requests.structures.CaseInsensitiveDict(given.headers)
        response.raw = io.BytesIO(given.body)
        response.url = request.url or ""
        response.request = request
        response.encoding = "utf-8"
        response._content = given.body
        return response

    def close(self) -> None:
        """Nothing is held open."""
