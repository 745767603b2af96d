"""The Data API's list of operations."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from local.ecommpay.signature import matches, sign
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
