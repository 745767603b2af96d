"""CSV files of a report, read back whole: what is in them, and that no cell can do anything."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from payments.domain.money import Money
from payments.reports.csv_file import CsvFile, harmless
from payments.reports.tables import OPERATIONS, PAYMENTS, Table
from tests.support.report_samples import EVENING, LANGUAGES, operation_line, payment_line, words

#: How a formula begins, in letters of full width too.
SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def written(folder: Path, table: Table, *lines: Any, language: str = "en") -> bytes:
    path = folder / "table.csv"
    with CsvFile(path, table, words=words(language)) as file:
        for line in lines:
            file.add(line)
    return path.read_bytes()


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def test_operations_are_written_like_this(tmp_path: Path) -> None:
    refund = operation_line(operation_id="391", refund_id="rf-1", type="refund", paid=None, returned=Money(500, "KES"))

    assert written(tmp_path, OPERATIONS, operation_line(), refund) == (
        b"\xef\xbb\xbfProject,Payment,Operation,Refund,Time (Africa/Nairobi),Type,Status,Method,Amount,Paid,Returned,"
        b"Currency,Code,Message,Request\r\n"
        b"2924,order-1001,389,,2026-11-21T20:52:03+03:00,sale,success,card-partner,100.00,100.00,,KES,0,Success,"
        b"request-1\r\n"
        b"2924,order-1001,391,rf-1,2026-11-21T20:52:03+03:00,refund,success,card-partner,100.00,,5.00,KES,0,Success,"
        b"request-1\r\n"
    )


def test_payments_are_written_like_this(tmp_path: Path) -> None:
    assert written(tmp_path, PAYMENTS, payment_line()) == (
        b"\xef\xbb\xbfProject,Payment,Created (Africa/Nairobi),Method,Interface,Status,ECommPay's status,Amount,Paid,"
        b"Returned,Currency,Last change (Africa/Nairobi),Code,Message\r\n"
        b"2924,order-1001,2026-11-21T20:52:03+03:00,card-partner,gate,succeeded,success,100.00,100.00,0.00,KES,"
        b"2026-11-21T20:53:03+03:00,,\r\n"
    )


def test_an_empty_table_has_its_headings(tmp_path: Path) -> None:
    assert len(rows(written(tmp_path, PAYMENTS))) == 1


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(1_000, "JPY"), "1000"),
        (Money(1_000, "KWD"), "1.000"),
        (Money(5, "KES"), "0.05"),
        (Money(999_999_999_999, "KES"), "9999999999.99"),
        (None, ""),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(tmp_path: Path, money: Money | None, text: str) -> None:
    (_, row) = rows(written(tmp_path, OPERATIONS, operation_line(money=money, paid=None)))

    assert (row[8], row[11]) == (text, money.currency if money else "")


@pytest.mark.parametrize(
    ("text", "harmless_text"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        (" =1", " '=1"),
        ("\0=1", "\0'=1"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\n1", "'\n1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20A", "'\uff20A"),
        ("x;=1+1", "x;'=1+1"),
        ("x,@A", "x,'@A"),
        ("x\t\uff1d1", "x\t'\uff1d1"),
        ("x\r\n-1", "x\r\n'-1"),
        ('x;"=1', "x;\"'=1"),
        ('x; " \u3000+1', "x; \" \u3000'+1"),
        ("x;\t1;=2", "x;'\t1;'=2"),
        ('=1+2";=1+2', "'=1+2\";'=1+2"),
    ],
)
def test_what_a_spreadsheet_would_take_for_a_formula_is_made_text(
    tmp_path: Path, text: str, harmless_text: str
) -> None:
    line = operation_line(payment_id=text, operation_id=text, status=text, code=text, message=text, request_id=text)

    (_, row) = rows(written(tmp_path, OPERATIONS, line))

    assert [row[place] for place in (1, 2, 6, 12, 13, 14)] == [harmless_text] * 6


#: Texts made of little else than what separates cells, what is not seen, and what begins a formula.
TEXTS = st.text(st.sampled_from("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n,;\"' \0\u3000a1") | st.characters(codec="utf-8"))


@settings(deadline=None)
@given(lines=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4), separator=st.sampled_from(",;\t"))
@example(lines=[("x;=1+1", "\t=1", 'x;"=1')], separator=";")
def test_no_cell_begins_a_formula_wherever_a_spreadsheet_splits(
    lines: list[tuple[str, str, str]], separator: str
) -> None:
    told = [operation_line(payment_id=one, message=two, request_id=three) for one, two, three in lines]
    with TemporaryDirectory() as folder:
        content = written(Path(folder), OPERATIONS, *told).decode("utf-8-sig")

    cells = [cell for row in csv.reader(io.StringIO(content, newline=""), delimiter=separator) for cell in row]

    seen = [cell.lstrip("".join(map(chr, range(33))) + "\u3000") for cell in cells]
    assert [cell for cell in seen if cell.startswith(SIGNS)] == []
    assert [cell for cell in cells if cell.startswith("\t")] == []


@settings(deadline=None)
@given(text=TEXTS)
def test_only_apostrophes_are_added(text: str) -> None:
    made = harmless(text)
    left = iter(made)

    assert all(letter in left for letter in text)  # in the same order
    assert made.replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize(
    "text",
    ["a=1", "1-1", "", "order-1001", "rf-1", "'=1", "no funds - try again", "a; b, c", "a\r\nb", "a@b.example", "1;2"],
)
def test_what_is_no_formula_is_left_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_a_long_run_of_letters_that_are_not_seen_is_read_once_and_not_in_every_way_it_can_be_split() -> None:
    unseen = "".join(map(chr, (*range(9), 11, 12, *range(14, 33), 0x85, 0xA0, 0x3000))) * 8

    assert harmless(f"{unseen}a") == f"{unseen}a"
    assert harmless(f"a;{unseen}=1") == f"a;{unseen}'=1"


def test_an_amount_below_zero_stays_a_number(tmp_path: Path) -> None:
    (_, row) = rows(written(tmp_path, OPERATIONS, operation_line(returned=Money(-500, "KES"))))

    assert row[10] == "-5.00"


def test_a_cell_with_a_separator_of_another_reader_is_quoted(tmp_path: Path) -> None:
    assert b',"a;b","c\td"\r\n' in written(tmp_path, OPERATIONS, operation_line(message="a;b", request_id="c\td"))


@pytest.mark.parametrize("text", ['say "yes", or\r\nno', "付款 — Платёж, ₸", "\u2028", "a;b\tc"])
def test_any_text_comes_back(tmp_path: Path, text: str) -> None:
    assert rows(written(tmp_path, OPERATIONS, operation_line(message=text)))[1][13] == text


def test_half_a_surrogate_pair_does_not_end_a_report(tmp_path: Path) -> None:
    assert rows(written(tmp_path, OPERATIONS, operation_line(message="a\ud83d")))[1][13] == "a?"


def test_headings_are_in_the_merchants_language(tmp_path: Path) -> None:
    said = {language: rows(written(tmp_path, OPERATIONS, language=language))[0][8] for language in LANGUAGES}

    assert said == {"en": "Amount", "ms": "Amaun", "ru": "Сумма", "sw": "Kiasi", "zh": "金额"}


def test_words_of_the_api_are_the_same_in_every_language(tmp_path: Path) -> None:
    assert len({str(rows(written(tmp_path, PAYMENTS, payment_line(), language=each))[1:]) for each in LANGUAGES}) == 1
    assert payment_line().created_at == EVENING
