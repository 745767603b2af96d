"""Callbacks and status answers as our own rules understand them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.domain.money import Money
from payments.domain.provider_state import NO_DATE, Operation, Outcome, Pointer, Report, Standing, Word
from payments.gate.messages import (
    asked_fields,
    message_key,
    redirect_target,
    report,
    unknown_words,
)
from payments.gate.scalars import date_of
from tests.unit.gate.odd_shapes import JSON, SAMPLES, places
from tests.unit.gate.samples import (
    DIGEST,
    clarification_callback,
    redirect_callback,
    sale_callback,
    status_answer,
)

SALE = Operation(
    key="389",
    operation_id="389",
    kind="sale",
    type="sale",
    status="success",
    outcome=Outcome.SUCCEEDED,
    money=Money(1000, "KES"),
    code="0",
    message="Success",
    request_id="0be9d6d5-00000001",
    date=datetime(2026, 11, 21, 10, 4, 19, tzinfo=UTC),
    created=datetime(2026, 11, 21, 10, 3, 5, tzinfo=UTC),
    digest=DIGEST,
)
PAID = Word(
    standing=Standing.PAID,
    status="success",
    money=Money(1000, "KES"),
    method="Card partner",
    date=datetime(2026, 11, 21, 10, 4, 20, tzinfo=UTC),
    operation_date=SALE.date,
    may_try_again=False,
    digest=DIGEST,
)


def read(message: dict[str, Any]) -> Report:
    return report(message, digest=DIGEST)


def one_operation(**parts: Any) -> Operation:
    message = sale_callback()
    message["operation"].update(parts)
    (operation,) = read(message).operations
    return operation


def test_a_callback_reads_into_word_and_operation() -> None:
    assert read(sale_callback()) == Report(word=PAID, operations=(SALE,))


def test_a_status_answer_reads_into_word_and_all_operations() -> None:
    said = read(status_answer())
    back = datetime(2026, 11, 21, 11, 32, 50, tzinfo=UTC)
    assert said == Report(
        word=Word(
            Standing.REFUNDED,
            "refunded",
            Money(0, "KES"),
            "Card partner",
            back,
            back,
            may_try_again=False,
            digest=DIGEST,
        ),
        operations=(
            SALE,
            Operation(
                key="391",
                operation_id="391",
                kind="return",
                type="refund",
                status="success",
                outcome=Outcome.SUCCEEDED,
                money=Money(1000, "KES"),
                code="0",
                message="Success",
                request_id="f62983a5-00000001",
                date=back,
                created=datetime(2026, 11, 21, 11, 32, 47, tzinfo=UTC),
                digest=DIGEST,
            ),
        ),
    )


def test_a_declined_refund_leaves_the_payment_paid_and_declines_the_operation() -> None:
    message = sale_callback()
    message["operation"].update(id=398, type="refund", status="decline", code="20000", message="General decline")
    said = read(message)
    assert said.word == PAID
    assert [(each.kind, each.outcome, each.code) for each in said.operations] == [("return", Outcome.DECLINED, "20000")]


@pytest.mark.parametrize(
    ("named", "read_as"),
    [("rf-1", "rf-1"), (77, "77"), ("x" * 255, "x" * 255), ("x" * 256, ""), ("", ""), (None, ""), (["rf-1"], "")],
)
def test_our_id_of_a_refund_is_read_into_the_one_operation_it_stands_beside(named: Any, read_as: str) -> None:
    message = sale_callback()
    message["payment"]["merchant_refund_id"] = named
    for kind in ("refund", "reversal"):
        message["operation"]["type"] = kind
        (operation,) = read(message).operations
        assert operation.refund_id == read_as


def test_our_id_of_a_refund_is_not_read_into_what_it_may_not_be_about() -> None:
    paid, answer = sale_callback(), status_answer()
    paid["payment"]["merchant_refund_id"] = answer["payment"]["merchant_refund_id"] = "rf-1"
    both = {**answer, "operation": {**answer["operations"][1], "id": 392}}

    assert read(paid).operations == (SALE,)
    assert {each.refund_id for each in read(answer).operations} == {""}
    assert {each.key: each.refund_id for each in read(both).operations} == {"389": "", "391": "", "392": "rf-1"}
    assert {each.refund_id for each in read({**answer, "operation": {"id": 7}}).operations} == {""}


def test_a_redirect_and_a_question_are_pointed_at_with_the_date_of_the_operation() -> None:
    pointer = Pointer(SALE.date, DIGEST)
    assert (read(redirect_callback()).redirect, read(redirect_callback()).question) == (pointer, None)
    assert (read(clarification_callback()).redirect, read(clarification_callback()).question) == (None, pointer)


@pytest.mark.parametrize("data", [None, [], "x", {}, {"url": ""}, {"url": 5}, {"method": "GET"}])
def test_redirect_data_without_an_address_is_not_pointed_at(data: Any) -> None:
    message = {**sale_callback(), "redirect_data": data}
    assert read(message) == Report(word=PAID, operations=(SALE,))
    assert redirect_target(message) is None


@pytest.mark.parametrize(
    ("operation", "key"),
    [
        ({}, "389"),
        ({"id": 13415000000177}, "13415000000177"),
        ({"id": "389"}, "389"),
        ({"id": 389.0}, "389"),
        ({"id": None}, "request:0be9d6d5-00000001"),
        ({"id": [1]}, "request:0be9d6d5-00000001"),
        ({"id": True}, "1"),
        ({"id": "9" * 256}, "request:0be9d6d5-00000001"),
        ({"id": None, "request_id": None}, "told:bae5b735e1da4ded61c6853b6fba7701"),
        ({"id": None, "request_id": "r" * 256}, "told:bae5b735e1da4ded61c6853b6fba7701"),
    ],
)
def test_an_operation_is_told_apart_by_id_else_request_else_message(operation: dict[str, Any], key: str) -> None:
    assert one_operation(**operation).key == key


def test_operations_of_one_answer_without_any_id_do_not_melt_into_one() -> None:
    answer = {"operations": [{"type": "sale", "status": "success"}, {"type": "refund", "status": "success"}]}
    assert len({each.key for each in read(answer).operations}) == 2


@pytest.mark.parametrize(
    ("parts", "money"),
    [
        ({"sum_initial": {"amount": "1000", "currency": "KES"}}, Money(1000, "KES")),
        ({"sum_initial": None}, Money(1000, "KES")),
        ({"sum_initial": None, "sum": {"amount": 7, "currency": "USD"}}, Money(7, "USD")),
        ({"sum_initial": None, "sum_converted": None}, None),
        ({"sum_initial": {"amount": 1000}}, None),
        ({"sum_initial": {"amount": 1000.0, "currency": "KES"}}, Money(1000, "KES")),
        ({"sum_initial": {"amount": 10.5, "currency": "KES"}}, None),
        ({"sum_initial": {"amount": "10.00", "currency": "KES"}}, None),
        ({"sum_initial": {"amount": True, "currency": "KES"}}, Money(1, "KES")),
        ({"sum_initial": {"amount": -1000, "currency": "KES"}}, None),
        ({"sum_initial": {"amount": 2**63, "currency": "KES"}}, None),
        ({"sum_initial": {"amount": "1" * 400, "currency": "KES"}}, None),
        ({"sum_initial": {"amount": 1000, "currency": "shillings"}}, None),
        ({"sum_initial": {"amount": 1000, "currency": ["KES"]}}, None),
        ({"sum_initial": [1000, "KES"]}, None),
    ],
)
def test_money_is_a_whole_number_with_a_currency_or_nothing(parts: dict[str, Any], money: Money | None) -> None:
    assert one_operation(**parts).money == money


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2020-08-26T15:03:20+0000", datetime(2020, 8, 26, 15, 3, 20, tzinfo=UTC)),
        ("2020-08-26T15:03:20+00:00", datetime(2020, 8, 26, 15, 3, 20, tzinfo=UTC)),
        ("2020-08-26T18:03:20+0300", datetime(2020, 8, 26, 15, 3, 20, tzinfo=UTC)),
        ("2020-08-26T15:03:20Z", datetime(2020, 8, 26, 15, 3, 20, tzinfo=UTC)),
        ("2020-08-26T15:03:20.123456Z", datetime(2020, 8, 26, 15, 3, 20, 123456, tzinfo=UTC)),
        (" 2020-08-26 15:03:20 ", datetime(2020, 8, 26, 15, 3, 20, tzinfo=UTC)),
        ("2020-08-26", datetime(2020, 8, 26, tzinfo=UTC)),
        ("0001-01-01T00:00:00+2359", NO_DATE),
        ("9999-12-31T23:59:59-2359", NO_DATE),
        ("2020-13-26T15:03:20+0000", NO_DATE),
        ("yesterday", NO_DATE),
        ("", NO_DATE),
        (1598454200, NO_DATE),
        (None, NO_DATE),
        (["2020-08-26"], NO_DATE),
    ],
)
def test_dates_are_read_in_every_iso_spelling_and_come_out_in_utc(text: Any, date: datetime) -> None:
    assert date_of(text) == date
    assert date_of(text).utcoffset() == timedelta(0)


def test_a_date_that_is_missing_is_taken_from_its_neighbour() -> None:
    message = sale_callback()
    del message["payment"]["date"]
    assert read(message).word == Word(**{**fields(PAID), "date": SALE.date})
    assert one_operation(date=None).date == SALE.created
    assert one_operation(created_date=None).created == SALE.date
    assert one_operation(date=None, created_date=None).date == NO_DATE


def fields(word: Word) -> dict[str, Any]:
    return {name: getattr(word, name) for name in Word.__slots__}


@pytest.mark.parametrize("status", [None, "", "  ", [], {}])
def test_a_payment_without_a_readable_status_says_nothing_of_the_payment(status: Any) -> None:
    message = sale_callback()
    message["payment"]["status"] = status
    assert read(message) == Report(operations=(SALE,))


@pytest.mark.parametrize(
    ("value", "may"), [(True, True), (1, True), ("1", True), ("true", True), (False, False), (0, False), ("no", False)]
)
def test_further_attempts_are_possible_when_the_platform_says_so(value: Any, may: bool) -> None:
    message = sale_callback()
    message["payment"].update(status="decline", is_new_attempts_available=value)
    word = read(message).word
    assert word is not None
    assert (word.standing, word.may_try_again) == (Standing.DECLINED, may)


def test_an_error_that_stands_beside_a_declined_operation_is_its_reason() -> None:
    message = sale_callback()
    message["operation"].update(status="decline", code=None, message=None)
    message["errors"] = [{"code": 3023, "message": "Currency disabled", "field": "payment.currency"}]
    (operation,) = read(message).operations
    assert (operation.code, operation.message) == ("3023", "Currency disabled")
    message["operation"].update(status="success")
    assert read(message).operations[0].code == ""


def test_unknown_words_are_kept_decide_nothing_and_are_told() -> None:
    message = sale_callback()
    message["payment"]["status"] = "teleported"
    message["operation"].update(type="chargeback", status="unknown")
    said = read(message)
    assert said.word is not None
    assert (said.word.standing, said.word.status) == (Standing.UNKNOWN, "teleported")
    assert [(each.kind, each.outcome, each.type) for each in said.operations] == [
        ("other", Outcome.UNKNOWN, "chargeback")
    ]
    assert unknown_words(said) == ("teleported", "unknown", "chargeback")


def test_known_and_missing_words_alarm_nobody() -> None:
    for message in (sale_callback(), status_answer(), redirect_callback(), {}, {"operation": {"type": "sale"}}):
        assert unknown_words(read(message)) == ()


def test_a_giant_message_reads_into_a_report_that_still_fits_the_table() -> None:
    message = sale_callback()
    message["payment"].update(status="x" * 100_000, method="y" * 100_000)
    message["operation"].update(message="z" * 100_000, code="9" * 100_000, type="t" * 100_000)
    said = read(message)
    assert said.word is not None
    assert [len(text) for text in (said.word.status, said.word.method)] == [64, 64]
    assert [len(text) for text in (said.operations[0].message, said.operations[0].code)] == [255, 64]


def test_of_too_many_operations_those_that_move_money_are_kept() -> None:
    chatter = [{"id": number, "type": "customer action", "status": "success"} for number in range(5000)]
    answer = {"operations": [*chatter, {"id": "s", "type": "sale", "status": "success"}]}
    said = read(answer)
    assert len(said.operations) == 100
    assert "s" in {operation.key for operation in said.operations}


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (sale_callback(), (2924, "order-184")),
        ({"project_id": "2924", "payment": {"id": 12345}}, (2924, "12345")),
        ({"general": {"project_id": 198, "payment_id": "p-1"}}, (198, "p-1")),
        ({"project_id": None, "general": {"project_id": 198}, "payment": {}}, (198, "")),
        ({"project_id": 1, "general": {"project_id": 198, "payment_id": "b"}, "payment": {"id": "a"}}, (1, "a")),
        ({"project_id": True, "payment": {"id": False}}, (1, "0")),
        ({"project_id": 29.5, "payment": {"id": 1.5}}, (None, "1.5")),
        ({"project_id": "02924"}, (None, "")),
        ({"project_id": " 2924"}, (None, "")),
        ({"project_id": "\u0662"}, (None, "")),
        ({"project_id": "9" * 5000}, (None, "")),
        ({"payment": {"id": "x" * 255}}, (None, "x" * 255)),
        ({"payment": {"id": "x" * 256}}, (None, "")),
        ({"payment": ["order-184"], "general": "x"}, (None, "")),
        ({}, (None, "")),
    ],
)
def test_the_key_of_a_message_is_read_wherever_it_stands(message: dict[str, Any], key: tuple[int | None, str]) -> None:
    assert message_key(message) == key


@settings(deadline=None)
@given(st.data())
def test_no_shape_of_a_message_makes_a_reader_raise_or_answer_without_bounds(data: st.DataObject) -> None:
    message = data.draw(st.sampled_from(SAMPLES))()
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(message)))
        container[key] = data.draw(JSON)
    said = read(message)
    assert said == read(message)
    assert all(len(text) <= 255 for text in unknown_words(said))
    assert len(message_key(message)[1]) <= 255
    assert len(asked_fields(message)) <= 20
    target = redirect_target(message)
    assert target is None or said.redirect is not None, "whoever can be sent on is also pointed at"


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted({*status_answer(), *redirect_callback(), "clarification_fields"})), JSON))
def test_a_message_of_nothing_but_odd_parts_makes_no_reader_raise(message: dict[str, Any]) -> None:
    for reader in (read, message_key, redirect_target, asked_fields):
        reader(message)
