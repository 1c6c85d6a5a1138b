"""What the setup makes at Zendesk: made once, compared field by field, changed, removed; an admin's own stays."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Rejected
from connectors.parts import CHANGING, MARK, Taken
from connectors.standin import Fault
from connectors.zendesk.events import SUBSCRIPTIONS
from tests.connectors.zendesk.conftest import MIA, SECRET, US, Account
from tests.connectors.zendesk.setup.conftest import URL, Admin, Killed
from tests.webhooks.forging import Forge

LOGIN, HOOK, TRIGGER = 'OAuth client "Deskhand"', 'webhook "Deskhand"', 'trigger "Deskhand: tell of tickets"'
FORMER = 'former webhook "Deskhand"'
VIEW, APP, GROUP = 'view "Deskhand: waiting for approval"', 'app "Deskhand"', 'group "Second line"'
KEY = "ZENDESK_APP_PUBLIC_KEY"
CHOICES: list[dict[str, Any]] = [{}, {"events": "trigger", "handoff_group": "Second line"}]


def webhook(account: Account) -> Any:
    """Ours among the account's webhooks."""
    [one] = [one for one in account.rules.state.webhooks.values() if MARK in one["description"]]
    return one


def trigger(account: Account) -> Any:
    [one] = [one for one in account.rules.state.triggers if "kind" not in one]
    return one


def client(account: Account) -> Any:
    [one] = account.rules.state.oauth_clients.values()
    return one


def view(account: Account) -> Any:
    [one] = account.rules.state.rules["views"].values()
    return one


def test_all_is_made_and_the_settings_hold_what_it_gives(account: Account, admin: Admin) -> None:
    assert admin.run() == [f"make {LOGIN}", f"make {VIEW}", f"make {APP}", f"make {HOOK}"]
    [installation] = account.rules.state.installations.values()
    key = admin.env.pop("ZENDESK_APP_PUBLIC_KEY")
    assert key.startswith("-----BEGIN PUBLIC KEY-----")
    assert admin.env == {
        "ZENDESK_OAUTH_CLIENT_ID": "deskhand", "ZENDESK_OAUTH_CLIENT_SECRET": client(account)["_secret"],
        "ZENDESK_WEBHOOK_SECRET": webhook(account)["_secret"], "ZENDESK_APP_URL": URL,
        "ZENDESK_APP_INSTALLATION_ID": str(installation["id"])}


def test_the_webhook_calls_our_door_for_the_events_we_act_upon(account: Account, admin: Admin) -> None:
    admin.run()
    one = webhook(account)
    assert (one["name"], one["endpoint"], one["status"]) == ("Deskhand", f"{URL}/webhooks/zendesk", "active")
    assert (one["http_method"], one["request_format"]) == ("POST", "json")
    assert set(one["subscriptions"]) == set(SUBSCRIPTIONS)
    assert "zen:event-type:ticket.comment_added" in one["subscriptions"]


@pytest.mark.parametrize("choices", CHOICES, ids=["default", "trigger and group"])
def test_a_second_run_changes_nothing(account: Account, admin: Admin, choices: dict[str, Any]) -> None:
    admin.run(**choices)
    stood, env = admin.books(), dict(admin.env)
    account.clock.forward(days=3)
    assert admin.run(**choices) == []
    assert (admin.books(), admin.env) == (stood, env)


@pytest.mark.parametrize("choices", CHOICES, ids=["default", "trigger and group"])
def test_a_teardown_leaves_the_books_as_before(account: Account, admin: Admin, choices: dict[str, Any]) -> None:
    admin.env["OTHER"] = "stays"
    before = admin.books()
    admin.run(**choices)
    assert admin.books() != before
    admin.run(teardown=True)
    assert admin.books() == before
    assert admin.env == {"OTHER": "stays"}
    assert admin.run(teardown=True) == []


def calls_of(choices: dict[str, Any], *, teardown: bool) -> int:
    """How many calls a whole run makes."""
    account = Account()
    admin = Admin(account)
    admin.run(**choices)
    if not teardown:
        return admin.transport.calls
    before = admin.transport.calls
    admin.run(teardown=True)
    return admin.transport.calls - before


def ended(account: Account, admin: Admin) -> dict[str, Any]:
    """The end state by names: how many of everything, and what they say of each other."""
    state = account.rules.state
    [app] = state.apps.values()
    [installation] = state.installations.values()
    assert admin.env["ZENDESK_OAUTH_CLIENT_SECRET"] == client(account)["_secret"]
    assert admin.env["ZENDESK_WEBHOOK_SECRET"] == webhook(account)["_secret"]
    assert admin.env["ZENDESK_APP_INSTALLATION_ID"] == str(installation["id"])
    assert installation["app_id"] == app["id"]
    return {"webhooks": len(state.webhooks), "views": len(state.rules["views"]), "groups": len(state.groups),
            "triggers": len(state.triggers), "env": sorted(admin.env)}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("choices", CHOICES, ids=["default", "trigger and group"])
def test_killed_at_any_call_and_run_again_the_end_is_the_same(choices: dict[str, Any], after: bool) -> None:
    whole = calls_of(choices, teardown=False)
    assert whole > 20
    straight = Admin(Account())
    straight.run(**choices)
    wanted = ended(straight.account, straight)
    for calls in range(whole):
        account = Account()
        admin = Admin(account)
        admin.transport.left, admin.transport.after = calls, after
        with pytest.raises(Killed):
            admin.run(**choices)
        admin.transport.left = None
        admin.run(**choices)
        assert ended(account, admin) == wanted, f"killed at call {calls}"
        assert admin.run(**choices) == [], f"killed at call {calls}"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("choices", CHOICES, ids=["default", "trigger and group"])
def test_a_teardown_killed_at_any_call_goes_on(choices: dict[str, Any], after: bool) -> None:
    for calls in range(calls_of(choices, teardown=True)):
        admin = Admin(Account())
        before = admin.books()
        admin.run(**choices)
        admin.transport.left, admin.transport.after = calls, after
        with pytest.raises(Killed):
            admin.run(teardown=True)
        admin.transport.left = None
        admin.run(teardown=True)
        assert admin.books() == before, f"killed at call {calls}"


@pytest.mark.parametrize(("change", "words"), [
    ({"endpoint": "https://old.example.com/x"}, "it calls https://old.example.com/x"),
    ({"status": "inactive"}, "it is inactive"),
    ({"subscriptions": list(SUBSCRIPTIONS[1:])}, "it does not tell of ticket.created"),
    ({"subscriptions": [*SUBSCRIPTIONS, "zen:event-type:user.deleted"]}, "it also tells of user.deleted"),
    ({"http_method": "PUT"}, "it sends PUT, not POST"),
])
def test_each_difference_of_the_webhook_is_said_and_mended_in_place(account: Account, admin: Admin,
                                                                     change: dict[str, Any], words: str) -> None:
    admin.run()
    one = webhook(account)
    before = dict(one)
    one |= change
    assert admin.words() == {HOOK: (words,)}
    assert admin.run() == [f"change {HOOK}"]
    after = {key: value for key, value in webhook(account).items() if not key.startswith("updated")}
    assert after == before


@pytest.mark.parametrize(("change", "words"), [
    ({"active": False}, "it is switched off"),
    ({"conditions": {"all": [], "any": []}}, "it lacks the condition that keeps Deskhand from hearing itself"),
    ({"actions": [{"field": "priority", "value": "high"}]}, "it does not call our webhook with our text"),
])
def test_each_difference_of_the_trigger_is_said_and_mended(account: Account, admin: Admin, change: dict[str, Any],
                                                           words: str) -> None:
    admin.run(events="trigger")
    one = trigger(account)
    before = {key: one[key] for key in ("active", "conditions", "actions")}
    one |= change
    assert admin.words(events="trigger") == {TRIGGER: (words,)}
    assert admin.run(events="trigger") == [f"change {TRIGGER}"]
    assert {key: trigger(account)[key] for key in before} == before


def test_other_conditions_of_the_trigger_are_said(account: Account, admin: Admin) -> None:
    admin.run(events="trigger")
    trigger(account)["conditions"]["any"].pop()
    assert admin.words(events="trigger") == {TRIGGER: ("its conditions are others",)}


@pytest.mark.parametrize(("change", "words"), [
    ({"active": False}, "it is switched off"),
    ({"conditions": {"all": [], "any": []}}, "it does not show the tickets with the tag deskhand_waiting"),
])
def test_each_difference_of_the_view_is_said_and_mended(account: Account, admin: Admin, change: dict[str, Any],
                                                        words: str) -> None:
    admin.run()
    before = {key: view(account)[key] for key in ("active", "conditions")}
    view(account).update(change)
    assert admin.words() == {VIEW: (words,)}
    assert admin.run() == [f"change {VIEW}"]
    assert {key: view(account)[key] for key in before} == before


def test_what_else_stands_in_a_part_is_left_alone(account: Account, admin: Admin) -> None:
    admin.run()
    webhook(account)["authentication"] = {"type": "basic_auth", "data": {"username": "u"}, "add_position": "header"}
    webhook(account)["status"] = "inactive"
    admin.run()
    assert webhook(account)["authentication"]["data"] == {"username": "u"}


def test_a_new_version_updates_the_app_in_place(account: Account, admin: Admin) -> None:
    admin.run()
    [(id, installation)] = account.rules.state.installations.items()
    assert admin.words(version="1.3.0") == {APP: ("it is version 1.2.3, and Deskhand is 1.3.0",)}
    assert admin.run(version="1.3.0") == [f"change {APP}"]
    [app] = account.rules.state.apps.values()
    assert (app["version"], list(account.rules.state.installations.items())) == ("1.3.0", [(id, installation)])


def test_a_new_address_is_in_the_webhook_and_in_the_app(account: Account, admin: Admin) -> None:
    admin.run()
    new = "https://help.acme.example"
    assert admin.words(url=new) == {APP: (f"it opens {URL}",), HOOK: (f"it calls {URL}/webhooks/zendesk",)}
    assert admin.run(url=new) == [f"change {APP}", f"change {HOOK}"]
    [app] = account.rules.state.apps.values()
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(app["_package"]))) as package:
        manifest = json.loads(package.read("manifest.json"))
    assert manifest["location"]["support"]["ticket_sidebar"]["url"] == f"{new}/sidebar/zendesk"
    assert admin.run(url=new) == []


@pytest.mark.parametrize("spoil", ["off", "gone", "renamed"])
def test_an_installation_that_is_off_gone_or_renamed_is_mended(account: Account, admin: Admin, spoil: str) -> None:
    admin.run()
    installations = account.rules.state.installations
    [id] = installations
    says = {"off": "it is switched off", "gone": "it is not installed", "renamed": "its setting name is 'Other'"}
    if spoil == "off":
        installations[id]["enabled"] = False
    elif spoil == "gone":
        del installations[id]
    else:
        installations[id]["_settings"]["name"] = "Other"
    assert admin.words() == {APP: (says[spoil],)}
    assert admin.run() == [f"change {APP}"]
    [one] = installations.values()
    assert (one["enabled"], one["_settings"]) == (True, {"name": "Deskhand"})
    assert admin.env["ZENDESK_APP_INSTALLATION_ID"] == str(one["id"])
    assert admin.run() == []


def test_an_address_that_zendesk_opens_no_app_at_is_said(admin: Admin) -> None:
    with pytest.raises(Rejected, match=r"packed: http://deskhand.example is not encrypted"):
        admin.run(url="http://deskhand.example")


def test_without_the_app_nothing_is_uploaded_and_a_former_one_is_removed(account: Account, admin: Admin) -> None:
    assert f"make {APP}" not in admin.run(app="no")
    admin.run(app="yes")
    assert admin.run(app="no") == [f"remove {APP}"]
    assert (account.rules.state.apps, account.rules.state.installations) == ({}, {})
    assert "ZENDESK_APP_PUBLIC_KEY" not in admin.env


def test_a_change_of_mind_replaces_the_webhook_and_its_trigger(account: Account, admin: Admin) -> None:
    admin.run()
    first = webhook(account)["id"]
    assert admin.run(events="trigger") == [f"make {HOOK}", f"make {TRIGGER}", f"remove {FORMER}"]
    assert webhook(account)["id"] != first
    assert trigger(account)["actions"][0]["value"][0] == webhook(account)["id"]
    assert admin.env["ZENDESK_WEBHOOK_SECRET"] == webhook(account)["_secret"]
    assert admin.run(events="subscription") == [f"make {HOOK}", f"remove {TRIGGER}", f"remove {FORMER}"]
    assert [one for one in account.rules.state.triggers if "kind" not in one] == []
    assert set(webhook(account)["subscriptions"]) == set(SUBSCRIPTIONS)
    assert admin.env["ZENDESK_WEBHOOK_SECRET"] == webhook(account)["_secret"]
    assert admin.run(events="subscription") == []


TOKEN = {"ZENDESK_EMAIL": US, "ZENDESK_API_TOKEN": SECRET}
"""What the command stores where no login of Deskhand's own is made."""


@pytest.mark.parametrize(("chosen", "env"), [({"events": "trigger"}, {}), ({"app": "no"}, {}),
                                             ({"login": "token"}, TOKEN)], ids=["events", "app", "login"])
def test_what_is_not_chosen_again_stays_as_it_was(admin: Admin, chosen: dict[str, Any], env: dict[str, str]) -> None:
    admin.env |= env
    admin.run(**chosen)
    stood, held = admin.books(), dict(admin.env)
    assert admin.run() == []
    assert (admin.books(), admin.env) == (stood, held)


DEFAULTS = {"events": "subscription", "login": "oauth", "app": "yes"}


@pytest.mark.parametrize("chosen", [{"events": "trigger"}, {"app": "no"}, {"login": "token"}],
                         ids=["events", "app", "login"])
def test_a_choice_may_be_taken_back_by_saying_the_other(account: Account, admin: Admin,
                                                        chosen: dict[str, Any]) -> None:
    straight = Admin(Account())
    straight.run()
    admin.env |= TOKEN if "login" in chosen else {}
    admin.run(**chosen)
    admin.run(**{name: DEFAULTS[name] for name in chosen})
    for name in TOKEN:
        admin.env.pop(name, None)
    assert ended(account, admin) == ended(straight.account, straight)


def test_an_admins_api_token_in_env_is_no_choice_of_it(admin: Admin) -> None:
    admin.env |= TOKEN
    assert f"make {LOGIN}" in admin.run()
    assert admin.run() == []


def test_a_client_or_an_app_that_went_away_by_itself_is_made_again(account: Account, admin: Admin) -> None:
    admin.env |= TOKEN
    admin.run()
    account.rules.state.oauth_clients.clear()
    account.rules.state.apps.clear()
    account.rules.state.installations.clear()
    assert admin.run() == [f"make {LOGIN}", f"make {APP}"]


@pytest.mark.parametrize("chosen", [{}, {"events": "subscription"}], ids=["unsaid", "said"])
def test_where_zendesk_knows_no_events_for_tickets_the_webhook_that_works_stays(account: Account, admin: Admin,
                                                                                chosen: dict[str, Any]) -> None:
    account.rules.load({"ticket_events": False}, account.clock())
    admin.run(events="trigger")
    stood, held = admin.books(), dict(admin.env)
    if chosen:
        with pytest.raises(Rejected, match=r"Run this again with the choice events=trigger\."):
            admin.run(**chosen)
    else:
        assert admin.run() == []
    assert (admin.books(), admin.env) == (stood, held)


@pytest.mark.parametrize("again", [True, False], ids=["said again", "unsaid"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("was", "chosen"), [("subscription", "trigger"), ("trigger", "subscription")])
def test_a_change_of_the_kind_of_webhook_killed_at_any_call_leaves_one_that_works(was: str, chosen: str, after: bool,
                                                                                   again: bool) -> None:
    """And whose signature is taken."""
    whole = Admin(Account())
    whole.run(events=was, app="no")
    made = whole.transport.calls
    whole.run(events=chosen)
    for calls in range(whole.transport.calls - made):
        admin = Admin(Account())
        admin.run(events=was, app="no")
        admin.transport.left, admin.transport.after = calls, after
        with pytest.raises(Killed):
            admin.run(events=chosen)
        admin.transport.left = None
        assert works(admin), f"killed at call {calls}"
        admin.run(**({"events": chosen} if again else {}))
        assert works(admin), f"killed at call {calls}"
        assert admin.env["ZENDESK_WEBHOOK_SECRET"] == webhook(admin.account)["_secret"], f"killed at call {calls}"
        assert admin.run() == [], f"killed at call {calls}"
        if again:
            assert kind(webhook(admin.account)) == chosen


def test_a_trigger_that_is_refused_leaves_the_webhook_that_works(account: Account, admin: Admin) -> None:
    admin.run()
    account.door.faults.append(Fault("403", "POST", "triggers"))
    with pytest.raises(Rejected):
        admin.run(events="trigger")
    assert works(admin)


def kind(hook: dict[str, Any]) -> str:
    return "trigger" if hook["subscriptions"] == ["conditional_ticket_events"] else "subscription"


def works(admin: Admin) -> bool:
    """Some webhook of ours is called, and signs with a secret that we hold."""
    state = admin.account.rules.state
    called = [action["value"][0] for one in state.triggers for action in one.get("actions", ())
              if action["field"] == "notification_webhook" and one["active"]]
    taken = admin.env["ZENDESK_WEBHOOK_SECRET"].split(",")
    return any(kind(one) == "subscription" or id in called for id, one in state.webhooks.items()
               if one["_secret"] in taken and one["status"] == "active")


def test_an_account_without_events_for_tickets_is_told_to_choose_the_trigger(account: Account, admin: Admin) -> None:
    account.rules.load({"ticket_events": False}, account.clock())
    with pytest.raises(Rejected, match="events=trigger"):
        admin.run()
    assert f"make {TRIGGER}" in admin.run(events="trigger")


@pytest.mark.parametrize(("path", "body", "words"), [
    ("webhooks", {"webhook": {"name": "Deskhand", "endpoint": "https://x.example", "subscriptions": [],
                              "http_method": "POST", "request_format": "json"}}, HOOK),
    ("views", {"view": {"title": "Deskhand: waiting for approval"}}, VIEW),
    ("oauth/clients", {"client": {"name": "Deskhand", "identifier": "other"}}, LOGIN),
    ("oauth/clients", {"client": {"name": "Other", "identifier": "deskhand"}}, LOGIN),
])
def test_an_admins_own_of_our_name_is_in_the_way_and_stays(account: Account, admin: Admin, path: str, body: Any,
                                                           words: str) -> None:
    assert account.ask("POST", path, body).status == 201
    before = admin.books()
    with pytest.raises(Taken, match=f"already a {words}.*Rename or delete it"):
        admin.run()
    assert admin.books() == before


def test_a_trigger_of_our_name_is_in_the_way_only_when_one_is_wanted(account: Account, admin: Admin) -> None:
    account.ask("POST", "triggers", {"trigger": {"title": "Deskhand: tell of tickets",
                                                 "actions": [{"field": "status", "value": "open"}]}})
    with pytest.raises(Taken, match="already a trigger"):
        admin.run(events="trigger")
    admin.run()
    assert trigger(account)["actions"] == [{"field": "status", "value": "open"}]


def test_two_of_ours_become_one(account: Account, admin: Admin) -> None:
    admin.run()
    account.ask("POST", "webhooks", {"webhook": {**{key: value for key, value in webhook(account).items()
                                                    if not key.startswith("_")}, "id": None}})
    assert admin.words() == {HOOK: ("it is there 2 times",)}
    admin.run()
    assert webhook(account)["_secret"] == admin.env["ZENDESK_WEBHOOK_SECRET"]
    assert admin.run() == []


def test_two_apps_of_ours_become_the_one_that_is_installed(account: Account, admin: Admin) -> None:
    admin.run()
    [installed] = account.rules.state.apps
    account.rules.state.apps[7] = account.rules.state.apps[installed] | {"id": 7}
    assert admin.words() == {APP: ("it is there 2 times",)}
    admin.run()
    assert list(account.rules.state.apps) == [installed]
    assert admin.run() == []


def test_an_admins_own_app_of_our_name_is_in_the_way_and_stays(account: Account, admin: Admin) -> None:
    admin.run()
    next(iter(account.rules.state.apps.values()))["author_name"] = "Acme"
    with pytest.raises(Taken, match="already an app"):
        admin.run()
    assert admin.run(app="no") == [f"clear settings {APP}"]
    assert len(account.rules.state.apps) == 1


def test_an_admins_login_comes_before_the_one_deskhand_runs_with(account: Account, admin: Admin) -> None:
    account.rules.load({"oauth": {"tok": {"email": MIA, "scopes": ["read", "tickets:write"]}}}, account.clock())
    admin.login = {**admin.login, "ZENDESK_OAUTH_TOKEN": "tok", "ZENDESK_OAUTH_CLIENT_ID": "gone",
                   "ZENDESK_OAUTH_CLIENT_SECRET": "gone"}
    assert f"make {HOOK}" in admin.run()


def test_what_stands_behind_a_hundred_others_is_found(account: Account, admin: Admin) -> None:
    for n in range(130):
        account.ask("POST", "views", {"view": {"title": f"View {n}"}})
    admin.run()
    assert admin.run() == []


def test_a_lost_secret_makes_the_client_anew_and_other_secrets_are_read_again(account: Account, admin: Admin) -> None:
    admin.run()
    admin.env.clear()
    assert admin.run() == [f"make anew {LOGIN}", f"change {APP}", f"note settings {HOOK}"]
    assert admin.env["ZENDESK_OAUTH_CLIENT_SECRET"] == client(account)["_secret"]
    assert admin.run() == []


def test_a_secret_that_zendesk_does_not_take_makes_the_client_anew(account: Account, admin: Admin) -> None:
    admin.run()
    admin.env["ZENDESK_OAUTH_CLIENT_SECRET"] = "of-former-times"
    assert admin.words() == {LOGIN: ("Zendesk does not take the secret in .env: it is made anew",)}
    assert admin.run() == [f"change {LOGIN}"]
    assert admin.env["ZENDESK_OAUTH_CLIENT_SECRET"] == client(account)["_secret"]
    assert admin.run() == []


@pytest.mark.parametrize("kind", ["429", "503"])
def test_while_zendesk_gives_no_tokens_to_anybody_the_secret_is_not_judged(account: Account, admin: Admin,
                                                                           kind: str) -> None:
    admin.run()
    fault = Fault(kind, "POST", "oauth/tokens")
    account.door.faults.append(fault)
    assert admin.words() == {}
    assert fault.times == 0


def test_the_accounts_number_is_learnt_from_what_was_delivered(account: Account, admin: Admin) -> None:
    admin.run()
    assert "ZENDESK_ACCOUNT_ID" not in admin.env
    account.writes()
    for delivery in account.rules.due(account.clock()):
        account.rules.settled(delivery, 202, account.clock())
    assert admin.run() == [f"note settings {HOOK}"]
    assert admin.env["ZENDESK_ACCOUNT_ID"] == "10000001"


def test_the_client_speaks_for_the_user_that_was_chosen(account: Account, admin: Admin) -> None:
    admin.run(user=MIA)
    assert client(account)["user_id"] == account.id_of(MIA)
    admin.run(user=MIA)
    assert client(account)["kind"] == "confidential"


def test_another_user_makes_the_client_anew(account: Account, admin: Admin) -> None:
    admin.run()
    assert admin.words(user=MIA) == {LOGIN: (f"it speaks for another user than {MIA}",)}
    admin.run(user=MIA)
    assert client(account)["user_id"] == account.id_of(MIA)
    assert admin.env["ZENDESK_OAUTH_CLIENT_SECRET"] == client(account)["_secret"]


@pytest.mark.parametrize("address", ["nobody@acme.example", "dana@example.com"])
def test_no_team_member_is_ever_made(account: Account, admin: Admin, address: str) -> None:
    before = len(account.rules.state.users)
    with pytest.raises(Rejected, match=r"no team member.*takes a paid seat"):
        admin.run(user=address)
    assert len(account.rules.state.users) == before


def test_with_an_api_token_no_client_is_made(account: Account, admin: Admin) -> None:
    assert f"make {LOGIN}" not in admin.run(login="token")
    assert account.rules.state.oauth_clients == {}


def test_a_later_run_needs_no_other_login_than_the_client(account: Account, admin: Admin) -> None:
    admin.run()
    admin.login = {"ZENDESK_SUBDOMAIN": "acme", **admin.env}
    assert admin.run() == []
    admin.run(teardown=True)
    assert account.rules.state.oauth_clients == {}


def test_a_client_that_an_admin_made_by_hand_is_used_as_it_is(account: Account, admin: Admin) -> None:
    made = account.ask("POST", "oauth/clients", {"client": {"name": "Deskhand", "identifier": "by_hand"}}).json()
    admin.env = {"ZENDESK_OAUTH_CLIENT_ID": "by_hand", "ZENDESK_OAUTH_CLIENT_SECRET": made["client"]["secret"]}
    admin.login = {"ZENDESK_SUBDOMAIN": "acme", **admin.env}
    before = admin.books()
    assert LOGIN not in " ".join(admin.run(events="trigger"))
    assert trigger(account)["conditions"]["all"][0]["value"] == str(client(account)["user_id"])
    admin.run(teardown=True)
    assert admin.books() == before
    assert admin.env["ZENDESK_OAUTH_CLIENT_ID"] == "by_hand"


def test_the_client_is_not_replaced_with_its_own_login(account: Account, admin: Admin) -> None:
    admin.run()
    admin.login = {"ZENDESK_SUBDOMAIN": "acme", **admin.env}
    with pytest.raises(Rejected, match="an admin's own"):
        admin.run(user=MIA)
    assert admin.env["ZENDESK_OAUTH_CLIENT_SECRET"] == client(account)["_secret"]


def test_the_group_is_made_only_when_named_and_stays_until_the_teardown(account: Account, admin: Admin) -> None:
    admin.run()
    assert [one["name"] for one in account.rules.state.groups.values()] == ["Support", "Finance"]
    assert admin.run(handoff_group="Second line") == [f"make {GROUP}"]
    assert admin.run() == []
    assert GROUP in [step.part.name for step in admin.steps()]


def test_an_admins_own_group_of_that_name_is_not_taken_over(account: Account, admin: Admin) -> None:
    with pytest.raises(Taken, match='already a group "Finance"'):
        admin.run(handoff_group="Finance")


def test_who_is_no_admin_is_told_so_before_anything(account: Account, admin: Admin) -> None:
    account.rules.load({"tokens": {f"{MIA}/token": "t"}}, account.clock())
    admin.login = {"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_EMAIL": MIA, "ZENDESK_API_TOKEN": "t"}
    with pytest.raises(Rejected, match=f"{MIA} is not an admin"):
        admin.setup().account()


def test_the_account_is_named_by_one_call(account: Account, admin: Admin) -> None:
    assert admin.setup().account() == "acme.zendesk.com as Deskhand (agent@acme.example, admin), PRODUCTION"
    admin.login = admin.login | {"ZENDESK_SANDBOX": "on"}
    assert admin.setup().account().endswith(", SANDBOX")
    assert admin.transport.calls == 2


@pytest.mark.parametrize(("choices", "words"), [
    ({"events": "carrier pigeon"}, "events: input should be 'subscription' or 'trigger'"),
    ({"user": "mia"}, "user: write an e-mail address"),
    ({"webhook": "yes"}, "webhook: is no choice of Zendesk's setup; there are events, login, user, app, handoff_group"),
])
def test_a_choice_that_is_none_is_named(admin: Admin, choices: dict[str, Any], words: str) -> None:
    with pytest.raises(Rejected) as error:
        admin.setup(**choices)
    assert str(error.value) == words


def test_a_setup_amid_a_change_of_the_signing_secret_goes_on_taking_what_was_signed_with_the_old_one(
        account: Account, admin: Admin) -> None:
    """The rotation was killed when Zendesk had made the new secret and `.env` did not hold it yet."""
    admin.run()
    old = admin.env["ZENDESK_WEBHOOK_SECRET"]
    admin.env["ZENDESK_WEBHOOK_SECRET"] = f"{CHANGING},{old}"
    assert admin.run() == []
    made = account.ask("POST", f"webhooks/{webhook(account)['id']}/signing_secret", {})
    new = made.json()["signing_secret"]["secret"]
    assert admin.run() == [f"note settings {HOOK}"]
    assert admin.env["ZENDESK_WEBHOOK_SECRET"] == f"{new},{old}"
    assert admin.run() == []


@pytest.fixture(params=["two keys", "one line", "file", "two files"])
def otherwise(admin: Admin, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The app's key as an admin may have written it to `.env` after the setup."""
    admin.run()
    key = admin.env[KEY]
    (tmp_path / "app.pem").write_text(key)
    (tmp_path / "next.pem").write_text(Forge.new().pem)
    return {"two keys": f"{Forge.new().pem}\n{key}", "one line": key.replace("\n", "\\n"),
            "file": f"{tmp_path}/app.pem", "two files": f"{tmp_path}/next.pem, {tmp_path}/app.pem"}[request.param]


def test_a_key_that_is_held_in_another_way_stays_as_it_is_written(admin: Admin, otherwise: str) -> None:
    admin.env[KEY] = otherwise
    assert admin.run() == []
    assert admin.run(version="1.3.0") == [f"change {APP}"]
    assert admin.env[KEY] == otherwise
    admin.run(app="no")
    assert KEY not in admin.env


def test_another_apps_key_is_replaced(admin: Admin) -> None:
    admin.run()
    key, admin.env[KEY] = admin.env[KEY], Forge.new().pem
    assert admin.run() == [f"note settings {APP}"]
    assert admin.env[KEY] == key


@pytest.mark.parametrize("way", [{"app": "no"}, {"teardown": True}], ids=["without the app", "teardown"])
def test_an_app_that_an_admin_uploaded_by_hand_is_not_removed(account: Account, admin: Admin,
                                                              way: dict[str, Any]) -> None:
    """As `deskhand package zendesk` packs it; our settings do not tell of it."""
    admin.run()
    for name in [name for name in admin.env if name.startswith("ZENDESK_APP_")]:
        del admin.env[name]
    assert APP not in " ".join(admin.run(**way))
    assert len(account.rules.state.installations) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_setup_without_the_app_killed_at_any_call_and_run_again_leaves_no_app(after: bool) -> None:
    whole = Admin(Account())
    whole.run()
    made = whole.transport.calls
    whole.run(app="no")
    for calls in range(whole.transport.calls - made):
        account = Account()
        admin = Admin(account)
        admin.run()
        admin.transport.left, admin.transport.after = calls, after
        with pytest.raises(Killed):
            admin.run(app="no")
        admin.transport.left = None
        admin.run(app="no")
        assert (account.rules.state.apps, account.rules.state.installations) == ({}, {}), f"killed at call {calls}"
        assert [name for name in admin.env if "APP" in name] == [], f"killed at call {calls}"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("choices", CHOICES, ids=["default", "trigger and group"])
def test_a_setup_killed_at_any_call_is_wholly_taken_down(choices: dict[str, Any], after: bool) -> None:
    for calls in range(calls_of(choices, teardown=False)):
        admin = Admin(Account())
        before = admin.books()
        admin.transport.left, admin.transport.after = calls, after
        with pytest.raises(Killed):
            admin.run(**choices)
        admin.transport.left = None
        admin.run(teardown=True)
        assert (admin.books(), admin.env) == (before, {}), f"killed at call {calls}"
