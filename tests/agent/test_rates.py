"""Money of any currency counts in the home currency at the admin's rates, exactly, and rounded up once."""

from __future__ import annotations

import pytest

from agent.rates import SHIPPED, Rates
from connectors.money import Money

ACME = Rates.model_validate({"home": "USD", "EUR": "1.08", "JPY": 0.0066, "KWD": 3})


@pytest.mark.parametrize(("amount", "currency", "home"), [
    (1800, "USD", 18),
    (1801, "USD", 19),
    (100_00, "EUR", 108),
    (100_01, "EUR", 109),
    (5000, "JPY", 33),
    (5001, "JPY", 34),
    (2000, "KWD", 6),
    (0, "EUR", 0),
])
def test_money_counts_in_whole_home_units_rounded_up(amount: int, currency: str, home: int) -> None:
    assert ACME.home(Money(amount=amount, currency=currency)) == home


def test_a_sum_is_rounded_up_once_and_not_for_each_part() -> None:
    cents = [Money(amount=10, currency="USD")] * 10
    assert ACME.sum(cents) == 1
    assert ACME.sum([*cents, Money(amount=1, currency="JPY")]) == 2


def test_a_currency_without_a_rate_has_no_home_value_and_neither_has_a_sum_with_it() -> None:
    zloty = Money(amount=100, currency="PLN")
    assert ACME.home(zloty) is None
    assert ACME.sum([Money(amount=100, currency="USD"), zloty]) is None


def test_without_a_table_the_three_currencies_of_the_shipped_limits_count_alike_and_no_other_counts() -> None:
    assert [SHIPPED.home(Money(amount=1000, currency=code)) for code in ("USD", "EUR", "GBP", "CHF")] == [10, 10, 10,
                                                                                                         None]


def test_a_table_that_is_written_counts_with_nothing_but_what_it_says() -> None:
    written = Rates.model_validate({"home": "EUR"})
    assert written.home(Money(amount=1000, currency="EUR")) == 10
    assert written.home(Money(amount=1000, currency="USD")) is None


def test_the_largest_amounts_are_counted_to_the_cent() -> None:
    assert Rates.model_validate({"home": "USD", "EUR": "1.00000000000001"}).home(
        Money(amount=10**12, currency="EUR")) == 10**10 + 1
