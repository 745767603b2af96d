"""The connections to AWS are few, made late, and give up soon."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

PROGRAM = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
import payments.aws.dead_letters, payments.aws.dynamodb, payments.aws.events, payments.aws.operators, payments.aws.secrets
import payments.aws.step_functions
from payments.aws import clients

services = (
    clients.dynamodb, clients.secrets_manager, clients.step_functions, clients.event_bridge, clients.sns, clients.s3
)
imported = sorted({"boto3", "requests", "pydantic", "aws_lambda_powertools", "ecommpay_signing"} & set(sys.modules))
with ThreadPoolExecutor(8) as pool:
    made = [{id(client) for client in pool.map(lambda _: service(), range(8))} for service in services]
configs = [service().meta.config for service in services]
print(json.dumps({
    "names": [service().meta.service_model.service_name for service in services],
    "made": [len(ids) for ids in made],
    "timeouts": sorted({(config.connect_timeout, config.read_timeout) for config in configs}),
    "retries": [config.retries for config in configs][0],
    "imported": imported,
}))
"""


def test_each_service_has_one_client_that_gives_up_soon() -> None:
    # A process of its own: clients are kept for as long as it lives.
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            "PYTHONPATH": f"{ROOT / 'layers/payments'}",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        },
        capture_output=True,
        check=False,
        timeout=60,
        text=True,
    )

    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == {
        "names": ["dynamodb", "secretsmanager", "stepfunctions", "events", "sns", "s3"],
        "made": [1, 1, 1, 1, 1, 1],
        "timeouts": [[2, 5]],
        "retries": {"mode": "standard", "total_max_attempts": 3},
        "imported": [],
    }
