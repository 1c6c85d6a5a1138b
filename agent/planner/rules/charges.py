"""Which charge a customer means, and how much of it: by order, amount, card, date, words, or being the only one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from agent.planner.rules.amounts import Amount, amounts, dates, part_of, share
from agent.proposal import Case, PlannerUnsure, SeenCharge

PAIR_APART = timedelta(hours=48)

_ENDING = re.compile(
    r"(?:ending(?: in| with)?|ends (?:in|with)|last (?:four|4)(?: digits)?(?: are| is)?|endet auf|endziffern?|"
    r"mit der endung|(?:se )?termin\w+"
    r"(?: par| en| por)|finissant par|che termina con|eindigend op|[*x•]{2,})\W{0,4}(\d{4})\b",
    re.IGNORECASE,
)
_ORDER_LIKE = re.compile(
    r"(?:\b(?:order|bestell(?:ung|nummer|nr)?|auftrag(?:snummer)?|commande|pedido|ordine|encomenda|bestelling|"
    r"purchase)\b"
    r"(?: ?(?:number|num|no|nr|id|nummer|numéro|n[°ºo]|número))?[ .:#]{0,4}|#)((?:[A-Z]{1,5}-?)?\d[\dA-Z-]{2,20})\b",
    re.IGNORECASE,
)
_LATEST = re.compile(
    r"\b(?:second|2nd|later|latest|last|newest|most recent|recent) (?:one|charge|payment|transaction|order|"
    r"purchase)\b|\bthe second\b|\b(?:zweite\w?|letzte\w?|spätere\w?|neueste\w?|jüngste\w?)\b(?: \w+)?|\b(?:deuxième|"
    r"seconde?|dernière?|derniers?)\b|\b(?:segund[oa]|últim[oa])\b|\b(?:ultim[oa]|tweede|laatste)\b",
    re.IGNORECASE,
)
_EARLIEST = re.compile(
    r"\b(?:first|1st|earlier|older|oldest|original) (?:one|charge|payment|transaction|order)\b|\b(?:erste[nrs]?|"
    r"frühere[nr]?) "
    r"(?:abbuchung|zahlung|buchung|bestellung)\b|\bpremi(?:er|ère) (?:paiement|prélèvement|commande|débit)\b|"
    r"\bprimer(?:a|o)? (?:cobro|pago|cargo|pedido)\b",
    re.IGNORECASE,
)
_ALL_OF_THEM = re.compile(
    r"\b(?:both|all) (?:of )?(?:the |my |these |those )?(?:charges|payments|orders|transactions|of them)\b|"
    r"\bboth\b(?= back| refunded|\W*$)|\b(?:beide|alle) (?:abbuchungen|zahlungen|bestellungen)\b|"
    r"\bles deux (?:commandes|paiements)\b|\b(?:ambos|los dos|las dos) (?:pagos|cobros|pedidos)?\b",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"\b(?:both|beide\w?|ambos|ambas|les deux|los dos|las dos)\b(?! (?:payments|charges|times|zahlungen|abbuchungen|"
    r"paiements|"
    r"prélèvements|pagos|cobros))",
    re.IGNORECASE,
)
_EXCEPT = re.compile(
    r"\b(?:not (?!yet|received|arrived|been|come|delivered|either)|except|but|only|without|nicht|außer|nur|sauf|pas|"
    r"excepto|menos|sólo)\b|\b(?:do|wo|should)n't\b",
    re.IGNORECASE,
)
_MORE_THAN_TWICE = re.compile(
    r"\b(?:three|four|five|[3-9]) times\b|\b[3-9] ?x\b|\bthrice\b|\btripl\w+|\b(?:drei|vier|fünf|[3-9]) ?mal\b|"
    r"\bdreifach|\b(?:trois|quatre|[3-9]) fois\b|\b(?:tres|cuatro|[3-9]) veces\b",
    re.IGNORECASE,
)
_PARTLY = re.compile(
    r"\bpartial(?:ly)?\b|\bpart of (?:it|the|my)\b|\bteilweise|\bteil(?:erstattung|betrag)|\bpartiel\w*|\bparcial\w*|"
    r"\bthe difference\b|\bdifferenz\b|\bla différence\b|\bla diferencia\b|\bone of (?:the|my|these|those) (?!charges|"
    r"payments|transactions|two charges|two payments|orders|times|duplicate|double|debits)\w+|\bjust the\b|"
    r"\bonly the\b|\bnur (?:die|den|das)\b|\bsome of (?:it|the|my)\b|\b(?:eine[rsn]?|einen) (?:der|von den|"
    r"dieser) (?!abbuchungen|zahlungen|beiden)\w+|\bshipping (?:costs?|fees?|charges?)\b|\bversandkosten\b|"
    r"\bfrais de (?:port|livraison)\b|\bgastos de envío\b|\bdelivery (?:fees?|costs?|charges?)\b",
    re.IGNORECASE,
)
_BACK = (
    r"(?:refund\w*|reimburse\w*|back|zurück\w*|erstatt\w*|rückerstatt\w*|rembours\w*|reembols\w*|devol\w*|devuelv\w*|"
    r"rimbors\w*|terug\w*|credit\w*)"
)
_LESS_CLEAR = re.compile(
    rf"{_BACK} (?:me |us |mir |uns |moi |of |for )?(?P<bare>\d{{1,4}})(?![\w.,%-])(?! ?(?:%|€|\$|£|eur|usd|gbp|dollar|"
    r"pound|quid))|"
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|hundred|zwei|"
    r"drei|fünf|zehn|fünfzehn|zwanzig|dreißig|"
    r"cinq|dix|quinze|vingt|trente|cinco|diez|quince|veinte|treinta) (?:euros?|dollars?|pounds?|bucks|quid|francs?)\b|"
    r"\b\d{1,2} (?:of|out of|von|der|sur|de) (?:the |den |les |los )?\d{1,2}\b|\b(?:minus|less the|apart from|"
    r"abzüglich|moins les|menos)\b|"
    r"\bthe (?:missing|broken|damaged|faulty|wrong|defective) (?:ones?|pieces?|parts?)\b",
    re.IGNORECASE,
)
"""A part seems to be asked for, in words or numbers that are not surely an amount."""
_INSTEAD = re.compile(
    r"\b(?:instead of|rather than|should (?:have been|be|only be)|statt|anstatt|au lieu de|en lugar de|"
    r"en vez de)\b", re.IGNORECASE)
_BACK_WORD = re.compile(rf"\b{_BACK}", re.IGNORECASE)
_ASKED_AFTER = re.compile(
    rf"^[^.!?\n]{{0,14}}(?:\b(?:of (?:it|this|that|the)|off|davon|von|de (?:la|ello)|sur)\b|(?:to be |"
    rf"be )?{_BACK})", re.IGNORECASE
)
_PAID_WORD = re.compile(
    r"\b(?:charge[ds]?|payments?|paid|pay|purchase|transaction|cost|worth|total|price|billed|debited|betrag|zahlung|"
    r"abbuchung|bezahlt|abgebucht|paiement|débité|prélevé|payé|cobrado|cobro|cargo|pago|pagu?[ée]|twice|order of|"
    r"bestellung über|commande de|pedido de)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON = frozenset(
    {"order", "bestellung", "commande", "pedido", "payment", "invoice", "charge", "subscription", "online", "shop",
     "store", "items", "item", "the", "and", "for", "der", "die", "das", "und", "mit", "les", "des", "con", "los",
     "las", "one", "two", "set", "new", "pro", "your", "with", "from", "please", "refund", "twice", "double",
     "money", "back", "card"}
)


@dataclass(frozen=True)
class Wanted:
    """A charge and how much of it, as a proposal says it."""

    charge: SeenCharge
    amount: str | None


def duplicate(case: Case, text: str) -> SeenCharge:
    """The later of the two charges the customer paid twice with. Raises PlannerUnsure."""
    if _MORE_THAN_TWICE.search(text):
        raise PlannerUnsure("More than two charges for the same thing are spoken of.")
    if _EARLIEST.search(text) and not _LATEST.search(text) and re.search(
        r"refund|back|erstatt|rembours|reembols|devol", text, re.I):
        raise PlannerUnsure("The customer asks for the earlier charge of a pair.")
    pairs = _pairs(_narrowed(case, text, charged_pair=True))
    if not pairs:
        raise PlannerUnsure("Two equal charges shortly after another are not seen.")
    if len(pairs) > 1:
        raise PlannerUnsure("More than one pair of equal charges fits.")
    once = Decimal(pairs[0].amount)
    if any((amount.value not in (once, 2 * once) or not amount.fits(pairs[0].currency)) and _is_asked_back(text, amount)
           for amount in amounts(text)):
        raise PlannerUnsure("It is not clear which amount is asked for.")
    return pairs[0]


def is_one_pair(case: Case) -> bool:
    """The books hold exactly one double payment."""
    try:
        return len(_pairs(case.charges)) == 1
    except PlannerUnsure:
        return False


def _pairs(charges: Sequence[SeenCharge]) -> list[SeenCharge]:
    """The later charge of each pair of equal, untouched charges close together; a third equal one spoils its pair."""
    groups: dict[tuple[str, str, str | None], list[SeenCharge]] = {}
    for charge in sorted(charges, key=lambda c: c.on):
        if charge.status == "succeeded":
            label = charge.order or charge.description
            groups.setdefault((charge.amount, charge.currency, label), []).append(charge)
    later = []
    for group in groups.values():
        close = [pair for pair in itertools.pairwise(group) if pair[1].on - pair[0].on <= PAIR_APART]
        if len(close) == 1 and all(charge.refundable == charge.amount for charge in close[0]):
            later.append(close[0][1])
        elif len(close) > 1:
            raise PlannerUnsure("More than two equal charges are seen.")
    return later


def wanted(case: Case, text: str, ask: str) -> tuple[Wanted, ...]:
    """The charges to refund and how much of each; `ask` is the part of the text that asks. Raises PlannerUnsure."""
    together = _asked_together(case, text, ask)
    if together:
        return together
    fitting = [charge for charge in _narrowed(case, text, ask=ask) if charge.status == "succeeded"]
    if not fitting:
        raise PlannerUnsure("No charge fits what the customer writes.")
    open_ones = [charge for charge in fitting if Decimal(charge.refundable) > 0]
    if not open_ones:
        raise PlannerUnsure("The charge that fits is already refunded.")
    if len(open_ones) > 1:
        open_ones = _meant(open_ones, ask) or open_ones
    if len(open_ones) > 1:
        return _several(open_ones, text, ask)
    return (Wanted(open_ones[0], _how_much(open_ones[0], text, ask)),)


def _asked_together(case: Case, text: str, ask: str) -> tuple[Wanted, ...]:
    """Several orders named in the ask, or "both" of the two that the text names, each paid once and untouched."""
    both = _BOTH.search(ask) is not None
    named = [c for c in case.charges if c.order and _names_order(text if both else ask, c.order)]
    if both and not named:
        named = _named_by_words(case, text)
    apart = len({charge.order for charge in named}) == len(named) >= 2 and (not both or len(named) == 2)
    whole = all(c.status == "succeeded" and c.refundable == c.amount for c in named)
    in_part = amounts(ask) or _PARTLY.search(ask) or share(ask) is not None or _EXCEPT.search(ask)
    if not (apart and whole) or in_part or _unknown_order(case, text):
        return ()
    return tuple(Wanted(charge, None) for charge in sorted(named, key=lambda c: c.on))


def _named_by_words(case: Case, text: str) -> list[SeenCharge]:
    """Each charge that a word of its own description names in the text."""
    words = set(_WORD.findall(text.lower())) - _COMMON
    named = {charge.handle: _named(words, charge) for charge in case.charges}
    return [c for c in case.charges if named[c.handle] - _shared_by_others(c, case.charges, named)]


def _shared_by_others(
    charge: SeenCharge, charges: Sequence[SeenCharge], named: Mapping[str, set[str]]
) -> set[str]:
    """The words that also name something else than this charge paid for."""
    return set().union(*(named[other.handle] for other in charges if other.description != charge.description))


def _named(words: set[str], charge: SeenCharge) -> set[str]:
    """The words of the text that name what was bought: as described, in the plural, or the end of a compound."""
    described = set(_WORD.findall((charge.description or "").lower())) - _COMMON
    return {
        word for word in words
        if any(word == of or word in (of + "s", of + "en", of + "n") or (len(word) >= 5 and of.endswith(word))
               for of in described)
    }


def _meant(charges: list[SeenCharge], ask: str) -> list[SeenCharge]:
    """The charges that the words of the ask itself name, by order number or by what was bought."""
    return [c for c in charges if c.order and _names_order(ask, c.order)] or _sharing_words(charges, ask)


def _several(charges: list[SeenCharge], text: str, ask: str) -> tuple[Wanted, ...]:
    by_time = sorted(charges, key=lambda c: c.on)
    named = [c for c in charges if c.order and _names_order(ask, c.order)]
    in_part = amounts(text) or _PARTLY.search(text) or share(text) is not None or _EXCEPT.search(text)
    if len(named) == len(charges) == len({c.order for c in charges}) and not in_part:
        return tuple(Wanted(charge, None) for charge in by_time)
    if _ALL_OF_THEM.search(text) or len(named) > 1:
        raise PlannerUnsure("Several charges are asked for at once.")
    if bool(_LATEST.search(text)) != bool(_EARLIEST.search(text)):
        one = by_time[-1] if _LATEST.search(text) else by_time[0]
        return (Wanted(one, _how_much(one, text, text)),)
    raise PlannerUnsure("More than one charge fits.")


def asked_about(case: Case, text: str) -> SeenCharge | None:
    """The charge a status question is about; the only one with a refund where nothing else tells."""
    try:
        fitting = _narrowed(case, text)
    except PlannerUnsure:
        return None
    with_refund = [charge for charge in fitting if charge.refunds]
    for candidates in (with_refund, fitting):
        if len(candidates) == 1:
            return candidates[0]
    return None


def _narrowed(case: Case, text: str, *, ask: str = "", charged_pair: bool = False) -> list[SeenCharge]:
    """The charges that fit every hint in the text. A hint that fits none of them raises PlannerUnsure.

    What the words of the ask itself name outweighs what else the text names.
    """
    charges = _by_order(case, text)
    for hint in (_by_card, _by_date, _by_amount, _by_words):
        narrowed = (hint is _by_words and ask and _by_words(case, charges, ask)) or hint(case, charges, text)
        if narrowed and (not charged_pair or len(narrowed) > 1):
            charges = narrowed
    return charges


def _by_order(case: Case, text: str) -> list[SeenCharge]:
    named = [charge for charge in case.charges if charge.order and _names_order(text, charge.order)]
    if named:
        return named
    if case.order is not None:
        of_order = [charge for charge in case.charges if charge.order == case.order]
        if not of_order:
            raise PlannerUnsure("No charge carries the order number given.")
        return of_order
    if any(charge.order for charge in case.charges) and _unknown_order(case, text):
        raise PlannerUnsure("No charge carries the order number given.")
    return list(case.charges)


def _names_order(text: str, order: str) -> bool:
    return re.search(
        rf"(?<![\w.,€$£-]){re.escape(order)}(?![\w]|[.,]\d| ?(?:€|eur\b|euro|usd|dollar|"
        rf"pound))", text, re.IGNORECASE) is not None


def _unknown_order(case: Case, text: str) -> bool:
    described = " ".join(charge.description or "" for charge in case.charges).lower()
    return any(match[1].lower() not in described for match in _ORDER_LIKE.finditer(text))


def _by_card(case: Case, charges: list[SeenCharge], text: str) -> list[SeenCharge]:
    endings = {match[1] for match in _ENDING.finditer(text)}
    if not endings:
        return []
    narrowed = [charge for charge in charges if any(charge.paid_with.endswith(ending) for ending in endings)]
    if not narrowed:
        raise PlannerUnsure("No charge was paid with the card named.")
    return narrowed


def _by_date(case: Case, charges: list[SeenCharge], text: str) -> list[SeenCharge]:
    days = dates(text, case.today.date())
    return [charge for charge in charges if charge.on.date() in days]


def _by_amount(case: Case, charges: list[SeenCharge], text: str) -> list[SeenCharge]:
    named = amounts(text)
    return [charge for charge in charges
            if any(amount.value == Decimal(charge.amount) and amount.fits(charge.currency) for amount in named)]


def _by_words(case: Case, charges: list[SeenCharge], text: str) -> list[SeenCharge]:
    return _sharing_words(charges, text)


def _sharing_words(charges: list[SeenCharge], text: str) -> list[SeenCharge]:
    """The charges that a word of their own names; where none is, those whose descriptions share most words."""
    words = set(_WORD.findall(text.lower())) - _COMMON
    shared = {charge.handle: _named(words, charge) for charge in charges}
    apart = [charge for charge in charges if shared[charge.handle] - _shared_by_others(charge, charges, shared)]
    if apart:
        return apart
    best = max((len(found) for found in shared.values()), default=0)
    return [charge for charge in charges if best and len(shared[charge.handle]) == best]


def _how_much(charge: SeenCharge, text: str, ask: str) -> str | None:
    """None for all that is left, else the part asked for. Raises PlannerUnsure when the part is not clear."""
    whole = Decimal(charge.amount)
    named = amounts(text)
    if any(not amount.fits(charge.currency) and _is_asked_back(text, amount) for amount in named):
        raise PlannerUnsure(f"An amount is asked for in another currency than {charge.currency}, in which it was paid.")
    if _INSTEAD.search(text) and len({amount.value for amount in named}) == 2:
        return _difference(charge, named)
    part = share(ask)
    if part is not None:
        return _fits(charge, part_of(whole, part))
    others = [amount for amount in named if amount.value != whole or not amount.fits(charge.currency)]
    asked = {amount.value for amount in others if _is_asked_back(text, amount)}
    in_ask = {amount.value for amount in amounts(ask)}
    if len(asked) == 1 and ({amount.value for amount in others} == asked or in_ask - {whole} == asked):
        return _fits(charge, asked.pop())
    if others:
        raise PlannerUnsure("It is not clear which amount is asked for.")
    if _PARTLY.search(ask) or _is_less_clear(charge, ask):
        raise PlannerUnsure("Only a part is asked for, without an amount.")
    return None


def _is_less_clear(charge: SeenCharge, ask: str) -> bool:
    return any(match["bare"] is None or match["bare"] != charge.order for match in _LESS_CLEAR.finditer(ask))


def _is_asked_back(text: str, amount: Amount) -> bool:
    """Words of giving back stand nearer to the amount than words of paying."""
    if _ASKED_AFTER.search(re.sub(r"^\W*[\d.,']+", "", text[amount.at : amount.at + 60])):
        return True
    before = re.split(r"[!?\n]|\. ", text[max(0, amount.at - 60) : amount.at])[-1]
    return _last(_BACK_WORD, before) > _last(_PAID_WORD, before)


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.start() for match in pattern.finditer(text)), default=-1)


def _difference(charge: SeenCharge, named: list[Amount]) -> str:
    low, high = sorted({amount.value for amount in named})
    if high != Decimal(charge.amount):
        raise PlannerUnsure("The amounts named do not fit the charge.")
    return _fits(charge, high - low) or ""


def _fits(charge: SeenCharge, value: Decimal) -> str | None:
    left = Decimal(charge.refundable)
    if value == left:
        return None
    if value > left or value <= 0:
        raise PlannerUnsure("More is asked for than is left of the charge.")
    exponent = -int(left.as_tuple().exponent)
    written = value.quantize(left)
    if written != value:
        raise PlannerUnsure("The amount asked for is not one of this currency.")
    return f"{written:.{exponent}f}"
