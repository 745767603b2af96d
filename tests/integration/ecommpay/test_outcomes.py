"""What the last digits of an amount make happen, row by row."""

import json
import threading
from collections.abc import Callable
from http.client import IncompleteRead
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from werkzeug.serving import make_server

from local.ecommpay.outcomes import AXES, CALLBACK_WORDS, OUTCOMES
from local.ecommpay.signature import matches, sign
from tests.integration.ecommpay.merchant import SECRETS, Merchant, until


def test_every_row_of_the_table_uses_known_words() -> None:
    for ending, outcome in OUTCOMES.items():
        assert 0 <= ending <= 99
        assert outcome.summary
        assert outcome.callbacks in CALLBACK_WORDS
        for axis, words in AXES.items():
            assert getattr(outcome, axis) in words


@pytest.mark.parametrize(
    ("amount", "payment_status", "operation_status", "code"),
    [
        (10001, "success", "success", "0"),
        (10005, "decline", "decline", "20000"),
        (10007, "expired", "expired", "603"),
        (10008, "canceled", "decline", "301"),
        (10009, "internal error", "internal error", "501"),
    ],
)
def test_some_amounts_are_decided_at_once(
    merchant: Merchant, amount: int, payment_status: str, operation_status: str, code: str
) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=amount))
    final = merchant.sink.wait_for(2)[1]
    assert final["payment"]["status"] == payment_status
    assert (final["operation"]["status"], final["operation"]["code"]) == (operation_status, code)


@pytest.mark.parametrize(
    ("amount", "choice", "status", "total"),
    [
        (10012, "decline", "awaiting customer", {"amount": 10012, "currency": "KES"}),
        (10045, "success", "success", {"amount": 10046, "currency": "KES"}),
        (10046, "success", "success", {"amount": 10046, "currency": "EUR"}),
        (10050, "success", "awaiting provider review", {"amount": 10050, "currency": "KES"}),
        (10051, "success", "partially paid", {"amount": 10051, "currency": "KES"}),
    ],
)
def test_some_amounts_end_otherwise_than_the_person_chose(
    merchant: Merchant, amount: int, choice: str, status: str, total: dict[str, object]
) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=amount))
    merchant.decide(choice)
    final = merchant.sink.wait_for(3)[2]
    assert (final["payment"]["status"], final["payment"]["sum"]) == (status, total)
    assert final["operation"]["sum_initial"] == total


def test_nobody_coming_back_is_a_matter_of_seconds_for_some_amounts(merchant: Merchant) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=10006))
    merchant.sink.wait_for(2)
    merchant.clock.move(3)
    assert merchant.sink.wait_for(3)[2]["operation"]["code"] == "20602"


@pytest.mark.parametrize(("amount", "told"), [(10025, 2), (10026, 0)])
def test_callbacks_can_stay_away_while_the_status_tells(merchant: Merchant, amount: int, told: int) -> None:
    merchant.paid(amount)
    assert merchant.status()["payment"]["status"] == "success"
    states = [each["state"] for each in (merchant.client.get("/control/deliveries").json or {})["deliveries"]]
    assert states.count("suppressed") == 3 - told
    merchant.sink.wait_for(told)


def refused(merchant: Merchant, _amount: int) -> None:
    assert merchant.client.get("/control/payments").json == {"payments": []}


def taken(merchant: Merchant, _amount: int) -> None:
    assert merchant.wait_for_status("awaiting redirect result")


def repeatable(merchant: Merchant, amount: int) -> None:
    refused(merchant, amount)
    assert merchant.post("card-partner/sale", merchant.kes_sale(amount=amount)).status_code == 200


@pytest.mark.parametrize(
    ("amount", "http_status", "text", "after"),
    [
        (10030, 400, '{"status": "error", "code": "3102", "message": "Invalid payment constraint"}', refused),
        (10031, 200, '{"status": "error", "code": "3102", "message": "Invalid payment constraint"}', refused),
        (10035, 500, "<html><h1>500 Internal Server Error</h1></html>", repeatable),
        (10036, 500, "<html><h1>500 Internal Server Error</h1></html>", taken),
        (10037, 200, "<html><title>Welcome to nginx</title></html>", taken),
        (10040, 504, "<html><h1>504 Gateway Time-out</h1></html>", taken),
        (10041, 504, "<html><h1>504 Gateway Time-out</h1></html>", repeatable),
    ],
)
def test_gates_answer_can_go_wrong_before_and_after_the_sale_is_taken(
    merchant: Merchant, amount: int, http_status: int, text: str, after: Callable[[Merchant, int], None]
) -> None:
    response = merchant.post("card-partner/sale", merchant.kes_sale(amount=amount))
    assert (response.status_code, response.text) == (http_status, text)
    after(merchant, amount)


def test_gates_answer_can_break_off_in_the_middle(merchant: Merchant) -> None:
    server = make_server("127.0.0.1", 0, merchant.platform.wsgi, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        body = merchant.kes_sale(amount=10038)
        body["general"]["signature"] = sign(body, SECRETS[2924])
        url = f"http://127.0.0.1:{server.server_port}/v2/payment/card-partner/sale"
        request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with build_opener(ProxyHandler({})).open(request) as response, pytest.raises(IncompleteRead):
            response.read()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    taken(merchant, 10038)


@pytest.mark.parametrize("amount", [10042, 10077])
def test_a_callback_can_overtake_the_acknowledgement(merchant: Merchant, amount: int) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=amount))
    if amount == 10042:
        assert merchant.sink.statuses()[0] == "sale processing"
        return
    merchant.decide("success")
    merchant.sink.wait_for(3)
    merchant.refund()
    assert merchant.sink.statuses()[3:] == ["refund success"]


def test_callbacks_can_come_twice_and_out_of_order(merchant: Merchant) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=10055))
    merchant.decide("success")
    bodies = merchant.sink.wait_for(6)
    assert merchant.sink.statuses() == [
        "sale awaiting redirect result",
        "sale success",
        "sale success",
        "sale awaiting redirect result",
        "sale processing",
        "sale processing",
    ]
    seconds = [body["operation"]["date"].removeprefix("2026-11-21T17:52:").removesuffix("+0000") for body in bodies]
    assert seconds == ["00", "00", "01", "01", "01", "00"]
    assert all(matches(body, body["signature"], [SECRETS[2924]]) for body in bodies)


def test_every_callback_can_come_with_a_wrong_signature_first(merchant: Merchant) -> None:
    merchant.paid(10056)
    bodies = merchant.sink.wait_for(6)
    assert [matches(body, body["signature"], [SECRETS[2924]]) for body in bodies] == [False, True] * 3
    assert bodies[0] | {"signature": ""} == bodies[1] | {"signature": ""}


def test_a_final_callback_can_have_a_semicolon_in_a_signed_value(merchant: Merchant) -> None:
    merchant.paid(10058)
    final = merchant.sink.wait_for(3)[2]
    assert final["operation"]["message"] == "Success; thank you"
    assert matches(final, final["signature"], [SECRETS[2924]])
    assert merchant.status()["operations"][0]["message"] == "Success"


@pytest.mark.parametrize(
    ("amount", "http_status", "operations", "callbacks"),
    [
        (10060, 500, ["sale success", "refund success"], 4),
        (10061, 500, ["sale success"], 3),
        (10065, 400, ["sale success"], 3),
        (10066, 504, ["sale success", "refund success"], 4),
        (10067, 504, ["sale success"], 3),
        (10070, 200, ["sale success", "refund success"], 3),
        (10075, 200, ["sale success"], 3),
        (10076, 200, ["sale success", "refund success"], 5),
        (10080, 200, ["sale success", "refund processing"], 3),
    ],
)
def test_refunds_can_go_wrong_in_every_way(
    merchant: Merchant, amount: int, http_status: int, operations: list[str], callbacks: int
) -> None:
    merchant.paid(amount)
    merchant.sink.wait_for(3)
    assert merchant.refund().status_code == http_status
    until(lambda: merchant.operations() == operations, lambda: str(merchant.operations()))
    merchant.sink.wait_for(callbacks)
    # What order-1 has to say is out by the time another whole payment has been told.
    merchant.paid(10000, "order-2")
    merchant.sink.wait_for(callbacks + 3)
    assert [body["payment"]["id"] for body in merchant.sink.bodies].count("order-1") == callbacks


@pytest.mark.parametrize("amount", [10061, 10067])
def test_a_refund_that_was_not_taken_can_be_asked_for_again(merchant: Merchant, amount: int) -> None:
    merchant.paid(amount)
    assert merchant.refund().status_code >= 500
    assert merchant.refund().status_code == 200
    until(lambda: merchant.operations() == ["sale success", "refund success"])
