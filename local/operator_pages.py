"""The functions for operators, called beside a running `make run`: once, or page by page until the last one."""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from local.settings import LOOPBACK, read_settings

LONGEST_CALL_S = 900


class Stopped(Exception):
    """It ended before the last page; the text says why and is fit to be shown."""


def answers(function: str, event: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The function's answer for every page, from the event's cursor on.

    Raises `Stopped` when nothing runs at AWS_PORT, and when the function refuses or fails.
    """
    page = dict(event)
    while True:
        answer = only_answer(function, page)
        yield answer
        if answer["next_cursor"] is None:
            return
        page["cursor"] = answer["next_cursor"]


def only_answer(function: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """What the function answers to one call; raises `Stopped` as `answers` does."""
    settings = read_settings(os.environ)
    session = boto3.session.Session("local", "local", region_name=settings.region)
    address = f"http://{LOOPBACK}:{settings.aws_port}"
    # As long as any function may take; an answer that was not waited for would be a call made twice.
    patient = Config(retries={"total_max_attempts": 1}, read_timeout=LONGEST_CALL_S)
    client = session.client("lambda", endpoint_url=address, config=patient)
    try:
        answer: dict[str, Any] = json.load(
            client.invoke(FunctionName=function, Payload=json.dumps(dict(event)).encode())["Payload"]
        )
    except BotoCoreError as error:
        raise Stopped(f"Nothing answers at {address}: is `make run` running? ({type(error).__name__})") from error
    if "errorType" in answer:
        raise Stopped(f"{function} stopped: {answer['errorType']}: {answer['errorMessage']}")
    return answer
