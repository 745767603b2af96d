"""Starting and stopping: nothing is left behind, and `python -m local` says clearly what is wrong."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from local.settings import PROJECT_FOLDER, LocalSettings, SettingsError
from local.system import LocalSystem
from tests.integration.local.conftest import STACK
from tests.support.local_system import received_messages, running_system, wait_for


def test_a_system_stopped_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    environment, path, output = dict(os.environ), list(sys.path), sys.stdout
    with running_system(tmp_path, template=STACK) as system:
        url = system.url
        assert os.environ["AWS_ENDPOINT_URL"] == system.aws_url
        assert os.environ["REFUND_CALLBACK_TIMEOUT_S"] == "10"

    assert (dict(os.environ), sys.path) == (environment, path)
    assert sys.stdout is output
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    wait_for(
        lambda: not [t.name for t in threading.enumerate() if t.name.startswith(("http-", "stream-", "schedule-"))]
    )


def test_the_next_system_begins_empty(tmp_path: Path) -> None:
    for _ in range(2):
        with running_system(tmp_path, template=STACK) as system:
            table = system.connect("dynamodb")
            assert table.scan(TableName=system.table_name)["Count"] == 0
            table.put_item(TableName=system.table_name, Item={"pk": {"S": "THING#1"}, "sk": {"S": "x"}})
            assert received_messages(system, "ecommpay-seen-queue", 1) == ["INSERT THING#1 of 1"]


def test_schedules_run_at_the_local_pace(tmp_path: Path) -> None:
    with running_system(tmp_path, template=STACK, schedule_minute_s=0.1) as system:
        assert received_messages(system, "ecommpay-seen-queue", 2)[:2] == ["tick Scheduled Event"] * 2


def test_the_pretend_platform_is_not_started_beside_another_one(tmp_path: Path) -> None:
    with running_system(
        tmp_path, template=STACK, gate_url="https://api.example.com", payment_page_url="https://pay.example.com"
    ) as system:
        assert (system.platform, system.platform_url) == (None, None)
        assert os.environ["ECOMMPAY_GATE_URL"] == "https://api.example.com"
        assert os.environ["ECOMMPAY_PAYMENT_PAGE_URL"] == "https://pay.example.com"


def test_the_shop_has_the_start_page_and_its_own_folder(tmp_path: Path) -> None:
    def make_shop(system: LocalSystem) -> Any:
        def shop(environ: Any, start_response: Any) -> list[bytes]:
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [f"{system.url} {environ['PATH_INFO']}".encode()]

        return shop

    said: list[str] = []
    settings = LocalSettings(
        port=0, platform_port=0, aws_port=0, template=STACK, run_folder=tmp_path, schedule_minute_s=60
    )
    with LocalSystem(settings, make_shop=make_shop, say=said.append) as system:
        pages = {
            path: requests.get(system.url + path, timeout=5) for path in ("/", "/shop/a", "/shopping", "/things?a=b")
        }

    assert pages["/"].text == f"{system.url} /"
    assert pages["/shop/a"].text == f"{system.url} /shop/a"
    assert pages["/shopping"].status_code == 404
    assert [re.sub(r"\d+ ms$", "N ms", line) for line in said] == [
        "GET / 200 N ms",
        "GET /shop/a 200 N ms",
        "GET /shopping 404 N ms",
        "GET /things 200 N ms",
    ]


def test_what_the_functions_would_refuse_is_said_at_the_start_and_everything_is_let_go(tmp_path: Path) -> None:
    refused = pytest.raises(SettingsError, match="the colour #ffd400 is too pale for a button")
    with refused, running_system(tmp_path, template=STACK, merchant_accent_colour="#ffd400"):
        pass
    with running_system(tmp_path, template=STACK) as system:
        assert requests.get(f"{system.url}/things", timeout=5).status_code == 200


def test_a_port_in_use_is_said_and_everything_is_let_go(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(SettingsError, match=f"Port {port} is already in use; set AWS_PORT to another one."),
            running_system(tmp_path, template=STACK, aws_port=port),
        ):
            pass
    with running_system(tmp_path, template=STACK) as system:
        assert requests.get(f"{system.url}/things", timeout=5).status_code == 200


def _run_local(**variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "local"],
        cwd=PROJECT_FOLDER,
        env={**os.environ, "PORT": "0", "PLATFORM_PORT": "0", "AWS_PORT": "0", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("PORT", "abc", "PORT must be a port number between 0 and 65535 (0 takes a free one), not 'abc'.\n"),
        (
            "PUBLIC_URL",
            "ftp://x",
            "PUBLIC_URL must be a plain address such as https://api.ecommpay.com, not 'ftp://x'.\n",
        ),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_exit_code_2(variable: str, value: str, sentence: str) -> None:
    with _run_local(**{variable: value}) as process:
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out, err) == (2, "", sentence)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_one_sentence_and_exit_code_2(taken_port: int) -> None:
    with _run_local(PORT=str(taken_port)) as process:
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (2, "")
    assert err == f"Port {taken_port} is already in use; set PORT to another one.\n"


@pytest.mark.parametrize("asked_by", [signal.SIGINT, signal.SIGTERM])
def test_the_whole_system_serves_until_it_is_asked_to_stop(asked_by: signal.Signals) -> None:
    with _run_local() as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("Ready: "):
                break
        url = lines[-1].removeprefix("Ready: ")
        assert requests.get(f"{url}openapi.json", timeout=10).status_code == 200
        process.send_signal(asked_by)
        rest, err = process.communicate(timeout=30)

    introduction = "\n".join(lines)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", url)
    assert "2924, 198" in introduction
    assert "arn:aws:states:eu-west-1:123456789012:stateMachine:ecommpay-refund" in introduction
    assert "stepfunctions start-execution" in introduction
    assert (process.returncode, err) == (0, "")
    assert rest.splitlines()[-1] == "Stopping."
