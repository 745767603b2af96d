"""Runs on a schedule and says so."""

import os
from typing import Any

import boto3


def handler(event: dict[str, Any], _context: Any) -> None:
    """Sends the event's kind to the queue."""
    queues = boto3.client("sqs")
    url = queues.get_queue_url(QueueName=os.environ["SEEN_QUEUE"])["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody=f"tick {event['detail-type']}")
