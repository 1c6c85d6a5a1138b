"""A language model asked once for an answer in a JSON schema; what it says is read and never believed.

What the `openai` library 3.x would do by itself: try three times, wait ten minutes, follow redirects, log bodies when
told to by the environment. Each of that is switched off here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, NoReturn

import httpx2
import openai

from connectors.contract import Completion, ModelUnusable, Surroundings, Unavailable, VendorError
from connectors.http import Guarded, host_of
from connectors.openai.carrier import Carried
from connectors.openai.settings import OpenAISettings

VENDOR = "openai"
LONGEST_ANSWER = 4_000
"""Tokens; a proposal takes a few hundred."""

for talkative in ("openai", "httpx2", "httpcore2"):
    logging.getLogger(talkative).setLevel(logging.WARNING)  # at DEBUG they write prompts and answers


class OpenAIModel:
    """Implements the contract's Model with chat completions, which compatible servers know best."""

    vendor = VENDOR

    def __init__(self, settings: OpenAISettings, around: Surroundings) -> None:
        self.name = settings.model
        connect, read = around.timeout
        adapter = around.transports.get(VENDOR) or Guarded(
            (host_of(settings.base_url),), (connect, settings.seconds or read), private=settings.private,
            limits=around.limits)
        self._client = openai.OpenAI(
            api_key=settings.api_key.get_secret_value(), base_url=settings.base_url, max_retries=0,
            http_client=httpx2.Client(timeout=httpx2.Timeout(settings.seconds or read, connect=connect),
                                      trust_env=False, follow_redirects=False,
                                      transport=Carried(adapter)))

    def complete(self, instructions: str, text: str, *, schema: Mapping[str, Any], title: str) -> Completion:
        """Raises Unavailable when the model was not reached, ModelUnusable when its answer cannot be used."""
        wanted = {"type": "json_schema", "json_schema": {"name": title, "schema": dict(schema), "strict": True}}
        messages = [{"role": "system", "content": instructions}, {"role": "user", "content": text}]
        asked: Any = {"model": self.name, "messages": messages, "response_format": wanted,
                      "max_completion_tokens": LONGEST_ANSWER}
        try:
            return _completion(self._client.chat.completions.create(**asked))
        except openai.OpenAIError as error:
            raise _in_our_words(error) from error
        except (AttributeError, IndexError, RecursionError, TypeError, ValueError) as error:  # a body of another shape
            raise _unusable("Its server's answer could not be understood.", "unreadable") from error


def _completion(given: Any) -> Completion:
    trace, choice = getattr(given, "_request_id", None), given.choices[0]
    used = given.usage
    return Completion(answer=_answer(choice.message, choice.finish_reason, trace), model=given.model,
                      tokens_in=used.prompt_tokens if used else 0, tokens_out=used.completion_tokens if used else 0,
                      request_id=trace)


STOPPED = {"length": ("It was cut off.", "truncated"), "content_filter": ("It was filtered.", "content_filter")}
"""Ways to stop that leave no whole answer; any other word is read on and judged by what was said."""


def _answer(message: Any, stopped: str, trace: str | None) -> dict[str, Any]:
    if message.refusal:
        raise _unusable("It refused to answer.", "refusal", trace)
    if stopped in STOPPED:
        raise _unusable(*STOPPED[stopped], trace)
    if not message.content:
        raise _unusable("It said nothing.", "empty", trace)
    try:
        answer = json.loads(message.content, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _unusable("It did not answer in JSON.", "not_json", trace) from error
    if not isinstance(answer, dict):
        raise _unusable("It did not answer with an object.", "not_json", trace)
    return answer


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _unusable(words: str, reason: str, trace: str | None = None) -> ModelUnusable:
    return ModelUnusable(words, vendor=VENDOR, reason=reason, request_id=trace)


def _in_our_words(error: openai.OpenAIError) -> VendorError:
    """By class and code. Nothing is repeated from the error's text, which may repeat the prompt."""
    if not isinstance(error, openai.APIStatusError):
        slow = isinstance(error, openai.APITimeoutError)
        return Unavailable("The model did not answer in time." if slow else "The model could not be reached.",
                           vendor=VENDOR, reason="timeout" if slow else "no_answer")
    code, trace = error.code or "", error.request_id
    said = f"The model's server answered {error.status_code} {code}".rstrip() + "."
    if isinstance(error, openai.RateLimitError):
        return Unavailable(said, vendor=VENDOR, reason=code or "rate_limit", request_id=trace,
                           retry_after=_pause(error), lasting=code == "insufficient_quota")
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError | openai.NotFoundError):
        return Unavailable(said, vendor=VENDOR, reason=code or "credentials", request_id=trace, lasting=True)
    if error.status_code >= 500 or error.status_code in (408, 409):
        return Unavailable(said, vendor=VENDOR, reason="server_error", request_id=trace)
    return _unusable(said, code or "refused_request", trace)


def _pause(error: openai.APIStatusError) -> float | None:
    stated = error.response.headers.get("retry-after", "")
    return float(stated) if stated.isdigit() else None
