"""What the doctor finds at Zendesk: nothing on a sound installation, and each fault with its mend."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Rejected, Surroundings
from connectors.mount import Mounted
from connectors.parts import Finding, House
from connectors.standin import Fault
from connectors.zendesk import CONNECTOR
from connectors.zendesk.standin.state import NOTIFY
from scripts.since import MOMENT
from tests.connectors.zendesk.conftest import MIA, SECRET, US, Account
from tests.connectors.zendesk.setup.conftest import URL, VERSION, Admin
from tests.webhooks.forging import Forge
from webhooks.delivered import NotThem, OnlyATest, Unreadable
from webhooks.zendesk import ZendeskDoor

SETUP = "Run deskhand setup zendesk"


class Installation:
    """Set up, told of a ticket, and running with what the setup wrote."""

    def __init__(self, account: Account, **choices: Any) -> None:
        self.account = account
        self.admin = Admin(account)
        self.admin.run(**choices)
        self.deliver()
        self.admin.run(**choices)
        self.env = {"ZENDESK_SUBDOMAIN": "acme", **self.admin.env}
        self.version, self.url = VERSION, URL
        self.more: dict[str, Any] = {}
        self.status: int | None = None
        account.rules.reach = self.reach

    def deliver(self, status: int = 202) -> None:
        """A customer writes, and Zendesk tells of it."""
        self.account.writes()
        for delivery in self.account.rules.due(self.account.clock()):
            self.account.rules.settled(delivery, status, self.account.clock())

    def reach(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        """Deskhand's own door, or what stands before it."""
        assert url == f"{URL}/webhooks/zendesk"
        if self.status is not None:
            return self.status, ""
        door = ZendeskDoor("acme", tuple(self.env["ZENDESK_WEBHOOK_SECRET"].split(",")))
        try:
            door.event(body, headers, self.account.clock())
        except OnlyATest:
            return 200, json.dumps({"event": "test"})
        except NotThem:
            return 401, ""
        except Unreadable:
            return 400, ""
        return 202, ""

    def findings(self, check: str | None = None) -> list[Finding]:
        assert CONNECTOR.checks is not None
        around = Surroundings(now=self.account.clock, transports={"zendesk": Mounted(self.account.door)})
        house = House(self.url, self.version, dict(self.env), **self.more)
        checks = CONNECTOR.checks(CONNECTOR.settings.model_validate(self.env), around, house)
        return [found for one in checks if check in (None, one.name) for found in one.run()]

    def wrong(self, check: str | None = None) -> list[tuple[str, str, str]]:
        return [(one.level, one.says, one.mend) for one in self.findings(check) if one.level != "green"]


@pytest.fixture
def sound(account: Account) -> Installation:
    return Installation(account)


@pytest.fixture(params=["subscription", "trigger"])
def either(account: Account, request: pytest.FixtureRequest) -> Installation:
    return Installation(account, events=request.param)


def hook(one: Installation) -> Any:
    [held] = one.account.rules.state.webhooks.values()
    return held


def test_a_sound_installation_is_green_throughout(either: Installation) -> None:
    assert either.wrong() == []
    assert {one.check for one in either.findings()} == {
        "Zendesk login", "Zendesk permissions", "Zendesk account", "Zendesk rate limit", "Zendesk webhook",
        "Zendesk deliveries", "Zendesk round trip", "Zendesk loops", "Zendesk business rules",
        "Zendesk notifications", "Zendesk view", "Zendesk app", "Zendesk groups"}
    assert all(one.mend == "" for one in either.findings())


def test_the_doctor_changes_nothing(sound: Installation) -> None:
    before = sound.admin.books()
    sound.findings()
    assert sound.admin.books() == before


def test_no_secret_is_ever_said(sound: Installation) -> None:
    sound.account.rules.state.triggers.clear()
    said = " ".join(f"{one.says} {one.mend}" for one in sound.findings())
    for name in ("ZENDESK_WEBHOOK_SECRET", "ZENDESK_OAUTH_CLIENT_SECRET"):
        assert sound.env[name] not in said


def test_with_exactly_the_documented_scopes_the_running_login_works(sound: Installation) -> None:
    sound.account.rules.state.oauth.clear()
    sound.findings("Zendesk login")
    assert [one["scopes"] for one in sound.account.rules.state.oauth.values()] == [["read", "tickets:write"]]


@pytest.mark.parametrize(("change", "level", "says", "mend"), [
    ({"suspended": True}, "red", "403", "See that the user is not suspended"),
    ({"role": "agent", "role_type": 0}, "yellow", "is an agent, and Zendesk lists changed tickets to admins only",
     "Make this user an admin"),
    ({"role": "agent", "role_type": 1}, "red", "is no full team member", "Give this user the role agent or admin"),
    ({"only_private_comments": True}, "red", "may write internal notes only", "Allow public comments"),
    ({"ticket_restriction": "groups"}, "yellow", "may not see every ticket", "Let this user see all tickets"),
])
def test_a_user_who_cannot_do_the_work_is_named(sound: Installation, change: dict[str, Any], level: str, says: str,
                                                mend: str) -> None:
    sound.account.rules.state.users[sound.account.id_of(US)] |= change
    found = sound.wrong("Zendesk login")
    assert any(one[0] == level and says in one[1] and mend in one[2] for one in found), found


@pytest.mark.parametrize("check", ["Zendesk login", "Zendesk webhook", "Zendesk groups"])
def test_a_login_that_is_refused_is_red_with_what_to_do(sound: Installation, check: str) -> None:
    sound.account.rules.state.oauth_clients.clear()
    sound.account.rules.state.oauth.clear()
    [(level, says, mend)] = sound.wrong(check)
    assert level == "red"
    assert "401" in says
    assert "deskhand setup zendesk with an admin's login: it makes a new one." in mend


@pytest.mark.parametrize(("scopes", "level", "says"), [
    (["read"], "red", "the token lacks the scope tickets:write"),
    (["tickets:write"], None, None),
    (["read", "tickets:write", "users:write"], "yellow", "the token has scopes nobody needs: users:write"),
    (["read", "write"], "yellow", "the token has scopes nobody needs: write"),
])
def test_missing_and_needless_scopes_are_named(sound: Installation, scopes: list[str], level: str | None,
                                               says: str) -> None:
    sound.account.rules.load({"oauth": {"tok": {"email": US, "scopes": scopes}}}, sound.account.clock())
    sound.env = {"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_OAUTH_TOKEN": "tok"}
    found = sound.wrong("Zendesk permissions")
    if level is None:  # not even its own scopes may be read then
        assert found[0][0] == "yellow"
    else:
        assert found[0][:2] == (level, says)
        assert found[0][2].startswith(SETUP)


def test_a_token_that_ends_and_is_not_renewed_is_red(sound: Installation) -> None:
    sound.account.rules.load({"oauth": {"tok": {"email": US, "scopes": ["read", "tickets:write"],
                                                "expires_at": "2026-11-22T00:00:00Z"}}}, sound.account.clock())
    sound.env = {"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_OAUTH_TOKEN": "tok"}
    assert ("red", "the token ends at 2026-11-22T00:00:00Z, and nothing renews it",
            f"{SETUP}: Deskhand then gets its tokens itself.") in sound.wrong("Zendesk permissions")


def test_an_api_token_is_called_all_powerful(sound: Installation) -> None:
    sound.env = {"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_EMAIL": US, "ZENDESK_API_TOKEN": SECRET}
    [(level, says, mend)] = sound.wrong("Zendesk permissions")
    assert (level, mend) == ("yellow", f"{SETUP} --set login=oauth: it makes an OAuth client with the scopes read and "
                             "tickets:write.")
    assert "may do everything its user may" in says


def test_a_login_left_over_from_the_setup_is_named(sound: Installation) -> None:
    sound.env |= {"ZENDESK_EMAIL": US, "ZENDESK_API_TOKEN": SECRET}
    assert [one[2] for one in sound.wrong("Zendesk permissions")] == ["Take ZENDESK_API_TOKEN out of .env."]


@pytest.mark.parametrize(("number", "level", "mend"), [
    ("77", "red", "Write ZENDESK_ACCOUNT_ID=10000001 to .env."),
    ("", "yellow", f"{SETUP} again: it reads the number from Zendesk's own deliveries."),
])
def test_another_accounts_number_is_red_and_none_is_yellow(sound: Installation, number: str, level: str,
                                                           mend: str) -> None:
    sound.env["ZENDESK_ACCOUNT_ID"] = number
    assert [(one[0], one[2]) for one in sound.wrong("Zendesk account")] == [(level, mend)]


def test_production_and_sandbox_are_said_in_capitals(sound: Installation) -> None:
    [found] = sound.findings("Zendesk account")
    assert found.says == "acme.zendesk.com, PRODUCTION, account 10000001"


def test_few_calls_left_are_yellow(sound: Installation) -> None:
    sound.account.rules.load({"limits": {"account": 100}}, sound.account.clock())
    minute = int(sound.account.clock().timestamp()) // 60
    sound.account.rules.state.windows["account"] = (minute, 90)
    [(level, says, _)] = sound.wrong("Zendesk rate limit")
    assert (level, says) == ("yellow", "9 of 100 calls are left in this minute: other programs use the rest")


@pytest.mark.parametrize(("change", "says"), [
    ({"status": "inactive"}, "it is inactive"),
    ({"endpoint": "https://old.example.com/webhooks/zendesk"}, "it calls https://old.example.com/webhooks/zendesk"),
])
def test_a_webhook_that_is_off_or_calls_elsewhere_is_red(either: Installation, change: dict[str, Any],
                                                         says: str) -> None:
    hook(either).update(change)
    assert ("red", f'the webhook "Deskhand" is not as made: {says}', f"{SETUP}.") in either.wrong("Zendesk webhook")


def test_a_webhook_that_is_gone_is_red(sound: Installation) -> None:
    sound.account.rules.state.webhooks.clear()
    assert sound.wrong("Zendesk webhook") == [
        ("red", "there is no webhook that tells Deskhand of tickets", f"{SETUP}.")]


def test_a_secret_that_zendesk_does_not_sign_with_is_red_twice(sound: Installation) -> None:
    sound.env["ZENDESK_WEBHOOK_SECRET"] = "of-former-times"
    [(level, says, mend)] = sound.wrong("Zendesk webhook")
    assert (level, mend) == ("red", f"{SETUP}: it reads the secret from Zendesk.")
    assert "every event is refused" in says
    [(level, says, mend)] = sound.wrong("Zendesk round trip")
    assert (level, says) == ("red", f"Zendesk reached {URL}/webhooks/zendesk, and Deskhand refused its signature")


def test_one_of_two_secrets_is_enough(sound: Installation) -> None:
    sound.env["ZENDESK_WEBHOOK_SECRET"] += ",of-former-times"
    assert sound.wrong() == []


def test_a_second_webhook_to_us_is_yellow(sound: Installation) -> None:
    sound.account.rules.load({"webhooks": [{"name": "By hand", "endpoint": f"{URL}/webhooks/zendesk",
                                            "subscriptions": []}]}, sound.account.clock())
    [(level, says, _)] = sound.wrong("Zendesk webhook")
    assert (level, says) == ("yellow", 'webhook "By hand" calls Deskhand too, with a secret of its own')


@pytest.mark.parametrize(("status", "mend"), [
    (401, f"{SETUP}: it reads the signing secret again; then run deskhand catchup --since 2d."),
    (403, "See that /webhooks/zendesk reaches Deskhand through your proxy; then run deskhand catchup --since 2d."),
])
def test_failed_deliveries_are_counted_in_zendesks_words(sound: Installation, status: int, mend: str) -> None:
    sound.deliver(status)
    sound.deliver(status)
    assert sound.wrong("Zendesk deliveries") == [
        ("red", f"2 of 3 deliveries of the last 24 hours failed: terminated ({status}) 2 times", mend)]


@pytest.mark.parametrize("status", [401, 403, None], ids=["signature", "proxy", "dropped"])
def test_the_catchup_that_is_advised_is_one_that_the_command_takes(sound: Installation, status: int | None) -> None:
    if status is None:
        sound.account.happens("breaker_opens", minutes=5)
    sound.deliver(status or 202)
    now = sound.account.clock()
    [(_, _, mend)] = sound.wrong("Zendesk deliveries")
    advised = mend.partition("--since ")[2].rstrip(".")
    assert now - MOMENT.convert(advised, None, None)(now) > timedelta(hours=24)


def test_failures_that_are_over_are_yellow_and_old_ones_are_forgotten(sound: Installation) -> None:
    sound.account.happens("breaker_opens", minutes=5)
    sound.deliver()
    sound.account.clock.forward(minutes=6)
    sound.deliver()
    assert sound.wrong("Zendesk deliveries") == [
        ("yellow", "1 of 3 deliveries of the last 24 hours failed: circuit broken 1 time",
         "Zendesk dropped these itself: run deskhand catchup --since 2d.")]
    sound.account.clock.forward(hours=23, minutes=58)
    assert sound.wrong("Zendesk deliveries") == []


def test_silence_is_yellow(sound: Installation) -> None:
    sound.account.clock.forward(hours=25)
    assert [one[:2] for one in sound.wrong("Zendesk deliveries")] == [
        ("yellow", "Zendesk sent nothing in the last 24 hours")]


@pytest.mark.parametrize(("status", "says"), [
    (404, "and something answered 404"), (302, "and something answered 302"), (502, "cannot reach"),
    (504, "cannot reach"), (401, "refused its signature")])
def test_what_zendesk_sees_of_us_is_told_by_its_own_call(sound: Installation, status: int, says: str) -> None:
    sound.status = status
    [(level, words, mend)] = sound.wrong("Zendesk round trip")
    assert level == "red"
    assert says in words
    assert mend


def test_a_login_that_may_not_have_the_webhook_called_says_so(sound: Installation) -> None:
    sound.account.rules.load({"oauth": {"tok": {"email": US, "scopes": ["read", "tickets:write"]}}},
                             sound.account.clock())
    sound.env |= {"ZENDESK_OAUTH_TOKEN": "tok"}
    [(level, says, mend)] = sound.wrong("Zendesk round trip")
    assert level == "yellow"
    assert "missing the following required scopes: write" in says
    assert "an admin's ZENDESK_OAUTH_TOKEN" in mend


def test_a_trigger_without_its_guard_is_a_loop(account: Account) -> None:
    one = Installation(account, events="trigger")
    [trigger] = [one for one in account.rules.state.triggers if "kind" not in one]
    trigger["conditions"]["all"] = []
    assert one.wrong("Zendesk loops") == [
        ("red", 'trigger "Deskhand: tell of tickets" calls Deskhand for what Deskhand itself writes',
         f'{SETUP} if it is ours; else give it the condition "Current user is not" Deskhand\'s user.')]
    assert one.wrong("Zendesk webhook")[0][1].endswith(
        "it lacks the condition that keeps Deskhand from hearing itself")


def test_a_trigger_that_is_gone_is_red(account: Account) -> None:
    one = Installation(account, events="trigger")
    account.rules.state.triggers[:] = [held for held in account.rules.state.triggers if "kind" in held]
    assert one.wrong("Zendesk webhook") == [
        ("red", 'the trigger "Deskhand: tell of tickets" is gone', f"{SETUP}.")]


def test_a_webhook_of_the_other_kind_that_stayed_beside_ours_is_told(account: Account) -> None:
    """The run that was to replace it was stopped, and never run again."""
    one = Installation(account)
    account.door.faults.append(Fault("403", "POST", "triggers"))
    with pytest.raises(Rejected):
        one.admin.run(events="trigger")
    one.env |= one.admin.env
    assert one.wrong("Zendesk webhook") == [
        ("yellow", "a webhook of ours of the other kind stands beside it",
         f"{SETUP} with --set events=subscription, or with the other: one of both is removed.")]


def test_where_no_app_was_wanted_the_mend_for_a_missing_one_says_how_to_have_it(account: Account) -> None:
    assert Installation(account, app="no").wrong("Zendesk app") == [
        ("yellow", "the sidebar's app is not there: approvals have no button", f"{SETUP} --set app=yes.")]


def test_rules_in_the_way_are_yellow(sound: Installation) -> None:
    sound.account.ask("POST", "triggers", {"trigger": {"title": "Reopen", "actions": [
        {"field": "status", "value": "open"}], "all": [
            {"field": "comment_is_public", "operator": "is", "value": "false"}]}})
    assert [one[:2] for one in sound.wrong("Zendesk business rules")] == [
        ("yellow", 'trigger "Reopen" fires on each internal note of Deskhand and sets the status to open')]


def test_no_notification_to_requesters_is_red(sound: Installation) -> None:
    sound.account.rules.state.triggers[:] = [
        one for one in sound.account.rules.state.triggers if one.get("kind") != NOTIFY]
    [(level, says, mend)] = sound.wrong("Zendesk notifications")
    assert level == "red"
    assert "no customer would be told" in says
    assert "Notify requester and CCs of comment update" in mend


@pytest.mark.parametrize("spoil", ["gone", "off"])
def test_a_view_that_is_gone_or_off_is_yellow(sound: Installation, spoil: str) -> None:
    views = sound.account.rules.state.rules["views"]
    if spoil == "gone":
        views.clear()
    else:
        next(iter(views.values()))["active"] = False
    assert [(one[0], one[2]) for one in sound.wrong("Zendesk view")] == [("yellow", f"{SETUP}.")]


def test_a_stale_app_is_yellow(sound: Installation) -> None:
    sound.version = "2.0.0"
    assert sound.wrong("Zendesk app") == [
        ("yellow", "the sidebar's app is not as made: it is version 1.2.3, and Deskhand is 2.0.0",
         f"{SETUP}: it is updated in place.")]


@pytest.mark.parametrize("name", ["ZENDESK_APP_INSTALLATION_ID", "ZENDESK_APP_PUBLIC_KEY"])
def test_another_apps_number_or_key_is_red(sound: Installation, name: str) -> None:
    sound.env[name] = "7"
    assert sound.wrong("Zendesk app") == [
        ("red", f"{name} is not the app's: the sidebar opens for nobody", f"{SETUP}: it writes it to .env.")]


def test_the_apps_key_may_stand_in_a_file_or_beside_another(sound: Installation, tmp_path: Path) -> None:
    (tmp_path / "app.pem").write_text(sound.env["ZENDESK_APP_PUBLIC_KEY"])
    for written in (str(tmp_path / "app.pem"), Forge.new().pem + sound.env["ZENDESK_APP_PUBLIC_KEY"]):
        sound.env["ZENDESK_APP_PUBLIC_KEY"] = written
        assert sound.wrong("Zendesk app") == []
    sound.env["ZENDESK_APP_PUBLIC_KEY"] = Forge.new().pem
    assert [one[0] for one in sound.wrong("Zendesk app")] == ["red"]


def test_without_the_app_approvals_have_no_button(account: Account) -> None:
    one = Installation(account, app="no")
    assert [found[0] for found in one.wrong("Zendesk app")] == ["yellow"]


@pytest.mark.parametrize(("more", "says"), [
    ({"roles": {"lead": ["Support", "Leads"]}}, 'group "Leads" of the role lead does not exist'),
    ({"handoff_group": "77"}, "the handoff group 77 does not exist: handing over would fail"),
])
def test_groups_that_are_not_there_are_red(sound: Installation, more: dict[str, Any], says: str) -> None:
    sound.more = more
    assert [one[:2] for one in sound.wrong("Zendesk groups")] == [("red", says)]


def test_groups_are_named_in_any_case_and_beside_salesforce_a_role_may_also_name_a_queue(sound: Installation) -> None:
    sound.env["SALESFORCE_ORG_ID"] = "00D5e000000DHskEAG"
    sound.more = {"roles": {"lead": [" support", "Leads"]}, "handoff_group": "00G5e000001ABCDEA4"}
    assert sound.wrong("Zendesk groups") == []
    sound.more = {"roles": {"lead": ["Leads"]}}
    assert [one[0] for one in sound.wrong("Zendesk groups")] == ["yellow"]


def test_an_agents_login_sees_less_and_says_what_it_could_not_look_at(sound: Installation) -> None:
    sound.account.rules.load({"oauth": {"tok": {"email": MIA, "scopes": ["read", "tickets:write"]}}},
                             sound.account.clock())
    sound.env = {"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_OAUTH_TOKEN": "tok"}
    [(level, says, mend)] = sound.wrong("Zendesk webhook")
    assert level == "yellow"
    assert "this login may not look" in says
    assert mend == "Run deskhand doctor with an admin's ZENDESK_OAUTH_TOKEN in the environment."


def test_while_zendesk_is_away_the_check_says_so_itself(sound: Installation) -> None:
    sound.account.door.faults.append(Fault("503", path="views"))
    with pytest.raises(Exception, match="503"):
        sound.wrong("Zendesk view")
