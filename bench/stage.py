"""Where functions are measured: the built ones, beside a local AWS, on the best DynamoDB engine this machine has."""

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.verify_callback import CALLBACK
from ecommpay_signing import sign
from local.artifacts import Artifacts, lay_out
from local.settings import DEMO_PROJECTS, PROJECT_FOLDER, LocalSettings
from local.system import LocalSystem
from payments.aws.dynamodb import DynamoStore
from tests.contract.store.values import payment
from tests.support import dynamodb_local

RUNTIME_PYTHON = PROJECT_FOLDER / ".venv-runtime" / "bin" / "python"
PROJECT_ID = 2924
SECRET_KEY: str = DEMO_PROJECTS[str(PROJECT_ID)]["secret_keys"][0]
RESTING_S = 3600.0
#: Like the system's own, but nobody follows its stream: what functions do with that is no part of any figure here.
TABLE = "bench"


@dataclass(frozen=True)
class Stage:
    """A running local system and what was built."""

    system: LocalSystem
    engine: str
    artifacts: Artifacts
    folder: Path

    def order(self, payment_id: str) -> None:
        """Store a payment that waits for its callback."""
        DynamoStore(self.system.connect("dynamodb"), TABLE).save(payment(payment_id, PROJECT_ID))


@contextlib.contextmanager
def running_stage() -> Iterator[Stage]:
    """A stage of its own, on free ports; DynamoDB Local where there is one, moto's engine elsewhere."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        endpoint, engine = None, "moto"
        if dynamodb_local.why_left_out() is None:
            endpoint = stack.enter_context(dynamodb_local.running_dynamodb_local())
            engine = dynamodb_local.NAME
        settings = LocalSettings(
            port=0,
            platform_port=0,
            aws_port=0,
            schedule_minute_s=RESTING_S,
            dynamodb_endpoint=endpoint,
            run_folder=folder / "run",
        )
        system = stack.enter_context(LocalSystem(settings))
        system.connect("dynamodb").create_table(TableName=TABLE, **system.template.tables[0].request)
        artifacts = lay_out(PROJECT_FOLDER / ".aws-sam" / "build-trial", folder / "artifacts")
        yield Stage(system, engine, artifacts, folder)


def callback_event(payment_id: str, status: str = "success", seconds: int = 0) -> dict[str, Any]:
    """API Gateway's event of an ordinary callback about this payment, told so many seconds after the first."""
    date, money = f"2026-11-21T17:52:{seconds:02}+0000", {"amount": 10000, "currency": "KES"}
    told = {"status": status, "date": date}
    message: Mapping[str, Any] = {
        **CALLBACK,
        "project_id": PROJECT_ID,
        "payment": {**CALLBACK["payment"], "id": payment_id, "sum": money, **told},
        "operation": {**CALLBACK["operation"], "sum_initial": money, "sum_converted": money, **told},
    }
    return {
        "version": "2.0",
        "routeKey": "POST /callbacks/ecommpay",
        "rawPath": "/callbacks/ecommpay",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "localhost"},
        "requestContext": {
            "requestId": f"bench-{payment_id}",
            "domainName": "localhost",
            "http": {"method": "POST", "path": "/callbacks/ecommpay", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
        },
        "body": json.dumps({**message, "signature": sign(message, SECRET_KEY)}, separators=(",", ":")),
        "isBase64Encoded": False,
    }
