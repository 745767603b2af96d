"""The commands beside the shop's buttons, run on the whole system as a person would: each does what its button does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from local.shop import shop_app
from local.system import LocalSystem
from tests.integration.shop.reading import commands_of
from tests.support.local_system import running_system, wait_for
from tests.support.terminal import play, run

Run = Callable[[str], Any]
TIMEOUT_S = 30
NOTHING = {"sale": {}, "refund": "", "callbacks": {"lose": 0, "duplicate": 0, "delay": 0, "reorder": 0}, "seconds": 0.0}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """The system with its demo shop, as `make run` starts it."""

    def make_shop(system: LocalSystem) -> object:
        return shop_app(system.url, system.platform_url, system.aws_url, system.state_machine_arn)

    with running_system(tmp_path_factory.mktemp("run"), make_shop=make_shop) as system:
        yield system


def commands(system: LocalSystem, path: str, **query: str) -> dict[str, str]:
    page = requests.get(system.url + path, params=query, timeout=TIMEOUT_S)
    assert page.status_code == 200
    return commands_of(page.text)


def bought(system: LocalSystem, execute: Run, **choice: str) -> dict[str, str]:
    """Have a payment that is paid at once made from the front page's commands; the commands of its order page."""
    shown = commands(system, "/", product="coffee", interface="gate", ending="1", **choice)
    assert execute(shown["platform-terminal-1"])["sale"] == {"ending": 1}
    made = execute(shown["buy-terminal-1"])
    order = f"/shop/orders/{made['payment_id']}"
    wait_for(lambda: execute(commands(system, order)["story-terminal-1"])["status"] == "succeeded")
    assert execute(shown["orders-terminal-1"])["items"][0]["payment_id"] == made["payment_id"]
    return {"path": order, "payment_id": made["payment_id"], **commands(system, order)}


def status(system: LocalSystem, execute: Run, order: dict[str, str], wanted: str) -> dict[str, Any]:
    """The payment, once it has the status, as the command that reads it tells."""

    def ask() -> dict[str, Any] | None:
        told: dict[str, Any] = execute(order["story-terminal-1"])
        return told if told["status"] == wanted else None

    return wait_for(ask) or {}


@pytest.mark.parametrize("execute", [run, play])
def test_a_card_payment_is_made_refunded_and_looked_into_from_a_terminal(system: LocalSystem, execute: Run) -> None:
    order = bought(system, execute, way="card-kes")
    wish = commands(system, order["path"], fate="reversal", callbacks="duplicate", count="1")
    assert execute(wish["platform-terminal-1"]) == {
        **NOTHING,
        "refund": "reversal",
        "callbacks": {"lose": 0, "duplicate": 1, "delay": 0, "reorder": 0},
    }

    started = execute(order["refund-terminal-2"])
    assert ":execution:ecommpay-refund:" in started["executionArn"]
    refunded = status(system, execute, order, "refunded")
    (refund,) = refunded["refunds"]
    assert (refund["status"], refund["operation_type"], refund["execution"]) == (
        "succeeded",
        "reversal",
        started["executionArn"],
    )

    (history,) = (text for place, text in commands(system, order["path"]).items() if place.startswith("history-"))

    def steps() -> list[str]:
        return [event["type"] for event in execute(history)["events"]]

    wait_for(lambda: steps()[-1] == "ExecutionSucceeded")
    assert steps()[0] == "ExecutionStarted"

    sent = execute(wish["platform-terminal-4"])["deliveries"]
    assert [each["what"] for each in sent] == [
        "sale processing",
        "sale success",
        "reversal success",
        "reversal success",
    ]

    def heard() -> set[str]:
        events = [json.loads(message["Body"]) for message in execute(order["story-terminal-2"]).get("Messages", [])]
        mine = [each for each in events if order["payment_id"] in json.dumps(each["detail"])]
        return {each["detail-type"] for each in mine}

    wait_for(lambda: heard() == {"PaymentSucceeded", "RefundSucceeded"})


@pytest.mark.parametrize("execute", [run, play])
def test_a_card_payment_is_given_back_in_the_dashboard_from_a_terminal(system: LocalSystem, execute: Run) -> None:
    order = bought(system, execute, way="card-usd")
    as_reversal = commands(system, order["path"], kind="reversal")["give-back-terminal-1"]
    assert execute(as_reversal)["type"] == "reversal"
    (refund,) = status(system, execute, order, "refunded")["refunds"]
    assert (refund["status"], refund["operation_type"], refund["execution"]) == ("succeeded", "reversal", None)


@pytest.mark.parametrize("execute", [run, play])
def test_a_part_of_an_enets_payment_is_asked_back_and_given_by_support_from_a_terminal(
    system: LocalSystem, execute: Run
) -> None:
    order = bought(system, execute, way="enets-sgd")
    started = execute(commands(system, order["path"], amount="12.5")["refund-terminal-1"])
    assert (started["amount"], started["currency"], started["status"]) == (1250, "SGD", "requested")
    wait_for(lambda: execute(order["story-terminal-1"])["refunds"][0]["status"] == "awaiting_support")
    given = execute(commands(system, order["path"])["give-back-terminal-1"])
    assert (given["type"], given["status"], given["sum_initial"]) == (
        "refund",
        "success",
        {"amount": 1250, "currency": "SGD"},
    )
    assert status(system, execute, order, "partially_refunded")["refunded_amount"] == 1250


@pytest.mark.parametrize("execute", [run, play])
def test_what_is_set_is_read_and_forgotten_from_a_terminal(system: LocalSystem, execute: Run) -> None:
    shown = commands(system, "/", ending="40", callbacks="delay", count="2", seconds="7")
    told = {**NOTHING, "sale": {"ending": 40}, "seconds": 7.0}
    told["callbacks"] = {"lose": 0, "duplicate": 0, "delay": 2, "reorder": 0}
    assert execute(shown["platform-terminal-1"]) == told
    assert execute(shown["platform-terminal-2"]) == told
    assert execute(shown["platform-terminal-3"]) == NOTHING
