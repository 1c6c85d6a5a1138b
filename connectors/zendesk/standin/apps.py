"""Installed apps with signed URLs: their keys, and the token that Zendesk posts to an iframe."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from connectors.zendesk.standin.state import Json, State

INSTALLATION = 360000000042
LIFE = timedelta(minutes=5)


class App:
    """The account's signers, one key per app. Keys are made once, and stay when the books are emptied.

    Where nothing is installed, one app counts as installed by hand, with its own key and INSTALLATION as its number.
    """

    def __init__(self) -> None:
        self._keys: dict[int | None, rsa.RSAPrivateKey] = {}

    def _key(self, app: int | None) -> rsa.RSAPrivateKey:
        if app not in self._keys:
            self._keys[app] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._keys[app]

    def public_key(self, app: int | None = None) -> str:
        return self._key(app).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def opened(self, state: State, given: Json, now: datetime) -> Json:
        """The form field `token` of the POST that follows when this user opens a ticket, and the address it goes to."""
        user, site = state.person(given["email"]), f"https://{state.subdomain}.zendesk.com"
        place = given.get("location", "ticket_sidebar")
        installed = [one for one in state.installations.values() if one["enabled"]]
        app, number = (installed[-1]["app_id"], installed[-1]["id"]) if installed else (None, INSTALLATION)
        at = int(now.timestamp())
        claims = {"iss": f"{state.subdomain}.zendesk.com", "sub": f"{site}/api/v2/users/{user}.json",
                  "aud": f"{site}/api/v2/apps/installations/{number}.json", "iat": at, "nbf": at,
                  "exp": at + int(LIFE.total_seconds()), "qsh": secrets.token_hex(32),
                  "context": {"product": "support", "location": place}}
        return {"token": jwt.encode(claims, self._key(app), algorithm="RS256"), "user": user,
                "installation": str(number), "public_key": self.public_key(app),
                "url": _address(state, installed[-1], place) if installed else None}


def _address(state: State, installation: Json, place: str) -> str:
    """Of that place in the installed package, with the installation's settings filled in."""
    said = state.apps[installation["app_id"]]["_manifest"]["location"]["support"][place]
    url = str(said["url"] if isinstance(said, dict) else said)
    for name, value in installation["_settings"].items():
        url = url.replace(f"{{{{setting.{name}}}}}", str(value))
    return url
