"""Callbacks taken from listed networks only: a list that is wrong refuses ECommPay, rings, and loses nothing."""

import os
from collections.abc import Iterator

import pytest
import requests

from local.ecommpay import DeliverySettings
from local.system import LocalSystem
from payments import wiring
from tests.support.local_system import counted, running_system, wait_for
from tests.support.merchant import TIMEOUT_S, Merchant


@pytest.fixture
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """A system that takes callbacks from another network than the one they come from, a day of retries in seconds."""
    with running_system(
        tmp_path_factory.mktemp("run"),
        delivery=DeliverySettings(retry_second_s=1 / 3000),
        function_variables={"CALLBACK_SOURCES": "192.0.2.0/24,2001:db8::/32"},
    ) as system:
        yield system


def test_a_refused_callback_is_counted_and_arrives_once_the_list_is_right(system: LocalSystem) -> None:
    merchant = Merchant(system)
    ordered = merchant.order().json()

    wait_for(lambda: counted(system, "CallbackRejected"))
    refused = requests.post(f"{system.url}/callbacks/ecommpay", data=b"{}", timeout=TIMEOUT_S)
    assert refused.status_code == 403
    assert refused.json() == {
        "type": "urn:ecommpay-checkout:problem:source-not-listed",
        "title": "Address not listed",
        "status": 403,
        "detail": "Callbacks are not taken from this address.",
    }
    assert {each["source"] for each in merchant.payment(ordered["payment_id"])["timeline"]} == {"api"}

    os.environ["CALLBACK_SOURCES"] = "192.0.2.0/24,127.0.0.0/8"
    wiring.reset()

    assert merchant.pay(ordered)["status"] == "succeeded"
