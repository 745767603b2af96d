"""The whole system on another DynamoDB engine: a payment's life, its events, and the replay of what was kept."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import replay
from local.settings import SettingsError
from local.system import LocalSystem
from tests.support import dynamodb_local
from tests.support.local_system import received_messages, running_system, wait_for
from tests.support.merchant import Merchant

pytestmark = pytest.mark.skipif(
    dynamodb_local.why_left_out() is not None, reason=f"no {dynamodb_local.NAME}: {dynamodb_local.why_left_out()}"
)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with contextlib.ExitStack() as stack:
        try:
            address = stack.enter_context(dynamodb_local.running_dynamodb_local())
        except dynamodb_local.EngineUnavailable as unavailable:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(unavailable))
        yield address


@pytest.fixture
def system(endpoint: str, tmp_path: Path) -> Iterator[LocalSystem]:
    with running_system(tmp_path, dynamodb_endpoint=endpoint) as system:
        yield system


def replayed(system: LocalSystem, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What `make replay` prints beside this system."""
    monkeypatch.setenv("AWS_PORT", system.aws_url.rpartition(":")[2])
    capsys.readouterr()
    assert replay.main() == 0
    return capsys.readouterr().out


def test_a_payment_lives_its_whole_life_there_and_is_still_there_for_the_next_system(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_system(tmp_path, dynamodb_endpoint=endpoint) as system:
        merchant = Merchant(system)
        paid = merchant.pay(merchant.order(payment_id="order-there").json())
        assert paid["status"] == "succeeded"

        end = merchant.refund("order-there")

        assert (end["status"], end.get("error"), end.get("cause")) == ("SUCCEEDED", None, None)
        assert end["output"]["status"] == "succeeded"
        refunded = merchant.wait_for("order-there", "refunded")
        assert refunded["refunded_amount"] == 10000
        told: list[str] = []

        def ask() -> bool:
            told.extend(received_messages(system, "ecommpay-events", 1))
            return all(any(name in each for each in told) for name in ("PaymentSucceeded", "RefundSucceeded"))

        wait_for(ask)
        assert replayed(system, monkeypatch, capsys).splitlines() == ["payments: 1", "differences: 0"]

    with running_system(tmp_path, dynamodb_endpoint=endpoint) as system:
        assert Merchant(system).payment("order-there") == refunded
        assert system.wait_until_delivered()


def test_writes_that_the_local_aws_never_sees_reach_the_stream_s_function(system: LocalSystem) -> None:
    before = Merchant(system).order(interface="payment_page").json()

    assert system.wait_until_delivered()
    tables = system.connect("dynamodb")
    assert tables.meta.endpoint_url == system.settings.dynamodb_endpoint
    found = tables.query(
        TableName=system.table_name,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"PAYMENT#{before['payment_id']}"}},
    )
    assert [each["sk"]["S"] for each in found["Items"]] == ["PAYMENT#2924"]


def test_a_table_of_another_shape_is_refused_in_one_sentence(endpoint: str, tmp_path: Path) -> None:
    with running_system(tmp_path, dynamodb_endpoint=endpoint, damaged=True) as system:
        tables, name = system.connect("dynamodb"), system.table_name
        tables.delete_table(TableName=name)
        tables.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        )

    with (
        pytest.raises(SettingsError, match="other keys, indexes or stream"),
        running_system(tmp_path, dynamodb_endpoint=endpoint),
    ):
        pass
    tables.delete_table(TableName=name)


def test_an_engine_that_does_not_answer_is_named_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"

    with (
        pytest.raises(SettingsError, match=f"DYNAMODB_ENDPOINT: nothing answers at {address}"),
        running_system(tmp_path, dynamodb_endpoint=address),
    ):
        pass
