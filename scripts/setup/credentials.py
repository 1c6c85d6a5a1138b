"""Whether a vendor takes a login: one harmless call, or a few where permissions are told as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from connectors.contract import Connector, Surroundings
from connectors.parts import House, Notice

Tried = tuple[str, tuple[Notice, ...]]
"""Whose login it is, in words, and what there is to say about it."""

NOBODY = "nobody@deskhand.invalid"
YES = {"type": "object", "properties": {"yes": {"type": "boolean"}}, "required": ["yes"], "additionalProperties": False}


def tried(connector: Connector, settings: Any, around: Surroundings, env: Mapping[str, str]) -> Tried:
    """Raises VendorError when the vendor does not take it, or does not answer."""
    if connector.setup is not None and connector.role == "payments":
        setup = connector.setup(settings, around, House(env.get("DESKHAND_PUBLIC_URL", ""), "", env))
        return setup.account(), tuple(setup.notices())
    BY_ROLE[connector.role](connector.connect(settings, around), around)
    return "the login works", ()


def _read_tickets(helpdesk: Any, around: Surroundings) -> None:
    helpdesk.past(around.now() - timedelta(minutes=5), around.now())


def _look_for_nobody(records: Any, around: Surroundings) -> None:
    records.contacts(NOBODY)


def _say_yes(model: Any, around: Surroundings) -> None:
    """A few tokens."""
    model.complete("Answer yes.", "Are you there?", schema=YES, title="answer")


def _name_the_account(payments: Any, around: Surroundings) -> None:
    payments.account()


BY_ROLE: dict[str, Callable[[Any, Surroundings], None]] = {
    "helpdesk": _read_tickets, "payments": _name_the_account, "records": _look_for_nobody, "model": _say_yes}
