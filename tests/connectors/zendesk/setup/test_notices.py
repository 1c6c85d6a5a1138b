"""What the admin is told before anything is made: of logins, and of rules that get in the way."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.standin import Fault
from connectors.zendesk.standin.state import NOTIFY
from tests.connectors.zendesk.conftest import MIA, Account
from tests.connectors.zendesk.setup.conftest import ADMIN, URL, Admin

PRIVATE = {"field": "comment_is_public", "operator": "is", "value": "false"}
ANY_COMMENT = {"field": "comment_is_public", "operator": "is", "value": "not_relevant"}
PUBLIC = {"field": "comment_is_public", "operator": "is", "value": "true"}
UPDATED = {"field": "update_type", "operator": "is", "value": "Change"}
CREATED = {"field": "update_type", "operator": "is", "value": "Create"}
BY_CUSTOMER = {"field": "role", "operator": "is", "value": "end_user"}
BY_AGENT = {"field": "role", "operator": "is", "value": "agent"}
TAGGED = {"field": "current_tags", "operator": "includes", "value": "deskhand_waiting"}
STATUS = {"field": "status", "operator": "changed", "value": ""}
REOPEN = {"field": "status", "value": "open"}
MAIL = {"field": "notification_user", "value": ["requester_id", "Re", "{{ticket.comments}}"]}
TO_ASSIGNEE = {"field": "notification_user", "value": ["assignee_id", "Re", "{{ticket.comments}}"]}
NOTE, REPLY = "each internal note of Deskhand", "each reply of Deskhand"


def trigger(account: Account, title: str, conditions: list[Any], *actions: Any, any_of: list[Any] | None = None,
            active: bool = True) -> None:
    told = {"title": title, "all": conditions, "any": any_of or [], "actions": list(actions), "active": active}
    assert account.ask("POST", "triggers", {"trigger": told}).status == 201


def about(admin: Admin, kind: str, **choices: Any) -> list[str]:
    return [one.what for one in admin.notices(**choices) if one.what.startswith(kind)]


@pytest.mark.parametrize(("conditions", "actions", "says"), [
    ([PRIVATE], [REOPEN], [f'trigger "T" fires on {NOTE} and sets the status to open']),
    ([ANY_COMMENT], [TO_ASSIGNEE], [f'trigger "T" fires on {NOTE} and mails the assignee',
                                    f'trigger "T" fires on {REPLY} and mails the assignee']),
    ([UPDATED, TAGGED], [REOPEN], [f'trigger "T" may fire on {NOTE} and sets the status to open',
                                   f'trigger "T" may fire on {REPLY} and sets the status to open']),
    ([PUBLIC, BY_AGENT], [REOPEN], [f'trigger "T" fires on {REPLY} and sets the status to open']),
    ([STATUS], [{"field": "set_tags", "value": "urgent"}],
     [f'trigger "T" may fire on {REPLY} and replaces all tags, ours too']),
    ([PRIVATE], [{"field": "remove_tags", "value": "x deskhand_waiting"}],
     [f'trigger "T" fires on {NOTE} and takes away our tag deskhand_waiting']),
    ([PRIVATE], [{"field": "current_tags", "value": "deskhand_done"}],
     [f'trigger "T" fires on {NOTE} and sets our tag deskhand_done itself']),
    ([PRIVATE], [{"field": "notification_webhook", "value": ["01HANAHC1JKV2E5CDKZM2QPPWC", "{}"]}], None),
    ([PRIVATE], [{"field": "group_id", "value": "7"}],
     [f'trigger "T" fires on {NOTE} and assigns the ticket to somebody else']),
    ([PRIVATE, BY_CUSTOMER], [REOPEN], []),
    ([CREATED], [REOPEN], []),
    ([PRIVATE], [{"field": "priority", "value": "low"}], []),
    ([PRIVATE], [{"field": "remove_tags", "value": "other"}], []),
    ([PUBLIC], [MAIL], []),
])
def test_a_trigger_that_our_updates_set_off_is_named_with_what_it_does(account: Account, admin: Admin, conditions: Any,
                                                                       actions: Any, says: list[str] | None) -> None:
    if says is None:  # Zendesk knows the webhook that a trigger names
        account.rules.load({"webhooks": [{"id": actions[0]["value"][0], "endpoint": "https://x.example", "name": "X",
                                          "subscriptions": ["conditional_ticket_events"]}]}, account.clock())
        says = [f'trigger "T" fires on {NOTE} and calls another system']
    trigger(account, "T", conditions, *actions)
    assert about(admin, "trigger") == says


def test_any_of_several_conditions_is_enough(account: Account, admin: Admin) -> None:
    trigger(account, "T", [], REOPEN, any_of=[CREATED, PRIVATE])
    trigger(account, "U", [], REOPEN, any_of=[CREATED, BY_CUSTOMER])
    assert about(admin, "trigger") == [f'trigger "T" fires on {NOTE} and sets the status to open']


def test_a_trigger_that_leaves_out_our_user_or_is_off_is_not_named(account: Account, admin: Admin) -> None:
    us = {"field": "role", "operator": "is_not", "value": str(account.id_of("agent@acme.example"))}
    trigger(account, "T", [ANY_COMMENT, us], REOPEN)
    trigger(account, "U", [ANY_COMMENT], REOPEN, active=False)
    assert about(admin, "trigger") == []
    assert len(about(admin, "trigger", user=MIA)) == 2


def test_whom_the_client_speaks_for_counts_and_not_who_runs_the_setup(account: Account, admin: Admin) -> None:
    admin.run(user=MIA)
    us = {"field": "role", "operator": "is_not", "value": str(account.id_of(MIA))}
    trigger(account, "T", [ANY_COMMENT, us], REOPEN)
    assert about(admin, "trigger") == []


def test_our_own_trigger_is_not_named(account: Account, admin: Admin) -> None:
    admin.run(events="trigger")
    assert about(admin, "trigger", events="trigger") == []


@pytest.mark.parametrize(("kind", "body", "says"), [
    ("automations", {"automation": {"title": "Open again", "actions": [REOPEN]}},
     'automation "Open again" sets the status to open after a time'),
    ("automations", {"automation": {"title": "Clean", "actions": [{"field": "set_tags", "value": ""}]}},
     'automation "Clean" replaces all tags, ours too after a time'),
    ("macros", {"macro": {"title": "Take over", "actions": [{"field": "remove_tags", "value": "deskhand_waiting"}]}},
     'macro "Take over" takes away our tag deskhand_waiting, and Deskhand would take it for its own'),
    ("slas/policies", {"sla_policy": {"title": "Gold", "filter": {"all": [], "any": []}, "policy_metrics": [
        {"priority": "high", "metric": "first_reply_time", "target": 60}]}},
     'SLA policy "Gold" counts first reply time: a reply of Deskhand fulfils it'),
])
def test_automations_macros_and_slas_are_named(account: Account, admin: Admin, kind: str, body: Any,
                                               says: str) -> None:
    assert account.ask("POST", kind, body).status == 201
    assert says in [one.what for one in admin.notices()]


def test_harmless_automations_macros_and_slas_are_not(account: Account, admin: Admin) -> None:
    account.ask("POST", "automations", {"automation": {"title": "Close", "actions": [
        {"field": "status", "value": "closed"}]}})
    account.ask("POST", "macros", {"macro": {"title": "Thanks", "actions": [REOPEN]}})
    account.ask("POST", "slas/policies", {"sla_policy": {"title": "Work", "filter": {"all": []}, "policy_metrics": [
        {"priority": "high", "metric": "agent_work_time", "target": 60}]}})
    assert not [one for one in admin.notices() if one.what.split()[0] in ("automation", "macro", "SLA")]


def test_a_plan_without_slas_is_no_mistake(account: Account, admin: Admin) -> None:

    for kind in ("403", "403"):
        account.door.faults.append(Fault(kind, path="slas/policies"))
    assert not [one for one in admin.notices() if one.what.startswith("SLA")]


def mailing(admin: Admin) -> list[str]:
    return [one.what for one in admin.notices() if "mail" in one.what and "requester" in one.what]


def test_zendesks_own_notification_is_enough(admin: Admin) -> None:
    assert mailing(admin) == []


def test_without_a_trigger_that_mails_requesters_nobody_would_be_told(account: Account, admin: Admin) -> None:
    [one] = [one for one in account.rules.state.triggers if one["kind"] == NOTIFY]
    one["active"] = False
    assert mailing(admin) == ["no active trigger mails the requester when Deskhand replies, so that no customer would "
                              "be told"]
    trigger(account, "Only ours", [PUBLIC, {"field": "brand_id", "operator": "is", "value": "1"}], MAIL)
    assert mailing(admin) == ["the triggers that mail requesters have conditions that may leave out Deskhand's replies"]
    trigger(account, "All", [PUBLIC, BY_AGENT], {**MAIL, "value": ["requester_and_ccs", "Re", "x"]})
    assert mailing(admin) == []


def test_an_api_token_is_called_what_it_is(admin: Admin) -> None:
    [said] = [one for one in admin.notices(login="token") if "API token" in one.what]
    assert "may do everything its user may" in said.what
    assert "30 April 2027" in said.what
    assert [one.mend for one in admin.notices() if "API token" in one.what] == [
        "Where it stands in .env, take it out afterwards: running needs the OAuth client alone."]


def test_whose_name_replies_bear_is_said(admin: Admin) -> None:
    [said] = [one for one in admin.notices() if "speak as" in one.what]
    assert said.what == "Deskhand will speak as Deskhand (agent@acme.example): notes and replies bear that name"
    assert "paid seat" in said.mend


def test_an_agent_of_its_own_cannot_list_what_changed(admin: Admin) -> None:
    [said] = [one for one in admin.notices(user=MIA) if MIA in one.what]
    assert said.what.startswith(f"{MIA} is an agent, and Zendesk lists changed tickets to admins only: ")


def test_a_second_webhook_to_us_is_named(account: Account, admin: Admin) -> None:
    account.rules.load({"webhooks": [{"name": "By hand", "endpoint": f"{URL}/webhooks/zendesk", "subscriptions": []}]},
                       account.clock())
    assert about(admin, "webhook") == ['webhook "By hand" calls Deskhand too, with a secret of its own']


def test_a_group_that_deskhand_toml_does_not_name_is_told_with_its_number(account: Account, admin: Admin) -> None:
    admin.run(handoff_group="Second line")
    [id] = [id for id, one in account.rules.state.groups.items() if one["name"] == "Second line"]
    [said] = [one for one in admin.notices() if one.what.startswith("group")]
    assert said.mend == f'Write group = "{id}" below [handoff] in deskhand.toml.'


def test_looking_for_notices_writes_nothing(account: Account, admin: Admin) -> None:
    before = admin.books()
    admin.notices(user=MIA)
    assert admin.books() == before
    assert {one.method for one in account.door.calls} == {"GET"}
    assert admin.login == ADMIN
