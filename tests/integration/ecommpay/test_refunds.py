"""Refunds through Gate and by support."""

from typing import Any

import pytest

from tests.integration.ecommpay.merchant import Merchant


def error(code: str, message: str) -> dict[str, str]:
    return {"status": "error", "code": code, "message": message}


def test_a_refund_is_acknowledged_and_then_empties_the_payment(merchant: Merchant) -> None:
    merchant.paid()
    acknowledged = merchant.refund().json or {}
    assert acknowledged == {
        "status": "success",
        "request_id": acknowledged["request_id"],
        "project_id": 2924,
        "payment_id": "order-1",
    }
    final = merchant.sink.wait_for(4)[3]
    assert final["payment"]["status"] == "refunded"
    assert final["payment"]["sum"] == {"amount": 0, "currency": "KES"}
    operation = final["operation"]
    assert (operation["id"], operation["type"], operation["status"]) == (102, "refund", "success")
    assert operation["request_id"] == acknowledged["request_id"]
    assert operation["sum_initial"] == {"amount": 10000, "currency": "KES"}
    assert merchant.operations() == ["sale success", "refund success"]
    assert merchant.refund().json == error("3060", "Current payment or operation status does not allow this action")


def test_a_declined_refund_leaves_the_payment_successful(merchant: Merchant) -> None:
    merchant.paid(10015)
    merchant.refund()
    final = merchant.sink.wait_for(4)[3]
    assert (final["operation"]["type"], final["operation"]["status"]) == ("refund", "decline")
    assert (final["operation"]["code"], final["operation"]["message"]) == ("20000", "General decline")
    assert final["payment"]["status"] == "success"
    assert final["payment"]["sum"]["amount"] == 10015
    assert final["operation"]["provider"]["payment_id"].endswith("RF")


def test_a_full_refund_can_be_carried_out_as_a_reversal(merchant: Merchant) -> None:
    merchant.paid(10020)
    merchant.refund()
    final = merchant.sink.wait_for(4)[3]
    assert (final["operation"]["type"], final["payment"]["status"]) == ("reversal", "reversed")
    assert final["payment"]["sum"]["amount"] == 0


def test_the_merchants_own_refund_id_and_address_are_used(merchant: Merchant) -> None:
    merchant.paid()
    merchant.refund(payment={"amount": 10000, "currency": "KES", "merchant_refund_id": "r-1"})
    final = merchant.sink.wait_for(4)[3]
    assert final["payment"]["merchant_refund_id"] == "r-1"


@pytest.mark.parametrize(
    ("payment", "code", "message"),
    [
        ({"amount": 5000}, "3609", "Operation amount must be equal to the initial amount"),
        ({"amount": 10001}, "3283", "Refund amount more than init amount"),
        ({"currency": "USD"}, "3284", "Refund currency mismatched or empty"),
        ({"amount": "10000"}, "502", "Validation error: payment.amount"),
        ([], "502", "Validation error: payment"),
    ],
)
def test_card_partner_refunds_only_the_whole(merchant: Merchant, payment: Any, code: str, message: str) -> None:
    merchant.paid()
    response = merchant.refund(payment=payment)
    assert (response.status_code, response.json) == (400, error(code, message))
    assert merchant.operations() == ["sale success"]


def test_a_second_refund_and_a_repeated_refund_id_are_refused(merchant: Merchant) -> None:
    merchant.paid(10080)
    assert merchant.refund().status_code == 200
    assert merchant.refund().json == error("3285", "Cannot make refund because of timeout block for repeat refund")
    assert merchant.operations() == ["sale success", "refund processing"]

    merchant.paid(10015, "order-2")
    wanted = {"merchant_refund_id": "r-1"}
    merchant.refund("order-2", payment=wanted)
    merchant.sink.wait_for(7)
    repeated = merchant.refund("order-2", payment=wanted)
    assert repeated.json == error("3230", "The operation with such merchant_refund_id already exists")


def test_what_is_not_paid_not_known_or_not_card_cannot_be_refunded(merchant: Merchant) -> None:
    assert merchant.refund("nobody").json == error("3061", "Transaction not found")
    merchant.sell("card-partner/sale", merchant.kes_sale())
    assert (merchant.refund().json or {})["code"] == "3060"
    merchant.sell("online-banking/enets/sale", merchant.sgd_sale(amount=10001))
    merchant.wait_for_status("success", project_id=198)
    general = {"general": merchant.general("order-1", 198)}
    for path in ("refund", "online-banking/enets/refund"):
        assert merchant.post(path, general).json == error("3610", "Refund unavailable for the current operation")
    assert merchant.post("card-partner/refund", general).json == error("2541", "Unknown Payment Method")


def test_support_refunds_enets_in_parts_and_the_merchant_hears_of_it(merchant: Merchant) -> None:
    merchant.sell("online-banking/enets/sale", merchant.sgd_sale(amount=10001))
    merchant.sink.wait_for(2)
    refund = "/control/payments/198/order-1/refund"
    assert (merchant.client.post(refund, json={"amount": 4000}).json or {})["status"] == "success"
    assert merchant.client.post(refund, json={"amount": 1, "status": "decline"}).status_code == 200
    assert merchant.client.post(refund, json={"amount": 9999}).json == {
        "error": "Refund amount more than init amount",
        "code": "3283",
    }
    assert merchant.client.post(refund, json={}).status_code == 200
    bodies = merchant.sink.wait_for(5)[2:]
    told = [
        (body["operation"]["status"], body["payment"]["status"], body["payment"]["sum"]["amount"]) for body in bodies
    ]
    assert told == [
        ("success", "partially refunded", 6001),
        ("decline", "partially refunded", 6001),
        ("success", "refunded", 0),
    ]


def test_support_can_reverse(merchant: Merchant) -> None:
    merchant.paid(10000)
    response = merchant.client.post("/control/payments/2924/order-1/refund", json={"amount": 1, "type": "reversal"})
    assert response.status_code == 200
    final = merchant.sink.wait_for(4)[3]
    assert (final["operation"]["type"], final["payment"]["status"]) == ("reversal", "partially reversed")
