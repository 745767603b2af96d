"""A genuine message with `;` in a customer's field, cut anew by somebody without the key, so that lines are added."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecommpay_signing import sign
from tests.unit.domain.told import callback, ordered
from tests.unit.usecases.world import SECRET, World

SALE = "operation:id:9;operation:status:success;operation:sum_initial:amount:10000;operation:sum_initial:currency:KES"
OPERATION = {"id": 9, "status": "success", "sum_initial": {"amount": 10_000, "currency": "KES"}, "type": "sale"}


def told_with_a_sale_cut_out(genuine: dict[str, Any]) -> World:
    """An unpaid order after the forged reading of a message whose customer has a phone number full of lines."""
    signature = sign({**genuine, "customer": {"phone": f"254;{SALE};operation:type:sale"}}, SECRET)
    forged = {**genuine, "customer": {"phone": "254"}, "operation": OPERATION, "signature": signature}
    world = World()
    world.put(ordered())
    world.receive_body(json.dumps(forged).encode())
    return world


@pytest.mark.parametrize("status", ["decline", "expired", "error", "canceled"])
def test_a_sale_that_was_cut_out_of_a_customer_s_field_never_pays_a_payment_that_failed(status: str) -> None:
    assert told_with_a_sale_cut_out(callback(status, None)).payment().status == "needs_review"


@pytest.mark.parametrize("status", ["processing", "awaiting customer"])
def test_a_sale_that_was_cut_out_of_a_customer_s_field_never_pays_a_payment_under_way(status: str) -> None:
    assert told_with_a_sale_cut_out(callback(status, None)).payment().status != "succeeded"
