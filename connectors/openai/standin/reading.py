"""A fixed keyword reading of a ticket: what the stand-in answers when nothing was queued.

It looks at the FACTS and TICKET blocks it was sent and at the schema, and at nothing else. It is no planner: it knows a
few dozen words, so that a demo and a test have an honest, repeatable model behind the API.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.openai.standin.schemas import least

Json = dict[str, Any]

def words(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts), re.IGNORECASE | re.DOTALL | re.MULTILINE)


TWICE = words(
    r"charged (me )?(twice|two times|double)", r"(double|duplicate)[- ]?(charge|payment|billing)", r"billed twice",
    r"charged .{0,40}\btwice", r"paid twice", r"two (identical )?charges", r"doppelte (ab)?buchung",
    r"(zweimal|doppelt) .{0,30}(abgebucht|belastet|bezahlt|berechnet)", r"double (débit|prélèvement)",
    r"(débité|facturé|prélevé).{0,20}deux fois", r"(cobrado|cobraron|cargo).{0,25}(dos veces|doble)", r"doble cargo")
MONEY_BACK = words(r"\brefund", r"money back", r"reimburse", r"\berstatt", r"rückerstatt", r"geld zurück", r"rembours",
                   r"reembols", r"devoluci")
WHERE = words(
    r"where('s| is| are)? .{0,20}(refund|money)", r"(status|update) .{0,12}refund",
    r"refund .{0,30}(not |n't |yet|still|status|arriv)", r"when will .{0,25}(refund|money)",
    r"wo (ist|bleibt) .{0,20}(erstattung|geld)", r"où .{0,20}remboursement", r"dónde .{0,20}reembolso")
NUMBER = words(r"(?<![\w-])\+?\(?\d[\d\s().\-/]{6,18}\d(?!\w)")
NEW_NUMBER = words(
    r"(new|change|update|changed|different|neue|nouveau|nuevo).{0,40}"
    r"(phone|mobile|cell|number|telefon|handy|rufnummer|numéro|téléphone|número|teléfono)",
    r"(phone|mobile|cell|telefon|handy).{0,20}(number|nummer)?.{0,12}"
    r"(is now|has changed|changed|lautet jetzt|ist jetzt)")
MOBILE = words(r"\bmobile", r"\bcell", r"\bhandy", r"portable", r"móvil")
AMOUNT = words(r"(?:[$€£]|usd|eur|gbp)\s?(\d{1,6}(?:[.,]\d{2})?)",
               r"(\d{1,6}(?:[.,]\d{2})?)\s?(?:[$€£]|usd\b|eur\b|gbp\b|euros?\b|dollars?\b)")
SOMETHING_ELSE = {
    "cancel a subscription or order": words(r"\bcancel (my|the|this)", r"kündig", r"stornieren", r"annuler",
                                             r"resili", r"résili"),
    "change the e-mail address": words(r"(new|change|update).{0,20}e-?mail"),
    "delivery question": words(r"where is my (order|parcel|package)", r"not (been )?delivered", r"tracking"),
}
SIGNALS = {
    "legal_threat": words(r"\blawyer", r"\battorney", r"solicitor", r"\bsue\b", r"legal action", r"anwalt", r"avocat",
                          r"abogado"),
    "anger": words(r"furious", r"outrageous", r"unacceptable", r"disgusting", r"ridiculous", r"scandal", r"wütend",
                   r"unverschämt", r"furieu"),
    "asks_for_manager": words(r"\bmanager", r"supervisor", r"vorgesetzt"),
    "asks_for_person": words(r"(real|actual) (person|human)", r"speak (to|with) (a |some)", r"^\W*person\W*$"),
    "chargeback_threat": words(r"chargeback", r"dispute (this|the|it)", r"my bank will", r"rückbuchung"),
    "press": words(r"newspaper", r"journalist", r"\bpress\b", r"go public"),
    "fraud": words(r"fraud", r"stolen card", r"did(n't| not) (make|authori[sz]e) (this|that|the)", r"hacked"),
    "bereavement": words(r"passed away", r"deceased", r"verstorben", r"décédé", r"falleci"),
    "medical": words(r"hospital", r"allergic reaction", r"injur"),
    "self_harm": words(r"kill myself", r"end my life", r"suicid"),
    "minor": words(r"i am (only )?1[0-7]\b", r"my (son|daughter|child) (bought|ordered)"),
}
CLAIMS = {
    "not_received": words(r"never (arrived|received|came)", r"not (received|arrived)", r"didn't arrive",
                          r"nicht angekommen"),
    "damaged": words(r"broken", r"damaged", r"faulty", r"defect", r"wrong (item|size)", r"kaputt", r"beschädigt",
                     r"cassé", r"\broto\b"),
    "return": words(r"sent (it|them) back", r"returned", r"return(ing)? the", r"zurückgeschickt", r"renvoyé",
                    r"devuelto"),
    "cancelled": words(r"cancell?ed", r"storniert", r"annulé", r"cancelado"),
    "goodwill": words(r"goodwill", r"as a gesture", r"kulanz", r"geste commercial"),
}
LANGUAGES = {
    "de": words(r"\b(ich|und|bitte|nicht|wurde|danke|mein|meine|guten|für)\b"),
    "fr": words(r"\b(je|vous|merci|bonjour|mon|pas|été|pour|deux)\b"),
    "es": words(r"\b(hola|por|favor|gracias|mi|dos|veces|quiero|una|está)\b"),
    "en": words(r"\b(the|my|please|you|was|have|and|for|is|i)\b"),
}
REPLIES = {"en": "Thank you for your message.", "de": "Vielen Dank für Ihre Nachricht.",
           "fr": "Merci pour votre message.", "es": "Gracias por su mensaje."}


@dataclass(frozen=True)
class Sent:
    """The two blocks of the prompt, as data."""

    facts: Json
    ticket: Json

    @property
    def asked(self) -> str:
        messages = self.ticket.get("messages", [])
        return "\n\n".join(m["text"] for m in messages if m.get("new") and m["who"] == "customer")

    @property
    def charges(self) -> list[Json]:
        return list(self.facts.get("charges", []))


def read(schema: Json, text: str) -> Json:
    """An answer in the schema: the keyword reading where it is a ticket's proposal, otherwise the least value."""
    answer: Json = least(schema)
    sent = blocks(text)
    if sent is None or not {"actions", "nothing_asked", "uncovered"} <= set(answer):
        return answer
    return {**answer, **_proposal(sent)}


def blocks(text: str) -> Sent | None:
    """The JSON between the marker lines of FACTS and TICKET; None when the text has no such blocks."""
    found = dict(re.findall(r"^<<<(FACTS|TICKET) \w+\n(.*?)\n\1 \w+>>>$", text, re.M | re.S))
    try:
        return Sent(json.loads(found["FACTS"]), json.loads(found["TICKET"]))
    except (KeyError, ValueError):
        return None


def _proposal(sent: Sent) -> Json:
    asked = sent.asked
    actions, unsure = _actions(sent, asked)
    uncovered = [what for what, sign in SOMETHING_ELSE.items() if sign.search(asked)]
    signals = [signal for signal, sign in SIGNALS.items() if sign.search(asked)]
    language = _language(asked)
    nothing = not (actions or uncovered or unsure or signals or "?" in asked)
    if not (nothing or actions or uncovered or unsure):
        unsure = "It is not clear what is asked."
    return {"nothing_asked": nothing, "actions": actions, "uncovered": uncovered, "unsure": unsure,
            "confidence": "low" if unsure else "medium" if len(actions) + len(uncovered) > 1 else "high",
            "signals": signals, "category": _category(actions), "language": language, "reply": REPLIES[language]}


def _actions(sent: Sent, asked: str) -> tuple[list[Json], str | None]:
    """The typed actions, and why a person should look when a charge or record is missing."""
    money, unsure = _money(sent, asked)
    number = _number(sent, asked)
    return [*money, *number], unsure


def _money(sent: Sent, asked: str) -> tuple[list[Json], str | None]:
    twice, back = TWICE.search(asked), MONEY_BACK.search(asked)
    if WHERE.search(asked):
        handles = [charge["handle"] for charge in sent.charges if charge.get("refunds")]
        return [{"kind": "status_answer", "charge": handles[0] if len(handles) == 1 else None,
                 "quote": _quote(asked, WHERE)}], None
    if twice:
        later = _later_of_a_pair(sent)
        return _refund(later, None, "duplicate", _quote(asked, TWICE)), None if later else "No pair of equal charges."
    if back:
        return _plain_refund(sent, asked)
    return [], None


def _plain_refund(sent: Sent, asked: str) -> tuple[list[Json], str | None]:
    amount = _amount(asked)
    meant = _meant(sent, asked, amount)
    claim = next((claim for claim, sign in CLAIMS.items() if sign.search(asked)), "other")
    if meant is None:
        return [], "Which payment is meant is not clear."
    part = amount if amount and float(amount) < float(meant["refundable"]) else None
    return _refund(meant, part, claim, _quote(asked, MONEY_BACK)), None


def _refund(charge: Json | None, amount: str | None, claim: str, quote: str) -> list[Json]:
    if charge is None:
        return []
    return [{"kind": "refund", "charge": charge["handle"], "amount": amount, "currency": None, "claim": claim,
             "quote": quote}]


def _later_of_a_pair(sent: Sent) -> Json | None:
    """The later of the two newest equal charges that are not refunded, those of the ticket's order first."""
    whole = [charge for charge in sent.charges if charge.get("refundable") == charge.get("amount")]
    named = [charge for charge in whole if sent.facts.get("order") and charge.get("order") == sent.facts["order"]]
    for among in (named, whole):
        newest = sorted(among, key=lambda charge: datetime.fromisoformat(charge["on"]), reverse=True)
        for place, later in enumerate(newest):
            if any(_equal(later, earlier) for earlier in newest[place + 1:]):
                return later
    return None


def _equal(one: Json, other: Json) -> bool:
    same = ("amount", "currency", "order")
    return all(one.get(name) == other.get(name) for name in same)


def _meant(sent: Sent, asked: str, amount: str | None) -> Json | None:
    """The one charge that order number, amount or being alone points to."""
    left = [charge for charge in sent.charges if float(charge.get("refundable") or 0) > 0]
    for fits in ([c for c in left if sent.facts.get("order") and c.get("order") == sent.facts["order"]],
                 [c for c in left if c.get("order") and c["order"] in asked],
                 [c for c in left if amount and float(c["amount"]) == float(amount)], left):
        if len(fits) == 1:
            return fits[0]
    return None


def _amount(asked: str) -> str | None:
    hit = AMOUNT.search(asked)
    return (hit[1] or hit[2]).replace(",", ".") if hit else None


def _number(sent: Sent, asked: str) -> list[Json]:
    contacts, number = sent.facts.get("contacts", []), NUMBER.search(asked)
    if not (NEW_NUMBER.search(asked) and number and len(contacts) == 1):
        return []
    return [{"kind": "contact_change", "contact": contacts[0]["handle"],
             "field": "mobile" if MOBILE.search(asked) else "phone", "value": number[0].strip(),
             "quote": _quote(asked, NUMBER)}]


def _quote(asked: str, sign: re.Pattern[str]) -> str:
    """The customer's own sentence around the words that were found."""
    hit = sign.search(asked)
    if hit is None:
        return asked[:200]
    begin = max(asked.rfind(mark, 0, hit.start()) for mark in ("\n", ". ", "! ", "? "))
    ends = [place for mark in ("\n", ". ", "! ", "? ") if (place := asked.find(mark, hit.end())) >= 0]
    return asked[begin + 1: min(ends, default=len(asked))].strip()


def _category(actions: list[Json]) -> str:
    kinds = {action["kind"] for action in actions}
    if kinds & {"refund", "status_answer"}:
        return "billing"
    return "contact_details" if "contact_change" in kinds else "other"


def _language(asked: str) -> str:
    counts = {language: len(sign.findall(asked)) for language, sign in LANGUAGES.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] > 0 else "en"
