"""How each ask of a ticket ended, and what a note says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.consent.waits import Wait
from agent.evidence import WHY
from agent.ground import Summary
from agent.ledger import Operation
from connectors.contract import Money, RefundReceipt

DONE = ("done", "answered")
NEEDS_A_PERSON = ("refused", "escalated", "rejected", "held", "ungrounded", "uncovered", "unsure", "declined",
                  "expired", "person", "off")
GONE = "what it stood on is no longer there"
FELL = "fell"
"""The cause where a refund was done, and fell through later; it was handed over then."""
NOT_MADE = "not_made"
"""The cause where nobody knew whether it happened, and a person looked: it did not."""
STILL = "still"
"""The cause where something that was handed over before on this ticket is still with a person."""
TOLD = "told"
"""The cause where the customer was told of what was undone since."""
NOTE_REFUSED = "the note was refused"
"""Begins the reason of what is held although it is known that it was not written."""
RESOLVE = "deskhand held resolve {} (--found ID | --not-done | --send-again) --by NAME"
"""The command that settles a held operation, by its id."""
LONGEST_QUOTE = 160
TURNS_AROUND = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C))
"""Marks that turn the direction of what follows (Unicode, "Bidirectional Algorithm")."""


@dataclass(frozen=True)
class Ending:
    """How one ask ended: done, answered, parked, or a way that needs a person."""

    how: str
    words: str
    """What it is, or was: the action, or what else was asked."""
    ask: Summary | None = None
    rule: str = ""
    """The decision behind it, in words."""
    operation: Operation | None = None
    waiting: Wait | None = None
    """Whose yes it waits for."""
    ended_by: int | None = None
    """The row of the wait that ended it."""
    unused: bool = False
    """Somebody had said yes to it before a person took the ticket over."""
    approved: str = ""
    """Who has approved it already."""
    asked_for: Money | None = None
    """The whole amount, where they approved less of it."""
    agreed: bool = False
    """It needed somebody's yes, so the same plan is told of more than once."""
    why: str = ""
    """Why it did not go on."""
    cause: str = ""
    """The same by a name: what a colleague should do next, and may say to the customer, follows from it."""
    tried: str = ""
    """What was tried before it stopped."""
    charge: str = ""
    """What it was matched to, where nothing can be done about that."""
    link: str = ""
    """Where a colleague sees it at the vendor."""

    def in_full(self) -> str:
        """What it is, how far it came and why it did not go on, except for what is told as the rule behind it."""
        words = f"{self.words}, {self.tried}" if self.approved and self.tried and not self.waiting else self.words
        if self.how == "rejected" and self.operation and isinstance(self.operation.receipt, RefundReceipt):
            words += f", made as {self.operation.receipt.id}"
        return f"{words}: {self.why}" if self.why and self.why != self.rule else words


@dataclass(frozen=True)
class Told:
    """Whether the customer was to be told, and whether the helpdesk's own record proves that they were."""

    wanted: bool
    proven: bool
    why_not: str = ""
    at: datetime | None = None
    """When, by the helpdesk's clock."""
    left: bool = False
    """Something was done that a person is to tell them of."""


def outcome(endings: list[Ending]) -> str:
    """The pass's outcome in the words of the field; what needs a person outweighs what was done."""
    ways = {e.how for e in endings}
    if "refused" in ways and not ways & {"escalated", "rejected", "held"}:
        return "refused"
    if ways & set(NEEDS_A_PERSON):
        return "handed_over"
    for way, name in (("parked", "parked"), ("draft", "parked"), ("done", "done"), ("undone", "done"),
                      ("answered", "answered")):
        if way in ways:
            return name
    return "handed_over"


def claimed(ask: Summary) -> str:
    """Why the customer is owed it and whether the books prove that; "" where nothing is claimed."""
    if ask.claim is None:
        return ""
    state = {True: "proven", False: "not proven", None: "could not be checked"}[ask.proof.proven]
    return f"{ask.claim.replace('_', ' ')}, {state}: {ask.proof.words}"


def sure(ask: Summary) -> str:
    """How sure we are who is asking."""
    return f"{WHY[ask.evidence_why]} ({ask.evidence})"


def plainly(reason: str) -> str:
    """Why a vendor refused it, without the short name that stands before it for tables."""
    name, found, said = reason.partition(": ")
    return said if found and " " not in name else reason


def sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def one_line(text: str) -> str:
    """Whatever a customer wrote into a name or a quote, a line of the note stays one line, read from left to right."""
    return " ".join(text.translate(TURNS_AROUND).split())


def quoted(text: str) -> str:
    """The customer's words, shortened; they end where our quotation marks say."""
    flat = one_line(text).replace("“", "‘").replace("”", "’")
    return f"“{flat if len(flat) <= LONGEST_QUOTE else flat[: LONGEST_QUOTE - 1].rstrip() + '…'}”"
