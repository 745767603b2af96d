"""The operators' page: what it tells, in words as well as in pictures, how small it stays, and that it does nothing."""

from __future__ import annotations

import re
from datetime import date

import pytest

from payments.domain.money import Money
from payments.domain.payment import PaymentKey
from payments.domain.period import Period
from payments.domain.reconciliation import Reason
from payments.look import Look, read_look
from payments.pages import Page
from payments.reports.charts import hour_chart, share
from payments.reports.picture import SHOWN, Hour
from tests.support.page_reader import Document, read
from tests.support.report_samples import (
    LANGUAGES,
    NAIROBI,
    difference,
    draft,
    operation_line,
    payment_line,
    waiting,
    written,
)

HOSTILE = '"><script>alert(1)</script>&'
LARGEST = 50 * 1024


def page(language: str = "en", *, payments: int = 3, look: Look | None = None, hostile: bool = False) -> str:
    """A page with something in every part of it, or with as much as it can hold."""
    name = HOSTILE + "x" * 240 if hostile else "order-1001"
    with draft(language, look=look) as begun:
        for number in range(payments):
            status = ("succeeded", "declined", "refunded")[number % 3]
            paid = Money(0 if status == "declined" else 10_000, "KES")
            begun.add_payment(payment_line(payment_id=name, status=status, paid=paid))
            begun.add_operation(operation_line(payment_id=name, paid=paid if paid.amount else None))
        for number in range(SHOWN + 15 if payments else 0):
            begun.add_open_refund(waiting(number, key=PaymentKey(1, name), refund_id=name))
            begun.add_overdue(waiting(number, key=PaymentKey(1, name), status="processing", refund_id=""))
        if payments:
            begun.compared([198])
            for reason in sorted([*Reason] * 5):
                begun.add_difference(difference(reason, key=PaymentKey(1, name), ours=name, theirs=name))
        return written(begun)["index.html"].decode()


def document(body: str) -> Document:
    return read(Page(200, {}, body))


def test_a_page_tells_every_number_in_words() -> None:
    shown = document(page())

    tiles = [each.inner.strip() for each in shown.all("dd")]
    assert tiles == ["3", "2 67 %", "35", "35", "40 not all compared"]
    rows = ["".join(each.inner.split()) for each in shown.all("tr")]
    for row in (
        "card-partner 3 KES 200.00 KES 0.00 KES 200.00",
        "succeeded 1",
        "declined 1",
        "refunded 1",
        "card-partner 3",
        "20:00 3 2",
        "order-1001 order-1001 awaiting support SGD 26.00 2026-11-21 20:52",
        "order-1001 processing SGD 26.00 2026-11-21 20:52",
        "other amount 5",
        "order-1001 389 other amount order-1001 order-1001",
    ):
        assert "".join(row.split()) in rows
    more = [each.text for each in shown.all("p") if "more" in each.text]
    assert more == ["and 15 more", "and 15 more", "and 20 more"]


def test_a_day_without_payments_is_told_calmly() -> None:
    text = document(page(payments=0)).text

    for sentence in (
        "Payments of 21 November 2026",
        "Times of Africa/Nairobi. Made 2026-11-22 06:00.",
        "No money moved.",
        "No refund is on its way.",
        "No callback is overdue.",
        "This period has not been compared with ECommPay's list of operations.",
    ):
        assert sentence in text
    assert "By hour" not in text


def test_where_not_everything_awaited_was_looked_at_no_number_of_it_is_said_to_be_all() -> None:
    with draft() as begun:
        begun.add_open_refund(waiting())
        begun.not_all_awaited(1000)
        shown = document(written(begun)["index.html"].decode())

    bound = "Only the first 1000 payments that await something were looked at: there may be more."
    assert [each.inner.strip() for each in shown.all("dd")][2:4] == ["1 at least", "0 at least"]
    assert [each.inner.count(bound) for each in shown.all("section")] == [0, 1, 1, 0]
    assert "No callback is overdue." not in shown.text


def differences_of(*lines: int, compared: tuple[int, ...]) -> tuple[str, list[str]]:
    """What the page says of differences, where its lines are of these projects: in the tile and in the section."""
    with draft() as begun:
        for project_id in lines:
            begun.add_payment(payment_line(project_id=project_id))
            begun.add_operation(operation_line(project_id=project_id))
        begun.compared(compared)
        shown = document(written(begun)["index.html"].decode())
    section = next(each for each in shown.all("section") if "Differences from" in each.inner)
    lines_of = [each.strip() for each in section.inner.splitlines()]
    return shown.all("dd")[-1].inner.strip(), [each for each in lines_of if each][1:]


def test_a_period_without_differences_says_that_every_project_of_it_was_compared() -> None:
    assert differences_of(2924, 198, compared=(2924, 198, 77)) == (
        "0",
        ["Projects compared: 77, 198, 2924.", "None: both lists say the same."],
    )


def test_a_project_that_was_not_compared_is_named_and_nothing_is_said_of_its_list() -> None:
    assert differences_of(2924, 198, 77, compared=(2924,)) == (
        "0 not all compared",
        [
            "Projects compared: 2924.",
            "Projects not compared: 77, 198.",
            "None in the projects that were compared.",
        ],
    )


def test_several_days_are_named_by_the_first_and_the_last() -> None:
    with draft(period=Period(date(2026, 11, 1), date(2026, 11, 30), NAIROBI)) as begun:
        assert document(written(begun)["index.html"].decode()).one("h1").text == (
            "Payments from 1 November 2026 to 30 November 2026"
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_small_however_much_there_is_to_show(language: str) -> None:
    assert len(page(language, payments=60, hostile=True).encode()) < LARGEST


def test_nothing_that_somebody_wrote_becomes_a_part_of_the_page() -> None:
    shown = document(page(hostile=True))

    assert (shown.all("script"), [each for each in shown.elements if "onload" in each.attributes]) == ([], [])
    assert any('"><script>' in each.text for each in shown.all("th"))


def test_a_page_loads_nothing_and_leads_only_to_the_files_beside_it() -> None:
    shown = document(page(look=read_look(name="Coffee", logo_url="https://x.example/logo.png", accent="#1f5fae")))

    addresses = [
        each.attributes[name] for each in shown.elements for name in ("src", "href") if name in each.attributes
    ]
    assert addresses == ["report.xlsx", "operations.csv", "payments.csv"]
    assert "url(" not in shown.one("style").text
    policy = next(each for each in shown.all("meta") if each.attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert "#1f5fae" in shown.one("style").text


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_no_sentence_is_left_in_english(language: str) -> None:
    nobodys = re.compile(r"ECommPay|Africa/Nairobi|order-1001|card-partner|[A-Z]{3}|Highland Coffee|[a-z]+\.(xlsx|csv)")
    english, other = (
        {
            nobodys.sub("", each.text).strip()
            for payments in (0, 3)
            for each in document(page(tongue, payments=payments)).elements
            if each.tag != "style"
        }
        for tongue in ("en", language)
    )
    assert len(english) > 50
    assert {each for each in english & other if re.search(r"[^\W\d_]{2,}", each)} == set()


def test_every_chart_has_words_beside_it() -> None:
    shown = document(page())

    pictures = [each for each in shown.all("svg") if each.attributes.get("aria-hidden") != "true"]
    assert [(each.attributes["role"], bool(each.attributes["aria-label"])) for each in pictures] == [("img", True)]
    assert len(shown.all("details")) == 1


def test_columns_of_hours_stand_to_scale() -> None:
    hours = [Hour() for _ in range(24)]
    hours[0], hours[9], hours[23] = Hour(7, 0), Hour(70, 35), Hour(1, 1)

    chart = hour_chart(hours)

    assert chart.lines == ((70.0, 40), (140.0, 80))
    assert [(each.hour, each.whole, each.paid) for each in chart.columns if each.whole] == [
        (0, 12.2, 0.0),
        (9, 122.5, 61.2),
        (23, 1.8, 1.8),
    ]


@pytest.mark.parametrize(
    ("largest", "top"), [(0, 2), (1, 2), (2, 2), (3, 4), (10, 10), (11, 20), (81, 100), (101, 200), (4321, 6000)]
)
def test_the_highest_line_is_a_round_number_above_every_column(largest: int, top: int) -> None:
    assert hour_chart([Hour(largest, 0)] * 24).lines[-1] == (140.0, top)


@pytest.mark.parametrize(("part", "whole", "percent"), [(0, 0, 0), (0, 5, 0), (1, 1000, 1), (1, 3, 33), (5, 5, 100)])
def test_what_is_there_at_all_is_seen(part: int, whole: int, percent: int) -> None:
    assert share(part, whole) == percent
