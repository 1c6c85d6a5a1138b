"""An installed app with signed URLs: its key, and the token that Zendesk posts to its iframe."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import cached_property

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from connectors.zendesk.standin.state import Json, State

INSTALLATION = 360000000042
LIFE = timedelta(minutes=5)


class App:
    """One app in one installation. The key is made once, and stays when the books are emptied."""

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def public_key(self) -> str:
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def opened(self, state: State, given: Json, now: datetime) -> Json:
        """The form field `token` of the POST that follows when this user opens a ticket."""
        user, site = state.person(given["email"]), f"https://{state.subdomain}.zendesk.com"
        at = int(now.timestamp())
        claims = {"iss": f"{state.subdomain}.zendesk.com", "sub": f"{site}/api/v2/users/{user}.json",
                  "aud": f"{site}/api/v2/apps/installations/{INSTALLATION}.json", "iat": at, "nbf": at,
                  "exp": at + int(LIFE.total_seconds()), "qsh": secrets.token_hex(32),
                  "context": {"product": "support", "location": given.get("location", "ticket_sidebar")}}
        return {"token": jwt.encode(claims, self._key, algorithm="RS256"), "user": user,
                "installation": str(INSTALLATION), "public_key": self.public_key()}
