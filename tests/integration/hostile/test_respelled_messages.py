"""A genuine message sent again by somebody without the key, in another spelling, beside the genuine one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecommpay_signing import loads, sign, signed_view, verify
from ecommpay_signing.flatten import path_lines
from tests.integration.hostile.spelling import HABITS, spelled
from tests.unit.domain.told import callback, ordered
from tests.unit.usecases.world import World, signed

#: Without white space and leading zeros: keys that natural order takes for equal are signed in the order they stand in.
KEYS = st.text("abcp_129", min_size=1, max_size=4).filter(lambda key: not key.strip("-").isdigit())
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=6).map(lambda each: each + "x")
TREES = st.recursive(LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4))
MESSAGES = st.dictionaries(KEYS, TREES, max_size=5)
FAITHFUL = frozenset(HABITS) - {"twice", "numbers", "types"}


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(message=MESSAGES, chance=st.randoms(use_true_random=False))
def test_a_message_in_another_spelling_verifies_and_has_the_very_same_lines(
    message: dict[str, Any], chance: Any
) -> None:
    compare_spellings(message, chance)


def compare_spellings(message: dict[str, Any], chance: random.Random) -> None:
    """Any message at all, respelled: in other bytes it is the same, in other types its signed lines are."""
    original = {**message, "signature": sign(message, "key")}
    same = loads(spelled(original, FAITHFUL, chance).encode())
    retyped = loads(spelled(original, frozenset(HABITS) - {"twice", "numbers"}, chance).encode())

    assert verify(same, ["key"]) == verify(retyped, ["key"]) == 0
    assert signed_view(same) == signed_view(original)
    assert lines_of(retyped) == lines_of(original)


def lines_of(message: dict[str, Any]) -> list[str]:
    return sorted(line for _, line in path_lines(signed_view(message)))


def in_other_order(body: bytes) -> bytes:
    return json.dumps(dict(reversed(json.loads(body).items()))).encode()


def paid_world() -> tuple[World, bytes]:
    world = World()
    world.put(ordered())
    body = signed(callback("success", seconds=60, request_id="sale-1"))
    world.receive_body(body)
    return world, body


@pytest.mark.parametrize("respell", [lambda body: body + b"\r\n", in_other_order])
def test_a_copy_in_other_bytes_changes_nothing_about_a_paid_payment(respell: Callable[[bytes], bytes]) -> None:
    world, body = paid_world()
    before = world.payment()

    world.receive_body(respell(body))

    after = world.payment()
    assert (after.status, after.refundable, after.refunded_amount) == (
        before.status,
        before.refundable,
        before.refunded_amount,
    )


@pytest.mark.parametrize("spelling", ["10000.0", "1e4", '"10000"'])
def test_an_amount_in_another_spelling_leaves_a_paid_payment_paid(spelling: str) -> None:
    world, body = paid_world()
    for ending in range(8):  # the digest breaks ties, so that one of a few copies wins
        world.receive_body(body.replace(b'"amount": 10000', f'"amount": {spelling}'.encode()) + b" " * ending)

    assert world.payment().status == "succeeded"


def test_a_refund_without_ids_is_one_refund_however_often_and_in_whatever_bytes_it_is_told() -> None:
    world, _ = paid_world()
    partial = callback(
        "partially refunded", ("refund", "success"), operation_id=None, amount=3000, held=7000, seconds=99
    )
    for ending in range(3):
        world.receive_body(signed(partial) + b" " * ending)

    assert (world.payment().status, world.payment().refunded_amount) == ("partially_refunded", 3000)
