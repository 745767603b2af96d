"""Money as people read it."""

import pytest

from payments.domain.money import CURRENCIES, Money, decimals


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (0, "KES", "0.00 KES"),
        (1, "KES", "0.01 KES"),
        (99, "USD", "0.99 USD"),
        (100, "USD", "1.00 USD"),
        (1_000, "KES", "10.00 KES"),
        (20_000_000, "KES", "200000.00 KES"),
        (999_999_999_999, "SGD", "9999999999.99 SGD"),
        (-1, "SGD", "-0.01 SGD"),
        (-250, "SGD", "-2.50 SGD"),
        (0, "JPY", "0 JPY"),
        (7, "JPY", "7 JPY"),
        (-7, "JPY", "-7 JPY"),
        (1_000, "UGX", "1000 UGX"),
        (1, "KWD", "0.001 KWD"),
        (1_234, "KWD", "1.234 KWD"),
        (5, "", "0.05 "),
    ],
)
def test_money_is_shown_in_whole_units_with_as_many_digits_as_its_currency_has(
    amount: int, currency: str, text: str
) -> None:
    assert str(Money(amount, currency)) == text


def test_the_currencies_without_decimals_are_those_the_provider_names() -> None:
    named = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"

    assert {currency for currency in CURRENCIES if decimals(currency) == 0} == set(named.split())
    assert [decimals(currency) for currency in ("KES", "USD", "SGD")] == [2, 2, 2]


def test_money_of_another_currency_is_other_money() -> None:
    assert Money(1_000, "KES") == Money(1_000, "KES")
    assert Money(1_000, "KES") != Money(1_000, "USD")
    assert Money(1_000, "KES") != Money(1_001, "KES")
