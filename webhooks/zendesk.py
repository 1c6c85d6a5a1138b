"""Is it really Zendesk, and what happened to which ticket? (Zendesk docs, "Verifying webhooks", "Ticket events")"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import AwareDatetime, Field, ValidationError

from connectors.parts import CHANGING
from connectors.zendesk.events import DOOR
from webhooks.delivered import TOO_OLD, Lenient, NotThem, NotYet, OnlyATest, Unreadable, answered, parsed
from webhooks.inbox import Event, Inbox

TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="  # noqa: S105 - published by Zendesk, and refused here
_STAMP = "X-Zendesk-Webhook-Signature-Timestamp"
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_TICKET_ID = r"^[1-9][0-9]{0,17}$"
_DELIVERY = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$"

TEST_CALL = {"deskhand": "test"}
"""What `deskhand doctor` has Zendesk send: signed as an event is, and about no ticket."""

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


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


class _Detail(Lenient):
    id: str = Field(pattern=_TICKET_ID)


class _Envelope(Lenient):
    """An event subscription's body."""

    account_id: int | None = None
    id: str = Field(pattern=_DELIVERY)
    type: str = Field(pattern=r"^zen:event-type:ticket\.[a-z_]{1,60}$")
    time: Annotated[AwareDatetime, Field(gt=_FIRST, lt=_LAST)] | None = None
    detail: _Detail


class _Triggered(Lenient):
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
        try:
            if "detail" not in body:
                return self._triggered(_Triggered.model_validate(body), headers[_STAMP], raw)
            envelope = _Envelope.model_validate(body)
        except ValidationError as error:
            raise Unreadable(f"not a ticket event: {error.error_count()} problems") from error
        if self.account_id is not None and envelope.account_id != self.account_id:
            raise NotThem("the event is another account's")
        return Event(delivery_id=envelope.id, kind=envelope.type.removeprefix("zen:event-type:"),
                     ticket_id=envelope.detail.id, occurred_at=envelope.time,
                     sha256=hashlib.sha256(raw).digest(), account=self.account)

    def _verify(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> None:
        secrets = tuple(self.secrets)  # read once: the next moment they may be others
        try:
            verify([one for one in secrets if one != CHANGING],
                   headers.get(_STAMP, ""),
                   headers.get("X-Zendesk-Webhook-Signature", ""), raw, now)
        except NotThem as why:
            if CHANGING in secrets:
                raise NotYet from why
            raise

    def _triggered(self, told: _Triggered, timestamp: str, raw: bytes) -> Event:
        """A trigger's body names no event, and the id of its invocation is not signed: what is signed names it."""
        signed = hashlib.sha256(timestamp.encode() + raw).hexdigest()
        return Event(delivery_id=signed, kind=told.event, ticket_id=told.ticket_id, occurred_at=None,
                     sha256=hashlib.sha256(raw).digest(), account=self.account)


def zendesk_door(door: ZendeskDoor, inbox: Inbox, now: Callable[[], datetime]) -> Blueprint:
    """POST /webhooks/zendesk, answered as every door does; 503 while the signing secret is being changed, too."""
    page = Blueprint("zendesk_door", __name__)

    @page.post(DOOR)
    def receive() -> tuple[Response, int]:
        return answered(lambda raw: door.event(raw, dict(request.headers), now()),
                        lambda event: inbox.keep(event, now()))

    return page
