"""What is installed is exactly what was tried: every version and hash written down, and no place to fetch it from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.structure.sources import ROOT

LAYER = ROOT / "layers/payments/requirements.txt"
REPORT = ROOT / "layers/reports/requirements.txt"
LOCKS = [*sorted((ROOT / "requirements").glob("*.lock")), ROOT / "requirements/bootstrap.txt", LAYER, REPORT]
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)

#: The Lambda runtime brings boto3; the X-Ray SDK would bring it again, and double a cold start.
NOT_IN_THE_LAYER = {"boto3", "botocore", "s3transfer", "aws-xray-sdk"}


def loose_lines(text: str) -> Iterator[str]:
    for requirement in re.split(r"\n(?=\S)", text.strip()):
        if not PINNED.match(requirement) or "--hash=sha256:" not in requirement:
            yield requirement.splitlines()[0]
        if "://" in requirement:
            yield requirement.splitlines()[0]


def versions(text: str) -> set[tuple[str, str]]:
    return set(PINNED.findall(text))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_file_holds_versions_and_hashes_and_no_host(path: Path) -> None:
    assert list(loose_lines(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "requests==2.0.0",
        "requests>=2.0.0 \\\n    --hash=sha256:00",
        "requests @ https://example.com/requests.whl --hash=sha256:00",
        "--index-url https://example.com/simple\nrequests==2.0.0 \\\n    --hash=sha256:00",
    ],
)
def test_a_loose_line_is_seen(text: str) -> None:
    assert list(loose_lines(text))


@pytest.mark.parametrize("path", [LAYER, REPORT], ids=["layer", "report"])
def test_what_is_deployed_has_the_very_versions_the_tests_have(path: Path) -> None:
    tried = (ROOT / "requirements/dev.lock").read_text(encoding="utf-8")
    assert versions(path.read_text(encoding="utf-8")) - versions(tried) == set()


@pytest.mark.parametrize("path", [LAYER, REPORT], ids=["layer", "report"])
def test_what_is_deployed_does_not_bring_what_the_runtime_has(path: Path) -> None:
    assert {name for name, _ in versions(path.read_text(encoding="utf-8"))} & NOT_IN_THE_LAYER == set()


def test_no_other_function_carries_what_the_report_alone_needs() -> None:
    assert {name for name, _ in versions(REPORT.read_text(encoding="utf-8"))} == {"tzdata", "xlsxwriter"}
