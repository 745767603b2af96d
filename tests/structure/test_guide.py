"""README and the deployment guide name only what there is: commands, parameters, outputs, files."""

from __future__ import annotations

import re

import pytest

from local.cloudformation import load_template
from tests.structure.cloud import template
from tests.structure.sources import ROOT

GUIDES = ("README.md", "docs/deployment.md", "docs/operations.md")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
ROLE = load_template(ROOT / ".github/deployment-role.yaml")
#: Variables that `make` is given, and parameters that `aws cloudformation deploy` gives to the role.
OF_MAKE = set(re.findall(r"\$[({](\w+)", MAKEFILE)) | {"CUSTOMER", "PAYMENT", "STATUS", "REASON", "REPAIR", "PROJECT"}
OF_THE_ROLE = set(ROLE["Parameters"])


def text_of(guide: str) -> str:
    return (ROOT / guide).read_text(encoding="utf-8")


def unknown_names(text: str) -> list[str]:
    """Commands, parameters and outputs in a text that nothing of ours answers to."""
    targets = set(re.findall(r"^\.PHONY: (\w+)$", MAKEFILE, re.MULTILINE))
    made = re.findall(r"(?<=[`$ (])make ([a-z]\w*)", "\n".join(code_of(text)))
    given = re.findall(r"\b([A-Z]\w*[a-z]\w*)=(?!=)", "\n".join(code_of(text)))
    told = re.findall(r"\boutput `?([A-Z]\w+)", text)
    parameters = set(template()["Parameters"]) | OF_MAKE | OF_THE_ROLE
    outputs = set(template()["Outputs"]) | set(ROLE["Outputs"])
    unknown = [each for each in made if each not in targets]
    unknown += [each for each in given if each not in parameters]
    return unknown + [each for each in told if each not in outputs]


def code_of(text: str) -> list[str]:
    """What is set as code: whole blocks and words in a line."""
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    rest = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return [*blocks, *(f"`{each}" for each in re.findall(r"`([^`]+)`", rest))]


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_names_only_what_there_is(guide: str) -> None:
    assert unknown_names(text_of(guide)) == []


def test_a_name_that_nothing_answers_to_is_seen() -> None:
    text = "`make deplay STAGE=dev` with `AlarmMail=a@example.com`, then output `CallbackAddress`"
    assert unknown_names(text) == ["deplay", "AlarmMail", "CallbackAddress"]


def test_every_parameter_that_the_guide_explains_is_one() -> None:
    (table,) = re.findall(r"\| parameter \| when \|\n\|---\|---\|\n((?:\|.*\n)+)", text_of("docs/deployment.md"))
    explained = {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert len(explained) > 10
    assert explained - set(template()["Parameters"]) == set()


def test_the_guide_says_everything_that_a_person_needs_to_go_live() -> None:
    headings = re.findall(r"^## (.+)$", text_of("docs/deployment.md"), re.MULTILINE)
    assert headings == [
        "What you need",
        "Five minutes",
        "Your shop's permission",
        "Settings",
        "Several shops, several stages",
        "Changing a key",
        "Going live",
        "A new version",
        "By GitHub Actions",
        "Removing a stack, not the ledger",
        "What it costs",
    ]


def test_what_the_guide_calls_retained_is() -> None:
    kept = {name for name, each in template()["Resources"].items() if each.get("DeletionPolicy") == "Retain"}
    expected = {"PaymentsTable", "ProjectsSecret", "DeadLetterBucket", "DeadLetterBucketPolicy", "DeadLetterQueue"}
    expected |= {"ReportBucket", "ReportBucketPolicy"}
    assert kept == expected
