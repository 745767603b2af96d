"""A customer is erased through the deployed function: no row of the table holds a word of the person, and all adds up."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from ecommpay_signing import sign
from local import erase
from local.settings import DEMO_PROJECTS
from local.system import LocalSystem
from tests.support.local_system import wait_for
from tests.support.merchant import TIMEOUT_S, Merchant

ZURI = {
    "id": "zuri-41",
    "ip_address": "198.51.100.41",
    "phone": "254711000041",
    "email": "zuri@mail.example",
    "first_name": "Zuri",
    "last_name": "Wanjiku",
}
ORDER: dict[str, Any] = {
    "customer": ZURI,
    "description": "Gift for Baraka",
    "return_url": "https://shop.example/of/zuri/184",
}
REASON = "Zuri changed her mind"
#: Everything that was ever told of her: to us by the merchant, and by the provider in its callbacks.
WORDS = (*ZURI.values(), "zuri", "Zuri", "Baraka")


def rows(system: LocalSystem) -> dict[tuple[str, str], dict[str, Any]]:
    """Every row of the table by its place, read past all our code."""
    pages = system.connect("dynamodb").get_paginator("scan").paginate(TableName=system.table_name, ConsistentRead=True)
    return {(row["pk"]["S"], row["sk"]["S"]): row for page in pages for row in page["Items"]}


def holding(system: LocalSystem, *words: str) -> set[str]:
    """The words that some row holds in any attribute, bytes included."""
    text = "\n".join(json.dumps(row, default=bytes.decode, ensure_ascii=False) for row in rows(system).values())
    return {word for word in words if word in text}


def invoke(system: LocalSystem, function: str, **event: Any) -> dict[str, Any]:
    answer: dict[str, Any] = system.functions.invoke(function, event).value()
    return answer


def erased(system: LocalSystem, **event: Any) -> tuple[list[str], dict[str, str]]:
    """The payments that all pages together erased, and why they skipped which."""
    done: list[str] = []
    left: dict[str, str] = {}
    page: dict[str, Any] = {"cursor": None, "limit": 2, **event}
    while True:
        answer = invoke(system, "EraseCustomerFunction", **page)
        assert answer["checked"] <= 2
        done += [each["payment_id"] for each in answer["erased"]]
        left |= {each["payment_id"]: each["reason"] for each in answer["skipped"]}
        page["cursor"] = answer["next_cursor"]
        if page["cursor"] is None:
            return done, left


def differences(system: LocalSystem) -> list[Any]:
    answer = invoke(system, "ReplayFunction", limit=100)
    assert answer["next_cursor"] is None
    assert answer["checked"] > 0
    found: list[Any] = answer["differences"]
    return found


def heard(system: LocalSystem, payment_id: str) -> list[bytes]:
    """The bodies of all callbacks about a payment, as the pretend platform sent them."""
    assert system.platform is not None
    return [each.body for each in system.platform.engine.store.delivery_log if each.key[1] == payment_id]


def call_back(system: LocalSystem, body: bytes) -> int:
    return requests.post(f"{system.url}/callbacks/ecommpay", data=body, timeout=TIMEOUT_S).status_code


@pytest.fixture(scope="module")
def lives(system: LocalSystem, merchant: Merchant) -> dict[str, dict[str, Any]]:
    """Zuri paid in every way, was refunded and was declined; then all that is over was erased. Her payments by name."""
    ordered = {
        "refunded": merchant.order(payment_id="gift-refunded", **ORDER),
        "paid": merchant.order(payment_id="gift-paid", **ORDER),
        "asked": merchant.order(payment_id="gift-asked", amount=10010, **ORDER),
        "on-page": merchant.order("enets", "payment_page", payment_id="gift-on-page", **ORDER),
        "declined": merchant.order("enets", payment_id="gift-declined", **ORDER),
    }
    merchant.wait_for("gift-asked", "awaiting_clarification")
    answers = {f"customer.{name}": ZURI[name] for name in ("email", "phone")}
    form = ordered["asked"].json()["checkout_url"] + "/clarification"
    assert requests.post(form, data=answers, timeout=TIMEOUT_S).status_code == 200
    for name, answer in ordered.items():
        merchant.pay(answer.json(), outcome="decline" if name == "declined" else "success")
    merchant.post("/payments/gift-refunded/refunds", {"reason": REASON})
    merchant.wait_for("gift-refunded", "refunded")
    merchant.pay(merchant.order(payment_id="amina-paid", description="Amina's own").json())
    assert system.wait_until_delivered()
    assert holding(system, *WORDS, REASON) == {*WORDS, REASON}
    before = {name: merchant.payment(f"gift-{name}") for name in ordered}

    done, left = erased(system, customer_id=ZURI["id"])

    assert (sorted(done), left) == (sorted(f"gift-{name}" for name in ordered), {})
    return before


def test_no_row_holds_a_word_of_the_person_and_every_row_is_still_there(
    system: LocalSystem, lives: dict[str, dict[str, Any]]
) -> None:
    held = holding(system, *WORDS, REASON, "gift-paid", "amina@example.com", "Amina's own")

    assert held == {"gift-paid", "amina@example.com", "Amina's own"}
    log = (system.settings.run_folder / "functions.log").read_text()
    assert [word for word in (*WORDS, REASON) if word in log] == []
    assert len([key for key in rows(system) if key[0] == "PAYMENT#gift-refunded"]) == 1 + len(
        heard(system, "gift-refunded")
    )


def test_the_replay_finds_every_payment_as_its_messages_say(
    system: LocalSystem, lives: dict[str, dict[str, Any]]
) -> None:
    assert differences(system) == []


@pytest.mark.parametrize("name", ["refunded", "paid", "asked", "on-page", "declined"])
def test_the_merchant_still_sees_what_was_paid_and_nobody_who_did(
    merchant: Merchant, lives: dict[str, dict[str, Any]], name: str
) -> None:
    before, after = lives[name], merchant.payment(f"gift-{name}")
    line = after["timeline"][-1]

    assert after == {
        **before,
        "description": "",
        "customer": {"id": ""},
        "refunds": [{**each, "reason": None} for each in before["refunds"]],
        "timeline": [*before["timeline"], line],
    }
    assert (line["source"], line["what"]) == ("api", "personal data erased")


def test_the_customer_s_page_still_shows_the_result_and_no_way_back(lives: dict[str, dict[str, Any]]) -> None:
    for name, title in (("paid", "Payment received"), ("declined", "Payment declined")):
        page = requests.get(lives[name]["checkout_url"], timeout=TIMEOUT_S)

        assert (page.status_code, title in page.text) == (200, True)
        assert "shop.example" not in page.text


def test_the_same_order_again_is_answered_with_the_payment(
    system: LocalSystem, merchant: Merchant, lives: dict[str, dict[str, Any]]
) -> None:
    again = merchant.order(payment_id="gift-paid", **ORDER)
    other = merchant.order(payment_id="gift-paid", **{**ORDER, "description": "Another gift"})

    assert (again.status_code, again.json()["customer"]) == (200, {"id": ""})
    assert other.status_code == 409
    assert holding(system, ZURI["email"], "Baraka", "Another gift") == set()


def test_old_callbacks_are_known_and_write_nothing(system: LocalSystem, lives: dict[str, dict[str, Any]]) -> None:
    before = rows(system)
    bodies = [body for name in lives for body in heard(system, f"gift-{name}")]

    assert [call_back(system, body) for body in bodies] == [200] * len(bodies)
    assert len(bodies) > 8
    assert rows(system) == before


def test_a_callback_in_another_spelling_is_kept_without_the_person(
    system: LocalSystem, merchant: Merchant, lives: dict[str, dict[str, Any]]
) -> None:
    before, number = merchant.payment("gift-paid"), len(rows(system))
    for body in heard(system, "gift-paid"):
        assert call_back(system, body.replace(b'"amount":10000', b'"amount":10000.0')) == 200

    assert len(rows(system)) == number + len(heard(system, "gift-paid"))
    assert holding(system, *ZURI.values(), "Baraka") == set()
    after = merchant.payment("gift-paid")
    news = {"timeline": None, "updated_at": None}
    assert {**after, **news} == {**before, **news}
    assert differences(system) == []


def test_a_payment_is_refunded_after_all(
    system: LocalSystem, merchant: Merchant, lives: dict[str, dict[str, Any]]
) -> None:
    end = merchant.refund("gift-paid")

    assert (end["status"], end["output"]["status"]) == ("SUCCEEDED", "succeeded")
    assert merchant.payment("gift-paid")["status"] == "refunded"
    assert holding(system, *ZURI.values(), "Baraka") == set()
    assert differences(system) == []


def test_what_is_not_over_is_skipped_and_named_until_it_is(system: LocalSystem, merchant: Merchant) -> None:
    order: dict[str, Any] = {**ORDER, "customer": {**ZURI, "id": "zuri-42"}}
    waiting = merchant.order(payment_id="waits", **order).json()
    merchant.wait_for("waits", "awaiting_redirect")
    merchant.pay(merchant.order("enets", payment_id="supported", **order).json())
    merchant.post("/payments/supported/refunds", {"reason": REASON})
    wait_for(lambda: merchant.payment("supported")["refunds"][0]["status"] == "awaiting_support")
    refund_id = merchant.payment("supported")["refunds"][0]["refund_id"]

    assert erased(system, customer_id="zuri-42") == (
        [],
        {"waits": "it is awaiting_redirect", "supported": f"its refund {refund_id} is awaiting_support"},
    )
    assert merchant.pay(waiting)["status"] == "succeeded"
    merchant.provider_refunds("supported", 198)
    merchant.wait_for("supported", "refunded")
    assert erased(system, customer_id="zuri-42", project_id=198) == (["supported"], {})
    assert erased(system, customer_id="zuri-42") == (["waits"], {})
    assert holding(system, *WORDS, REASON) == set()
    assert differences(system) == []


def test_a_payment_that_no_merchant_ordered_and_messages_that_name_none_are_erased_by_key(
    system: LocalSystem, lives: dict[str, dict[str, Any]]
) -> None:
    sent = json.loads(heard(system, "gift-on-page")[-1])
    for payment in ({**sent["payment"], "id": "stray"}, {**sent["payment"], "id": None}):
        assert call_back(system, sealed({**sent, "payment": payment})) == 200
    assert holding(system, ZURI["id"], "Baraka") == {ZURI["id"], "Baraka"}

    assert erased(system, payment_id="stray", project_id=198) == (["stray"], {})

    assert holding(system, *ZURI.values(), "Baraka") == set()
    assert {"PAYMENT#stray", "UNPLACED#198"} <= {partition for partition, _ in rows(system)}


def sealed(message: dict[str, Any]) -> bytes:
    """The message as the platform signs it."""
    unsigned = {name: part for name, part in message.items() if name != "signature"}
    secret = DEMO_PROJECTS[str(message["project_id"])]["secret_keys"][0]
    return json.dumps({**unsigned, "signature": sign(unsigned, secret)}).encode()


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        ({}, "/customer_id: has to be given, or payment_id in its place"),
        ({"customer_id": "a", "payment_id": "b"}, "/customer_id: has to be given, or payment_id in its place"),
        ({"customer_id": ""}, "/customer_id: string should have at least 1 character"),
        ({"payment_id": "gift-paid"}, "/project_id: is required with a payment_id"),
        ({"customer_id": "a", "limit": 0}, "/limit: input should be greater than or equal to 1"),
        ({"customer_id": "a", "cursor": "b"}, "/cursor: not a cursor of this list"),
        ({"customer_id": "a", "who": "b"}, "/who: is not a field of this request"),
        ({"payment_id": "never-heard-of", "project_id": 2924}, "There is no payment never-heard-of; check the id."),
    ],
)
def test_an_event_that_names_nobody_is_refused_in_plain_words(
    system: LocalSystem, event: dict[str, Any], problem: str
) -> None:
    outcome = system.functions.invoke("EraseCustomerFunction", event)

    assert (outcome.failed, outcome.value()["errorMessage"]) == (True, problem)


def test_the_command_prints_what_became_of_each_payment(
    system: LocalSystem, merchant: Merchant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    order: dict[str, Any] = {**ORDER, "customer": {**ZURI, "id": "zuri-43"}}
    merchant.order(payment_id="printed-waits", interface="payment_page", **order)
    merchant.pay(merchant.order(payment_id="printed", **order).json())
    monkeypatch.setenv("AWS_PORT", system.aws_url.rpartition(":")[2])
    monkeypatch.setenv("CUSTOMER", "zuri-43")
    capsys.readouterr()

    assert erase.main() == 1
    assert capsys.readouterr().out.splitlines() == [
        '{"project_id": 2924, "payment_id": "printed-waits", "reason": "it is created"}',
        '{"project_id": 2924, "payment_id": "printed"}',
        "skipped: 1",
        "erased: 1",
    ]
    monkeypatch.setenv("PROJECT", "198")
    assert erase.main() == 0
    assert capsys.readouterr().out.splitlines() == ["skipped: 0", "erased: 0"]
    monkeypatch.setenv("PAYMENT", "printed")
    assert erase.main() == 2
    assert "has to be given, or payment_id in its place" in capsys.readouterr().err
    monkeypatch.setenv("AWS_PORT", "1")
    assert erase.main() == 2
    assert "is `make run` running?" in capsys.readouterr().err
