"""When the provider may be asked for the sake of a customer who waits: late enough, rarely, and not for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from payments.domain.journey import Journey, is_question_due
from tests.unit.domain.told import NOON, at

PATIENCE = timedelta(seconds=20)
BACK = Journey(returned_at=at(100))


@pytest.mark.parametrize(
    ("journey", "ordered", "earliest"),
    [
        (BACK, 0, 120),
        (BACK, 115, 125),
        (replace(BACK, asked_at=at(60)), 0, 120),
        (replace(BACK, asked_at=at(95)), 0, 125),
        (replace(BACK, asked_at=at(120), questions=1), 0, 150),
        (replace(BACK, asked_at=at(120), questions=9), 0, 150),
        (replace(BACK, answering_since=at(112)), 0, 122),
        (replace(BACK, answering_since=at(20)), 0, 120),
    ],
    ids=[
        "after the patience",
        "10 s after the sale",
        "asked long before",
        "the schedule asked just before",
        "30 s after the last question",
        "up to the last question",
        "10 s after an answer",
        "an answer long before",
    ],
)
def test_the_provider_is_asked_at_this_moment_and_not_before(journey: Journey, ordered: float, earliest: float) -> None:
    def due(seconds: float) -> bool:
        return is_question_due(journey, ordered_at=at(ordered), patience=PATIENCE, now=at(seconds))

    assert (due(earliest - 0.001), due(earliest)) == (False, True)


@pytest.mark.parametrize(
    "journey",
    [Journey(), Journey(asked_at=NOON, questions=3), replace(BACK, questions=10)],
    ids=["never came back", "is on the way again", "was asked for often enough"],
)
def test_for_some_customers_the_provider_is_never_asked(journey: Journey) -> None:
    assert not is_question_due(journey, ordered_at=NOON, patience=PATIENCE, now=at(10**6))


def test_only_the_first_return_counts_and_being_sent_on_begins_anew() -> None:
    back = Journey(sent_on="one").back(now=at(5)).back(now=at(50))
    assert back == Journey(sent_on="one", returned_at=at(5))

    asked = back.asked(now=at(60)).asked(now=at(90))
    assert asked == Journey(sent_on="one", returned_at=at(5), asked_at=at(90), questions=2)
    assert asked.sent("two") == Journey(sent_on="two", returned_at=None, asked_at=at(90), questions=2)


@pytest.mark.parametrize(
    ("journey", "is_open"),
    [
        (Journey(), False),
        (Journey(asked_at=at(200)), False),
        (BACK, False),
        (replace(BACK, asked_at=at(99)), False),
        (replace(BACK, asked_at=at(100)), True),
        (replace(BACK, questions=10), True),
    ],
)
def test_a_way_is_still_open_when_the_provider_was_asked_after_the_return(journey: Journey, is_open: bool) -> None:
    assert journey.is_still_open is is_open


@pytest.mark.parametrize(("seconds", "is_on_its_way"), [(0, True), (59.9, True), (60, False)])
def test_an_answer_is_on_its_way_for_a_minute(seconds: float, is_on_its_way: bool) -> None:
    journey = Journey(answering="d1", answering_since=NOON)

    assert journey.is_answering("d1", now=at(seconds)) is is_on_its_way
    assert not journey.is_answering("d2", now=at(seconds))
    assert not Journey().is_answering("", now=at(seconds))
