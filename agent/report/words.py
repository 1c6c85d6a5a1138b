"""What a report says to people, for the shell and for the page."""

from __future__ import annotations

from collections.abc import Iterable

from agent.report.lines import Disagreement, Line, People, Would
from agent.report.summary import Report, lasted, middle, total
from connectors.contract import Money

DISAGREEMENTS = {
    Disagreement.WOULD_PAY: "Deskhand would have paid; people did not, or paid less",
    Disagreement.HELD_BACK: "People paid; Deskhand would have asked, refused or left it to people",
    Disagreement.DIFFERS: "People paid another amount or another charge",
}
PEOPLE = {
    People.SAME: "the same", People.OTHER_AMOUNT: "another amount", People.OTHER_CHARGE: "another charge",
    People.NOTHING: "nothing", People.NOT_YET: "nothing yet", People.BY_DESKHAND: "Deskhand did",
    People.NOT_KNOWN: "not known",
}
ROLES = {"agent": "a colleague", "lead": "a lead", "finance": "finance"}
KINDS = {"refund": "refunds", "contact_change": "changes of contact details", "status_answer": "questions where the "
         "money is", "unclear": "not clear what is asked"}


def would(what: Would, approve_by: str | None) -> str:
    """"ask the customer and a lead"."""
    role = ROLES.get(approve_by or "", "a colleague")
    return {
        Would.DONE: "do it without asking", Would.ANSWERED: "answer", Would.CONFIRM: "ask the customer",
        Would.APPROVE: f"ask {role}", Would.BOTH: f"ask the customer and {role}",
        Would.DRAFT: "prepare it for a colleague", Would.REFUSED: "refuse: a person answers",
        Would.HANDED_OVER: "hand it to a person", Would.SILENT: "keep silent",
    }[what]


def deskhand(line: Line) -> str:
    """"USD 18.00: do it without asking"."""
    said = would(line.would, line.approve_by)
    return f"{line.money}: {said}" if line.money else said


def people(line: Line) -> str:
    """"USD 9.00 after 5 h"."""
    if line.paid is None or line.took is None:
        return {People.NOTHING: "nothing within 7 days", People.NOT_YET: "nothing yet"}.get(
            line.people, PEOPLE[line.people])
    where = f" of {line.paid_on}" if line.people is People.OTHER_CHARGE else ""
    return f"{line.paid}{where} after {lasted(line.took)}"


def why(line: Line) -> str:
    return ", ".join(line.rules) or line.because


def number(line: Line) -> str:
    """"#12"."""
    return "#" + line.ref.rsplit(":", 1)[-1]


def money(moneys: Iterable[Money]) -> str:
    return ", ".join(str(one) for one in moneys) or "–"


def title(report: Report) -> str:
    what = "Past tickets" if report.source == "past" else "Live tickets"
    return f"{what}, {report.since:%d %b %Y} to {report.until:%d %b %Y} (UTC)"


def basis(report: Report) -> str:
    if report.source == "past":
        return f"Read from the helpdesk and decided now, as they stood then, by {report.policy}. Nothing was written."
    return f"As decided and recorded when they came in, by {report.policy}." if report.lines else ""


def claim(name: str | None) -> str:
    """"not received"."""
    return name.replace("_", " ") if name else "no claim"


def count(number: int, what: str) -> str:
    """"1 ticket", "2 tickets"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def asked(report: Report) -> str:
    """How many wrote, what they asked for, and how soon people answered it."""
    if not report.tickets:
        return "No customer wrote on a ticket of Deskhand's in this time, so there is nothing to compare."
    found = total(report.refunds())
    if not found.count:
        return f"Customers wrote on {count(report.tickets, 'ticket')}; none asked for a refund. {waits(report)}".strip()
    return (f"Customers wrote on {count(report.tickets, 'ticket')} and asked for {count(found.count, 'refund')} "
            f"({money(found.asked)}). {waits(report)}")


def agreement(report: Report) -> str:
    """What to say where no disagreement is known."""
    if any(line.people is People.NOT_YET for line in report.refunds()):
        return "Nowhere do the two disagree so far; people have 7 days for each, and some are still open."
    return "Nowhere do the two disagree."


def waits(report: Report) -> str:
    found = report.waits()
    half = middle(found)
    if half is None:
        return "People refunded nothing that was asked for." if report.refunds() else ""
    if len(found) == 1:
        return f"People answered 1 ask with a refund, after {lasted(half)}."
    return f"People answered {len(found)} asks with a refund: half within {lasted(half)}, the slowest after " \
           f"{lasted(found[-1])}."
