"""The accounts that tests set up."""

from __future__ import annotations

from typing import Any

LEAST = {"account": "read", "customers": "read", "charges": "read", "invoices": "read", "disputes": "read",
         "subscriptions": "read", "events": "read", "refunds": "write"}
KEY, ADMIN_KEY = "rk_test_least_of_all", "rk_test_setup_only"
ADMIN, TOKEN = "ada@acme.example", "zendesk-admin-token"

WORLD: dict[str, Any] = {
    "zendesk": {"account_id": 10000001, "subdomain": "acme", "tokens": {f"{ADMIN}/token": TOKEN},
                "users": [{"name": "Ada", "email": ADMIN, "role": "admin"},
                          {"name": "Dana", "email": "dana@example.com"}]},
    "stripe": {"account": {"id": "acct_acme", "settings": {"dashboard": {"display_name": "Acme Ltd"}}},
               "keys": {KEY: LEAST, ADMIN_KEY: {"account": "read", "webhook_endpoints": "write"}}},
}
