"""A month of a hundred thousand operations with a fault of every kind in each hundred payments: every one is named."""

from __future__ import annotations

from typing import Any

from tests.integration.test_simulated_month import reconcile_a_month

#: Every twentieth is given back, and one in a hundred is taken or given back once more.
PAYMENTS = 94_000


def test_every_fault_of_a_month_of_a_hundred_thousand_operations_is_named(record_property: Any) -> None:
    reconcile_a_month(PAYMENTS, record_property)
