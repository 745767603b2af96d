"""What Gate refuses, and with which code."""

from typing import Any

import pytest

from local.ecommpay import DEMO_PROJECTS, GateSettings, Platform
from tests.integration.ecommpay.conftest import MakeMerchant
from tests.integration.ecommpay.merchant import Merchant

CUSTOMER = {"id": "c-1", "ip_address": "1.2.3.4", "phone": "254700000001", "email": "ann@shop.example"}


def error(code: str, message: str) -> dict[str, str]:
    return {"status": "error", "code": code, "message": message}


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"customer": {"ip_address": "1.2.3.4"}}, "2154", "Customer ID is required for project"),
        ({"customer": {**CUSTOMER, "id": 7}}, "2124", "Invalid Customer ID"),
        ({"customer": {"id": "c-1"}}, "2004", "Required field not provided: customer.ip_address"),
        ({"customer": {**CUSTOMER, "email": "nobody"}}, "2426", "Invalid Email"),
        ({"customer": None}, "2004", "Required field not provided: customer"),
        ({"payment": {"currency": "KES"}}, "2004", "Required field not provided: payment.amount"),
        ({"payment": {"amount": "1000", "currency": "KES"}}, "502", "Validation error: payment.amount"),
        ({"payment": {"amount": 1000}}, "2004", "Required field not provided: payment.currency"),
        ({"payment": {"amount": 1000, "currency": "SGD"}}, "3023", "Provided currency disabled for Project ID: SGD"),
        ({"payment": {"amount": 999, "currency": "KES"}}, "3358", "Operation amount is less than limit"),
        ({"payment": {"amount": 20000001, "currency": "KES"}}, "2642", "Operation amount is greater than limit"),
        ({"payment": {"amount": 99, "currency": "USD"}}, "3358", "Operation amount is less than limit"),
        ({"payment": {"amount": 300001, "currency": "USD"}}, "2642", "Operation amount is greater than limit"),
        ({"general": {"project_id": 2924}}, "2004", "Required field not provided: general.payment_id"),
        ({"general": {"project_id": 2924, "payment_id": "x" * 256}}, "3024", "Invalid Payment ID"),
    ],
)
def test_a_sale_is_refused_for_what_is_missing_or_wrong(
    merchant: Merchant, changes: dict[str, Any], code: str, message: str
) -> None:
    response = merchant.post("card-partner/sale", merchant.kes_sale(**changes))
    assert (response.status_code, response.json) == (400, error(code, message))
    assert merchant.client.get("/control/payments").json == {"payments": []}


def test_signatures_are_checked_before_anything_else(merchant: Merchant) -> None:
    body = merchant.kes_sale(payment={})
    wrong = merchant.post("card-partner/sale", body, key="not the key")
    assert wrong.json == error("3261", "Invalid signature")
    empty = merchant.client.post("/v2/payment/card-partner/sale", json=body)
    assert empty.json == error("3262", "Empty signature")
    other = merchant.post("card-partner/sale", body, key="local-secret-198")
    assert other.json == error("3261", "Invalid signature")
    unknown = {"general": {"project_id": 5, "payment_id": "x", "signature": "x"}}
    assert merchant.client.post("/v2/payment/status", json=unknown).json == error("2442", "Project ID not found")


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b"\xef\xbb\xbf{}", b'{"a":NaN}', b'{"a":"\xff"}', b'{"a":"\\ud800"}', b"[" * 100_000]
)
def test_what_php_could_not_read_is_invalid_json(merchant: Merchant, raw: bytes) -> None:
    response = merchant.client.post("/v2/payment/status", data=raw)
    assert (response.status_code, response.json) == (400, error("2003", "Invalid JSON string"))


def test_a_payment_id_can_be_used_once_per_project(merchant: Merchant) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale())
    again = merchant.post("card-partner/sale", merchant.kes_sale(amount=20000))
    assert again.json == error("3041", "Payment ID already exists")
    merchant.sell("online-banking/enets/sale", merchant.sgd_sale())


def test_unknown_payments_and_paths_are_told_apart(merchant: Merchant) -> None:
    unknown = merchant.post("status", {"general": merchant.general("nobody")})
    assert unknown.json == error("3061", "Transaction not found")
    path = merchant.post("bitcoin/sale", merchant.kes_sale())
    assert path.json == error("2541", "Unknown Payment Method")


def test_refusals_can_come_inside_an_http_200(make_merchant: MakeMerchant) -> None:
    merchant = make_merchant(gate=GateSettings(refusal_http_status=200))
    response = merchant.post("status", {"general": merchant.general("nobody")})
    assert (response.status_code, response.json) == (200, error("3061", "Transaction not found"))


def test_requests_without_an_address_can_be_acknowledged_and_come_to_nothing(make_merchant: MakeMerchant) -> None:
    merchant = make_merchant(gate=GateSettings(silent_without_contact=True))
    sale = merchant.kes_sale(general={"project_id": 2924, "payment_id": "order-1"})
    assert merchant.sell("card-partner/sale", sale)["status"] == "success"
    assert merchant.post("status", {"general": merchant.general("order-1")}).json == error(
        "3061", "Transaction not found"
    )


def test_the_request_id_can_be_acknowledged_without_its_suffix(make_merchant: MakeMerchant) -> None:
    merchant = make_merchant(gate=GateSettings(step_s=0.01, suffix_in_acknowledgement=False))
    acknowledged = merchant.sell("card-partner/sale", merchant.kes_sale())["request_id"]
    assert "-" not in acknowledged
    assert merchant.status()["operations"][0]["request_id"] == f"{acknowledged}-00000001"
    found = merchant.post("status/request", {"project_id": 2924, "request_id": acknowledged})
    assert [each["request_id"] for each in (found.json or {})["operations"]] == [f"{acknowledged}-00000001"]


def test_the_oldest_payments_are_forgotten(merchant: Merchant) -> None:
    merchant.platform.engine.store.capacity = 2
    for number in range(3):
        merchant.sell("card-partner/sale", merchant.kes_sale(f"order-{number}"))
    listed = (merchant.client.get("/control/payments").json or {})["payments"]
    assert [each["payment_id"] for each in listed] == ["order-2", "order-1"]


def test_a_platform_that_was_never_started_can_be_stopped() -> None:
    Platform(DEMO_PROJECTS, public_url="http://platform.local").stop()


def test_a_stopped_platform_goes_on_where_it_was_when_started_again(merchant: Merchant) -> None:
    merchant.platform.stop()
    merchant.sell("card-partner/sale", merchant.kes_sale())
    merchant.platform.start()
    merchant.sink.wait_for(2)
    merchant.clock.move(901)
    assert merchant.sink.wait_for(3)[2]["operation"]["code"] == "20602"
