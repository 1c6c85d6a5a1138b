"""Puts a report together, over past tickets or over live ones, with why its numbers are an estimate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from agent.policy import Policy
from agent.report.lessons import lessons
from agent.report.lines import Line
from agent.report.live import LiveTickets
from agent.report.past import PastTickets
from agent.report.summary import Report
from connectors.contract import Helpdesk

OF_PAST = (
    "Charges, refunds, disputes and the ticket itself are taken back to the moment of the message; flags, invoices, "
    "contacts and tags of people are as they stand today, but for contact details that the message itself gives.",
    "The daily and monthly totals are counted anew in order, beginning at nothing: what would have been refunded "
    "without asking counts for every later ticket.",
    "People's answers and refunds show only afterwards: what Deskhand would have told the customer may have changed "
    "what the customer wrote next.",
)
OF_LIVE = (
    "Each ticket was decided alone: in shadow mode nothing is refunded, so nothing counts for the totals of later "
    "tickets.",
)


def past_report(c: Connection, reading: PastTickets, policy: Policy, name: str, *, of: int) -> Report:
    """`of`: how many tickets there are to read; fewer read means that the reading was stopped."""
    lines = _linked(reading.desk.helpdesk, reading.lines(c, policy))
    done = reading.tried
    stopped = f"It was stopped early: {done} of {of} tickets were read, and the numbers cover only those." \
        if done < of else ""
    return Report("past", reading.since, reading.until, reading.desk.now(), name, lines, reading.read, _silent(lines),
                  tuple(sorted(reading.unread.items())), (), OF_PAST, stopped)


def in_force_then(versions: Sequence[int]) -> str:
    """"the policy in force at the time (versions 1, 2)"."""
    if not versions:
        return "no policy yet"
    return f"the policy in force at the time ({'version' if len(versions) == 1 else 'versions'} " \
           f"{', '.join(map(str, versions))})"


def live_report(c: Connection, live: LiveTickets) -> Report:
    recorded = live.recorded(c)
    lines = _linked(live.desk.helpdesk, live.lines(recorded))
    silent = live.silent(c)
    versions = sorted({item.decision.version for one in recorded for item in one.plan.items if item.decision})
    name = in_force_then(versions)
    tickets = len({one.ref for one in recorded}) + silent.total()
    return Report("live", live.since, live.until, live.desk.now(), name, lines, tickets, silent,
                  tuple(sorted(live.unread.items())), lessons(c, live.desk, live.since, live.until), OF_LIVE)


def _silent(lines: tuple[Line, ...]) -> Counter[str]:
    return Counter(line.because for line in lines if line.kind == "none")


def _linked(helpdesk: Callable[[str], Helpdesk], lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(replace(line, link=helpdesk(line.ref).link(line.ref)) for line in lines)
