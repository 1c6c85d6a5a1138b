"""Card numbers in any writing never get past the door; other numbers do."""

from __future__ import annotations

import html
import random
import unicodedata
import uuid
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from agent.masking import is_card_number, mask_cards

CARDS = {
    "visa": "4242424242424242",
    "mastercard": "5555555555554444",
    "mastercard, two series": "2223003122003222",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "diners": "30569309025904",
    "jcb": "3566002020360505",
    "unionpay": "6205500000000000004",
    "maestro": "6759649826438453",
}


def grouped(number: str, between: str) -> str:
    if len(number) in (14, 15):
        parts = [number[:4], number[4:10], number[10:]]
    else:
        parts = [number[at : at + 4] for at in range(0, len(number), 4)]
    return between.join(parts)


def in_script(number: str, zero: str) -> str:
    return "".join(chr(ord(zero) + int(digit)) for digit in number)


SEPARATORS = {
    "space": " ", "two spaces": "  ", "no-break space": "\u00a0", "thin space": "\u2009", "tab": "\t", "dash": "-",
    "spaced dash": " - ", "en dash": "–", "em dash": "—", "minus": "−", "dot": ".", "middle dot": "·", "bullet": "•",
    "slash": "/", "underscore": "_", "comma": ",", "pipe": "|", "asterisk": "*", "line break": "\n",
    "windows line break": "\r\n", "quoted line break": "\n> ", "zero-width space": "\u200b", "soft hyphen": "\u00ad",
    "word joiner": "\u2060", "left-to-right mark": "\u200e", "html space": "&nbsp;", "html break": "<br>",
    "backslash": "\\", "ideographic space": "\u3000",
}
WRITINGS = [
    *[pytest.param(grouped(CARDS["visa"], between), id=f"visa with {name}") for name, between in SEPARATORS.items()],
    *[pytest.param(grouped(CARDS["amex"], between), id=f"amex with {name}") for name, between in SEPARATORS.items()],
    *[pytest.param(number, id=f"{brand} unbroken") for brand, number in CARDS.items()],
    *[pytest.param(grouped(number, " "), id=f"{brand} in groups") for brand, number in CARDS.items()],
    *[pytest.param(grouped(number, "-"), id=f"{brand} with dashes") for brand, number in CARDS.items()],
    *[pytest.param(" ".join(number), id=f"{brand} digit by digit") for brand, number in CARDS.items()],
    *[pytest.param(in_script(number, "０"), id=f"{brand} full-width") for brand, number in CARDS.items()],
    *[pytest.param(in_script(number, "٠"), id=f"{brand} Arabic-Indic") for brand, number in CARDS.items()],
    *[pytest.param("\u200b".join(number), id=f"{brand} zero-width") for brand, number in CARDS.items()],
    pytest.param(in_script(CARDS["visa"], "०"), id="visa Devanagari"),
    pytest.param(in_script(CARDS["visa"], "𝟎"), id="visa mathematical bold"),
    pytest.param("4242424242424242".translate(str.maketrans("42", "④②")), id="visa circled"),
    pytest.param("4242 4242 42424242", id="visa, uneven groups"),
    pytest.param("4242 42 4242 4242 42", id="visa, stranger groups"),
]
ODD_BETWEEN = {
    "a word": " then ", "a word in German": " und ", "a word in Russian": " потом ", "the name of a sign": " dash ",
    "words and commas": ", next ", "an arrow": " → ", "an ellipsis": "…", "spaced dots": " . . . ", "an emoji": "💳",
    "a heart": " ❤️ ", "twelve spaces": " " * 12, "eight underscores": "_" * 8, "a hash": " # ", "an ampersand": " & ",
    "a caret": "^", "a dollar": "$", "an at sign": "@", "a percent sign": "%", "an exclamation mark": "!",
    "a backtick": "`", "braces": "}{", "a tag with an attribute": '</span><span class="x">',
    "a thin space by name": "&thinsp;", "a zero-width space by number": "&#8203;", "a space in hexadecimal": "&#xA0;",
    "a dash by name": "&ndash;", "a soft hyphen by name": "&shy;", "an unfinished entity": "&nbsp",
    "percent-encoding": "%20", "a percent-encoded no-break space": "%C2%A0", "a plus": "+",
    "an escaped line break": "\\n",
    "an escaped character": "\\u00a0", "quoted-printable": "=20", "a mail's soft break": "=\n",
    "two empty lines": "\n\n\n", "doubly quoted": "\n> > ", "a joiner": "\u200d", "a byte order mark": "\ufeff",
    "a strike-through": "\u0336", "cells": "</td>\n<td>", "emphasis": "**",
}
ODD_DIGITS: dict[str, Callable[[str], str]] = {
    "keycaps": lambda number: "".join(digit + "\ufe0f\u20e3" for digit in number),
    "keycaps with spaces": lambda number: " ".join(digit + "\ufe0f\u20e3" for digit in number),
    "entities": lambda number: "".join(f"&#{ord(digit)};" for digit in number),
    "entities in hexadecimal": lambda number: "".join(f"&#x{ord(digit):x};" for digit in number),
    "entities with zeros": lambda number: "".join(f"&#00{ord(digit)};" for digit in number),
    "percent-encoded": lambda number: "".join(f"%{ord(digit):02x}" for digit in number),
    "escaped as in JSON": lambda number: "".join(f"\\u{ord(digit):04x}" for digit in number),
    "each in bold": lambda number: "".join(f"<b>{digit}</b>" for digit in number),
    "each after an arrow": lambda number: "→".join(number),
    "Persian": lambda number: in_script(number, "۰"),
    "Thai": lambda number: in_script(number, "๐"),
    "superscript": lambda number: number.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")),
    "the letter O for nought": lambda number: number.replace("0", "O"),
    "the letter l for one": lambda number: number.replace("1", "l"),
    "in an address": lambda number: f"https://shop.example/pay?card={number}&exp=1227",
    "in a path": lambda number: f"https://shop.example/pay/{number}/done",
    "in JSON": lambda number: f'{{"number":"{number}"}}',
    "as a link": lambda number: f"[pay](tel:{number})",
    "as its magnetic track": lambda number: f";{number}=29121010000?",
    "written backwards by a mark": lambda number: f"\u202e{number}\u202c",
}
GROUPED = ("visa", "mastercard", "mastercard, two series", "amex", "discover", "diners", "jcb")
"""Brands whose cards all show the same groups."""
SENTENCES = (
    "{}",
    "my card is {} please refund",
    "Karte:{}\nDanke",
    "paid with Visa {}, exp 12/27",
    "({})",
    '"{}"',
    "I was charged 2 times, {} is the card, on the 14th.",
)


@pytest.mark.parametrize("writing", WRITINGS)
def test_a_card_number_in_any_writing_is_masked_in_any_sentence(writing: str) -> None:
    for sentence in SENTENCES:
        masked = mask_cards(sentence.format(writing))
        assert "[card ending in " in masked, sentence
        assert sum(character.isdigit() for character in masked.split("[card")[0] + masked.split("]", 1)[1]) <= 7


def odd_texts() -> list[str]:
    """Every brand in odd groups and of odd digits, in sentences that people write."""
    written = [grouped(CARDS[brand], between) for between in ODD_BETWEEN.values() for brand in GROUPED]
    written += [write(number) for write in ODD_DIGITS.values() for number in CARDS.values()]
    return [SENTENCES[at % len(SENTENCES)].format(one) for at, one in enumerate(written)]


def test_of_five_hundred_texts_with_odd_writings_every_card_is_masked() -> None:
    texts = odd_texts() + [sentence.format(writing.values[0]) for writing in WRITINGS[:30] for sentence in SENTENCES]
    assert len(texts) >= 500
    assert [text for text in texts if "[card ending in " not in mask_cards(text)] == []


def test_nothing_of_an_odd_writing_is_left_but_the_last_four() -> None:
    left = []
    for text in odd_texts():
        masked = html.unescape(unquote(mask_cards(text)))
        digits = "".join(str(unicodedata.digit(one)) for one in masked if unicodedata.digit(one, None) is not None)
        left += [text for number in CARDS.values() if number[:12] in digits]
    assert left == []


GLUED = {
    "Chinese": "请退款到{}谢谢", "Japanese": "カード番号は{}です", "Korean": "카드{}입니다", "Thai": "บัตร{}ครับ",
    "Lao": "ບັດ{}ຂອບໃຈ", "Khmer": "កាត{}អរគុណ", "Burmese": "ကတ်{}ကျေးဇူး", "Arabic": "بطاقة{}شكرا", "Hebrew": "כרטיס{}תודה",
    "Cyrillic": "номер{}спасибо", "Greek": "αριθμός{}ευχαριστώ", "full-width letters": "Ｎｏ{}ｔｈｘ",
    "a date behind": "refund {}exp12/27", "a word behind": "charged to {}and no other", "nothing but x": "x{}x",
    "a German abbreviation": "Nr{}", "a German word": "Kontonummer{}vielen Dank", "a number sign by letters": "№{}",
    "an order's letters": "ORD{}", "a code behind": "{}cvv123", "a letter as JSON writes it": "\\u53f7{}\\u8c22",
    "a letter as a URL writes it": "%E5%8F%B7{}%E8%B0%A2", "a letter as a mail writes it": "=E5=8F=B7{}=E8=B0=A2",
    "a letter as HTML writes it": "&#21495;{}&#35874;", "a tab as a mail writes it": "no=09{}",
    "a space as Python writes it": "no\\xa0{}",
}
"""What people write beside a number without a space."""


@pytest.mark.parametrize("sentence", GLUED.values(), ids=list(GLUED))
def test_a_card_number_is_masked_whatever_letters_it_touches(sentence: str) -> None:
    for number in CARDS.values():
        for written in (number, grouped(number, "-"), in_script(number, "０")):
            masked = mask_cards(sentence.format(written))
            assert masked.replace("[code]", "123") == sentence.format(f"[card ending in {number[-4:]}]"), written


def test_a_letter_for_a_digit_beside_another_script_is_seen() -> None:
    assert mask_cards("卡号6O11111111111117谢谢") == "卡号[card ending in 1117]谢谢"


UNEVEN = {
    "a hyphen bullet": "\u2043", "a horizontal bar": "\u2015", "a small dash": "\ufe58", "a full-width dash": "－",
    "a wave dash": "〜", "a full-width tilde": "～", "a drawn line": "─", "a katakana dash": "ー", "a Hebrew dash": "־",
    "a modifier minus": "\u02d7", "a full-width comma": "，", "an ideographic comma": "、", "a full-width stop": "．",
    "an ideographic stop": "。", "a full-width colon": "：", "a full-width slash": "／", "an Arabic stop": "۔",
    "an Arabic thousands sign": "٬", "an Arabic stretch": "ـ", "a curly quote": "’", "an arrow": "→", "an emoji": "💳",
    "a Hangul blank": "\u3164", "a Braille blank": "\u2800", "a narrow space": "\u202f", "a line separator": "\u2028",
    "a nought character": "\x00", "an escape character": "\x1b", "a soft hyphen": "\u00ad", "a joiner": "\u200d",
    "a grapheme joiner": "\u034f", "a Mongolian blank": "\u180e", "an invisible comma": "\u2063",
    "a word joiner as HTML": "&#8288;", "a soft hyphen as HTML": "&shy;", "a place to break as HTML": "<wbr>",
    "a dash as a mail writes it": "=E2=80=93", "a mail's soft break": "=\r\n", "a dash as a URL writes it": "%E2%80%93",
}


@pytest.mark.parametrize("between", UNEVEN.values(), ids=list(UNEVEN))
def test_in_groups_that_no_card_shows_any_sign_may_part_the_digits(between: str) -> None:
    for number in CARDS.values():
        written = between.join((number[:3], number[3:8], number[8:]))
        assert mask_cards(f"请{written}谢谢") == f"请[card ending in {number[-4:]}]谢谢", written


@pytest.mark.parametrize("text", [
    "op-424242424242424242424242", "op-a42424242424242424242424", "op-4242424242424242abcdef01",
    "sha256:4242424242424242" + "ab" * 24, "req_8fA9x", "ch_3MmlLrLkdIwHu7ix0snN0B15", "00D5500000000012EAA",
    "4242424242424242" + "0f" * 8 + " is the digest",
])
def test_an_id_in_hexadecimal_stays_whatever_digits_it_has(text: str) -> None:
    assert mask_cards(text) == text


@pytest.mark.parametrize("text", [
    "4242 EUR and 4242 EUR and 4242 EUR and 4242 EUR",
    "4242€, 4242€, 4242€, 4242€",
    "in 2024 then 2025 then 2026 then 2027",
    "rooms 4242 and 4243 and 4244 and 4245",
    "OOOOOOOOOOOOOOOO",
    "IlIlIlIlIlIlIlIl",
    "50%424242 and 20% off",
    "C:\\new\\2026\\11\\21\\4242",
    "AT&T 4242 &amp; more",
])
def test_what_only_resembles_an_odd_writing_stays(text: str) -> None:
    assert mask_cards(text) == text


@pytest.mark.parametrize("text", [
    "NDI0MjQyNDI0MjQyNDI0Mg==", "four two four two four two four two", "1) 4242 2) 4242 3) 4242 4) 4242"])
def test_what_is_written_otherwise_is_not_found_as_the_security_page_says(text: str) -> None:
    assert mask_cards(text) == text


SHAPES_OF_IDS = (
    "{a:05d}", "{a:06d}", "{b:08d}", "{c:010d}", "{c:010d}{a:03d}", "2026{a:04d}{b:08d}", "ORD-{b}", "{h}", "#{a}-{b}",
    "{d:03d}-{e:07d}-{e:07d}", "2611{b:010d}", "{c:012d}", "{c:013d}", "{f:016d}", "SO{f:016d}", "{a:04d} {a2:04d}",
    "{a:04d}/{a2:04d}/{a3:04d}", "WEB.{b:08d}.{a:04d}", "{u}", "2026-11-{day:02d}-{b:06d}", "{b:08d}%20{a:04d}",
    "&#35;{b:08d}", "{a:04d} and {a2:04d}", "{a:04d}, {a2:04d} and {a3:04d}", "INV{c:014d}X",
)


def test_of_two_thousand_order_ids_of_many_shapes_at_most_two_in_a_hundred_are_masked() -> None:
    draw, masked = random.Random(26), 0
    for at in range(2_000):
        id = SHAPES_OF_IDS[at % len(SHAPES_OF_IDS)].format(
            a=draw.randrange(10_000), a2=draw.randrange(10_000), a3=draw.randrange(10_000), b=draw.randrange(10**8),
            c=draw.randrange(10**12), d=draw.randrange(100, 500), e=draw.randrange(10**7), f=draw.randrange(10**16),
            h=f"{draw.getrandbits(64):016x}", u=uuid.UUID(int=draw.getrandbits(128)), day=draw.randrange(1, 31))
        text = SENTENCES[at % len(SENTENCES)].replace("card", "order").replace("Karte", "Auftrag").format(id)
        masked += mask_cards(text) != text
    assert masked <= 40


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("4242 4242 4242 4242 12/27 123", "[card ending in 4242] 12/27 [code]"),
        ("4242424242424242 123", "[card ending in 4242] [code]"),
        ("4242 4242 4242 4242, exp. 01/29, 999", "[card ending in 4242], exp. 01/29, [code]"),
        ("378282246310005 10/2028 1234", "[card ending in 0005] 10/2028 [code]"),
        ("cvv 123", "cvv [code]"),
        ("CVC: 1234", "CVC: [code]"),
        ("cvc2=999", "cvc2=[code]"),
        ("security code is 123.", "security code is [code]."),
        ("my cvv number is 321", "my cvv number is [code]"),
        ("Prüfnummer 123", "Prüfnummer [code]"),
        ("Kartenprüfnummer lautet 123", "Kartenprüfnummer lautet [code]"),
        ("cryptogramme : 123", "cryptogramme : [code]"),
        ("código de seguridad es 123", "código de seguridad es [code]"),
        ("codice di sicurezza 123", "codice di sicurezza [code]"),
        ("123 is the cvv", "[code] is the cvv"),
        ("cvv\n123", "cvv\n[code]"),
        ("cvv １２３", "cvv [code]"),
    ],
)
def test_a_security_code_is_masked(written: str, masked: str) -> None:
    assert mask_cards(written) == masked


@pytest.mark.parametrize(
    "text",
    [
        "my Visa ending in 4242",
        "card **** **** **** 4242 was charged",
        "xxxx-xxxx-xxxx-4242",
        "tracking number 4242424242424242",
        "Sendungsnummer 4242424242424242",
        "colis n° 4242424242424242",
        "order 4242424242424243",
        "order 302-1234567-1234567",
        "tracking 9400111899223197428490",
        "tracking id 1Z999AA10123456784",
        "order ORD-20261121-000123",
        "#100234567",
        "EAN 4006381333931",
        "4006381333931",
        "call me on +49 151 23456789",
        "call me on +44 7911 123456",
        "it is +4915123456789 now",
        "IBAN DE89370400440532013000",
        "on 2026-11-21 at 06:12:41, 18.00 EUR and 18.00 EUR",
        "4242 4242 4242 4243",
        "0000 0000 0000 0000",
        "the year 123 and code 1234",
        "refund 1234",
        "op-424242424242424242424242",
    ],
)
def test_other_numbers_stay_as_written(text: str) -> None:
    assert mask_cards(text) == text


@pytest.mark.parametrize("word", [
    "order", "Order number:", "order no.", "#", "invoice", "Invoice no", "reference", "ref:", "ticket", "case",
    "sku", "serial",
    "Bestellnummer", "Auftrag", "Rechnung Nr.", "commande n°", "facture", "pedido", "factura", "ordine", "encomenda",
])
def test_a_card_number_called_an_order_is_masked_all_the_same(word: str) -> None:
    for brand, number in CARDS.items():
        masked = mask_cards(f"please refund {word} {number} thanks")
        assert masked == f"please refund {word} [card ending in {number[-4:]}] thanks", brand


def test_of_ten_thousand_typical_order_ids_at_most_two_in_a_hundred_are_masked() -> None:
    draw = random.Random(11)
    words = ("order", "Order no.", "invoice", "reference", "Bestellnummer", "commande n°", "pedido", "#")
    forms = ("{a:05d}", "{a:06d}", "{b:08d}", "{c:010d}", "{c:010d}{a:03d}", "2026{a:04d}{b:08d}", "ORD-{b}",
             "{d:03d}-{e:07d}-{e:07d}",
             "2611{b:010d}", "{c:012d}", "{c:013d}", "{c:014d}", "{f:016d}")
    masked = 0
    for _ in range(10_000):
        id = draw.choice(forms).format(a=draw.randrange(1000), b=draw.randrange(10**8), c=draw.randrange(10**14),
                                       d=draw.randrange(100, 500), e=draw.randrange(10**7), f=draw.randrange(10**16))
        text = f"{draw.choice(words)} {id} never arrived"
        masked += mask_cards(text) != text
    assert masked <= 200


def test_of_ten_thousand_order_and_tracking_numbers_at_most_two_in_a_hundred_are_masked() -> None:
    draw = random.Random(7)
    forms = ("order {n}", "#{n}", "Order no. {n}", "{n}", "Where is parcel {n}?", "ORD{n}", "tracking: {n}", "SO-{n}")
    masked = 0
    for _ in range(10_000):
        number = str(draw.randrange(10 ** (size := draw.choice((6, 8, 9, 10, 12, 13, 14, 16, 18, 20, 22))))).zfill(size)
        text = draw.choice(forms).format(n=number)
        masked += mask_cards(text) != text
    assert masked <= 200


def test_masking_twice_changes_nothing_more() -> None:
    once = mask_cards("4242 4242 4242 4242 12/27 123 and cvv 999")
    assert mask_cards(once) == once


def test_a_number_without_the_right_check_digit_is_no_card() -> None:
    assert is_card_number("4242424242424242")
    assert not is_card_number("4242424242424241")
    assert not is_card_number("1234567812345670")


@pytest.mark.parametrize("text", ["", "\ud800 4242424242424242", "\x00", "4" * 5000, "4 " * 5000, "<" * 5000])
def test_strange_text_is_survived(text: str) -> None:
    assert "4242424242424242" not in mask_cards(text)
