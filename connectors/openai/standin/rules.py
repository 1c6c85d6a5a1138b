"""The model API as the `openai` library calls it: chat completions and responses, with strict structured output."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.openai.standin.reading import read
from connectors.openai.standin.schemas import complaint
from connectors.standin import Answer, Request

Json = dict[str, Any]

CHAT = {"model", "messages", "response_format", "max_completion_tokens", "max_tokens", "temperature", "seed", "store",
        "metadata", "user", "safety_identifier", "top_p", "n", "stream", "reasoning_effort", "verbosity",
        "service_tier"}
RESPONSES = {"model", "input", "instructions", "text", "max_output_tokens", "temperature", "store", "metadata", "user",
             "safety_identifier", "top_p", "stream", "reasoning", "service_tier", "truncation"}
"""Parameters these calls take here (OpenAI API reference); any other is refused as unknown."""


class Refusal(Exception):
    def __init__(self, status: int, message: str, *, kind: str = "invalid_request_error", code: str | None = None,
                 param: str | None = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


@dataclass
class ModelBooks:
    """Keys that work, answers to give next, and what was asked."""

    keys: set[str] = field(default_factory=set)
    queue: list[Json] = field(default_factory=list)
    asked: list[Json] = field(default_factory=list)
    requests: int = 0


@dataclass(frozen=True)
class Ask:
    """What either call comes down to."""

    model: str
    instructions: str
    text: str
    schema: Json | None
    most: int | None

    @property
    def cost(self) -> int:
        """Tokens of all that was sent; a schema is paid for like text."""
        schema = json.dumps(self.schema) if self.schema is not None else ""
        return tokens(self.instructions + self.text + schema)


@dataclass(frozen=True)
class Said:
    """What the model said: its text or its refusal, and why it stopped."""

    text: str = ""
    refusal: str | None = None
    stopped: str = "stop"


class OpenAIRules:
    """A model API that says what it was told to say, or reads by keywords."""

    name = "openai"

    def __init__(self) -> None:
        self.state = ModelBooks()
        self._lock = threading.RLock()

    def answer(self, request: Request, now: datetime) -> Answer:
        with self._lock:
            return self._answered(request, lambda: self._work(request, now))

    def fault(self, kind: str, request: Request, now: datetime, params: Json) -> Answer:
        """500_before, 500_after, 429 ({retry_after?, code?}), auth_lost: nothing is remembered between requests."""
        with self._lock:
            return self._answered(request, lambda: self._fault(kind, request, now, params))

    def control(self, op: str, params: Json, now: datetime) -> Json:
        with self._lock:
            return OPS[op](self.state, params)

    def load(self, world: Json, now: datetime) -> None:
        self.state.keys |= set(world.get("keys", []))
        self.state.queue += world.get("queue", [])

    def books(self) -> Json:
        return {"asked": list(self.state.asked), "queued": len(self.state.queue)}

    def reset(self) -> None:
        self.state = ModelBooks()

    def _answered(self, request: Request, work: Callable[[], Answer]) -> Answer:
        self.state.requests += 1
        try:
            self._admit(request)
            given = work()
        except Refusal as no:
            given = Answer.of(no.status, no.body, no.headers)
        trace = {"x-request-id": f"req_model{self.state.requests:06d}"}
        return Answer(given.status, given.body, {**given.headers, **trace})

    def _admit(self, request: Request) -> None:
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or key not in self.state.keys:
            raise Refusal(401, f"Incorrect API key provided: {key[:3]}***{key[-4:]}.", code="invalid_api_key")

    def _fault(self, kind: str, request: Request, now: datetime, params: Json) -> Answer:
        if kind == "500_after":
            self._work(request, now)
        if kind in ("500_before", "500_after"):
            raise Refusal(int(params.get("status", 500)), "The server had an error.", kind="server_error")
        if kind == "429":
            wait = {"Retry-After": str(params["retry_after"])} if "retry_after" in params else {}
            code = params.get("code", "rate_limit_exceeded")
            raise Refusal(429, "Rate limit reached.", kind="requests", code=code, headers=wait)
        if kind == "auth_lost":
            raise Refusal(401, "Incorrect API key provided.", code="invalid_api_key")
        raise KeyError(kind)

    def _work(self, request: Request, now: datetime) -> Answer:
        calls: dict[tuple[str, str], tuple[Callable[[Json], Ask], Callable[[Ask, Said, str, int], Json]]] = {
            ("POST", "/v1/chat/completions"): (_chat_ask, _chat_shape),
            ("POST", "/v1/responses"): (_responses_ask, _responses_shape)}
        if (request.method, request.path) not in calls:
            raise Refusal(404, f"Invalid URL ({request.method} {request.path})")
        understand, shape = calls[(request.method, request.path)]
        ask = understand(_body(request))
        said = self._said(ask)
        id_ = f"sbx{self.state.requests:06d}"
        self.state.asked.append({"model": ask.model, "instructions": ask.instructions, "text": ask.text,
                                 "said": said.text, "tokens_in": ask.cost})
        return Answer.of(200, shape(ask, said, id_, int(now.timestamp())))

    def _said(self, ask: Ask) -> Said:
        """The first queued answer that is for this text, else the keyword reading; cut off at the asked-for length."""
        for place, entry in enumerate(self.state.queue):
            if entry.get("when", "") in ask.text:
                return _queued(self.state.queue.pop(place), ask)
        said = _reading(ask)
        if ask.most is not None and tokens(said.text) > ask.most:
            return Said(said.text[: ask.most * 4], stopped="length")
        return said


def _reading(ask: Ask) -> Said:
    if ask.schema is None:
        return Said("Understood.")
    return Said(json.dumps(read(ask.schema, ask.text), ensure_ascii=False))


def _queued(entry: Json, ask: Ask) -> Said:
    """{json} or {text} to say; {refusal}; {truncated: true or text}; {malformed: true}; {empty: true};
    {content_filter: true}. `when` names a piece of the text it is meant for."""
    if "refusal" in entry:
        return Said(refusal=str(entry["refusal"]))
    if "truncated" in entry:
        whole = entry["truncated"] if isinstance(entry["truncated"], str) else _reading(ask).text
        return Said(whole[: len(whole) // 2], stopped="length")
    if entry.get("content_filter"):
        return Said(stopped="content_filter")
    if entry.get("empty"):
        return Said()
    if entry.get("malformed"):
        return Said('{"actions": [')
    return Said(str(entry["text"]) if "text" in entry else json.dumps(entry["json"], ensure_ascii=False))


def queue(books: ModelBooks, params: Json) -> Json:
    """Answers to give next: {answers: [...]}, or one answer by itself."""
    books.queue += params.get("answers", [params])
    return {"queued": len(books.queue)}


def clear(books: ModelBooks, params: Json) -> Json:
    books.queue.clear()
    return {"queued": 0}


OPS: dict[str, Callable[[ModelBooks, Json], Json]] = {"queue": queue, "clear": clear}


def tokens(text: str) -> int:
    """About four characters to a token."""
    return -(-len(text) // 4)


def _body(request: Request) -> Json:
    try:
        body = request.json()
    except ValueError:
        raise Refusal(400, "We could not parse the JSON body of your request.") from None
    if not isinstance(body, dict):
        raise Refusal(400, "The body must be an object.")
    return body


def _insist(body: Json, known: set[str], *needed: str) -> None:
    for name in body:
        if name not in known:
            raise Refusal(400, f"Unknown parameter: '{name}'.", code="unknown_parameter", param=name)
    for name in needed:
        if not body.get(name):
            raise Refusal(400, f"Missing required parameter: '{name}'.", code="missing_required_parameter", param=name)
    if body.get("stream"):
        raise Refusal(400, "This sandbox does not stream.", param="stream")


def _schema(given: Json, param: str) -> Json | None:
    """The JSON schema asked for, refused when strict mode would not take it."""
    if not given or given.get("type") != "json_schema":
        return None
    spec = given.get("json_schema", given)
    if not spec.get("name"):
        raise Refusal(400, f"Missing required parameter: '{param}.name'.", param=f"{param}.name")
    wrong = complaint(spec.get("schema")) if spec.get("strict") else None
    if wrong:
        raise Refusal(400, f"Invalid schema for response_format '{spec['name']}': {wrong}", param=param)
    found: Json = spec["schema"]
    return found


def _chat_ask(body: Json) -> Ask:
    _insist(body, CHAT, "model", "messages")
    said = {role: [m["content"] for m in body["messages"] if m["role"] in roles]
            for role, roles in {"system": ("system", "developer"), "user": ("user",)}.items()}
    return Ask(body["model"], "\n".join(said["system"]), "\n".join(said["user"]),
               _schema(body.get("response_format") or {}, "response_format"),
               body.get("max_completion_tokens") or body.get("max_tokens"))


def _responses_ask(body: Json) -> Ask:
    _insist(body, RESPONSES, "model", "input")
    given = body["input"]
    text = given if isinstance(given, str) else "\n".join(_content(each) for each in given)
    return Ask(body["model"], body.get("instructions") or "", text,
               _schema((body.get("text") or {}).get("format") or {}, "text.format"), body.get("max_output_tokens"))


def _content(item: Json) -> str:
    content = item.get("content", "")
    return content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)


def _chat_shape(ask: Ask, said: Said, id_: str, at: int) -> Json:
    used = (ask.cost, tokens(said.text))
    content = None if said.refusal is not None or said.stopped == "content_filter" else said.text
    return {
        "id": f"chatcmpl-{id_}", "object": "chat.completion", "created": at, "model": ask.model,
        "choices": [{"index": 0, "finish_reason": said.stopped, "logprobs": None,
                     "message": {"role": "assistant", "content": content, "refusal": said.refusal, "annotations": []}}],
        "usage": {"prompt_tokens": used[0], "completion_tokens": used[1], "total_tokens": sum(used),
                  "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                  "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0}},
        "service_tier": "default", "system_fingerprint": None,
    }


def _responses_shape(ask: Ask, said: Said, id_: str, at: int) -> Json:
    used = (ask.cost, tokens(said.text))
    part = ({"type": "refusal", "refusal": said.refusal} if said.refusal is not None
            else {"type": "output_text", "text": said.text, "annotations": [], "logprobs": []})
    reasons = {"length": "max_output_tokens", "content_filter": "content_filter"}
    whole = said.stopped == "stop"
    status = "completed" if whole else "incomplete"
    return {
        "id": f"resp_{id_}", "object": "response", "created_at": at, "status": status, "error": None,
        "incomplete_details": None if whole else {"reason": reasons[said.stopped]}, "instructions": ask.instructions,
        "max_output_tokens": ask.most, "metadata": {}, "model": ask.model, "parallel_tool_calls": True,
        "output": [{"id": f"msg_{id_}", "type": "message", "status": status, "role": "assistant", "content": [part]}],
        "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_p": 1.0, "truncation": "disabled",
        "usage": {"input_tokens": used[0], "output_tokens": used[1], "total_tokens": sum(used),
                  "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                  "output_tokens_details": {"reasoning_tokens": 0}},
    }
