"""Bodies as the documents' samples have them: fields, order, types."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from local.ecommpay.callbacks import callback_body, encode, status_body
from local.ecommpay.methods import CARD_PARTNER, ENETS
from local.ecommpay.outcomes import OUTCOMES
from local.ecommpay.state import Operation, Payment, Redirect

CREATED = datetime(2026, 11, 21, 17, 52, 5, 900, tzinfo=UTC)
ENDED = datetime(2026, 11, 21, 17, 52, 19, tzinfo=UTC)


def card_payment(**changes: Any) -> Payment:
    payment = Payment(
        project_id=2924,
        payment_id="EP01-aa",
        method=CARD_PARTNER,
        amount=1000,
        currency="KES",
        balance=1000,
        status="success",
        description="",
        customer={"id": "c-1", "phone": "12345678900"},
        callback_url="",
        interface="gate",
        outcome=OUTCOMES[0],
        created_at=CREATED,
        updated_at=ENDED,
    )
    return replace(payment, **changes)


def card_operation(**changes: Any) -> Operation:
    operation = Operation(
        operation_id=389,
        type="sale",
        status="success",
        request_id="0be9-00000001",
        amount=1000,
        currency="KES",
        created_at=CREATED,
        updated_at=ENDED,
        provider_payment_id="1795283525000A",
        code="0",
        message="Success",
    )
    return replace(operation, **changes)


CARD_SUCCESS: dict[str, Any] = {
    "project_id": 2924,
    "payment": {
        "id": "EP01-aa",
        "type": "purchase",
        "status": "success",
        "date": "2026-11-21T17:52:19+0000",
        "method": "Card partner",
        "sum": {"amount": 1000, "currency": "KES"},
        "description": "",
    },
    "customer": {"phone": "12345678900"},
    "operation": {
        "id": 389,
        "type": "sale",
        "status": "success",
        "date": "2026-11-21T17:52:19+0000",
        "created_date": "2026-11-21T17:52:05+0000",
        "request_id": "0be9-00000001",
        "sum_initial": {"amount": 1000, "currency": "KES"},
        "sum_converted": {"amount": 1000, "currency": "KES"},
        "code": "0",
        "message": "Success",
        "provider": {"id": 2377, "payment_id": "1795283525000A", "auth_code": ""},
    },
    "signature": "",
}


def in_order(body: dict[str, Any]) -> str:
    return json.dumps(body)


def test_a_card_partner_success_has_the_samples_shape_and_order() -> None:
    assert in_order(callback_body(card_payment(), card_operation())) == in_order(CARD_SUCCESS)


def test_a_declined_refund_leaves_the_payment_successful_and_full() -> None:
    refund = card_operation(operation_id=398, type="refund", status="decline", code="20000", message="General decline")
    expected = {
        **CARD_SUCCESS,
        "operation": {
            **CARD_SUCCESS["operation"],
            "id": 398,
            "type": "refund",
            "status": "decline",
            "code": "20000",
            "message": "General decline",
        },
    }
    assert in_order(callback_body(card_payment(), refund)) == in_order(expected)


def test_a_declined_enets_payment_has_the_provider_before_the_code_and_a_format_id_behind_the_signature() -> None:
    payment = card_payment(
        project_id=198,
        payment_id="TEST_2",
        method=ENETS,
        amount=100,
        balance=100,
        currency="SGD",
        status="decline",
        description="TEST_2",
        customer={"id": "1", "email": "ann@shop.example"},
    )
    operation = card_operation(
        operation_id=17289000000191,
        status="decline",
        request_id="d9d2-00000001",
        amount=100,
        currency="SGD",
        provider_payment_id="17289000000191_7399",
        code="20000",
        message="General decline",
    )
    assert in_order(callback_body(payment, operation)) == in_order(
        {
            "project_id": 198,
            "payment": {
                "id": "TEST_2",
                "type": "purchase",
                "status": "decline",
                "date": "2026-11-21T17:52:19+0000",
                "method": "enets",
                "sum": {"amount": 100, "currency": "SGD"},
                "description": "TEST_2",
            },
            "customer": {"id": "1"},
            "operation": {
                "id": 17289000000191,
                "type": "sale",
                "status": "decline",
                "date": "2026-11-21T17:52:19+0000",
                "created_date": "2026-11-21T17:52:05+0000",
                "request_id": "d9d2-00000001",
                "sum_initial": {"amount": 100, "currency": "SGD"},
                "sum_converted": {"amount": 100, "currency": "SGD"},
                "provider": {
                    "id": 412,
                    "payment_id": "17289000000191_7399",
                    "date": "2026-11-21T17:52:05+0000",
                    "auth_code": "",
                },
                "code": "20000",
                "message": "General decline",
            },
            "signature": "",
            "format_id": 1,
        }
    )


def test_redirect_data_and_clarification_fields_stand_before_the_signature() -> None:
    redirect = {"body": [], "method": "GET", "url": "https://bank.example/pay"}
    sent = card_payment(redirect=Redirect("s", 389, redirect))
    body = callback_body(sent, card_operation(status="awaiting redirect result"))
    assert list(body) == ["project_id", "payment", "customer", "operation", "redirect_data", "signature"]
    assert body["redirect_data"] == redirect
    asked = card_payment(clarification_fields={"customer": ["email"]}, customer={"id": "c-1"})
    body = callback_body(asked, card_operation(status="awaiting clarification"))
    assert list(body) == ["project_id", "payment", "customer", "operation", "clarification_fields", "signature"]
    assert body["clarification_fields"] == {"customer": ["email"]}
    assert body["customer"] == {"id": "c-1"}


def test_a_status_answer_lists_operations_and_errors() -> None:
    body = status_body(card_payment(), [], [card_operation()])
    assert in_order(body) == in_order(
        {
            "project_id": 2924,
            "payment": CARD_SUCCESS["payment"],
            "customer": CARD_SUCCESS["customer"],
            "operations": [CARD_SUCCESS["operation"]],
            "errors": [],
            "signature": "",
        }
    )


def test_bodies_are_written_as_php_writes_them() -> None:
    raw = encode({"url": "https://a/ы", "signature": ""}, "key")
    assert raw.startswith(rb'{"url":"https:\/\/a\/\u044b","signature":"')
    assert json.loads(raw)["url"] == "https://a/ы"
