"""What the customer is told: facts from receipts, in the customer's language, and never more than that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeVar

from babel.dates import format_date

from agent.methods import BRANDS, NAMES, is_card, told_digits
from agent.phrases import PHRASES, QUESTIONS
from connectors.contract import Charge, ContactField, ContactReceipt, Method, Money, PaidRefund, RefundReceipt

ARRIVAL_DAYS = {"card": (5, 10)}
"""Business days a bank usually needs, by payment method (Stripe docs, "Refund and cancel payments")."""

ADDRESS = (ContactField.STREET, ContactField.CITY, ContactField.POSTAL_CODE, ContactField.STATE, ContactField.COUNTRY)
BLANK = re.compile(r"{\w+}")
WhyNot = Literal["no", "silent"]
"""The customer declined it, or did not answer."""
N = TypeVar("N", bound=str)
V = TypeVar("V")


def language_for(language: str, allowed: tuple[str, ...]) -> str:
    """The customer's language when we have words in it and the admin allows it, else the first allowed one."""
    code = language.split("-")[0].lower()
    known = [one for one in allowed if one in PHRASES] or ["en"]
    return code if code in known else known[0]


class Reply:
    """Builds one public reply; each `add` is a sentence that a receipt carries."""

    def __init__(self, language: str, name: str | None, disclosure: Mapping[str, str]) -> None:
        self.language = language
        self.phrases = QUESTIONS[language]
        self.name = first_name(name)
        self.disclosure = disclosure.get(language) or self.phrases["disclosure"]
        self.facts: list[str] = []
        self.warm = ""

    def refunded(self, receipt: RefundReceipt, asked_for: Money | None = None) -> None:
        """`asked_for` is the whole amount, where this is less of it."""
        phrase = "refund_sent" if receipt.status == "succeeded" else "refund_pending"
        self._add(phrase, money=receipt.money.words(self.language), method=self._method(receipt.method))
        self._part_of(asked_for)
        self._arrival(receipt.method)

    def fell_through(self, receipt: RefundReceipt) -> None:
        """A refund that was told of as sent, or on its way, and did not arrive."""
        self._add("refund_failed", money=receipt.money.words(self.language), method=self._method(receipt.method))

    def where_is(self, charge: Charge, refund: PaidRefund) -> None:
        """Where a refund is, from Stripe's own state."""
        phrase = "status_sent" if refund.status == "succeeded" else "status_pending"
        self._add(phrase, money=refund.money.words(self.language), method=self._method(charge.method),
                  date=self._date(refund.created))
        self._arrival(charge.method)
        if refund.reference:
            self._add("reference", reference=refund.reference)

    def changed(self, receipt: ContactReceipt) -> None:
        for what, value in self._details(receipt.after):
            if isinstance(value, bool):
                self._add("opted_out" if value else "opted_in")
            else:
                self._add("changed", what=what, value=value)

    def _details(self, fields: Mapping[N, str | bool | None]) -> list[tuple[str, str | bool]]:
        """What changes and into what, as a customer calls it: an address as one, where more than one line changes."""
        known = in_order(fields)
        address = [str(value) for name, value in known.items() if name in ADDRESS and value]
        whole = [(self.phrases["address"], ", ".join(address))] if len(address) > 1 else []
        return [*whole, *((self.phrases.get(f"field_{name}", name), "" if value is None else value)
                          for name, value in known.items() if name not in ADDRESS or not whole)]

    def asks_refund(self, money: Money, method: Method, saying: str, link: str, until: datetime | None = None,
                    asked_for: Money | None = None) -> None:
        """Asks for a yes to exactly this refund; `until` is when the time to answer is up, where it is known."""
        days = ARRIVAL_DAYS.get(method.kind)
        self._opens(saying)
        self._add("ready_refund", money=money.words(self.language), method=self._method(method))
        self._part_of(asked_for)
        self._how_to_answer(saying, until)
        if days:
            self._add("banks_need", least=str(days[0]), most=str(days[1]))
        self._or_here(link)

    def asks_change(self, changes: Mapping[ContactField, str | bool], saying: str, link: str,
                    until: datetime | None = None) -> None:
        """Asks for a yes to exactly these new details; `until` as for a refund."""
        self._opens(saying)
        for what, value in self._details(changes):
            if isinstance(value, bool):
                self._add("ready_opt_out" if value else "ready_opt_in")
            else:
                self._add("ready_change", what=what, value=value)
        self._how_to_answer(saying, until)
        self._or_here(link)

    def _part_of(self, whole: Money | None) -> None:
        if whole:
            self._add("part_of", money=whole.words(self.language))

    def _opens(self, saying: str) -> None:
        phrase = {"clarify": "unclear", "again": "asked_again", "remind": "reminder"}.get(saying)
        if phrase and self.phrases[phrase] not in self.facts:
            self._add(phrase)

    def _how_to_answer(self, saying: str, until: datetime | None) -> None:
        if saying == "clarify" or self.phrases["reply_yes"] in self.facts:
            return
        self._add("reply_yes")
        if until:
            self._add("answer_by", until=f"{self._date(until)}, {until:%H:%M} UTC")

    def _or_here(self, link: str) -> None:
        if link:
            self._add("or_page", link=link)

    def one_yes_for_all(self) -> None:
        self._add("yes_to_all")

    def not_sent(self, money: Money, method: Method, why: WhyNot) -> None:
        self._add(f"not_sent_{why}", money=money.words(self.language), method=self._method(method))

    def not_changed(self, changes: Mapping[ContactField, str | bool], why: WhyNot) -> bool:
        """False where there are no words for it."""
        told = [(what, value) for what, value in self._details(changes) if not isinstance(value, bool)]
        for what, value in told:
            self._add(f"not_changed_{why}", what=what, value=value)
        return bool(told)

    def a_person_writes_about_it(self) -> None:
        self._add("about_it")

    def a_person_writes_about_refund(self, money: Money) -> None:
        self._add("about_refund", money=money.words(self.language))

    def rest_goes_to_a_person(self) -> None:
        self._add("rest" if self.facts else "message")

    def promises_a_person(self, text: str) -> bool:
        """An earlier reply in this language said that one will write."""
        return any(re.search(".+".join(map(re.escape, BLANK.split(self.phrases[name]))), text)
                   for name in ("rest", "message", "about_it", "about_refund"))

    def hello(self) -> str:
        return self.phrases["hello_name"].format(name=self.name) if self.name else self.phrases["hello"]

    def text(self) -> str:
        blocks = [self.hello(), self.warm, " ".join(self.facts), self.disclosure]
        return "\n\n".join(block for block in blocks if block)

    def _add(self, phrase: str, **values: str) -> None:
        self.facts.append(self.phrases[phrase].format(**values))

    def _arrival(self, method: Method) -> None:
        if days := ARRIVAL_DAYS.get(method.kind):
            self._add("arrival", least=str(days[0]), most=str(days[1]))

    def _method(self, method: Method) -> str:
        if last4 := told_digits(method):
            brand = BRANDS.get(method.brand or "")
            phrase = "brand_ending_in" if brand else "card_ending_in" if is_card(method) else "account_ending_in"
            return self.phrases[phrase].format(name=brand, last4=last4)
        name = NAMES.get(method.kind)
        return self.phrases["original_method"] + (f" ({name})" if name else "")

    def _date(self, moment: datetime) -> str:
        return format_date(moment, format="long", locale=self.language)


def in_order(fields: Mapping[N, V]) -> dict[N, V]:
    """A contact's fields as people write them, street before city; a sealed row keeps them by the alphabet."""
    return dict(sorted(fields.items(), key=lambda one: list(ContactField).index(ContactField(one[0]))))


def first_name(name: str | None) -> str:
    """The first word of a name when it looks like one; customers write anything into this field."""
    word = (name or "").split(" ")[0].strip(",.")
    return word if re.fullmatch(r"[^\W\d_][^\W\d_'’-]{1,29}", word) else ""
