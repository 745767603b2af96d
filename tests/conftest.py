"""What a run of the suite tells besides its results: which DynamoDB engines took part, and figures that tests measured.

A test hands in a figure with ``record_property(FIGURE, text)``, and names the engine it ran on under `ENGINE`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from local.catalogues import compile_stale
from tests.support import dynamodb_local
from tests.support.measures import ENGINE, FIGURE, REPLAYED
from tests.support.replays import replayed


def pytest_configure() -> None:
    """The pages of the tests speak the languages of the catalogues as they are now."""
    compile_stale()


def pytest_report_header() -> str:
    reason = dynamodb_local.why_left_out()
    java = f"{dynamodb_local.NAME} on Java {dynamodb_local.java_version()}"
    return f"DynamoDB engines: fake, moto, {f'not DynamoDB Local: {reason}' if reason else java}"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """A system ends after a test, most often after the last one of its module, whose report takes its figure along."""
    if call.when == "teardown":
        item.user_properties.extend((REPLAYED, payments) for payments in replayed())


def pytest_terminal_summary(terminalreporter: Any) -> None:
    ran: Counter[str] = Counter()
    figures: list[str] = []
    ended = [
        int(str(value))
        for report in terminalreporter.stats.get("", ())
        if isinstance(report, pytest.TestReport) and report.when == "teardown"
        for name, value in report.user_properties
        if name == REPLAYED
    ]
    if ended:
        figures.append(
            f"replay of every local system when it ended ({len(ended)}): {sum(ended)} payments, 0 differences"
        )
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
