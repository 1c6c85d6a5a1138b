"""Past tickets: read from the helpdesk, planned and decided now as they stood then. Nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from agent import plan, scope
from agent.act import Actor
from agent.case import without_cards
from agent.consider import Considered, consider, surely_nothing
from agent.desk import Desk
from agent.facts import Facts, read_facts
from agent.plan import Drawn
from agent.policy import Policy
from agent.report.answered import compared
from agent.report.imagined import Imagined
from agent.report.lines import Line, Would, lines_of, one_per_ask, silent
from agent.report.reading import only_reading
from agent.report.then import Moment, facts_then, moments
from agent.vault import PersonKey
from connectors.contract import Charge, Comment, Conversation, NotFound, Unavailable, VendorError


@dataclass(frozen=True)
class Look:
    """What a pass would have found at one moment of a past ticket; not decided yet."""

    whole: Conversation
    """The ticket with all that happened to it until now."""
    moment: Moment
    facts: Facts | None = None
    """None when it would have kept silent before reading any."""
    new: tuple[Comment, ...] = ()
    considered: Considered | None = None
    silence: str = ""
    books: tuple[Charge, ...] | None = None
    """The requester's charges as they stand now."""

    @property
    def ref(self) -> str:
        return self.whole.ticket.ref


@dataclass
class PastTickets:
    """Reads the tickets of a period one by one; what was read so far can be decided at any time."""

    desk: Desk
    since: datetime
    until: datetime
    per_minute: int = 60
    """At most so many tickets are read a minute: the helpdesk's limits are for everybody who works there."""
    tried: int = 0
    read: int = 0
    """Those on which a customer had written."""
    looks: list[Look] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    """Tickets that could not be read, with the reason."""

    def __post_init__(self) -> None:
        self.desk = only_reading(self.desk)

    def refs(self) -> list[str]:
        """The tickets that changed in the period. Raises VendorError."""
        found: dict[str, None] = {}
        for helpdesk in self.desk.helpdesks.values():
            page = helpdesk.past(self.since, self.until)
            found |= dict.fromkeys(page.refs)
            while not page.last:
                page = helpdesk.past(self.since, self.until, after=page.after)
                found |= dict.fromkeys(page.refs)
        return list(found)

    def read_all(self, refs: Iterable[str]) -> Iterator[str]:
        """Yields each ticket once it was read. Raises Unavailable when a vendor does not let us in at all."""
        for ref in refs:
            began = self.desk.now()
            try:
                self._read(ref)
            except NotFound:
                self.unread[ref] = "it was deleted"
            except VendorError as away:
                if isinstance(away, Unavailable) and away.lasting:
                    raise
                self.unread[ref] = away.plain
            self.tried += 1
            yield ref
            rest = 60 / self.per_minute - (self.desk.now() - began).total_seconds()
            if rest > 0:
                self.desk.sleep(rest)

    def _read(self, ref: str) -> None:
        whole = without_cards(self.desk.helpdesk(ref).read(ref))
        looks = [self._look(whole, moment) for moment in moments(whole, self.since, self.until)]
        self.looks += looks
        self.read += bool(looks)

    def _look(self, whole: Conversation, moment: Moment) -> Look:
        then = moment.conversation
        found = scope.look(then, self.desk.choices.scope, moment.seen)
        if silence := found.silence or surely_nothing(self.desk, then, found.new):
            return Look(whole, moment, silence=silence, books=None if found.hands_off else self._books(then))
        now = read_facts(self.desk, then)
        facts = facts_then(now, found.new)
        considered = consider(self.desk, facts, found.new)
        if considered.away:
            raise Unavailable(considered.unsure, vendor="the model")
        return Look(whole, moment, facts, found.new, considered, books=now.charges if self.desk.payments else None)

    def _books(self, conversation: Conversation) -> tuple[Charge, ...] | None:
        """The requester's charges, by address: people may have refunded what Deskhand would not have looked at."""
        requester = conversation.requester()
        payments = self.desk.payments
        if payments is None or requester is None or not requester.email:
            return None
        return tuple(charge for payer in payments.payers(requester.email) for charge in payments.charges(payer.id))

    def lines(self, c: Connection, policy: Policy) -> list[Line]:
        """Decides what was read, in the order it happened, each knowing what would have been done before."""
        decided = Replay(self.desk, policy).lines(c, self.looks)
        return compared(one_per_ask(decided), self.desk.now())


class Replay:
    """Decides looks in order under one policy; refunds nobody would have been asked about count for later ones."""

    def __init__(self, desk: Desk, policy: Policy) -> None:
        self.vault = desk.ledger.vault
        self.ledger = Imagined(self.vault)
        self.desk = replace(desk, ledger=self.ledger, policy=lambda c: policy)

    def lines(self, c: Connection, looks: Iterable[Look]) -> list[Line]:
        """`c` only reads whose name stands for whom."""
        made: list[Line] = []
        numbers: dict[str, int] = {}
        for look in sorted(looks, key=lambda one: (one.moment.at, one.ref)):
            number = numbers.setdefault(look.ref, len(numbers) + 1)
            made += self._lines(c, number, look)
        return made

    def _lines(self, c: Connection, number: int, look: Look) -> list[Line]:
        drawn = self._drawn(c, number, look)
        money = look.silence == scope.PERSON or (drawn is not None and any(
            ask.kind != "contact_change" for ask in drawn.grounded().values()))
        self.ledger.looked_at(number, self._person(c, look), look.whole, about_money=money)
        if drawn is None or drawn.silent():
            return [silent(look.ref, look.moment.at, look.silence or "nothing is asked that Deskhand does", look.books)]
        lines = lines_of(look.ref, look.moment.at, drawn.plan, drawn.asks, look.books)
        for n, ask in drawn.grounded().items():
            if lines[n].would is Would.DONE and ask.action is not None:
                self.ledger.would_do(look.ref, self._customer(c, look), ask.action, look.moment.at)
        return lines

    def _drawn(self, c: Connection, number: int, look: Look) -> Drawn | None:
        """Decided as then; None where it would have kept silent before that."""
        at, facts, considered = look.moment.at, look.facts, look.considered
        if facts is None or considered is None or considered.nothing_asked():
            return None
        desk = replace(self.desk, now=lambda: at)
        actor = Actor(desk, number, look.ref, PersonKey(self._person(c, look), b""), self._customer(c, look), 0, at)
        return plan.draw(c, desk, actor, look.moment.seen, facts, look.new, considered.planned, considered.handles,
                         considered.unsure, "")

    def _person(self, c: Connection, look: Look) -> str:
        ticket = look.moment.conversation.ticket
        return self.vault.person_id(c, self.desk.helpdesk(ticket.ref).account, ticket.requester)

    def _customer(self, c: Connection, look: Look) -> str:
        """Whose totals a refund counts for, and whose side of a rollout it is."""
        requester = look.moment.conversation.requester()
        whose = (requester.email or "").lower() if requester else ""
        return self.vault.person_id(c, "payer", whose or look.moment.conversation.ticket.requester)
