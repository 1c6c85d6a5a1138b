"""Amounts, shares and dates as customers write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from agent.planner.rules.currencies import meant

_NUMBER = r"\d{1,3}(?:[.,'\u00a0 ]\d{3})+(?:[.,]\d{1,3})?(?!\d)|\d{1,7}(?:[.,]\d{1,3})?(?!\d)"
_CODE = r"eur|usd|gbp|chf|jpy|pln|isk|cad|aud|nzd|sgd|hkd|mxn|nok|dkk|czk|huf|inr|cny"
_SIGN = (rf"€|\$|£|¥|euros?|{_CODE}|dollars?|pounds?|quid|bucks?|francs?|kr|zł|zlotys?|yens?|yuan|rupees?")
_AMOUNT = re.compile(
    rf"(?:(?P<before>(?:\b(?:{_CODE})\b|(?:\b(?:us|au?|ca?|nz|hk|s|mx))?\$|[€£¥])) ?(?P<first>{_NUMBER}))"
    rf"|(?<![\w.,#/-])(?P<second>{_NUMBER}) ?(?P<after>(?:{_SIGN})(?![a-z]))"
    r"|(?<![\w.,#/:-])(?P<bare>\d{1,5}[.,]\d{2})(?![\d.,/:-]\d|\d| ?%| ?h\b| ?uhr)",
    re.IGNORECASE,
)
_SHARES: tuple[tuple[re.Pattern[str], Decimal], ...] = (
    (re.compile(r"\b(?:(?<!in )(?<!and a )(?<!snapped )half(?! (?:an?|hour|past|way|open|full|empty|hearted|term|"
        r"price|broken)\b)(?!-)|die hälfte|la moitié|la mitad|metà|metade|de helft)\b", re.IGNORECASE), Decimal("0.5")),
    (re.compile(r"\b(?:a third|one third|ein drittel|un tiers|un tercio)\b", re.IGNORECASE), Decimal(1) / 3),
    (re.compile(r"\b(?:a quarter|one quarter|ein viertel|un quart)\b", re.IGNORECASE), Decimal("0.25")),
)
_PERCENT = re.compile(
    r"(?<![\d.,])(\d{1,3}) ?(?:%|percent|prozent|pour cent|por ciento)(?!-)(?! ?(?:off|discount|sale|cotton|wool|"
    r"silk|cheaper|"
    r"rabatt|reduziert|nachlass auf|de descuento|de réduction|sure|happy|satisfied|sicher))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Amount:
    value: Decimal
    at: int
    """Where it stands in the text."""
    currencies: frozenset[str] = frozenset()
    """What the sign, code or word beside it can mean; empty where there is none."""

    def fits(self, currency: str) -> bool:
        return not self.currencies or currency in self.currencies


def amounts(text: str) -> list[Amount]:
    """Money amounts in reading order; bare numbers count only with two decimals."""
    found = []
    for match in _AMOUNT.finditer(text):
        value = decimal(match["first"] or match["second"] or match["bare"])
        if value is not None and value > 0:
            found.append(Amount(value, match.start(), meant(match["before"] or match["after"] or "")))
    return found


def decimal(written: str) -> Decimal | None:
    """A number with "." or "," as decimal sign: the last sign counts as decimal unless three digits follow it."""
    digits = re.sub(r"['\s\u00a0]", "", written)
    head, sign, tail = digits.rpartition(max(".", ",", key=digits.rfind))
    thousands = len(tail) == 3 and head != "" and not ("." in head or "," in head) and len(head) <= 3 and head != "0"
    plain = digits if not sign else (digits if thousands else f"{head}\0{tail}")
    try:
        return Decimal(re.sub(r"[.,]", "", plain).replace("\0", "."))
    except InvalidOperation:
        return None


def share(text: str) -> Decimal | None:
    """The part of an amount asked for: 0.5 for "half", 0.2 for "20 %"."""
    percent = _PERCENT.search(text)
    if percent is not None:
        part = Decimal(percent[1]) / 100
        return part if 0 < part <= 1 else None
    return next((part for pattern, part in _SHARES if pattern.search(text)), None)


def part_of(whole: Decimal, part: Decimal) -> Decimal:
    """A share of an amount, rounded half up to the amount's own decimals."""
    return (whole * part).quantize(whole, rounding=ROUND_HALF_UP)


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier enero gennaio janeiro januari",
            "february feb februar février febrero febbraio fevereiro februari",
            "march mar märz mars marzo março maart",
            "april apr avril abril aprile",
            "may mai mayo maggio maio mei",
            "june jun juni juin junio giugno junho",
            "july jul juli juillet julio luglio julho",
            "august aug août agosto augustus",
            "september sep sept septembre septiembre settembre setembro",
            "october oct oktober okt octobre octubre ottobre outubro",
            "november nov novembre noviembre novembro",
            "december dec dezember dez décembre diciembre dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY_MONTH = re.compile(rf"\b([0-3]?\d)(?:st|nd|rd|th|\.)?(?: of| de)? ({_MONTH})\b\.?", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"\b({_MONTH})\.? ([0-3]?\d)(?:st|nd|rd|th)?\b(?![.,]\d)", re.IGNORECASE)
_ISO = re.compile(r"\b(20\d\d)-([01]\d)-([0-3]\d)\b")
_DOTTED = re.compile(r"(?<![\d.,])([0-3]?\d)\.([01]?\d)\.(?:(?:20)?\d\d)?(?![\d])")
_PAID = (
    r"\b(?:charged|ordered|bought|paid|purchased|placed|debited|bestellt|bezahlt|gekauft|abgebucht|commandé|payé|"
    r"acheté|débité|compr\w+|pagu?[ée]|"
    r"pedí|cobr\w+)\b[^.!?\n]{0,40}?"
)
_DAYS_AGO: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(_PAID + r"\b(?:day before yesterday|vorgestern|avant-hier|anteayer)\b", re.IGNORECASE), 2),
    (re.compile(_PAID + r"(?<!before )\b(?:yesterday|gestern|hier|ayer|ieri|ontem|gisteren)\b", re.IGNORECASE), 1),
    (re.compile(_PAID + r"\b(?:today|this morning|heute|aujourd'hui|hoy|oggi|hoje|vandaag)\b", re.IGNORECASE), 0),
)
"""Only days of paying count: "I noticed today" says nothing about the charge."""


def dates(text: str, today: date) -> set[date]:
    """Days the text names, the latest such day not after today."""
    found: set[date] = set()
    for match in _ISO.finditer(text):
        found |= _day(int(match[1]), int(match[2]), int(match[3]))
    for match in _DAY_MONTH.finditer(text):
        found |= _latest(today, _MONTHS[match[2].lower()], int(match[1]))
    for match in _MONTH_DAY.finditer(text):
        found |= _latest(today, _MONTHS[match[1].lower()], int(match[2]))
    for match in _DOTTED.finditer(text):
        found |= _latest(today, int(match[2]), int(match[1]))
    return found | {today - timedelta(days=days) for pattern, days in _DAYS_AGO if pattern.search(text)}


def _latest(today: date, month: int, day: int) -> set[date]:
    this_year = _day(today.year, month, day)
    return {d if d <= today else d.replace(year=d.year - 1) for d in this_year if (d.month, d.day) != (2, 29)}


def _day(year: int, month: int, day: int) -> set[date]:
    try:
        return {date(year, month, day)}
    except ValueError:
        return set()
