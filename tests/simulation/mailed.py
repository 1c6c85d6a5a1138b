"""To whom the replies on a ticket went, as the helpdesk kept it at that moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from connectors.zendesk.standin import reading
from tests.simulation.asks import Ask, cents

NAMED = re.compile(r"USD ([\d,]+\.\d\d)|(\+49 30 \d+)")
GREETED = re.compile(r"^Hello ([^\s,]+),")


def recipients(side: Any, id: str) -> dict[Any, frozenset[str]]:
    """The addresses that got each public comment or mail of this ticket, by its id."""
    return dict(_AT[side.vendor](side.rules.state, id))


def _at_zendesk(state: Any, id: str) -> Iterator[tuple[Any, frozenset[str]]]:
    for audit in reading.audits(state.tickets[int(id)]):
        told = frozenset(state.users[one]["email"] for event in audit["events"] for one in event.get("recipients", ()))
        yield from ((event["id"], told) for event in audit["events"] if event["type"] == "Comment")


def _at_salesforce(state: Any, id: str) -> Iterator[tuple[Any, frozenset[str]]]:
    """Of all cases: those of one that was merged into this one stand here, too."""
    yield from ((mail["email"], frozenset((*mail["to"], *mail["cc"], *mail["bcc"]))) for mail in state.sent)


_AT = {"zendesk": _at_zendesk, "salesforce": _at_salesforce}


def whose(body: str, asks: Iterable[Ask]) -> set[str]:
    """The customers of whose asks on its ticket a reply tells, by what it names; all of them where it names none."""
    asks = list(asks)
    named = {cents(amount) if amount else phone for amount, phone in NAMED.findall(body)}
    return {ask.who for ask in asks if {ask.amount, ask.phone} & named} or {ask.who for ask in asks}


def misdirected(body: str, to: frozenset[str], asks: Iterable[Ask]) -> str:
    """What is wrong with whom a reply went to and greets; empty when it is one whose ask it tells of, and nobody else.
    """
    of = whose(body, asks)
    greeted = GREETED.findall(body)
    if len(to) != 1 or not to <= of:
        return f"a reply about what {sorted(of)} asked went to {sorted(to)}"
    if greeted and greeted[0] not in {first_name(who) for who in to}:
        return f"a reply to {sorted(to)} greets {greeted[0]}"
    return ""


def first_name(who: str) -> str:
    """Dana's address is dana@…"""
    return who.partition("@")[0].title()
