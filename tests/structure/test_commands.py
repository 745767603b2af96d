"""The commands people type: promised ones exist, all explain themselves, and a stage is set up for what it deploys."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib

import pytest

from tests.structure.cloud import template
from tests.structure.sources import ROOT

PROMISED = set("run test bench build trial deploy e2e cost help replay erase redrive close reconcile report".split())


@pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")
def test_make_help_lists_every_command() -> None:
    targets = set(re.findall(r"^\.PHONY: (\w+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert set(re.findall(r"^  make (\w+) +\S", shown.stdout, re.MULTILINE)) == targets
    assert targets >= PROMISED


def test_the_stages_deploy_with_parameters_the_template_has() -> None:
    stages = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    assert {"dev", "staging", "prod"} == set(stages) - {"version"}
    for name in ("dev", "staging", "prod"):
        deploy = stages[name]["deploy"]["parameters"]
        given = dict(each.split("=", 1) for each in deploy["parameter_overrides"].split())
        assert deploy["stack_name"] == f"ecommpay-{name}"
        assert given["Stage"] == name
        assert set(given) <= set(template()["Parameters"])
        assert int(given["LogRetentionDays"]) in template()["Parameters"]["LogRetentionDays"]["AllowedValues"]


def test_the_check_of_the_whole_project_can_be_started() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
