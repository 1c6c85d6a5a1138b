"""Live tickets: what was decided when they came in, as the audit kept it, read again under each person's key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, func, select

from agent.desk import Desk
from agent.facts import Facts
from agent.plan import Plan
from agent.report.answered import compared
from agent.report.lines import Line, lines_of, one_per_ask
from agent.report.reading import only_reading
from agent.tables import audit, proposals, tickets
from agent.vault import VaultError
from connectors.contract import Charge, Comment, NotFound


@dataclass(frozen=True)
class RecordedPlan:
    """One plan as it was made and decided, with the facts that were read for it."""

    ref: str
    plan: Plan
    facts: Facts

    def answers(self) -> tuple[Comment, ...]:
        """The customer's messages that it answers."""
        return tuple(c for c in self.facts.conversation.comments() if c.id in self.plan.comments)

    def asked_at(self) -> datetime:
        """When the newest of them was written."""
        entries = self.facts.conversation.entries
        wanted = set(self.plan.comments)
        return max((entry.at for entry in entries if wanted & {c.id for c in entry.comments}),
                   default=self.facts.read_at)


@dataclass
class LiveTickets:
    """The decisions recorded in a period; `unread` are tickets whose records cannot be opened any more."""

    desk: Desk
    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        self.desk = only_reading(self.desk)
        self.unread: dict[str, str] = {}

    def recorded(self, c: Connection) -> list[RecordedPlan]:
        """Plans that were not overtaken before they ended, oldest first."""
        return [made for row in self._rows(c) if (made := self._opened(c, row)) is not None]

    def silent(self, c: Connection) -> Counter[str]:
        """How many tickets of the period were left alone, by the reason."""
        rows = c.execute(select(tickets.c.why, func.count()).where(
            tickets.c.state == "ignored", tickets.c.first_seen_at >= self.since,
            tickets.c.first_seen_at < self.until).group_by(tickets.c.why))
        return Counter({why or "no reason": number for why, number in rows})

    def _rows(self, c: Connection) -> Iterator[Any]:
        """The audit's plan beside the generation it was kept for, where that was not forgotten."""
        generation = audit.c.public["generation"].as_integer()
        return iter(c.execute(
            select(tickets.c.ref, proposals.c.person_id, audit.c.sealed, audit.c.id)
            .join(tickets, tickets.c.id == audit.c.ticket_id)
            .join(proposals, (proposals.c.ticket_id == audit.c.ticket_id) & (proposals.c.generation == generation))
            .where(audit.c.kind == "ticket.planned", audit.c.at >= self.since, audit.c.at < self.until,
                   func.coalesce(proposals.c.ending, "") != "void")
            .order_by(audit.c.id)).all())

    def _opened(self, c: Connection, row: Any) -> RecordedPlan | None:
        try:
            told = self.desk.ledger.vault.person_by_id(c, row.person_id).open(row.sealed)
        except (VaultError, KeyError) as gone:
            self.unread[row.ref] = str(gone) if isinstance(gone, VaultError) else "nobody is known for it"
            return None
        try:
            return RecordedPlan(row.ref, Plan.model_validate(told["plan"]), Facts.model_validate(told["facts"]))
        except ValidationError:
            self.unread[row.ref] = "it was recorded by another version of Deskhand"
            return None

    def lines(self, recorded: list[RecordedPlan]) -> list[Line]:
        """Grounded again on the very facts that were read then, beside what people did since."""
        made: list[Line] = []
        for one in recorded:
            asks = one.plan.asks(self.desk, one.facts, one.answers())
            made += lines_of(one.ref, one.asked_at(), one.plan, asks, self._books(one.facts))
        return compared(one_per_ask(made), self.desk.now())

    def _books(self, facts: Facts) -> tuple[Charge, ...] | None:
        """The charges that were read then, as they stand now, and newer ones of the same payer."""
        payments = self.desk.payments
        if payments is None:
            return None
        now = {charge.id: charge for payer in facts.payers for charge in payments.charges(payer.id)}
        for charge in facts.charges:
            if charge.id not in now:
                now[charge.id] = self._charge(charge)
        return tuple(now.values())

    def _charge(self, charge: Charge) -> Charge:
        assert self.desk.payments is not None, "asked only where there is a payment provider"  # noqa: S101
        try:
            return self.desk.payments.charge(charge.id)
        except NotFound:
            return charge
