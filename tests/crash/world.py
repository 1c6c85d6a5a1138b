"""Both helpdesks, a payment provider and a model for a crash run, and the settings and policy of who works for them."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from agent.policy import shipped_policy_path
from connectors.zendesk.events import BY_TRIGGER, DOOR, SUBSCRIPTIONS
from scripts.sandbox import settings
from tests.crash.lives import COLLEAGUE, OFF

Json = dict[str, Any]
VAST = 10**9
"""A limit that no run meets."""
ORG = "00D000000000001EAA"
DOMAIN = "acme--crash.sandbox"
"""A sandbox of the org, as a test key of the payment provider demands."""
SENDER = "support@acme.example"
ALSO = ("zen:event-type:ticket.tags_changed", "zen:event-type:ticket.priority_changed", BY_TRIGGER)
"""More than Deskhand asks to be told; what it does not need must not hurt."""
CONFIG = f"""\
[scope]
without_tags = ["{OFF}"]

[catchup]
every_minutes = 0

[breaker]
most_an_hour = {VAST}
never_below = {VAST}
"""
"""Nothing is looked for that no event told of: a lost event would otherwise be found again, and not be noticed."""


def world(deskhand: str) -> Json:
    return {
        "zendesk": {
            "account_id": 10000001, "subdomain": "acme", "tokens": {"deskhand@acme.example/token": "zendesk-token"},
            "groups": [{"name": "Support"}, {"name": "Team leads"}],
            "users": [{"name": "Deskhand", "email": "deskhand@acme.example", "role": "admin", "created_at": "-400d"},
                      {"name": "Mia Agent", "email": COLLEAGUE, "role": "agent", "created_at": "-400d"}],
            "webhooks": [{"name": "Deskhand", "endpoint": deskhand + DOOR, "secret": "c2VjcmV0LW9mLWEtY3Jhc2gtcnVuISE=",
                          "subscriptions": [*SUBSCRIPTIONS, *ALSO]}],
            "limits": {"account": VAST, "updates": VAST, "per_ticket": VAST},
        },
        "stripe": {"account": {"id": "acct_sandbox"}, "keys": {"rk_test_sandbox": "all"}},
        "salesforce": {
            "org_id": ORG, "domain": DOMAIN, "clients": {"deskhand-sandbox": {"secret": "sandbox-salesforce-secret"}},
            "package": {"named_credential": deskhand}, "limits": {"daily": VAST, "mail_left": VAST},
            "statuses": ["New", "Working", "Waiting on Customer", {"name": "Closed", "closed": True}],
            "senders": [{"Address": SENDER, "DisplayName": "Acme Support"}],
            "groups": [{"Name": "Support"}, {"Name": "Team leads"}],
            "users": [{"Name": "Mia Agent", "Email": COLLEAGUE, "permission_sets": ["Deskhand_Agent"]}],
            "desk": {"assignment_rule": {"owner": "Support"}, "support_address": SENDER, "waiting_answer": "Working"},
        },
        "openai": {"keys": ["sk-sandbox"]},
    }


def environment(sandbox: str, deskhand: str, folder: Path, certificate: str) -> dict[str, str]:
    """The settings of an installation in this folder; the database is the embedded one unless another is added."""
    return {
        "DESKHAND_SECRET_KEY": secrets.token_urlsafe(36), "DESKHAND_PUBLIC_URL": deskhand,
        "DESKHAND_CONFIG": str(folder / "deskhand.toml"),
        "DESKHAND_DATA": str(folder / "var"), **settings(sandbox, world(deskhand)),
        "SALESFORCE_ORG_ID": ORG, "SALESFORCE_SENDER": SENDER, "SALESFORCE_SENDER_AUTH": "on",
        "SALESFORCE_CERTIFICATE": certificate,
    }


def policy() -> str:
    """The shipped policy switched on, with the largest budget for a day that never.yaml allows."""
    text = shipped_policy_path().read_text()
    for before, after in BUDGETS.items():
        if before not in text:
            raise ValueError(f"the shipped policy has no {before!r} any more")
        text = text.replace(before, after)
    return text


BUDGETS = {"mode: shadow": "mode: execute", "desk_day_home: {over: 2000}": "desk_day_home: {over: 5000}",
           "{USD: 1000, EUR: 1000, GBP: 1000}": "{USD: 5000, EUR: 1000, GBP: 1000}"}
