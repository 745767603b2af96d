"""The floor of what ours does: verify, read payment and message in one call, write both in one transaction, no more.

It writes the payment that it read, one version on, so items and conditions are those of ours; it folds nothing.
"""

import hashlib
import os
import uuid
from typing import Any

import boto3

from ecommpay_signing import loads, verify

client = boto3.client("dynamodb")


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Verify, read, write, answer."""
    body = event["body"].encode()
    message = loads(body)
    verify(message, [os.environ["SECRET_KEY"]])
    table, partition = os.environ["TABLE_NAME"], {"S": f"PAYMENT#{message['payment']['id']}"}
    payment_row = {"pk": partition, "sk": {"S": f"PAYMENT#{message['project_id']}"}}
    message_row = {"pk": partition, "sk": {"S": f"MESSAGE#{message['project_id']}#{hashlib.sha256(body).hexdigest()}"}}
    found = client.batch_get_item(RequestItems={table: {"Keys": [payment_row, message_row], "ConsistentRead": True}})
    (payment,) = found["Responses"][table]
    version = int(payment["version"]["N"])
    put_payment = {
        "TableName": table,
        "Item": {**payment, "version": {"N": str(version + 1)}},
        "ConditionExpression": "version = :read",
        "ExpressionAttributeValues": {":read": {"N": str(version)}},
    }
    put_message = {
        "TableName": table,
        "Item": {**message_row, "body": {"B": body}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    puts: Any = [{"Put": put_payment}, {"Put": put_message}]
    client.transact_write_items(TransactItems=puts, ClientRequestToken=uuid.uuid4().hex)
    return {"statusCode": 200, "body": '{"status": "stored"}'}
