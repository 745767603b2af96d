"""What a run of the suite tells besides its results: which DynamoDB engines took part, and figures that tests measured.

A test hands in a figure with ``record_property(FIGURE, text)``, and names the engine it ran on under `ENGINE`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.support import dynamodb_local
from tests.support.measures import ENGINE, FIGURE


def pytest_report_header() -> str:
    reason = dynamodb_local.why_left_out()
    java = f"{dynamodb_local.NAME} on Java {dynamodb_local.java_version()}"
    return f"DynamoDB engines: fake, moto, {f'not DynamoDB Local: {reason}' if reason else java}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    ran: Counter[str] = Counter()
    figures: list[str] = []
    for report in (each for outcome in ("passed", "failed") for each in terminalreporter.stats.get(outcome, ())):
        if isinstance(report, pytest.TestReport) and report.when == "call":
            ran.update(str(value) for name, value in report.user_properties if name == ENGINE)
            figures.extend(str(value) for name, value in report.user_properties if name == FIGURE)
    if not ran and not figures:
        return
    terminalreporter.section("figures")
    for line in sorted(figures):
        terminalreporter.line(line)
    if ran:
        engines = ", ".join(f"{name} {count} tests" for name, count in sorted(ran.items()))
        terminalreporter.line(f"DynamoDB engines that ran: {engines}")
    reason = dynamodb_local.why_left_out()
    if reason is not None:
        terminalreporter.line(f"DynamoDB Local did not run: {reason}")
