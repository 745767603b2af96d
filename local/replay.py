"""`make replay`: has the replay function of a running `make run` rebuild every payment, page by page.

Prints the differences as JSON, one a line, and `differences: N` last. Exit code 1 when there are some, 2 when nothing
runs at AWS_PORT. `REPAIR=yes` writes the rebuilt payments back; `CURSOR=...` goes on where an earlier run stopped.
"""

import json
import os
import sys
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from local.settings import LOOPBACK, read_settings

FUNCTION = "ReplayFunction"


def main() -> int:
    """Every page; the exit code."""
    settings = read_settings(os.environ)
    session = boto3.session.Session("local", "local", region_name=settings.region)
    address = f"http://{LOOPBACK}:{settings.aws_port}"
    client = session.client("lambda", endpoint_url=address, config=Config(retries={"total_max_attempts": 1}))
    page: dict[str, Any] = {"cursor": os.environ.get("CURSOR") or None, "repair": os.environ.get("REPAIR") == "yes"}
    checked = differences = 0
    while True:
        try:
            answer = json.load(client.invoke(FunctionName=FUNCTION, Payload=json.dumps(page).encode())["Payload"])
        except BotoCoreError as error:
            print(f"Nothing replays at {address}: is `make run` running? ({type(error).__name__})", file=sys.stderr)
            return 2
        if "errorType" in answer:
            print(f"The replay stopped: {answer['errorType']}: {answer['errorMessage']}", file=sys.stderr)
            return 2
        for difference in answer["differences"]:
            print(json.dumps(difference))
        checked += answer["checked"]
        differences += len(answer["differences"])
        if answer["next_cursor"] is None:
            break
        page["cursor"] = answer["next_cursor"]
    print(f"payments: {checked}")
    print(f"differences: {differences}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
