"""The template as CloudFormation is given it, for tests of what SAM adds: roles, versions, aliases, deployments."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from typing import Any

from tests.structure.sources import ROOT

PYTHON = ROOT / ".venv-sam/bin/python"


@cache
def deployed() -> dict[str, Any]:
    """The transformed template, made by SAM's own translator, which `make template` installs."""
    assert PYTHON.exists(), "SAM is not installed here yet; run: make template"
    made = subprocess.run(
        [PYTHON, "-m", "local.transformed", "template.yaml"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    document: dict[str, Any] = json.loads(made.stdout)
    return document


def resources(kind: str) -> dict[str, Any]:
    """Logical id → the resource, of one type."""
    return {name: each for name, each in deployed()["Resources"].items() if each["Type"] == kind}
