"""The local system for tests: on free ports, with the pretend platform in the same process.

    @pytest.fixture(scope="module")
    def system(tmp_path_factory):
        with running_system(tmp_path_factory.mktemp("run")) as system:
            yield system

One process runs one system at a time, so a module has its own; the first start takes some seconds, later ones less than
one. `changes` are fields of LocalSettings, `delivery`, `gate` and `data_api` the settings of the
pretend platform.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from local.artifacts import Artifacts
from local.ecommpay import DataApiSettings, DeliverySettings, GateSettings
from local.lambdas import LambdaHost
from local.sandboxes import SandboxHost
from local.settings import LocalSettings
from local.system import LocalSystem
from local.template import Function
from tests.support.artifacts import RUNTIME_PYTHON
from tests.support.leaks import refuse_leaks
from tests.support.replays import refuse_differences

PATIENCE_S = 60.0
PAUSE_S = 0.02
# Long enough that nothing is checked before a test asks for it.
QUIET_SCHEDULE_MINUTE_S = 3600.0

Value = TypeVar("Value")


@contextmanager
def running_system(
    run_folder: Path,
    *,
    delivery: DeliverySettings | None = None,
    gate: GateSettings | None = None,
    data_api: DataApiSettings | None = None,
    make_shop: Callable[[LocalSystem], Any] | None = None,
    damaged: bool = False,
    artifacts: Artifacts | None = None,
    **changes: Any,
) -> Iterator[LocalSystem]:
    """A started LocalSystem on free ports whose schedules rest; invoke their functions with `system.functions`.

    At its end every payment in it has to be what its messages say; ``damaged`` says that a test broke its table.
    ``artifacts`` puts built functions in the place of the code here.
    """
    chosen = {"port": 0, "platform_port": 0, "aws_port": 0, "schedule_minute_s": QUIET_SCHEDULE_MINUTE_S, **changes}
    make_host: Callable[[Iterable[Function]], LambdaHost] = LambdaHost
    if artifacts is not None:
        chosen = {"template": artifacts.template, **chosen}
        make_host = partial(SandboxHost, artifacts=artifacts, python=RUNTIME_PYTHON)
    settings = LocalSettings(run_folder=run_folder, **chosen)
    with LocalSystem(
        settings, delivery=delivery, gate=gate, data_api=data_api, make_shop=make_shop, make_host=make_host
    ) as system:
        yield system
        if not damaged:
            refuse_differences(system)
    refuse_leaks(run_folder / "functions.log")


def wait_for(ask: Callable[[], Value], *, patience_s: float = PATIENCE_S) -> Value:
    """The first true answer of `ask`; AssertionError when none comes in time."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        answer = ask()
        if answer:
            return answer
        time.sleep(PAUSE_S)
    raise AssertionError(f"nothing came of {ask} in {patience_s} s")


def start_execution(system: LocalSystem, execution_input: Any, name: str | None = None) -> str:
    """Starts the refund workflow; the execution's ARN."""
    named = {"name": name} if name else {}
    started = system.connect("stepfunctions").start_execution(
        stateMachineArn=system.state_machine_arn, input=json.dumps(execution_input), **named
    )
    return str(started["executionArn"])


def ended_execution(system: LocalSystem, execution_arn: str, *, patience_s: float = PATIENCE_S) -> dict[str, Any]:
    """How an execution ended: status, and output (as values) or error and cause."""

    def ask() -> dict[str, Any] | None:
        answer = system.connect("stepfunctions").describe_execution(executionArn=execution_arn)
        if answer["status"] == "RUNNING":
            return None
        end = {key: answer[key] for key in ("status", "error", "cause") if key in answer}
        return {**end, "output": json.loads(answer["output"])} if "output" in answer else end

    return wait_for(ask, patience_s=patience_s) or {}


def received_messages(system: LocalSystem, queue: str, count: int) -> list[str]:
    """Takes at least `count` messages from a queue of the local AWS; their bodies in the order of arrival."""
    queues = system.connect("sqs")
    url = queues.get_queue_url(QueueName=queue)["QueueUrl"]
    bodies: list[str] = []

    def ask() -> bool:
        answer = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            bodies.append(message["Body"])
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(bodies) >= count

    wait_for(ask)
    return bodies


def counted(system: LocalSystem, metric: str) -> list[float]:
    """Every value of a metric that the functions of this system have counted."""
    lines = (system.settings.run_folder / "functions.log").read_text().splitlines()
    return [value for line in lines if f'"{metric}":' in line for value in json.loads(line)[metric]]
