"""The stand-in's admin side: webhooks, triggers that really run, rules, views, groups, OAuth; for admins only."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from connectors.standin import Answer, Request
from connectors.zendesk.events import SUBSCRIPTIONS
from connectors.zendesk.setup import trigger as trigger_part
from connectors.zendesk.standin.hooks import signature
from tests.connectors.zendesk.conftest import DANA, MIA, US, Account, recorded
from tests.connectors.zendesk.test_standin import held_against, put
from webhooks.delivered import NotThem, OnlyATest
from webhooks.zendesk import ZendeskDoor

BY_TRIGGER = "conditional_ticket_events"
BODY = '{"ticket_id": "{{ticket.id}}", "current_user_id": "{{current_user.id}}"}'


def hook(account: Account, **changes: Any) -> str:
    told = {"name": "Ours", "endpoint": "http://127.0.0.1:9/webhooks/zendesk", "status": "active",
            "http_method": "POST", "request_format": "json", "subscriptions": [BY_TRIGGER], **changes}
    answer = account.ask("POST", "webhooks", {"webhook": told})
    assert answer.status == 201, answer.body
    return str(answer.json()["webhook"]["id"])


def trigger(account: Account, *conditions: Any, actions: Any = None, webhook: str | None = None) -> int:
    told = actions or [{"field": "notification_webhook", "value": [webhook, BODY]}]
    answer = account.ask("POST", "triggers.json", {"trigger": {"title": "T", "all": list(conditions), "actions": told}})
    assert answer.status == 201, answer.body
    return int(answer.json()["trigger"]["id"])


def sent(account: Account) -> list[Any]:
    """Bodies of what goes out now, to the webhook that triggers call."""
    return [json.loads(one.body) for one in account.rules.due(account.clock()) if b"current_user_id" in one.body]


@pytest.mark.parametrize(("method", "path", "file"), [
    ("POST", "webhooks", "webhook_create_no_auth.json"), ("POST", "triggers.json", "trigger_create_legacy_all.json"),
    ("POST", "ticket_fields.json", "ticket_field_create.json")])
def test_what_is_made_answers_with_the_recorded_keys(account: Account, method: str, path: str, file: str) -> None:
    theirs = recorded(f"recorded/{file}")
    ours = account.ask(method, path, theirs["request_body"])
    assert ours.status == theirs["status"]
    known = {line for line in held_against(ours.json(), theirs["body"]) if "only" in line}
    assert known == set()
    [name] = ours.json()
    assert ours.json()[name].keys() <= theirs["body"][name].keys()


def test_a_new_webhook_has_nanoseconds_and_later_seconds(account: Account) -> None:
    told = recorded("recorded/webhook_create_no_auth.json")["request_body"]
    made = account.ask("POST", "webhooks", told).json()["webhook"]
    assert len(made["created_at"]) == len("2023-09-18T23:38:16.498166385Z")
    shown = account.ask("GET", f"webhooks/{made['id']}").json()["webhook"]
    assert len(shown["created_at"]) == len("2023-09-18T23:38:16Z")


def test_a_list_of_webhooks_says_has_more_alone(account: Account) -> None:
    theirs = recorded("recorded/webhooks_list.json")["body"]
    assert account.ask("GET", "webhooks").json()["meta"] == theirs["meta"]


def test_changes_of_a_webhook_answer_204(account: Account) -> None:
    id = hook(account)
    part = account.ask("PATCH", f"webhooks/{id}", {"webhook": {"name": "New"}})
    assert (part.status, part.body) == (204, b"")
    whole = {"name": "Newer", "endpoint": "https://x.example", "http_method": "GET", "request_format": "json",
             "status": "inactive"}
    assert account.ask("PUT", f"webhooks/{id}", {"webhook": whole}).status == 204
    assert account.ask("PUT", f"webhooks/{id}", {"webhook": {"name": "Half"}}).status == 400
    assert account.ask("GET", f"webhooks/{id}").json()["webhook"]["name"] == "Newer"


def test_the_secrets_of_a_webhooks_own_login_are_not_shown(account: Account) -> None:
    id = hook(account, authentication={"type": "basic_auth", "add_position": "header",
                                       "data": {"username": "u", "password": "hidden"}})
    assert b"hidden" not in account.ask("GET", "webhooks").body + account.ask("GET", f"webhooks/{id}").body


def test_a_clone_has_a_secret_of_its_own(account: Account) -> None:
    id = hook(account)
    copy = account.ask("POST", f"webhooks?clone_webhook_id={id}").json()["webhook"]
    assert copy["name"] == "Ours (copy)"
    secrets = [account.ask("GET", f"webhooks/{one}/signing_secret").json()["signing_secret"]["secret"]
               for one in (id, copy["id"])]
    assert secrets[0] != secrets[1]


@pytest.mark.parametrize("subscriptions", [[BY_TRIGGER, "zen:event-type:ticket.created"]])
def test_events_and_triggers_exclude_each_other(account: Account, subscriptions: list[str]) -> None:
    told = {"name": "N", "endpoint": "https://x.example", "subscriptions": subscriptions}
    assert account.ask("POST", "webhooks", {"webhook": told}).status == 400
    id = hook(account)
    switched = {"webhook": {"subscriptions": ["zen:event-type:ticket.created"]}}
    assert account.ask("PATCH", f"webhooks/{id}", switched).status == 400


def test_a_test_call_is_really_sent_and_signed_with_the_webhooks_secret(account: Account) -> None:
    heard: list[tuple[str, Mapping[str, str], bytes]] = []

    def target(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        heard.append((url, headers, body))
        return 404, "not here"

    account.rules.reach = target
    id = hook(account)
    answer = account.ask("POST", f"webhooks/test?webhook_id={id}", {"request": {"payload": '{"a": 1}'}})
    theirs = recorded("recorded/webhook_test_404.json")
    assert (answer.status, answer.json()["response"]["status_code"]) == (200, theirs["body"]["response"]["status_code"])
    assert answer.json()["response"].keys() == theirs["body"]["response"].keys()
    [(url, headers, body)] = heard
    secret = account.ask("GET", f"webhooks/{id}/signing_secret").json()["signing_secret"]["secret"]
    assert (url, body) == ("http://127.0.0.1:9/webhooks/zendesk", b'{"a": 1}')
    assert headers["X-Zendesk-Webhook-Signature"] == signature(
        secret, headers["X-Zendesk-Webhook-Signature-Timestamp"], body)


def test_a_target_that_is_not_on_this_machine_is_not_called(account: Account) -> None:
    id = hook(account, endpoint="https://example.com/x")
    assert account.ask("POST", f"webhooks/test?webhook_id={id}", {"request": {}}).json()["response"][
        "status_code"] == 502


class Target(BaseHTTPRequestHandler):
    """Answers 418 with what it was sent."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(418)
        self.end_headers()
        self.wfile.write(self.headers["X-Zendesk-Webhook-Id"].encode() + b" " + body)

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


def test_a_test_call_goes_over_the_network_of_this_machine(account: Account) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Target) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        id = hook(account, endpoint=f"http://127.0.0.1:{server.server_port}/x")
        answer = account.ask("POST", f"webhooks/test?webhook_id={id}", {"request": {"payload": "{}"}}).json()
        server.shutdown()
    assert (answer["response"]["status_code"], answer["response"]["payload"]) == (418, f"{id} {{}}")
    again = account.ask("POST", f"webhooks/test?webhook_id={id}", {"request": {}}).json()
    assert again["response"]["status_code"] == 504


def test_our_door_knows_the_doctors_test_call_by_its_signature(account: Account) -> None:
    id = hook(account)
    secret = account.rules.state.webhooks[id]["_secret"]
    heard: list[str] = []

    def door(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        for key in (secret, "other"):
            try:
                ZendeskDoor("acme", (key,)).event(body, headers, account.clock())
            except (OnlyATest, NotThem) as said:
                heard.append(type(said).__name__)
        return 200, ""

    account.rules.reach = door
    account.ask("POST", f"webhooks/test?webhook_id={id}", {"request": {"payload": '{"deskhand": "test"}'}})
    assert heard == ["OnlyATest", "NotThem"]


def test_invocations_and_attempts_are_logged_as_recorded(account: Account) -> None:
    account.writes()
    [delivery] = account.rules.due(account.clock())
    account.rules.settled(delivery, 500, account.clock())
    [again] = account.rules.due(account.clock.forward(seconds=1))
    account.rules.settled(again, 403, account.clock())
    [id] = account.rules.state.webhooks
    [line] = account.ask("GET", f"webhooks/{id}/invocations").json()["invocations"]
    theirs = recorded("recorded/webhook_invocations.json")["body"]["invocations"][0]
    assert (line.keys(), line["status"], line["status_code"]) == (theirs.keys(), "terminated", 403)
    attempts = account.ask("GET", f"webhooks/{id}/invocations/{line['id']}/attempts").json()["attempts"]
    model = recorded("recorded/webhook_invocation_attempts.json")["body"]["attempts"][0]
    assert [one["status_code"] for one in attempts] == [500, 403]
    assert attempts[1]["id"] == id
    assert {one["key"] for one in attempts[1]["request"]["headers"]} == {
        one["key"] for one in model["request"]["headers"]}
    assert attempts[1]["request"]["payload"].encode() == delivery.body


def test_what_the_breaker_dropped_has_no_attempt_with_a_request(account: Account) -> None:
    account.happens("breaker_opens", minutes=5)
    account.writes()
    account.rules.due(account.clock())
    [id] = account.rules.state.webhooks
    [line] = account.ask("GET", f"webhooks/{id}/invocations").json()["invocations"]
    [attempt] = account.ask("GET", f"webhooks/{id}/invocations/{line['id']}/attempts").json()["attempts"]
    assert (line["status"], "request" in attempt) == ("circuit broken", False)


def test_a_trigger_sends_its_own_body_with_the_placeholders_filled(account: Account) -> None:
    trigger(account, {"field": "update_type", "operator": "is", "value": "Create"}, webhook=hook(account))
    ticket = account.writes()
    assert sent(account) == [{"ticket_id": str(ticket), "current_user_id": str(account.id_of(DANA))}]
    account.writes("Any news?", ticket=ticket)
    assert sent(account) == []


def test_without_a_trigger_such_a_webhook_hears_nothing(account: Account) -> None:
    hook(account)
    account.writes()
    assert sent(account) == []


def test_our_own_update_fires_the_trigger_again_and_with_the_guard_it_does_not(account: Account) -> None:
    comment = {"field": "comment_is_public", "operator": "is", "value": "not_relevant"}
    guard = {"field": "role", "operator": "is_not", "value": str(account.id_of(US))}
    id = trigger(account, comment, webhook=hook(account))
    ticket = account.writes()
    assert len(sent(account)) == 1
    put(account, ticket, {"comment": {"body": "Note", "public": False}})
    assert sent(account) == [{"ticket_id": str(ticket), "current_user_id": str(account.id_of(US))}]
    assert account.ask("PUT", f"triggers/{id}", {"trigger": {"all": [comment, guard], "any": []}}).status == 200
    put(account, ticket, {"comment": {"body": "Another note", "public": False}})
    assert sent(account) == []
    account.writes("Any news?", ticket=ticket)
    assert [one["ticket_id"] for one in sent(account)] == [str(ticket)]


def test_our_door_reads_what_a_trigger_sends_and_knows_what_is_signed_alike(account: Account) -> None:
    """The account signs each attempt anew; what comes twice with one signature came once."""
    id = hook(account)
    trigger(account, {"field": "comment_is_public", "operator": "is", "value": "not_relevant"},
            actions=[{"field": "notification_webhook", "value": [id, trigger_part.BODY]}])
    door = ZendeskDoor("acme", (account.rules.state.webhooks[id]["_secret"],), 10000001)
    heard = []
    ticket = account.writes()
    for status in (500, 202):
        [delivery] = [one for one in account.rules.due(account.clock.forward(seconds=1)) if b"current_user" in one.body]
        signed = delivery.sign(account.clock())
        heard += [door.event(delivery.body, signed, account.clock().replace(minute=minute)) for minute in (0, 4)]
        account.rules.settled(delivery, status, account.clock())
    account.writes("Any news?", ticket=ticket)
    [delivery] = [one for one in account.rules.due(account.clock()) if b"current_user" in one.body]
    later = door.event(delivery.body, delivery.sign(account.clock()), account.clock())
    assert {one.ticket_id for one in (*heard, later)} == {str(ticket)}
    first, second = heard[:2], heard[2:]
    assert (first[0].delivery_id, second[0].delivery_id) == (first[1].delivery_id, second[1].delivery_id)
    assert len({one.delivery_id for one in (*heard, later)}) == 3


@pytest.mark.parametrize("subscribed", SUBSCRIPTIONS)
def test_our_door_reads_every_event_that_the_setup_subscribes_to(subscribed: str) -> None:
    body = json.dumps({"account_id": 1, "id": "e-1", "type": subscribed, "time": "2026-11-21T04:00:00Z",
                       "detail": {"id": "35"}}).encode()
    headers = {"X-Zendesk-Webhook-Signature-Timestamp": "2026-11-21T04:00:00Z",
               "X-Zendesk-Webhook-Signature": signature("key", "2026-11-21T04:00:00Z", body)}
    event = ZendeskDoor("acme", ("key",)).event(body, headers, datetime(2026, 11, 21, 4, 0, 1, tzinfo=UTC))
    assert (event.kind, event.ticket_id) == (subscribed.removeprefix("zen:event-type:"), "35")


def test_a_trigger_that_undoes_our_work_really_does(account: Account) -> None:
    trigger(account, {"field": "comment_is_public", "operator": "is", "value": "false"},
            actions=[{"field": "status", "value": "open"}, {"field": "remove_tags", "value": "deskhand_waiting"}])
    ticket = account.writes()
    put(account, ticket, {"comment": {"body": "Note", "public": False}, "status": "pending",
                          "additional_tags": ["deskhand_waiting", "other"]})
    held = account.rules.state.tickets[ticket]
    assert (held.status, held.tags) == ("open", ["other"])


def test_a_trigger_of_the_admins_own_mails_the_requester(account: Account) -> None:
    account.rules.load({"triggers": []}, account.clock())
    ticket = account.writes()
    put(account, ticket, {"comment": {"body": "Hello", "public": True}})
    trigger(account, {"field": "comment_is_public", "operator": "is", "value": "true"},
            actions=[{"field": "notification_user", "value": ["requester_id", "Re", "{{ticket.comments}}"]}])
    put(account, ticket, {"comment": {"body": "Hello again", "public": True}})
    assert [one["notified"] for one in account.book(ticket)["replies"]] == [False, True]


@pytest.mark.parametrize(("condition", "customer", "agent"), [
    ({"field": "role", "operator": "is", "value": "end_user"}, True, False),
    ({"field": "role", "operator": "is", "value": "agent"}, False, True),
    ({"field": "comment_is_public", "operator": "is", "value": "false"}, False, True),
    ({"field": "current_tags", "operator": "includes", "value": "vip gold"}, False, False),
    ({"field": "current_tags", "operator": "not_includes", "value": "vip"}, True, True),
    ({"field": "status", "operator": "less_than", "value": "solved"}, True, True),
    ({"field": "priority", "operator": "is", "value": "high"}, False, False),
])
def test_conditions_mean_what_zendesk_documents(account: Account, condition: Any, customer: bool, agent: bool) -> None:
    ticket = account.writes()
    trigger(account, condition, webhook=hook(account))
    account.rules.due(account.clock())
    account.writes("Any news?", ticket=ticket)
    assert bool(sent(account)) is customer
    put(account, ticket, {"comment": {"body": "Note", "public": False}})
    assert bool(sent(account)) is agent


def test_a_built_in_trigger_is_listed_and_can_be_switched_off(account: Account) -> None:
    [one] = account.ask("GET", "triggers.json").json()["triggers"]
    assert (one["title"], one["default"], one["active"]) == ("Notify requester of comment update", True, True)
    account.ask("PUT", f"triggers/{one['id']}", {"trigger": {"active": False}})
    ticket = account.writes()
    put(account, ticket, {"comment": {"body": "Hello", "public": True}})
    assert account.book(ticket)["replies"][0]["notified"] is False


def test_a_webhook_that_a_trigger_calls_stays(account: Account) -> None:
    id = hook(account)
    one = trigger(account, webhook=id)
    assert account.ask("DELETE", f"webhooks/{id}").status == 400
    account.ask("DELETE", f"triggers/{one}")
    assert account.ask("DELETE", f"webhooks/{id}").status == 204


def test_a_trigger_that_is_not_there_is_not_found_as_recorded(account: Account) -> None:
    theirs = recorded("recorded/trigger_update_404.json")
    ours = account.ask("PUT", "triggers/9223372036854775807.json", theirs["request_body"])
    assert (ours.status, ours.json()) == (theirs["status"], theirs["body"])


@pytest.mark.parametrize(("method", "path"), [
    ("POST", "webhooks"), ("GET", "webhooks"), ("POST", "webhooks/test"), ("POST", "triggers"), ("PUT", "triggers/1"),
    ("DELETE", "triggers/1"), ("POST", "automations"), ("POST", "macros"), ("GET", "slas/policies"), ("POST", "views"),
    ("POST", "groups"), ("POST", "ticket_fields"), ("POST", "users"), ("GET", "oauth/clients"),
    ("POST", "oauth/clients"), ("POST", "oauth/tokens"), ("GET", "oauth/tokens?all=true")])
def test_an_agent_may_do_none_of_it(account: Account, method: str, path: str) -> None:
    account.rules.load({"tokens": {f"{MIA}/token": "t"}}, account.clock())
    body = {name: {"name": "x", "title": "x", "actions": [1]} for name in (
        "webhook", "request", "trigger", "automation", "macro", "view", "group", "ticket_field", "user", "client",
        "token")}
    assert account.ask(method, path, body, user=f"{MIA}/token", secret="t").status == 403


@pytest.mark.parametrize("path", ["triggers", "automations", "macros", "views", "groups", "oauth/tokens",
                                  "users/search?query=email:mia@acme.example"])
def test_an_agent_may_read_what_zendesk_shows_agents(account: Account, path: str) -> None:
    account.rules.load({"tokens": {f"{MIA}/token": "t"}}, account.clock())
    assert account.ask("GET", path, user=f"{MIA}/token", secret="t").status == 200


def grant(account: Account, **told: Any) -> Answer:
    asked = {"grant_type": "client_credentials", "client_id": "ours", "scope": "read", **told}
    answer = account.door.answer(Request.to("POST", "/oauth/tokens", {}, json.dumps(asked).encode()))
    assert isinstance(answer, Answer)
    return answer


def client(account: Account, **more: Any) -> Any:
    told = {"name": "Ours", "identifier": "ours", "kind": "confidential", **more}
    answer = account.ask("POST", "oauth/clients", {"client": told})
    assert answer.status == 201, answer.body
    return answer.json()["client"]


def bearing(account: Account, token: str, path: str) -> Answer:
    answer = account.door.answer(Request.to("GET", f"/api/v2/{path}", {"Authorization": f"Bearer {token}"}))
    assert isinstance(answer, Answer)
    return answer


def test_a_clients_secret_is_shown_once(account: Account) -> None:
    made = client(account)
    shown = account.ask("GET", f"oauth/clients/{made['id']}").json()["client"]
    assert (len(made["secret"]), shown["secret"]) == (64, made["secret"][:10])


def test_a_client_gets_a_token_of_its_user_with_the_scopes_it_asks_for(account: Account) -> None:
    made = client(account, user_id=account.id_of(MIA))
    token = grant(account, client_secret=made["secret"], scope="read tickets:write").json()["access_token"]
    assert bearing(account, token, "users/me.json").json()["user"]["email"] == MIA
    shown = bearing(account, token, "oauth/tokens/current.json").json()["token"]
    assert (shown["scopes"], shown["token"]) == (["read", "tickets:write"], token[:10])


def test_a_token_ends_with_its_time_or_its_client(account: Account) -> None:
    made = client(account)
    token = grant(account, client_secret=made["secret"], expires_in=300).json()["access_token"]
    account.clock.forward(seconds=299)
    assert bearing(account, token, "users/me.json").status == 200
    account.clock.forward(seconds=1)
    assert bearing(account, token, "users/me.json").status == 401
    token = grant(account, client_secret=made["secret"]).json()["access_token"]
    account.ask("DELETE", f"oauth/clients/{made['id']}")
    assert bearing(account, token, "users/me.json").status == 401


@pytest.mark.parametrize(("told", "status"), [
    ({"client_secret": "no"}, 401), ({"client_id": "nobody"}, 401), ({"grant_type": "password"}, 400),
    ({"expires_in": 299}, 400), ({"expires_in": 172_801}, 400)])
def test_a_wrong_request_for_a_token_is_refused(account: Account, told: dict[str, Any], status: int) -> None:
    assert grant(account, **{"client_secret": client(account)["secret"], **told}).status == status


def test_a_public_client_may_not_log_in_by_itself(account: Account) -> None:
    assert grant(account, client_secret=client(account, kind="public")["secret"]).status == 401


def test_two_clients_of_one_identifier_there_are_not(account: Account) -> None:
    client(account)
    assert account.ask("POST", "oauth/clients", {"client": {"name": "B", "identifier": "ours"}}).status == 422


def test_an_admins_token_has_the_scopes_it_was_made_with_and_can_be_revoked(account: Account) -> None:
    made = client(account)
    given = account.ask("POST", "oauth/tokens", {"token": {"client_id": made["id"], "scopes": ["tickets:read"]}})
    token = given.json()["token"]
    assert (given.status, token["scopes"]) == (201, ["tickets:read"])
    assert bearing(account, token["full_token"], "groups.json").status == 403
    assert account.ask("DELETE", f"oauth/tokens/{token['id']}").status == 204
    assert bearing(account, token["full_token"], "groups.json").status == 401


def test_a_view_is_kept_with_its_conditions_and_columns(account: Account) -> None:
    told = {"title": "V", "all": [{"field": "status", "operator": "is", "value": "open"}],
            "output": {"columns": ["subject"], "sort_by": "updated"}}
    made = account.ask("POST", "views.json", {"view": told}).json()["view"]
    shown = account.ask("GET", f"views/{made['id']}.json").json()["view"]
    assert (shown["conditions"]["all"], shown["execution"]["columns"]) == (
        told["all"], [{"id": "subject", "title": "Subject"}])
    assert account.ask("DELETE", f"views/{made['id']}.json").status == 204
    assert account.ask("GET", f"views/{made['id']}.json").status == 404


def test_a_colleague_and_a_group_are_made_found_and_changed(account: Account) -> None:
    made = account.ask("POST", "users.json", {"user": {"name": "Kim", "email": "kim@acme.example", "role": "agent"}})
    assert (made.status, made.json()["user"]["role"]) == (201, "agent")
    [found] = account.ask("GET", "users/search.json?query=email:%22kim@acme.example%22").json()["users"]
    assert found["id"] == made.json()["user"]["id"]
    account.ask("PUT", f"users/{found['id']}.json", {"user": {"role": "admin"}})
    assert account.rules.state.users[found["id"]]["role"] == "admin"
    assert account.ask("POST", "users.json", {"user": {"email": "kim@acme.example"}}).status == 422
    group = account.ask("POST", "groups.json", {"group": {"name": "G", "description": "d"}}).json()["group"]
    account.ask("PUT", f"groups/{group['id']}.json", {"group": {"name": "H"}})
    assert account.rules.state.groups[group["id"]]["name"] == "H"
    assert account.ask("DELETE", f"groups/{group['id']}.json").status == 204


@pytest.mark.parametrize(("path", "one"), [("views", "view"), ("macros", "macro"), ("triggers", "trigger"),
                                          ("automations", "automation"), ("slas/policies", "sla_policy")])
def test_a_rule_without_a_title_is_refused(account: Account, path: str, one: str) -> None:
    assert account.ask("POST", path, {one: {"description": "x"}}).status == 422
