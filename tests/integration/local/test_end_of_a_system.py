"""What every local system of the suite is held to when it ends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from payments import wiring
from payments.domain.payment import PaymentKey
from payments.domain.provider_state import NOTHING_SAID
from tests.support.local_system import running_system
from tests.support.merchant import Merchant


def forget_what_was_said(run_folder: Path, *, damaged: bool) -> None:
    """A system with three paid payments, of which one loses what the provider said."""
    with running_system(run_folder, damaged=damaged) as system:
        merchant = Merchant(system)
        for number in range(3):
            merchant.order(amount=10001, payment_id=f"order-{number}")
            merchant.wait_for(f"order-{number}", "succeeded")
        paid = wiring.store().read(PaymentKey(2924, "order-1"))
        assert paid is not None
        wiring.store().save(replace(paid, provider=NOTHING_SAID))


def test_a_payment_that_is_not_what_its_messages_say_is_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"of 3 payments in .* differ: .*'order-1', 'part': 'provider'"):
        forget_what_was_said(tmp_path, damaged=False)


def test_a_test_that_damages_its_table_can_say_so(tmp_path: Path) -> None:
    forget_what_was_said(tmp_path, damaged=True)


def test_what_no_log_may_hold_is_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="log holds the word amina"), running_system(tmp_path) as system:
        (system.settings.run_folder / "functions.log").write_text("a customer: amina@example.com")
