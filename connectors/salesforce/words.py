"""Salesforce's words for a case and ours, by table; an unknown word has a named ending."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

STATUS = {
    "new": "new", "on hold": "hold", "pending": "pending", "pending customer": "pending",
    "waiting on customer": "pending", "waiting for customer": "pending", "awaiting customer": "pending",
    "waiting on customer response": "pending", "awaiting customer response": "pending"}
"""The rest is open, or solved where the org counts the status as closed: a customer's answer may open it again."""
WORDS: Mapping[str, tuple[str, ...]] = {
    "pending": ("waiting on customer", "waiting for customer", "awaiting customer", "pending customer", "pending",
                "waiting on customer response", "awaiting customer response", "on hold"),
    "open": ("working", "in progress", "open", "reopened", "re-opened", "new"),
    "solved": ("solved", "resolved", "closed")}
"""What an org may call it, the best first."""
PRIORITY = {"low": "low", "medium": "normal", "normal": "normal", "high": "high", "critical": "urgent",
            "urgent": "urgent"}
PRIORITIES: Mapping[str, tuple[str, ...]] = {
    "low": ("low",), "normal": ("medium", "normal"), "high": ("high",), "urgent": ("critical", "urgent", "high")}
CHANNELS = {"email": "email", "email-to-case": "email", "web": "web", "web-to-case": "web", "phone": "phone",
            "chat": "chat", "live chat": "chat", "messaging": "chat"}


def status(word: str | None, *, closed: bool, own: Mapping[str, str | None]) -> str:
    """Ours for the org's; `own` are the admin's names for our words, which count first."""
    plain = (word or "").strip().lower()
    named = next((ours for ours, theirs in own.items() if theirs and theirs.strip().lower() == plain), None)
    if named and (named == "solved") == closed:
        return named
    return "solved" if closed else STATUS.get(plain, "open")


def past_status(word: str | None, *, now: str | None, closed: bool, own: Mapping[str, str | None]) -> str | None:
    """Ours for a word of the case's history; which of those words count as closed is known of today's alone."""
    if word is None:
        return None
    plain = word.strip().lower()
    done = (word == now and closed) or (word != now and plain in WORDS["solved"])
    return status(word, closed=done or plain == (own.get("solved") or "").strip().lower(), own=own)


def priority(word: str | None) -> str | None:
    """None for a word that says nothing to us."""
    return PRIORITY.get((word or "").strip().lower())


def channel(origin: str | None) -> str:
    """How the case came in; an org's own word as it is, in lower case."""
    plain = (origin or "").strip().lower()
    return CHANNELS.get(plain, plain or "api")


def chosen(candidates: Iterable[str], allowed: Iterable[str]) -> str | None:
    """The first of our words that the org has, as the org writes it."""
    theirs = {one.strip().lower(): one for one in allowed}
    return next((theirs[one] for one in candidates if one in theirs), None)
