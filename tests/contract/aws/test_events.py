"""What arrives on the merchant's event bus."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from payments.aws.events import EventBus
from payments.domain.errors import StoreUnavailable
from tests.contract.aws.conftest import make_client


def test_an_event_reaches_a_rule_of_the_merchant(aws: Callable[[str], Any]) -> None:
    events, sqs = aws("events"), aws("sqs")
    queue = sqs.create_queue(QueueName="merchant")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="paid", EventPattern=json.dumps({"source": ["ecommpay.checkout"]}))
    events.put_targets(Rule="paid", Targets=[{"Id": "1", "Arn": arn}])

    EventBus(events, "default").publish([("PaymentSucceeded", {"data": {"payment": {"payment_id": "付款"}}})])

    (received,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    event = json.loads(received["Body"])
    assert (event["source"], event["detail-type"], event["detail"]) == (
        "ecommpay.checkout",
        "PaymentSucceeded",
        {"data": {"payment": {"payment_id": "付款"}}},
    )


def published(entries: list[tuple[str, dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """The entries of each call that was made."""
    client = make_client("events")
    calls: list[list[dict[str, Any]]] = []
    client.meta.events.register(
        "provide-client-params.events.PutEvents", lambda params, **_: calls.append(params["Entries"])
    )
    with Stubber(client) as stubber:
        for _ in entries:
            stubber.add_response("put_events", {"FailedEntryCount": 0, "Entries": []})
        EventBus(client, "payments").publish(entries)
    return calls


def test_an_entry_names_its_source_type_detail_and_bus() -> None:
    assert published([("RefundSucceeded", {"amount": 1})]) == [
        [
            {
                "Source": "ecommpay.checkout",
                "DetailType": "RefundSucceeded",
                "Detail": '{"amount": 1}',
                "EventBusName": "payments",
            }
        ]
    ]


def test_nothing_is_published_without_a_call() -> None:
    assert published([]) == []


def test_events_go_in_their_order_ten_at_a_time() -> None:
    calls = published([("PaymentSucceeded", {"number": number}) for number in range(23)])

    assert [len(entries) for entries in calls] == [10, 10, 3]
    numbers = [json.loads(entry["Detail"])["number"] for entries in calls for entry in entries]
    assert numbers == list(range(23))


def test_large_events_go_in_smaller_calls() -> None:
    calls = published([("PaymentSucceeded", {"text": "x" * 100_000})] * 5)

    assert [len(entries) for entries in calls] == [2, 2, 1]


def test_an_event_that_was_not_taken_is_told() -> None:
    client = make_client("events")
    with Stubber(client) as stubber:
        stubber.add_response(
            "put_events",
            {
                "FailedEntryCount": 1,
                "Entries": [{"EventId": "1"}, {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}],
            },
        )

        with pytest.raises(StoreUnavailable, match="PutEvents: 1 not taken: ThrottlingException"):
            EventBus(client, "default").publish([("PaymentSucceeded", {}), ("PaymentDeclined", {})])


def test_a_bus_that_does_not_answer_is_unavailable() -> None:
    client = make_client("events")
    with Stubber(client) as stubber:
        stubber.add_client_error("put_events", "InternalException", http_status_code=500)

        with pytest.raises(StoreUnavailable, match="PutEvents: InternalException"):
            EventBus(client, "default").publish([("PaymentSucceeded", {})])
