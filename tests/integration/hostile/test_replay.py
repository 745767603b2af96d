"""After everything hostile: the replay finds every payment as its messages say, in memory and through the deployed code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from ecommpay_signing import sign
from local.system import LocalSystem
from payments import wiring
from payments.ports import PaymentFilter
from tests.integration.hostile.load import erase_all, loaded_store, replay_all
from tests.support.local_system import counted, running_system, wait_for
from tests.support.measures import FIGURE
from tests.support.merchant import TIMEOUT_S, Merchant
from tests.unit.gate.samples import sale_callback

SECRET = "local-secret-2924"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    with running_system(tmp_path_factory.mktemp("run"), refund_callback_timeout_s=3, status_poll_delay_s=1) as system:
        yield system


@pytest.fixture(scope="module")
def merchant(system: LocalSystem) -> Merchant:
    return Merchant(system)


def test_payments_whose_callbacks_came_in_any_order_are_what_their_messages_say(record_property: Any) -> None:
    store, callbacks = loaded_store(300, seed=17)

    checked, differences = replay_all(store)

    record_property(FIGURE, f"replay of {checked} payments, {callbacks} callbacks: {len(differences)} differences")
    assert (checked, differences) == (300, [])


def test_payments_whose_customer_was_erased_are_still_what_their_messages_say() -> None:
    store, _ = loaded_store(300, seed=18)

    erased, skipped = erase_all(store)

    # Those that heard something unbelievable and were never asked about are skipped.
    assert (erased + skipped, replay_all(store)) == (300, (300, []))
    assert erased > 200
    left = [payment for payment in store.select(PaymentFilter(), limit=300, cursor=None)[0] if payment.erased_at]
    assert len(left) == erased
    assert all(b"customer" not in each.body for payment in left for each in store.messages(payment.key))


def test_a_callback_that_is_lost_is_found_by_the_schedule_and_counted(
    system: LocalSystem, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests.post(f"{system.platform_url}/control/next", json={"callbacks": "lose", "count": 50}, timeout=TIMEOUT_S)
    # An amount that ends in these digits is paid at once, without the customer.
    lost = [merchant.order(amount=amount).json()["payment_id"] for amount in (10001, 10001)]
    wait_for(lambda: all(platform_status(system, each) == "success" for each in lost))
    requests.delete(f"{system.platform_url}/control/next", timeout=TIMEOUT_S)
    assert [merchant.payment(each)["status"] for each in lost] == ["processing", "processing"]

    now = wiring.clock()
    monkeypatch.setattr(wiring, "clock", lambda: now + timedelta(minutes=1))
    seen = system.functions.invoke("CheckPendingFunction", {}).value()

    assert seen["overdue"] == 2
    assert [merchant.payment(each)["status"] for each in lost] == ["succeeded", "succeeded"]
    assert counted(system, "CallbackOverdue") == [2.0]


def test_after_all_that_the_replay_function_finds_no_difference(system: LocalSystem, merchant: Merchant) -> None:
    for method, interface in [("card-partner", "gate"), ("enets", "payment_page")]:
        payment = merchant.pay(merchant.order(method, interface).json())
        if method == "card-partner":
            merchant.refund(payment["payment_id"])
        else:
            merchant.provider_refunds(payment["payment_id"], 198, amount=100)
    for amount in (10045, 10055):  # another amount is paid; callbacks come twice and out of order
        paid = merchant.pay(merchant.order(amount=amount).json())
    hostile = sale_callback()
    hostile["payment"]["id"] = paid["payment_id"]
    for change in (
        {"description": "a;b"},
        {"status": "decline"},
        {"sum": {"amount": 1, "currency": "KES"}},
        {"id": "x"},
    ):
        message = {**hostile, "payment": {**hostile["payment"], **change}}
        body = json.dumps({**message, "signature": sign(message, SECRET)})
        for copy in (body, body + " ", body.replace('"amount": 1000', '"amount": 1000.0')):
            answer = requests.post(f"{system.url}/callbacks/ecommpay", data=copy, timeout=TIMEOUT_S)
            assert answer.status_code == 200
    assert system.wait_until_delivered()

    checked, differences, page = 0, [], {"cursor": None, "limit": 2}
    while page["cursor"] is not None or not checked:
        answer = system.functions.invoke("ReplayFunction", page).value()
        checked += answer["checked"]
        differences += answer["differences"]
        page["cursor"] = answer["next_cursor"]
        if answer["next_cursor"] is None:
            break

    assert (checked, differences) == (6, [])


def platform_status(system: LocalSystem, payment_id: str) -> str:
    answer = requests.get(f"{system.platform_url}/control/payments/2924/{payment_id}", timeout=TIMEOUT_S).json()
    return str(answer.get("status") or answer["payment"]["status"])
