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
#: One sheet as CSV, in UTF-8.
KIND = "csv:Text - txt - csv (StarCalc):44,34,76,1"


def converted(folder: Path, name: str, kind: str, *, reading: str = "") -> dict[str, list[list[str]]]:
    """The file as LibreOffice reads it, by those of its options: rows by the name of what it wrote."""
    assert OFFICE is not None
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    out = folder / "out"
    options = [f"--infilter={reading}"] if reading else []
    subprocess.run(
        [OFFICE, profile, "--headless", *options, "--convert-to", kind, "--outdir", str(out), str(folder / name)],
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

    (_, _, refund) = converted(tmp_path, "operations.csv", KIND)["operations"]
    assert (refund[4], refund[13]) == ("2026-11-21T20:52:03+03:00", "'=1+1")


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed: apt-get install libreoffice-calc-nogui")
@pytest.mark.parametrize("separators", ["44", "59", "9", "44/59/9"])
def test_libreoffice_reckons_nothing_wherever_it_splits(tmp_path: Path, separators: str) -> None:
    texts = (
        "=1111+1111",
        "x;=1111+1111",
        'x;"=1111+1111',
        "x\t=1111+1111",
        "x\n=1111+1111",
        "\t=1111+1111",
        " =1111+1111",
    )
    with draft() as begun:
        for text in texts:
            begun.add_operation(operation_line(message=text))
        (tmp_path / "operations.csv").write_bytes(written(begun)["operations.csv"])

    read = converted(tmp_path, "operations.csv", KIND, reading=f"CSV:{separators},34,76,1")["operations"]

    cells = [cell for row in read for cell in row]
    assert [cell for cell in cells if "2222" in cell] == []
    assert sum("'=1111+1111" in cell for cell in cells) == len(texts)
