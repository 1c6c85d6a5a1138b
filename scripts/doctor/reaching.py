"""What others see of this machine: its public address, and its clock against the vendors'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from statistics import median
from threading import Lock
from urllib.parse import urlsplit

import requests

from agent.vault import Vault, VaultError
from connectors.http import is_loopback, session
from connectors.parts import Finding
from scripts.doctor.premises import Premises
from webhooks.app import instance

URL = "public address"
PROXY = ("Look at deskhand serve and at the proxy before it; manifests/deploy has examples.")
SLOW, WRONG = 30.0, 300.0
"""Seconds between the clocks; beyond five minutes our doors refuse what the vendors sign."""


def public(premises: Premises) -> Iterator[Finding]:
    """Whether this very installation answers at DESKHAND_PUBLIC_URL, as far as this machine can see. How a vendor
    sees it is the vendor's check."""
    url = premises.public_url
    parts = urlsplit(url)
    if not url:
        yield Finding(URL, "yellow", "DESKHAND_PUBLIC_URL is not set: no webhook, sidebar or confirmation page can "
                      "reach Deskhand.", "Set it with deskhand init: the https address that your proxy answers at.")
        return
    if parts.scheme != "https" or not parts.hostname:
        local = is_loopback(parts.hostname or "")
        yield Finding(URL, "yellow" if local else "red",
                      f"{url} is {'this machine only' if local else 'not https'}: no vendor can call it.",
                      "Put a proxy with a certificate before deskhand serve, and set DESKHAND_PUBLIC_URL to its https "
                      "address.")
        if not local:
            return
    yield from _answers(premises, url, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


def _answers(premises: Premises, url: str, host: str, port: int) -> Iterator[Finding]:
    try:
        premises.resolve(host, port)
    except OSError:
        yield Finding(URL, "red", f"{host} has no address.", "Make its DNS record, or correct DESKHAND_PUBLIC_URL.")
        return
    try:
        with session("deskhand", [host], premises.around, private=True) as door:  # its proxy may stand inside
            answer = door.get(f"{url}/healthz", timeout=premises.around.timeout)
            told = answer.json() if answer.status_code == 200 else {}
    except requests.exceptions.SSLError:
        yield Finding(URL, "red", f"The certificate of {host} is not valid.",
                      "Renew it, or let the proxy send the whole chain; Caddy does both by itself.")
        return
    except (requests.RequestException, ValueError) as error:
        yield Finding(URL, "red", f"Nothing that is Deskhand answers at {url} ({type(error).__name__}).", PROXY)
        return
    if not isinstance(told, Mapping) or told.get("ok") is not True:
        yield Finding(URL, "red", f"{url}/healthz answers {answer.status_code}, and not as Deskhand does.", PROXY)
        return
    yield _which(premises, url, told)


def _which(premises: Premises, url: str, told: Mapping[str, object]) -> Finding:
    mine = _own_name(premises)
    if mine and told.get("instance") != mine:
        return Finding(URL, "red", f"Another installation answers at {url}.",
                       "Point the proxy at this one, or correct DESKHAND_PUBLIC_URL: two must not share an account.")
    if told.get("version") != version("deskhand"):
        return Finding(URL, "red", f"Deskhand {told.get('version')} answers at {url}, and {version('deskhand')} is "
                       "installed here.", "Restart deskhand serve, so that it runs what is installed.")
    return Finding(URL, "green", f"This installation answers at {url}.")


def _own_name(premises: Premises) -> str | None:
    """None where it cannot be told: without a database or with the wrong secret, which other checks say."""
    own = premises.read.own
    if own is None or premises.database is None:
        return None
    vault = Vault(own.secret_key.get_secret_value())
    try:
        vault.prepare(premises.database.engine)
        return instance(vault)
    except VaultError:
        return None


class Clocks:
    """The vendors' clocks, heard from the Date of every answer the checks get (RFC 9110)."""

    def __init__(self, premises: Premises) -> None:
        self._now = premises.around.now
        self._ahead: dict[str, list[float]] = {}
        self._lock = Lock()

    def hear(self, vendor: str, headers: Mapping[str, str]) -> None:
        try:
            theirs = parsedate_to_datetime(headers.get("Date", ""))
        except ValueError:
            return
        with self._lock:
            self._ahead.setdefault(vendor, []).append((_now(self._now()) - theirs).total_seconds())

    def finding(self) -> Finding:
        """Ours against most vendors': one of them may be wrong by itself."""
        apart = [median(each) for vendor, each in self._ahead.items() if vendor != "deskhand"]
        if not apart:
            return Finding("clock", "yellow", "No vendor answered, so this machine's clock could not be compared.",
                           "Run this again when a vendor can be reached.")
        ahead = median(apart)
        says = f"This machine's clock is {_span(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} the vendors'."
        mend = "Set the clock and switch on NTP: timedatectl set-ntp true."
        if abs(ahead) >= WRONG:
            return Finding("clock", "red", f"{says} Signed events are refused.", mend)
        if abs(ahead) >= SLOW:
            return Finding("clock", "yellow", says, mend)
        return Finding("clock", "green", "This machine's clock agrees with the vendors'.")


def _now(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
