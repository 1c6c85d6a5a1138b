"""zenpy and the session under it, tamed: one attempt, bounded time, no cache, one client per thread, our errors.

What zenpy 2.0.57 would do by itself: send a PUT up to four times, sleep through 429, wait without end, answer
from a cache, share state between threads, log bodies. Each of that is switched off here.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from zenpy import Zenpy
from zenpy.lib.api import BaseApi

from connectors.contract import Conflict, NotFound, OutcomeUnknown, Rejected, Surroundings, Unavailable, VendorError
from connectors.http import Guarded, Session, request_id, surely_not_sent
from connectors.zendesk.login import SCOPES, Granted
from connectors.zendesk.settings import VENDOR, ZendeskSettings

PAGE = "100"
"""The largest page of Zendesk's lists (docs, "Pagination")."""
UNSTATED_PAUSE = 60.0
"""Seconds to wait when a 429 does not say how long; limits are counted per minute (docs, "Rate limits")."""

NAME = re.compile(r"[A-Za-z]\w{0,79}")
"""Of an error, such as RecordInvalid."""

logging.getLogger("zenpy").setLevel(logging.WARNING)  # at DEBUG zenpy writes whole request bodies


class Tamed(Session):
    """Raises our errors before zenpy sees an answer, so that it never sleeps, retries or guesses."""

    trace: str | None = None
    """Zendesk's id of the latest answer."""
    login: Granted | None = None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        response = self._sent(request, **kwargs)
        if response.status_code == 401 and self._renewed(request):
            response = self._sent(request, **kwargs)
        self.trace = request_id(response.headers)
        refusal = _refusal(response)
        if refusal:
            raise refusal
        _insist_on_json(response)
        return response

    def _sent(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        try:
            return super().send(request, **kwargs)
        except requests.RequestException as error:
            raise _lost(request, error) from error

    def _renewed(self, request: requests.PreparedRequest) -> bool:
        """A token may be revoked before its time. What was refused with 401 did nothing, and is sent once more."""
        if self.login is None:
            return False
        refused = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.login.forget(refused)
        self.login(request)
        return request.headers["Authorization"] != f"Bearer {refused}"


def _writes(request: requests.PreparedRequest) -> bool:
    return request.method not in ("GET", "HEAD")


def _lost(request: requests.PreparedRequest, error: requests.RequestException) -> VendorError:
    if _writes(request) and not surely_not_sent(error):
        return OutcomeUnknown(f"Zendesk did not answer: {type(error).__name__}", vendor=VENDOR, reason="no answer")
    return Unavailable(f"Zendesk could not be reached: {type(error).__name__}", vendor=VENDOR, reason="no answer")


def _refusal(response: requests.Response) -> VendorError | None:
    """Zendesk's status in our words; None for an answer to read."""
    status = response.status_code
    if 200 <= status < 300:
        return None
    about: dict[str, Any] = {
        "message": f"Zendesk answered {status}: {_wording(response)}",
        "plain": f"Zendesk answered {status}: {_error(response)}".rstrip(": "), "vendor": VENDOR,
        "request_id": request_id(response.headers)}
    if status == 429:
        return Unavailable(**about, reason="rate limit", retry_after=_pause(response))
    if status == 401 or (status == 403 and not _writes(response.request)):
        reason = "credentials" if status == 401 else "permission"
        return Unavailable(**about, reason=reason, lasting=True)
    if status < 400:
        return Unavailable(**about, reason="redirected", lasting=True)
    if status >= 500 and _writes(response.request):
        return OutcomeUnknown(**about, reason="server error")
    if status >= 500:
        return Unavailable(**about, reason="server error", retry_after=_pause(response))
    refused = {404: NotFound, 409: Conflict}.get(status, Rejected)
    return refused(**about, reason=_error(response))


def _pause(response: requests.Response) -> float | None:
    stated = response.headers.get("Retry-After", "")
    if stated.isdigit():
        return float(stated)
    return UNSTATED_PAUSE if response.status_code == 429 else None


def _body(response: requests.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _error(response: requests.Response) -> str:
    """The error's name, one word; "" for what is a sentence."""
    error = _body(response).get("error", "")
    name = str(error.get("title", "")) if isinstance(error, dict) else str(error)
    return name if NAME.fullmatch(name) else ""


def _wording(response: requests.Response) -> str:
    """Error, description and every problem in `details`, which is keyed by field; never the whole body."""
    body = _body(response)
    error = body.get("error")
    words = [error.get("message", "") if isinstance(error, dict) else error, body.get("description")]
    for problems in (body.get("details") or {}).values():
        words += [problem.get("description") for problem in problems if isinstance(problem, dict)]
    return "; ".join(str(word) for word in words if word)[:500] or "no reason given"


def _insist_on_json(response: requests.Response) -> None:
    """Judged by the body, not the content type: uploads answer JSON as text/plain. A public key comes as PEM."""
    if response.status_code == 204 or _body(response) or response.content.startswith(b"-----BEGIN PUBLIC KEY-----"):
        return
    trace = request_id(response.headers)
    if _writes(response.request):
        raise OutcomeUnknown("Zendesk's answer to a write cannot be read", vendor=VENDOR, reason="unreadable",
                             request_id=trace)
    raise Unavailable("Zendesk's answer cannot be read", vendor=VENDOR, reason="unreadable", request_id=trace)


class Client:
    """Gives each thread its own zenpy client and session."""

    def __init__(self, settings: ZendeskSettings, around: Surroundings, scopes: tuple[str, ...] = SCOPES) -> None:
        """`scopes`: asked for where an OAuth client is set."""
        self.settings = settings
        self.login = Granted(settings, around, scopes) if settings.has_client() else None
        self.around = around
        self.site = settings.address()
        self.root = self.site + "/api/v2"
        self._mine = threading.local()

    def zenpy(self) -> Any:
        if not hasattr(self._mine, "zenpy"):
            self._mine.zenpy = self._connect()
        return self._mine.zenpy

    def session(self) -> Tamed:
        session: Tamed = self.zenpy().users.session
        return session

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """One GET that zenpy cannot make, through the same session."""
        answer = self.session().get(f"{self.root}/{path}.json", params=parameters, timeout=self.around.timeout)
        return dict(answer.json())

    def pages(self, path: str, **parameters: str) -> Iterator[dict[str, Any]]:
        """Every page of a cursor list. Ends by `has_more`, because `links.next` stands on the last page too."""
        after: dict[str, str] = {}
        while True:
            body = self.get(path, **{"page[size]": PAGE}, **parameters, **after)
            yield body
            meta: Mapping[str, Any] = body.get("meta") or {}
            if not meta.get("has_more"):
                return
            if not meta.get("after_cursor") or meta["after_cursor"] == after.get("page[after]"):
                raise Unavailable("Zendesk's list does not go on", vendor=VENDOR, reason="unreadable")
            after = {"page[after]": str(meta["after_cursor"])}

    def _connect(self) -> Zenpy:
        settings, address = self.settings, urlsplit(self.root)
        session = Tamed(VENDOR)
        adapter = self.around.transports.get(VENDOR) or Guarded(settings.hosts(), self.around.timeout,
                                                                limits=self.around.limits)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        session.headers["User-Agent"] = "Deskhand"
        subdomain, _, domain = address.netloc.partition(".")
        session.login = session.auth = self.login
        secret = ({"oauth_token": "renewed by the session"} if self.login else
                  {"oauth_token": settings.oauth_token.get_secret_value()} if settings.oauth_token else
                  {"email": settings.email, "token": settings.api_token and settings.api_token.get_secret_value()})
        client = Zenpy(subdomain=subdomain, domain=domain, session=session, timeout=self.around.timeout,
                       disable_cache=True, **secret)
        _aim(client, address.scheme, address.path.strip("/"))
        return client


def _aim(client: object, scheme: str, prefix: str) -> None:
    """zenpy builds https URLs under /api/v2 only; each of its API objects, nested ones too, is told otherwise."""
    for part in vars(client).values():
        if isinstance(part, BaseApi):
            part.protocol, part.api_prefix = scheme, prefix
            _aim(part, scheme, prefix)
