"""Listens to the table: sends each record's key to a queue; a thing called `bad…` cannot be taken."""

import os
from typing import Any

import boto3


def handler(event: dict[str, Any], _context: Any) -> Any:
    """Reports the first record it cannot take."""
    queues = boto3.client("sqs")
    url = queues.get_queue_url(QueueName=os.environ["SEEN_QUEUE"])["QueueUrl"]
    for record in event["Records"]:
        key = record["dynamodb"]["Keys"]["pk"]["S"]
        if key.startswith("THING#bad"):
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        queues.send_message(QueueUrl=url, MessageBody=f"{record['eventName']} {key} of {len(event['Records'])}")
    return {"batchItemFailures": []}
