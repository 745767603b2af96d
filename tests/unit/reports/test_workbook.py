"""The workbook of a report, read back whole: its sheets, and that numbers are numbers and times are times."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from payments.domain.money import Money
from payments.domain.reconciliation import Reason
from payments.reports import workbook as workbook_module
from payments.reports.tables import OPERATIONS, SHEETS
from payments.reports.workbook import Workbook
from tests.support.report_samples import (
    LANGUAGES,
    MADE_AT,
    difference,
    draft,
    operation_line,
    payment_line,
    words,
    written,
)


def book(language: str = "en") -> Any:
    """A small report, as a spreadsheet reads it."""
    with draft(language) as begun:
        begun.add_payment(payment_line())
        begun.add_operation(operation_line())
        returned = Money(500, "KES")
        begun.add_operation(operation_line(operation_id="391", type="refund", paid=None, returned=returned))
        begun.add_operation(operation_line(method="yen", money=Money(7, "JPY"), paid=Money(7, "JPY")))
        begun.add_difference(difference(Reason.LATE, repaired=True))
        return openpyxl.load_workbook(io.BytesIO(written(begun)["report.xlsx"]))


def values(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def test_a_report_has_these_sheets_and_cells() -> None:
    report = book()
    evening = datetime.fromisoformat("2026-11-21T20:52:03")

    assert report.sheetnames == ["Totals", "Operations", "Payments", "Differences"]
    assert values(report["Totals"]) == [
        ("Currency", "Method", "Payments", "Of them paid", "Sales", "Paid", "Returns", "Returned", "Net"),
        ("JPY", "yen", 0, 0, 1, 7, 0, 0, 7),
        ("KES", "card-partner", 1, 1, 1, 100, 1, 5, 95),
    ]
    assert values(report["Operations"])[1:] == [
        (
            2924,
            "order-1001",
            "389",
            None,
            evening,
            "sale",
            "success",
            "card-partner",
            100,
            100,
            None,
            "KES",
            "0",
            "Success",
            "request-1",
        ),
        (
            2924,
            "order-1001",
            "391",
            None,
            evening,
            "refund",
            "success",
            "card-partner",
            100,
            None,
            5,
            "KES",
            "0",
            "Success",
            "request-1",
        ),
        (
            2924,
            "order-1001",
            "389",
            None,
            evening,
            "sale",
            "success",
            "yen",
            7,
            7,
            None,
            "JPY",
            "0",
            "Success",
            "request-1",
        ),
    ]
    assert values(report["Payments"])[1:] == [
        (
            2924,
            "order-1001",
            evening,
            "card-partner",
            "gate",
            "succeeded",
            "success",
            100,
            100,
            0,
            "KES",
            datetime.fromisoformat("2026-11-21T20:53:03"),
            None,
            None,
        ),
    ]
    assert values(report["Differences"])[1:] == [
        (
            "late",
            2924,
            "order-1001",
            "389",
            evening,
            "sale success 100.00 KES",
            "sale success 110.00 KES",
            10,
            "KES",
            "yes",
        ),
    ]


def test_amounts_and_times_are_shown_as_such() -> None:
    sheet = book()["Operations"]

    forms = {sheet.cell(row, column).number_format for row in (2, 3) for column in (9, 10)}
    assert forms == {"#,##0.00", "General"}  # the refund paid nothing
    assert sheet.cell(4, 9).number_format == "#,##0"
    assert (sheet.cell(2, 5).number_format, sheet.cell(2, 5).is_date) == ("yyyy-mm-dd hh:mm:ss", True)
    assert sheet.cell(1, 5).value == "Time (Africa/Nairobi)"


def test_headings_stay_in_sight_and_can_be_filtered_by() -> None:
    for sheet in book():
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(each.font.bold for each in sheet[1])


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "{=1+1}",
        "+1",
        "-1",
        "@SUM(A1)",
        "=cmd|' /C calc'!A0",
        "\t=1",
        "\uff1d1",
        "x;=1+1",
        "0123",
        "1e5",
        "true",
        "https://shop.example/",
    ],
)
def test_text_stays_text_whatever_it_begins_with(text: str) -> None:
    with draft() as begun:
        begun.add_operation(operation_line(payment_id=text, message=text))
        begun.add_difference(difference(ours=text))
        report = openpyxl.load_workbook(io.BytesIO(written(begun)["report.xlsx"]))

    cells = report["Operations"]["B2"], report["Operations"]["N2"], report["Differences"]["F2"]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [(text, "s", None)] * 3


@pytest.mark.parametrize(
    ("text", "read"), [("a\ud83d", "a?"), ("x" * 40_000, "x" * 32_767), ("付款\u2028Платёж", "付款\u2028Платёж")]
)
def test_any_text_can_be_written(text: str, read: str) -> None:
    with draft() as begun:
        begun.add_operation(operation_line(message=text))
        sheet = openpyxl.load_workbook(io.BytesIO(written(begun)["report.xlsx"]))["Operations"]

    assert sheet["N2"].value == read


@pytest.mark.parametrize("amount", [1, 3, 999_999_999_999, 123_456_789_012_345])
def test_the_largest_amounts_are_exact_to_the_minor_unit(amount: int) -> None:
    with draft() as begun:
        begun.add_operation(operation_line(money=Money(amount, "KES")))
        sheet = openpyxl.load_workbook(io.BytesIO(written(begun)["report.xlsx"]))["Operations"]

    assert round(sheet["I2"].value * 100) == amount


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_and_headings_are_in_the_merchants_language(language: str) -> None:
    report = book(language)

    said = [[words(language).heading(column) for column in table.columns] for table in SHEETS]
    assert [list(values(sheet)[0]) for sheet in report] == said
    assert (len(set(report.sheetnames)), max(map(len, report.sheetnames)) <= 31) == (4, True)


def test_rows_beyond_what_a_sheet_holds_go_on_in_a_second_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_module, "_MOST_ROWS", 3)
    with Workbook(tmp_path / "report.xlsx", (OPERATIONS,), words=words(), made_at=MADE_AT) as report:
        for number in range(5):
            report.add(OPERATIONS, operation_line(operation_id=str(number)))

    read = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert {sheet.title: [row[2] for row in values(sheet)] for sheet in read} == {
        "Operations": ["Operation", "0", "1"],
        "Operations 2": ["Operation", "2", "3"],
        "Operations 3": ["Operation", "4"],
    }
