"""Tries again what was surely not done, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from connectors.contract import Unavailable

T = TypeVar("T")

TRIES = 3
LONGEST_WAIT = 5.0
"""Seconds a pass may wait for a vendor; a longer Retry-After sends the ticket to sleep instead."""

_jitter = wait_exponential_jitter(multiplier=0.2, max=2.0, jitter=0.2)


def _worth_another_try(error: BaseException) -> bool:
    return isinstance(error, Unavailable) and not error.lasting and (error.retry_after or 0) <= LONGEST_WAIT


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, Unavailable) else None
    return asked if asked is not None else _jitter(state)


def patiently(call: Callable[[], T], sleep: Callable[[float], None]) -> T:
    """The call's result, with two more tries when the vendor was surely not reached; obeys Retry-After."""
    trying = Retrying(retry=retry_if_exception(_worth_another_try), stop=stop_after_attempt(TRIES), wait=_wait,
                      sleep=sleep, reraise=True)
    return trying(call)
