"""Money as integer minor units with a currency, as Stripe counts them."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency
from pydantic import BaseModel, ConfigDict, Field

ZERO_DECIMAL = frozenset((
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
))
THREE_DECIMAL = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))
WHOLE_ONLY = {"ISK": 100}
"""ISK has no decimals, yet Stripe takes it times 100 and in whole hundreds (Stripe docs, "Currencies")."""
REFUSED = frozenset({"UGX"})
"""Stripe's pages disagree about UGX's exponent; nobody's money rides on a guess."""


LONGEST, MOST = 20, 10**12
"""Nothing longer, and nothing larger in minor units, is an amount of a support ticket."""


class UnknownCurrency(ValueError):
    """The currency is not one Deskhand can count in."""


def exponent(currency: str) -> int:
    """Decimal places between the currency's own unit and Stripe's minor unit."""
    code = currency.upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha() or code in REFUSED:
        raise UnknownCurrency(currency)
    if code in ZERO_DECIMAL:
        return 0
    return 3 if code in THREE_DECIMAL else 2


def step(currency: str) -> int:
    """The smallest amount, in minor units, that Stripe accepts as a difference (refunds too)."""
    code = currency.upper()
    return WHOLE_ONLY.get(code, 10 if code in THREE_DECIMAL else 1)


class Money(BaseModel):
    """An amount in Stripe's minor units; the currency is an upper-case ISO code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: int = Field(strict=True)
    currency: str = Field(pattern=r"^[A-Z]{3}$")

    @classmethod
    def of(cls, text: str, currency: str) -> Money:
        """From the currency's own units, "18.00"; ValueError when it has more decimals than the currency."""
        code = currency.upper()
        try:
            minor = Decimal(text if len(text) <= LONGEST else "").scaleb(exponent(code))
        except ArithmeticError:
            raise ValueError(f"{text!r} is not an amount") from None
        if not minor.is_finite() or abs(minor) > MOST or minor != minor.to_integral_value() or int(minor) % step(code):
            raise ValueError(f"{text} {code} is not a whole number of the smallest unit")
        return cls(amount=int(minor), currency=code)

    @property
    def counted(self) -> bool:
        """Deskhand counts in its currency; what it does not count is only shown, in the vendor's minor units."""
        return self.currency not in REFUSED

    def decimal(self) -> Decimal:
        """Raises UnknownCurrency for what is not counted."""
        return Decimal(self.amount).scaleb(-exponent(self.currency))

    def words(self, language: str = "en") -> str:
        """As people write it in that language: "USD 18.00", "18,00 EUR" or "¥400" never; always with the ISO code."""
        if not self.counted:
            return f"{self.currency} {self.amount} (minor units)"
        decimals = 0 if self.currency in WHOLE_ONLY else exponent(self.currency)
        digits = "0" * decimals
        shape = "#,##0" + (f".{digits}" if digits else "")
        pattern = f"¤¤ {shape}" if language.startswith("en") else f"{shape} ¤¤"
        return format_currency(self.decimal(), self.currency, format=pattern, locale=language,
                               currency_digits=False).replace("\xa0", " ").replace("\u202f", " ")

    def __str__(self) -> str:
        return self.words()
