"""The catalogue says what the provider's two documents say, and judges amounts at the borders."""

import pytest

from payments.domain.methods import METHODS, Limits, Method, amount_problem, method_named
from payments.domain.money import Money


def test_the_catalogue_holds_what_the_provider_documents_of_its_two_methods() -> None:
    assert dict(METHODS) == {
        "card-partner": Method(
            code="card-partner",
            title="Cards through a partner",
            provider_names=frozenset({"card-partner", "Card partner"}),
            limits={
                "KES": Limits(Money(1_000, "KES"), Money(20_000_000, "KES")),
                "USD": Limits(Money(100, "USD"), Money(300_000, "USD")),
            },
            refund_policy="full",
            sale_path="/v2/payment/card-partner/sale",
            refund_path="/v2/payment/card-partner/refund",
            required=(),
            recommended=("phone", "email"),
            regions="world-wide, subject to agreement",
        ),
        "enets": Method(
            code="enets",
            title="eNets",
            provider_names=frozenset({"enets", "eNets"}),
            limits={"SGD": Limits(Money(100, "USD"), None)},
            refund_policy="support",
            sale_path="/v2/payment/online-banking/enets/sale",
            refund_path="",
            required=("first_name", "last_name", "email"),
            recommended=(),
            regions="Singapore",
        ),
    }


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Card partner", "card-partner"),
        ("card-partner", "card-partner"),
        ("enets", "enets"),
        ("eNets", "enets"),
        ("card", None),
        ("", None),
        ("CARD PARTNER", None),
    ],
)
def test_a_method_is_known_by_the_name_that_callbacks_give_it(name: str, code: str | None) -> None:
    found = method_named(name)

    assert (found.code if found else None) == code


CARD_CURRENCIES = ("currency", "card-partner takes KES and USD only")
ENETS_CURRENCIES = ("currency", "enets takes SGD only")


@pytest.mark.parametrize(
    ("method", "amount", "currency", "problem"),
    [
        ("card-partner", 999, "KES", ("amount", "at least 1000 (10.00 KES)")),
        ("card-partner", 1_000, "KES", None),
        ("card-partner", 1_001, "KES", None),
        ("card-partner", 19_999_999, "KES", None),
        ("card-partner", 20_000_000, "KES", None),
        ("card-partner", 20_000_001, "KES", ("amount", "at most 20000000 (200000.00 KES)")),
        ("card-partner", 1, "KES", ("amount", "at least 1000 (10.00 KES)")),
        ("card-partner", 99, "USD", ("amount", "at least 100 (1.00 USD)")),
        ("card-partner", 100, "USD", None),
        ("card-partner", 300_000, "USD", None),
        ("card-partner", 300_001, "USD", ("amount", "at most 300000 (3000.00 USD)")),
        ("card-partner", 1_000, "SGD", CARD_CURRENCIES),
        ("card-partner", 1_000, "kes", CARD_CURRENCIES),
        ("card-partner", 1_000, "EUR", CARD_CURRENCIES),
        ("card-partner", 1_000, "", CARD_CURRENCIES),
        ("enets", 1_000, "SGD", None),
        ("enets", 999_999_999_999, "SGD", None),
        ("enets", 1_000, "USD", ENETS_CURRENCIES),
        ("enets", 1_000, "KES", ENETS_CURRENCIES),
    ],
)
def test_an_amount_is_judged_by_the_limits_of_its_own_currency(
    method: str, amount: int, currency: str, problem: tuple[str, str] | None
) -> None:
    assert amount_problem(METHODS[method], Money(amount, currency)) == problem


@pytest.mark.parametrize("amount", [1, 99, 100, 134])
def test_the_minimum_of_enets_is_in_dollars_of_another_country_so_the_platform_judges_it(amount: int) -> None:
    assert amount_problem(METHODS["enets"], Money(amount, "SGD")) is None
