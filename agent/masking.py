"""Card numbers and security codes that customers paste are masked before anything is stored, logged or shown."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator

Span = tuple[int, int, str]
"""From, to, and the words that take its place."""

_GAP = r"(?:[^\w<&!#$%?@^`{}€£¥°]|_|&nbsp;|&#160;|<[^<>]{0,12}>)"
_RUN = re.compile(rf"\d(?:{_GAP}{{0,6}}\d)*")
_GROUP = re.compile(r"\d(?:\u200b{0,6}\d)*")

_BRANDS = (
    (r"4", (13, 16, 19)),
    (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),
    (r"3[47]", (15,)),
    (r"6011|64[4-9]|65", (16, 19)),
    (r"62|81", (16, 17, 18, 19)),
    (r"352[89]|35[3-8]", (16, 19)),
    (r"30[0-5]|3095|36|3[89]", (14, 16, 19)),
    (r"5018|5020|5038|5[678]|6304|6390|67", (13, 14, 15, 16, 17, 18, 19)),
)
"""Issuer prefixes and their lengths (ISO/IEC 7812 ranges as the card schemes publish them)."""
_ISSUED = re.compile("|".join(rf"(?P<b{n}>{prefix})" for n, (prefix, _) in enumerate(_BRANDS)))
_LONG_RUN = 400

_NUMBERED_THING = re.compile(
    r"(?:tracking|shipment|parcel|package|sendungs?\w{0,8}|paket\w{0,8}|suivi|colis|seguimiento|env[ií]o|spedizione|"
    r"zending|pakket|przesy[łl]k\w{0,3})"
    r"(?:[ \t]{1,3}(?:number|num|no|nr|id|code|nummer|num[eé]ro|n[uú]mero|numero|n°|nº))?[ \t.:#=°º-]{0,5}$",
    re.IGNORECASE,
)
"""Parcel numbers are as long as card numbers; order, invoice and reference numbers hardly ever are."""
_CARD_WORD = re.compile(
    r"card|visa|master|amex|maestro|credit|debit|\bpan\b|karte|kredit|carte|tarjeta|carta|cart[ãa]o|kaart|karta|karty",
    re.IGNORECASE,
)
_CODE_WORD = (
    r"(?:cvv2?|cvc2?|csc|cvn|\bcid|security[ \t]{1,3}code|verification[ \t]{1,3}(?:code|number|value)|"
    r"(?:karten)?pr(?:ü|ue)f(?:nummer|ziffer|zahl|code)|sicherheitscode|cryptogramme|"
    r"code[ \t]{1,3}de[ \t]{1,3}s[ée]curit[ée]|c[óo]digo[ \t]{1,3}de[ \t]{1,3}segur(?:idad|an[cç]a)|"
    r"codice[ \t]{1,3}di[ \t]{1,3}sicurezza|beveiligingscode|kod[ \t]{1,3}cvv)"
)
_CODE_PARTS = ("cv", "csc", "cid", "code", "verification", "pruef", "prüf", "crypto", "codigo", "código", "codice")
"""One of these is part of each code word."""
_CODE_AFTER = re.compile(
    rf"{_CODE_WORD}(?:[ \t]{{1,3}}(?:number|code|nummer|is|ist|est|es|[eè]|é))?[^\w\n]{{0,6}}"
    r"(?:(?:is|ist|est|es|lautet|[eè]|é)[^\w\n]{0,4})?\n?(?P<code>\d(?:[ \u200b.-]?\d){2,3})(?!\d)",
    re.IGNORECASE,
)
_CODE_BEFORE = re.compile(
    rf"(?<!\d)(?P<code>\d{{3,4}})[ \t]{{0,3}}(?:[(=-]|is|ist|est|es)?[ \t]{{0,3}}"
    rf"(?:(?:the|my|der|die|mein|le|mon|el|mi)[ \t]{{1,3}})?{_CODE_WORD}",
    re.IGNORECASE,
)
_CODE_BEHIND_CARD = re.compile(
    r"[\s,;|/:-]{0,4}(?:(?:exp(?:iry|ires|\.)?|valid|g[üu]ltig|bis|date|fin)[\s:.]{0,4}){0,2}"
    r"(?:(?P<expiry>(?:0[1-9]|1[0-2])\s{0,2}[/.-]\s{0,2}(?:20)?\d\d)[\s,;|/:-]{1,4})?(?P<code>\d{3,4})(?![\d/.,]\d|\d)"
)


_ID = re.compile(r"(?<![0-9A-Za-z])(?=\d*[a-f])[0-9a-f]{24,}(?![0-9A-Za-z])")
"""Ours and digests: in hexadecimal, and longer than any card number."""

_FILLING = "\u115f\u1160\u3164\uffa0\u0640"
"""Letters by name: the blanks of Hangul, and what stretches Arabic."""

_ESCAPE = re.compile(
    r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,12});?|(?:%[0-9a-fA-F]{2}){1,200}|\\u[0-9a-fA-F]{4}|"
    r"\\x[0-9a-fA-F]{2}|\\[nrt]|=20|=09|(?:=[89A-F][0-9A-F]){1,200}|=\r?\n"
)
"""A character as HTML, URLs, JSON and quoted-printable mails write it."""
_APART = r"[^\d]{1,24}"
_CANONICAL = re.compile(rf"(?<!\d)(?=(\d{{4}}(?:{_APART}\d{{4}}){{3}}(?:{_APART}\d{{3}})?(?!\d)|"
                        rf"\d{{4}}{_APART}\d{{6}}{_APART}\d{{4,5}}(?!\d)|\d(?:[^\w]{{1,12}}\d){{12,18}}(?!\d)))")
"""Grouped as it stands on a card, or digit by digit: then anything may lie between, such as "4242 then 4242"."""
_MONEY = re.compile(r"EUR|USD|GBP|CHF|[€£]|\s\$|\$\s", re.IGNORECASE)
_LETTERS = re.compile(r"(?<![0-9A-Za-z])[\dOoIl](?:[ -]?[\dOoIl]){12,18}(?![0-9A-Za-z])")
_AS_DIGITS = str.maketrans("OoIl", "0011")


def mask_cards(text: str) -> str:
    """The text with card numbers as "[card ending in 4242]" and security codes as "[code]"; the rest unchanged.

    A card number has 13 to 19 digits of any script, as characters or escaped, with any separators, an issuer's prefix
    and length, and a right check digit (ISO/IEC 7812-1, Luhn). What is called a tracking or parcel number stays.
    """
    spans = _spans(_digits_plain(text))
    if _ESCAPE.search(text) is not None:
        plain, places = _unescaped(text)
        spans += [(places[start][0], places[end - 1][1], words) for start, end, words in _spans(_digits_plain(plain))]
    masked, at = [], 0
    for start, end, words in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= at:
            masked += [text[at:start], words]
        at = max(at, end)
    return "".join([*masked, text[at:]])


def _spans(read: str) -> list[Span]:
    spans = [*_cards(read), *_cards_far_apart(read)]
    return spans + _codes(read, [end for _, end, _ in spans])


def _unescaped(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text as it is meant, and from where to where each of its characters stands in what was written."""
    characters: list[str] = []
    places: list[tuple[int, int]] = []
    at = 0
    for found in _ESCAPE.finditer(text):
        characters += text[at : found.start()]
        places += [(place, place + 1) for place in range(at, found.start())]
        meant = _meant(found.group())
        characters += meant
        places += [found.span()] * len(meant)
        at = found.end()
    characters += text[at:]
    places += [(place, place + 1) for place in range(at, len(text))]
    return "".join(characters), places


def _meant(escape: str) -> str:
    if escape[0] == "&":
        return html.unescape(escape if escape.endswith(";") else f"{escape};")
    if escape[0] == "\\":
        return chr(int(escape[2:], 16)) if escape[1] in "ux" else " "
    if escape.strip("=\r\n") == "":
        return ""
    return bytes.fromhex(escape.replace("%", "").replace("=", "")).decode("utf-8", "replace")


def _cards_far_apart(read: str) -> Iterator[Span]:
    """Those whose groups or letters give them away although other things stand between or instead of digits."""
    for found in _CANONICAL.finditer(read):
        number = re.sub(r"\D", "", found[1])
        groups = [(found.start(1), found.end(1)), (found.end(1), found.end(1))]
        if is_card_number(number) and not _MONEY.search(found[1]) and not _is_other_number(read, groups):
            yield found.start(1), found.end(1), f"[card ending in {number[-4:]}]"
    for found in _LETTERS.finditer(read):
        number = re.sub(r"\D", "", found[0].translate(_AS_DIGITS))
        mixed = re.search("[A-Za-z]", found[0]) and sum(map(str.isdigit, found[0])) >= 3
        if mixed and is_card_number(number):
            yield found.start(), found.end(), f"[card ending in {number[-4:]}]"


def _digits_plain(text: str) -> str:
    """The text, character by character, digits of every script as 0-9, invisible characters as one kind, ids as none
    of them."""
    plain = text if text.isascii() else re.sub(r"[^\x00-\x7f]", lambda c: _plain(c.group()), text)
    return _ID.sub(lambda id: "x" * len(id.group()), plain)


def _plain(character: str) -> str:
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me") or character in _FILLING:
        return "\u200b"
    return "-" if category == "Pd" or character in "−․。．ー" else character


def _cards(read: str) -> Iterator[Span]:
    for run in _RUN.finditer(read):
        if run.end() - run.start() < 13:
            continue
        yield from _cards_in_run(read, [group.span() for group in _GROUP.finditer(read, run.start(), run.end())])


def _cards_in_run(read: str, groups: list[tuple[int, int]]) -> Iterator[Span]:
    """Card numbers made of whole groups of digits, longest first."""
    digits = [re.sub(r"\D", "", read[start:end]) for start, end in groups]
    first, crowded = 0, len(groups) > _LONG_RUN
    while first < len(groups):
        last = None if crowded and len(digits[first]) < 4 else _last_group(digits, first)
        start = groups[first][0]
        if last is None or _is_other_number(read, groups[first : last + 1]):
            first += 1
            continue
        number = "".join(digits[first : last + 1])
        yield start, groups[last][1], f"[card ending in {number[-4:]}]"
        first = last + 1


def _last_group(digits: list[str], first: int) -> int | None:
    number, found = "", None
    for last in range(first, min(len(digits), first + 19)):
        number += digits[last]
        if len(number) > 19:
            break
        if len(number) >= 13 and is_card_number(number):
            found = last
    return found


def is_card_number(number: str) -> bool:
    """True for plain digits with an issuer's prefix and length and a right check digit."""
    issued = _ISSUED.match(number)
    if issued is None or len(number) not in _BRANDS[int((issued.lastgroup or "b0")[1:])][1]:
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return (doubled + sum(int(digit) for digit in number[-1::-2])) % 10 == 0 and len(set(number)) > 1


def _is_other_number(read: str, groups: list[tuple[int, int]]) -> bool:
    """A phone number, a barcode, or an unbroken number that its own words call something else."""
    start, end = groups[0][0], groups[-1][1]
    before = read[max(0, start - 60) : start]
    if _CARD_WORD.search(before):
        return False
    count = sum(map(str.isdigit, read[start:end]))
    if count == 13 or (count < 16 and before.endswith(("+", "(+"))):
        return True
    return len(groups) == 1 and _NUMBERED_THING.search(before) is not None


def _may_name_a_code(read: str) -> bool:
    """False only where no code word can stand: those are long to look for."""
    lowered = read.lower()
    return any(part in lowered for part in _CODE_PARTS) or "\u0130" in read or "\u0131" in read  # each matches an i


def _codes(read: str, card_ends: list[int]) -> list[Span]:
    found = [match.span("code") for pattern in (_CODE_AFTER, _CODE_BEFORE) for match in pattern.finditer(read)] \
        if _may_name_a_code(read) else []
    for end in card_ends:
        behind = _CODE_BEHIND_CARD.match(read, end)
        if behind is not None and (behind["expiry"] or len(behind["code"]) == 3):
            found.append(behind.span("code"))
    return [(start, end, "[code]") for start, end in found]
