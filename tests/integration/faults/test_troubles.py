"""Throttled, cancelled, broken and timed-out calls at 1, 5 and 30 % under every handler and a whole life: QUALITY T5."""

from __future__ import annotations

import pytest
import requests

from tests.integration.faults.refund_scenarios import REFUND_SCENARIOS, refunded_once
from tests.integration.faults.scenarios import PAYMENT_SCENARIOS, Scenario, play
from tests.integration.faults.stage import HEAVIER, MOST_DELIVERIES, PAID_AT_ONCE, Stage, redeliver
from tests.support.faults import TROUBLES, at_random

PERCENT = [1, 5, 30]
SCENARIOS = (*PAYMENT_SCENARIOS, *REFUND_SCENARIOS)
NAMED = [pytest.param(scenario, id=scenario.name) for scenario in SCENARIOS]


@pytest.mark.parametrize("percent", PERCENT if HEAVIER > 1 else PERCENT[-1:])
@pytest.mark.parametrize("scenario", NAMED)
def test_a_handler_in_trouble_ends_as_one_without(stage: Stage, scenario: Scenario, percent: int) -> None:
    for seed in range(HEAVIER):
        payment_id = f"{scenario.name}-{percent}-{seed}"

        play(stage, scenario, payment_id, at_random(payment_id, percent), most=MOST_DELIVERIES)


@pytest.mark.parametrize("percent", PERCENT)
def test_a_whole_life_in_trouble_ends_with_one_sale_and_one_refund(stage: Stage, percent: int) -> None:
    for seed in range(HEAVIER):
        name = f"life-{percent}-{seed}"
        with stage.faults.planned(at_random(name, percent)) as record:
            payment_id = pay(stage, name)
            redeliver(lambda _, paid=payment_id: start_refund(stage, paid))  # type: ignore[misc]  # mypy cannot see defaults of a lambda
            stage.settle(payment_id)

        refunded_once(stage, payment_id)
        assert stage.sales(payment_id) == 1
        assert {what for _, what in record.injected} <= set(TROUBLES)
        assert percent < 30 or len(record.injected) > 5


def pay(stage: Stage, name: str) -> str:
    """Order, under a new id where a sale never left, until one is paid; its id."""
    for order in range(20):
        payment_id = f"{name}-{order}"
        redeliver(lambda _, wanted=payment_id: is_taken(stage, wanted))  # type: ignore[misc]  # mypy cannot see defaults of a lambda
        if stage.sales(payment_id):
            stage.wait_for(payment_id, "succeeded")
            return payment_id
        assert stage.settle(payment_id)["status"] == "failed"
    raise AssertionError("no sale in 20 orders")


def is_taken(stage: Stage, payment_id: str) -> bool:
    """Whether an order was taken; the merchant repeats it until then."""
    answer: requests.Response = stage.merchant.order(amount=PAID_AT_ONCE, payment_id=payment_id)
    assert answer.status_code in {200, 202, 503}, answer.text
    return answer.status_code != 503


def start_refund(stage: Stage, payment_id: str) -> bool:
    """Whether a refund is on its way; 409 says that an earlier answer was lost."""
    answer = stage.merchant.post(f"/payments/{payment_id}/refunds", {})
    assert answer.status_code in {202, 409, 503}, answer.text
    return answer.status_code != 503
