"""The stand-in answers as Zendesk does: held against recordings, and rule by rule."""

import base64
import copy
import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.standin import Answer, Fault, Lost, Request
from connectors.zendesk.standin.hooks import signature
from tests.connectors.zendesk.conftest import DANA, EVE, MIA, SECRET, US, WORLD, Account, recorded


def shape(value: Any, path: str = "") -> dict[str, str]:
    """Every key path with the JSON type it holds; lists are described by their first item."""
    if isinstance(value, dict):
        return {key: kind for name, inner in value.items() for key, kind in shape(inner, f"{path}.{name}").items()}
    if isinstance(value, list):
        return shape(value[0], f"{path}[]") if value else {f"{path}[]": "empty"}
    return {path: type(value).__name__}


def held_against(ours: Any, theirs: Any) -> list[str]:
    """Key paths where both know the key and the types differ, or only one knows the key; null and empty fit all."""
    mine, real = shape(ours), shape(theirs)
    loose = ("NoneType", "empty")
    empty = {key.removesuffix("[]") for side in (mine, real) for key, kind in side.items() if kind == "empty"}
    differences = []
    for key in mine.keys() | real.keys():
        a, b = mine.get(key), real.get(key)
        if any(key.startswith(prefix) for prefix in empty) or loose[0] in (a, b):
            continue
        if a != b and not {a, b} <= {"int", "float"}:
            differences.append(f"{key}: {a} here, {b} recorded")
    return sorted(differences)


def put(account: Account, ticket: int, body: Any, **more: Any) -> Answer:
    return account.ask("PUT", f"tickets/{ticket}.json", {"ticket": body}, **more)


def test_a_shown_ticket_has_the_recorded_keys_and_types(account: Account) -> None:
    account.writes(channel="api")
    theirs = recorded("recorded/ticket_get_api_channel.json")
    assert held_against(account.ask("GET", "tickets/1.json").json(), theirs["body"]) == []


def test_an_email_ticket_with_its_people_has_the_documented_keys(account: Account) -> None:
    account.writes()
    theirs = recorded("synthetic/ticket_get_email_channel_with_users.json")["body"]
    ours = account.ask("GET", "tickets/1.json?include=users,organizations").json()
    assert held_against(ours["ticket"], theirs["ticket"]) == []
    assert theirs["users"][0].keys() <= ours["users"][0].keys()


def test_a_created_ticket_answers_as_recorded(account: Account) -> None:
    theirs = recorded("recorded/ticket_create.json")
    ours = account.ask("POST", "tickets.json", theirs["request_body"])
    body = ours.json()
    assert ours.status == 201
    assert ours.headers["location"] == "https://acme.zendesk.com/api/v2/tickets/1.json"
    assert held_against(body["ticket"], theirs["body"]["ticket"]) == []
    assert held_against(body["audit"], theirs["body"]["audit"]) == []
    assert [e["type"] for e in body["audit"]["events"]][:3] == ["Comment", "Create", "Create"]


def test_an_update_answers_as_recorded_and_ignores_the_description(account: Account) -> None:
    theirs = recorded("recorded/ticket_update.json")
    account.ask("POST", "tickets.json", {"ticket": {"subject": "test", "description": "test"}})
    ours = put(account, 1, theirs["request_body"]["ticket"]).json()
    assert held_against(ours, theirs["body"]) == []
    assert ours["ticket"]["description"] == "test"
    assert ours["audit"]["events"][0] | {"id": 0} == theirs["body"]["audit"]["events"][0] | {"id": 0}


def test_audits_have_the_recorded_keys_and_a_next_link_on_the_last_page(account: Account) -> None:
    account.writes()
    account.happens("agent_sets", ticket=1, agent=MIA, priority="normal")
    theirs = recorded("recorded/ticket_audits_page2_change_events.json")["body"]
    ours = account.ask("GET", "tickets/1/audits.json?page%5Bsize%5D=1").json()
    last = account.ask("GET", f"tickets/1/audits.json?page[size]=1&page[after]={ours['meta']['after_cursor']}").json()
    assert held_against(last["audits"][0]["events"][0], theirs["audits"][0]["events"][1]) == []
    assert held_against(last["meta"], theirs["meta"]) == []
    assert (ours["meta"]["has_more"], last["meta"]["has_more"]) == (True, False)
    assert last["links"]["next"].startswith("https://acme.zendesk.com/api/v2/tickets/1/audits.json?")


def test_an_audit_is_shown_by_its_id_as_it_is_listed_on_its_own_ticket_only(account: Account) -> None:
    account.writes()
    account.writes()
    [listed] = account.audits(1)
    assert account.ask("GET", f"tickets/1/audits/{listed['id']}.json").json() == {"audit": listed}
    for path in (f"tickets/2/audits/{listed['id']}.json", "tickets/1/audits/1.json"):
        assert account.ask("GET", path).status == 404


def test_comments_have_the_recorded_keys(account: Account) -> None:
    account.writes()
    theirs = recorded("recorded/ticket_comments_list.json")["body"]
    ours = account.ask("GET", "tickets/1/comments.json?page[size]=100").json()
    assert ours["comments"][0].keys() == theirs["comments"][0].keys()
    assert held_against(ours["comments"][0]["metadata"], theirs["comments"][0]["metadata"]) == []


@pytest.mark.parametrize(("path", "file", "of"), [
    ("users/me.json", "recorded/user_me.json", "user"),
    ("groups.json?page[size]=1", "recorded/groups_list.json", None),
    ("incremental/tickets/cursor.json?per_page=1&start_time=0", "recorded/incremental_tickets_cursor.json", None),
])
def test_lists_and_users_have_the_recorded_keys(account: Account, path: str, file: str, of: str | None) -> None:
    account.writes(channel="api")
    account.writes(channel="api")
    account.clock.forward(minutes=2)
    theirs, ours = recorded(file)["body"], account.ask("GET", path).json()
    assert held_against(ours[of] if of else ours, theirs[of] if of else theirs) == []


def test_an_end_user_is_shown_as_recorded(account: Account) -> None:
    theirs = recorded("recorded/user_create.json")["body"]
    ours = account.ask("GET", f"users/{account.id_of(EVE)}.json").json()
    assert held_against(ours, theirs) == []
    assert ours["user"]["verified"] is False


def test_identities_have_the_documented_keys(account: Account) -> None:
    theirs = recorded("synthetic/user_identities_list.json")["body"]
    ours = account.ask("GET", f"users/{account.id_of(DANA)}/identities.json").json()
    assert held_against(ours, theirs) == []
    assert [one["verification_method"] for one in ours["identities"]] == ["full", "none"]


def test_webhooks_and_their_log_have_the_recorded_keys(account: Account) -> None:
    account.writes()
    [delivery] = account.rules.due(account.clock())
    account.rules.settled(delivery, 403, account.clock())
    [hook] = account.ask("GET", "webhooks").json()["webhooks"]
    assert held_against(hook, recorded("recorded/webhook_create_no_auth.json")["body"]["webhook"]) == []
    secret = account.ask("GET", f"webhooks/{hook['id']}/signing_secret").json()
    assert held_against(secret, recorded("recorded/webhook_signing_secret_get.json")["body"]) == []
    log = account.ask("GET", f"webhooks/{hook['id']}/invocations").json()
    theirs = recorded("recorded/webhook_invocations.json")["body"]
    assert held_against(log["invocations"], theirs["invocations"]) == []
    assert log["invocations"][0]["status"] == "terminated"


@pytest.mark.parametrize(("method", "path", "file"), [
    ("PUT", "tickets/9223372036854775807.json", "recorded/ticket_update_404.json"),
    ("DELETE", "tickets/9223372036854775807.json", "recorded/ticket_delete_404.json"),
])
def test_what_is_not_there_answers_as_recorded(account: Account, method: str, path: str, file: str) -> None:
    ours, theirs = account.ask(method, path, {"ticket": {}}), recorded(file)
    assert (ours.status, ours.json()) == (theirs["status"], theirs["body"])


def test_more_than_a_hundred_ids_are_refused(account: Account) -> None:
    ours = account.ask("GET", "tickets/show_many.json?ids=" + ",".join(str(n) for n in range(101)))
    assert (ours.status, ours.json()["error"], ours.json()["max_count"]) == (400, "TooManyValues", 100)


@pytest.mark.parametrize("user", [f"{US}/token", US, f"{MIA}/token"])
def test_a_wrong_secret_a_password_and_another_agents_name_are_refused(account: Account, user: str) -> None:
    secret = "wrong" if user == f"{US}/token" else SECRET
    ours = account.ask("GET", "users/me.json", user=user, secret=secret)
    assert (ours.status, ours.json()) == (401, recorded("synthetic/unauthorized_401.json")["body"])


def test_audits_need_the_global_read_scope(account: Account) -> None:
    account.writes()
    account.rules.load({"oauth": {"tok": {"email": US, "scopes": ["tickets:read"]}}}, account.clock())
    asked = [account.door.answer(Request.to("GET", f"/api/v2/tickets/1{rest}", {"Authorization": "Bearer tok"}))
             for rest in (".json", "/audits.json")]
    assert [one.status for one in asked if isinstance(one, Answer)] == [200, 403]


def test_a_plain_agent_may_not_touch_webhooks(account: Account) -> None:
    account.rules.load({"tokens": {f"{MIA}/token": "hers"}}, account.clock())
    assert account.ask("GET", "webhooks", user=f"{MIA}/token", secret="hers").status == 403


def test_the_account_limit_answers_429_with_retry_after_until_the_next_minute(account: Account) -> None:
    account.rules.load({"limits": {"account": 2}}, account.clock())
    account.clock.forward(seconds=20)
    statuses = [account.ask("GET", "users/me.json").status for _ in range(3)]
    refused = account.ask("GET", "users/me.json")
    account.clock.forward(seconds=40)
    assert statuses == [200, 200, 429]
    assert refused.headers["Retry-After"] == "40"
    assert held_against(refused.json(), recorded("synthetic/rate_limited_429.json")["body"]) == []
    assert account.ask("GET", "users/me.json").status == 200


def test_a_ticket_takes_thirty_updates_in_ten_minutes_from_one_user(account: Account) -> None:
    account.writes()
    first = put(account, 1, {"priority": "high"})
    for n in range(29):
        account.clock.forward(seconds=10)
        assert put(account, 1, {"external_id": str(n)}).status == 200
    refused = put(account, 1, {"priority": "low"})
    assert first.headers["zendesk-ratelimit-per-ticket-updates"] == "total=30; remaining=29; resets=600"
    assert (refused.status, refused.headers["Retry-After"]) == (429, "311")
    account.clock.forward(seconds=311)
    assert put(account, 1, {"priority": "low"}).status == 200


def test_tags_replace_while_additional_and_removed_tags_adjust(account: Account) -> None:
    account.writes(tags=["billing", "vip"])
    assert put(account, 1, {"additional_tags": ["deskhand"], "remove_tags": ["vip"]}).json()["ticket"]["tags"] == [
        "billing", "deskhand"]
    answer = put(account, 1, {"tags": ["only"]}).json()
    assert answer["ticket"]["tags"] == ["only"]
    assert answer["audit"]["events"][0]["previous_value"] == ["billing", "deskhand"]


def test_a_comment_that_does_not_say_is_as_public_as_the_first(account: Account) -> None:
    account.ask("POST", "tickets.json", {"ticket": {"comment": {"body": "quiet", "public": False}}})
    account.writes()
    seen = [put(account, ticket, {"comment": {"body": "more"}}).json()["audit"]["events"][0]["public"]
            for ticket in (1, 2)]
    assert seen == [False, True]


def test_metadata_ends_in_the_audits_custom_part_and_ids_are_text(account: Account) -> None:
    account.writes()
    audit = put(account, 1, {"group_id": account.rules.state.group("Finance"), "metadata": {"deskhand_op": "op-1"},
                             "comment": {"body": "Note.", "public": False}}).json()["audit"]
    assert audit["metadata"]["custom"] == {"deskhand_op": "op-1"}
    assert audit["metadata"]["system"].keys() == {"client", "ip_address", "location", "latitude", "longitude"}
    assert audit["events"][1]["value"] == str(account.rules.state.group("Finance"))
    assert account.book(1)["ops"] == ["op-1"]


def test_safe_update_conflicts_only_when_a_later_second_has_an_event(account: Account) -> None:
    account.writes()
    seen = account.ask("GET", "tickets/1.json").json()["ticket"]["updated_at"]
    same_second = {"safe_update": True, "updated_stamp": seen, "priority": "low"}
    account.happens("agent_replies", ticket=1, agent=MIA, body="Me first", public=False)
    assert put(account, 1, same_second).status == 200
    account.clock.forward(seconds=1)
    account.happens("agent_replies", ticket=1, agent=MIA, body="Me again", public=False)
    refused = put(account, 1, {"safe_update": False, "updated_stamp": seen, "priority": "high"})
    assert (refused.status, refused.json()) == (409, recorded("synthetic/safe_update_conflict_409.json")["body"])
    assert account.book(1)["priority"] == "low"


def test_an_update_that_changes_nothing_leaves_updated_at_alone(account: Account) -> None:
    account.writes()
    account.clock.forward(seconds=30)
    answer = put(account, 1, {"status": "new"}).json()
    assert answer["ticket"]["updated_at"] == "2026-11-21T04:00:00Z"
    assert (answer["audit"]["events"], len(account.audits(1))) == ([], 1)


def test_a_closed_ticket_refuses_and_a_deleted_one_is_gone(account: Account) -> None:
    account.writes()
    account.writes()
    account.happens("agent_sets", ticket=1, agent=MIA, assignee=MIA, status="solved")
    account.happens("close", ticket=1)
    account.happens("delete", ticket=2)
    refused = put(account, 1, {"priority": "high"})
    assert (refused.status, refused.json()) == (422, recorded("synthetic/closed_ticket_update_422.json")["body"])
    assert put(account, 2, {"priority": "high"}).status == 404
    assert account.ask("GET", "tickets/2/audits.json").status == 404


def test_solving_needs_an_assignee_and_the_fields_required_to_solve(account: Account) -> None:
    account.rules.load({"ticket_fields": [{"title": "Cause", "required": True}]}, account.clock())
    account.writes()
    refused = put(account, 1, {"status": "solved"})
    assert refused.status == 422
    assert [one["description"] for one in refused.json()["details"]["base"]] == [
        "Assignee: is required when solving a ticket", "Cause: is required when solving a ticket"]
    cause = account.rules.state.ticket_field("Cause")
    solved = put(account, 1, {"status": "solved", "assignee_id": account.id_of(MIA),
                              "custom_fields": [{"id": cause, "value": "double click"}]})
    assert solved.json()["ticket"]["status"] == "solved"


def test_create_with_a_key_happens_once_and_another_body_is_refused(account: Account) -> None:
    one, two = {"ticket": {"comment": {"body": "a"}}}, {"ticket": {"comment": {"body": "b"}}}
    first = account.ask("POST", "tickets.json", one, Idempotency_Key="op-01J")
    again = account.ask("POST", "tickets.json", one, Idempotency_Key="op-01J")
    other = account.ask("POST", "tickets.json", two, Idempotency_Key="op-01J")
    account.clock.forward(hours=2, seconds=1)
    later = account.ask("POST", "tickets.json", two, Idempotency_Key="op-01J")
    assert [a.headers.get("x-idempotency-lookup") for a in (first, again)] == ["miss", "hit"]
    assert first.json() == again.json()
    assert (other.status, other.json()["error"]) == (400, "IdempotentRequestError")
    assert later.json()["ticket"]["id"] == 2


def test_a_public_reply_notifies_the_requester_through_a_trigger(account: Account) -> None:
    account.writes()
    events = put(account, 1, {"comment": {"body": "Done.", "public": True}}).json()["audit"]["events"]
    assert [one["type"] for one in events] == ["Comment", "Notification"]
    assert events[1]["recipients"] == [account.id_of(DANA)]
    assert (events[1]["via"]["channel"], events[1]["via"]["source"]["rel"]) == ("rule", "trigger")
    assert account.book(1)["replies"][0]["notified"] is True


def test_without_that_trigger_nobody_is_notified(account: Account) -> None:
    account.rules.load({"triggers": []}, account.clock())
    account.writes()
    put(account, 1, {"comment": {"body": "Done.", "public": True}})
    assert account.book(1)["replies"][0]["notified"] is False


def test_a_note_and_a_suspended_requester_notify_nobody(account: Account) -> None:
    account.writes()
    put(account, 1, {"comment": {"body": "Note", "public": False}})
    account.happens("suspend_user", email=DANA)
    put(account, 1, {"comment": {"body": "Reply", "public": True}})
    assert all(event["type"] == "Comment" for audit in account.audits(1)[1:] for event in audit["events"])


def test_a_strangers_reply_is_a_private_flagged_note_by_an_end_user(account: Account) -> None:
    account.writes()
    account.writes("Send it to my other card.", email=EVE, ticket=1)
    theirs = recorded("synthetic/ticket_comments_with_users_and_flags.json")["body"]["comments"][1]
    ours = account.ask("GET", "tickets/1/comments.json?page[size]=100").json()["comments"][1]
    assert (ours["public"], ours["author_id"]) == (False, account.id_of(EVE))
    assert {key: ours["metadata"][key] for key in ("trusted", "flags", "flags_options")} == {
        key: theirs["metadata"][key] for key in ("trusted", "flags", "flags_options")}


def test_a_customer_reply_opens_a_waiting_ticket_and_follows_up_a_closed_one(account: Account) -> None:
    account.writes()
    account.happens("agent_sets", ticket=1, agent=MIA, assignee=MIA, status="solved")
    account.writes("Any news?", ticket=1)
    assert account.book(1)["status"] == "open"
    account.happens("agent_sets", ticket=1, agent=MIA, status="closed")
    assert account.writes("Still nothing.", ticket=1) == 2
    via = account.ask("GET", "tickets/2.json").json()["ticket"]["via"]
    assert (via["source"]["rel"], via["source"]["from"]["ticket_id"]) == ("follow_up", 1)


def test_a_suspended_users_mail_makes_no_ticket_and_no_event(account: Account) -> None:
    account.happens("suspend_user", email=DANA)
    assert "suspended" in account.rules.control("customer_writes", {"email": DANA, "body": "hi"}, account.clock())
    assert account.rules.state.tickets == {}
    assert account.rules.due(account.clock()) == []


def test_assignment_by_rule_and_by_routing_can_be_told_from_a_person(account: Account) -> None:
    account.writes()
    account.happens("trigger_assigns", ticket=1, assignee=MIA)
    account.happens("routing_assigns", ticket=1, assignee=US)
    account.happens("agent_sets", ticket=1, agent=MIA, assignee=MIA)
    seen = [(one["author_id"], one["via"]["channel"]) for one in account.audits(1)[1:]]
    assert seen == [(-1, "rule"), (-1, "system"), (account.id_of(MIA), "web")]


def test_a_trigger_on_creation_marks_only_its_own_events_as_by_rule(account: Account) -> None:
    account.rules.load({"triggers": [{"kind": "assign_on_create", "assignee": MIA}]}, account.clock())
    account.writes()
    [audit] = account.audits(1)
    by_rule = [one["field_name"] for one in audit["events"] if one.get("via", {}).get("channel") == "rule"]
    assert audit["via"]["channel"] == "email"
    assert by_rule == ["assignee_id", "status", "custom_status_id"]


def test_merge_closes_the_source_and_names_it_on_the_target(account: Account) -> None:
    account.writes()
    account.writes(subject="Again")
    account.happens("merge", ticket=2, into=1)
    source, target = account.book(2), account.audits(1)[-1]
    assert (source["status"], source["tags"]) == ("closed", ["closed_by_merge"])
    assert (target["via"]["source"]["rel"], target["events"][0]["public"]) == ("merge", False)


def deliveries(account: Account) -> list[Any]:
    return [json.loads(one.body) for one in account.rules.due(account.clock())]


def test_an_event_is_signed_over_the_moment_of_sending_and_the_raw_body(account: Account) -> None:
    account.writes()
    [delivery] = account.rules.due(account.clock())
    headers = delivery.sign(account.clock() + timedelta(minutes=8))
    assert headers["X-Zendesk-Webhook-Signature-Timestamp"] == "2026-11-21T04:08:00Z"
    assert headers["X-Zendesk-Webhook-Signature"] == signature("hook-key", "2026-11-21T04:08:00Z", delivery.body)
    assert delivery.body.startswith(b"{\n   ")


def test_signature_reproduces_the_recorded_one() -> None:
    theirs = recorded("synthetic/webhook_delivery_ticket_comment_added.json")
    headers = theirs["request_headers"]
    ours = signature(theirs["secret"], headers["X-Zendesk-Webhook-Signature-Timestamp"],
                     theirs["request_body_raw"].encode())
    assert ours == headers["X-Zendesk-Webhook-Signature"]


def test_an_envelope_has_the_documented_keys(account: Account) -> None:
    account.writes()
    account.rules.due(account.clock())
    account.writes("Any news?", ticket=1)
    [ours] = deliveries(account)
    theirs = json.loads(recorded("synthetic/webhook_delivery_ticket_comment_added.json")["request_body_raw"])
    assert held_against(ours, theirs) == []
    assert (ours["type"], ours["detail"]["assignee_id"]) == ("zen:event-type:ticket.comment_added", "0")


def test_our_own_update_fires_events_again(account: Account) -> None:
    account.writes()
    account.rules.due(account.clock())
    put(account, 1, {"comment": {"body": "Note", "public": False}, "status": "pending"})
    assert [one["type"].rpartition(".")[2] for one in deliveries(account)] == ["comment_added", "status_changed"]


def test_a_webhook_behind_a_trigger_gets_the_admins_own_body(account: Account) -> None:
    account.rules.load({"webhooks": [{"endpoint": "http://127.0.0.1:9/x", "subscriptions": [
        "conditional_ticket_events"], "payload": '{"ticket_id": "{{ticket.id}}"}'}]}, account.clock())
    account.writes()
    assert {"ticket_id": "1"} in deliveries(account)


def test_a_failed_attempt_comes_again_under_the_same_invocation_and_403_is_final(account: Account) -> None:
    account.writes()
    [delivery] = account.rules.due(account.clock())
    account.rules.settled(delivery, 500, account.clock())
    assert account.rules.due(account.clock()) == []
    [again] = account.rules.due(account.clock.forward(seconds=1))
    assert again.id == delivery.id
    account.rules.settled(again, 403, account.clock())
    assert account.rules.due(account.clock.forward(hours=1)) == []


def test_five_attempts_without_an_answer_are_all_there_are(account: Account) -> None:
    account.writes()
    attempts = 0
    while ready := account.rules.due(account.clock.forward(minutes=2)):
        attempts += len(ready)
        account.rules.settled(ready[0], None, account.clock())
    assert attempts == 5


@pytest.mark.parametrize(("kind", "order"), [
    ("dup_event", ["1", "1", "2"]), ("reorder", ["2", "1"]), ("lost_event", ["2"])])
def test_events_are_doubled_swapped_or_lost_when_told(account: Account, kind: str, order: list[str]) -> None:
    account.happens("webhook_fault", kind=kind)
    account.writes()
    account.writes()
    seen = [one["detail"]["id"] for _ in range(2) for one in deliveries(account) if account.clock.forward(seconds=3)]
    assert seen == order


def test_a_phantom_update_changes_no_book_and_tells_no_webhook(account: Account) -> None:
    account.writes()
    account.rules.due(account.clock())
    account.door.faults.append(Fault("phantom_200", method="PUT"))
    assert put(account, 1, {"comment": {"body": "Note", "public": False}}).status == 200
    assert (account.book(1)["notes"], account.rules.due(account.clock())) == ([], [])


def test_a_person_between_reading_and_writing_is_seen_by_safe_update(account: Account) -> None:
    account.writes()
    account.clock.forward(seconds=5)
    account.door.faults.append(Fault("human_between", method="PUT", params={
        "op": "agent_replies", "params": {"ticket": 1, "agent": MIA, "body": "Mine."}}))
    body = {"comment": {"body": "Note", "public": False}, "safe_update": True,
            "updated_stamp": "2026-11-21T04:00:00Z"}
    assert put(account, 1, body).status == 409
    assert account.book(1)["notes"] == []


def test_a_lost_answer_leaves_what_was_done(account: Account) -> None:
    account.writes()
    account.door.faults.append(Fault("timeout_after", method="PUT"))
    basic = base64.b64encode(f"{US}/token:{SECRET}".encode()).decode()
    request = Request.to("PUT", "/api/v2/tickets/1.json", {"Authorization": f"Basic {basic}"}, json.dumps(
        {"ticket": {"comment": {"body": "Note", "public": False}}}).encode())
    assert isinstance(account.door.answer(request), Lost)
    assert len(account.book(1)["notes"]) == 1


def test_the_export_gives_every_change_once_and_ends(account: Account) -> None:
    for _ in range(5):
        account.writes()
        account.clock.forward(seconds=1)
    put(account, 1, {"priority": "high"})
    account.clock.forward(minutes=2)
    seen, path = [], "incremental/tickets/cursor.json?start_time=0&per_page=2"
    while path:
        page = account.ask("GET", path).json()
        seen += [one["id"] for one in page["tickets"]]
        path = "" if page["end_of_stream"] else page["after_url"].partition("/api/v2/")[2]
    assert seen == [2, 3, 4, 5, 1]


def test_the_export_leaves_out_the_last_minute(account: Account) -> None:
    account.writes()
    account.clock.forward(seconds=50)
    account.writes()
    account.clock.forward(seconds=30)
    page = account.ask("GET", "incremental/tickets/cursor.json?start_time=0").json()
    assert [one["id"] for one in page["tickets"]] == [1]
    account.clock.forward(seconds=60)
    later = account.ask("GET", f"incremental/tickets/cursor.json?cursor={page['after_cursor']}").json()
    assert [one["id"] for one in later["tickets"]] == [2]


def test_the_export_answers_admins_only_and_ten_times_a_minute(account: Account) -> None:
    account.rules.load({"tokens": {f"{MIA}/token": "mias"}}, account.clock())
    path = "incremental/tickets/cursor.json?start_time=0"
    assert account.ask("GET", path, user=f"{MIA}/token", secret="mias").status == 403
    assert [account.ask("GET", path).status for _ in range(11)] == [200] * 10 + [429]
    account.clock.forward(minutes=1)
    assert account.ask("GET", path).status == 200


def test_the_export_is_shaped_as_recorded(account: Account) -> None:
    body = recorded("recorded/incremental_tickets_cursor.json")["body"]
    account.writes()
    account.clock.forward(minutes=2)
    page = account.ask("GET", "incremental/tickets/cursor.json?start_time=0&per_page=1").json()
    assert page.keys() == body.keys()
    assert page["tickets"][0].keys() >= body["tickets"][0].keys()
    assert base64.b64decode(page["after_cursor"]).decode().endswith(".0||1|")
    assert base64.b64decode(body["after_cursor"]).decode().endswith(".0||28|")
    assert page["after_url"].partition("?")[2].startswith("cursor=")
    assert "%3D" in page["after_url"] or not page["after_cursor"].endswith("=")


def test_the_export_tells_of_deleted_tickets_and_of_system_updates(account: Account) -> None:
    for _ in range(2):
        account.writes()
    account.clock.forward(hours=1)
    account.happens("delete", ticket=1)
    account.clock.forward(minutes=2)
    since = int(account.clock().timestamp()) - 600
    path = f"incremental/tickets/cursor.json?start_time={since}"
    [gone] = account.ask("GET", path).json()["tickets"]
    assert (gone["id"], gone["status"]) == (1, "deleted")
    assert gone["updated_at"] == "2026-11-21T04:00:00Z"
    assert gone["generated_timestamp"] > since
    assert account.ask("GET", f"{path}&exclude_deleted=true").json()["tickets"] == []


@pytest.mark.parametrize(("query", "status"), [("", 400), ("cursor=nonsense", 400), ("start_time=1795233590", 422)])
def test_the_export_refuses_a_bad_beginning(account: Account, query: str, status: int) -> None:
    """A start within the last minute too (docs, "Incremental Exports")."""
    assert account.ask("GET", f"incremental/tickets/cursor.json?{query}").status == status


def test_the_export_answers_thirty_times_a_minute_with_the_add_on(account: Account) -> None:
    account.rules.load({"limits": {"export": 30}}, account.clock())
    path = "incremental/tickets/cursor.json?start_time=0"
    answers = [account.ask("GET", path) for _ in range(31)]
    assert [one.status for one in answers] == [200] * 30 + [429]
    assert answers[-1].headers["Retry-After"] == "60"


def test_a_worlds_tickets_are_exported_by_their_latest_change(account: Account) -> None:
    """In whatever order the world names them."""
    account.rules.load({"tickets": [
        {"id": 700, "email": DANA, "subject": "A", "body": "?", "created_at": "-10d",
         "comments": [{"email": DANA, "body": "!", "at": "-1d"}]},
        {"id": 701, "email": DANA, "subject": "B", "body": "?", "created_at": "-5d"}]}, account.clock())
    two_days_ago = int(account.clock().timestamp()) - 2 * 86400
    page = account.ask("GET", f"incremental/tickets/cursor.json?start_time={two_days_ago}").json()
    assert [one["id"] for one in page["tickets"]] == [700]


def test_while_the_breaker_is_open_nothing_is_delivered_now_or_later(account: Account) -> None:
    account.happens("breaker_opens", minutes=60)
    account.writes()
    assert account.rules.due(account.clock()) == []
    account.clock.forward(minutes=61)
    assert account.rules.due(account.clock()) == []
    account.writes()
    assert account.rules.due(account.clock()) != []


def test_ids_are_long_and_two_accounts_loaded_alike_are_alike(account: Account) -> None:
    other = Account()
    assert len(str(account.id_of(DANA))) == 14
    assert account.rules.state == other.rules.state
    assert copy.deepcopy(account.rules.state) == account.rules.state


def test_a_second_world_replaces_only_what_it_names(account: Account) -> None:
    groups, brands = dict(account.rules.state.groups), dict(account.rules.state.brands)
    account.rules.load({"triggers": []}, account.clock())
    assert (account.rules.state.groups, account.rules.state.brands) == (groups, brands)
    assert account.rules.state.triggers == []


def test_a_worlds_tickets_have_a_past_and_fire_no_event(account: Account) -> None:
    account.rules.load({"tickets": [{"id": 700, "email": DANA, "subject": "Old", "body": "Where is it?",
                                     "created_at": "-2d", "comments": [{"email": MIA, "body": "On its way.",
                                                                        "at": "-90m"}]}]}, account.clock())
    assert [one["created_at"] for one in account.audits(700)] == ["2026-11-19T04:00:00Z", "2026-11-21T02:30:00Z"]
    assert account.rules.due(account.clock()) == []
    assert account.writes() == 701


def test_reset_leaves_an_empty_account(account: Account) -> None:
    account.writes()
    account.door.reset()
    assert account.rules.books() == {"tickets": {}, "notes": 0, "replies": 0}
    account.rules.load(WORLD, account.clock())
    assert account.writes() == 1
