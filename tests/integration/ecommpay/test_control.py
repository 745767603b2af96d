"""The control API and the start page."""

from typing import Any

import pytest

from tests.integration.ecommpay.merchant import Merchant, until


def test_a_payment_is_shown_with_everything(merchant: Merchant) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=10001, return_url={"success": "https://shop.example/"}))
    known = merchant.wait_for_status("success")
    operation = merchant.status()["operations"][0]
    assert known == {
        "project_id": 2924,
        "payment_id": "order-1",
        "interface": "gate",
        "method": "card-partner",
        "amount": 10001,
        "balance": 10001,
        "currency": "KES",
        "status": "success",
        "outcome": "Paid at once; nobody is redirected.",
        "customer": {"id": "c-1", "ip_address": "1.2.3.4", "phone": "254700000001", "email": "ann@shop.example"},
        "callback_url": merchant.sink.url,
        "return_urls": {"success": "https://shop.example/"},
        "created_at": "2026-11-21T17:52:00+00:00",
        "updated_at": "2026-11-21T17:52:00+00:00",
        "payment": merchant.status()["payment"],
        "operations": [operation],
        "redirect_data": None,
        "decide_url": None,
        "result_url": None,
        "clarification_fields": {},
    }
    assert merchant.client.get("/control/payments").json == {"payments": [known]}
    assert merchant.client.get("/control/payments/2924/nobody").status_code == 404


def test_wishes_hold_for_one_sale_and_one_refund(merchant: Merchant) -> None:
    wish = {"gate": "error_after", "sale": "success", "refund": "decline"}
    assert merchant.client.post("/control/next", json=wish).json == {
        "sale": {"gate": "error_after", "sale": "success"},
        "refund": "decline",
        "callbacks": {"lose": 0, "duplicate": 0, "delay": 0, "reorder": 0},
        "seconds": 0.0,
    }
    assert merchant.post("card-partner/sale", merchant.kes_sale()).status_code == 500
    merchant.wait_for_status("success")
    merchant.refund()
    until(lambda: merchant.operations() == ["sale success", "refund decline"])
    merchant.refund()
    until(lambda: merchant.operations() == ["sale success", "refund decline", "refund success"])
    merchant.sell("card-partner/sale", merchant.kes_sale("order-2"))
    merchant.wait_for_status("awaiting redirect result", "order-2")


def test_wishes_can_be_taken_back(merchant: Merchant) -> None:
    merchant.client.post("/control/next", json={"sale": "decline", "refund": "lost"})
    merchant.client.post("/control/next", json={"callbacks": "lose", "count": 5})
    assert merchant.client.delete("/control/next").json == {
        "sale": {},
        "refund": "",
        "callbacks": {"lose": 0, "duplicate": 0, "delay": 0, "reorder": 0},
        "seconds": 0.0,
    }


def test_what_is_set_can_be_read_without_changing_it(merchant: Merchant) -> None:
    merchant.client.post("/control/next", json={"ending": 5, "refund": "lost"})
    merchant.client.post("/control/next", json={"callbacks": "delay", "count": 2, "seconds": 5})
    merchant.client.post("/control/next", json={"callbacks": "reorder", "count": 3})
    told = {
        "sale": {"ending": 5},
        "refund": "lost",
        "callbacks": {"lose": 0, "duplicate": 0, "delay": 2, "reorder": 3},
        "seconds": 5.0,
    }
    assert merchant.client.get("/control/next").json == told
    assert merchant.client.get("/control/next").json == told


def test_the_next_sale_can_behave_as_if_its_amount_had_another_ending(merchant: Merchant) -> None:
    merchant.client.post("/control/next", json={"ending": 1})
    merchant.sell("card-partner/sale", merchant.kes_sale())
    assert merchant.wait_for_status("success")["outcome"] == "Paid at once; nobody is redirected."
    merchant.sell("card-partner/sale", merchant.kes_sale("order-2"))
    merchant.wait_for_status("awaiting redirect result", "order-2")


def test_the_callbacks_of_one_payment_can_be_picked_out(merchant: Merchant) -> None:
    for payment_id in ("order-1", "order-2"):
        merchant.sell("card-partner/sale", merchant.kes_sale(payment_id, 10001))
    merchant.sink.wait_for(4)
    chosen = merchant.client.get("/control/deliveries?project_id=2924&payment_id=order-2").json or {}
    assert [(each["payment_id"], each["what"]) for each in chosen["deliveries"]] == [
        ("order-2", "sale processing"),
        ("order-2", "sale success"),
    ]
    assert merchant.client.get("/control/deliveries?project_id=198").json == {"deliveries": []}
    assert merchant.client.get("/control/deliveries?order=2").status_code == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("next", {"refund": "explode"}),
        ("next", {"weather": "rain"}),
        ("next", {"ending": 99}),
        ("next", {"ending": True}),
        ("next", {"ending": "5"}),
        ("next", {"sale": ["success"]}),
        ("next", {"callbacks": "lose", "count": -1}),
        ("next", {"callbacks": "delay", "seconds": "soon"}),
        ("next", []),
        ("callbacks/redeliver", {"what": 1}),
        ("payments/2924/order-1/refund", {"amount": "1"}),
        ("payments/2924/order-1/refund", {"type": "gift"}),
        ("payments/2924/order-1/refund", {"status": "maybe"}),
        ("payments/2924/order-1/refund", {"sum": 1}),
    ],
)
def test_wishes_that_make_no_sense_are_422(merchant: Merchant, path: str, body: Any) -> None:
    response = merchant.client.post(f"/control/{path}", json=body)
    assert response.status_code == 422
    assert list(response.json or {}) == ["error"]


def test_text_that_is_not_json_is_422(merchant: Merchant) -> None:
    assert merchant.client.post("/control/next", data=b"{").status_code == 422


def test_an_unpaid_or_unknown_payment_cannot_be_refunded_by_support(merchant: Merchant) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale())
    assert merchant.client.post("/control/payments/2924/order-1/refund").status_code == 409
    assert merchant.client.post("/control/payments/2924/nobody/refund").status_code == 404


def test_the_start_page_explains_and_refunds_at_a_press(merchant: Merchant) -> None:
    merchant.paid()
    page = merchant.client.get("/")
    assert page.status_code == 200
    assert "no money moves" in page.text
    assert '<th scope="row">05</th><td>Declined at once; nobody is redirected.</td>' in page.text
    assert "curl -i -d outcome=success http://platform.local/partner/SESSION" in page.text
    assert 'action="/control/payments/2924/order-1/refund"' in page.text
    pressed = merchant.client.post(
        "/control/payments/2924/order-1/refund",
        headers={"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (pressed.status_code, pressed.headers["Location"]) == (303, "/")
    assert merchant.operations() == ["sale success", "refund success"]


def test_a_payment_id_may_contain_anything(merchant: Merchant) -> None:
    strange = "a/b;ы %?#"
    merchant.sell("card-partner/sale", merchant.kes_sale(strange, 10001))
    until(lambda: merchant.status(strange)["payment"]["status"] == "success")
    page = merchant.client.get("/").text
    assert "a/b;ы %?#" in page
    refund = "/control/payments/2924/a%2Fb%3B%D1%8B%20%25%3F%23/refund"
    assert f'action="{refund}"' in page
    assert merchant.client.post(refund).status_code == 200
    assert merchant.operations(strange) == ["sale success", "refund success"]


def test_other_addresses_and_methods_are_refused(merchant: Merchant) -> None:
    assert merchant.client.get("/nothing").status_code == 404
    assert merchant.client.get("/v2/payment/status").status_code == 405
    assert merchant.client.post("/v2/payment/status", data=b" " * 2_000_000).status_code == 413
