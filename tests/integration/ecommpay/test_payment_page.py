"""Payment Page as a customer meets it, and as the merchant hears of it."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from local.ecommpay.signature import sign
from tests.integration.ecommpay.merchant import SECRETS, Merchant

SHOP = "https://shop.example/ok"


def params(merchant: Merchant, **changes: str) -> dict[str, str]:
    given = {
        "project_id": "2924",
        "payment_id": "page-1",
        "payment_amount": "10000",
        "payment_currency": "KES",
        "customer_id": "c-1",
        "customer_phone": "254700000001",
        "customer_email": "ann@shop.example",
        "payment_description": "Order <1>",
        "merchant_callback_url": merchant.sink.url,
        **changes,
    }
    given = {name: value for name, value in given.items() if value}
    return {**given, "signature": sign(given, SECRETS[int(given.get("project_id", "2924"))])}


def open_page(merchant: Merchant, **changes: str) -> TestResponse:
    return merchant.client.get(f"/payment?{urlencode(params(merchant, **changes))}")


def form(page: TestResponse, **answers: str) -> dict[str, str]:
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    return {unescape(name): unescape(value) for name, value in hidden} | answers


def confirm(merchant: Merchant, page: TestResponse, **answers: str) -> TestResponse:
    return merchant.client.post("/payment/confirm", data=form(page, **answers))


def path(response: TestResponse) -> str:
    return response.headers["Location"].removeprefix("http://platform.local")


def refused_with(response: TestResponse, code: str) -> bool:
    return response.status_code == 400 and f"Code {code}:" in response.text


def test_a_card_payment_from_the_link_to_the_shops_success_page(merchant: Merchant) -> None:
    page = open_page(
        merchant, force_payment_method="card-partner", redirect_success_url="https://shop.example/ok?a=1&b=2"
    )
    assert page.status_code == 200
    assert "Pay 100.00 KES" in page.text
    assert "Order &lt;1&gt;" in page.text
    unknown = merchant.post("status", {"general": merchant.general("page-1")}).json or {}
    assert unknown["code"] == "3061"

    forward = confirm(merchant, page, confirm="1")
    assert 'action="http://platform.local/partner/pay"' in forward.text
    fields = form(forward)
    assert fields == merchant.known("page-1")["redirect_data"]["body"]
    assert merchant.client.post("/partner/pay", data=fields).status_code == 200

    back = merchant.decide("success", "page-1")
    assert back.status_code == 303
    result = merchant.client.get(path(back))
    assert "The payment was successful." in result.text
    assert '<meta http-equiv="refresh" content="3;url=https://shop.example/ok?a=1&amp;b=2">' in result.text
    assert 'href="https://shop.example/ok?a=1&amp;b=2"' in result.text
    assert merchant.sink.wait_for(3)
    assert merchant.sink.statuses() == ["sale processing", "sale awaiting redirect result", "sale success"]
    assert merchant.status("page-1")["payment"]["description"] == "Order <1>"


def test_an_enets_payment_goes_to_the_bank_by_get(merchant: Merchant) -> None:
    page = open_page(
        merchant,
        project_id="198",
        payment_currency="SGD",
        customer_phone="",
        customer_first_name="Ann",
        customer_last_name="Lee",
        force_payment_method="enets",
    )
    to_bank = confirm(merchant, page, confirm="1")
    assert to_bank.status_code == 303
    assert re.fullmatch(r"/bank/pay/[0-9a-f-]{36}", path(to_bank))
    back = merchant.client.post(path(to_bank), data={"outcome": "success"})
    assert "The payment was successful." in merchant.client.get(path(back)).text
    assert merchant.sink.wait_for(3)[1]["redirect_data"]["body"] == []


def test_the_parameters_can_come_as_a_form(merchant: Merchant) -> None:
    page = merchant.client.post("/payment", data=params(merchant, force_payment_method="card-partner"))
    assert "Pay 100.00 KES" in page.text


def test_without_a_forced_method_the_customer_chooses(merchant: Merchant) -> None:
    choice = open_page(merchant)
    assert re.findall(r'name="method" value="([^"]*)"', choice.text) == ["card-partner"]
    form_page = confirm(merchant, choice, method="card-partner")
    assert "Pay 100.00 KES" in form_page.text
    assert merchant.known("page-1") == {"error": "no such payment"}
    forward = confirm(merchant, form_page, confirm="1")
    assert 'action="http://platform.local/partner/pay"' in forward.text


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, ["customer_phone", "customer_email"]),
        (
            {"project_id": "198", "payment_currency": "SGD"},
            ["customer_first_name", "customer_last_name", "customer_email"],
        ),
    ],
)
def test_missing_details_are_asked_for_on_a_page_of_their_own(
    merchant: Merchant, changes: dict[str, str], asked: list[str]
) -> None:
    method = "enets" if changes else "card-partner"
    page = open_page(merchant, customer_phone="", customer_email="", force_payment_method=method, **changes)
    assert re.findall(r'<input id="([^"]*)"', page.text) == asked
    empty = confirm(merchant, page, confirm="1", customer_email="nobody")
    assert "This does not look like an e-mail address." in empty.text
    assert "is needed." in empty.text
    answers = dict.fromkeys(asked, "Ann") | {"customer_email": "ann@shop.example"}
    confirm(merchant, empty, confirm="1", **answers)
    known = merchant.known("page-1", int(changes.get("project_id", "2924")))
    assert known["status"] == "awaiting redirect result"
    assert known["customer"]["email"] == "ann@shop.example"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"customer_id": ""}, "2004"),
        ({"payment_id": ""}, "2004"),
        ({"payment_amount": "10.5"}, "502"),
        ({"payment_amount": "0"}, "502"),
        ({"payment_currency": "XAU"}, "3023"),
        ({"force_payment_method": "card-partner", "payment_amount": "999"}, "3358"),
        ({"force_payment_method": "card-partner", "payment_amount": "20000001"}, "2642"),
        ({"force_payment_method": "enets"}, "3023"),
        ({"force_payment_method": "bitcoin"}, "2541"),
        ({"best_before": "tomorrow"}, "502"),
    ],
)
def test_a_page_with_wrong_parameters_cannot_be_opened(merchant: Merchant, changes: dict[str, str], code: str) -> None:
    assert refused_with(open_page(merchant, **changes), code)


def test_the_signature_covers_every_parameter_as_text(merchant: Merchant) -> None:
    given = params(merchant)
    assert refused_with(merchant.client.get(f"/payment?{urlencode(given | {'payment_amount': '1000'})}"), "3261")
    assert refused_with(merchant.client.get(f"/payment?{urlencode(given | {'extra': '1'})}"), "3261")
    assert refused_with(merchant.client.get(f"/payment?{urlencode(given | {'signature': ''})}"), "3262")
    assert refused_with(merchant.client.get(f"/payment?{urlencode(given | {'project_id': '7'})}"), "2442")
    assert merchant.client.get(f"/payment?{urlencode(given | {'frame_mode': 'popup'})}").status_code == 200
    plus = params(merchant, customer_phone="+254700000001")
    assert merchant.client.get(f"/payment?{urlencode(plus)}").status_code == 200
    assert refused_with(merchant.client.get(f"/payment?{urlencode(plus).replace('%2B254', '+254')}"), "3261")


def test_the_signature_is_checked_again_when_the_form_is_confirmed(merchant: Merchant) -> None:
    page = open_page(merchant, force_payment_method="card-partner")
    changed = form(page, confirm="1") | {"param.payment_amount": "1000"}
    assert refused_with(merchant.client.post("/payment/confirm", data=changed), "3261")
    assert merchant.known("page-1") == {"error": "no such payment"}


def test_after_best_before_the_term_is_over(merchant: Merchant) -> None:
    term = {"best_before": "2026-11-21T20:53:00+03:00", "force_payment_method": "card-partner"}
    page = open_page(merchant, **term)
    assert page.status_code == 200
    merchant.clock.move(61)
    for late in (open_page(merchant, **term), confirm(merchant, page, confirm="1")):
        assert late.status_code == 410
        assert "The time to pay is over" in late.text
    assert merchant.known("page-1") == {"error": "no such payment"}


def test_a_declined_customer_may_try_again_until_best_before(merchant: Merchant) -> None:
    page = open_page(
        merchant,
        force_payment_method="card-partner",
        best_before="2026-11-21T18:52:00+00:00",
        redirect_fail_url="https://shop.example/no",
    )
    confirm(merchant, page, confirm="1")
    result_path = path(merchant.decide("decline", "page-1"))
    result = merchant.client.get(result_path)
    assert "The payment was declined." in result.text
    assert "Try again" in result.text
    assert 'content="20;url=https://shop.example/no"' in result.text

    resume = result_path.replace("/result/", "/resume/")
    assert 'action="http://platform.local/partner/pay"' in merchant.client.post(resume).text
    merchant.decide("success", "page-1")
    merchant.sink.wait_for(6)
    assert merchant.sink.statuses() == [
        "sale processing",
        "sale awaiting redirect result",
        "sale decline",
        "sale processing",
        "sale awaiting redirect result",
        "sale success",
    ]
    assert [body["operation"]["id"] for body in merchant.sink.bodies] == [101] * 3 + [102] * 3
    assert merchant.status("page-1")["payment"]["status"] == "success"


def test_a_cascade_leads_on_from_the_result_page(merchant: Merchant) -> None:
    page = open_page(merchant, payment_amount="10011", force_payment_method="card-partner")
    confirm(merchant, page, confirm="1")
    result = path(merchant.decide("success", "page-1"))
    second = merchant.wait_for_status("awaiting redirect result", "page-1")["decide_url"]
    waiting = merchant.client.get(result)
    assert "The payment is not decided yet." in waiting.text
    resumed = merchant.client.post(result.replace("/result/", "/resume/"))
    assert f'name="hsh" value="{second.rsplit("/", 1)[1].replace("-", "")}"' in resumed.text
    merchant.decide("success", "page-1")
    assert "The payment was successful." in merchant.client.get(result).text


def test_no_second_attempt_after_the_term(merchant: Merchant) -> None:
    page = open_page(merchant, force_payment_method="card-partner", best_before="2026-11-21T17:53:00+00:00")
    confirm(merchant, page, confirm="1")
    result_path = path(merchant.decide("decline", "page-1"))
    merchant.clock.move(61)
    assert "Try again" not in merchant.client.get(result_path).text
    again = merchant.client.post(result_path.replace("/result/", "/resume/"))
    assert path(again) == result_path


def test_a_page_opened_again_shows_how_the_payment_stands(merchant: Merchant) -> None:
    page = open_page(merchant, force_payment_method="card-partner", merchant_return_url="https://shop.example/")
    confirm(merchant, page, confirm="1")
    again = open_page(merchant, force_payment_method="card-partner", merchant_return_url="https://shop.example/")
    assert again.status_code == 303
    waiting = merchant.client.get(path(again))
    assert "not decided yet" in waiting.text
    assert 'http-equiv="refresh" content="3"' in waiting.text
    assert 'href="https://shop.example/"' in waiting.text
    resumed = merchant.client.post(path(again).replace("/result/", "/resume/"))
    assert form(resumed) == merchant.known("page-1")["redirect_data"]["body"]


def test_an_id_used_through_gate_cannot_be_used_on_the_page(merchant: Merchant) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale("page-1"))
    assert refused_with(open_page(merchant, force_payment_method="card-partner"), "3041")


def test_only_web_addresses_are_linked(merchant: Merchant) -> None:
    page = open_page(
        merchant,
        force_payment_method="card-partner",
        redirect_success_url="javascript:alert(1)",
        merchant_success_url="https://shop.example/button",
    )
    confirm(merchant, page, confirm="1")
    result = merchant.client.get(path(merchant.decide("success", "page-1")))
    assert "javascript:" not in result.text
    assert 'href="https://shop.example/button"' in result.text
    assert "http-equiv" not in result.text


def test_in_a_frame_only_the_whole_window_leads_to_the_shop(merchant: Merchant) -> None:
    """`frame_mode` comes with the widget's parameters and is not signed."""
    address = f"/payment?{urlencode(params(merchant, force_payment_method='card-partner', redirect_success_url=SHOP))}"
    confirm(merchant, merchant.client.get(f"{address}&frame_mode=popup"), confirm="1")
    result = merchant.client.get(path(merchant.decide("success", "page-1"))).text
    assert "http-equiv" not in result
    assert f'<a class="button plain" href="{SHOP}" target="_top">' in result
    assert f'parent.postMessage({{ epay: "leave", url: "{SHOP}" }}, "*"), 3000);' in result


@pytest.mark.parametrize(("kind", "type_"), [("js", "text/javascript"), ("css", "text/css")])
def test_the_widgets_files_are_where_merchants_expect_them(merchant: Merchant, kind: str, type_: str) -> None:
    answer = merchant.client.get(f"/shared/merchant.{kind}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, f"{type_}; charset=utf-8")
    assert {"js": "window.EPayWidget", "css": ".epay-popup"}[kind] in answer.text
    assert merchant.client.get("/shared/merchant.html").status_code == 404


def test_pages_have_a_strict_policy_and_escape_what_they_show(merchant: Merchant) -> None:
    evil: dict[str, Any] = {"payment_id": '"><script>alert(1)</script>'}
    page = open_page(merchant, force_payment_method="card-partner", **evil)
    assert "<script>alert" not in page.text
    policy = page.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce is not None
    assert policy == (
        f"default-src 'none'; style-src 'nonce-{nonce[1]}'; script-src 'nonce-{nonce[1]}'; "
        "base-uri 'none'; form-action http: https:"
    )
    assert page.headers["Cache-Control"] == "no-store"
    assert merchant.client.get("/payment/result/nobody").status_code == 404
    assert merchant.client.post("/payment/resume/nobody").status_code == 404
