"""Is it really Stripe, and which charge is it about? (Stripe docs, "Webhooks", "Verify signatures")"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from flask import Blueprint, Response, request
from pydantic import Field, ValidationError

from connectors.contract import PaymentAccount, Unavailable
from connectors.stripe.told import DOOR, OUR_KEY, TOLD
from webhooks.delivered import TOO_OLD, Lenient, NotThem, Unreadable, answered, parsed
from webhooks.inbox import About, Inbox

log = logging.getLogger("deskhand.webhooks.stripe")

MOST_SIGNATURES = 20
_SECONDS = re.compile(r"\d{1,11}", re.ASCII)


def verify(secrets: Sequence[str], header: str, raw: bytes, now: datetime) -> None:
    """Raises NotThem unless one of the secrets signed exactly these bytes within five minutes of now.

    Stripe's own library lets a moment in the future through; here the age counts both ways.
    """
    parts = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    given = [value.encode("ascii", "replace") for name, _, value in parts if name == "v1"]
    if len(stamps) != 1 or not _SECONDS.fullmatch(stamps[0]) or not 0 < len(given) <= MOST_SIGNATURES:
        raise NotThem("the signature header is missing or not in Stripe's format")
    wanted = [hmac.new(secret.encode(), stamps[0].encode() + b"." + raw, "sha256").hexdigest().encode()
              for secret in secrets]
    if True not in [hmac.compare_digest(one, other) for one in wanted for other in given]:
        raise NotThem("the signature does not match")
    if abs(now.timestamp() - int(stamps[0])) > TOO_OLD.total_seconds():
        raise NotThem("the delivery is older or newer than five minutes")


class _Object(Lenient):
    id: str = Field(pattern=r"^[A-Za-z0-9_]{1,100}$")
    object: str
    charge: str | None = Field(None, pattern=r"^[A-Za-z0-9_]{1,100}$")


class _Data(Lenient):
    object: _Object


class _Asked(Lenient):
    idempotency_key: str | None = None


class _Kind(Lenient):
    """What every event says, whatever it is about."""

    id: str = Field(pattern=r"^evt_[A-Za-z0-9_]{1,100}$")
    object: Literal["event"]
    type: str = Field(pattern=r"^[a-z0-9_.]{1,80}$")
    created: int = Field(ge=0, le=7_000_000_000)
    livemode: bool
    account: str | None = Field(None, pattern=r"^acct_[A-Za-z0-9_]{1,100}$")
    """The connected account it is about; events of one's own account name none (Stripe docs, "Connect webhooks")."""
    context: str | None = Field(None, pattern=r"^[A-Za-z0-9_/]{1,200}$")
    """The account within an organization that it is about (Stripe docs, "The Event object")."""
    request: _Asked | None = None

    def other_account(self) -> str | None:
        """The account that the event names, if any."""
        return self.account or (self.context.rsplit("/", 1)[-1] if self.context else None)


class _Envelope(_Kind):
    data: _Data


@dataclass(frozen=True)
class StripeDoor:
    """What the door knows of the one account it serves."""

    live: bool
    secrets: Sequence[str]
    account: Callable[[], str]
    """The key's own account; raises Unavailable while Stripe cannot say."""

    def about(self, raw: bytes, header: str, now: datetime) -> About | None:
        """Which charge an event is about; None when it concerns nothing of ours.

        Raises NotThem or Unreadable; Unavailable while it is not known whose events these are.
        """
        verify(self.secrets, header, raw, now)
        body = parsed(raw)
        try:
            kind = _Kind.model_validate(body)
            if kind.livemode != self.live:
                raise NotThem(f"the event is of {'live' if kind.livemode else 'test'} mode, and the key is not")
            if (other := kind.other_account()) and other != self.account():
                raise NotThem(f"the event is of account {other}, and the key is not")
            if kind.type not in TOLD or _by_us(kind.request):
                return None
            thing = _Envelope.model_validate(body).data.object
        except ValidationError as error:
            raise Unreadable(f"not an event: {error.error_count()} problems") from error
        charge = thing.id if thing.object == "charge" else thing.charge
        return About(delivery_id=kind.id, kind=kind.type, target=charge, vendor="stripe", account=self.account(),
                     occurred_at=datetime.fromtimestamp(kind.created, UTC),
                     sha256=hashlib.sha256(raw).digest()) if charge else None


class OwnAccount:
    """Which account the key belongs to: as the admin says, or as Stripe says when it is first needed."""

    def __init__(self, read: Callable[[], PaymentAccount], said: str | None = None) -> None:
        self._read = read
        self._known = said

    def __call__(self) -> str:
        """Its id; empty where the key may not read it. Raises Unavailable while Stripe does not answer."""
        if self._known is None:
            try:
                self._known = self._read().id
            except Unavailable as away:
                if not away.lasting:
                    raise
                log.warning("the account of the Stripe key is not known, set STRIPE_ACCOUNT_ID: %s", away.plain)
                self._known = ""
        return self._known


def _by_us(asked: _Asked | None) -> bool:
    """An echo of our own request, whose answer we have or look for ourselves."""
    return bool(asked and asked.idempotency_key and OUR_KEY.fullmatch(asked.idempotency_key))


def stripe_door(door: StripeDoor, inbox: Inbox, now: Callable[[], datetime]) -> Blueprint:
    """POST /webhooks/stripe, answered as every door does; 503 while Stripe's account cannot be read, too."""
    page = Blueprint("stripe_door", __name__)

    @page.post(DOOR)
    def receive() -> tuple[Response, int]:
        return answered(lambda raw: door.about(raw, request.headers.get("Stripe-Signature", ""), now()),
                        lambda about: inbox.keep_about(about, now()))

    return page
