"""Writes openapi.yaml, the API's description for people and client generators, from the code: `make openapi`."""

import json

import yaml

from local.settings import PROJECT_FOLDER
from payments.openapi import describe_api

FILE = PROJECT_FOLDER / "openapi.yaml"
HEAD = "# Made by `make openapi` from layers/payments/payments/openapi; a test compares the two.\n"


def openapi_text() -> str:
    """The text of openapi.yaml."""
    # Through JSON, because YAML would write what two places share as an anchor and its aliases.
    description = json.loads(json.dumps(describe_api()))
    return HEAD + yaml.safe_dump(description, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    FILE.write_text(openapi_text(), encoding="utf-8")
