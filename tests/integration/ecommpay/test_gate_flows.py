"""Whole sales through Gate: acknowledgement first, callbacks later, the person's choice, clarification, terms."""

import re
from typing import Any

import pytest

from local.ecommpay.signature import matches
from tests.integration.ecommpay.merchant import SECRETS, Merchant

RETURN = {"success": "https://shop.example/ok", "decline": "https://shop.example/no", "return": "https://shop.example/"}


def test_a_card_sale_is_acknowledged_then_redirected_by_post_then_paid(merchant: Merchant) -> None:
    acknowledged = merchant.sell("card-partner/sale", merchant.kes_sale(return_url=RETURN))
    request_id = acknowledged["request_id"]
    assert re.fullmatch(r"[0-9a-f]{60}-00000001", request_id)
    assert acknowledged == {
        "status": "success",
        "request_id": request_id,
        "project_id": 2924,
        "payment_id": "order-1",
    }

    redirect = merchant.sink.wait_for(2)[1]["redirect_data"]
    session = merchant.known()["decide_url"].rsplit("/", 1)[1]
    assert redirect == {
        "body": {
            "live": "0",
            "mpesa": "0",
            "bonga": "0",
            "airtel": "0",
            "equity": "0",
            "mobilebanking": "0",
            "debitcard": "0",
            "mkoporahisi": "0",
            "saida": "0",
            "elipa": "0",
            "oid": "101",
            "inv": "10120261121175200",
            "ttl": "900",
            "tel": "254700000001",
            "eml": "ann@shop.example",
            "vid": "demo",
            "curr": "KES",
            "cbk": f"http://platform.local/partner/{session}",
            "lbk": f"http://platform.local/partner/{session}",
            "cst": "1",
            "crl": "0",
            "hsh": session.replace("-", ""),
        },
        "method": "POST",
        "url": "http://platform.local/partner/pay",
    }
    page = merchant.client.post("/partner/pay", data=redirect["body"])
    assert page.status_code == 200
    assert f'action="http://platform.local/partner/{session}"' in page.text
    assert "no money moves" in page.text

    merchant.clock.move(14)
    sent_back = merchant.client.post(f"/partner/{session}", data={"outcome": "success"})
    assert (sent_back.status_code, sent_back.headers["Location"]) == (303, "https://shop.example/ok")

    bodies = merchant.sink.wait_for(3)
    assert merchant.sink.statuses() == ["sale processing", "sale awaiting redirect result", "sale success"]
    assert all(matches(body, body["signature"], [SECRETS[2924]]) for body in bodies)
    final = bodies[2]
    assert final["payment"] == {
        "id": "order-1",
        "type": "purchase",
        "status": "success",
        "date": "2026-11-21T17:52:14+0000",
        "method": "Card partner",
        "sum": {"amount": 10000, "currency": "KES"},
        "description": "Order 1",
    }
    assert final["operation"]["request_id"] == request_id
    assert "redirect_data" not in final
    status = merchant.status()
    assert status["operations"] == [final["operation"]]
    assert status["payment"] == final["payment"]


def test_an_enets_sale_is_redirected_by_get_with_an_empty_list(merchant: Merchant) -> None:
    merchant.sell("online-banking/enets/sale", merchant.sgd_sale(return_url=RETURN))
    sent = merchant.sink.wait_for(2)[1]
    address = merchant.known(project_id=198)["decide_url"]
    assert sent["redirect_data"] == {"body": [], "method": "GET", "url": address}
    assert re.fullmatch(r"http://platform\.local/bank/pay/[0-9a-f-]{36}", address)
    assert sent["operation"]["id"] == 13415000000101
    page = merchant.client.get(address.removeprefix("http://platform.local"))
    assert page.status_code == 200
    assert "100.00 SGD" in page.text
    sent_back = merchant.decide("success", project_id=198)
    assert sent_back.headers["Location"] == "https://shop.example/ok"
    final = merchant.sink.wait_for(3)[2]
    assert (final["payment"]["method"], final["customer"]) == ("enets", {"id": "c-1"})


@pytest.mark.parametrize(
    ("outcome", "code", "location"),
    [("decline", "20000", "https://shop.example/no"), ("cancel", "20301", "https://shop.example/")],
)
def test_declining_and_cancelling_are_declines_that_lead_elsewhere(
    merchant: Merchant, outcome: str, code: str, location: str
) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale(return_url=RETURN))
    assert merchant.decide(outcome).headers["Location"] == location
    final = merchant.sink.wait_for(3)[2]
    assert (final["payment"]["status"], final["operation"]["status"]) == ("decline", "decline")
    assert final["operation"]["code"] == code


@pytest.mark.parametrize("first_choice", ["success", "decline"])
def test_the_first_provider_of_a_cascade_hands_the_person_on_to_the_next(merchant: Merchant, first_choice: str) -> None:
    merchant.client.post("/control/next", json={"sale": "cascade"})
    merchant.sell("card-partner/sale", merchant.kes_sale(return_url=RETURN))
    assert merchant.decide(first_choice).headers["Location"] == "https://shop.example/"
    assert merchant.decide("success").headers["Location"] == "https://shop.example/ok"
    told = [
        (each["operation"]["id"], each["operation"]["status"], each["payment"]["status"], "redirect_data" in each)
        for each in merchant.sink.wait_for(6)
    ]
    assert told == [
        (101, "processing", "processing", False),
        (101, "awaiting redirect result", "awaiting redirect result", True),
        (101, "decline", "processing", False),
        (102, "processing", "processing", False),
        (102, "awaiting redirect result", "awaiting redirect result", True),
        (102, "success", "success", False),
    ]
    cascading = [each["payment"].get("cascading_with_redirect") for each in merchant.sink.bodies]
    assert cascading == [None, None, True, True, True, True]
    first, second = (merchant.sink.bodies[number]["redirect_data"]["body"]["hsh"] for number in (1, 4))
    assert first != second
    assert merchant.operations() == ["sale decline", "sale success"]


@pytest.mark.parametrize("return_url", [None, {"success": "javascript:alert(1)"}])
def test_without_a_usable_return_address_the_person_gets_a_plain_page(
    merchant: Merchant, return_url: dict[str, str] | None
) -> None:
    changes: dict[str, Any] = {"return_url": return_url} if return_url else {}
    merchant.sell("card-partner/sale", merchant.kes_sale(**changes))
    response = merchant.decide("success")
    assert response.status_code == 200
    assert "You may close this page" in response.text


def test_a_visit_is_decided_once(merchant: Merchant) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale())
    address = merchant.wait_for_status("awaiting redirect result")["decide_url"].removeprefix("http://platform.local")
    assert merchant.client.post(address, data={"outcome": "maybe"}).status_code == 400
    assert merchant.client.post(address, data={"outcome": "decline"}).status_code == 200
    assert merchant.client.post(address, data={"outcome": "success"}).status_code == 409
    assert merchant.client.get(address).status_code == 409
    assert merchant.client.post("/partner/00000000-0000-4000-8000-000000000000").status_code == 400
    assert merchant.client.get("/partner/nobody").status_code == 404


def test_the_partner_wants_exactly_the_fields_that_were_given(merchant: Merchant) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale())
    fields = merchant.sink.wait_for(2)[1]["redirect_data"]["body"]
    for wrong in ({**fields, "tel": "1"}, {**fields, "extra": "1"}, {"hsh": fields["hsh"]}):
        assert merchant.client.post("/partner/pay", data=wrong).status_code == 400
    assert merchant.client.post("/partner/pay", data={}).status_code == 404


@pytest.mark.parametrize(
    ("path", "make", "project_id", "missing"),
    [
        ("card-partner/sale", "kes_sale", 2924, ["phone", "email"]),
        ("online-banking/enets/sale", "sgd_sale", 198, ["first_name", "last_name", "email"]),
    ],
)
def test_missing_details_are_asked_for_and_then_the_sale_goes_on(
    merchant: Merchant, path: str, make: str, project_id: int, missing: list[str]
) -> None:
    sale = getattr(merchant, make)(customer={"id": "c-1", "ip_address": "1.2.3.4"})
    merchant.sell(path, sale)
    asked = merchant.sink.wait_for(2)[1]
    assert asked["payment"]["status"] == asked["operation"]["status"] == "awaiting clarification"
    assert asked["clarification_fields"] == {"customer": missing}

    def clarify(**customer: str) -> Any:
        body = {"general": merchant.general("order-1", project_id), "additional_data": {"customer": customer}}
        return merchant.post("clarification", body)

    assert clarify(**{missing[0]: "Ann"}).status_code == 200
    again = merchant.sink.wait_for(3)[2]
    assert again["clarification_fields"] == {"customer": missing[1:]}
    assert clarify(email="nobody").json == {"status": "error", "code": "2426", "message": "Invalid Email"}
    rest = dict.fromkeys(missing[1:], "Ann") | {"email": "ann@shop.example"}
    assert clarify(**rest).json["status"] == "success"
    assert merchant.sink.wait_for(4)[3]["operation"]["status"] == "awaiting redirect result"
    assert clarify(**rest).json == {"status": "error", "code": "3081", "message": "State Machine Flow Break"}


def test_an_amount_can_make_the_platform_ask_for_what_it_has(merchant: Merchant) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=10010))
    assert merchant.sink.wait_for(2)[1]["clarification_fields"] == {"customer": ["email", "phone"]}
    body = {
        "general": merchant.general("order-1"),
        "additional_data": {"customer": {"email": "bob@shop.example", "phone": "254700000002"}},
    }
    assert merchant.post("clarification", body).status_code == 200
    sent = merchant.sink.wait_for(3)[2]
    assert (sent["operation"]["status"], sent["customer"]) == ("awaiting redirect result", {"phone": "254700000002"})


def test_enets_below_one_dollar_is_acknowledged_and_declined(merchant: Merchant) -> None:
    merchant.sell("online-banking/enets/sale", merchant.sgd_sale(amount=100))
    final = merchant.sink.wait_for(2)[1]
    assert (final["operation"]["status"], final["operation"]["code"]) == ("decline", "20000")
    assert final["format_id"] == 1


@pytest.mark.parametrize(
    ("customer", "term_s", "code"),
    [({}, 901, "20602"), ({"phone": ""}, 1801, "603")],
)
def test_nobody_coming_back_ends_in_a_decline(
    merchant: Merchant, customer: dict[str, str], term_s: int, code: str
) -> None:
    sale = merchant.kes_sale()
    sale["customer"] |= customer
    merchant.sell("card-partner/sale", sale)
    merchant.sink.wait_for(2)
    merchant.clock.move(term_s)
    final = merchant.sink.wait_for(3)[2]
    assert (final["operation"]["status"], final["operation"]["code"]) == ("decline", code)
    assert merchant.status()["payment"]["status"] == "decline"


def test_callbacks_can_be_delayed_and_disabled_by_the_request(merchant: Merchant) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale(callback={"force_disable": 1}, amount=10001))
    merchant.wait_for_status("success")
    merchant.sell("card-partner/sale", merchant.kes_sale("order-2", 10001, callback={"delay": 5}))
    merchant.sink.wait_for(2)
    assert {body["payment"]["id"] for body in merchant.sink.bodies} == {"order-2"}


def test_the_status_of_a_request_shows_only_its_operation(merchant: Merchant) -> None:
    merchant.paid(10075)
    lost = (merchant.refund().json or {})["request_id"]
    kept = merchant.status()["operations"][0]["request_id"]
    found = merchant.post("status/request", {"project_id": 2924, "request_id": kept}).json or {}
    assert [each["type"] for each in found["operations"]] == ["sale"]
    assert found["errors"] == []
    nothing = merchant.post("status/request", {"project_id": 2924, "request_id": lost}).json or {}
    assert nothing["operations"] == []
    assert nothing["errors"] == [{"code": "319", "message": "There is not enough data to create an operation"}]
    foreign = merchant.post("status/request", {"project_id": 198, "request_id": kept}).json or {}
    assert foreign["code"] == "3061"


def test_gate_keeps_every_request_as_received(merchant: Merchant) -> None:
    merchant.post("status", {"general": merchant.general("nobody")})
    merchant.client.post("/v2/payment/refund", data=b"not json")
    kept = (merchant.client.get("/control/requests").json or {})["requests"]
    assert len(kept) == 2
    assert kept[0]["path"] == "/v2/payment/status"
    assert kept[0]["body"]["general"]["payment_id"] == "nobody"
    assert kept[0]["answer"]["http_status"] == 400
    assert kept[1] == {
        "at": "2026-11-21T17:52:00+00:00",
        "path": "/v2/payment/refund",
        "body": "not json",
        "answer": {
            "http_status": 400,
            "body": '{"status": "error", "code": "2003", "message": "Invalid JSON string"}',
        },
    }
