"""The table's stream: what its function gets, in which order, and what happens to what it cannot take."""

import json
import re
from typing import Any

from local.lambdas import Outcome
from local.stream_batches import BatchDelivery, DeliveryRules, FailedBatch
from local.system import LocalSystem
from tests.support.local_system import received_messages

SEEN, DEAD = "ecommpay-seen-queue", "ecommpay-dead-letter-bucket"
KEY = re.compile(r"aws/lambda/[0-9a-f-]{36}/[^/]+/\d{4}/\d\d/\d\d/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")


def _put(system: LocalSystem, name: str, **more: Any) -> None:
    item = {"pk": {"S": name}, "sk": {"S": "x"}, **more}
    system.connect("dynamodb").put_item(TableName=system.table_name, Item=item)


def test_changes_arrive_in_order_and_only_those_asked_for(system: LocalSystem) -> None:
    _put(system, "OTHER#1")
    _put(system, "THING#1")
    _put(system, "THING#1", colour={"S": "red"})
    _put(system, "THING#1", colour={"S": "red"})
    system.connect("dynamodb").delete_item(TableName=system.table_name, Key={"pk": {"S": "THING#1"}, "sk": {"S": "x"}})

    assert system.wait_until_delivered()
    seen = [message.split(" of ")[0] for message in received_messages(system, SEEN, 3)]
    assert seen == ["INSERT THING#1", "MODIFY THING#1", "REMOVE THING#1"]


def test_a_batch_has_at_most_the_size_of_the_mapping(system: LocalSystem) -> None:
    puts = [{"PutRequest": {"Item": {"pk": {"S": f"THING#b{n}"}, "sk": {"S": "x"}}}} for n in range(7)]
    system.connect("dynamodb").batch_write_item(RequestItems={system.table_name: puts})

    assert system.wait_until_delivered()
    sizes = [int(message.split(" of ")[1]) for message in received_messages(system, SEEN, 7)]
    assert sizes == [3, 3, 3, 3, 3, 3, 1]


def test_writes_of_a_cancelled_transaction_never_arrive(system: LocalSystem) -> None:
    table = system.connect("dynamodb")
    try:
        table.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": system.table_name, "Item": {"pk": {"S": "THING#c1"}, "sk": {"S": "x"}}}},
                {
                    "ConditionCheck": {
                        "TableName": system.table_name,
                        "Key": {"pk": {"S": "THING#none"}, "sk": {"S": "x"}},
                        "ConditionExpression": "attribute_exists(pk)",
                    }
                },
            ]
        )
    except table.exceptions.TransactionCanceledException:
        _put(system, "THING#c2")

    assert system.wait_until_delivered()
    assert received_messages(system, SEEN, 1) == ["INSERT THING#c2 of 1"]


def test_what_cannot_be_taken_is_retried_and_then_left_in_the_bucket_as_lambda_leaves_it(system: LocalSystem) -> None:
    _put(system, "THING#d1")
    _put(system, "THING#bad")
    assert system.wait_until_delivered()
    _put(system, "THING#d2")

    assert system.wait_until_delivered()
    assert [message.split(" of ")[0] for message in received_messages(system, SEEN, 2)] == [
        "INSERT THING#d1",
        "INSERT THING#d2",
    ]
    buckets = system.connect("s3")
    (listed,) = buckets.list_objects_v2(Bucket=DEAD)["Contents"]
    assert KEY.fullmatch(listed["Key"])
    letter = json.loads(buckets.get_object(Bucket=DEAD, Key=listed["Key"])["Body"].read())
    (record,) = json.loads(letter.pop("payload"))["Records"]
    assert (record["eventName"], record["dynamodb"]["Keys"]["pk"]) == ("INSERT", {"S": "THING#bad"})
    info, number = letter.pop("DDBStreamBatchInfo"), record["dynamodb"]["SequenceNumber"]
    assert (info["batchSize"], info["startSequenceNumber"], info["endSequenceNumber"]) == (1, number, number)
    assert listed["Key"].split("/")[3] == info["shardId"]
    assert info["streamArn"] == record["eventSourceARN"]
    assert TIME.fullmatch(info["approximateArrivalOfFirstRecord"])
    assert TIME.fullmatch(info["approximateArrivalOfLastRecord"])
    assert TIME.fullmatch(letter.pop("timestamp"))
    assert letter["requestContext"].pop("requestId")
    assert letter == {
        "requestContext": {
            "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:ecommpay-listen",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 3,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None},
        "version": "1.0",
    }


def _records(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "dynamodb": {"SequenceNumber": name}} for name in names]


class _Function:
    """A function that fails for some records, in one of the two ways a function can fail."""

    def __init__(self, bad: set[str], *, reports: bool) -> None:
        self.bad, self.reports = bad, reports
        self.calls: list[str] = []

    def __call__(self, event: Any) -> Outcome:
        names = [record["name"] for record in event["Records"]]
        self.calls.append("".join(names))
        bad = [name for name in names if name in self.bad]
        if bad and not self.reports:
            return Outcome("r", '{"errorType": "Odd"}', failed=True)
        failures = [{"itemIdentifier": name} for name in bad]
        return Outcome("r", json.dumps({"batchItemFailures": failures}), failed=False)


def _deliver(function: _Function, *, bisects: bool, retries: int | None, names: str) -> list[str]:
    given_up: list[FailedBatch] = []
    BatchDelivery(
        invoke=function,
        rules=DeliveryRules(bisects=bisects, reports_item_failures=True, maximum_retries=retries),
        give_up=given_up.append,
        pause=lambda _attempt: len(function.calls) < 20,
    ).deliver(_records(*names))
    return ["".join(record["name"] for record in batch.records) for batch in given_up]


def test_after_a_partial_failure_only_the_rest_is_tried_again() -> None:
    function = _Function({"c"}, reports=True)

    assert _deliver(function, bisects=False, retries=1, names="abcd") == ["cd"]
    assert function.calls == ["abcd", "cd"]


def test_a_batch_that_raises_is_halved_until_the_bad_record_stands_alone() -> None:
    function = _Function({"b"}, reports=False)

    assert _deliver(function, bisects=True, retries=1, names="abcd") == ["b"]
    assert function.calls == ["abcd", "ab", "a", "b", "b", "cd"]


def test_without_a_limit_it_is_tried_until_the_system_stops() -> None:
    function = _Function({"a"}, reports=False)

    assert _deliver(function, bisects=False, retries=None, names="ab") == []
    assert function.calls == ["ab"] * 20


def test_an_identifier_that_is_none_of_ours_fails_the_whole_batch() -> None:
    calls = []

    def invoke(event: Any) -> Outcome:
        calls.append(len(event["Records"]))
        return Outcome("r", '{"batchItemFailures": [{"itemIdentifier": "zzz"}]}', failed=False)

    BatchDelivery(
        invoke=invoke,
        rules=DeliveryRules(bisects=False, reports_item_failures=True, maximum_retries=1),
        give_up=lambda batch: calls.append(-len(batch.records)),
        pause=lambda _attempt: True,
    ).deliver(_records("a", "b"))

    assert calls == [2, 2, -2]
