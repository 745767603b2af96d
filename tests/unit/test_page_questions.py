"""The page that asks for missing data: exactly the fields asked for, each with what helps to fill it in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payments.domain.checkout import AskFor, Problem
from payments.pages.fields import INPUTS
from tests.support.page_reader import Document, read
from tests.support.page_samples import ASKING, shown

EVERY_FIELD = tuple(f"customer.{name}" for name in INPUTS)
TOO_LATE = (
    "The time for this ended at 17:52 UTC. If your details are not accepted any more, go back to the shop and start "
    "again."
)


def labels(document: Document) -> list[tuple[str | None, str]]:
    return [(label.attributes["for"], label.text) for label in document.all("label")]


def test_the_question_has_exactly_the_fields_asked_for() -> None:
    document = read(shown(AskFor(("customer.email", "customer.phone", "billing.city", "customer.identify.tax_number"))))
    assert document.one("form").attributes == {
        "method": "post",
        "action": "/checkout/t0ken/clarification",
        "accept-charset": "utf-8",
    }
    assert labels(document) == [
        ("field-1", "E-mail"),
        ("field-2", "Phone"),
        ("field-3", "City (billing address)"),
        ("field-4", "Identify tax number"),
    ]
    assert [e.attributes for e in document.all("input")] == [
        {
            "id": "field-1",
            "name": "customer.email",
            "type": "email",
            "autocomplete": "email",
            "maxlength": "255",
            "required": None,
        },
        {
            "id": "field-2",
            "name": "customer.phone",
            "type": "tel",
            "autocomplete": "tel",
            "maxlength": "32",
            "aria-describedby": "hint-2",
            "required": None,
        },
        {
            "id": "field-3",
            "name": "billing.city",
            "type": "text",
            "autocomplete": "billing address-level2",
            "maxlength": "255",
            "required": None,
        },
        {
            "id": "field-4",
            "name": "customer.identify.tax_number",
            "type": "text",
            "maxlength": "255",
            "required": None,
        },
    ]
    assert document.role("alert") == []


def test_every_known_field_has_a_label_of_its_own() -> None:
    document = read(shown(AskFor(EVERY_FIELD)))
    assert [label for _, label in labels(document)] == [
        "E-mail",
        "Phone",
        "Home phone",
        "Work phone",
        "First name",
        "Middle name",
        "Last name",
        "Full name",
        "Full name",
        "Name on the card",
        "Address",
        "Street",
        "Building",
        "District",
        "City",
        "State or region",
        "State or region",
        "Postal code",
        "Postal code",
        "Postal code",
        "Postal code",
        "Country",
        "Place of birth",
        "Date of birth",
        "Document number",
        "Document type",
        "Date of issue",
        "Issued by",
    ]


def test_a_date_and_a_country_say_how_they_are_written() -> None:
    document = read(shown(AskFor(("customer.day_of_birth", "shipping.country"))))
    assert [e.attributes for e in document.all("input")] == [
        {
            "id": "field-1",
            "name": "customer.day_of_birth",
            "type": "text",
            "inputmode": "numeric",
            "pattern": "[0-9]{2}-[0-9]{2}-[0-9]{4}",
            "maxlength": "10",
            "aria-describedby": "hint-1",
            "required": None,
        },
        {
            "id": "field-2",
            "name": "shipping.country",
            "type": "text",
            "autocomplete": "shipping country",
            "pattern": "[A-Za-z]{2}",
            "maxlength": "2",
            "aria-describedby": "hint-2",
            "required": None,
        },
    ]
    hints = [(e.attributes["id"], e.text) for e in document.all("p") if e.attributes.get("class") == "hint"]
    assert hints == [("hint-1", "Day, month and year, such as 21-11-1990"), ("hint-2", "Two letters, such as KE")]
    assert labels(document)[1] == ("field-2", "Country (delivery address)")


@pytest.mark.parametrize(
    ("wrong", "described", "invalid"),
    [
        ((), ["problem", "problem hint-2", "problem"], []),
        (("customer.phone",), [None, "problem hint-2", None], ["customer.phone"]),
    ],
    ids=["all of them", "one of them"],
)
def test_why_an_answer_was_not_taken_is_announced_and_tied_to_the_fields_it_is_about(
    wrong: tuple[str, ...], described: list[str | None], invalid: list[str]
) -> None:
    document = read(shown(replace(ASKING, problem=Problem.REJECTED, wrong=wrong)))
    (alert,) = document.role("alert")
    assert (alert.attributes["id"], alert.text) == (
        "problem",
        "These data were not accepted. Please check them and try again.",
    )
    inputs = [e.attributes for e in document.all("input")]
    assert [each.get("aria-describedby") for each in inputs] == described
    assert [each["name"] for each in inputs if each.get("aria-invalid") == "true"] == invalid
    assert [each["name"] for each in inputs if "autofocus" in each] == (invalid or ["customer.email"])


@pytest.mark.parametrize(
    ("language", "minutes", "sentence"),
    [
        ("en", 24, "You have 24 minutes left, until 17:52 UTC."),
        ("en", 1, "You have 1 minute left, until 17:52 UTC."),
        ("ru", 1, "У вас осталась 1 минута, до 17:52 UTC."),
        ("ru", 24, "У вас осталось 24 минуты, до 17:52 UTC."),
        ("ru", 30, "У вас осталось 30 минут, до 17:52 UTC."),
        ("sw", 24, "Umebakiwa na dakika 24, hadi saa 17:52 UTC."),
        ("zh", 24, "您还有 24 分钟（截至 UTC 17:52）。"),
        ("ms", 24, "Anda ada 24 minit lagi, sehingga 5:52\u202fPTG UTC."),
        (
            "en",
            0,
            TOO_LATE,
        ),
    ],
)
def test_the_customer_is_told_how_long_the_answer_is_waited_for(language: str, minutes: int, sentence: str) -> None:
    document = read(shown(replace(ASKING, minutes_left=minutes), language=language))
    assert [e.text for e in document.all("p") if e.attributes.get("class") == "until"] == [sentence]
