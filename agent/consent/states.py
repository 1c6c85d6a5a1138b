"""Every state of a wait, in one table: how what was asked ends with it, and what people read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["open", "given", "used", "declined", "called_off", "unclear", "expired", "person", "late", "anew",
                "unasked", "unused", "moved", "away", "elsewhere", "withdrawn", "replaced", "void"]
Ends = Literal["declined", "expired", "person", "escalated"]


@dataclass(frozen=True)
class Meaning:
    ends: Ends | None = None
    """How the ask ends that waited for this yes; None where this state alone does not end it."""
    why: str = ""
    """Why, for a colleague; `{who}` is whom was waited for."""
    pressed: str = "It is no longer waited for."
    """What a colleague reads who answers all the same."""


STATES: Mapping[State, Meaning] = {
    "open": Meaning(),  # nobody has answered yet
    "given": Meaning(),  # a yes that nothing was begun on yet
    "used": Meaning(),  # a yes that its one operation was begun on, or its one answer is given on
    "declined": Meaning("declined", "{who} said no"),
    "called_off": Meaning("declined", "the customer said no meanwhile",  # while a colleague was asked
                          "The customer has said no meanwhile; a person reads it."),
    "unclear": Meaning("expired", "the customer answered neither yes nor no"),  # twice, or too often asked today
    "expired": Meaning("expired", "{who} did not answer in time", "The time to answer is up; a person takes over."),
    "person": Meaning("person", "the customer asks for a person"),
    "late": Meaning("expired", "the yes was too old by the time it could be done",  # expired after it was given
                    "The yes came too long ago to be acted on; a person takes over."),
    "anew": Meaning("escalated", "the customer wrote again before it was done",  # and a part was done already
                    "The customer wrote again before it was done; a person reads it."),
    "unasked": Meaning("escalated", "the customer could not be asked"),  # not recorded as sent; sealed with why
    "unused": Meaning("escalated", "the customer's yes proves nothing any more"),  # sealed with why
    "moved": Meaning("escalated", "the requester was changed"),
    "away": Meaning("escalated", "a person took the ticket over", "A person has taken the ticket over."),
    # Not ended for good: each pass looks anew whether that refund still stands.
    "elsewhere": Meaning(pressed="A colleague refunded it by hand at the payment provider; nobody is asked any more."),
    "withdrawn": Meaning(),  # a yes, before the customer wrote something else and before it was used
    "replaced": Meaning(),  # the customer wrote something else, and a newer plan does not ask for it
    "void": Meaning(),  # something else is asked by now, or nothing
}

ENDINGS: Mapping[State, Ends] = {state: meaning.ends for state, meaning in STATES.items() if meaning.ends}
"""States that end the ask, and how."""
