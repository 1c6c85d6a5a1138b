"""Zendesk's admin calls: lists to their end, writes once, refusals with what to do."""

from __future__ import annotations

from typing import Any

from connectors.contract import Rejected, Surroundings, Unavailable
from connectors.zendesk.client import Client
from connectors.zendesk.settings import VENDOR, ZendeskSettings

Json = dict[str, Any]

ADMIN_SCOPES = ("read", "write")


class Api:
    """One admin's login."""

    def __init__(self, settings: ZendeskSettings, around: Surroundings,
                 scopes: tuple[str, ...] = ADMIN_SCOPES) -> None:
        self.around = around
        self.settings = _for_admins(settings)
        self.client = Client(self.settings, around, scopes)
        self._me: Json | None = None

    def me(self) -> Json:
        """Whose login it is; asked once. Somebody without a login is shown as a user without an id (docs, "Users")."""
        if self._me is None:
            given = self.get("users/me").get("user") or {}
            if not given.get("id"):
                raise Unavailable("Zendesk does not know this login", vendor=VENDOR, reason="credentials", lasting=True)
            self._me = given
        return self._me

    def admin(self) -> Json:
        me = self.me()
        if me.get("role") != "admin":
            raise Rejected(f"{me.get('email')} is not an admin of this account: run the setup with an admin's login",
                           vendor=VENDOR, reason="not an admin")
        return me

    def get(self, path: str, **parameters: str) -> Json:
        return self.client.get(path, **parameters)

    def every(self, path: str, name: str, **parameters: str) -> list[Json]:
        return [one for page in self.client.pages(path, **parameters) for one in page.get(name) or []]

    def text(self, path: str) -> str:
        answer = self.client.session().get(f"{self.client.root}/{path}", timeout=self.around.timeout)
        return answer.text

    def post(self, path: str, body: Json) -> Json:
        return self._write("POST", path, json=body)

    def put(self, path: str, body: Json) -> Json:
        return self._write("PUT", path, json=body)

    def patch(self, path: str, body: Json) -> Json:
        return self._write("PATCH", path, json=body)

    def delete(self, path: str) -> None:
        self._write("DELETE", path)

    def upload(self, path: str, field: str, file: bytes) -> Json:
        return self._write("POST", path, files={field: ("app.zip", file, "application/zip")})

    def _write(self, method: str, path: str, **content: Any) -> Json:
        answer = self.client.session().request(method, f"{self.client.root}/{path}", timeout=self.around.timeout,
                                               **content)
        return {} if answer.status_code == 204 else dict(answer.json())


def _for_admins(settings: ZendeskSettings) -> ZendeskSettings:
    """An admin's own login before the OAuth client that a former run may have made, and of two the one without
    scopes."""
    if settings.email and settings.api_token:
        return settings.model_copy(update={"oauth_client": None, "oauth_secret": None, "oauth_token": None})
    if settings.oauth_token:
        return settings.model_copy(update={"oauth_client": None, "oauth_secret": None})
    return settings
