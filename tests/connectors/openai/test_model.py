"""The model connector through the real library against the stand-in, and the stand-in's own promises."""

from __future__ import annotations

import json
import logging
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import openai
import pytest
import requests
from pydantic import ValidationError

from connectors.contract import Completion, ModelUnusable, Surroundings, Unavailable
from connectors.http import CONNECT, READ
from connectors.mount import Mounted
from connectors.openai import CONNECTOR, OpenAIModel, OpenAISettings
from connectors.openai.carrier import Carried
from connectors.openai.standin import OpenAIRules
from connectors.standin import Door, Fault

KEY = "sk-sandbox-0001"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SCHEMA: dict[str, Any] = {
    "type": "object", "additionalProperties": False, "required": ["word", "count"],
    "properties": {"word": {"type": "string"}, "count": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}


class Desk:
    """The model's stand-in, its door, and the connector mounted on it."""

    def __init__(self) -> None:
        self.rules = OpenAIRules()
        self.rules.load({"keys": [KEY]}, NOW)
        self.door = Door(self.rules, lambda: NOW, lambda seconds: None)
        self.model = self.reach(KEY)

    def reach(self, key: str) -> OpenAIModel:
        settings = OpenAISettings.model_validate({"OPENAI_API_KEY": key, "OPENAI_MODEL": "small-1"})
        return OpenAIModel(settings, Surroundings(transports={"openai": Mounted(self.door)}))

    def says(self, **entry: Any) -> None:
        self.rules.control("queue", entry, NOW)

    def fault(self, kind: str, **params: Any) -> None:
        self.door.faults.append(Fault(kind, params=params))

    def ask(self, schema: dict[str, Any] = SCHEMA) -> Completion:
        return self.model.complete("Count words.", "tea tea", schema=schema, title="counting")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_queued_answer_comes_back_as_data_with_what_it_cost(desk: Desk) -> None:
    desk.says(json={"word": "tea", "count": 2})
    given = desk.ask()
    assert given == Completion(answer={"word": "tea", "count": 2}, model="small-1", tokens_in=51, tokens_out=7,
                               request_id="req_model000001")
    assert len(desk.door.calls) == 1
    assert desk.rules.books()["asked"][0]["instructions"] == "Count words."


def test_without_a_queued_answer_the_least_valid_one_is_given(desk: Desk) -> None:
    assert desk.ask().answer == {"word": "", "count": None}


def test_a_queued_answer_waits_for_the_text_it_is_meant_for(desk: Desk) -> None:
    desk.says(answers=[{"when": "coffee", "json": {"word": "coffee", "count": 1}},
                       {"when": "tea", "json": {"word": "tea", "count": 2}}])
    assert desk.ask().answer["word"] == "tea"
    assert desk.rules.books()["queued"] == 1


@pytest.mark.parametrize(("entry", "reason"), [
    ({"refusal": "I cannot help with that."}, "refusal"), ({"truncated": '{"word": "tea", "count": 2}'}, "truncated"),
    ({"malformed": True}, "not_json"), ({"text": "[1, 2]"}, "not_json"), ({"text": '{"count": NaN}'}, "not_json"),
    ({"text": "[" * 100_000}, "not_json"), ({"empty": True}, "empty"), ({"content_filter": True}, "content_filter")])
def test_an_answer_that_cannot_be_used_is_named(desk: Desk, entry: dict[str, Any], reason: str) -> None:
    desk.says(**entry)
    with pytest.raises(ModelUnusable) as caught:
        desk.ask()
    assert (caught.value.reason, caught.value.request_id) == (reason, "req_model000001")
    assert len(desk.door.calls) == 1


@pytest.mark.parametrize(("fault", "params", "reason", "lasting", "retry_after"), [
    ("timeout_before", {}, "timeout", False, None), ("timeout_after", {}, "timeout", False, None),
    ("reset_before", {}, "no_answer", False, None), ("500_before", {}, "server_error", False, None),
    ("500_before", {"status": 503}, "server_error", False, None),
    ("429", {"retry_after": 9}, "rate_limit_exceeded", False, 9.0),
    ("429", {"code": "insufficient_quota"}, "insufficient_quota", True, None),
    ("auth_lost", {}, "invalid_api_key", True, None)])
def test_a_model_that_is_not_there_is_unavailable_after_one_try(desk: Desk, fault: str, params: dict[str, Any],
                                                               reason: str, lasting: bool,
                                                               retry_after: float | None) -> None:
    desk.fault(fault, **params)
    with pytest.raises(Unavailable) as caught:
        desk.ask()
    assert (caught.value.reason, caught.value.lasting, caught.value.retry_after) == (reason, lasting, retry_after)
    assert len(desk.door.calls) == 1


@pytest.mark.parametrize("fault", ["malformed_200", "truncated_200", "html_200", "empty_200"])
def test_a_broken_body_is_no_answer(desk: Desk, fault: str) -> None:
    desk.fault(fault)
    with pytest.raises(ModelUnusable) as caught:
        desk.ask()
    assert caught.value.reason == "unreadable"


def test_a_wrong_key_is_refused_and_not_repeated_in_the_error(desk: Desk) -> None:
    desk.model = desk.reach("sk-somebody-else-77")
    with pytest.raises(Unavailable) as caught:
        desk.ask()
    assert caught.value.lasting is True
    assert "somebody" not in str(caught.value)


@pytest.mark.parametrize("spoil", [
    {"additionalProperties": True}, {"required": ["word"]}, {"oneOf": []},
    {"properties": {"word": {"type": "string", "default": "x"}, "count": {"type": "integer"}}}])
def test_a_schema_that_strict_mode_would_not_take_is_refused(desk: Desk, spoil: dict[str, Any]) -> None:
    with pytest.raises(ModelUnusable):
        desk.ask({**SCHEMA, **spoil})


def test_an_unknown_parameter_is_refused(desk: Desk) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        desk.model._client.chat.completions.create(model="small-1", messages=[], extra_body={"wisdom": 9})
    assert caught.value.code == "unknown_parameter"


def test_nothing_that_was_said_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        desk.says(json={"word": "chamomile", "count": 2})
        desk.ask()
    assert "chamomile" not in caplog.text
    assert "tea tea" not in caplog.text


def test_the_time_a_model_may_take_is_bounded(desk: Desk) -> None:
    def timeout(**more: str) -> httpx2.Timeout:
        settings = OpenAISettings.model_validate({"OPENAI_API_KEY": KEY, **more})
        found = OpenAIModel(settings, Surroundings())._client.timeout
        assert isinstance(found, httpx2.Timeout)
        return found

    assert (timeout().connect, timeout().read) == (CONNECT, READ)
    assert timeout(OPENAI_TIMEOUT="45").read == 45
    assert desk.model._client.max_retries == 0


def test_a_hung_server_ends_by_its_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        settings = OpenAISettings.model_validate({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url})
        began = datetime.now(UTC)
        with pytest.raises(Unavailable) as caught:
            OpenAIModel(settings, Surroundings(timeout=(0.1, 0.2))).complete("i", "t", schema=SCHEMA, title="x")
    assert caught.value.reason == "timeout"
    assert datetime.now(UTC) - began < timedelta(seconds=5)


def test_prompts_take_no_detour_through_a_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        proxy.settimeout(0.05)
        settings = OpenAISettings.model_validate({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"})
        with pytest.raises(Unavailable):
            OpenAIModel(settings, Surroundings(timeout=(0.2, 0.2))).complete("i", "t", schema=SCHEMA, title="x")
        with pytest.raises(TimeoutError):
            proxy.accept()


@pytest.mark.parametrize("settings", [
    {}, {"OPENAI_API_KEY": ""}, {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://models.example/v1"},
    {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "https://user:pw@models.example/v1"}])
def test_settings_that_cannot_be_right_are_refused_by_name(settings: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        OpenAISettings.model_validate(settings)
    assert "OPENAI_" in str(caught.value)


def test_any_compatible_https_address_will_do() -> None:
    settings = OpenAISettings.model_validate({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "https://models.example/v1/"})
    assert settings.base_url == "https://models.example/v1"
    assert KEY not in repr(settings)


def test_the_entry_point_gives_a_model_at_any_base_url() -> None:
    rules = OpenAIRules()
    rules.load({"keys": [KEY]}, NOW)
    settings = CONNECTOR.settings.model_validate(
        {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:9/openai/v1"})
    door = Mounted(Door(rules, lambda: NOW), "/openai")
    model = CONNECTOR.connect(settings, Surroundings(transports={"openai": door}))
    assert model.complete("i", "t", schema=SCHEMA, title="x").answer == {"word": "", "count": None}
    assert (CONNECTOR.name, CONNECTOR.role) == ("openai", "model")


def client(desk: Desk) -> openai.OpenAI:
    return openai.OpenAI(api_key=KEY, base_url="http://127.0.0.1:9/v1", max_retries=0,
                         http_client=httpx2.Client(transport=Carried(Mounted(desk.door))))


def test_the_responses_call_is_answered_too(desk: Desk) -> None:
    desk.says(json={"word": "tea", "count": 2})
    wanted: Any = {"format": {"type": "json_schema", "name": "counting", "schema": SCHEMA, "strict": True}}
    given = client(desk).responses.create(model="small-1", instructions="Count.", input="tea tea", text=wanted)
    assert json.loads(given.output_text) == {"word": "tea", "count": 2}
    assert (given.status, given.usage and given.usage.total_tokens) == ("completed", 57)


def test_the_responses_call_says_when_it_was_cut_off_or_refused(desk: Desk) -> None:
    desk.says(answers=[{"truncated": "half of this"}, {"refusal": "no"}])
    cut = client(desk).responses.create(model="small-1", input="tea")
    refused = client(desk).responses.create(model="small-1", input=[{"role": "user", "content": "tea"}])
    assert (cut.status, cut.incomplete_details and cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert refused.model_dump()["output"][0]["content"] == [{"type": "refusal", "refusal": "no"}]


def test_a_body_that_is_not_json_is_refused(desk: Desk) -> None:
    sent = requests.Request("POST", "http://127.0.0.1/v1/chat/completions", data=b"{",
                            headers={"Authorization": f"Bearer {KEY}"}).prepare()
    assert Mounted(desk.door).send(sent).status_code == 400
