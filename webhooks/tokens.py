"""Is it really Zendesk that says who is looking? (Zendesk docs, "Authenticating Zendesk in your server-side app")"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import logging
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NoReturn

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, delete
from sqlalchemy.dialects.postgresql import insert

from agent.tables import used_tokens

log = logging.getLogger("deskhand.sidebar")

ALGORITHM = "RS256"
LONGEST_TOKEN = 8 * 1024
LONGEST_LIFE = timedelta(hours=1)
LEEWAY = timedelta(seconds=30)
REMEMBERED = timedelta(days=1)
"""How long a used token is remembered after it expired, for machines whose clocks differ."""

_THREE_PARTS = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_KID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_USER = r"(?:https://{host}/api/v2/users/)?([1-9][0-9]{{0,18}})(?:\.json)?"


class Why(StrEnum):
    """Why a token is refused; the words are for the log."""

    SIZE = "longer than any real token"
    SHAPE = "not three parts of canonical base64url"
    HEADER = "its header is not Zendesk's"
    SIGNATURE = "not signed with the app's key"
    CLAIMS = "a claim is missing or not of its type"
    ISSUER = "issued by another account"
    AUDIENCE = "meant for another installation"
    USER = "names no user of this account"
    EXPIRED = "expired"
    NOT_YET = "not valid yet"
    LIFE = "lives longer than allowed"
    USED = "used before"


class NotVerified(Exception):
    """The token does not prove who is looking; `why` names the one reason."""

    def __init__(self, why: Why) -> None:
        super().__init__(str(why))
        self.why = why


class _Context(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    product: str = ""
    location: str = ""


class _Told(BaseModel):
    """The claims Zendesk documents, as far as they are read; a role is never taken from a token."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    iss: str
    aud: str
    sub: str
    exp: int = Field(ge=0, lt=2**40)
    iat: int = Field(ge=0, lt=2**40)
    nbf: int | None = Field(None, ge=0, lt=2**40)
    context: _Context = _Context()


@dataclass(frozen=True)
class Claims:
    """What a verified token says."""

    account: str
    installation: str
    user: str
    """The helpdesk's id of who is looking."""
    expires_at: datetime
    product: str
    location: str
    sha256: bytes = field(repr=False)


@dataclass(frozen=True)
class SignedApp:
    """The one installation of our app whose tokens count, with the keys pinned for it: one, or two in a rotation."""

    account: str
    installation: str
    keys: tuple[RSAPublicKey, ...]

    @property
    def host(self) -> str:
        return f"{self.account}.zendesk.com"

    @property
    def audience(self) -> str:
        return f"https://{self.host}/api/v2/apps/installations/{self.installation}.json"


def verify(token: str, app: SignedApp, now: datetime) -> Claims:
    """What the token says. Raises NotVerified; nothing in the token chooses the algorithm or the key.

    That it was not used before is `use_once`'s to say.
    """
    try:
        header, payload = _parts(token)
        _check_header(_object(header, Why.HEADER))
        _check_signature(token, app)
        told = _told(_object(payload, Why.CLAIMS))
        _check_times(told, now)
        return _claims(told, app, token)
    except NotVerified as refused:
        log.warning("a sidebar token is refused: %s", refused.why)
        raise


def use_once(c: Connection, claims: Claims, now: datetime) -> None:
    """Marks the token as used, for good once the transaction ends. Raises NotVerified when it was used before."""
    if not once(c, claims.sha256, claims.expires_at + REMEMBERED, now):
        log.warning("a sidebar token is refused: %s", Why.USED)
        raise NotVerified(Why.USED)


def once(c: Connection, sha256: bytes, forget_at: datetime, now: datetime) -> bool:
    """Marks this as used, for good once the transaction ends; False when it was used before."""
    c.execute(delete(used_tokens).where(used_tokens.c.forget_at < now))
    marked = c.execute(insert(used_tokens).values(sha256=sha256, forget_at=forget_at)
                       .on_conflict_do_nothing().returning(used_tokens.c.sha256))
    return marked.first() is not None


def _refuse(why: Why) -> NoReturn:
    raise NotVerified(why)


def _parts(token: str) -> tuple[bytes, bytes]:
    """Header and payload. Only canonical base64url passes: else one token could be written in several ways, and
    each way would count as not used yet."""
    if len(token) > LONGEST_TOKEN:
        _refuse(Why.SIZE)
    found = _THREE_PARTS.fullmatch(token)
    if not found:
        _refuse(Why.SHAPE)
    header, payload, _ = (_decoded(part) for part in found.groups())
    return header, payload


def _decoded(part: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        _refuse(Why.SHAPE)
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != part.encode():
        _refuse(Why.SHAPE)
    return raw


def _object(raw: bytes, why: Why) -> dict[str, Any]:
    """A JSON object in which no name stands twice."""
    try:
        read = json.loads(raw.decode("utf-8"), object_pairs_hook=_named_once)
    except (ValueError, RecursionError):
        _refuse(why)
    return read if isinstance(read, dict) else _refuse(why)


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a name stands twice")
    return read


def _check_header(header: dict[str, Any]) -> None:
    """A `kid` may stand there and is never looked up; a header that brings or names a key is refused."""
    kid = header.get("kid", "none")
    known = header.keys() <= {"alg", "typ", "kid"} and header.get("typ", "JWT") == "JWT"
    if not known or header.get("alg") != ALGORITHM or not (isinstance(kid, str) and _KID.fullmatch(kid)):
        _refuse(Why.HEADER)


def _check_signature(token: str, app: SignedApp) -> None:
    for key in app.keys:
        try:
            jwt.PyJWS(algorithms=[ALGORITHM]).decode(token, key, algorithms=[ALGORITHM])
        except jwt.PyJWTError:
            continue
        return
    _refuse(Why.SIGNATURE)


NAMED = {"iss": Why.ISSUER, "aud": Why.AUDIENCE, "sub": Why.USER}


def _told(claims: dict[str, Any]) -> _Told:
    try:
        return _Told.model_validate(claims)
    except ValidationError as error:
        wrong = error.errors()[0]["loc"][0]
    _refuse(NAMED.get(str(wrong), Why.CLAIMS))


def _check_times(told: _Told, now: datetime) -> None:
    at, leeway = now.timestamp(), LEEWAY.total_seconds()
    if told.exp <= told.iat:
        _refuse(Why.CLAIMS)
    if told.exp - told.iat > LONGEST_LIFE.total_seconds():
        _refuse(Why.LIFE)
    if told.exp + leeway <= at:
        _refuse(Why.EXPIRED)
    if max(told.iat, told.nbf or 0) - leeway > at:
        _refuse(Why.NOT_YET)


def _claims(told: _Told, app: SignedApp, token: str) -> Claims:
    if told.iss not in (app.host, f"https://{app.host}"):
        _refuse(Why.ISSUER)
    if told.aud != app.audience:
        _refuse(Why.AUDIENCE)
    user = re.fullmatch(_USER.format(host=re.escape(app.host)), told.sub)
    if not user:
        _refuse(Why.USER)
    return Claims(account=app.account, installation=app.installation, user=user[1],
                  expires_at=datetime.fromtimestamp(told.exp, UTC), product=told.context.product,
                  location=told.context.location, sha256=hashlib.sha256(token.encode()).digest())
