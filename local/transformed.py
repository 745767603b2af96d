"""The template as CloudFormation is given it: what SAM makes of template.yaml, as JSON on standard output.

Run by the Python of `.venv-sam`, where SAM's own translator lives: it holds back versions that the functions are free
to take, so it stays out of the tests' environment. Code is named by places in a bucket, as after an upload.
"""

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform

from local.cloudformation import load_template

CODE = ("CodeUri", "ContentUri", "DefinitionUri")


class NoManagedPolicies:
    """The translator asks for AWS's managed policies by name; the template uses none."""

    def load(self) -> dict[str, str]:
        """An empty list of them."""
        return {}


def transformed(path: Path) -> dict[str, Any]:
    """The CloudFormation template that the SAM template at `path` stands for, with its parameters' defaults."""
    document = load_template(path)
    for resource in document["Resources"].values():
        properties = resource.get("Properties", {})
        for name in CODE:
            if name in properties:
                properties[name] = {"Bucket": "artifacts", "Key": properties[name]}
    defaults = {name: each["Default"] for name, each in document["Parameters"].items()}
    result: dict[str, Any] = transform(document, defaults, NoManagedPolicies())
    return result


if __name__ == "__main__":
    # It warns that SAM's own service would know more switches than this machine does.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    # Only the names of the partition's services depend on it.
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
    json.dump(transformed(Path(sys.argv[1])), sys.stdout, indent=1)
