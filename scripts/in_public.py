"""Why a Deskhand that others can reach must not start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from webhooks.settings import LOOPBACK

SECRETS = ("ZENDESK_API_TOKEN", "ZENDESK_OAUTH_TOKEN", "ZENDESK_WEBHOOK_SECRET", "STRIPE_API_KEY",
           "STRIPE_WEBHOOK_SECRET", "SALESFORCE_CLIENT_SECRET", "OPENAI_API_KEY")
EXAMPLES = Path(__file__).parent / "worlds" / "demo.json"
"""The sandbox's own secrets, which everybody can read."""
OFF = ("", "0", "false", "no")
"""How Flask reads FLASK_DEBUG (Flask docs, "Debug Mode")."""


def is_public(public_url: str | None, host: str) -> bool:
    return host not in LOOPBACK or (public_url is not None and urlsplit(public_url).hostname not in LOOPBACK)


def refusals(process: Mapping[str, str], settings: Mapping[str, str], public_url: str | None, host: str) -> list[str]:
    """One sentence for each thing that must be mended first; none where only this machine can reach it.

    `process` is the process's own environment, `settings` has what `.env` says, too.
    """
    if not is_public(public_url, host):
        return []
    found = []
    if process.get("FLASK_DEBUG", "").lower() not in OFF:
        found.append("FLASK_DEBUG is on: errors would be shown to callers. Unset it.")
    if public_url is not None and urlsplit(public_url).scheme != "https":
        found.append(f"DESKHAND_PUBLIC_URL is {public_url}, and --host {host} listens to others: write the https "
                     "address of your reverse proxy, or listen on 127.0.0.1.")
    known = EXAMPLES.read_text()
    found += [f"{name} is the sandbox's, which everybody can read: set your own." for name in SECRETS
              if any(f'"{one.strip()}"' in known for one in settings.get(name, "").split(",") if one.strip())]
    return found
