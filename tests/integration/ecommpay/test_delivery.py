"""Delivery of callbacks: retries, duplicates, losses, delays, and the log."""

from typing import Any

import pytest

from local.ecommpay import DeliverySettings
from tests.integration.ecommpay.conftest import MakeMerchant
from tests.integration.ecommpay.merchant import Merchant, until


def deliveries(merchant: Merchant) -> list[dict[str, Any]]:
    return list((merchant.client.get("/control/deliveries").json or {})["deliveries"])


def test_only_exactly_200_ends_the_tries(merchant: Merchant) -> None:
    merchant.sink.answers = [500, 403, 201, 204, 302, 404, 503, 500]
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=10001))
    until(lambda: [each["state"] for each in deliveries(merchant)] == ["delivered", "delivered"])
    first, second = deliveries(merchant)
    answers = [each["answer"] for each in first["tries"] + second["tries"]]
    assert sorted(answers) == [200, 200, 201, 204, 302, 403, 404, 500, 500, 503]
    assert len(merchant.sink.bodies) == 10
    assert first["what"] == "sale processing"
    assert first["body"] in merchant.sink.bodies
    assert len(set(merchant.sink.raw)) == 2


def test_after_120_tries_the_platform_gives_up(make_merchant: MakeMerchant) -> None:
    merchant = make_merchant(delivery=DeliverySettings(retry_second_s=0.0))
    merchant.sink.answers = [500] * 1000
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=10001))
    until(lambda: [each["state"] for each in deliveries(merchant)] == ["given up", "given up"])
    assert [len(each["tries"]) for each in deliveries(merchant)] == [120, 120]
    assert len(merchant.sink.bodies) == 240


def test_an_address_that_does_not_answer_is_tried_again(merchant: Merchant) -> None:
    sale = merchant.kes_sale(amount=10001)
    sale["general"]["merchant_callback_url"] = "http://127.0.0.1:1/"
    merchant.sell("card-partner/sale", sale)
    until(lambda: len(deliveries(merchant)) == 2 and len(deliveries(merchant)[0]["tries"]) > 2)
    assert {each["answer"] for each in deliveries(merchant)[0]["tries"]} == {"NewConnectionError"}


def test_without_any_address_nothing_is_sent_but_all_is_logged(merchant: Merchant) -> None:
    sale = merchant.kes_sale(amount=10001, general={"project_id": 2924, "payment_id": "order-1"})
    merchant.sell("card-partner/sale", sale)
    until(lambda: [each["state"] for each in deliveries(merchant)] == ["no address", "no address"])


@pytest.mark.parametrize("wish", [{"callbacks": "lose", "count": 1}, {"callbacks": "duplicate", "count": 1}])
def test_the_next_callbacks_can_be_lost_or_doubled(merchant: Merchant, wish: dict[str, Any]) -> None:
    assert merchant.client.post("/control/next", json=wish).status_code == 200
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=10001))
    if wish["callbacks"] == "lose":
        merchant.sink.wait_for(1)
        until(lambda: [each["state"] for each in deliveries(merchant)] == ["lost", "delivered"])
        assert merchant.sink.statuses() == ["sale success"]
    else:
        merchant.sink.wait_for(3)
        assert sorted(merchant.sink.statuses()) == ["sale processing", "sale processing", "sale success"]


def test_a_delayed_callback_is_overtaken(merchant: Merchant) -> None:
    merchant.client.post("/control/next", json={"callbacks": "delay", "count": 1, "seconds": 600})
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=10001))
    until(lambda: [each["state"] for each in deliveries(merchant)] == ["waiting", "delivered"])
    assert merchant.sink.statuses() == ["sale success"]


def test_a_callback_can_be_made_to_wait_until_it_is_overtaken(make_merchant: MakeMerchant) -> None:
    merchant = make_merchant(delivery=DeliverySettings(overtaking_s=60.0))
    merchant.client.post("/control/next", json={"callbacks": "reorder", "count": 2})
    merchant.sell("card-partner/sale", merchant.kes_sale())
    merchant.decide("success")
    merchant.sink.wait_for(3)
    assert merchant.sink.statuses() == ["sale success", "sale awaiting redirect result", "sale processing"]
    until(lambda: [each["state"] for each in deliveries(merchant)] == ["delivered"] * 3)


def test_a_callback_that_nothing_overtakes_goes_out_all_the_same(make_merchant: MakeMerchant) -> None:
    merchant = make_merchant(delivery=DeliverySettings(overtaking_s=0.05))
    merchant.client.post("/control/next", json={"callbacks": "reorder", "count": 9})
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=10001))
    merchant.sink.wait_for(2)
    assert sorted(merchant.sink.statuses()) == ["sale processing", "sale success"]
    until(lambda: [each["state"] for each in deliveries(merchant)] == ["delivered"] * 2)


def test_every_callback_can_be_sent_twice_late_and_shuffled(make_merchant: MakeMerchant) -> None:
    merchant = make_merchant(delivery=DeliverySettings(copies=2, delay_s=0.01, shuffle_s=0.05, lose_next=1))
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=10001))
    merchant.sink.wait_for(2)
    assert merchant.sink.statuses() == ["sale success", "sale success"]
    assert len(set(merchant.sink.raw)) == 1


def test_callbacks_can_be_sent_again(merchant: Merchant) -> None:
    merchant.sell("card-partner/sale", merchant.kes_sale(amount=10001))
    merchant.sink.wait_for(2)
    one = merchant.client.post("/control/callbacks/redeliver", json={"delivery_id": 2})
    assert (one.status_code, one.json) == (202, {"sent_again": [2]})
    merchant.sink.wait_for(3)
    assert merchant.sink.raw[2] == merchant.sink.raw[1]
    none = merchant.client.post("/control/callbacks/redeliver", json={"payment_id": "nobody"})
    assert none.json == {"sent_again": []}
    everything = merchant.client.post("/control/callbacks/redeliver")
    assert everything.json == {"sent_again": [1, 2, 3]}
    merchant.sink.wait_for(6)
