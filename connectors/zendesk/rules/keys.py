"""No secret in the package: no word that Zendesk's scan stops at, nothing that looks like a key, none of ours."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from connectors.zendesk.rules.app import App, Rule

WORDS = re.compile("password|secret|auth_?key|auth_?pass|auth_?user|api_?key", re.IGNORECASE)
"""Zendesk's scan warns of the very word (zendesk_apps_support, validations/secrets)."""
ASSIGNED = re.compile(r"(?:token|(?:app|consumer|master|token|private|access|braintree|ticket_validation)[-_ ]?key)"
                      r"[\"']?\s*[:=]\s*[\"']?[\w+./-]{4,}", re.IGNORECASE)
LOOKS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "a Stripe key": re.compile(r"\b(?:sk|rk)_(?:live|test)_\w{6,}|\bwhsec_\w{6,}"),
    "an OpenAI key": re.compile(r"\bsk-[A-Za-z0-9_-]{16,}"),
    "a Slack token": re.compile(r"\bxox[a-z]-[\w-]{6,}"),
    "a GitHub token": re.compile(r"\bgh[a-z]_\w{20,}"),
    "an AWS key": re.compile(r"\bAKIA[0-9A-Z]{8,}"),
    "a Google key": re.compile(r"\bAIza[\w-]{20,}"),
    "a signed token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}"),
    "a credential": re.compile(r"\b(?:Basic|Bearer) [A-Za-z0-9+/=._-]{12,}"),
}
RANDOM = re.compile(r"[A-Za-z0-9+/_-]{32,}={0,2}")
SOUNDS_SECRET = re.compile("KEY|SECRET|TOKEN|PASS|CREDENTIAL|DATABASE_URL|DSN", re.IGNORECASE)
SHORTEST_SECRET = 6
SHORTEST = 8
OPEN = ("DESKHAND_PUBLIC_URL", "ZENDESK_APP_PUBLIC_KEY", "ZENDESK_APP_INSTALLATION_ID")
"""Variables whose values are no secret and may stand in a package."""


def no_word_for_a_secret(app: App) -> Iterator[str]:
    """But for the address the app opens, which its owner may have called as they like."""
    for path, text in app.text_files():
        for place in app.places:
            text = text.replace(str(place.options.get("url")), "")
        if found := WORDS.search(text):
            yield f'{path} says "{found[0]}", at which Zendesk\'s scan for secrets stops: use another word.'


def nothing_assigned_to_a_key(app: App) -> Iterator[str]:
    for path, text in app.text_files():
        if ASSIGNED.search(text):
            yield f"{path} gives a key or token a value: take it out; a package is no place for it."


def nothing_that_looks_like_a_key(app: App) -> Iterator[str]:
    for path, text in app.text_files():
        for what, pattern in LOOKS.items():
            if pattern.search(text):
                yield f"{path} holds what looks like {what}: take it out, and revoke it if it was real."
        if any(_is_random(one[0]) for one in RANDOM.finditer(text)):
            yield f"{path} holds a long random text, as keys are: take it out."


def values_of(app: App, env: Mapping[str, str], public: str = "") -> Iterator[str]:
    """Each variable whose value stands anywhere in the package, plain or encoded. Never says the value.

    What is part of the `public` address is no secret, unless its variable's name says so.
    """
    for name, value in env.items():
        if name in OPEN:
            continue
        for secret in (part.strip() for part in value.split(",")):
            if not _counts(name, secret, public):
                continue
            shapes = _shapes(secret)
            for path, content in app.files.items():
                if any(shape in content or shape in path.encode() for shape in shapes):
                    yield f"{path} holds the value of {name}: take it out of the package."


def _counts(name: str, value: str, public: str) -> bool:
    if SOUNDS_SECRET.search(name):
        return len(value) >= SHORTEST_SECRET
    return len(value) >= SHORTEST and not value.isalpha() and value not in public


def _shapes(secret: str) -> list[bytes]:
    raw = secret.encode()
    encoded = base64.b64encode(raw).rstrip(b"=")
    return [raw, encoded, base64.urlsafe_b64encode(raw).rstrip(b"="), raw.hex().encode(),
            quote(secret, safe="").encode()]


def _is_random(text: str) -> bool:
    """Letters of both cases and digits, well mixed: no word, no path, no identifier."""
    kinds = [any(one.islower() for one in text), any(one.isupper() for one in text), any(one.isdigit() for one in text)]
    return all(kinds) and "/" not in text.strip("/")[:8] and len(set(text)) >= 16


RULES: tuple[Rule, ...] = (no_word_for_a_secret, nothing_assigned_to_a_key, nothing_that_looks_like_a_key)
