"""Which step of ours may follow which in the life of a refund: every pair of states."""

from dataclasses import replace
from typing import get_args

import pytest

from payments.domain.refund import IN_FLIGHT, SETTLED, IllegalTransition, RefundStatus, advance
from tests.unit.domain.told import at, refund

STATES: tuple[RefundStatus, ...] = get_args(RefundStatus)
ALLOWED = {
    ("requested", "sent"),
    ("requested", "awaiting_support"),
    ("requested", "failed"),
    ("sent", "failed"),
    ("sent", "unknown"),
    ("awaiting_support", "succeeded"),
    ("awaiting_support", "failed"),
    ("awaiting_support", "unknown"),
    ("unknown", "succeeded"),
    ("unknown", "failed"),
}
PAIRS = [(before, after) for before in STATES for after in STATES]


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair in ALLOWED])
def test_an_allowed_step_moves_the_refund_and_notes_when(before: RefundStatus, after: RefundStatus) -> None:
    stood = refund(before)

    assert advance(stood, after, at=at(9000), message="why") == replace(
        stood, status=after, updated_at=at(9000), message="why"
    )


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair not in ALLOWED])
def test_every_other_step_is_refused_and_changes_nothing(before: RefundStatus, after: RefundStatus) -> None:
    stood = refund(before)

    with pytest.raises(IllegalTransition, match=f"a refund that is {before} cannot become {after}"):
        advance(stood, after, at=at(9000))

    assert stood == refund(before)


def test_a_refund_holds_its_payment_until_its_end_is_known() -> None:
    holding = {state for state in STATES if refund(state).in_flight}

    assert holding == IN_FLIGHT == {"requested", "sent", "awaiting_support", "unknown"}
    assert set(STATES) - holding == SETTLED == {"succeeded", "declined", "failed"}
