"""Creates in the local AWS what the template deploys, and two queues that let a developer see what goes out."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import EndpointConnectionError

from local.cloudformation import ACCOUNT_ID
from local.settings import SettingsError
from local.template import Table, Template

EVENT_SOURCE = "ecommpay.checkout"
EVENTS_QUEUE = "ecommpay-events"
OPERATORS_QUEUE = "ecommpay-operators-inbox"


def create_resources(template: Template, connect: Any, projects: Mapping[str, Any]) -> None:
    """Creates tables, secret, topics, queues, buckets, buses and workflows; `connect(service)` gives a boto3 client.

    A table that the engine has already is used as it is. Raises SettingsError for one of another shape, and when no
    engine answers.

    Only here and not in AWS: events of ours on any bus are copied to the queue `ecommpay-events`, and what operators
    are told to `ecommpay-operators-inbox`.
    """
    for table in template.tables:
        _create_table(connect("dynamodb"), table)
    for name in template.secrets:
        connect("secretsmanager").create_secret(Name=name, SecretString=json.dumps(dict(projects)))
    for name in template.buckets:
        location = {"LocationConstraint": connect("s3").meta.region_name}
        connect("s3").create_bucket(Bucket=name, CreateBucketConfiguration=location)
    for name in (*template.queues, EVENTS_QUEUE, OPERATORS_QUEUE):
        connect("sqs").create_queue(QueueName=name)
    for name in template.buses:
        connect("events").create_event_bus(Name=name)
    for name in ("default", *template.buses):
        _copy_events(connect, name)
    for name in template.topics:
        topic_arn = connect("sns").create_topic(Name=name)["TopicArn"]
        connect("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=_queue_arn(connect, OPERATORS_QUEUE))
    for machine in template.state_machines:
        connect("stepfunctions").create_state_machine(
            name=machine.name, definition=machine.definition, roleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/local"
        )


def _create_table(client: Any, table: Table) -> None:
    """The table as the template has it; an engine of the developer's keeps it from one run to the next."""
    try:
        with contextlib.suppress(client.exceptions.ResourceInUseException):
            client.create_table(TableName=table.name, **table.request)
        found = client.describe_table(TableName=table.name)["Table"]
    except EndpointConnectionError as error:
        raise SettingsError(f"DYNAMODB_ENDPOINT: nothing answers at {client.meta.endpoint_url}.") from error
    if _shape(found) != _shape(table.request):
        raise SettingsError(
            f"DYNAMODB_ENDPOINT: the table {table.name} at {client.meta.endpoint_url} has other keys, indexes or "
            "stream than the template's; delete it or choose another engine."
        )


def _shape(table: Mapping[str, Any]) -> Any:
    indexes = {each["IndexName"]: each["KeySchema"] for each in table.get("GlobalSecondaryIndexes", ())}
    return table["KeySchema"], indexes, table.get("StreamSpecification", {}).get("StreamViewType")


def _copy_events(connect: Any, bus: str) -> None:
    pattern = json.dumps({"source": [EVENT_SOURCE]})
    connect("events").put_rule(Name=EVENTS_QUEUE, EventBusName=bus, EventPattern=pattern)
    target = {"Id": EVENTS_QUEUE, "Arn": _queue_arn(connect, EVENTS_QUEUE)}
    connect("events").put_targets(Rule=EVENTS_QUEUE, EventBusName=bus, Targets=[target])


def _queue_arn(connect: Any, name: str) -> str:
    return f"arn:aws:sqs:{connect('sqs').meta.region_name}:{ACCOUNT_ID}:{name}"
