"""The same least callback as an application of FastAPI, which Mangum makes a Lambda handler of."""

import hashlib
import os

import boto3
from fastapi import FastAPI, Request
from mangum import Mangum

from ecommpay_signing import loads, verify

client = boto3.client("dynamodb")


async def receive(request: Request) -> dict[str, str]:
    """Verify, store, answer."""
    body = await request.body()
    message = loads(body)
    verify(message, [os.environ["SECRET_KEY"]])
    row = {"pk": {"S": f"FASTAPI#{message['payment']['id']}"}, "sk": {"S": hashlib.sha256(body).hexdigest()}}
    client.put_item(TableName=os.environ["TABLE_NAME"], Item={**row, "body": {"B": body}})
    return {"status": "stored"}


app = FastAPI()
app.add_api_route("/callbacks/ecommpay", receive, methods=["POST"])
handler = Mangum(app, lifespan="off")
