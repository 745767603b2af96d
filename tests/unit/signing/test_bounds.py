"""A message may be large in texts, not in values: reading and checking takes time with each, and strangers send them."""

import json
from typing import Any

import pytest

from ecommpay_signing import MalformedMessage, SignatureMismatch, loads, sign, verify
from ecommpay_signing.canonical import LONG_PATHS_CHARACTERS
from ecommpay_signing.strict_json import MAX_VALUES

KEY = "bounds"
#: What two paths and the character between them may have.
MOST_OF_TWO = LONG_PATHS_CHARACTERS + 2 * 32


def signed(message: dict[str, Any]) -> bytes:
    return json.dumps({**message, "signature": sign(message, KEY)}).encode()


@pytest.mark.parametrize(
    "message",
    [
        {"values": [1] * (MAX_VALUES - 3)},
        {f"k{number}": number for number in range(MAX_VALUES - 2)},
        {"text": '[{,"\\' * 40_000},
        {"[,{" * 20_000: 1},
    ],
    ids=["a list", "keys", "a text", "a key"],
)
def test_as_many_values_as_are_read_can_be_verified(message: dict[str, Any]) -> None:
    assert verify(loads(signed(message)), [KEY]) == 0


@pytest.mark.parametrize(
    "message",
    [
        {"values": [1] * (MAX_VALUES - 1)},
        {f"k{number}": number for number in range(MAX_VALUES)},
        {"lists": [[1]] * (MAX_VALUES // 2)},
    ],
    ids=["a list", "keys", "lists"],
)
def test_one_value_more_is_refused_before_anything_is_read(message: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage, match="more than 4000 values"):
        loads(signed(message))
    assert verify(loads(signed(message), max_values=2 * MAX_VALUES), [KEY]) == 0


def test_more_than_can_be_put_into_natural_order_in_good_time_is_covered_by_no_signature() -> None:
    fits, exceeds = ({"k11" * (length // 3): 1, "a": 1} for length in (MOST_OF_TWO - 2, MOST_OF_TWO + 3))

    assert verify(loads(signed(fits)), [KEY]) == 0
    with pytest.raises(MalformedMessage, match="longer paths"):
        sign(exceeds, KEY)
    with pytest.raises(SignatureMismatch, match="no signature can cover"):
        verify({**exceeds, "signature": "x"}, [KEY])


def test_long_paths_that_need_no_natural_order_are_signed() -> None:
    assert verify(loads(signed({"k" * 2 * MOST_OF_TWO: {"a": 1, "b": 2}})), [KEY]) == 0
