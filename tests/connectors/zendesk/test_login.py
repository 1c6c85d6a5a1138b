"""Deskhand gets its access tokens itself, with an OAuth client of the account."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from connectors.contract import NotFound, Surroundings, Unavailable
from connectors.mount import Mounted
from connectors.standin import Fault
from connectors.zendesk import CONNECTOR
from connectors.zendesk.client import Client
from connectors.zendesk.login import _read
from tests.connectors.zendesk.conftest import Account


def settings(account: Account, **changes: str) -> Any:
    """Of an OAuth client that was made at this account."""
    made = account.ask("POST", "oauth/clients", {"client": {"name": "Deskhand", "identifier": "deskhand"}}).json()
    return CONNECTOR.settings.model_validate({
        "ZENDESK_SUBDOMAIN": "acme", "ZENDESK_OAUTH_CLIENT_ID": "deskhand",
        "ZENDESK_OAUTH_CLIENT_SECRET": made["client"]["secret"], **changes})


def client(account: Account, given: Any) -> Client:
    return Client(given, Surroundings(now=account.clock, transports={"zendesk": Mounted(account.door)}))


def asked_for_tokens(account: Account) -> int:
    return sum(one.path == "/oauth/tokens" for one in account.door.calls)


def test_one_token_with_the_least_scopes_serves_all_calls(account: Account) -> None:
    ours = client(account, settings(account))
    ours.get("users/me")
    ours.get("groups")
    [token] = account.rules.state.oauth.values()
    assert (token["scopes"], asked_for_tokens(account)) == (["read", "tickets:write"], 1)


def test_a_token_is_renewed_before_it_ends(account: Account) -> None:
    ours = client(account, settings(account))
    ours.get("users/me")
    account.clock.forward(hours=47, minutes=57)
    ours.get("users/me")
    assert asked_for_tokens(account) == 1
    account.clock.forward(minutes=1)
    ours.get("users/me")
    assert asked_for_tokens(account) == 2
    assert not any(one.status == 401 for one in account.door.calls)


def test_a_revoked_token_is_replaced_and_the_call_made_once(account: Account) -> None:
    ours = client(account, settings(account))
    ours.get("users/me")
    account.rules.state.oauth.clear()
    assert ours.get("users/me")["user"]["email"] == "agent@acme.example"
    assert [one.status for one in account.door.calls if one.path.endswith("me.json")] == [200, 401, 200]


def test_a_login_that_stays_refused_is_asked_once_more_and_then_said(account: Account) -> None:
    ours = client(account, settings(account))
    account.door.faults.append(Fault("auth_lost", path="users/me", times=9))
    with pytest.raises(Unavailable) as error:
        ours.get("users/me")
    assert (error.value.reason, error.value.lasting) == ("credentials", True)
    assert [one.status for one in account.door.calls if one.path.endswith("me.json")] == [401, 401]


def test_a_wrong_secret_is_said_and_nothing_is_sent(account: Account) -> None:
    ours = client(account, settings(account, ZENDESK_OAUTH_CLIENT_SECRET="no"))
    with pytest.raises(Unavailable, match="401") as error:
        ours.get("users/me")
    assert error.value.lasting
    assert not any(one.path.endswith("me.json") for one in account.door.calls)


def test_without_an_answer_to_the_login_a_write_is_surely_not_sent(account: Account) -> None:
    ours = client(account, settings(account))
    account.door.faults.append(Fault("timeout_before", path="/oauth/tokens"))
    with pytest.raises(Unavailable):
        ours.session().put(f"{ours.root}/tickets/1.json", json={"ticket": {}})
    with pytest.raises(NotFound):
        ours.session().put(f"{ours.root}/tickets/1.json", json={"ticket": {}})


def test_a_client_without_its_secret_is_no_login() -> None:
    with pytest.raises(ValueError, match="ZENDESK_OAUTH_CLIENT_SECRET"):
        CONNECTOR.settings.model_validate({"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_OAUTH_CLIENT_ID": "deskhand"})


def test_a_write_whose_token_was_revoked_meanwhile_is_done_once(account: Account) -> None:
    ours = client(account, settings(account))
    ticket = int(account.rules.control("customer_writes", {"email": "dana@example.com", "subject": "Hello",
                                                           "body": "Hello"}, account.clock())["ticket"])
    ours.get("users/me")
    account.rules.state.oauth.clear()
    ours.session().put(f"{ours.root}/tickets/{ticket}.json", json={"ticket": {"comment": {"body": "A note",
                                                                                         "public": False}}})
    writes = [one.status for one in account.door.calls if one.method == "PUT"]
    assert writes == [401, 200]
    assert len(ours.get(f"tickets/{ticket}/audits")["audits"]) == 2


def test_eight_threads_that_meet_a_revoked_token_get_one_new_one(account: Account) -> None:
    ours = client(account, settings(account))
    ours.get("users/me")
    account.rules.state.oauth.clear()
    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(lambda _: ours.get("users/me")["user"]["email"], range(8)))
    assert said == ["agent@acme.example"] * 8
    assert asked_for_tokens(account) == 2


@pytest.mark.parametrize(("life", "seconds"), [
    (600, 600), (True, 1), *((life, 172_800) for life in ("soon", -5, 0, 172_801, 1e300, [], None))])
def test_a_life_that_cannot_be_read_is_taken_for_the_longest(life: object, seconds: int) -> None:
    answer = requests.Response()
    answer.status_code = 200
    answer._content = json.dumps({"access_token": "a-token", "expires_in": life}).encode()
    assert _read(answer) == ("a-token", seconds)
