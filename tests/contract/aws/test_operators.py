"""What reaches the operators."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from payments.aws.operators import OperatorsTopic
from payments.domain.errors import StoreUnavailable
from tests.contract.aws.conftest import make_client


@pytest.mark.parametrize(
    ("subject", "arrives_as"),
    [
        ("Refund refund-1 is unresolved", "Refund refund-1 is unresolved"),
        ("  two\r\nlines\tand blanks ", "two lines and blanks"),
        ("付款 paid – \x7f", "?? paid ? ?"),
        ("x" * 300, "x" * 100),
        ("x" * 99 + " y", "x" * 99),
    ],
)
def test_a_subject_arrives_as_one_short_line_of_ascii(aws: Callable[[str], Any], subject: str, arrives_as: str) -> None:
    assert told(aws, subject=subject, text="text")["Subject"] == arrives_as


@pytest.mark.parametrize(
    ("text", "arrives_as"),
    [
        ("Dear support,\n\nÜnïcödé 付款", "Dear support,\n\nÜnïcödé 付款"),
        ("half \ud83d of a pair", "half ? of a pair"),
        ("é" * 200_000, "é" * 131_072),
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_a_text_arrives_whole_as_far_as_it_can(aws: Callable[[str], Any], text: str, arrives_as: str) -> None:
    assert told(aws, subject="subject", text=text)["Message"] == arrives_as


def told(aws: Callable[[str], Any], *, subject: str, text: str) -> dict[str, Any]:
    """The notification that somebody who listens to the topic gets."""
    sns, sqs = aws("sns"), aws("sqs")
    queue = sqs.create_queue(QueueName="operator")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="operators")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    OperatorsTopic(sns, topic).notify(subject=subject, text=text)

    (received,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    notification: dict[str, Any] = json.loads(received["Body"])
    return notification


def test_a_topic_that_does_not_take_the_message_is_unavailable() -> None:
    client = make_client("sns")
    with Stubber(client) as stubber:
        stubber.add_client_error("publish", "InternalError", http_status_code=500)

        with pytest.raises(StoreUnavailable, match="Publish: InternalError"):
            OperatorsTopic(client, "arn:aws:sns:eu-west-1:123456789012:operators").notify(subject="s", text="t")
