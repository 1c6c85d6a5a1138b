"""What money of other currencies counts for in the desk's home currency, at rates the admin writes down."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from babel.numbers import list_currencies
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from connectors.money import REFUSED, Money

CODES = frozenset(list_currencies()) - REFUSED

Rate = Annotated[Decimal, Field(gt=0, le=10**8, max_digits=16)]


class Rates(BaseModel):
    """The table [rates]: the home currency, and for each other one how much one unit of it is in home units."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)
    __pydantic_extra__: dict[str, Rate]

    currency: str = Field("USD", alias="home")

    @model_validator(mode="before")
    @classmethod
    def _currencies(cls, told: Any) -> Any:
        """Every key but `home` is a currency, and so is what `home` says."""
        if isinstance(told, dict):
            for key in told:
                if key not in ("home", "currency", *CODES):
                    raise _not_a_currency(key, at=key)
            home = told.get("home", "USD")
            if isinstance(home, str) and home not in CODES:
                raise _not_a_currency(home, at="home")
        return told

    @model_validator(mode="after")
    def _home_is_one(self) -> Rates:
        if self._of().get(self.currency, 1) != 1:
            raise PydanticCustomError("home_is_one", "one {key} is one {key}; leave the home currency out",
                                      {"key": self.currency})
        return self

    def _of(self) -> dict[str, Decimal]:
        return self.__pydantic_extra__

    def home(self, money: Money) -> int | None:
        """In whole units of the home currency, rounded up; None when its currency has no rate."""
        return self.sum((money,))

    def sum(self, moneys: Iterable[Money]) -> int | None:
        """Their sum in whole units of the home currency, rounded up once; None when any currency has no rate."""
        total = Fraction(0)
        for money in moneys:
            rate = Decimal(1) if money.currency == self.currency else self._of().get(money.currency)
            if rate is None:
                return None
            total += Fraction(money.decimal()) * Fraction(rate)
        return math.ceil(total)


def _not_a_currency(word: str, *, at: str) -> PydanticCustomError:
    near = [code for code in (word.upper()[:3],) if code in CODES]
    if at != "home":
        near = difflib.get_close_matches(word.lower(), ["home"]) or near
    mend = f"did you mean {near[0]}?" if near else "write its three-letter code, such as EUR"
    return PydanticCustomError("not_a_currency", "{word} is not a currency Deskhand can count in; {mend}",
                               {"word": word, "mend": mend, "key": at})


SHIPPED = Rates.model_validate({"home": "USD", "EUR": 1, "GBP": 1})
"""Without a table: EUR and GBP count like USD, as in the limits shipped."""
