"""`deskhand policy backtest`: counts and money of what would have been decided otherwise."""

from __future__ import annotations

import json

import pytest

from tests.journeys.office import DANA, ERIN, Office
from tests.scripts.policy.drafts import Say, asks_for, edit, flat


@pytest.fixture(autouse=True)
def in_force(admin: Say) -> None:
    assert admin("publish", "--by", "Ana").exit_code == 0


def test_the_backtest_counts_what_a_higher_limit_would_have_let_out(admin: Say, office: Office) -> None:
    asks_for(office, 2000)
    tickets = [asks_for(office, 4000, ERIN), asks_for(office, 4500, DANA)]
    edit("auto: 25", "auto: 50", times=3)
    told = json.loads(admin("backtest", "published", "policy", "--json").output)
    # Erin's 40 goes out; Dana's 45 would be 65 with her 20 of today, over the 50 of a day: the lead is asked, and not
    # the customer. A colleague is asked in any case, for her first ticket is still open.
    assert [(one["was"], one["becomes"], one["looser"], one["count"], one["money"], one["tickets"])
            for one in told["changes"]] == [
        ("the customer's yes", "nobody", True, 1, {"USD": 4000}, [f"zendesk:acme:{tickets[0]}"]),
        ("the customer's yes and a colleague's approval", "a lead's approval", True, 1, {"USD": 4500},
         [f"zendesk:acme:{tickets[1]}"]),
    ]
    assert told["unattended"] == {"old": {"count": 1, "money": {"USD": 2000}},
                                  "new": {"count": 2, "money": {"USD": 6000}}}
    assert (told["decisions"], told["operations"], told["estimate"]) == (3, 3, True)
    said = admin("backtest", "published", "policy")
    assert said.exit_code == 0
    assert f"looser refund the customer's yes nobody 1 USD 40.00 zendesk:acme:{tickets[0]}" in flat(said)
    assert "Refunded without anyone, under version 1: 1, USD 20.00" in said.output
    assert "This is an estimate: customers and colleagues may not confirm or approve" in said.output


def test_the_backtest_tells_only_what_was_decided_since(admin: Say, office: Office) -> None:
    asks_for(office, 2000)
    said = admin("backtest", "1", "policy", "--since", "2026-11-21")
    assert (said.exit_code, said.output) == (0, "Nothing was decided in this time, so there is nothing to replay.\n")
    assert json.loads(admin("backtest", "1", "policy", "--since", "2026-11-20", "--json").output)["decisions"] == 1


@pytest.mark.parametrize("since", ["yesterday", "30", "0d", "2026-02-30", "99999d"])
def test_a_time_that_is_none_is_wrong_usage(policy: Say, since: str) -> None:
    said = policy("backtest", "1", "policy", "--since", since)
    assert said.exit_code == 2
    assert f"'--since': {since}: write days, as in 30d, or a date, as in 2026-11-01" in flat(said)
