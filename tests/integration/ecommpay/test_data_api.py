"""The Data API's list of operations."""

import time
from typing import Any

import pytest
from werkzeug.test import TestResponse

from local.ecommpay import DataApiSettings
from local.ecommpay.signature import matches, sign
from tests.integration.ecommpay.conftest import MakeMerchant
from tests.integration.ecommpay.merchant import Merchant, until

TOKEN, KEY = "local-data-api-token-2924-0000", "local-data-api-secret-2924"


def ask(merchant: Merchant, *, key: str = KEY, **body: Any) -> TestResponse:
    asked = {"token": TOKEN, **body}
    return merchant.client.post("/v1/operations/get", json={**asked, "signature": sign(asked, key)})


def operations(merchant: Merchant, **body: Any) -> list[dict[str, Any]]:
    answer = ask(merchant, **body).json or {}
    assert matches(answer, answer["signature"], [KEY])
    return list(answer["operations"])


def test_an_operation_is_listed_with_its_columns(merchant: Merchant) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=10001))
    merchant.wait_for_status("success")
    told = merchant.status()["operations"][0]
    assert operations(merchant, project_id=[2924], timezone="Africa/Nairobi") == [
        {
            "operation_id": 101,
            "payment_id": "order-1",
            "project_id": 2924,
            "operation_type": "sale",
            "operation_status": "success",
            "operation_amount": 10001,
            "operation_currency": "KES",
            "operation_code": "0",
            "operation_message": "Success",
            "operation_created_at": "2026-11-21 20:52:00",
            "operation_completed_at": "2026-11-21 20:52:00",
            "payment_status": "success",
            "payment_method": "Card partner",
            "request_id": told["request_id"],
            "provider_payment_id": told["provider"]["payment_id"],
            "customer_id": "c-1",
        }
    ]


def test_pages_intervals_types_and_fields_choose(merchant: Merchant) -> None:
    for number in range(3):
        merchant.sell("card-partner/sale", merchant.kes_sale(f"order-{number}", 10001))
        merchant.wait_for_status("success", f"order-{number}")
        merchant.clock.move(60)
    merchant.refund("order-0")
    until(lambda: merchant.known("order-0")["status"] == "refunded")
    only = {"fields": ["payment_id", "operation_type"]}

    def found(**body: Any) -> list[str]:
        return [f"{row['payment_id']} {row['operation_type']}" for row in operations(merchant, **body, **only)]

    everything = ["order-0 refund", "order-2 sale", "order-1 sale", "order-0 sale"]
    assert found() == everything
    assert found(limit=2) == everything[:2]
    assert found(limit=2, offset=2) == everything[2:]
    assert found(offset=4) == []
    assert found(operation_type="refund") == everything[:1]
    assert found(project_id=[198]) == []
    span = {"start": "2026-11-21 20:53:00", "end": "2026-11-21 20:54:00"}
    assert found(interval=span, timezone="Africa/Nairobi") == ["order-1 sale"]
    assert found(interval={"start": "2026-11-21T17:54:00Z", "end": "2026-11-21T18:00:00Z"}) == everything[:2]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"limit": "all"}, "502"),
        ({"offset": -1}, "502"),
        ({"timezone": "Mars/Olympus"}, "502"),
        ({"timezone": "../../etc/passwd"}, "502"),
        ({"interval": {"start": "2026-11-21"}}, "502"),
        ({"interval": "today"}, "502"),
        ({"project_id": 2924}, "502"),
        ({"token": "nobody"}, "310"),
    ],
)
def test_wrong_requests_are_refused(merchant: Merchant, body: dict[str, Any], code: str) -> None:
    response = ask(merchant, **body)
    assert response.status_code == 400
    assert (response.json or {})["code"] == code


def test_the_tokens_own_key_must_sign(merchant: Merchant) -> None:
    assert (ask(merchant, key="local-secret-2924").json or {})["code"] == "3261"
    unsigned = merchant.client.post("/v1/operations/get", json={"token": TOKEN})
    assert (unsigned.json or {})["code"] == "3262"


def paid(merchant: Merchant, count: int) -> None:
    for number in range(count):
        merchant.sell("card-partner/sale", merchant.kes_sale(f"order-{number}", 10001))
        merchant.wait_for_status("success", f"order-{number}")


def test_what_is_told_wrongly_takes_turns_and_everything_else_is_told_as_it_is(make_merchant: MakeMerchant) -> None:
    merchant = make_merchant(data_api=DataApiSettings(data_api_fault_every=2))
    paid(merchant, 10)

    told = operations(merchant, fields=["operation_id", "operation_status", "operation_amount", "operation_currency"])

    rows = {row.pop("operation_id"): row for row in told}
    right = {"operation_status": "success", "operation_amount": 10001, "operation_currency": "KES"}
    assert {name: row for name, row in rows.items() if row != right} == {
        102: {**right, "operation_status": "decline"},
        104: {**right, "operation_amount": 10002},
        106: {**right, "operation_currency": "XTS"},
    }
    # 110 is missing and 108 told twice.
    assert set(rows) == {*range(101, 110), 10**15 + 108}


def test_an_answer_takes_the_time_it_is_told_to(make_merchant: MakeMerchant) -> None:
    merchant = make_merchant(data_api=DataApiSettings(data_api_delay_s=0.1))

    asked_at = time.monotonic()

    assert operations(merchant) == []
    assert time.monotonic() - asked_at >= 0.1


def test_pages_are_as_long_as_they_are_told_to_be_and_the_first_answers_may_fail(make_merchant: MakeMerchant) -> None:
    merchant = make_merchant(data_api=DataApiSettings(data_api_most_rows=2, data_api_fail_first=1))
    paid(merchant, 3)

    assert ask(merchant).status_code == 502
    assert (len(operations(merchant)), len(operations(merchant, limit=1000, offset=2))) == (2, 1)
