"""Is it really Zendesk, and what happened to which ticket? (Zendesk docs, "Verifying webhooks", "Ticket events")"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from flask import Blueprint, Response, jsonify, request
from psycopg import OperationalError
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from connectors.parts import CHANGING
from webhooks.inbox import Event, Inbox

TOO_OLD = timedelta(minutes=5)
LARGEST_BODY = 256 * 1024
TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="  # noqa: S105 - published by Zendesk, and refused here
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_TICKET_ID = r"^[1-9][0-9]{0,17}$"
_DELIVERY = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$"

TEST_CALL = {"deskhand": "test"}
"""What `deskhand doctor` has Zendesk send: signed as an event is, and about no ticket."""

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class NotThem(Exception):
    """The request does not come from our own account, or is too old; the message says why, without secrets."""


class OnlyATest(Exception):
    """Signed, and the doctor's test call: there is nothing to keep."""


class NotYet(Exception):
    """Signed with a secret that is not known while it is being changed: it is to be told again."""


class Unreadable(Exception):
    """The body is signed, and yet not an event we can read."""


def verify(secrets: Sequence[str], timestamp: str, signature: str, raw: bytes, now: datetime) -> None:
    """Raises NotThem unless one of the secrets signed exactly these bytes within five minutes of now."""
    if not _TIMESTAMP.fullmatch(timestamp):
        raise NotThem("the signature's timestamp is missing or not in Zendesk's format")
    try:
        sent = datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise NotThem("the signature's timestamp is no date") from None
    # Nothing stands between timestamp and body in what is signed, so neither may reach into the other.
    if not raw.startswith(b"{"):
        raise NotThem("the body does not begin as an event does")
    given = signature.encode("ascii", "replace")
    wanted = [base64.b64encode(hmac.new(secret.encode(), timestamp.encode() + raw, "sha256").digest())
              for secret in secrets]
    if True not in [hmac.compare_digest(one, given) for one in wanted]:
        raise NotThem("the signature does not match")
    if abs(now - sent) > TOO_OLD:
        raise NotThem("the delivery is older or newer than five minutes")


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Detail(_Lenient):
    id: str = Field(pattern=_TICKET_ID)


class _Envelope(_Lenient):
    """An event subscription's body."""

    account_id: int | None = None
    id: str = Field(pattern=_DELIVERY)
    type: str = Field(pattern=r"^zen:event-type:ticket\.[a-z_]{1,60}$")
    time: Annotated[AwareDatetime, Field(gt=_FIRST, lt=_LAST)] | None = None
    detail: _Detail


class _Triggered(_Lenient):
    """The body our trigger sends: ids only, because placeholders with text are not JSON-safe."""

    ticket_id: str = Field(pattern=_TICKET_ID, coerce_numbers_to_str=True)
    event: str = Field("ticket.triggered", pattern=r"^[a-z_.]{1,80}$")


@dataclass(frozen=True)
class ZendeskDoor:
    """What the door knows of the one account it serves."""

    account: str
    secrets: Sequence[str]
    account_id: int | None = None

    def event(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> Event:
        """The event of a delivery. Raises NotThem, NotYet, OnlyATest or Unreadable."""
        self._verify(raw, headers, now)
        body = parsed(raw)
        if body == TEST_CALL:
            raise OnlyATest
        digest = hashlib.sha256(raw).digest()
        try:
            if "detail" not in body:
                return self._triggered(_Triggered.model_validate(body), headers, digest)
            envelope = _Envelope.model_validate(body)
        except ValidationError as error:
            raise Unreadable(f"not a ticket event: {error.error_count()} problems") from error
        if self.account_id is not None and envelope.account_id != self.account_id:
            raise NotThem("the event is another account's")
        return Event(delivery_id=envelope.id, kind=envelope.type.removeprefix("zen:event-type:"),
                     ticket_id=envelope.detail.id, occurred_at=envelope.time, sha256=digest, account=self.account)

    def _verify(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> None:
        secrets = tuple(self.secrets)  # read once: the next moment they may be others
        try:
            verify([one for one in secrets if one != CHANGING],
                   headers.get("X-Zendesk-Webhook-Signature-Timestamp", ""),
                   headers.get("X-Zendesk-Webhook-Signature", ""), raw, now)
        except NotThem as why:
            if CHANGING in secrets:
                raise NotYet from why
            raise

    def _triggered(self, told: _Triggered, headers: Mapping[str, str], digest: bytes) -> Event:
        """A trigger's body names no event; the invocation stays the same over its attempts."""
        invocation = headers.get("X-Zendesk-Webhook-Invocation-Id", "")
        known = invocation if re.fullmatch(r"[0-9A-Za-z]{10,64}", invocation, re.ASCII) else digest.hex()
        return Event(delivery_id=known, kind=told.event, ticket_id=told.ticket_id, occurred_at=None, sha256=digest,
                     account=self.account)


def parsed(raw: bytes) -> dict[str, Any]:
    """The JSON object of a signed body. Raises Unreadable."""
    if raw.count(b"[") + raw.count(b"{") > 10_000:
        raise Unreadable("nested too deeply")
    try:
        body = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {type(error).__name__}") from None
    if not isinstance(body, dict):
        raise Unreadable("not a JSON object")
    return body


def zendesk_door(door: ZendeskDoor, inbox: Inbox, now: Callable[[], datetime]) -> Blueprint:
    """POST /webhooks/zendesk: 202 kept, 200 seen before, 401 not them, 413 too big, 400 not readable.

    While the database is away, or the signing secret is being changed, it asks to be told again: 503 with Retry-After.
    """
    page = Blueprint("zendesk_door", __name__)

    @page.post("/webhooks/zendesk")
    def receive() -> tuple[Response, int]:
        request.max_content_length = LARGEST_BODY
        try:
            event = door.event(request.get_data(cache=False), dict(request.headers), now())
        except RequestEntityTooLarge:
            return jsonify(error="too big"), 413
        except NotThem as why:
            return jsonify(error=str(why)), 401
        except NotYet:
            return _not_now()
        except OnlyATest:
            return jsonify(event="test"), 200
        except Unreadable as why:
            return jsonify(error=str(why)), 400
        try:
            kept = inbox.keep(event, now())
        except OperationalError:
            return _not_now()
        return jsonify(event=kept), 202 if kept == "kept" else 200

    return page


def _not_now() -> tuple[Response, int]:
    answer = jsonify(error="not now")
    answer.headers["Retry-After"] = "5"
    return answer, 503
