"""Tells one history step by step, so that a person can follow how it went wrong."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.history import Lived
from tests.simulation.lives import LATES, LIVES


def told(lived: Lived) -> Iterator[str]:
    """The story's lines: what it is, what happened, what the books say, what was broken."""
    history = lived.history
    yield f"{history.key}"
    yield f"  A life “{history.life}” at {history.helpdesk.title()}, disturbed by: {history.level}."
    for about in (LIVES[history.life].__doc__, LATES[history.late].__doc__):
        if about:
            yield f"  {about.strip().splitlines()[0]}"
    yield from (f"  {line}" for line in lived.trail)
    yield from (f"  fault met: {one}" for one in lived.met)
    yield "  In the end the vendors' books show:"
    for one in lived.books.refunds:
        who = "ours" if one["metadata"].get("op_id") else "by hand"
        yield f"    refund {one['id']} of {one['charge']}: {one['amount']} {one['currency']}, {one['status']}, {who}"
    for what, all_of in (("note", lived.books.notes), ("reply", lived.books.replies)):
        for ticket, texts in all_of.items():
            yield from (f"    {what} on {ticket}: {' / '.join(text.split(chr(10)))[:1500]}" for text in texts)
    yield from (f"    activity: {one['Subject']}" for one in lived.books.activities)
    yield f"    the contact's phone: {lived.books.phone}, written {len(lived.books.changes)} times by us"
    yield f"  It ended: {lived.verdict.end}{' – ' + lived.verdict.why if lived.verdict.why else ''}"
    yield from (f"  a pass ended with {error}" for error in lived.errors)
    yield from (f"  BROKEN, {kind}: {words}" for kind, words in lived.verdict.broken)


def last_line(lived: Lived) -> str:
    """What was broken, in one line."""
    return "; ".join(f"{kind}: {words}" for kind, words in lived.verdict.broken) or f"it ended {lived.verdict.end}"
