"""Writes openapi.yaml, the API's description for people and client generators, from the code: `make openapi`."""

import yaml

from local.settings import PROJECT_FOLDER
from payments.openapi import describe_api

FILE = PROJECT_FOLDER / "openapi.yaml"
HEAD = "# Made by `make openapi` from layers/payments/payments/openapi; a test compares the two.\n"


class _PlainDumper(yaml.SafeDumper):
    """YAML without anchors: what is used twice is written twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def openapi_text() -> str:
    """The text of openapi.yaml."""
    return HEAD + yaml.dump(describe_api(), Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    FILE.write_text(openapi_text(), encoding="utf-8")
