"""The rules planner: reads a ticket by phrases alone, and says when it is unsure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from agent.planner.rules import charges, contact, phrases
from agent.planner.rules.farewell import speaks_under_farewell
from agent.planner.rules.language import language_of
from agent.planner.rules.reading import UNCLEAR, Reading, read, sentences
from agent.proposal import (
    Case,
    Category,
    Claim,
    Confidence,
    Planned,
    PlannerUnsure,
    Proposal,
    ProposedAction,
    ProposedContactChange,
    ProposedRefund,
    ProposedStatusAnswer,
    Signal,
)

RULES_VERSION = "2026-11-22.2"
LONGEST_ASK = 12_000
_GRAVE = frozenset(Signal) - {Signal.ANGER, Signal.MEDICAL, Signal.PRESS, Signal.MINOR, Signal.BEREAVEMENT}
"""Signals that a person must see even when nothing is asked."""
_ANSWERS = re.compile(r"^\s*(?:re|aw|antw|sv|fwd?|wg|tr|rv|rif|r|i)\s?:", re.IGNORECASE)
_CUT = "[cut]"
_MOST_ASKS = 20
_LONG = 6
"""Sentences."""
_NOT_MEANT = (
    phrases.THIRD_PARTY, phrases.SETTLED, phrases.NEGATED, phrases.STOPPED, phrases.NOT_TWO_PAYMENTS,
    phrases.MAY_BE_FINE, phrases.OTHER_SHOP, phrases.CONDITIONAL,
)
_OF_GOODS = frozenset({Claim.NOT_RECEIVED, Claim.DAMAGED, Claim.RETURN})
_AFTER_IT = re.compile(
    r"\b(?:where|when|still|yet|how long|wo|wann|noch|où|quand|toujours|dónde|cuándo|todavía|aún)\b", re.IGNORECASE)
_SAME_THING = re.compile(
    r"\b(?:this|it|that|these|one|payments?|charges?|money|amount|help|why|das|dies|es|helfen|warum|ça|cela|aider|"
    r"pourquoi|esto|eso|"
    r"ayudar|por qué)\b",
    re.IGNORECASE,
)

__all__ = ["RULES_VERSION", "Reading", "RulesPlanner", "language_of", "read"]


class RulesPlanner:
    """Plans without a model. It proposes only what its phrases surely say; the rest is unsure, with the reason."""

    def plan(self, case: Case) -> Planned:
        """Raises PlannerUnsure when the text is too long to be read."""
        if len(case.asked()) > LONGEST_ASK:
            raise PlannerUnsure("The message is too long to be read by rules.")
        return Planned(proposal=_proposal(case), planner="rules", version=RULES_VERSION)


def _proposal(case: Case) -> Proposal:
    text = _what_asks(case)
    if phrases.SELLS.search(text) and case.order is None:
        text = ""
    said, language = _told_apart(case, read(text)), language_of(text)
    reading = _paid_twice(case, text, said)
    details = contact.details(case, text, language)
    actions, doubts = _refunds(case, text, reading)
    changes, more_doubts = _changes(case, details)
    actions += changes + ([] if doubts else _status_answers(case, text, reading))
    doubts += more_doubts + _beside_the_asks(case, text, reading, bool(actions or doubts or more_doubts))
    uncovered = _uncovered(reading, details.asked, bool(actions or doubts))
    nothing = not actions and not doubts and not uncovered
    confidence = _confidence(bool(doubts), (
        reading is not said, bool(uncovered), _mostly_unheard(reading, actions)))
    return Proposal(
        nothing_asked=nothing, actions=tuple(actions), uncovered=uncovered,
        unsure=" ".join(dict.fromkeys(doubts))[:600] or None,
        confidence=confidence, signals=reading.signals, category=_category(reading, details.asked),
        language=language, reply="",
    )


def _confidence(doubts: bool, signs: Iterable[bool]) -> Confidence:
    """High without any sign that the message may mean something else, medium with one of them, low with more."""
    return Confidence.LOW if doubts else (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)[min(sum(signs), 2)]


def _mostly_unheard(reading: Reading, actions: Sequence[ProposedAction]) -> bool:
    """A long message of which the phrases explain little."""
    heard = reading.heard + len({action.quote for action in actions if action.kind == "contact_change"})
    return reading.sentences >= _LONG and reading.sentences > 3 * heard


def _paid_twice(case: Case, text: str, reading: Reading) -> Reading:
    """Words of "two", of paying and of giving back are a double payment told where the books hold just one."""
    told = [part for part in sentences(text) if phrases.TWO.search(part) and phrases.PAYING.search(part)]
    if reading.duplicate or reading.status or not told or reading.claim in _OF_GOODS or not _only_unclear(reading):
        return reading
    if not (reading.refund or phrases.GIVE_BACK.search(text)) or phrases.NOT_HAPPENED.search(text):
        return reading
    if any(pattern.search(text) for pattern in _NOT_MEANT):
        return reading
    if not charges.is_one_pair(case):
        return reading
    return replace(reading, duplicate=(told[0][:300],), claim=Claim.DUPLICATE, doubts=())


def _only_unclear(reading: Reading) -> bool:
    return set(reading.doubts) <= {UNCLEAR}


def _told_apart(case: Case, reading: Reading) -> Reading:
    """Where a refund is asked for and another asked after, the books say which is which; else only the status stays."""
    ask = " ".join(reading.beside_status)
    if not ask or reading.doubts:
        return reading
    if not any(charge.refunds for charge in case.charges):
        return replace(reading, refund=reading.beside_status, status=())
    about = charges.asked_about(case, " ".join(reading.status))
    try:
        meant = [one.charge for one in charges.wanted(case, ask, ask)]
    except PlannerUnsure:
        return reading
    if about is None or not about.refunds or about in meant or any(charge.refunds for charge in meant):
        return reading
    return replace(reading, refund=reading.beside_status)


def _beside_the_asks(case: Case, text: str, reading: Reading, asked: bool) -> list[str]:
    """Why a person should read this whatever was found."""
    doubts = []
    if any(message.new and message.text.endswith(_CUT) for message in case.messages):
        doubts.append("The message was too long to be read whole.")
    if asked and any(speaks_under_farewell(message.text) for message in case.messages
                     if message.who == "customer" and message.text in text):
        doubts.append("Something more stands under the farewell.")
    grave = [str(signal).replace("_", " ") for signal in reading.signals if signal in _GRAVE]
    if grave and not asked:
        doubts.append(f"The text should be read by a person: {', '.join(grave)}.")
    if reading.cancel and not asked:
        doubts.append("The customer asks to cancel.")
    return doubts


def _what_asks(case: Case) -> str:
    """The new text, with the subject the customer gave it, or with the earlier messages it chases or completes."""
    new = case.asked()
    customers = [message for message in case.messages if message.who == "customer"]
    earlier = [message.text for message in customers if not message.new]
    if not earlier:
        return new if _ANSWERS.match(case.subject) else f"{case.subject}\n{new}"
    return "\n\n".join([*earlier, new]) if _completes(new) else new


def _completes(text: str) -> bool:
    """A chaser ("any news?") or a bare answer ("it was order 1001")."""
    reading = read(text)
    if not reading.asks_nothing_we_do:
        return False
    answers = len(text) < 120 and any(character.isdigit() for character in text)
    return answers or phrases.CHASES.search(text) is not None


def _refunds(case: Case, text: str, reading: Reading) -> tuple[list[ProposedAction], list[str]]:
    asks = reading.refund + reading.duplicate
    if not asks:
        return [], list(reading.doubts)
    if reading.doubts:
        return [], list(reading.doubts)
    try:
        return list(_matched(case, text, reading)), []
    except PlannerUnsure as unsure:
        answer = _answers_a_chaser(case, text)
        return ([answer], []) if answer else ([], [str(unsure)])


def _answers_a_chaser(case: Case, text: str) -> ProposedAction | None:
    """"Any news?" after asking for a refund that has been made by now: its status."""
    chases = phrases.CHASES.search(case.asked()) or _AFTER_IT.search(case.asked())
    about = charges.asked_about(case, text) if chases else None
    if about is None or not about.refunds or Decimal(about.refundable) > 0:
        return None
    return ProposedStatusAnswer(kind="status_answer", charge=about.handle, quote=sentences(case.asked())[0])


def _matched(case: Case, text: str, reading: Reading) -> Iterator[ProposedAction]:
    ask = (reading.refund + reading.duplicate)[0]
    if reading.claim is Claim.DUPLICATE:
        later = charges.duplicate(case, text)
        yield ProposedRefund(kind="refund", charge=later.handle, amount=None, claim=Claim.DUPLICATE, quote=ask)
        return
    wide = ask if reading.status else text
    for one in charges.wanted(case, wide, " ".join(reading.refund)):
        yield ProposedRefund(kind="refund", charge=one.charge.handle, amount=one.amount, claim=reading.claim, quote=ask)


def _changes(case: Case, details: contact.Details) -> tuple[list[ProposedAction], list[str]]:
    doubts = list(details.doubts)
    if not details.values:
        return [], doubts
    if len(case.contacts) != 1:
        return [], [*doubts, "No single contact record of the customer is known."]
    handle = case.contacts[0].handle
    changes: list[ProposedAction] = [
        ProposedContactChange(kind="contact_change", contact=handle, field=new.field, value=new.value, quote=new.quote)
        for new in details.values
    ]
    return changes, doubts


def _status_answers(case: Case, text: str, reading: Reading) -> list[ProposedAction]:
    asked = reading.status + reading.payment_status
    if not asked:
        return []
    if re.match(r"\W*where (?:do|can|should|shall) i (?:send|pay|transfer)\b", asked[0], re.IGNORECASE):
        return []
    about = charges.asked_about(case, " ".join(asked) if reading.refund else text)
    return [ProposedStatusAnswer(kind="status_answer", charge=about.handle if about else None, quote=asked[0])]


def _uncovered(reading: Reading, contact_asked: bool, acts: bool) -> tuple[str, ...]:
    """Asks that no action covers. Asks for other things alone are not ours, so they count only beside one that is."""
    cancel = reading.cancel and not reading.duplicate
    named = (["asks to cancel the order or subscription"] if cancel else []) + list(reading.others)
    if reading.duplicate:
        named = [name for name in named if name != "asks about returning something"]
    if acts:
        questions = [] if contact_asked else [part for part in reading.unread if _is_another_question(part)]
        return tuple(named + [f"asks something else: “{_sayable(part[:80])}”" for part in questions])[:_MOST_ASKS]
    return tuple(named) if reading.cancel else ()


def _sayable(part: str) -> str:
    """Without the half characters that broken mail programs leave."""
    return part.encode("utf-8", "replace").decode()


def _is_another_question(part: str) -> bool:
    """Not a short question about the same thing: "Could this be corrected?", "When will it show up?"."""
    return part.endswith("?") and not (len(part.split()) <= 9 and _SAME_THING.search(part))


def _category(reading: Reading, contact_asked: bool) -> Category:
    if reading.refund or reading.duplicate or reading.status or reading.payment_status or reading.doubts:
        return Category.BILLING
    if contact_asked:
        return Category.CONTACT_DETAILS
    if "asks where the parcel is" in reading.others:
        return Category.SHIPPING
    if {"asks about logging in", "asks to delete the account"} & set(reading.others):
        return Category.ACCOUNT
    return Category.PRODUCT if reading.others or reading.cancel else Category.OTHER
