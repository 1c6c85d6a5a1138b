"""What the way of a ticket needs: connectors, ledger, policy, the admin's choices, and time. Built once, passed on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from agent.breaker import Breaker
from agent.hours import Hours
from agent.ledger import Ledger
from agent.policy import Policy
from agent.proposal import Planner
from agent.rates import SHIPPED, Rates
from connectors.contract import Helpdesk, Payments, Records

PLACE = r"^(zendesk:tag:\S+|stripe:metadata:\S+|salesforce:[A-Za-z]\w*(\.\w+)?)$"
"""Where a flag may stand."""


class Chosen(BaseModel):
    """A table of deskhand.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _one_word(tag: str) -> str:
    if tag.split() != [tag]:
        raise ValueError('a tag is one word without blanks, as in "no_deskhand"')
    return tag


Tag = Annotated[str, AfterValidator(_one_word)]
"""A tag of the helpdesk's; no blank can stand in one, so one with a blank would never be found."""


class Scope(Chosen):
    """Which tickets are ours; an empty list means all of them."""

    brands: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    without_tags: tuple[Tag, ...] = ()


class PaymentChoices(Chosen):
    """Where an order number stands in a ticket, and under which metadata key Stripe has it."""

    order_field: str | None = None
    order_pattern: str | None = None
    order_metadata_key: str = "order_id"


class Flags(Chosen):
    """Where a flag is read: zendesk:tag:NAME, salesforce:FIELD or stripe:metadata:KEY. Any text but a word for no is
    one."""

    vip: str | None = Field(None, pattern=PLACE)
    fraud: str | None = Field(None, pattern=PLACE)
    legal_hold: str | None = Field(None, pattern=PLACE)


class Replies(Chosen):
    solve_when_done: bool = False
    reopen_on_failure: bool = True
    """A solved ticket is opened again when its refund failed later, or its charge is disputed."""
    languages: tuple[str, ...] = Field(("en", "de", "fr", "es"), min_length=1)
    disclosure: dict[str, str] = Field(default_factory=dict)
    tag_prefix: str = Field("deskhand", pattern=r"^[a-z0-9_-]{1,40}$")


class Handoff(Chosen):
    """What else changes on a ticket that a person takes over; nothing, unless it is named."""

    tags: tuple[Tag, ...] = ()
    group: str | None = Field(None, pattern=r"^(\d+|00G[0-9A-Za-z]{12}([0-9A-Za-z]{3})?)$")
    priority: Literal["low", "normal", "high", "urgent"] | None = None


class Approvals(Chosen):
    """How long a yes is waited for, in hours; 0: no reminder."""

    remind_after: int = Field(4, ge=0, le=1000)
    """A colleague."""
    customer_remind_after: int = Field(24, ge=0, le=1000)
    expire_after: int = Field(72, ge=1, le=72)
    """Then a person goes on; a confirmation page is open no longer."""


class Shadow(Chosen):
    notes: bool = False
    """An internal note on each ticket says what would have been done; without it shadow mode writes nothing."""


class Choices(Chosen):
    """What the admin chose in deskhand.toml, as far as the agent's work depends on it."""

    scope: Scope = Scope()
    payments: PaymentChoices = PaymentChoices()
    flags: Flags = Flags()
    replies: Replies = Replies()
    handoff: Handoff = Handoff()
    shadow: Shadow = Shadow()
    approvals: Approvals = Approvals()
    rates: Rates = SHIPPED
    breaker: Breaker = Breaker()
    hours: Hours | None = None
    """When the desk is open; None where the admin did not say."""
    senders_checked: frozenset[str] = frozenset()
    """Helpdesks by vendor of which an admin attests that they authenticate senders (ZENDESK_SENDER_AUTH=on)."""


Together = Callable[[Sequence[Callable[[], Any]]], list[Any]]
"""Runs reads side by side and returns their results in order; the first error is raised after all have ended."""


def one_by_one(reads: Sequence[Callable[[], Any]]) -> list[Any]:
    return [read() for read in reads]


class Threads:
    """Runs reads side by side in threads."""

    def __init__(self, most: int = 16) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="read")

    def __call__(self, reads: Sequence[Callable[[], Any]]) -> list[Any]:
        if len(reads) < 2:
            return one_by_one(reads)
        waiting = [self._pool.submit(read) for read in reads[1:]]
        outcomes: list[Any] = []
        try:
            outcomes.append(reads[0]())
        finally:
            errors = [w.exception() for w in waiting]
        for error in errors:
            if error is not None:
                raise error
        return outcomes + [w.result() for w in waiting]


@dataclass(frozen=True)
class Desk:
    ledger: Ledger
    helpdesks: Mapping[str, Helpdesk]
    payments: Payments | None
    records: Records | None
    planner: Planner
    policy: Callable[[Connection], Policy | None]
    """The policy in force for the decisions of a transaction."""
    choices: Choices
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    together: Together
    public_url: str = ""
    """Where customers and colleagues reach this Deskhand."""
    crossed_modes: str | None = None
    """Why nothing may be executed here: a live key beside a sandbox, or the other way round."""
    stop_file: Path | None = None
    """While it is there, nothing is written from this machine."""

    def confirmation_link(self, wait: int, digest: str) -> str:
        """Where the customer may say yes to exactly this; empty where Deskhand has no public address."""
        return f"{self.public_url}/confirm/{self._confirmation_token(wait, digest)}" if self.public_url else ""

    def confirmation_hash(self, wait: int, digest: str) -> bytes:
        """What is kept of the link's token."""
        return hashlib.sha256(self._confirmation_token(wait, digest).encode()).digest()

    def _confirmation_token(self, wait: int, digest: str) -> str:
        return self.ledger.vault.token(f"confirm:{wait}:{digest}")

    def helpdesk(self, ref: str) -> Helpdesk:
        return self.helpdesks[ref.split(":", 1)[0]]
