"""`ECOMMPAY_GATE_URL` names another process that speaks Gate: everything goes to it, and no platform of our own runs."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from local.settings import PROJECT_FOLDER, read_settings
from local.system import LocalSystem
from tests.support.leaks import refuse_leaks
from tests.support.local_system import QUIET_SCHEDULE_MINUTE_S, wait_for
from tests.support.merchant import Merchant
from tests.support.replays import refuse_differences


@pytest.fixture(scope="module")
def platform_url() -> Iterator[str]:
    """The pretend platform alone, in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "local.ecommpay", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=PROJECT_FOLDER, env=os.environ | {"PYTHONPATH": ""}, stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return requests.get(url, timeout=1).ok
        except requests.ConnectionError:
            return False

    try:
        wait_for(answers)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def system(platform_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """The system as `ECOMMPAY_GATE_URL=… make run` starts it."""
    quiet = replace(
        read_settings({"ECOMMPAY_GATE_URL": platform_url}),
        port=0,
        platform_port=0,
        aws_port=0,
        schedule_minute_s=QUIET_SCHEDULE_MINUTE_S,
        run_folder=tmp_path_factory.mktemp("run"),
    )
    with LocalSystem(quiet) as system:
        yield system
        refuse_differences(system)
    refuse_leaks(quiet.run_folder / "functions.log")


@pytest.mark.parametrize(("method", "interface"), [("card-partner", "gate"), ("enets", "payment_page")])
def test_a_payment_made_at_another_platform_succeeds(system: LocalSystem, method: str, interface: str) -> None:
    merchant = Merchant(system)

    paid = merchant.pay(merchant.order(method, interface).json())

    assert system.platform is None
    assert paid["status"] == "succeeded"


def test_a_refund_asked_of_another_platform_settles(system: LocalSystem) -> None:
    merchant = Merchant(system)
    payment_id = merchant.pay(merchant.order().json())["payment_id"]

    assert merchant.refund(payment_id)["output"]["status"] == "succeeded"
