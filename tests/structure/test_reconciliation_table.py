"""README tells exactly the reasons of a difference that the code knows, and settings that there are."""

from __future__ import annotations

import re

from payments.domain.reconciliation import Reason
from payments.usecases.reconcile import EVENT, FRESH
from tests.structure.cloud import template
from tests.structure.needs import variables
from tests.structure.sources import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = README.split("\n## Reconciliation\n")[1].split("\n## ")[0]


def first_cells(head: str) -> list[str]:
    rows = SECTION.split(head)[1].split("\n\n")[0].splitlines()[2:]
    return [row.strip("|").split("|")[0].strip() for row in rows]


def test_the_reasons_in_readme_are_those_of_the_code() -> None:
    assert first_cells("| reason | it means | what happens |") == [f"`{reason}`" for reason in Reason]


def test_the_settings_in_readme_are_parameters_and_variables_that_there_are() -> None:
    words = {word for cell in first_cells("| setting | default | meaning |") for word in re.findall(r"`(\w+)`", cell)}
    known = {name for names in variables().values() for name in names}

    assert words - set(template()["Parameters"]) - known == set()
    assert {"EcommpayDataApiUrl", "DATA_API_INTERVAL_KEYS", "ReportTimeZone"} <= words


def test_the_event_and_the_alarms_in_readme_are_those_of_the_code() -> None:
    named = set(re.findall(r"`(Reconciliation\w+)`", SECTION))
    counted = set(
        re.findall(r'"(Reconciliation\w+)"', (ROOT / "layers/payments/payments/observability.py").read_text())
    )

    assert named == {EVENT, *counted}


def test_the_bucket_forgets_no_page_of_a_run_that_may_still_go_on_from_it() -> None:
    rules = template()["Resources"]["ReportBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (kept,) = (each["ExpirationInDays"] for each in rules if each.get("Prefix") == "progress/")

    assert FRESH.days < kept
