"""Where moto 5.2.5 answers otherwise than AWS in ways a payment system notices, and how that is put right.

Each correction says what is wrong and replaces as little as possible; all are taken back when the local system stops.
`tests/integration/local/test_moto_corrections.py` proves each one, and fails when another moto is installed: then try
the tests without the correction, and delete it if they pass.
"""

import contextlib
import threading
import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.config import Config
from moto.core.responses import ActionResult, EmptyResult
from moto.dynamodbstreams.models import ShardIterator
from moto.stepfunctions.parser.api import ExecutionStatus, InvalidToken, TaskTimedOut
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    ResourceCondition,
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackConsumerLeft,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
)
from moto.stepfunctions.parser.asl.utils import boto_client
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

CORRECTED_VERSION = "5.2.5"
TASK_GONE = "Task Timed Out: 'Provided task does not exist anymore'"

# One answer per task token, and one execution per name, however many calls race for them.
_task_tokens = threading.Lock()
_execution_names = threading.Lock()


@contextlib.contextmanager
def corrected_moto() -> Iterator[None]:
    """Inside, moto behaves like AWS where it matters here."""
    with contextlib.ExitStack() as stack:
        for correction in (
            _failure_cause_is_kept,
            _task_token_works_once,
            _executions_without_name_get_one,
            _stopped_execution_ends_at_once,
            _interpreter_shares_its_clients,
            _iterators_read_the_stream_as_it_is,
        ):
            stack.enter_context(correction())
        yield


@contextlib.contextmanager
def _replaced(owner: Any, name: str, replacement: Any) -> Iterator[None]:
    original = getattr(owner, name)
    setattr(owner, name, replacement)
    try:
        yield
    finally:
        setattr(owner, name, original)


def _failure_cause_is_kept() -> contextlib.AbstractContextManager[None]:
    """SendTaskFailure loses its `cause`: operators would see an error name and no reason."""

    def send_task_failure(self: Any) -> EmptyResult:
        self.stepfunction_backend.send_task_failure(
            self._get_param("taskToken"), error=self._get_param("error"), cause=self._get_param("cause")
        )
        return EmptyResult()

    return _replaced(StepFunctionResponse, "send_task_failure", send_task_failure)


def _find_waiting(backend: Any, token: str) -> Any:
    """The place where a task waits for this token; raises what AWS answers when none does any more, or ever did."""
    for execution in backend._get_executions():
        environment = execution.exec_worker.env
        endpoint = environment and environment.callback_pool_manager.get(token)
        if endpoint:
            answered = endpoint.get_outcome() is not None or endpoint.consumer_error is not None
            if answered or execution.status != "RUNNING":
                raise TaskTimedOut(TASK_GONE, "TaskTimedOut", 400)
            return endpoint
    raise InvalidToken


@contextlib.contextmanager
def _task_token_works_once() -> Iterator[None]:
    """A second or late call with a task token is answered 200 or InvalidToken; AWS answers TaskTimedOut.

    All retries of a task share one token, too, so the wait of a retry is over before it began; AWS gives each its own.
    """

    def send_task_success(self: Any, task_token: str, outcome: str) -> None:
        with _task_tokens:
            _find_waiting(self, task_token).notify(CallbackOutcomeSuccess(callback_id=task_token, output=outcome))

    def send_task_failure(self: Any, task_token: str, error: str | None = None, cause: str | None = None) -> None:
        outcome = CallbackOutcomeFailure(callback_id=task_token, error=error, cause=cause)
        with _task_tokens:
            _find_waiting(self, task_token).notify(outcome)

    def send_task_heartbeat(self: Any, task_token: str) -> None:
        with _task_tokens:
            _find_waiting(self, task_token).notify_heartbeat()

    def attempt(self: Any, env: Any) -> None:
        waits = self.resource.condition == ResourceCondition.WaitForTaskToken
        endpoint = env.callback_pool_manager.add(env.states.context_object.update_task_token()) if waits else None
        try:
            super(StateTaskServiceCallback, self)._evaluate_with_timeout(env)
        finally:
            if endpoint is not None:
                with _task_tokens:
                    endpoint.report(CallbackConsumerLeft())

    def evaluate(self: Any, env: Any) -> None:
        super(StateTaskServiceCallback, self)._eval_body(env=env)
        env.states.context_object.context_object_data.pop("Task", None)

    with contextlib.ExitStack() as stack:
        for owner, name, replacement in (
            (StepFunctionsParserBackend, "send_task_success", send_task_success),
            (StepFunctionsParserBackend, "send_task_failure", send_task_failure),
            (StepFunctionsParserBackend, "send_task_heartbeat", send_task_heartbeat),
            (StateTaskServiceCallback, "_evaluate_with_timeout", attempt),
            (StateTaskServiceCallback, "_eval_body", evaluate),
        ):
            stack.enter_context(_replaced(owner, name, replacement))
        yield


def _executions_without_name_get_one() -> contextlib.AbstractContextManager[None]:
    """An execution started without a name is called None, and the second one fails; AWS invents a UUID."""

    original = StepFunctionsParserBackend.start_execution

    def start_execution(self: Any, state_machine_arn: str, name: str | None = None, *rest: Any) -> Any:
        with _execution_names:
            return original(self, state_machine_arn, name or str(uuid.uuid4()), *rest)

    return _replaced(StepFunctionsParserBackend, "start_execution", start_execution)


@contextlib.contextmanager
def _stopped_execution_ends_at_once() -> Iterator[None]:
    """An execution stopped while it waits for a task token stays RUNNING until the wait is over, and forgets why.

    The wait is ended with an empty answer, the one way in which moto then ends as ABORTED and not as FAILED.
    """

    original = Execution.stop

    def stop(self: Any, stop_date: Any, error: str | None, cause: str | None) -> None:
        original(self, stop_date, error, cause)
        if self.exec_status == ExecutionStatus.RUNNING:
            self.exec_status, self.stop_date = ExecutionStatus.ABORTED, stop_date
            for token, endpoint in list(self.exec_worker.env.callback_pool_manager._pool.items()):
                endpoint.notify(CallbackOutcomeSuccess(callback_id=token, output="{}"))

    def stop_execution(self: Any) -> ActionResult:
        execution = self.stepfunction_backend.stop_execution(self._get_param("executionArn"))
        if execution.exec_status == ExecutionStatus.ABORTED:
            execution.error, execution.cause = self._get_param("error"), self._get_param("cause")
        return ActionResult({"stopDate": execution.stop_date})

    with _replaced(Execution, "stop", stop), _replaced(StepFunctionResponse, "stop_execution", stop_execution):
        yield


def _interpreter_shares_its_clients() -> contextlib.AbstractContextManager[None]:
    """Every task makes a boto3 client on the default session, which threads must not do at the same time.

    Executions that run side by side failed now and then with KeyError; sharing the clients is also faster.
    """
    making = threading.Lock()
    made: dict[tuple[str, str, str], Any] = {}

    def client(*, service_name: str, region_name: str, endpoint_url: str, config: Any, **_keys: Any) -> Any:
        # Every task brings the same settings in a Config of its own, so they cannot tell one client from another.
        key = (service_name, region_name, endpoint_url)
        with making:
            if key not in made:
                # moto's own client makes one connection after another; fifty executions at once need as many.
                pooled = config.merge(Config(max_pool_connections=64))
                session: Any = boto3.session.Session("local", "local")
                made[key] = session.client(
                    service_name, region_name=region_name, endpoint_url=endpoint_url, config=pooled
                )
            return made[key]

    return _replaced(boto_client, "boto3", SimpleNamespace(client=client))


def _iterators_read_the_stream_as_it_is() -> contextlib.AbstractContextManager[None]:
    """An iterator made before a cancelled transaction reads the stream of the table that was thrown away.

    It shows writes that never were, under the numbers that the next real writes get, so a reader that goes on after
    them never sees those.
    """
    original = ShardIterator.get

    def get(self: Any, limit: int = 1000) -> dict[str, Any]:
        self.stream_shard = self.streams_backend.dynamodb.get_table(self.stream_shard.table.name).stream_shard
        read: dict[str, Any] = original(self, limit)
        return read

    return _replaced(ShardIterator, "get", get)
