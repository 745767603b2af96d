"""The least function that takes in a callback: it verifies and does one PutItem. No order, no state, no second look."""

import hashlib
import os
from typing import Any

import boto3

from ecommpay_signing import loads, verify

client = boto3.client("dynamodb")


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Verify, store, answer."""
    body = event["body"].encode()
    message = loads(body)
    verify(message, [os.environ["SECRET_KEY"]])
    row = {"pk": {"S": f"MINIMAL#{message['payment']['id']}"}, "sk": {"S": hashlib.sha256(body).hexdigest()}}
    client.put_item(TableName=os.environ["TABLE_NAME"], Item={**row, "body": {"B": body}})
    return {"statusCode": 200, "body": '{"status": "stored"}'}
