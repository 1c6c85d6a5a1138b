"""The OAuth client with which Deskhand logs in as one team member, for reading and for writing tickets only."""

from __future__ import annotations

from pydantic import SecretStr

from connectors.contract import Rejected, Unavailable
from connectors.parts import MARK, Found, Known
from connectors.zendesk.login import Granted
from connectors.zendesk.settings import VENDOR
from connectors.zendesk.setup.api import Api, Json
from connectors.zendesk.setup.choices import Choices
from connectors.zendesk.setup.listed import NAME, Listed

IDENTIFIER = "deskhand"
ID, SECRET = "ZENDESK_OAUTH_CLIENT_ID", "ZENDESK_OAUTH_CLIENT_SECRET"
KIND = "confidential"
"""Only such a client may log in by itself (docs, "OAuth Tokens for Grant Types")."""


class LoginPart(Listed):
    """Its tokens speak for the client's user (docs, "OAuth Clients": `user_id`)."""

    path, one, many = "oauth/clients", "client", "clients"
    title, called, what = NAME, "name", "OAuth client"
    why = "logs Deskhand in with the scopes read and tickets:write, and nothing more"

    def __init__(self, api: Api, choices: Choices, held: str = "", secret: str = "", owner: str | None = None) -> None:
        """`held` and `secret`: the identifier and the secret our settings hold. `owner`: whom it speaks for, where
        that is known already."""
        super().__init__(api)
        self._held = held
        self._secret = secret
        self._grant: Granted | None = None
        self._admins_own = False
        self._choices = choices
        self._user: Json | None = None
        self._owner = owner

    @property
    def wanted(self) -> bool:
        return self._choices.login == "oauth" and not self._admins_own

    def look(self, known: Known) -> Found | None:
        """A client that an admin made by hand and wrote to our settings is used as it is, and never touched."""
        own = next((one for one in self.api.every(self.path, self.many)
                    if self._held and one.get("identifier") == self._held and not self.is_ours(one)), None)
        self._admins_own = own is not None
        if own is not None:
            self._owner = str(own["user_id"]) if own.get("user_id") else None
            return None
        return super().look(known)

    def _secret_is_refused(self) -> bool:
        """Zendesk shows no secret again, so it is asked for a token with the one we hold; away, it is not judged."""
        if self._grant is None:
            client = {"oauth_client": IDENTIFIER, "oauth_secret": SecretStr(self._secret)}
            self._grant = Granted(self.api.settings.model_copy(update=client), self.api.around)
        try:
            self._grant.token()
        except Unavailable as error:
            return error.lasting
        return False

    def user(self) -> Json:
        """Who Deskhand is to speak as. A team member takes a paid seat, so none is ever made here."""
        if self._choices.user is None:
            return self.api.me()
        if self._user is None:
            self._user = self._found_user(self._choices.user)
        return self._user

    def _found_user(self, address: str) -> Json:
        rows = self.api.get("users/search", query=f'email:"{address}"').get("users") or []
        user: Json | None = next((one for one in rows if str(one.get("email")).lower() == address.lower()), None)
        if user is None or user.get("role") not in ("agent", "admin"):
            raise Rejected(f"{address} is no team member of this account. Add one in Admin Center > People > Team "
                           "members (this takes a paid seat), or leave the choice `user` out to use your own.",
                           vendor=VENDOR, reason="no such user")
        if not user.get("active") or user.get("suspended"):
            raise Rejected(f"{address} is suspended or deleted, and cannot be used to log in.", vendor=VENDOR,
                           reason="no such user")
        return user

    def speaks_as(self) -> str:
        """The user's id: the client's own where it stands."""
        if self._owner and self._choices.user is None:
            return self._owner
        return str(self.user()["id"])

    def has_our_name(self, thing: Json) -> bool:
        return super().has_our_name(thing) or thing.get("identifier") == IDENTIFIER

    def body(self, known: Known) -> Json:
        return {"name": NAME, "identifier": IDENTIFIER, "kind": KIND, "user_id": int(self.user()["id"]),
                "description": f"Answers tickets within your policy. {MARK}"}

    def differences(self, thing: Json, known: Known) -> tuple[str, ...]:
        words = []
        if thing.get("name") != NAME:
            words.append(f'it is called "{thing.get("name")}"')
        if thing.get("kind") != KIND:
            words.append(f"it is {thing.get('kind')}, and only a {KIND} client can log in by itself")
        if self._choices.user and str(thing.get("user_id")) != str(self.user()["id"]):
            words.append(f"it speaks for another user than {self._choices.user}")
        if self._secret and self._secret_is_refused():
            words.append("Zendesk does not take the secret in .env: it is made anew")
        return tuple(words)

    def found(self, thing: Json, differs: tuple[str, ...]) -> Found:
        self._owner = str(thing["user_id"]) if thing.get("user_id") else None
        return Found(str(thing["id"]), differs, {ID: IDENTIFIER}, unreadable=(SECRET,))

    def make(self, known: Known) -> Found:
        """The secret is shown in full only now."""
        made = self.api.post(self.path, {self.one: self.body(known)})[self.one]
        found = self.found(made, ())
        return Found(found.id, (), {ID: IDENTIFIER, SECRET: str(made["secret"])})

    def change(self, found: Found, known: Known) -> Found:
        """Whom it speaks for cannot surely be changed later, so a client for another user is made anew."""
        if self.api.client.login is not None:
            raise Rejected("This login is the OAuth client itself, which is to be replaced: run this again with an "
                           "admin's own ZENDESK_OAUTH_TOKEN.", vendor=VENDOR, reason="login")
        self.clear()
        return self.make(known)


def made(api: Api) -> bool:
    """Whether a client of ours stands."""
    return any(MARK in str(one.get("description") or "") for one in api.every(LoginPart.path, LoginPart.many))
