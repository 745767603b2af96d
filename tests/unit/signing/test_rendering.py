"""How single values stand in a signed text, as PHP 8 prints them with 14 digits."""

from decimal import Decimal
from enum import Enum, IntEnum

import pytest

from ecommpay_signing import MalformedMessage, string_to_sign


class Currency(str, Enum):  # noqa: UP042 - the older kind, whose own text is its name, is the one to get right
    KES = "KES"


class Scale(IntEnum):
    CENTS = 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "1"),
        (False, "0"),
        (None, ""),
        ("", ""),
        (" a ", " a "),
        (0, "0"),
        (-7, "-7"),
        (2**63 - 1, "9223372036854775807"),
        (-(2**63), "-9223372036854775808"),
        (2**63, "9.2233720368548E+18"),
        (-(2**63) - 1, "-9.2233720368548E+18"),
        (10**300, "1.0E+300"),
        (1.0, "1"),
        (100.0, "100"),
        (-12.34, "-12.34"),
        (0.1, "0.1"),
        (0.30000000000000004, "0.3"),
        (-0.0, "-0"),
        (0.0001, "0.0001"),
        (0.00001, "1.0E-5"),
        (1.5e-7, "1.5E-7"),
        (99999999999999.0, "99999999999999"),
        (99999999999999.9, "1.0E+14"),
        (1e14, "1.0E+14"),
        (1.25e21, "1.25E+21"),
        (1e100, "1.0E+100"),
        (Currency.KES, "KES"),
        (Scale.CENTS, "2"),
    ],
)
def test_a_value_is_written_as_php_writes_it(value: object, text: str) -> None:
    assert string_to_sign({"a": value}) == f"a:{text}"
    assert string_to_sign({"a1": value}) == f"a1:{text}"


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 10**400, -(10**400)])
def test_a_number_that_json_cannot_carry_is_refused(value: float) -> None:
    with pytest.raises(MalformedMessage):
        string_to_sign({"a": value})


@pytest.mark.parametrize("value", [Decimal(1), b"bytes", {1, 2}, object()])
def test_a_value_of_no_json_type_is_a_mistake_of_the_caller(value: object) -> None:
    with pytest.raises(TypeError, match="cannot be signed"):
        string_to_sign({"a": value})
