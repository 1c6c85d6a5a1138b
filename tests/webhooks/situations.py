"""Tickets in states that are not seen every day, each brought about by the product itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agent import held
from agent.breaker import Breaker
from agent.consent import waits
from agent.consent.states import STATES, State
from agent.desk import Choices, Scope
from agent.planner.rules import RulesPlanner
from agent.policy import Mode
from tests.journeys.office import CHECKED, ERIN, POLICY, execute, refund
from tests.webhooks.opened import ADA, KIM, LEO, LOU, OpenOffice

ASK = {"actions": [refund("c2", quote="please refund the second one")]}


@dataclass(frozen=True)
class Situation:
    """How it came about, who looks, and which words in it are somebody's own."""

    about: Callable[[OpenOffice], object]
    who: str = KIM
    how: Mapping[str, Any] = field(default_factory=dict)
    """What the office is made with, where it is not as shipped."""
    own: tuple[str, ...] = ()
    """Words of a person, a vendor or a model that no catalogue holds."""

    def brought_about(self, engine: Engine) -> OpenOffice:
        office = OpenOffice(engine, **self.how)
        self.about(office)
        return office


def claims(claim: str, **more: Any) -> Callable[[OpenOffice], object]:
    def about(office: OpenOffice) -> None:
        office.charge(1800, **more)
        office.script(lambda _: {"actions": [refund("c1", claim=claim, quote="my money back")]})
        office.handle()
    return about


def says(**proposal: Any) -> Callable[[OpenOffice], object]:
    """The planner reads the message as this, where there are two equal charges."""
    def about(office: OpenOffice) -> None:
        office.double_charge()
        office.script(lambda _: proposal)
        office.handle()
    return about


def writes(body: str, *amounts: int, **more: Any) -> Callable[[OpenOffice], object]:
    """The rules planner reads this message, where these charges are."""
    def about(office: OpenOffice) -> None:
        office.desk = replace(office.desk, planner=RulesPlanner())
        for n, amount in enumerate(amounts):
            office.charge(amount, ago=f"-{n + 1}d", **more)
        office.handle(body)
    return about


def charged(**more: Any) -> Callable[[OpenOffice], object]:
    def about(office: OpenOffice) -> None:
        office.charge(1800, ago="-2h")
        office.charge(1800, **{"ago": "-110m", **more})
        office.script(lambda _: ASK)
        office.handle()
    return about


def change(**values: str) -> Callable[[OpenOffice], object]:
    def about(office: OpenOffice) -> None:
        office.script(lambda _: {"category": "contact_details", "actions": [
            {"kind": "contact_change", "contact": "k1", "field": name, "value": value, "quote": "please change it"}
            for name, value in values.items()]})
        office.handle(f"please change it: {', '.join(values.values())}" + " to mails" * ("opt_out" in values))
    return about


def answers(*said: str) -> Callable[[OpenOffice], object]:
    def about(office: OpenOffice) -> None:
        office.asks(4700)
        for one in said:
            office.customer_answers(1, one)
    return about


def lowered(office: OpenOffice) -> None:
    office.asks(18000)
    office.seat().approve("90.00")
    office.run()


def both(office: OpenOffice) -> None:
    office.asks(18000)
    office.seat(LEO).approve()
    office.run()
    office.customer_answers(1, "YES")


def sent(status: str) -> Callable[[OpenOffice], object]:
    def about(office: OpenOffice) -> None:
        office.happens("stripe", "next_refund", status=status)
        office.asks(1800)
    return about


def cancelled(office: OpenOffice) -> None:
    sent("requires_action")(office)
    (done,) = office.seat().state()["done"]
    office.seat().post(f"/api/operations/{done['operation']}/undo", {"digest": done["undo"]["digest"]})
    office.run()


def later(happens: str) -> Callable[[OpenOffice], object]:
    def about(office: OpenOffice) -> None:
        office.asks(1800)
        (made,) = office.refunds()
        if happens == "fail_refund":
            office.happens("stripe", happens, refund=made["id"])
        elif happens == "dispute":
            office.happens("stripe", happens, charge=made["charge"])
        for _ in range(8):
            office.clock.forward(days=1)
            office.sweep()
            office.run()
            office.settle(hours=2)
    return about


def in_copy(office: OpenOffice) -> None:
    office.double_charge(4700)
    office.script(lambda _: ASK)
    office.handle(ccs=[ERIN])


def on_no_channel(office: OpenOffice) -> None:
    office.double_charge(4700)
    office.script(lambda _: ASK)
    office.handle(channel="web")


def erased(office: OpenOffice) -> None:
    office.unproven()
    with office.engine.begin() as c:
        office.vault.erase(c, c.exec_driver_sql("select person_id from tickets").scalar_one(), office.clock())


def taken_from_the_start(office: OpenOffice) -> None:
    ticket = office.writes()
    office.at_desk("agent_replies", ticket=ticket, agent=KIM, body="I take care of it.")
    office.event(ticket)
    office.run()


def given_back(office: OpenOffice) -> None:
    office.unproven()
    office.seat().ticket("take-over")
    office.seat().ticket("give-back")
    office.run()


def run_again(office: OpenOffice) -> None:
    office.unproven()
    office.seat().decline("not sure; really not")
    office.run()
    office.seat().ticket("run")
    office.run()


def answered_by_hand(office: OpenOffice) -> None:
    ticket = office.unproven()
    office.at_desk("agent_replies", ticket=ticket, agent=KIM, body="I take care of it.")
    office.event(ticket)
    office.run()


def pauses(*actions: str, reason: str = "a look first") -> Callable[[OpenOffice], object]:
    def about(office: OpenOffice) -> None:
        office.unproven()
        for action in actions:
            office.seat(ADA).post("/api/pause", {"action": action, "reason": reason})
        office.seat(ADA).approve()
        office.run()
    return about


def paused_by_file(office: OpenOffice) -> None:
    office.unproven()
    file = Path("paused")
    office.desk = replace(office.desk, stop_file=file)


def breaks(office: OpenOffice) -> None:
    office.asks(1800)


def refused_by_stripe(office: OpenOffice) -> None:
    office.fault("stripe", "402", "POST", "/v1/refunds")
    office.asks(1800)


def stored_failure(office: OpenOffice) -> None:
    office.fault("stripe", "500_before", "POST", "/v1/refunds")
    office.asks(1800)
    office.settle(hours=2)


def note_refused(office: OpenOffice) -> None:
    office.fault("zendesk", "key_mismatch", "PUT", r"/tickets/\d+", body='"public": false', times=3)
    office.asks(1800)
    office.settle(hours=2)


def looked_at(office: OpenOffice) -> None:
    stored_failure(office)
    with office.engine.begin() as c:
        (one,) = held.held(c)
    held.not_done(office.desk, one.operation, "Ana")
    office.run()


def ended(state: State) -> Callable[[OpenOffice], object]:
    """What was waited for came to this end."""
    def about(office: OpenOffice) -> None:
        office.unproven()
        with office.engine.begin() as c:
            waits.end(c, [one.id for one in waits.of_ticket(c, 1)], state, office.clock())
    return about


def still_handed_over(office: OpenOffice) -> None:
    says(**ASK, uncovered=["change the delivery slot"])(office)
    office.script(lambda _: {"category": "contact_details", "actions": [
        {"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
         "quote": "my new number is +49 30 7654321"}]})
    office.customer_answers(1, "my new number is +49 30 7654321")


def repeated(office: OpenOffice) -> None:
    office.asks(1800)
    office.script(lambda _: ASK)
    office.customer_answers(1, "please refund the second one")


def watched(about: Callable[[OpenOffice], object]) -> Callable[[OpenOffice], object]:
    def watching(office: OpenOffice) -> None:
        office.policy = office.policy.model_copy(update={"actions": {
            name: row.model_copy(update={"mode": "shadow"}) for name, row in office.policy.actions.items()}})
        about(office)
    return watching


def watched_beside(mode: Mode) -> Callable[[OpenOffice], object]:
    """A refund is only watched; changes of contact details are in this mode."""
    def watching(office: OpenOffice) -> None:
        office.policy = office.policy.model_copy(update={"actions": {
            name: row.model_copy(update={"mode": mode if name == "contact_change" else "shadow"})
            for name, row in office.policy.actions.items()}})
        says(actions=[refund("c2", quote="the second one"), {
            "kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
            "quote": "my new number"}])(office)
    return watching


def without_a_policy(office: OpenOffice) -> None:
    office.policy = None  # type: ignore[assignment]
    office.asks(1800)


def silent(**more: Any) -> Callable[[OpenOffice], object]:
    def about(office: OpenOffice) -> None:
        office.double_charge()
        office.script(lambda _: ASK)
        office.handle(**more)
    return about


def with_limits(dollars: str | None) -> str:
    """The shipped policy with these limits for USD, or none."""
    shipped = "      USD: {auto: 25, confirm: 100, approve by lead: 500, approve by finance: 2000}\n"
    assert shipped in POLICY
    return execute(POLICY).replace(shipped, f"      USD: {dollars}\n" if dollars else "")


SMALL = Choices(senders_checked=CHECKED, breaker=Breaker(most_an_hour=1, never_below=0))
SITUATIONS: dict[str, Situation] = {
    **{f"claim_{claim}": Situation(claims(claim)) for claim in (
        "duplicate", "not_received", "damaged", "return", "cancelled", "goodwill", "other")},
    "drafts_only": Situation(charged(), how={"policy": POLICY.replace("mode: shadow", "mode: draft")}),
    "outside_the_rollout": Situation(charged(), how={
        "policy": execute(POLICY).replace("rollout_percent: 100", "rollout_percent: 0")}),
    "drafts_for_the_customer": Situation(lambda office: office.asks(4700), how={
        "policy": POLICY.replace("mode: shadow", "mode: draft")}),
    "switched_off": Situation(charged(), how={"policy": POLICY.replace("mode: shadow", "mode: off")}),
    "watched_beside_a_draft": Situation(watched_beside("draft")),
    "watched_beside_what_is_off": Situation(watched_beside("off")),
    "watched": Situation(watched(charged())),
    "watched_with_a_card": Situation(watched(says(actions=[refund("c1", claim="damaged", quote="broken")]))),
    "up_to_confirm": Situation(answers()),
    "the_customer_said_yes": Situation(answers("YES")),
    "the_customer_said_no": Situation(answers("No")),
    "the_customer_wants_a_person": Situation(answers("person")),
    "asked_once_more": Situation(answers("hmm, maybe")),
    "never_clear": Situation(answers("hmm, maybe", "well, perhaps")),
    "lowered": Situation(lowered),
    "both_agreed": Situation(both),
    "pending": Situation(sent("pending")),
    "waits_for_bank_details": Situation(sent("requires_action")),
    "cancelled": Situation(cancelled),
    "failed_at_once": Situation(sent("failed")),
    "fell_through_later": Situation(later("fail_refund")),
    "disputed_later": Situation(later("dispute")),
    "in_copy": Situation(in_copy),
    "a_form": Situation(on_no_channel),
    "a_chat": Situation(silent(channel="chat")),
    "erased": Situation(erased),
    "a_persons_from_the_start": Situation(taken_from_the_start),
    "given_back": Situation(given_back),
    "run_again": Situation(run_again),
    "answered_by_hand": Situation(answered_by_hand),
    "paused_all": Situation(pauses("all"), ADA),
    "paused_one": Situation(pauses("refund"), ADA),
    "paused_two": Situation(pauses("refund", "contact_change"), ADA),
    "paused_without_a_reason": Situation(pauses("refund", reason=""), ADA),
    "breaker": Situation(breaks, ADA, {"choices": SMALL}),
    "refused_by_the_vendor": Situation(refused_by_stripe),
    "stored_failure": Situation(stored_failure),
    "looked_at": Situation(looked_at),
    "note_refused": Situation(note_refused),
    **{f"ended_{state}": Situation(ended(state)) for state in STATES if state not in ("open", "given", "used")},
    "repeated": Situation(repeated, LEO),
    "still_handed_over": Situation(still_handed_over),
    "no_policy": Situation(without_a_policy),
    "above_the_last_limit": Situation(charged(), how={"policy": with_limits("{auto: 5, confirm: 10}")}),
    "no_limits": Situation(charged(), how={"policy": with_limits(None)}),
    "old": Situation(claims("damaged", ago="-40d"), LEO),
    "nothing_left": Situation(charged(refunds=[{"amount": 1800, "created": "-5m"}])),
    "more_than_is_left": Situation(says(actions=[refund("c2", amount="99.00", quote="99 please")])),
    "no_such_payment": Situation(says(actions=[refund("c9", quote="the other one")])),
    "another_currency": Situation(charged(currency="chf")),
    "not_counted": Situation(charged(currency="ugx")),
    "not_a_card": Situation(charged(payment_method_type="sepa_debit", last4="1234")),
    "signals": Situation(says(**ASK, signals=["anger", "legal_threat"])),
    "fraud": Situation(says(actions=[], nothing_asked=True, signals=["fraud", "self_harm"])),
    "not_sure": Situation(says(**ASK, confidence="low", language="it")),
    "unsure": Situation(says(**ASK, unsure="two charges fit; which one?"), own=("two charges fit", "which one?")),
    "also_asked": Situation(says(**ASK, uncovered=["delete my account; now", "a new invoice"])),
    "no_plan": Situation(lambda office: office.handle(), own=("No script was given.",)),
    "where_is_it": Situation(says(actions=[{"kind": "status_answer", "charge": None, "quote": "where is it"}])),
    "phone": Situation(change(phone="+49 30 7654321")),
    "two_details": Situation(change(phone="+49 30 7654321", first_name="Dan, a")),
    "new_email": Situation(change(email="dana@new.example")),
    "new_address": Situation(change(street="New Street 5", city="Berlin")),
    "street_only": Situation(change(street="New Street 5")),
    "opted_out": Situation(change(opt_out="yes")),
    "as_it_is": Situation(change(phone="+49 30 1234567")),
    "a_watcher": Situation(lambda office: office.unproven(), LOU),
    "out_of_scope": Situation(silent(), how={"choices": Choices(scope=Scope(tags=("ours",)))}),
    "without_stripe": Situation(claims("damaged"), how={"without": ("stripe",)}),
    "rules_cancel": Situation(writes("I want to cancel my subscription.", 1800)),
    "rules_status": Situation(writes("Where is my refund?", 1800)),
    "rules_thanks": Situation(writes("Thank you!", 1800)),
}
