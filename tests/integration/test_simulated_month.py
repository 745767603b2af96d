"""A month with a fault of every kind in each hundred payments is reconciled, and every fault is named, and no other."""

from __future__ import annotations

import time
from typing import Any

from tests.support.measures import FIGURE
from tests.support.simulated_month import FAULTS, simulated_month

PAYMENTS = 1_200


def reconcile_a_month(payments: int, record_property: Any) -> None:
    """Reconcile so many payments, and hold it to what it has to find."""
    with simulated_month(payments) as (month, url):
        started, worked = time.monotonic(), time.process_time()
        calls = month.reconcile(url)
        took, work = time.monotonic() - started, time.process_time() - worked

        named = month.named
        assert set(named) == month.injected
        assert set(named.values()) == {1}
        per_fault = payments // 100
        assert {reason: each["found"] for reason, each in month.summary["differences"].items()} == dict.fromkeys(
            FAULTS.values(), per_fault
        )
        repaired = {reason: each["repaired"] for reason, each in month.summary["differences"].items()}
        assert {reason for reason, count in repaired.items() if count == per_fault} == {
            *("missing_here", "late", "refund_not_ours")
        }
        largest = max(len(content) for name, content in month.reports.kept.items() if name.startswith("progress/2924"))
        record_property(
            FIGURE,
            f"reconciled {month.operations} operations of {payments} payments in a month: {len(month.injected)} faults "
            f"put in, {len(named)} named, 0 others; {calls} calls, {took:.0f} s ({work:.0f} s of processor time, the "
            f"platform's included); largest object kept on the way {largest // 1024} KiB",
        )


def test_every_fault_of_a_month_is_named_and_nothing_else(record_property: Any) -> None:
    reconcile_a_month(PAYMENTS, record_property)
