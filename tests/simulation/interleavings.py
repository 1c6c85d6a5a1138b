"""Anything after anything: several tickets, customers, colleagues, a person in Stripe's dashboard, and the clock.

A hypothesis state machine. Each rule is something that people, vendors or time do; the promises are checked after each
step, and once more a week after the last.
"""

from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from agent import erasing, switch
from agent.consent import approval, confirming, taking_over, undoing
from agent.consent.approval import Colleague, NotNow
from agent.consent.shown import Card
from agent.consent.state import Viewer, state_of
from agent.consent.waits import CUSTOMER, Wait, of_ticket
from agent.proposal import Case
from agent.tables import operations, proposals, tickets, waits
from connectors.contract import ContactReceipt, VendorError
from connectors.standin import Fault
from connectors.stripe.standin.refusals import Refusal
from tests.conftest import Reused
from tests.journeys.office import AGENT, DANA, ERIN, POLICY, Scripted, execute, refund, without_rule
from tests.journeys.racing import NO_BREAKER
from tests.simulation.asks import Ask, cents
from tests.simulation.moments import Moments, Shifted
from tests.simulation.promises import ASKED, ASKED_ON_PAGE, Promises, Yes

STEPS = 30
"""So many of a run must have done something for it to count."""
TRIED = 40
"""So many are tried, since nothing comes of some."""
WEEK = 7
MOST_TICKETS = 5
CUSTOMERS = (DANA, ERIN)
MIA, LENA, FINN = Colleague("79", "Mia", "agent"), Colleague("77", "Lena Lead", "lead"), Colleague(
    "78", "Finn", "finance")
POLICIES: Mapping[str, str] = {
    "shipped": execute(POLICY), "stricter": execute(POLICY).replace("auto: 25", "auto: 5"),
    "looser": without_rule(execute(POLICY).replace("auto: 25", "auto: 50"), "older-money-ticket"),
    "draft": POLICY.replace("mode: shadow", "mode: draft")}
"""What may be published; each is proven against never.yaml as shipped."""
TWICE = {"1": 1_800, "2": 2_100, "3": 4_700, "4": 18_000, "5": 60_000, "6": 1_900}
"""Orders that were charged twice, by the last digit of their number, and what for."""
ONCE, GOODWILL = "9", 1_500
"""An order that was charged once, for 60.00, and what is asked back of it."""
FAULTS = ("500_before", "500_after", "timeout_before", "timeout_after", "reset_before", "reset_after", "429", "slow",
          "malformed_200", "truncated_200", "html_200", "empty_200", "phantom_200", "phantom_200", "phantom_200",
          "stale_read", "auth_lost")
EVENTS = st.sampled_from(["now", "now", "now", "now", "later", "lost", "twice"])
"""What becomes of an event."""
WHICH = st.integers(0, 11)


def planned(case: Case) -> dict[str, Any]:
    """Reads the customers of these runs: a model that understands every word they say."""
    text, actions = case.asked(), []
    for order in dict.fromkeys(re.findall(r"charged twice for order (\d+)", text)):
        actions.append(refund(_last(case, order), quote=f"charged twice for order {order}"))
    for amount, order in dict.fromkeys(re.findall(r"Could I get ([\d.]+) back for order (\d+)", text)):
        actions.append(refund(_last(case, order), amount=amount, claim="goodwill", quote=f"{amount} back"))
    for number in dict.fromkeys(re.findall(r"my new number is (\+49 30 \d+)", text)):
        actions.append({"kind": "contact_change", "contact": "k1", "field": "phone", "value": number,
                        "quote": f"my new number is {number}"})
    return {"actions": actions} if actions else {"nothing_asked": True}


def _last(case: Case, order: str) -> str:
    return next((one.handle for one in reversed(case.charges) if one.order == order), "c99")


def customer_is_asked(desks: Desks) -> bool:
    return bool(desks.asked)


def colleague_is_asked(desks: Desks) -> bool:
    return any(wait.for_whom != CUSTOMER for wait in desks.open)


def is_ours(made: Mapping[str, Any]) -> bool:
    """A refund that Deskhand made, and no person."""
    return bool(made["metadata"].get("op_id"))


def often(when: Callable[[Any], bool], does: Callable[..., None], **drawn: Any) -> tuple[Any, ...]:
    """Three rules of the same kind: what leads to money happens more often than what stops it."""
    return tuple(precondition(when)(rule(**drawn)(does)) for _ in range(3))  # type: ignore[no-untyped-call]


class Desks(RuleBasedStateMachine):
    """One office and everything that may happen to it; a subclass says on which database and helpdesk."""

    reused: ClassVar[Reused]
    helpdesk: ClassVar[str]
    met: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.reused.empty()
        self.did: Counter[str] = Counter()
        """How often each rule did something in this run."""
        self.rule = ""
        self.moments = Moments()
        script = Scripted()
        script.always = planned
        self.office = Shifted(self.reused.lent().engine, self.helpdesk, self.moments, planner=script,
                              choices=NO_BREAKER)
        self.promises = Promises(self.office)
        self.promises.phones = self.promises.numbers()
        self.office.begins, self.office.written = self.promises.begins, self.promises.written
        self.tickets: list[tuple[Any, str]] = []
        self.later: list[Any] = []
        self.numbers = 0
        self.open: list[Wait] = []
        self.asked: list[tuple[Any, str]] = []
        """Tickets on which a customer is asked for a yes, and which customer."""
        self.theirs: list[Any] = []
        """Tickets that a colleague has from Deskhand."""
        self.faults: list[tuple[Fault, int]] = []
        """What vendors are to fail with, and how often."""
        self._customers_pay()
        self._publish("shipped")

    def _customers_pay(self) -> None:
        self.charges: dict[str, str] = {}
        for n, who in enumerate(CUSTOMERS, 1):
            for digit, amount in TWICE.items():
                order = f"10{n}{digit}"
                both = tuple(self.office.charge(amount, email=who, ago=ago, order=order) for ago in ("-2h", "-110m"))
                self.charges[order] = both[1]
                self.promises.pairs |= dict.fromkeys(both, both)
            order = f"10{n}{ONCE}"
            self.charges[order] = self.office.charge(6_000, email=who, ago="-3h", order=order)
            self.promises.pairs[self.charges[order]] = (self.charges[order],)

    def _stepped(self, name: str) -> None:
        self.office.clock.forward(seconds=1)  # two questions are never of one moment
        self.promises.step += 1
        self.rule = name
        self.did[name] += 1

    def _came_of_it(self, something: bool) -> None:
        """A rule that did nothing was no step."""
        if not something:
            self.did[self.rule] -= 1
            self.met[f"in vain: {self.rule}"] += 1

    # Tickets that can still be written on.

    def alive(self) -> list[tuple[Any, str]]:
        return [one for one in self.tickets if one[0] not in self.promises.excused]

    def _ticket(self, which: int) -> tuple[Any, str]:
        alive = self.alive()
        return alive[which % len(alive)]

    def _happened(self, ticket: Any, heard: str) -> None:
        """The helpdesk sends an event of it, which arrives in this way."""
        event = self.office.delivery(ticket)
        if heard == "later":
            self.later.append(event)
        for _ in range({"now": 1, "twice": 2}.get(heard, 0)):
            self.office.keeps(event)
        self.met[f"event: {heard}"] += 1
        if heard in ("now", "twice"):
            self._work()
            if not self._is_disturbed() and not self._is_under_way(ticket):
                self.promises.looked_at(ticket)

    def _is_under_way(self, ticket: Any) -> bool:
        """A plan that rests is gone on with before anything new is read."""
        with self.office.engine.begin() as c:
            return c.execute(select(proposals.c.id).join(tickets, tickets.c.id == proposals.c.ticket_id).where(
                tickets.c.ref == self.office.ref(ticket), proposals.c.closed_at.is_(None))).first() is not None

    def _is_disturbed(self) -> bool:
        """Something may have kept the last pass from its end."""
        return bool(self.moments.dies_in or self.moments.happens_in or any(fault.times for fault, _ in self.faults))

    def _work(self) -> None:
        killed = self.moments.met["a pass was killed"]
        self.office.works()
        if self.moments.met["a pass was killed"] > killed:
            self.office.clock.forward(seconds=30)
            self.office.works()

    # Customers.

    def _asks(self, ticket: Any, who: str, what: str) -> str:
        """The words of an ask, written down."""
        n = CUSTOMERS.index(who) + 1
        if what == "phone":
            self.numbers += 1
            number = f"+49 30 9{self.numbers:06d}"
            self.promises.asked(Ask(ticket, who, phone=number))
            return f"Hi, my new number is {number}."
        order = f"10{n}{what}"
        if what == ONCE:
            self.promises.asked(Ask(ticket, who, charge=self.charges[order], amount=GOODWILL))
            return f"Could I get {GOODWILL / 100:.2f} back for order {order}?"
        self.promises.asked(Ask(ticket, who, charge=self.charges[order], amount=TWICE[what], proven=True))
        return f"I was charged twice for order {order}, please refund the second one."

    ASKS = st.sampled_from([*TWICE, "1", "2", "3", "4", ONCE, "phone", "phone"])

    @initialize(first=ASKS, second=ASKS)
    def two_customers_ask(self, first: str, second: str) -> None:
        for who, what in zip(CUSTOMERS, (first, second), strict=True):
            self._asks_anew(who, (what,), "now")

    @precondition(lambda self: len(self.tickets) < MOST_TICKETS)
    @rule(who=st.sampled_from(CUSTOMERS), what=ASKS, also=st.sampled_from(["", "", "", "phone"]), heard=EVENTS)
    def a_customer_asks(self, who: str, what: str, also: str, heard: str) -> None:
        self._stepped("a customer asks")
        self._asks_anew(who, (what, also), heard)

    def _asks_anew(self, who: str, whats: tuple[str, ...], heard: str) -> None:
        words = [self._asks(None, who, what) for what in whats if what]
        ticket = self.office.writes("\n".join(words), who)
        for ask in self.promises.asks:
            ask.ticket = ask.ticket or ticket
        self.tickets.append((ticket, who))
        self.office.clock.forward(seconds=5)
        self._happened(ticket, heard)

    @rule(which=WHICH, what=st.sampled_from(["", "", "1", "2", "6", ONCE, "phone"]), heard=EVENTS)
    def a_customer_writes_again(self, which: int, what: str, heard: str) -> None:
        self._stepped("a customer writes again")
        ticket, who = self._ticket(which)
        words = self._asks(ticket, who, what) if what else "Hello, are there any news about this please?"
        self._writes(ticket, who, words, heard)

    def _writes(self, ticket: Any, who: str, words: str, heard: str) -> None:
        self.office.clock.forward(minutes=2)
        self.office.writes(words, who, ticket=ticket)
        self.office.clock.forward(seconds=5)
        self._happened(ticket, heard)

    def _of(self, ticket: Any) -> list[Wait]:
        id = self._row(ticket)
        return [wait for wait in self.open if wait.ticket_id == id]

    def _row(self, ticket: Any) -> int | None:
        with self.office.engine.begin() as c:
            return c.execute(select(tickets.c.id).where(tickets.c.ref == self.office.ref(ticket))).scalar()

    SAID = st.sampled_from(["YES", "YES", "YES", "Yes please", "No", "yes but only if it is quick", "person"])

    def _answers(self, which: int, said: str, heard: str) -> None:
        self._stepped("a customer answers")
        ticket, who = self.asked[which % len(self.asked)]
        if said in ("YES", "Yes please"):
            self._yes(ticket)
        elif said in ("No", "person"):
            self._no(ticket)
        self._writes(ticket, who, said, heard)

    a_customer_answers, a_customer_answers_soon, a_customer_answers_late = often(
        customer_is_asked, _answers, which=WHICH, said=SAID, heard=EVENTS)

    def _yes(self, ticket: Any, amounts: Iterable[str] | None = None) -> None:
        """To these, or to all that the latest question named."""
        named = next((found for body in reversed(self.office.replies(ticket)) if (found := ASKED.findall(body))), ())
        agreed = Counter(map(cents, named if amounts is None else amounts))
        self.promises.said.append(Yes(ticket, agreed, "customer", self.promises.step))
        self.met["yes"] += 1

    def _no(self, ticket: Any) -> None:
        """What they were asked about is over; what colleagues look at goes on."""
        self.met["no"] += 1
        charges = {wait.target for wait in self._of(ticket) if wait.for_whom == CUSTOMER}
        for ask in self.promises.asks:
            if ask.ticket == ticket and ask.charge in charges and ask.ended is None:
                ask.ended = self.promises.step

    @precondition(customer_is_asked)
    @rule(which=WHICH, typed=st.sampled_from(["4242", "4242", "4242", "0000", "yes"]))
    def a_customer_opens_the_page(self, which: int, typed: str) -> None:
        self._stepped("a customer opens the page")
        ticket, _ = self.asked[which % len(self.asked)]
        pages = [one for body in self.office.replies(ticket) for one in ASKED_ON_PAGE.findall(body)]
        self._came_of_it(bool(pages) and self._confirms(ticket, pages[-1], typed))
        self._work()

    def _confirms(self, ticket: Any, page: tuple[str, str], typed: str) -> bool:
        amount, link = page
        if confirming.confirm(self.office.desk, link, typed).stage is not confirming.Stage.CONFIRMED:
            return False
        self._yes(ticket, (amount,))
        self.met["yes on the page"] += 1
        return True

    # Colleagues.

    def _approving(self, which: int, by: Colleague, less: int) -> None:
        self._stepped("a colleague approves")
        self._came_of_it(self._approves(which, by, less))
        self._work()

    a_colleague_approves, a_lead_approves, somebody_approves = often(
        colleague_is_asked, _approving, which=WHICH, by=st.sampled_from([MIA, LENA, LENA, FINN, FINN]),
        less=st.sampled_from([0, 0, 0, 400]))

    def _approves(self, which: int, by: Colleague, less: int) -> bool:
        """What they see on the card, or less of it."""
        waiting = [wait for wait in self.open if wait.for_whom != CUSTOMER]
        if not waiting:
            return False
        wait = waiting[which % len(waiting)]
        ticket, _ = self._waited(wait)
        card = self._card(ticket, wait, by)
        if card is None:
            return False
        shown = card.amount.minor if card.amount else 0
        amount = shown - less if less and shown > less else None
        try:
            approval.approve(self.office.desk, card.wait, card.digest, by, amount)
        except NotNow as no:
            self.met[f"not approved: {no.name}"] += 1
            return False
        self.met["approved less" if amount else "approved"] += 1
        self.promises.said.append(Yes(ticket, Counter([amount or shown]), str(by.role), self.promises.step))
        return True

    def _card(self, ticket: Any, wait: Wait, by: Colleague) -> Card | None:
        """As the sidebar shows it; None where it shows none any more."""
        shown = state_of(self.office.desk, self.office.ref(ticket), Viewer(by, admin=False))
        return next((card for card in shown.cards if card.wait == wait.id), None)

    def _waited(self, wait: Wait) -> tuple[Any, list[Ask]]:
        """On which ticket, and for which asks."""
        ticket = next(one for one, _ in self.tickets if self._row(one) == wait.ticket_id)
        return ticket, [ask for ask in self.promises.asks if ask.ticket == ticket and (ask.charge == wait.target or (
            ask.phone and wait.target not in self.promises.pairs))]

    @precondition(colleague_is_asked)
    @rule(which=WHICH, by=st.sampled_from([MIA, LENA]))
    def a_colleague_declines(self, which: int, by: Colleague) -> None:
        self._stepped("a colleague declines")
        waiting = [wait for wait in self.open if wait.for_whom != CUSTOMER]
        wait = waiting[which % len(waiting)]
        _, asks = self._waited(wait)
        try:
            approval.decline(self.office.desk, wait.id, wait.shown, by, "it was agreed otherwise")
        except NotNow:
            self._came_of_it(False)
        else:
            self.met["declined"] += 1
            for ask in asks:
                ask.ended = self.promises.step
        self._work()

    @precondition(lambda self: self.promises.ours)
    @rule(which=WHICH, by=st.sampled_from([MIA, LENA, FINN]), edited=st.booleans())
    def a_colleague_takes_a_change_back(self, which: int, by: Colleague, edited: bool) -> None:
        """Perhaps somebody edited it a moment before."""
        self._stepped("a colleague takes a change back")
        if edited:
            self._edits(which)
        self._came_of_it(self._takes_back(which, by) or edited)
        self._work()

    def _takes_back(self, which: int, by: Colleague) -> bool:
        with self.office.engine.begin() as c:
            ids = c.execute(select(operations.c.id).where(
                operations.c.kind == "contact_change", operations.c.state == "done").order_by(operations.c.id)
                ).scalars().all()
            done = self.office.desk.ledger.operation(c, ids[which % len(ids)]) if ids else None
        if done is None or not isinstance(done.receipt, ContactReceipt):
            return False
        try:
            undoing.undo(self.office.desk, done.id, undoing.receipt_digest(self.office.desk, done), by)
        except NotNow as no:
            self.met[f"not taken back: {no.name}"] += 1
            return False
        self.met["undo asked for"] += 1
        self.promises.undo_asked[str(done.receipt.after["phone"])] += 1
        return True

    def free(self) -> list[Any]:
        """Tickets that no colleague has from Deskhand."""
        return [ticket for ticket, _ in self.alive() if ticket not in self.theirs]

    @precondition(lambda self: self.free())
    @rule(which=WHICH, by=st.sampled_from([MIA, LENA]))
    def a_colleague_takes_a_ticket_over(self, which: int, by: Colleague) -> None:
        self._stepped("a colleague takes a ticket over")
        ticket = self.free()[which % len(self.free())]
        self._came_of_it(self._takes(ticket, by))
        self._work()

    def _takes(self, ticket: Any, by: Colleague) -> bool:
        with suppress(NotNow):
            taking_over.take_over(self.office.desk, self.office.ref(ticket), by)
            self.promises.taken[ticket] = self.promises.step
            self.met["taken over"] += 1
            return True
        return False

    @precondition(lambda self: self.theirs)
    @rule(which=WHICH, by=st.sampled_from([MIA, LENA]))
    def a_colleague_gives_it_back(self, which: int, by: Colleague) -> None:
        self._stepped("a colleague gives it back")
        ticket = self.theirs[which % len(self.theirs)]
        try:
            taking_over.give_back(self.office.desk, self.office.ref(ticket), by)
        except (NotNow, VendorError):
            self._came_of_it(False)
        else:
            self.promises.given_back(ticket)
            self._again(ticket)
            self.met["given back"] += 1
        self._work()

    @rule(which=WHICH, by=st.sampled_from([MIA, LENA]))
    def a_colleague_has_it_run_again(self, which: int, by: Colleague) -> None:
        self._stepped("a colleague has it run again")
        ticket, _ = self._ticket(which)
        try:
            taking_over.run_again(self.office.desk, self.office.ref(ticket), by)
        except (NotNow, VendorError):
            self._came_of_it(False)
        else:
            self.promises.given_back(ticket)
            self._again(ticket)
            self.met["run again"] += 1
        self._work()

    def _again(self, ticket: Any) -> None:
        """What was asked there is asked again."""
        for ask in self.promises.asks:
            if ask.ticket == ticket and ticket not in self.promises.excused:
                ask.ended = None

    DOES = st.sampled_from(["takes it", "answers", "notes", "solves", "tags", "opens", "waits"])

    @rule(which=WHICH, does=DOES, heard=EVENTS)
    def a_colleague_edits_the_ticket(self, which: int, does: str, heard: str) -> None:
        self._stepped("a colleague edits the ticket")
        ticket, _ = self._ticket(which)
        self.office.clock.forward(minutes=1)
        self._edits_ticket(ticket, does)
        self._happened(ticket, heard)

    def _edits_ticket(self, ticket: Any, does: str) -> None:
        told: dict[str, dict[str, Any]] = {
            "takes it": {"assignee": AGENT}, "solves": {"assignee": AGENT, "status": "solved"},
            "opens": {"status": "open"}, "waits": {"status": "pending"}, "tags": {"tags": ["seen"]}}
        if does in told:
            self.office.at_desk("agent_sets", ticket=ticket, agent=AGENT, **told[does])
        else:
            self.office.at_desk("agent_replies", ticket=ticket, agent=AGENT, public=does == "answers",
                                body=f"I look into it, {self.promises.step}.")
        if does not in ("notes", "tags"):
            self.promises.touched(ticket)
        if does in ("answers", "solves", "waits"):  # a status that is not open: somebody works on it
            self.promises.worked_on(ticket)

    @precondition(lambda self: len(self.tickets) > 2 and len(self.alive()) > 1)
    @rule(which=WHICH, how=st.sampled_from(["merged", "deleted", "moved"]), heard=EVENTS)
    def a_ticket_goes_away(self, which: int, how: str, heard: str) -> None:
        """Merged, deleted, or given to another requester."""
        self._stepped("a ticket goes away")
        ticket, who = self._ticket(which)
        others = [one for one, _ in self.alive() if one != ticket]
        self.promises.excused[ticket] = how
        self.promises.ends(ticket)
        if how == "merged":
            self.office.at_desk("merge", ticket=ticket, into=others[0])
            self.promises.merged(ticket, others[0])
        elif how == "deleted":
            self.office.at_desk("delete", ticket=ticket)
        else:
            self.office.at_desk("change_requester", ticket=ticket, email=next(c for c in CUSTOMERS if c != who))
        self._happened(ticket, heard)

    # Stripe's dashboard.

    @rule(what=ASKS.filter(lambda one: one != "phone"), who=st.sampled_from(CUSTOMERS), first=st.booleans(),
          part=st.sampled_from([None, 300]), dispute=st.sampled_from([False, False, True]), heard=EVENTS)
    def somebody_settles_it_by_hand(self, what: str, who: str, first: bool, part: int | None, dispute: bool,
                                    heard: str) -> None:
        """A colleague refunds in Stripe's dashboard, or the customer's bank disputes the charge."""
        self._stepped("somebody settles it by hand")
        both = self.promises.pairs[self.charges[f"10{CUSTOMERS.index(who) + 1}{what}"]]
        self._came_of_it(self._by_hand(both[0] if first else both[-1], part, dispute=dispute, heard=heard))
        self._work()

    def _by_hand(self, charge: str, part: int | None, *, dispute: bool, heard: str) -> bool:
        with suppress(Refusal):
            if dispute:
                self.office.happens("stripe", "dispute", charge=charge)
                self.promises.disputed.setdefault(charge, self.promises.step)
            else:
                self.office.happens("stripe", "dashboard_refund", charge=charge, **({"amount": part} if part else {}))
            self.promises.by_hand.setdefault(charge, self.promises.step)
            self.met["disputed" if dispute else "refunded by hand"] += 1
            if heard != "lost":
                self.office.told_of("charge.dispute.created" if dispute else "refund.created", charge)
            return True
        return False

    def done(self) -> list[dict[str, Any]]:
        """Refunds of ours that went through."""
        return [one for one in self.office.refunds() if is_ours(one) and one["status"] == "succeeded"]

    @precondition(lambda self: self.done())
    @rule(which=WHICH, heard=EVENTS)
    def a_refund_fails_later(self, which: int, heard: str) -> None:
        self._stepped("a refund fails later")
        done = self.done()
        made = done[which % len(done)]
        self.office.happens("stripe", "fail_refund", refund=made["id"])
        self.promises.fails(made)
        if heard != "lost":
            self.office.told_of("refund.failed", made["charge"])
        self._work()

    # Admins.

    @rule(what=st.sampled_from(["all", "refund", "forget", *POLICIES]), who=st.sampled_from(CUSTOMERS))
    def an_admin_acts(self, what: str, who: str) -> None:
        """Throws the switch, publishes a policy, or, late in a run, has a person forgotten."""
        self._stepped("an admin acts")
        if what in ("all", "refund"):
            self._came_of_it(self._pause(what))
        elif what in POLICIES:
            self._came_of_it(self._publish(what))
        else:
            self._came_of_it(self.promises.step > STEPS // 2 and self._forget(who))
        self._work()

    def _pause(self, action: str) -> bool:
        with self.office.engine.begin() as c:
            paused = switch.pause(c, action, "an audit", "Ana", self.office.clock())
        if paused:
            self.promises.paused[action] = self.office.right_time()
            self.met["paused"] += 1
        return bool(paused)

    @precondition(lambda self: self.promises.paused)
    @rule()
    def the_switch_is_let_go(self) -> None:
        self._stepped("the switch is let go")
        self._resume()
        self._work()

    def _resume(self) -> None:
        for action in list(self.promises.paused):
            del self.promises.paused[action]
            switch.resume(self.office.engine, action, "Ana", self.office.clock())

    def _publish(self, name: str) -> bool:
        if self.promises.policies and self.promises.policies[-1][1] == name:
            return False
        self.office.publishes(POLICIES[name])
        self.promises.policies.append((self.promises.step, name))
        self.met["published"] += 1
        return True

    def _forget(self, who: str) -> bool:
        before = self.met["forgotten"]
        with self.office.engine.begin() as c:
            people = erasing.by_email(c, self.office.desk, who)
            known = c.execute(select(tickets.c.ref).where(tickets.c.person_id.in_(people))).scalars().all()
        for person in people:
            with suppress(erasing.StillUnderWay):
                erasing.erase(self.office.desk, person, "Cleo", who)
                self.met["forgotten"] += 1
                for ticket in [one for one, whose in self.tickets if whose == who and self.office.ref(one) in known]:
                    self.promises.forgets(ticket)
        return self.met["forgotten"] > before

    # Time, vendors, processes.

    @precondition(lambda self: self.later)
    @rule(which=WHICH, times=st.integers(1, 2))
    def an_event_arrives_late(self, which: int, times: int) -> None:
        """In any order, and perhaps again much later."""
        self._stepped("an event arrives late")
        event = self.later[which % len(self.later)]
        if times == 1:
            self.later.remove(event)
        self.office.keeps(event)
        self._work()

    @rule(minutes=st.sampled_from([1, 6, 20, 65, 300, 1500, 4500]),
          jumps=st.sampled_from([0, 0, 0, 0, 60, -60, 25 * 60, -25 * 60]))
    def time_passes(self, minutes: int, jumps: int) -> None:
        """Perhaps our clock alone is then set, forward or back."""
        self._stepped("time passes")
        self.office.clock.forward(minutes=minutes)
        if jumps:
            self.met["our clock jumped"] += 1
            self.office.jumps(timedelta(minutes=jumps))
        self._work()

    @rule(vendor=st.sampled_from(["stripe", "stripe", "helpdesk", "salesforce"]), kind=st.sampled_from(FAULTS),
          writes=st.booleans(), times=st.integers(1, 2), skip=st.integers(0, 3))
    def a_vendor_fails(self, vendor: str, kind: str, writes: bool, times: int, skip: int) -> None:
        """A few of its next calls meet a fault."""
        self._stepped("a vendor fails")
        name = self.helpdesk if vendor == "helpdesk" else vendor
        path = "/v1/refunds" if writes and name == "stripe" else "/tickets/|/composite|/v1/"
        skipped = 0 if path == "/v1/refunds" else skip  # there are few refunds in a run
        times = 1 if kind == "stale_read" else times  # what was written to an old copy is not read back from there
        self.office.fault(name, kind, "POST|PUT|PATCH" if writes else ".*", path, times=times, skip=skipped,
                          params={"seconds": 20})
        self.faults.append((self.office.doors[name].faults[-1], times))

    @rule(moment=st.integers(1, 40))
    def the_next_pass_is_killed(self, moment: int) -> None:
        self._stepped("the next pass is killed")
        self.moments.dies_in = moment
        self._work()

    @rule(call=st.integers(1, 24), which=WHICH, what=st.sampled_from([
        "by hand", "paused", "edited", "edited", "taken", "answered by a colleague", "published", "written again",
        "approved"]))
    def meanwhile(self, call: int, what: str, which: int) -> None:
        """Something happens while the next pass makes its calls."""
        self._stepped("meanwhile")
        ticket, who = self._ticket(which)
        does: dict[str, Callable[[], Any]] = {
            "by hand": lambda: self._by_hand(sorted(self.charges.values())[which % len(self.charges)], None,
                                             dispute=False, heard="lost"),
            "paused": lambda: self._pause("all"), "edited": lambda: self._edits(which),
            "taken": lambda: self._takes(ticket, MIA),
            "answered by a colleague": lambda: self._edits_ticket(ticket, "answers"),
            "published": lambda: self._publish(sorted(POLICIES)[which % len(POLICIES)]),
            "written again": lambda: self._written_meanwhile(ticket, who),
            "approved": lambda: self._approves(which, FINN, 0)}

        def happening() -> None:
            self.met[f"during a pass: {what}"] += 1
            if ticket not in self.promises.excused:
                does[what]()

        self.moments.happens_in, self.moments.happening = call, happening

    def _written_meanwhile(self, ticket: Any, who: str) -> None:
        self.office.side.writes(email=who, body="One more thing: thank you.", subject="", channel="email",
                                ticket=ticket)
        self.later.append(self.office.delivery(ticket))

    def _edits(self, which: int) -> None:
        contacts = sorted(self.promises.phones)
        self.numbers += 1
        self.office.happens("salesforce", "edit", id=contacts[which % len(contacts)],
                            fields={"Phone": f"+49 30 8{self.numbers:06d}"})
        self.promises.phones = self.promises.numbers()

    @rule(lost=st.booleans())
    def it_catches_up(self, lost: bool) -> None:
        """Perhaps after all wakes of the engine were lost."""
        self._stepped("it catches up")
        if lost:
            self.met["all wakes lost"] += 1
            self.office.loses_all_wakes()
        self._catch_up()

    def _catch_up(self) -> None:
        self.office.clock.forward(minutes=6)
        self.promises.is_looked_for()
        self.met["found by catching up"] += self.office.poll.look().woken
        self._work()

    # What must hold.

    @invariant()
    def the_promises_are_kept(self) -> None:
        self.promises.kept()
        self.theirs = self.promises.theirs()
        with self.office.engine.begin() as c:
            ids = c.execute(select(waits.c.ticket_id).distinct().where(waits.c.state == "open")).scalars().all()
            self.open = [wait for id in sorted(ids) for wait in of_ticket(c, id, ("open",))]
        asking = any(wait.for_whom == CUSTOMER for wait in self.open)
        self.asked = [one for one in self.alive() if asking and any(
            wait.for_whom == CUSTOMER for wait in self._of(one[0]))]

    def teardown(self) -> None:
        """All is well again, what was told to nobody is found, and a week passes."""
        self._did_what_struck()
        for event in self.later:
            self.office.keeps(event)
        for door in self.office.doors.values():
            door.faults.clear()
        self.moments.dies_in = self.moments.happens_in = 0
        self._resume()
        self.office.jumps(-self.office.skew)
        for days in (0, WEEK):
            self._catch_up()
            self.office.days_pass(days)
        self.promises.closed()
        self._counted()

    def _did_what_struck(self) -> None:
        """What was to happen during a pass did nothing where it met none."""
        self.did["the next pass is killed"] = self.moments.met["a pass was killed"]
        self.did["meanwhile"] = self.moments.met["something happened during a pass"]
        self.did["a vendor fails"] = sum(fault.times < times for fault, times in self.faults)

    def _counted(self) -> None:
        """A run counts when it was judged; one of fewer steps is counted apart."""
        steps = self.did.total()
        if steps >= STEPS:
            self.met["runs"] += 1
            self.met["steps"] += steps
        else:
            self.met["shorter runs"] += 1
        self.met.update({f"rule: {name}": times for name, times in self.did.items()})
        self.met.update(self.promises.met)
        self.met.update(self.moments.met)
        self.met["tickets"] += len(self.tickets)


def desks(reused: Reused, helpdesk: str, number: int) -> type[Desks]:
    """The machine on this database and helpdesk; its number is the seed of its runs."""
    made = type("Desks", (Desks,), {"reused": reused, "helpdesk": helpdesk, "met": Counter()})
    return seed(number)(made)


def play(machine: type[Desks], runs: int, phases: tuple[Phase, ...] = (Phase.generate,)) -> Counter[str]:
    """At least so many runs, tried as some more, since a run may come to too little; what happened in them, counted.

    Raises Broken for the first that breaks a promise.
    """
    gc.set_threshold(20_000, 20, 20)  # a run leaves much behind at once; looking for it less often costs a tenth less
    run_state_machine_as_test(machine, _min_steps=TRIED, settings=settings(  # a run that stops early shows less
        max_examples=runs + runs // 3 + 8, stateful_step_count=TRIED + 1, deadline=None, database=None, phases=phases,
        suppress_health_check=list(HealthCheck), print_blob=False))
    return machine.met
