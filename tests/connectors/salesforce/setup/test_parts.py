"""What the setup makes in an org: made once, compared, changed, removed; an admin's own stays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.salesforce.setup.conftest import ORG, URL, USER, Admin, Killed, package

PACKAGE, ACCESS, APP = ('package "Deskhand"', 'permission set "Deskhand_Integration" of the integration user',
                        'external client app "Deskhand"')
CERTIFICATE, CREDENTIAL = 'certificate "Deskhand_Signing"', 'named credential "Deskhand"'
SUBSCRIBER, SWEEP = 'user of the event trigger "DeskhandWakeTrigger"', 'scheduled job "Deskhand sweep"'
OUTBOUND, DESK = 'outbound message "Deskhand"', "cases of this org as tickets"
WHOLE = [PACKAGE, ACCESS, APP, CERTIFICATE, CREDENTIAL, SUBSCRIBER, DESK, SWEEP]
CHOICES: list[dict[str, Any]] = [{}, {"apex": "no"}, {"desk": "no"}]
NAMES = ["whole", "without Apex", "CRM alone"]


def test_all_is_made_and_the_settings_hold_what_it_gives(admin: Admin) -> None:
    assert admin.run() == [f"make {name}" for name in WHOLE]
    [(key, client)] = [(key, one) for key, one in admin.org.clients.items() if one.get("app")]
    assert admin.env.pop("SALESFORCE_CERTIFICATE").startswith("-----BEGIN CERTIFICATE-----")
    assert admin.env == {"SALESFORCE_CLIENT_ID": key, "SALESFORCE_CLIENT_SECRET": client["secret"],
                         "SALESFORCE_ORG_ID": ORG}
    assert admin.org.tables["User"][client["user"]]["Username"] == USER


@pytest.mark.parametrize("choices", CHOICES, ids=NAMES)
def test_a_second_run_changes_nothing(admin: Admin, choices: dict[str, Any]) -> None:
    admin.run(**choices)
    stood, env = admin.books(), dict(admin.env)
    admin.time.on(days=3)
    assert admin.run(**choices) == []
    assert (admin.books(), admin.env) == (stood, env)


@pytest.mark.parametrize("choices", CHOICES, ids=NAMES)
def test_a_teardown_leaves_the_books_as_before(admin: Admin, choices: dict[str, Any]) -> None:
    admin.env["OTHER"] = "stays"
    before = admin.books()
    admin.run(**choices)
    assert admin.books() != before
    admin.run(teardown=True)
    assert admin.books() == before
    assert admin.env == {"OTHER": "stays"}
    assert admin.run(teardown=True) == []
