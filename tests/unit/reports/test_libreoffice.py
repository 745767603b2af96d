"""The workbook and the CSV files open in LibreOffice, where it is installed, and say there what they say here."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from payments.domain.money import Money
from tests.support.report_samples import difference, draft, operation_line, payment_line, written

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
#: Every sheet as CSV of its own, in UTF-8.
EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"


def converted(folder: Path, name: str, kind: str) -> dict[str, list[list[str]]]:
    """The file as LibreOffice reads it: rows by the name of what it wrote."""
    assert OFFICE is not None
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    out = folder / "out"
    subprocess.run(
        [OFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(out), str(folder / name)],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return {path.stem: list(csv.reader(path.read_text("utf-8-sig").splitlines())) for path in sorted(out.glob("*.csv"))}


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed: apt-get install libreoffice-calc-nogui")
def test_a_report_opens_in_libreoffice(tmp_path: Path) -> None:
    with draft() as begun:
        begun.add_payment(payment_line())
        begun.add_operation(operation_line())
        begun.add_operation(operation_line(type="refund", paid=None, returned=Money(500, "KES"), message="=1+1"))
        begun.add_difference(difference())
        for name, content in written(begun).items():
            (tmp_path / name).write_bytes(content)

    sheets = converted(tmp_path, "report.xlsx", EVERY_SHEET)

    assert list(sheets) == ["report-Differences", "report-Operations", "report-Payments", "report-Totals"]
    assert sheets["report-Totals"][1] == ["KES", "card-partner", "1", "1", "1", "100.00", "1", "5.00", "95.00"]
    (_, sale, refund) = sheets["report-Operations"]
    assert (sale[4], sale[8], sale[9], sale[10]) == ("2026-11-21 20:52:03", "100.00", "100.00", "")
    assert (refund[10], refund[13]) == ("5.00", "=1+1")

    (_, _, refund) = converted(tmp_path, "operations.csv", "csv:Text - txt - csv (StarCalc):44,34,76,1")["operations"]
    assert (refund[4], refund[13]) == ("2026-11-21T20:52:03+03:00", "'=1+1")
