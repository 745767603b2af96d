"""What language a page is in, and how that language writes amounts and times."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from babel.numbers import format_currency

from local.catalogues import SPEAKERS
from local.cldr import LOCALES, formats_text
from payments.domain.checkout import KeepWaiting
from payments.domain.money import CURRENCIES, Money, decimals
from payments.pages import render
from payments.pages.wording import Wording, wording_for
from tests.support.page_reader import read
from tests.support.page_samples import CHECKOUT, LANGUAGES, NONCE, SITE, checkout_page

FOLDER = CHECKOUT / "locales"
NOON = datetime(2026, 3, 1, 12, 5, tzinfo=UTC)


def wording(language: str) -> Wording:
    return wording_for(wish=language, accept_language="", locales=FOLDER)


def amount(language: str, money: Money) -> str:
    return re.sub("<[^>]*>", "", wording(language).amount(money))


@pytest.mark.parametrize(
    ("language", "accept_language", "taken"),
    [
        ("sw", "en", "sw"),
        ("SW", "", "sw"),
        ("", "sw", "sw"),
        ("", "sw-KE,sw;q=0.9,en;q=0.8", "sw"),
        ("", "en;q=0.3, sw;q=0.7", "sw"),
        ("", "de, fr;q=0.9, sw;q=0.1", "sw"),
        ("", "sw;q=0, en;q=0.1", "en"),
        ("", "de", "en"),
        ("xx", "sw", "sw"),
        ("../en", "sw", "sw"),
        ("", "swahili", "en"),
        ("", "", "en"),
        ("", "*;q=;;,,\x00" * 100, "en"),
        ("", "ru-RU,ru;q=0.9", "ru"),
        ("", "ms-MY", "ms"),
        ("", "zh-Hans-SG,zh;q=0.9", "zh-Hans"),
    ],
)
def test_the_payment_then_the_browser_choose_the_language(language: str, accept_language: str, taken: str) -> None:
    page = replace(checkout_page(KeepWaiting(returned=False)), language=language)
    document = read(render(page, site=SITE, nonce=NONCE, accept_language=accept_language))
    assert document.one("html").attributes == {"lang": taken, "dir": "ltr"}
    assert (
        document.all("a")[0].text
        == {
            "en": "Check again",
            "ms": "Semak semula",
            "ru": "Проверить ещё раз",
            "sw": "Angalia tena",
            "zh-Hans": "重新查询",
        }[taken]
    )


@pytest.mark.parametrize(
    ("money", "texts"),
    [
        (
            Money(123456789, "KES"),
            ["KES_1,234,567.89", "KES_1,234,567.89", "1_234_567,89_KES", "KES_1,234,567.89", "KES_1,234,567.89"],
        ),
        (Money(5, "USD"), ["USD_0.05", "USD_0.05", "0,05_USD", "USD_0.05", "USD_0.05"]),
        (Money(1500, "JPY"), ["JPY_1,500", "JPY_1,500", "1_500_JPY", "JPY_1,500", "JPY_1,500"]),
        (Money(1500, "KWD"), ["KWD_1.500", "KWD_1.500", "1,500_KWD", "KWD_1.500", "KWD_1.500"]),
        (Money(0, "SGD"), ["SGD_0.00", "SGD_0.00", "0,00_SGD", "SGD_0.00", "SGD_0.00"]),
    ],
    ids=lambda value: str(value) if isinstance(value, Money) else "",
)
def test_an_amount_is_written_as_its_language_writes_it(money: Money, texts: list[str]) -> None:
    shown = [amount(language, money).replace("\N{NO-BREAK SPACE}", "_") for language in LANGUAGES]
    assert shown == texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_currency_is_written_as_cldr_writes_it(language: str) -> None:
    """But for the code, which stands where a sign could mean somebody else's money."""
    code_first = amount(language, Money(1, "KES")).startswith("KES")
    for currency in sorted(CURRENCIES):
        places = decimals(currency)
        number = "#,##0" + ("." + "0" * places if places else "")
        pattern = f"¤¤\N{NO-BREAK SPACE}{number}" if code_first else f"{number}\N{NO-BREAK SPACE}¤¤"
        for minor in (0, 7, 99_999, 1_234_567_890):
            value = Decimal(minor).scaleb(-places)
            told = format_currency(value, currency, pattern, locale=LOCALES[language], currency_digits=False)
            assert amount(language, Money(minor, currency)) == told


@pytest.mark.parametrize(
    ("language", "date_time", "time"),
    [
        ("en", "1 March 2026, 12:05 UTC", "12:05 UTC"),
        ("ms", "1 Mac 2026 12:05\u202fPTG UTC", "12:05\u202fPTG UTC"),
        ("ru", "1 марта 2026\u202fг., 12:05 UTC", "12:05 UTC"),
        ("sw", "1 Machi 2026 12:05 UTC", "12:05 UTC"),
        ("zh", "2026年3月1日 UTC 12:05", "UTC 12:05"),
    ],
)
def test_a_time_is_written_as_its_language_writes_it_with_its_zone(language: str, date_time: str, time: str) -> None:
    assert (wording(language).date_time(NOON), wording(language).time(NOON)) == (date_time, time)


@pytest.mark.parametrize(
    ("hour", "time"),
    [(0, "12:05\u202fPG UTC"), (1, "1:05\u202fPG UTC"), (12, "12:05\u202fPTG UTC"), (13, "1:05\u202fPTG UTC")],
)
def test_a_language_that_counts_to_twelve_says_which_half_of_the_day(hour: int, time: str) -> None:
    assert wording("ms").time(NOON.replace(hour=hour)) == time


def test_the_forms_of_amounts_and_times_are_those_of_cldr() -> None:
    """`make texts` writes them anew."""
    assert {(each.locales / "formats.json").read_text("utf-8") for each in SPEAKERS} == {formats_text()}


def test_parts_of_a_sentence_are_escaped_and_the_sentence_itself_too() -> None:
    hostile: dict[str, Any] = {"host": '"><b>{host}</b>'}
    assert wording("en").say("<i>{host}", **hostile) == "&lt;i&gt;&#34;&gt;&lt;b&gt;{host}&lt;/b&gt;"
    assert wording("en").say("{not a part}") == "{not a part}"
