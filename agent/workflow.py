"""The way of one ticket, in order: consider, plan, act, tell. One pass of it runs whenever the ticket is woken.

A pass does what the rows say and nothing they do not: it may run twice, late, or be killed between any two lines.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from psycopg.errors import ForeignKeyViolation
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from agent import aftermath, alone, audit, engine, forgotten, plan, restored, scope, tell
from agent.act import FRESH, LONGEST_PAUSE, Actor, Later, NewsCame, pause, why_off
from agent.case import without_cards
from agent.consent import answering, going_on, undoing, waits
from agent.consent.agreement import Standing, ended_by
from agent.consent.going_on import last_if_final
from agent.consent.states import STATES, State
from agent.consider import Considered, consider, surely_nothing
from agent.desk import Desk
from agent.endings import GONE, plainly
from agent.facts import Facts, read_facts, read_subscriptions, words
from agent.ground import UNREAD, Ask
from agent.ledger import Operation, TicketRow
from agent.patience import patiently
from agent.plan import Open
from agent.policy import Decision
from agent.proposal import Planned
from agent.replying import why_no_reply
from agent.scope import Look
from agent.since import Since
from agent.statements import NOTES_ON_ONE
from agent.vault import Erased, PersonKey, Tampered
from connectors.contract import Comment, Conversation, NotFound, Unavailable, VendorError

log = logging.getLogger("deskhand.workflow")

MOST_LOOKS = 4
"""How often one pass starts over because something happened while it looked."""
MOST_FAILED_PASSES = 8
"""After this many, what can be read must do: a person is told what could not."""
A_DAY_OF_PASSES = 300
"""After this many, as far as nothing was done yet and somebody is waited for, or has agreed to it."""
RECHECK = timedelta(seconds=60)
"""When the helpdesk's records are read once more for what was told: a confirmation alone is no proof."""
CLOSED = ("solved", "closed", "deleted")
DELETED = "the ticket was deleted"
UNREADABLE = "what was planned cannot be read any more"
SHUT = ("merged", "closed")
"""A helpdesk takes no more updates of such a ticket."""


def run(desk: Desk, ticket_id: int, why: str = "") -> None:
    """One pass: looks at the ticket, and leaves it served or woken for later."""
    resting: dict[int, Later] = {}
    looks = 0
    while looks < MOST_LOOKS + len(resting):  # what must wait for its vendor takes no look from what is new
        looks += 1
        with desk.ledger.begin() as c:
            row = desk.ledger.ticket(c, ticket_id, desk.now())
            if alone.taken_up(c, desk, row, resting):
                row = desk.ledger.ticket(c, ticket_id, desk.now())
        try:
            _Pass(desk, row, resting).run()
        except NewsCame:
            continue
        except Later as later:
            return _served(desk, row, min((later, *resting.values()), key=_soonest))
        except VendorError as away:
            return _failed(desk, row, away)
        if resting:
            _served(desk, row, min(resting.values(), key=_soonest))
        return None
    with desk.ledger.begin() as c:
        engine.wake(c, ticket_id, engine.AGAIN, desk.now() + engine.FIRST_DELAY)
    return None


def _soonest(later: Later) -> float:
    return later.seconds


def _served(desk: Desk, row: TicketRow, later: Later) -> None:
    with desk.ledger.begin() as c:
        desk.ledger.served(c, row.id, row.wanted)
        engine.wake_by(c, row.id, f"later: {later}"[:200], desk.now() + timedelta(seconds=later.seconds))


def _failed(desk: Desk, row: TicketRow, away: VendorError) -> None:
    """A vendor is away: the ticket rests, longer each time."""
    asked = away.retry_after if isinstance(away, Unavailable) else None
    with desk.ledger.begin() as c:
        rest = max(engine.delay(desk.ledger.failed(c, row.id)).total_seconds(), min(asked or 0, LONGEST_PAUSE))
        engine.wake(c, row.id, engine.AGAIN, desk.now() + timedelta(seconds=rest))
    log.warning("ticket %s: %s is away (%s), looking again in %.0f s", row.id, away.vendor, away.reason, rest)


@dataclass
class _Pass:
    desk: Desk
    row: TicketRow
    resting: dict[int, Later]
    """Plans of which this run could not settle something yet, and when to try it again."""
    told_held: set[str] = field(default_factory=set)
    """Operations of which it told that nobody knows whether they happened."""

    def run(self) -> None:
        conversation = self._read()
        try:
            if conversation is None:
                return self._gone()
            if restored.was_there(conversation, self.row.restored):
                self._take_up_what_was_forgotten(conversation)
            look = scope.look(conversation, self.desk.choices.scope, self.row.seen_entry, self.row.given_back,
                              self.row.taken_at)
            if self._under_way(conversation):
                return self._resume(self._actor(conversation, self.row.person_id), conversation, look)
            if self.row.recheck:
                self._recheck(conversation, look)
                raise NewsCame
            if self._heard(conversation, look):
                raise NewsCame
            if self.row.stirred and self._looked_where_the_money_is(conversation, look):
                raise NewsCame
            if silence := look.silence or surely_nothing(self.desk, conversation, look.new):
                if silence == scope.PERSON:
                    self._count_as_money(conversation)
                new = look.new if look.silence in (None, scope.PERSON) else ()
                return self._silent(silence, conversation, new, unread=look.unread)
            return self._consider(self._actor(conversation), conversation, look)
        except Erased:
            return self._forgotten(conversation)
        except Tampered as changed:
            return self._unreadable(conversation, changed)

    def _read(self) -> Conversation | None:
        """The ticket with everything written on it, card numbers masked; None when it was deleted.

        What an event told of and no pass has served is among it, but for what many passes could not be shown. Raises
        Unavailable for a ticket that an event told of before anything shows it.
        """
        row, helpdesk = self.row, self.desk.helpdesk(self.row.ref)
        upto = row.heard_at if row.wanted > row.served and row.attempts < MOST_FAILED_PASSES else None
        try:
            return without_cards(patiently(lambda: helpdesk.read(row.ref, upto=upto), self.desk.sleep))
        except NotFound as missing:
            if upto is not None and row.seen_entry is None:
                raise Unavailable(f"{row.ref} was told of and never shown", vendor=missing.vendor,
                                  reason="lagging") from missing
            return None

    def _take_up_what_was_forgotten(self, conversation: Conversation) -> None:
        """Where we told something that our rows forgot, what they hold of the ticket is settled and not gone on with.

        Raises NewsCame to look on from there, or Later.
        """
        with self.desk.ledger.begin() as c:
            seen = restored.seen(c, self.row, conversation, f"{self.desk.choices.replies.tag_prefix}_waiting")
            found = self.desk.ledger.open_proposal(c, self.row.id)
        if seen == self.row.seen_entry:
            return
        now, ledger = self.desk.now(), self.desk.ledger
        if found is not None:
            actor = replace(self._actor(conversation, self.row.person_id), stop=lambda _: restored.WENT_ON)
            for one in self._operations(actor, Open.of(found, actor.person)):
                if one.kind not in ("undo", "log_activity"):  # these are taken up by themselves
                    self._settle_forgotten(actor, one)
        with ledger.begin() as c:
            waits.alone(c, self.row.id)
            waits.end(c, [wait.id for wait in waits.of_ticket(c, self.row.id)], "void", now)
            if found is not None:
                ledger.close_proposal(c, found["id"], found["ending"] or "void", now)
            ledger.saw(c, self.row.id, seen, is_open=conversation.ticket.status not in CLOSED)
        raise NewsCame

    def _settle_forgotten(self, actor: Actor, operation: Operation) -> None:
        """What was not begun is taken up where the vendor has it, and is not begun any more where it has not."""
        if operation.state != "planned":
            actor.carry_out(operation, None)
        elif actor.done_before(operation) is None:
            with self.desk.ledger.begin() as c:
                self.desk.ledger.not_done(c, operation, "dropped", restored.WENT_ON, self.desk.now())

    def _under_way(self, conversation: Conversation) -> bool:
        """A plan is open.

        Raises NewsCame when the last one is opened again, since the helpdesk does not have what it had confirmed of it.
        """
        unlisted = set(self.row.confirmed) - {entry.operation for entry in conversation.entries}
        if unlisted and (lost := self._lost(conversation, unlisted)):
            with self.desk.ledger.begin() as c:
                self.desk.ledger.reopen_untold(c, {one.id for one in lost}, self.desk.now())
                waits.unsaid(c, {one.proposal_id for one in lost if one.position == tell.REPLY_POSITION})
            raise NewsCame
        return self.row.under_way

    def _lost(self, conversation: Conversation, unlisted: set[str]) -> list[Operation]:
        """Those that are gone; of the last plan none while an older plan was taken up, which goes first."""
        with self.desk.ledger.begin() as c:
            known = [one for id in sorted(unlisted) if (one := self.desk.ledger.opened(c, id))]
            open_ = self.desk.ledger.open_proposal(c, self.row.id)
        due = [(one, person) for one, person in known
               if open_ is None or one.position in NOTES_ON_ONE or one.proposal_id == open_["id"]]
        return [one for one, person in due if not self._actor(conversation, person.id).stands(one)]

    def _recheck(self, conversation: Conversation, look: Look) -> None:
        """What was done for an earlier requester is looked at, too."""
        looked, requester = self.desk.now(), self._requester(conversation)
        with self.desk.ledger.begin() as c:
            due = self.desk.ledger.to_recheck(c, self.row.id, looked)
        for operation, person in due:
            why_not = aftermath.MOVED if person.id != requester else why_no_reply(
                conversation, person_on_it=look.hands_off)
            aftermath.recheck(self._actor(conversation, person.id), operation, conversation, looked, why_not)

    def _actor(self, conversation: Conversation, person_id: str | None = None) -> Actor:
        """Acts for the requester, or for the one a plan was made for, under whose key everything personal is kept."""
        requester = conversation.requester()
        user = requester.id if requester else conversation.ticket.requester
        whose = (requester.email or "").lower() if requester else ""
        ledger = self.desk.ledger
        with ledger.begin() as c:
            person: PersonKey = (ledger.vault.person_by_id(c, person_id) if person_id else ledger.person(
                c, self.row, self.desk.helpdesk(self.row.ref).account, user))
            customer = ledger.vault.person_id(c, "payer", whose or user)
        return Actor(self.desk, self.row.id, self.row.ref, person, customer, self.row.wanted, conversation.read_at,
                     look_first=restored.was_there(conversation, self.row.restored))

    def _heard(self, conversation: Conversation, look: Look) -> bool:
        """Takes up a customer's answer, or that nobody answered in time; True when the plan goes on with it."""
        if not (self.row.asking or look.hands_off):
            return False
        moved = self._other_requester(conversation)
        with self.desk.ledger.begin() as c:
            if moved:
                return answering.moved(c, self.desk, self.row)
            return answering.heard(c, self.desk, self.row, conversation, look)

    def _looked_where_the_money_is(self, conversation: Conversation, look: Look) -> bool:
        """The plan that somebody is asked about is decided on anew, unless a colleague refunded it by hand.

        False where the provider cannot be read now, and the customer has written something that must not wait for it.
        """
        try:
            found = aftermath.asked_about(self._actor(conversation, self.row.person_id), conversation)
        except VendorError:
            if look.silence or surely_nothing(self.desk, conversation, look.new):
                raise
            with self.desk.ledger.begin() as c:
                engine.wake(c, self.row.id, "recheck", self.desk.now() + aftermath.LOOK_LATER)
            return False
        with self.desk.ledger.begin() as c:
            waits.looked(c, found)
            if found and not look.hands_off:
                self.desk.ledger.reopen(c, found[-1].proposal_id)
        return True

    def _count_as_money(self, conversation: Conversation) -> None:
        """What a colleague settles there may be money: a newer ticket of this requester is then not alone."""
        actor = self._actor(conversation)
        with self.desk.ledger.begin() as c:
            self.desk.ledger.about_money(c, actor.ticket_id)

    def _consider(self, actor: Actor, conversation: Conversation, look: Look) -> None:
        facts = self._facts(conversation)
        considered = consider(self.desk, facts, look.new)
        if considered.nothing_asked() and not self._left_over():
            return self._silent("nothing is asked that we do", conversation, look.new)
        return self._decide(actor, facts, look, considered)

    def _left_over(self) -> bool:
        """Silence would leave nobody to see to what the customer had said yes to."""
        with self.desk.ledger.begin() as c:
            return waits.left_over(c, self.row.id)

    def _facts(self, conversation: Conversation) -> Facts:
        """Everything, or after many failed passes what there is: the proposal then finds nothing to stand on."""
        try:
            return self._read_in_time(conversation)
        except VendorError as away:
            if self.row.attempts < MOST_FAILED_PASSES:
                raise
            return _unread(conversation, away)

    def _read_in_time(self, conversation: Conversation) -> Facts:
        """Raises Unavailable where all is too old to act on once it is read: nothing would ever be begun."""
        facts = read_facts(self.desk, conversation)
        took = self.desk.now() - conversation.read_at
        if took > FRESH:
            raise Unavailable(f"reading all that is needed takes longer than {FRESH.total_seconds():.0f} seconds",
                              vendor="the vendors", reason="slow")
        return facts

    def _facts_again(self, actor: Actor, open_: Open, conversation: Conversation) -> Facts:
        """As `_facts`; a plan of which nothing but the note is left waits for nobody, one not begun yet for a day."""
        try:
            return self._read_in_time(conversation)
        except VendorError as away:
            self._look_for_what_was_sent(actor, open_)
            if self.row.attempts < self._patience(actor, open_):
                raise
            return _unread(conversation, away)

    def _patience(self, actor: Actor, open_: Open) -> int:
        """How many passes may fail before a plan goes on without its facts."""
        if not any(item.decision or item.operation for item in open_.plan.items):
            return 0
        with self.desk.ledger.begin() as c:
            ended = ended_by(waits.of_plan(c, open_.proposal_id))
        return MOST_FAILED_PASSES if ended or self._acted(actor, open_) else A_DAY_OF_PASSES

    def _look_for_what_was_sent(self, actor: Actor, open_: Open) -> None:
        """That needs no facts, whoever else is away; what is not there is sent again only once they can be read."""
        for operation in self._operations(actor, open_):
            if operation.item is not None and operation.state in ("sent", "unknown"):
                with suppress(Later):
                    actor.look_for(operation)

    def _settle_activities(self, actor: Actor, open_: Open) -> None:
        """Without facts no contact is known, so none would be looked for when it is told."""
        for operation in self._operations(actor, open_):
            if operation.kind == "log_activity" and operation.state in ("sent", "unknown"):
                with suppress(Later):
                    actor.carry_out(operation, None)

    def _decide(self, actor: Actor, facts: Facts, look: Look, considered: Considered) -> None:
        planned = considered.planned
        read = words(facts, read_subscriptions(self.desk, facts) if _of_subscription(planned) else ())
        try:
            with self.desk.ledger.begin() as c:
                drawn = plan.draw(c, self.desk, actor, self.row.seen_entry, facts, look.new, planned,
                                  considered.handles, considered.unsure, read, self.row.given_back)
                silent = ((drawn.theirs() if self.row.asking else drawn.silent())
                          and not waits.left_over(c, self.row.id))
                kept = None if silent else plan.keep(c, self.desk, actor, self.row, facts, drawn)
        except IntegrityError as taken:  # another pass has planned this ticket meanwhile: its plan goes on
            if isinstance(taken.orig, ForeignKeyViolation):
                raise Erased("forgotten while it was planned") from taken
            raise NewsCame from taken
        if kept is None:
            return self._silent("nothing is asked that we do", facts.conversation, look.new)
        open_, operations = kept
        if drawn.in_shadow:
            return self._shadow(actor, open_)
        return self._carry_out(actor, open_, facts, drawn.grounded(), operations, hands_off=False)

    def _resume(self, actor: Actor, conversation: Conversation, look: Look) -> None:
        with self.desk.ledger.begin() as c:
            found = self.desk.ledger.open_proposal(c, self.row.id)
            if found is None:
                return self._end(c, self.row.state, self.row.why)
            policy = self.desk.policy(c)
        open_ = Open.of(found, actor.person)
        moved = self._other_requester(conversation)
        hands_off = (look.hands_off and not self._ordered(look)) or moved
        since = Since(self.desk, self.row, conversation, look, open_.plan.comments, hands_off)
        actor = replace(actor, stop=since.stop, moved=moved)
        if open_.proposal_id not in self.resting:
            self._settle(actor, open_, found["ending"])
        if found["ending"]:
            return self._undone(open_, found["ending"])
        if plan.in_shadow(self.desk, policy, open_.plan) and not self._begun(actor, open_, why_off(self.desk)):
            return self._shadow(actor, open_)
        if moved:
            with self.desk.ledger.begin() as c:
                waits.end(c, [one.id for one in waits.of_plan(c, open_.proposal_id)], "moved", self.desk.now())
        if look.silence in SHUT and not self._acted(actor, open_):
            return self._rest(actor, open_, look.silence)
        written_anew = any(comment.id not in open_.plan.comments for comment in look.new)
        if written_anew and not hands_off:
            self._read_first(actor, open_, conversation, look)
        if (hands_off or written_anew) and not self._begun(actor, open_):
            return self._void(open_, look.silence or "the requester was changed", again=not hands_off)
        facts = self._facts_again(actor, open_, conversation)
        if facts.unread:
            actor = replace(actor, blind=True)
            self._begun(actor, open_, UNREAD + facts.unread)
            self._settle_activities(actor, open_)
        answered = tuple(c for c in conversation.comments() if c.id in open_.plan.comments)
        asks = {n: one for n, one in enumerate(open_.plan.asks(self.desk, facts, answered)) if isinstance(one, Ask)}
        news = written_anew and not hands_off
        self._carry_out(actor, open_, facts, asks, self._operations(actor, open_), hands_off=hands_off, news=news)
        if news:
            raise NewsCame

    def _read_first(self, actor: Actor, open_: Open, conversation: Conversation, look: Look) -> None:
        """What the customer wrote since somebody agreed is read before anything is done on that yes.

        Raises NewsCame to go on with their answer or with a new plan, in which a yes to the same still counts. Where
        a part was done already nothing is planned anew: a person reads it.
        """
        with self.desk.ledger.begin() as c:
            waits.alone(c, self.row.id)
            operations = self.desk.ledger.operations_of(c, open_.proposal_id, actor.person)
            begun = {one.item for one in operations if one.state not in ("planned", "dropped")} - {None}
            found = [wait for wait in waits.of_plan(c, open_.proposal_id) if wait.position not in begun]
            agreed = [wait.id for wait in found if wait.state in waits.COUNTING]
            taken_back = any(wait.state == "withdrawn" for wait in waits.newest(found))
            told = open_.plan.told(operations)
            waits.free(c, [wait.id for wait in found if wait.position not in told])
            answered = answering.heard_before_acting(c, self.desk, self.row, conversation, look,
                                                     "anew" if begun else "withdrawn")
            plain = answering.changes_nothing(self.desk, conversation, look.new)
            if begun and not (answered or plain):
                waits.end(c, agreed, "anew", self.desk.now())
            if answered and not plain:
                self._drop(c, operations, STATES["anew"].why)
        if answered:
            raise NewsCame
        if begun or not (agreed or taken_back):  # taken back already by a pass that was killed before the next line
            return
        if look.silence == scope.PERSON:  # planned anew it would be a colleague's, and nobody would hear of the yes
            with self.desk.ledger.begin() as c:
                waits.end(c, agreed, "anew", self.desk.now())
            return
        for one in operations:
            if one.state in ("sent", "unknown"):
                actor.carry_out(one, None)
        self._void(open_, "", again=True)

    def _settle(self, actor: Actor, open_: Open, ending: str | None) -> None:
        """Does what was asked to be undone and, of a plan that has ended, what a person has resolved.

        What must wait for its vendor keeps nothing else waiting: its plan goes on, and is taken up for it later.
        """
        for settle in (undoing.carry_out, alone.settle) if ending else (undoing.carry_out,):
            told, later = settle(actor, open_.proposal_id)
            self.told_held |= {one.id for one in told if one.state == "held"}
            if later is not None:
                self.resting[open_.proposal_id] = min((later, self.resting.get(open_.proposal_id, later)), key=_soonest)

    def _undone(self, open_: Open, ending: str) -> None:
        """The plan was taken up only to settle something by itself: it ends as before, whatever is left of that, and
        the ticket is looked at anew.

        Unless somebody's yes took it up meanwhile to go on, or somebody resolved what was told as held.
        """
        with self.desk.ledger.begin() as c:
            waits.alone(c, self.row.id)
            found = self.desk.ledger.open_proposal(c, self.row.id)
            if (found is not None and not found["ending"]) or not self.desk.ledger.all_held(c, self.told_held):
                raise NewsCame
            self.desk.ledger.close_proposal(c, open_.proposal_id, ending, self.desk.now())
            if open_.proposal_id not in self.resting:
                engine.wake(c, self.row.id, "recheck", self.desk.now() + RECHECK)
        raise NewsCame

    def _gone(self) -> None:
        """The ticket was deleted: what was begun is settled, so that nothing stays unknown, and nobody is told."""
        self._look_no_more()
        self._ask_nobody_more("away")
        with self.desk.ledger.begin() as c:
            found = self.desk.ledger.open_proposal(c, self.row.id)
            if found is None or self.row.person_id is None:
                return self._silent("deleted", None)
            person = self.desk.ledger.vault.person_by_id(c, self.row.person_id)
        actor = Actor(self.desk, self.row.id, self.row.ref, person, self.row.person_id, self.row.wanted,
                      self.desk.now(), stop=lambda one: "" if one.released else DELETED)
        open_ = Open.of(found, person)
        self._begun(actor, open_, DELETED)
        for operation in self._operations(actor, open_):
            actor.carry_out(operation, None)
        if found["ending"]:
            return self._undone(open_, found["ending"])
        return self._void(open_, "deleted", again=False)

    def _forgotten(self, conversation: Conversation | None) -> None:
        """The requester was erased: the ticket rests. What was sent is looked up before, so that nothing is unknown.

        Raises NewsCame where it was an earlier requester.
        """
        with self.desk.ledger.begin() as c:
            row = self.desk.ledger.ticket(c, self.row.id, self.desk.now())
            if row.person_id is None or not forgotten.is_forgotten(c, self.desk, row):
                return self._silent(forgotten.WHY, conversation)
            forgotten.let_go(c, self.desk, row.id, row.person_id)
            sent = forgotten.operations_of(c, row.id, row.person_id, ("sent", "unknown"))
        for operation in sent:
            forgotten.look_up(self.desk, operation)
        with self.desk.ledger.begin() as c:
            if not forgotten.is_forgotten(c, self.desk, self.desk.ledger.ticket(c, row.id, self.desk.now())):
                raise NewsCame
        entries = conversation.entries if conversation else ()
        is_open = conversation is not None and conversation.ticket.status not in CLOSED
        with self.desk.ledger.begin() as c:
            self.desk.ledger.saw(c, self.row.id, scope.mark(entries), is_open=is_open)
            self._end(c, "ignored", forgotten.WHY)
            audit.record(c, kind="ticket.ignored", ticket=self.row.id, operation=None, at=self.desk.now(),
                         public={"why": forgotten.WHY})

    def _unreadable(self, conversation: Conversation | None, changed: Tampered) -> None:
        """The open plan does not open under its person's key: it is let go, and a person is told.

        Raises NewsCame to look on, Later, and `changed` where it is something else that does not open.
        """
        ledger, now = self.desk.ledger, self.desk.now()
        with ledger.begin() as c:
            row, found = ledger.ticket(c, self.row.id, now), ledger.open_proposal(c, self.row.id)
            whose = ledger.vault.person_by_id(c, row.person_id) if row.person_id else None
            if found is None or whose is None or whose.read(found["sealed"]) is not None:
                raise changed
            begun = [one for one in forgotten.operations_of(c, row.id, whose.id, ("planned", "sent", "unknown"))
                     if one.proposal_id == found["id"] and one.position != tell.LET_GO_POSITION]
        log.error("ticket %s: its plan %s cannot be read any more", row.id, found["id"])
        for operation in begun:
            if operation.state != "planned":
                forgotten.look_up(self.desk, operation, UNREADABLE)
        if conversation is not None:
            tell.unreadable(self._actor(conversation, whose.id), found["id"])
        with ledger.begin() as c:
            waits.alone(c, row.id)
            waits.end(c, [one.id for one in waits.of_plan(c, found["id"])], "void", now)
            for operation in begun:
                if operation.state == "planned":
                    ledger.not_done(c, operation, "dropped", UNREADABLE, now)
            ledger.close_proposal(c, found["id"], "handed_over", now)
            self._end(c, "handed_over", UNREADABLE, served=False)
            audit.record(c, kind="plan.unreadable", ticket=row.id, operation=None, at=now,
                         public={"generation": found["generation"]})
        raise NewsCame

    def _look_no_more(self) -> None:
        if self.row.recheck:
            with self.desk.ledger.begin() as c:
                self.desk.ledger.look_no_more(c, self.row.id)

    def _ask_nobody_more(self, state: State) -> None:
        with self.desk.ledger.begin() as c:
            waits.alone(c, self.row.id)
            waits.end(c, [wait.id for wait in waits.of_ticket(c, self.row.id)], state, self.desk.now())

    def _operations(self, actor: Actor, open_: Open) -> list[Operation]:
        with self.desk.ledger.begin() as c:
            return self.desk.ledger.operations_of(c, open_.proposal_id, actor.person)

    def _other_requester(self, conversation: Conversation) -> bool:
        return self._requester(conversation) != self.row.person_id

    def _requester(self, conversation: Conversation) -> str:
        """The id on our rows of whoever is the requester now."""
        with self.desk.ledger.begin() as c:
            return self.desk.ledger.vault.person_id(
                c, self.desk.helpdesk(self.row.ref).account, conversation.ticket.requester)

    def _ordered(self, look: Look) -> bool:
        """A colleague has approved it since one of them last worked on the ticket: an order to go on with it.

        Helpdesks tell whole seconds, so what was done in the second of the approval may have come after it.
        """
        if look.silence != scope.PERSON:
            return False
        with self.desk.ledger.begin() as c:
            found = self.desk.ledger.open_proposal(c, self.row.id)
            given = [wait for wait in waits.of_plan(c, found["id"]) if wait.state in waits.COUNTING] if found else []
        said = [wait.answered_at for wait in given if wait.answered_at and wait.for_whom != waits.CUSTOMER]
        return bool(said) and (look.person_at is None or look.person_at < max(said).replace(microsecond=0))

    def _begun(self, actor: Actor, open_: Open, why: str = "the ticket moved on") -> bool:
        """Drops what was not begun, but for an undo, and says why; True when something was."""
        with self.desk.ledger.begin() as c:
            operations = self.desk.ledger.operations_of(c, open_.proposal_id, actor.person)
            self._drop(c, operations, why)
        return any(operation.state not in ("planned", "dropped") and not tell.is_watching(operation.action)
                   for operation in operations)

    def _drop(self, c: Connection, operations: list[Operation], why: str) -> None:
        """Whatever is planned and not begun, but for an undo."""
        for operation in operations:
            if operation.state == "planned" and operation.kind != "undo":
                self.desk.ledger.not_done(c, operation, "dropped", why, self.desk.now())

    def _acted(self, actor: Actor, open_: Open) -> bool:
        """Something beyond our own words on the ticket was begun."""
        return any(one.item is not None and one.state not in ("planned", "dropped")
                   for one in self._operations(actor, open_))

    def _rest(self, actor: Actor, open_: Open, why: str) -> None:
        """Nothing was done, and nothing can be written here any more: whoever merged or closed the ticket goes on."""
        self._ask_nobody_more("away")
        self._begun(actor, open_, f"the ticket was {why}")
        for operation in self._operations(actor, open_):
            actor.carry_out(operation, None)
        self._void(open_, why, again=False)

    def _void(self, open_: Open, why: str, *, again: bool) -> None:
        """Forgets a plan nothing of which was begun; `again` plans anew with all that it had answered."""
        now = self.desk.now()
        with self.desk.ledger.begin() as c:
            self.desk.ledger.close_proposal(c, open_.proposal_id, "void", now)
            if again:
                self.desk.ledger.looked_back(c, self.row.id, open_.plan.seen_before)
                self.desk.ledger.ended(c, self.row.id, "new", "", now)
            else:
                waits.end(c, [one.id for one in waits.of_plan(c, open_.proposal_id)], "away", now)
                self._end(c, "ignored", why)
        if again:
            raise NewsCame

    def _carry_out(self, actor: Actor, open_: Open, facts: Facts, asks: dict[int, Ask],
                   operations: list[Operation], *, hands_off: bool, news: bool = False) -> None:
        """Does what is planned and tells it; with `news` the ticket is left due, to be looked at again."""
        acted, allowed = self._do(actor, open_, asks, operations, hands_off=hands_off)
        standing = going_on.go_on(actor, open_, facts, asks, operations, hands_off=hands_off)
        acted |= {one.operation.id: one.operation for one in standing.values() if one.operation}
        if earlier := [id for id, one in acted.items() if one.state == "done" and id not in allowed]:
            with self.desk.ledger.begin() as c:
                allowed |= self.desk.ledger.allowed_by(c, earlier)
        self.told_held |= {one.id for one in acted.values() if one.state == "held"}
        outcome = tell.tell(self.desk, actor, open_, facts, asks, acted, allowed, standing, hands_off)
        self._settle_words(actor, open_, operations)
        self._close(actor, open_, outcome, standing, news=news)

    def _settle_words(self, actor: Actor, open_: Open, before: list[Operation]) -> None:
        """Now that it is told how it stands, earlier words are looked for whose answer had been lost `before`.

        Not the notes on one operation, which are taken up by themselves.
        """
        lost = {one.id for one in before if one.kind == "ticket_update" and one.position not in NOTES_ON_ONE
                and one.state in ("sent", "unknown")}
        for operation in self._operations(actor, open_) if lost else ():
            if operation.id in lost and operation.state in ("sent", "unknown"):
                actor.overtaken(operation)

    def _do(self, actor: Actor, open_: Open, asks: dict[int, Ask], operations: list[Operation], *,
            hands_off: bool) -> tuple[dict[str, Operation], dict[str, str]]:
        """What needs nobody's yes; every operation as it then stands, and which decision each was done on."""
        acted = {operation.id: operation for operation in operations}
        allowed: dict[str, str] = {}
        for n, item in sorted(enumerate(open_.plan.items), key=lambda one: last_if_final(asks.get(one[0]))):
            if item.how == "go" and (operation := acted.get(item.operation or "")):
                after, decision = self._act(actor, open_, operation, asks.get(n), hands_off=hands_off)
                acted[after.id] = after
                allowed |= {after.id: decision.in_words()} if decision else {}
        return acted, allowed

    def _close(self, actor: Actor, open_: Open, outcome: str, standing: dict[int, Standing], *, news: bool) -> None:
        """Ends the plan for now, and wakes the ticket for whatever comes next of it."""
        now = self.desk.now()
        waiting = {one.waiting.id for one in standing.values() if one.waiting}
        with self.desk.ledger.begin() as c:
            self.desk.ledger.close_proposal(c, open_.proposal_id, outcome, now)
            if standing:
                waits.not_needed(c, open_.proposal_id, waiting, now)
            answered = waits.answered(c, waiting) or not self.desk.ledger.all_held(c, self.told_held)
            if answered:  # while it was still being told that somebody is waited for, or must look: it goes on at once
                self.desk.ledger.reopen(c, open_.proposal_id)
            elsewhere = any(one.ended and one.ended.state == "elsewhere" for one in standing.values())
            self._end(c, outcome, aftermath.BY_HAND if elsewhere else "", served=not (news or answered))
            if elsewhere:
                aftermath.step_back(c, actor)
            engine.wake(c, self.row.id, "recheck", now + RECHECK)
            if (tried := self.desk.ledger.unwritten(c, open_.proposal_id)) is not None:
                engine.wake(c, self.row.id, "later: the CRM activity is not written yet",
                            now + timedelta(seconds=pause(tried)))
            for moment in waits.next_looks(c, self.row.id) if standing else ():
                engine.wake(c, self.row.id, "an answer is due", moment)
            audit.record(c, kind="ticket.told", ticket=self.row.id, operation=None, at=now,
                         public={"outcome": outcome, "generation": open_.generation})
        if answered:
            raise NewsCame

    def _act(self, actor: Actor, open_: Open, operation: Operation, ask: Ask | None, *,
             hands_off: bool) -> tuple[Operation, Decision | None]:
        ledger, now = self.desk.ledger, self.desk.now()
        if _may_try_again(operation, ask, hands_off) and ask and actor.operation_of(ask) == operation.id and ask.action:
            # The record had changed under us: the same change is tried on what it holds now.
            with ledger.begin() as c:
                again = ledger.plan(c, ref=self.row.ref, ticket_id=self.row.id, proposal_id=open_.proposal_id,
                                    action=ask.action, position=operation.position, person=actor.person, now=now)
            operation = again if again.id == operation.id else operation
        if operation.state == "planned" and ask is None:
            with ledger.begin() as c:
                return ledger.not_done(c, operation, "dropped", GONE, now), None
        return actor.carry_out(operation, ask)

    def _silent(self, name: str, conversation: Conversation | None, new: Sequence[Comment] = (), *,
                unread: bool = False) -> None:
        """No note, no tag. What an earlier pass reached stands; what is left `unread` a later one may take up.

        A colleague who is asked is to read what is `new` before they answer.
        """
        keeps = self.row.state not in ("new", "ignored") or self.row.why == forgotten.WHY
        entries = conversation.entries if conversation and not unread else ()
        is_open = conversation is not None and conversation.ticket.status not in CLOSED
        now = self.desk.now()
        with self.desk.ledger.begin() as c:
            if new:
                waits.alone(c, self.row.id)
                if not self.row.under_way and self.desk.ledger.open_proposal(c, self.row.id):
                    raise NewsCame  # somebody has pressed meanwhile: what is new is read before that is acted on
            self.desk.ledger.saw(c, self.row.id, scope.mark(entries), is_open=is_open)
            if conversation and new and (comment := answering.to_be_read(self.desk, conversation, new)):
                waits.wrote(c, self.row.id, comment)
            self._end(c, self.row.state if keeps else "ignored", self.row.why if keeps else name)
            audit.record(c, kind="ticket.ignored", ticket=self.row.id, operation=None, at=now, public={"why": name})

    def _shadow(self, actor: Actor, open_: Open) -> None:
        """Acts on nothing; what would have been done lies in the ledger, and where the admin wants it in a note."""
        now = self.desk.now()
        with self.desk.ledger.begin() as c:
            self._drop(c, self.desk.ledger.operations_of(c, open_.proposal_id, actor.person), "shadow mode")
        noted = self.desk.choices.shadow.notes and not self.desk.crossed_modes
        if noted:
            tell.watched(actor, open_)
        with self.desk.ledger.begin() as c:
            self.desk.ledger.close_proposal(c, open_.proposal_id, "shadow", now)
            waits.not_needed(c, open_.proposal_id, (), now)
            self._end(c, tell.would_be(open_.plan), f"shadow: {'only a note' if noted else 'nothing'} was written",
                      shadow=True)

    def _end(self, c: Connection, state: str, why: str, *, served: bool = True, shadow: bool = False) -> None:
        """Writes how the pass ended, and that the reasons it was woken for are served."""
        log.info("%s: %s%s", self.row.ref, state.replace("_", " "), f" ({why})" if why else "")
        self.desk.ledger.ended(c, self.row.id, state, why, self.desk.now(), shadow=shadow,
                               served=self.row.wanted if served else None)


def _unread(conversation: Conversation, away: VendorError) -> Facts:
    return Facts(conversation=conversation, read_at=conversation.read_at,
                 unread=f"{away.vendor.capitalize()}: {plainly(away.plain).rstrip('.')}")


def _of_subscription(planned: Planned | None) -> bool:
    """Something is asked beside our actions, and it sounds like ending or changing a subscription."""
    asked = " ".join(planned.proposal.uncovered).lower() if planned else ""
    return any(word in asked for word in ("subscri", "cancel", "membership", "renew"))


def _may_try_again(operation: Operation, ask: Ask | None, hands_off: bool) -> bool:
    return bool(operation.in_conflict and not operation.given_up and ask and not hands_off)
