"""What a text asks for, told by its phrases, before any look at charges or contacts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from agent.planner.rules import phrases
from agent.planner.rules.amounts import decimal
from agent.proposal import Claim, Signal

_SENTENCE = re.compile(r"(?<=[.!?;…])\s+|\n+|(?<=[a-zà-ÿ\d)])\s+[-–—]\s+")
_REFUND_WORD = re.compile(
    r"\b(?:refund\w*|money back|reimburs\w+|(?:rück|zurück)?erstatt\w*|rückzahlung|geld (?:\w+ ){0,2}zurück\w*|"
    r"zurückbekomm\w*|rembours\w*|reembols\w*|devoluci[óo]n|rimbors\w*|estorn\w*|terugbetal\w*)\b",
    re.IGNORECASE,
)
_PROMISED = re.compile(
    r"\b(?:requested|asked for|promised|was told|issued|approved|still|waiting|wait|yet|status|where|my refund|"
    r"supposed)\b|\b(?:versprochen|zugesagt|noch|immer|warte\w*|wo)\b|\b(?:promis|toujours|attends|encore)\b|"
    r"\b(?:prometi\w+|todavía|aún|espero|esperando|dónde)\b",
    re.IGNORECASE,
)
_LONGEST_QUOTE = 300
UNCLEAR = "A refund is spoken of, but it is not clear what is asked."
_GUARANTEE = re.compile(r"\bmoney[- ]back (?=guarantee)|\bor not\b", re.IGNORECASE)
_NOT_DUPLICATE = (phrases.FEE, phrases.DECLINED, phrases.NOT_HAPPENED, phrases.NOT_TWO_PAYMENTS)


@dataclass(frozen=True)
class Reading:
    """The asks found, each with the customer's sentence that carries it."""

    refund: tuple[str, ...] = ()
    duplicate: tuple[str, ...] = ()
    """Sentences that say something was paid twice: taken as asking for one of the two back."""
    status: tuple[str, ...] = ()
    beside_status: tuple[str, ...] = ()
    """Sentences that ask for a refund in a text that asks after one: the books tell whether it is another one."""
    payment_status: tuple[str, ...] = ()
    cancel: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """Names of asks that Deskhand does not do."""
    unread: tuple[str, ...] = ()
    """Sentences that ask for something no phrase explains."""
    heard: int = 0
    """How many sentences a phrase explains, of"""
    sentences: int = 0
    doubts: tuple[str, ...] = ()
    """Why a refund that seems asked for may not be."""
    claim: Claim = Claim.OTHER
    signals: tuple[Signal, ...] = ()

    @property
    def asks_refund(self) -> bool:
        """A refund is asked for here and now, without doubt."""
        return bool(self.refund or self.duplicate) and not self.doubts

    @property
    def asks_nothing_we_do(self) -> bool:
        return not (self.refund or self.duplicate or self.status or self.payment_status or self.cancel or self.doubts)


def sentences(text: str) -> list[str]:
    """The text's sentences and lines as written, stripped."""
    return [part.strip() for part in _SENTENCE.split(text.replace("\u2019", "'")) if part and part.strip()]


def read(text: str) -> Reading:
    """What the text asks for. Linear in its length."""
    parts = [(part, _kinds(_GUARANTEE.sub("", part))) for part in sentences(text)]

    def having(kind: str) -> tuple[str, ...]:
        return tuple(part[:_LONGEST_QUOTE] for part, kinds in parts if kind in kinds)

    wronged = _claim(text, False) is not Claim.OTHER
    how_to_get = having("how to get")
    refund = having("refund") + (how_to_get if wronged else ())
    duplicate, status = having("duplicate"), having("status")
    if not (refund or duplicate or status) and _claim(text, False) in (Claim.RETURN, Claim.CANCELLED):
        status = having("money when")
    beside: tuple[str, ...] = ()
    if status and (duplicate or refund):
        if duplicate and not any(_PROMISED.search(part) for part in status):
            refund, status = (*refund, *status), ()
        else:
            beside, refund, duplicate = having("refund"), (), ()
    return Reading(
        refund=refund, duplicate=duplicate, status=status, beside_status=beside, payment_status=having("payment"),
        cancel=having("cancel"), sentences=len(parts), heard=sum(bool(kinds - {"unread"}) for _, kinds in parts),
        others=_others(text), unread=having("unread"), claim=_claim(text, bool(duplicate)), signals=_signals(text),
        doubts=_doubts(text, having, bool(refund or duplicate), bool(duplicate)),
    )


def _kinds(part: str) -> frozenset[str]:
    """What one sentence is."""
    kinds: set[str] = set()
    if phrases.DUPLICATE.search(part) and not any(pattern.search(part) for pattern in _NOT_DUPLICATE):
        kinds.add("duplicate")
    elif phrases.DUPLICATE.search(part) and phrases.NOT_HAPPENED.search(part):
        kinds.add("feared")
    kinds |= _about_refund(part)
    if not kinds and _took_double(part):
        kinds.add("duplicate")
    if phrases.MONEY_BACK_WHEN.search(part) and not kinds:
        kinds.add("money when")
    if phrases.PAYMENT_STATUS.search(part):
        kinds.add("payment")
    if phrases.CANCEL.search(part):
        kinds.add("cancel")
    if not kinds and phrases.ASKS_SOMETHING.search(part):
        kinds.add("unread")
    return frozenset(kinds)


def _took_double(part: str) -> bool:
    """"You took 36 instead of 18"."""
    told = phrases.INSTEAD_OF.search(part)
    if told is None or not phrases.PAYING.search(part):
        return False
    low, high = decimal(told["low"] or told["low2"]), decimal(told["high"] or told["high2"])
    return low is not None and high == 2 * low


def _about_refund(part: str) -> set[str]:
    if phrases.STOPPED.search(part):
        return {"negated"}
    if phrases.GOT_IT.search(part) and not phrases.HOWEVER.search(part):
        return {"settled"}
    asked = phrases.REFUND_ASKED.search(part)
    if asked is None and not _REFUND_WORD.search(part):
        return {"status"} if phrases.REFUND_STATUS.search(part) else set()
    if phrases.NEGATED.search(part) and not phrases.REFUND_STATUS.search(part):
        return {"negated"}
    if phrases.REFUND_STATUS.search(part):
        return {"status"}
    if phrases.HOW_IT_WORKS.search(part):
        return {"how to get"} if phrases.HOW_TO_GET.search(part) else {"question"}
    if phrases.CONDITIONAL.search(part) and not phrases.POLITE_IF.search(part):
        return {"conditional"}
    return {"refund"} if asked else {"mentioned"}


def _doubts(text: str, having: Callable[[str], tuple[str, ...]], asks: bool, duplicate: bool) -> tuple[str, ...]:
    doubts = []
    if having("negated"):
        doubts.append("The customer says that no refund is wanted.")
    if having("conditional"):
        doubts.append("The refund is asked for only under a condition.")
    if (having("question") or having("how to get")) and not (asks or having("status")):
        doubts.append("The customer asks how refunds work.")
    settled = phrases.SETTLED.search(text) is not None or (
        phrases.ARRIVED.search(text) is not None and _claim(text, False) in (Claim.NOT_RECEIVED, Claim.OTHER)
    )
    if asks and settled:
        doubts.append("The matter may be settled already.")
    if having("mentioned") and not (asks or settled or doubts or having("status")):
        doubts.append(UNCLEAR)
    if having("feared") and not asks:
        doubts.append("A double payment is spoken of, but not one that happened.")
    single = [part for part in sentences(text) if not phrases.DUPLICATE.search(part)]
    if asks and any(phrases.UNRECOGNISED.search(part) for part in single):
        doubts.append("The customer does not recognise a payment.")
    if asks and not duplicate and phrases.WAITING.search(text) and _claim(text, False) in (Claim.OTHER, Claim.RETURN):
        doubts.append("The customer may be waiting for a refund that was asked for before.")
    if asks and phrases.BANKING.search(text) and not duplicate:
        doubts.append("The refund asked for may not be about an order.")
    if asks and any(phrases.FEE.search(part) for part in having("refund")):
        doubts.append("The customer asks for a fee or costs back.")
    if phrases.STEERS.search(text):
        doubts.append("The text gives instructions to a machine.")
    if duplicate and phrases.MAY_BE_FINE.search(text):
        doubts.append("The two payments may be meant, or settled already.")
    if duplicate and not having("refund") and all(phrases.WILL_IT.search(part) for part in having("duplicate")):
        doubts.append("The customer asks whether a double payment may happen.")
    if (asks or having("status")) and phrases.OTHER_SHOP.search(text):
        doubts.append("The customer may write about another shop.")
    if asks and phrases.THIRD_PARTY.search(text):
        doubts.append("The customer writes about someone else's order.")
    return tuple(doubts)


def _claim(text: str, duplicate: bool) -> Claim:
    if duplicate:
        return Claim.DUPLICATE
    return next((claim for claim, pattern in phrases.CLAIMS if pattern.search(text)), Claim.OTHER)


def _signals(text: str) -> tuple[Signal, ...]:
    found = [signal for signal, pattern in phrases.SIGNALS if pattern.search(text)]
    return (*found, Signal.FRAUD) if phrases.UNRECOGNISED.search(text) else tuple(found)


def _others(text: str) -> tuple[str, ...]:
    return tuple(name for name, pattern in phrases.OTHER_ASKS if pattern.search(text))
