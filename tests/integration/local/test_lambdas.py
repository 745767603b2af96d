"""Handlers as Lambda runs them: answers, errors, time-outs, logs; through the host and through boto3."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.lambdas import InvocationPending, LambdaHost, UnknownFunction
from local.system import LocalSystem
from local.template import Function


@pytest.fixture
def make_host(tmp_path: Path) -> Callable[..., LambdaHost]:
    """A host with one function `One` of the given source."""

    def make(source: str, timeout_s: float = 5.0) -> LambdaHost:
        (tmp_path / "app.py").write_text(source)
        return LambdaHost(
            [
                Function(
                    "One", "one", "arn:aws:lambda:eu-west-1:1:function:one", tmp_path, "app.handler", timeout_s, 128, {}
                )
            ]
        )

    return make


def test_the_answer_is_the_json_of_what_the_handler_returns(make_host: Callable[..., LambdaHost]) -> None:
    host = make_host("def handler(event, context): return {'got': event['n'] + 1}")

    for function_id in ("One", "one", "one:live", "arn:aws:lambda:eu-west-1:1:function:one:live"):
        outcome = host.invoke(function_id, {"n": 1})
        assert (outcome.failed, outcome.value()) == (False, {"got": 2})


def test_the_context_is_lambdas(make_host: Callable[..., LambdaHost]) -> None:
    host = make_host(
        "def handler(event, c):\n"
        "    return [c.function_name, c.function_version, c.invoked_function_arn, c.memory_limit_in_mb,\n"
        "            c.log_group_name, 4000 < c.get_remaining_time_in_millis() <= 5000, c.aws_request_id]"
    )

    outcome = host.invoke("One", {})

    assert outcome.value() == [
        "one",
        "$LATEST",
        "arn:aws:lambda:eu-west-1:1:function:one",
        128,
        "/aws/lambda/one",
        True,
        outcome.request_id,
    ]


@pytest.mark.parametrize(
    ("source", "error_type", "message"),
    [
        ("class Odd(Exception): pass\ndef handler(e, c): raise Odd('no')", "Odd", "no"),
        ("def handler(e, c): raise SystemExit(3)", "SystemExit", "3"),
        (
            "def handler(e, c): return {1, 2}",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
        ),
        (
            "import nowhere_at_all",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'nowhere_at_all'",
        ),
    ],
)
def test_an_error_is_lambdas_error_answer(
    make_host: Callable[..., LambdaHost], source: str, error_type: str, message: str
) -> None:
    outcome = make_host(source).invoke("One", {})

    answer = outcome.value()
    stack = answer.pop("stackTrace")
    assert outcome.failed
    assert answer == {"errorMessage": message, "errorType": error_type, "requestId": outcome.request_id}
    assert all("lambdas.py" not in line for line in stack)


def test_a_function_that_takes_too_long_is_answered_for(make_host: Callable[..., LambdaHost]) -> None:
    host = make_host("import time\ndef handler(e, c): time.sleep(1)", timeout_s=0.1)

    outcome = host.invoke("One", {})

    assert outcome.failed
    assert outcome.value() == {
        "errorMessage": f"RequestId: {outcome.request_id} Error: Task timed out after 0.10 seconds",
        "errorType": "Sandbox.Timedout",
        "requestId": outcome.request_id,
        "stackTrace": [],
    }


def test_a_caller_may_lose_patience_first(make_host: Callable[..., LambdaHost]) -> None:
    host = make_host("import time\ndef handler(e, c): time.sleep(1)")

    with pytest.raises(InvocationPending):
        host.invoke("One", {}, patience_s=0.05)


def test_invocations_run_side_by_side(make_host: Callable[..., LambdaHost]) -> None:
    host = make_host(
        "import threading\n"
        "MEETING = threading.Barrier(4, timeout=5)\n"
        "def handler(e, c):\n"
        "    MEETING.wait()\n"
        "    return e"
    )
    answers: list[int] = []
    threads = [threading.Thread(target=lambda n=n: answers.append(host.invoke("One", n).value())) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [0, 1, 2, 3]


def test_two_functions_may_have_the_same_file_name(system: LocalSystem) -> None:
    assert system.functions.invoke("TaskFunction", {}).value() == {"done": True}
    assert system.functions.invoke("EchoFunction", {}).value() == {}


def test_an_unknown_function_is_an_error_of_the_caller(system: LocalSystem) -> None:
    with pytest.raises(UnknownFunction):
        system.functions.invoke("Nobody", {})


def test_what_a_function_prints_goes_to_the_log_file(system: LocalSystem, capsys: pytest.CaptureFixture[str]) -> None:
    system.functions.invoke("TaskFunction", {"fail_with": "printed for the log"})

    lines = (system.settings.run_folder / "functions.log").read_text().splitlines()
    entry = json.loads(next(line for line in lines if "printed for the log" in line))
    assert (entry["level"], entry["message"]) == ("ERROR", "ThingRefused: printed for the log")
    assert "printed for the log" not in capsys.readouterr().out


def test_what_a_function_logs_goes_to_the_log_file(system: LocalSystem, capsys: pytest.CaptureFixture[str]) -> None:
    system.functions.invoke("TaskFunction", {"log": "a line of the logger"})

    assert "a line of the logger\n" in (system.settings.run_folder / "functions.log").read_text()
    assert capsys.readouterr().out == ""


def test_boto3_invokes_the_same_handlers(system: LocalSystem) -> None:
    functions = system.connect("lambda")

    good = functions.invoke(FunctionName="ecommpay-task", Payload=b'{"a": 1}')
    assert (good["StatusCode"], json.load(good["Payload"])) == (200, {"done": True})
    assert "FunctionError" not in good

    bad = functions.invoke(FunctionName="ecommpay-task:live", Payload=b'{"fail_with": "x"}')
    assert (bad["StatusCode"], bad["FunctionError"]) == (200, "Unhandled")
    assert json.load(bad["Payload"])["errorType"] == "ThingRefused"

    assert functions.invoke(FunctionName="ecommpay-task", InvocationType="Event", Payload=b"{}")["StatusCode"] == 202

    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.invoke(FunctionName="nobody")
    with pytest.raises(ClientError, match="InvalidRequestContentException"):
        functions.invoke(FunctionName="ecommpay-task", Payload=b"{")


def test_an_invocation_is_quick(system: LocalSystem) -> None:
    started = time.perf_counter()
    for _ in range(100):
        system.functions.invoke("TaskFunction", {})

    # Generous: it is there to notice a pause of 40 ms per call, not to measure.
    assert time.perf_counter() - started < 4
