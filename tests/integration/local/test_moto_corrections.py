"""Each correction of moto, proven; and the moto it was written for, so that it is looked at again with the next one."""

import copy
import importlib.metadata
import json
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.models import dynamodb_backends
from moto.stepfunctions.parser.asl.utils import boto_client

from local.cloudformation import ACCOUNT_ID
from local.moto_corrections import CORRECTED_VERSION
from local.system import LocalSystem
from tests.support.local_system import ended_execution, start_execution, wait_for

LONG_WAIT = {"try": "wait", "fail_with": "", "timeout_s": 60}


@pytest.fixture
def next_tokens(system: LocalSystem) -> Callable[[int], list[str]]:
    """Gives the first so many task tokens that the workflow's task gets from now on."""
    system.functions.load_all()
    tokens = sys.modules["local_functions.TaskFunction.app"].TOKENS
    seen = len(tokens)

    def wait(count: int) -> list[str]:
        wait_for(lambda: len(tokens) >= seen + count)
        return list(tokens[seen : seen + count])

    return wait


@pytest.fixture
def next_token(next_tokens: Callable[[int], list[str]]) -> Callable[[], str]:
    """Gives the task token that the workflow's task gets next."""
    return lambda: next_tokens(1)[0]


def error_of(call: Callable[[], Any]) -> str:
    """The error's code and message, or '200'."""
    try:
        call()
    except ClientError as error:
        return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
    return "200"


GONE = "TaskTimedOut: Task Timed Out: 'Provided task does not exist anymore'"


def test_the_corrections_are_for_this_moto() -> None:
    """With another moto: run the tests below without each correction, and delete those that are not needed."""
    assert importlib.metadata.version("moto") == CORRECTED_VERSION


def test_a_failed_task_keeps_its_cause(system: LocalSystem, next_token: Callable[[], str]) -> None:
    execution = start_execution(system, LONG_WAIT)
    system.connect("stepfunctions").send_task_failure(taskToken=next_token(), error="ThingRefused", cause="because")

    end = ended_execution(system, execution)
    assert end["output"]["error"] == {"Error": "ThingRefused", "Cause": "because"}


def test_a_task_token_works_once(system: LocalSystem, next_token: Callable[[], str]) -> None:
    workflows = system.connect("stepfunctions")
    execution = start_execution(system, LONG_WAIT)
    token = next_token()

    assert error_of(lambda: workflows.send_task_success(taskToken=token, output='{"first": true}')) == "200"
    assert error_of(lambda: workflows.send_task_success(taskToken=token, output="{}")) == GONE
    assert ended_execution(system, execution)["output"]["answer"] == {"first": True}
    assert error_of(lambda: workflows.send_task_success(taskToken=token, output="{}")) == GONE
    assert error_of(lambda: workflows.send_task_failure(taskToken=token)) == GONE
    assert error_of(lambda: workflows.send_task_heartbeat(taskToken=token)) == GONE


def test_each_attempt_has_a_token_of_its_own(system: LocalSystem, next_tokens: Callable[[int], list[str]]) -> None:
    workflows = system.connect("stepfunctions")
    execution = start_execution(system, LONG_WAIT)
    workflows.send_task_failure(taskToken=next_tokens(1)[0], error="TryAgain", cause="once more")
    first, second = next_tokens(2)

    assert first != second
    assert error_of(lambda: workflows.send_task_success(taskToken=first, output="{}")) == GONE
    assert error_of(lambda: workflows.send_task_success(taskToken=second, output='"well"')) == "200"
    assert ended_execution(system, execution)["output"]["answer"] == "well"


def test_a_token_is_gone_when_its_task_timed_out(system: LocalSystem, next_token: Callable[[], str]) -> None:
    execution = start_execution(system, {**LONG_WAIT, "timeout_s": 1})
    token = next_token()

    assert ended_execution(system, execution)["output"]["ended"] == "timed out"
    assert error_of(lambda: system.connect("stepfunctions").send_task_success(taskToken=token, output="{}")) == GONE


def test_a_token_nobody_gave_is_invalid(system: LocalSystem) -> None:
    answer = error_of(lambda: system.connect("stepfunctions").send_task_success(taskToken="made up", output="{}"))

    assert answer == "InvalidToken: Invalid Token: 'Invalid token'"


def test_of_twenty_racing_calls_one_is_taken(system: LocalSystem, next_token: Callable[[], str]) -> None:
    workflows = system.connect("stepfunctions")
    execution = start_execution(system, LONG_WAIT)
    token = next_token()
    answers: list[str] = []

    def call(number: int) -> None:
        answers.append(error_of(lambda: workflows.send_task_success(taskToken=token, output=json.dumps(number))))

    _run_at_once([partial(call, n) for n in range(20)])

    assert sorted(answers) == ["200"] + [GONE] * 19
    assert ended_execution(system, execution)["status"] == "SUCCEEDED"


def test_executions_without_a_name_get_one_each(system: LocalSystem) -> None:
    executions = {start_execution(system, {"try": "pause", "pause_s": 0}) for _ in range(3)}

    assert len(executions) == 3
    assert not any(arn.endswith(":None") for arn in executions)


def test_of_twenty_racing_starts_with_one_name_one_execution_comes(system: LocalSystem) -> None:
    executions: list[str] = []
    _run_at_once([lambda: executions.append(start_execution(system, {"try": "pause", "pause_s": 3}, name="once"))] * 20)

    assert len(executions) == 20
    assert len(set(executions)) == 1


def test_a_stopped_execution_ends_at_once_and_says_why(system: LocalSystem, next_token: Callable[[], str]) -> None:
    workflows = system.connect("stepfunctions")
    execution = start_execution(system, LONG_WAIT)
    token = next_token()
    wait_for(lambda: "TaskSubmitted" in _history(system, execution))

    workflows.stop_execution(executionArn=execution, error="Operator", cause="had enough")

    assert ended_execution(system, execution, patience_s=5) == {
        "status": "ABORTED",
        "error": "Operator",
        "cause": "had enough",
    }
    assert error_of(lambda: workflows.send_task_success(taskToken=token, output="{}")) == GONE
    assert wait_for(lambda: _history(system, execution)[-1] == "ExecutionAborted")


def test_twelve_executions_side_by_side_all_end_well(system: LocalSystem) -> None:
    executions: list[str] = []
    _run_at_once([lambda: executions.append(start_execution(system, {"try": "invoke", "fail_with": ""}))] * 12)

    assert [ended_execution(system, arn, patience_s=60)["status"] for arn in executions] == ["SUCCEEDED"] * 12


@pytest.mark.usefixtures("system")
def test_the_interpreter_makes_a_client_once() -> None:
    """Making one takes longer than all the rest of a task."""
    first, second = (boto_client.boto_client_for("eu-west-1", "lambda") for _ in range(2))
    other = boto_client.boto_client_for("eu-west-2", "lambda")

    assert first is second
    assert other is not first


def _history(system: LocalSystem, execution: str) -> list[str]:
    answer = system.connect("stepfunctions").get_execution_history(executionArn=execution)
    return [event["type"] for event in answer["events"]]


def _run_at_once(calls: list[Callable[[], Any]]) -> None:
    ready = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> None:
        ready.wait()
        call()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _thing(number: int, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": f"OTHER#{number}"}, "sk": {"S": "x"}, **more}


def test_a_cancelled_transaction_leaves_everything_as_it_was(system: LocalSystem) -> None:
    table, name = system.connect("dynamodb"), system.table_name
    table.put_item(TableName=name, Item=_thing(1, count={"N": "1"}, tags={"L": [{"S": "a"}]}))
    key = {"pk": {"S": "OTHER#1"}, "sk": {"S": "x"}}

    def transact(condition: str) -> None:
        table.transact_write_items(
            TransactItems=[
                {
                    "Update": {
                        "TableName": name,
                        "Key": key,
                        "UpdateExpression": "SET #c = #c + :one, tags = list_append(tags, :more)",
                        "ExpressionAttributeNames": {"#c": "count"},
                        "ExpressionAttributeValues": {":one": {"N": "1"}, ":more": {"L": [{"S": "b"}]}},
                    }
                },
                {"Put": {"TableName": name, "Item": _thing(2), "ConditionExpression": condition}},
            ]
        )

    def stored(number: int) -> Any:
        answer = table.get_item(TableName=name, Key={"pk": {"S": f"OTHER#{number}"}, "sk": {"S": "x"}})
        return answer.get("Item")

    with pytest.raises(table.exceptions.TransactionCanceledException):
        transact("attribute_exists(pk)")
    assert stored(1) == _thing(1, count={"N": "1"}, tags={"L": [{"S": "a"}]})
    assert stored(2) is None

    transact("attribute_not_exists(pk)")
    assert stored(1) == _thing(1, count={"N": "2"}, tags={"L": [{"S": "a"}, {"S": "b"}]})
    assert stored(2) == _thing(2)


def test_of_thirty_racing_transactions_one_wins(system: LocalSystem) -> None:
    table, name = system.connect("dynamodb"), system.table_name
    answers: list[str] = []

    def claim(owner: int) -> None:
        item = {"pk": {"S": "OTHER#claim"}, "sk": {"S": "x"}, "owner": {"N": str(owner)}}
        put = {"TableName": name, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        answers.append(error_of(lambda: table.transact_write_items(TransactItems=[{"Put": put}]))[:28])

    _run_at_once([partial(claim, n) for n in range(30)])

    assert sorted(answers) == ["200"] + ["TransactionCanceledException"] * 29


def test_the_copy_for_a_transaction_copies_no_item(system: LocalSystem) -> None:
    """Copying the items of 1,600 rows took 55 ms, for every single transaction."""
    system.connect("dynamodb").put_item(TableName=system.table_name, Item=_thing(7))
    table = dynamodb_backends[ACCOUNT_ID][system.settings.region].tables[system.table_name]

    twin = copy.deepcopy(table)

    assert twin.items is not table.items
    rows, twin_rows = ({id(row) for group in one.items.values() for row in group.values()} for one in (table, twin))
    assert rows == twin_rows
    assert twin.stream_shard.items is not table.stream_shard.items
    assert (twin.stream_shard.items, twin.stream_shard.table) == (table.stream_shard.items, twin)
