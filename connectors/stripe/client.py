"""Stripe's library tamed: one attempt, bounded time, our session, no telemetry, one client per thread, our errors.

What stripe-python 16.1 would do by itself: wait 80 seconds three times, write a telemetry file, tell Stripe the
machine's platform and surroundings, log bodies, follow its own idea of a retry. Each of that is switched off here.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from decimal import InvalidOperation
from typing import Any, TypeVar

import requests
import stripe
from pydantic import ValidationError

from connectors.contract import NotFound, OutcomeUnknown, Rejected, Surroundings, Unavailable, VendorError
from connectors.http import ForbiddenAddress, request_id, session, surely_not_sent
from connectors.stripe.settings import StripeSettings

VENDOR = "stripe"
T = TypeVar("T")

stripe.enable_telemetry = False
logging.getLogger("stripe").setLevel(logging.WARNING)  # at INFO and DEBUG it writes parameters and bodies

PLAIN = {"User-Agent": "Deskhand", "X-Stripe-Client-User-Agent": json.dumps({"lang": "python"})}
"""Instead of the library's own words about platform, environment and tools."""

AT_STRIPE = "approval_required"
"""Stripe's own approval rules hold the request; it may be carried out later (Stripe docs, "Approvals")."""


class Quiet(stripe.RequestsClient):
    """Says nothing about this machine."""

    def request(self, method: str, url: str, headers: Mapping[str, str] | None,  # type: ignore[override]  # as above it
                post_data: Any = None) -> tuple[bytes, int, Mapping[str, str]]:
        return super().request(method, url, {**(headers or {}), **PLAIN}, post_data)


class Client:
    """Reads and writes at one Stripe account; every failure leaves as one of the contract's errors."""

    def __init__(self, settings: StripeSettings, around: Surroundings) -> None:
        self._settings = settings
        self._around = around
        self._of_thread = threading.local()

    @property
    def v1(self) -> Any:
        """The library's services; its own types are not carried further than this folder."""
        if not hasattr(self._of_thread, "client"):
            self._of_thread.client = self._connected()
        return self._of_thread.client.v1

    def _connected(self) -> stripe.StripeClient:
        carried = Quiet(timeout=self._around.timeout, session=session(VENDOR, self._settings.hosts(), self._around))
        return stripe.StripeClient(self._settings.api_key.get_secret_value(), http_client=carried,
                                   max_network_retries=0, base_addresses={"api": self._settings.url})

    def read(self, ask: Callable[[Any], Any], draw: Callable[[Any], T]) -> T:
        """One object, drawn as ours. Raises NotFound, Rejected, or Unavailable for everything without an answer."""
        try:
            return draw(ask(self.v1).to_dict())
        except stripe.StripeError as error:
            raise _unread(error) from error
        except UNREADABLE as error:
            raise _unreadable_read(error) from error

    def read_all(self, ask: Callable[[Any], Any], draw: Callable[[Any], T]) -> tuple[T, ...]:
        """A whole list, every page of it, in Stripe's order: newest first."""
        try:
            rows: Iterable[Any] = ask(self.v1).auto_paging_iter()
            return tuple(draw(row.to_dict()) for row in rows)
        except stripe.StripeError as error:
            raise _unread(error) from error
        except UNREADABLE as error:
            raise _unreadable_read(error) from error

    def write(self, ask: Callable[[Any], Any], draw: Callable[[Any, str | None], T]) -> T:
        """One change. Raises Rejected or Unavailable when nothing happened, OutcomeUnknown for any other failure."""
        trace = None
        try:
            made = ask(self.v1)
            trace = request_id(made.last_response.headers)
            return draw(made.to_dict(), trace)
        except stripe.StripeError as error:
            raise _unwritten(error) from error
        except UNREADABLE as error:
            raise OutcomeUnknown("Stripe's answer could not be understood.", vendor=VENDOR, reason="unreadable",
                                 request_id=trace) from error


UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, InvalidOperation, ValidationError)
"""What a body of another shape ends in; the library itself raises InvalidOperation for a `*_decimal` it cannot read."""


def _unreadable_read(error: Exception) -> Unavailable:
    return Unavailable("Stripe's answer could not be understood.", vendor=VENDOR, reason="unreadable")


def code_of(error: stripe.StripeError) -> str:
    """The error's code, or "" (on several classes of the library `error.code` is None although the body has one)."""
    return str((error.error.code if error.error is not None else None) or error.code or "")


def _about(error: stripe.StripeError) -> dict[str, Any]:
    """What every ending of it carries: its message, and in plain its code alone."""
    status = f"Stripe answered {error.http_status}" if error.http_status else "Stripe did not answer"
    words, code = error.error.message if error.error is not None else None, code_of(error) or type(error).__name__
    return {"message": f"{status}: {words or code}", "plain": f"{status}: {code}", "vendor": VENDOR,
            "request_id": request_id(error.headers or {})}


def _unread(error: stripe.StripeError) -> VendorError:
    refusal = _refusal(error)
    if refusal is not None:
        return refusal
    reason = "no_answer" if error.http_status is None else "server_error"
    return Unavailable(**_about(error), reason=reason, lasting=_never_allowed(error))


def _unwritten(error: stripe.StripeError) -> VendorError:
    if isinstance(error.__cause__, Unavailable):
        return error.__cause__  # the gate's, which the library took for trouble on the network
    refusal = _refusal(error)
    if refusal is not None:
        return refusal
    if _not_sent(error):
        return Unavailable(**_about(error), reason="not_reached", lasting=_never_allowed(error))
    return OutcomeUnknown(**_about(error), reason=_doubt(error))


def _doubt(error: stripe.StripeError) -> str:
    """Why nobody can say whether it happened. A `stored_failure` is what this key answers from now on (Stripe docs,
    "Idempotent requests"): asking again with it tells nothing new."""
    if code_of(error) in (AT_STRIPE, "idempotency_key_in_use"):
        return code_of(error)
    if isinstance(error, stripe.IdempotencyError):
        return "key_used_otherwise"
    if error.http_status is None:
        return "no_answer"
    if error.http_status < 400:
        return "unreadable"
    replayed = (error.headers or {}).get("Idempotent-Replayed") == "true"
    return "stored_failure" if replayed else "server_error"


def _refusal(error: stripe.StripeError) -> VendorError | None:
    """What was surely not done, by class and status and never by wording; None for everything else."""
    about, code = _about(error), code_of(error)
    if isinstance(error, stripe.RateLimitError):
        return Unavailable(**about, reason=code or "rate_limit", retry_after=_pause(error))
    if isinstance(error, stripe.AuthenticationError):
        return Unavailable(**about, reason=code or "credentials", lasting=True)
    if isinstance(error, stripe.PermissionError):
        return None if code == AT_STRIPE else _forbidden(about, code)
    if isinstance(error, stripe.InvalidRequestError | stripe.CardError):
        gone = error.http_status == 404 or code == "resource_missing"
        return (NotFound if gone else Rejected)(**about, reason=code or "refused")
    return None


def _forbidden(about: dict[str, Any], code: str) -> VendorError:
    if code in ("action_blocked", "request_blocked"):
        return Rejected(**about, reason=code)
    return Unavailable(**about, reason=code or "permission", lasting=True)


def _pause(error: stripe.StripeError) -> float | None:
    stated = (error.headers or {}).get("Retry-After", "")
    return float(stated) if stated.isdigit() else None


def _not_sent(error: stripe.StripeError) -> bool:
    cause = error.__cause__
    return _never_allowed(error) or (isinstance(cause, requests.RequestException) and surely_not_sent(cause))


def _never_allowed(error: stripe.StripeError) -> bool:
    return isinstance(error.__cause__, ForbiddenAddress)
