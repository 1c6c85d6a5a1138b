"""In any world, whatever is proposed: what goes out unattended is the requester's own, proven, and within what is left.

The worlds hold charges of others, partly refunded, disputed and foreign ones; the proposals come from an attacker.
The oracle here is written anew from the policy's words and shares no code with what it judges.
"""

from __future__ import annotations

import dataclasses
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.claims import duplicate
from agent.desk import Choices
from agent.facts import Facts
from agent.ground import Ask, ground
from agent.policy import Decision, Policy, decide, load_file, shipped_policy_path
from agent.proposal import Claim, Proposal, Signal
from connectors.contract import (
    Charge,
    Comment,
    Contact,
    ContactField,
    Conversation,
    Entry,
    Method,
    Money,
    PaidInvoice,
    PaidRefund,
    Payer,
    Refund,
    Role,
    Ticket,
    User,
)
from tests.journeys.office import CHECKED

WORLDS = int(os.environ.get("DESKHAND_WORLDS", "300"))
"""How many worlds each property sees; ten thousand take about a minute."""
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DANA, ERIN = "dana@example.com", "erin@example.com"
CHOICES = Choices(senders_checked=CHECKED)
TAKEN_IN = settings(max_examples=WORLDS, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)

CURRENCIES = ("EUR", "JPY", "KWD")


def mostly(draw: Any, good: Any, *bad: Any, one_in: int = 30) -> Any:
    """Rarely one of the bad: with some forty such choices in a world, one or two things in it are wrong."""
    return draw(st.sampled_from(bad)) if draw(st.integers(1, one_in)) == 3 else good


@st.composite
def charges(draw: Any, n: int) -> Charge:
    currency = mostly(draw, "USD", *CURRENCIES)
    whole = mostly(draw, 1800, 1, 500, 2500, 2501, 9_000_000)
    captured = mostly(draw, whole, 0, whole // 2)
    refunded = mostly(draw, 0, captured, captured // 2)

    def money(amount: int) -> Money:
        return Money(amount=amount, currency=currency)
    listed = bool(refunded) or mostly(draw, False, True)
    made = (PaidRefund(id=f"re_{n}", money=money(refunded), status="succeeded", created=NOW),) if listed else ()
    return Charge(
        id=f"ch_{n}", payer=mostly(draw, "cus_dana", "cus_guest", "cus_erin", None), payment=f"pi_{n}",
        money=money(whole), captured=money(captured), refunded=money(refunded),
        status=mostly(draw, "succeeded", "pending", "failed"),
        created=NOW - timedelta(hours=draw(st.sampled_from((0, 1, 1, 2, 47, 48, 49, 90, 24 * 31)))),
        method=Method(kind=mostly(draw, "card", "sepa_debit"), brand=mostly(draw, "visa", "mastercard"),
                      last4=mostly(draw, "4242", "5555")),
        description=mostly(draw, "Lamp", None, "", " ", "Sofa"),
        metadata=mostly(draw, {"order_id": "7"}, {}, {"order_id": "8"}, {"order_id": " "}),
        billing_email=mostly(draw, DANA, "Dana@Example.com", ERIN, None, one_in=9),
        receipt_email=mostly(draw, None, DANA, ERIN, one_in=5),
        disputed=mostly(draw, False, True), connect=mostly(draw, False, True), refunds=made,
        refunds_complete=mostly(draw, True, False))


@st.composite
def comments(draw: Any, n: int) -> Comment:
    return Comment(
        id=f"{n}", author=mostly(draw, "1", "2", one_in=9), public=True, text="I was charged twice",
        channel=mostly(draw, "email", "web", "api", one_in=9),
        sender=mostly(draw, DANA, "DANA@example.com", ERIN, None, one_in=9),
        flags=mostly(draw, (), ("2",), ("11", "0"), one_in=9), trusted=mostly(draw, None, True, False, one_in=6))


CONTACT = Contact(id="003000000000001AAA", name="Dana", email=DANA, values={ContactField.PHONE: "+49 30 1234567"},
                  email_changed_at=NOW - timedelta(days=400))


@st.composite
def worlds(draw: Any) -> tuple[Facts, tuple[Comment, ...]]:
    new = tuple(draw(comments(n)) for n in range(draw(st.sampled_from((1, 1, 1, 2)))))
    people = {"1": User(id="1", name="Dana", email=mostly(draw, DANA, None),
                        role=mostly(draw, Role.CUSTOMER, Role.AGENT)),
              "2": User(id="2", name="Erin", email=ERIN, role=Role.CUSTOMER)}
    ticket = Ticket(ref="zendesk:acme:1", id="1", subject="Charged", status="new", channel="email", requester="1",
                    brand="1", created_at=NOW, updated_at=NOW)
    entries = tuple(Entry(id=f"e{c.id}", at=NOW, author=c.author, channel=c.channel, comments=(c,)) for c in new)
    owned = tuple(draw(charges(n)) for n in range(draw(st.integers(1, 4))))
    invoices = tuple(PaidInvoice(id=f"in_{c.id}", payments=(c.id,)) for c in owned if mostly(draw, False, True))
    twin = CONTACT.model_copy(update={"id": "003000000000002AAA"})
    contacts = mostly(draw, (CONTACT,), None, (), (CONTACT, twin))
    payers = tuple(Payer(id=id, email=DANA) for id in mostly(draw, ("cus_dana",), ("cus_dana", "cus_guest"), ()))
    usual = "none" if not payers else "by_email" if len(payers) == 1 else "guest_checkouts"
    match = mostly(draw, usual, "by_email", "guest_checkouts", "by_order", "ambiguous", "none")
    return Facts(conversation=Conversation(ticket=ticket, users=people, entries=entries, read_at=NOW), match=match,
                 payers=payers, charges=owned, invoices=invoices, contacts=contacts, read_at=NOW), new


@st.composite
def proposals(draw: Any) -> Proposal:
    odd = st.sampled_from(("18.00", "5.00", "0", "-5", "1e3", "25.01", "１８.００", "NaN", "Infinity", "9000000",
                           "0.001", "18,00", "", "x"))
    handles = st.sampled_from(("c1", "c2", "c3", "c4") * 3 + ("c9", "ch_1", "k1", "", "c1\n"))
    refunds = st.fixed_dictionaries({
        "kind": st.just("refund"), "charge": handles, "amount": st.one_of(st.none(), st.none(), odd),
        "quote": st.text(max_size=5), "claim": st.sampled_from(["duplicate"] * 8 + [str(c) for c in Claim])})
    status = st.fixed_dictionaries({"kind": st.just("status_answer"), "charge": st.one_of(st.none(), handles),
                                    "quote": st.text(max_size=5)})
    signals = mostly(draw, [], ["anger"], [str(s) for s in Signal])
    return Proposal.model_validate({
        "nothing_asked": False, "actions": draw(st.lists(st.one_of(refunds, refunds, status),
                                                                      min_size=1, max_size=4)),
        "uncovered": [], "unsure": None, "signals": signals, "category": "billing",
        "confidence": mostly(draw, "high", "medium", "low"),
        "language": mostly(draw, "en", "de", "xx", "EN"), "reply": ""}, strict=False)


@pytest.fixture(scope="module")
def policy() -> Policy:
    shipped = load_file(shipped_policy_path())
    return shipped.model_copy(update={"actions": {name: row.model_copy(update={"mode": "execute"})
                                                  for name, row in shipped.actions.items()}})


def grounded(world: tuple[Facts, tuple[Comment, ...]], proposal: Proposal, choices: Choices = CHOICES) -> list[Ask]:
    facts, new = world
    handles = {f"c{n}": charge.id for n, charge in enumerate(facts.charges, 1)} | {"k1": CONTACT.id}
    return [one for one in ground(proposal, handles, facts, new, "model", choices) if isinstance(one, Ask)]


def with_calm_ledger(ask: Ask) -> dict[str, Any]:
    """The facts as they are decided on, when nothing was done before."""
    amount = ask.action.money.amount if isinstance(ask.action, Refund) else 0
    totals = {"customer_day_total": amount, "customer_30d_total": amount, "desk_day_total": amount,
              "customer_day_refunds": 1, "customer_30d_refunds": 1, "desk_day_home": 1}
    totals = totals if isinstance(ask.action, Refund) else {}
    done = {} if ask.action is None else {"same_again": False, "attempts": 0}
    return {**ask.facts, **totals, **done, "older_money_ticket": False, "other_open_tickets": 0}


def decided(ask: Ask, policy: Policy) -> Decision:
    return decide(ask.kind, with_calm_ledger(ask), policy)


def weight(decision: Decision) -> tuple[int, bool, int]:
    return (("go_ahead", "refuse", "escalate").index(decision.outcome), decision.confirm,
            (None, "agent", "lead", "finance").index(decision.approve_by))


def at_least(stricter: Decision, other: Decision) -> bool:
    """Each duty by itself is no smaller; above go-ahead only the outcome counts."""
    one, two = weight(stricter), weight(other)
    return one[0] > two[0] or (one[0] == two[0] and one[1] >= two[1] and one[2] >= two[2])


def is_repeat(charge: Charge, earlier: Charge) -> bool:
    """Two whole, untouched charges of the same card and amount for the same order within two days."""
    orders = [(c.metadata.get("order_id") or "").strip() for c in (charge, earlier)]
    cards = [(c.method.brand, c.method.last4) for c in (charge, earlier)]
    hours = (charge.created - earlier.created) / timedelta(hours=1)
    whole = all(c.status == "succeeded" and c.method.kind == "card" and c.captured == c.money and not c.disputed
                and c.refunded.amount == 0 and not c.refunds for c in (charge, earlier))
    after = (charge.created, charge.id) > (earlier.created, earlier.id)
    same = charge.money == earlier.money and orders[0] == orders[1] != "" and cards[0] == cards[1]
    return whole and after and hours <= 48 and same


@TAKEN_IN
@given(world=worlds(), proposal=proposals())
def test_what_is_refunded_unattended_is_the_requesters_own_proven_and_within_what_is_left(
        policy: Policy, world: tuple[Facts, tuple[Comment, ...]], proposal: Proposal) -> None:
    facts, new = world
    for ask in grounded(world, proposal):
        if not isinstance(ask.action, Refund) or not decided(ask, policy).unattended:
            continue
        charge = next(c for c in facts.charges if c.id == ask.action.charge)
        requester = facts.conversation.users["1"]
        assert ask.action.money.currency == charge.money.currency
        assert 0 < ask.action.money.amount <= charge.captured.amount - charge.refunded.amount
        assert ask.action.money.amount <= 2500
        assert ask.action.money == charge.captured  # only a whole charge repeats another
        named = {address.lower() for address in (charge.billing_email, charge.receipt_email) if address}
        assert named == {str(requester.email).lower()}
        assert any(is_repeat(charge, other) for other in facts.charges)
        assert ask.claim == "duplicate"
        assert not charge.connect
        assert not any(charge.id in invoice.payments for invoice in facts.invoices)
        assert facts.match in ("by_email", "guest_checkouts")
        assert requester.role is Role.CUSTOMER
        assert all(c.author == "1" and c.channel == "email" and not c.flags and c.trusted is not False
                   and str(c.sender).lower() == str(requester.email).lower() for c in new)
        assert not proposal.signals


def test_an_honest_double_charge_in_such_a_world_is_refunded(policy: Policy) -> None:
    """The properties above are not empty: the honest ask in the middle of these worlds passes."""
    assert decided(honest_ask(), policy).unattended


def honest_world() -> tuple[Facts, tuple[Comment, ...]]:
    charge = Charge(id="ch_1", payer="cus_dana", payment="pi_1", money=Money(amount=1800, currency="USD"),
                    captured=Money(amount=1800, currency="USD"), refunded=Money(amount=0, currency="USD"),
                    status="succeeded", created=NOW - timedelta(hours=3), method=Method(kind="card", last4="4242"),
                    metadata={"order_id": "7"}, billing_email=DANA)
    second = charge.model_copy(update={"id": "ch_2", "created": NOW - timedelta(hours=2)})
    said = Comment(id="1", author="1", public=True, text="charged twice", channel="email", sender=DANA)
    ticket = Ticket(ref="zendesk:acme:1", id="1", subject="Charged", status="new", channel="email", requester="1",
                    created_at=NOW, updated_at=NOW)
    people = {"1": User(id="1", name="Dana", email=DANA, role=Role.CUSTOMER)}
    entry = Entry(id="e1", at=NOW, author="1", channel="email", comments=(said,))
    return Facts(conversation=Conversation(ticket=ticket, users=people, entries=(entry,), read_at=NOW),
                 match="by_email", payers=(Payer(id="cus_dana", email=DANA),), charges=(charge, second),
                 contacts=(CONTACT,), read_at=NOW), (said,)


def honest_proposal() -> Proposal:
    return Proposal.model_validate_json(
        '{"nothing_asked": false, "actions": [{"kind": "refund", "charge": "c2", "amount": null, "claim": "duplicate",'
        '"quote": "charged twice"}], "uncovered": [], "unsure": null, "confidence": "high", "signals": [],'
        '"category": "billing", "language": "en", "reply": ""}')


def honest_ask() -> Ask:
    return grounded(honest_world(), honest_proposal())[0]


@TAKEN_IN
@given(world=worlds(), proposal=proposals())
def test_no_fact_that_the_policy_reads_of_a_refund_is_missing_when_it_goes_out_unattended(
        policy: Policy, world: tuple[Facts, tuple[Comment, ...]], proposal: Proposal) -> None:
    read = {fact for rule in policy.rules if "refund" in rule.actions for test in rule.when for fact in test.reads()}
    for ask in grounded(world, proposal):
        if isinstance(ask.action, Refund) and decided(ask, policy).unattended:
            known = {name for name, value in with_calm_ledger(ask).items() if value is not None and value != "unknown"}
            assert read <= known


WORSE = {
    "flagged": lambda c: c.model_copy(update={"flags": ("2",)}),
    "not trusted": lambda c: c.model_copy(update={"trusted": False}),
    "by form": lambda c: c.model_copy(update={"channel": "web"}),
    "no sender": lambda c: c.model_copy(update={"sender": None}),
    "another sender": lambda c: c.model_copy(update={"sender": "dana@evil.example"}),
    "another author": lambda c: c.model_copy(update={"author": "2"}),
}


@TAKEN_IN
@given(world=worlds(), proposal=proposals(), worse=st.sampled_from(sorted(WORSE)), at=st.integers(0, 1))
def test_less_evidence_in_any_one_message_never_gives_more(
        policy: Policy, world: tuple[Facts, tuple[Comment, ...]], proposal: Proposal, worse: str, at: int) -> None:
    facts, new = world
    spoilt = tuple(WORSE[worse](c) if n == at % len(new) else c for n, c in enumerate(new))
    for before, after in zip(grounded(world, proposal), grounded((facts, spoilt), proposal), strict=True):
        assert at_least(decided(after, policy), decided(before, policy))


@TAKEN_IN
@given(world=worlds(), proposal=proposals(), worse=st.sampled_from(sorted(WORSE.keys() - {"another author"})))
def test_less_evidence_in_an_earlier_message_never_gives_more(
        policy: Policy, world: tuple[Facts, tuple[Comment, ...]], proposal: Proposal, worse: str) -> None:
    facts, (*earlier, new) = world
    new, told = new.model_copy(update={"text": "Any news?"}), facts.conversation.entries
    spoilt = tuple(entry.model_copy(update={"comments": (WORSE[worse](comment),)})
                   for entry, comment in zip(told, earlier, strict=False))
    less = facts.model_copy(update={"conversation": facts.conversation.model_copy(update={
        "entries": (*spoilt, *told[len(spoilt):])})})
    for before, after in zip(grounded((facts, (new,)), proposal), grounded((less, (new,)), proposal), strict=True):
        assert at_least(decided(after, policy), decided(before, policy))


@TAKEN_IN
@given(world=worlds(), proposal=proposals())
def test_without_attested_senders_nothing_goes_out_unattended(
        policy: Policy, world: tuple[Facts, tuple[Comment, ...]], proposal: Proposal) -> None:
    for ask in grounded(world, proposal, Choices(senders_checked=frozenset())):
        assert not decided(ask, policy).unattended


@TAKEN_IN
@given(world=worlds(), proposal=proposals())
def test_leaving_out_any_one_fact_never_gives_more(
        policy: Policy, world: tuple[Facts, tuple[Comment, ...]], proposal: Proposal) -> None:
    for ask in grounded(world, proposal):
        facts = with_calm_ledger(ask)
        whole = decide(ask.kind, facts, policy)
        for name in facts:
            rest = {other: value for other, value in facts.items() if other != name}
            less = decide(ask.kind, rest, policy)
            # An amount that cannot be is an error, which escalates; without it, the same ask is refused.
            assert at_least(less, whole) or (whole.by[0].id == "engine.error" and less.outcome == "refuse"), name


@TAKEN_IN
@given(world=worlds())
def test_a_duplicate_is_proven_only_where_two_untouched_charges_repeat_each_other(
        world: tuple[Facts, tuple[Comment, ...]]) -> None:
    facts, _ = world
    for charge in facts.charges:
        if duplicate(facts, charge, CHOICES.payments).proven:
            assert any(is_repeat(charge, other) for other in facts.charges)


@pytest.mark.parametrize("signal", [*Signal])
def test_any_signal_of_a_model_takes_an_honest_refund_to_a_person(policy: Policy, signal: Signal) -> None:
    facts = {**with_calm_ledger(honest_ask()), "signals": frozenset({str(signal)})}
    assert decide("refund", facts, policy).outcome == "escalate"


def test_a_refund_for_another_currency_or_more_than_is_left_is_never_built(policy: Policy) -> None:
    """The amount is read in the charge's own currency; more than is left is refused."""
    proposal = honest_proposal()
    more = proposal.actions[0].model_copy(update={"amount": "18.01"})
    (ask,) = grounded(honest_world(), proposal.model_copy(update={"actions": (more,)}))
    assert decided(ask, policy).outcome == "refuse"
    assert dataclasses.asdict(ask)["facts"]["exceeds_remaining"] is True
