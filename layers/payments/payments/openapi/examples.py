"""One example of every body; all of them tell the story of one order, from its creation to its refund."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

NEW_PAYMENT: Json = {
    "payment_id": "booking-70412",
    "project_id": 2924,
    "interface": "payment_page",
    "method": "card-partner",
    "amount": 1_250_000,
    "currency": "KES",
    "description": "Two nights at Naivasha Lodge",
    "language": "en",
    "customer": {
        "id": "guest-318",
        "ip_address": "192.0.2.44",
        "phone": "254700000318",
        "email": "wanjiru@example.com",
        "first_name": "Wanjiru",
        "last_name": "Kamau",
    },
    "return_url": "https://lodge.example.com/bookings/70412",
}

_PLACED: Json = {
    "payment_id": "booking-70412",
    "project_id": 2924,
    "interface": "payment_page",
    "method": "card-partner",
    "amount": 1_250_000,
    "currency": "KES",
    "description": "Two nights at Naivasha Lodge",
    "customer": {"id": "guest-318"},
    "checkout_url": "https://pay.example.com/checkout/MjkyNDoxODAwMDAwMDAwOmJvb2tpbmc.c2lnbmVkLWJ5LXVz",
    "created_at": "2026-11-21T17:52:00.123Z",
    "expires_at": "2026-11-22T17:52:00.000Z",
    "code": None,
    "message": None,
    "refund_policy": "full",
}

PAGE_PAYMENT: Json = {
    **_PLACED,
    "status": "created",
    "provider_status": None,
    "refunded_amount": 0,
    "updated_at": "2026-11-21T17:52:00.123Z",
    "operations": [],
    "refunds": [],
    "timeline": [
        {"at": "2026-11-21T17:52:00.123Z", "source": "api", "what": "created for 12500.00 KES by payment_page"}
    ],
    "payment_page_url": "https://paymentpage.ecommpay.com/payment?project_id=2924&payment_id=booking-70412"
    "&payment_amount=1250000&payment_currency=KES&signature=Zm9y%2BZXhhbXBsZQ%3D%3D",
    "payment_page_params": {
        "project_id": 2924,
        "payment_id": "booking-70412",
        "payment_amount": 1_250_000,
        "payment_currency": "KES",
        "signature": "Zm9y+ZXhhbXBsZQ==",
    },
}

GATE_PAYMENT: Json = {
    **_PLACED,
    "payment_id": "booking-70413",
    "interface": "gate",
    "status": "processing",
    "provider_status": None,
    "refunded_amount": 0,
    "updated_at": "2026-11-21T17:52:00.900Z",
    "expires_at": None,
    "operations": [],
    "refunds": [],
    "timeline": [
        {"at": "2026-11-21T17:52:00.123Z", "source": "api", "what": "created for 12500.00 KES by gate"},
        {"at": "2026-11-21T17:52:00.900Z", "source": "api", "what": "sale accepted by Gate"},
    ],
}

NEW_REFUND: Json = {"amount": 1_250_000, "reason": "The guest fell ill"}

REFUND: Json = {
    "refund_id": "rf-2f6c1c0f4e5b4b7c9d0a3b1e8f7a6d5c",
    "payment_id": "booking-70412",
    "project_id": 2924,
    "amount": 1_250_000,
    "currency": "KES",
    "status": "requested",
    "reason": "The guest fell ill",
    "request_id": None,
    "operation_type": None,
    "code": None,
    "message": None,
    "execution": "arn:aws:states:eu-west-1:123456789012:execution:shop-refund:rf-2f6c1c0f4e5b4b7c9d0a3b1e8f7a6d5c",
    "created_at": "2026-11-23T08:15:30.450Z",
    "updated_at": "2026-11-23T08:15:30.450Z",
}

PAID: Json = {
    **_PLACED,
    "status": "succeeded",
    "provider_status": "success",
    "refunded_amount": 0,
    "updated_at": "2026-11-21T17:55:12.006Z",
    "operations": [
        {
            "operation_id": "38205001",
            "type": "sale",
            "status": "success",
            "amount": 1_250_000,
            "currency": "KES",
            "code": "0",
            "message": "Success",
            "request_id": "b7a1c90d3e5f-00000001",
            "at": "2026-11-21T17:55:11.000Z",
        }
    ],
    "refunds": [REFUND],
    "timeline": [
        {"at": "2026-11-21T17:52:00.123Z", "source": "api", "what": "created for 12500.00 KES by payment_page"},
        {"at": "2026-11-21T17:55:12.006Z", "source": "callback", "what": "payment success, sale success"},
        {"at": "2026-11-23T08:15:30.450Z", "source": "api", "what": "refund of 12500.00 KES requested"},
    ],
}

KEYS: Json = {
    "items": [
        {"key": "6d0f27c1a4be", "signed": True, "last_needed_at": "2026-12-09T10:02:41.118Z"},
        {"key": "e93b5a80f712", "signed": False, "last_needed_at": "2026-11-24T06:59:03.540Z"},
    ],
    "next_cursor": None,
}

CALLBACK: Json = {
    "project_id": 2924,
    "payment": {
        "id": "booking-70412",
        "type": "purchase",
        "status": "success",
        "method": "card-partner",
        "date": "2026-11-21T17:55:11+0000",
        "sum": {"amount": 1_250_000, "currency": "KES"},
    },
    "signature": "Zm9y+ZXhhbXBsZQ==",
}

CHECKOUT_STATE: Json = {"status": "processing", "action": "wait", "reload": False}

CLARIFICATION: Json = {"customer.first_name": "Wanjiru"}

INVALID: Json = {
    "type": "urn:ecommpay-checkout:problem:invalid-request",
    "title": "Invalid request",
    "status": 422,
    "detail": "/customer/id: is required",
    "errors": [{"pointer": "/customer/id", "detail": "is required"}],
}

FAULT: Json = {
    "type": "about:blank",
    "title": "Internal error",
    "status": 500,
    "request_id": "5a1f0c7e-9d2b-4c11-8a57-0f6f1d3c2b10",
}
