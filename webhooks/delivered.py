"""What the vendors' doors have in common: a delivery is read, kept once, and answered by its status."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from flask import Response, jsonify, request
from psycopg import OperationalError
from pydantic import BaseModel, ConfigDict
from werkzeug.exceptions import RequestEntityTooLarge

from connectors.contract import Unavailable

LARGEST_BODY = 256 * 1024
TOO_OLD = timedelta(minutes=5)
"""Between a vendor's clock, as it signed, and ours."""
DEEPEST = 10_000
"""Brackets and braces in one body."""
AGAIN_AFTER = "5"
"""Seconds."""
T = TypeVar("T")


class NotThem(Exception):
    """The request does not come from our own account, or is too old; the message says why, without secrets."""


class NotYet(Exception):
    """Signed with a secret that is not known while it is being changed: it is to be told again."""


class OnlyATest(Exception):
    """Signed, and the doctor's test call: there is nothing to keep."""


class Unreadable(Exception):
    """The body is signed, and yet not an event we can read."""


class Lenient(BaseModel):
    """A part of what a vendor sends; what we do not know of it is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def parsed(raw: bytes) -> dict[str, Any]:
    """The JSON object of a signed body. Raises Unreadable."""
    if raw.count(b"[") + raw.count(b"{") > DEEPEST:
        raise Unreadable("nested too deeply")
    try:
        body = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {type(error).__name__}") from None
    if not isinstance(body, dict):
        raise Unreadable("not a JSON object")
    return body


def answered(read: Callable[[bytes], T | None], keep: Callable[[T], str]) -> tuple[Response, int]:
    """202 kept, 200 seen before or nothing to keep, 401 not them, 413 too big, 400 not readable.

    503 with Retry-After, tell us again: when `read` cannot judge it yet, or `keep` does not reach the database.
    """
    request.max_content_length = LARGEST_BODY
    try:
        told = read(request.get_data(cache=False))
        kept = keep(told) if told is not None else "not ours"
    except RequestEntityTooLarge:
        return jsonify(error="too big"), 413
    except NotThem as why:
        return jsonify(error=str(why)), 401
    except OnlyATest:
        return jsonify(event="test"), 200
    except Unreadable as why:
        return jsonify(error=str(why)), 400
    except (NotYet, Unavailable, OperationalError):
        answer = jsonify(error="not now")
        answer.headers["Retry-After"] = AGAIN_AFTER
        return answer, 503
    return jsonify(event=kept), 202 if kept == "kept" else 200
