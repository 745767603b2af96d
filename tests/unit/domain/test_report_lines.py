"""A payment as the lines of a report: every operation is told once, and what moved adds up to what the ledger says."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from payments.domain.money import Money
from payments.domain.payment import Payment
from payments.domain.report_lines import (
    OperationLine,
    PaymentLine,
    Waiting,
    open_refunds,
    operation_lines,
    overdue_callback,
    payment_line,
)
from tests.unit.domain.told import (
    KES_100,
    KEY,
    NOON,
    at,
    callback,
    enets_order,
    ordered,
    paid,
    refund,
    refund_callback,
    told,
)

SALE = OperationLine(
    project_id=2924,
    payment_id="order-1001",
    operation_id="389",
    refund_id="",
    at=at(60),
    type="sale",
    status="success",
    method="card-partner",
    money=KES_100,
    paid=KES_100,
    returned=None,
    code="0",
    message="Success",
    request_id="",
)


def lines(payment: Payment) -> list[OperationLine]:
    return list(operation_lines(payment))


def test_a_paid_payment_is_a_line_and_its_sale_another() -> None:
    assert payment_line(paid()) == PaymentLine(
        project_id=2924,
        payment_id="order-1001",
        created_at=NOON,
        method="card-partner",
        interface="gate",
        status="succeeded",
        provider_status="success",
        money=KES_100,
        paid=KES_100,
        returned=Money(0, "KES"),
        changed_at=at(60),
        code="",
        message="",
    )
    assert lines(paid()) == [SALE]


def test_a_line_holds_nothing_of_a_customer() -> None:
    written = str([asdict(each) for each in (payment_line(paid()), *lines(paid())) if each])

    assert [
        each for each in ("Amina", "Otieno", "amina@", "2547", "192.0.2.7", "customer1", "token") if each in written
    ] == []


def test_a_declined_sale_moved_nothing() -> None:
    payment = told(ordered(), callback("decline", ("sale", "decline"), seconds=60))

    assert lines(payment) == [replace(SALE, status="decline", paid=None, code="20000", message="General decline")]
    line = payment_line(payment)
    assert line is not None
    assert (line.paid, line.returned) == (Money(0, "KES"), Money(0, "KES"))


def test_a_refund_of_ours_is_told_by_the_providers_operation_under_our_own_id() -> None:
    asked = replace(paid(), refunds=(refund(request_id="refund-1"),))
    payment = told(asked, refund_callback(request_id="refund-1-00000001"))

    assert lines(payment) == [
        SALE,
        replace(
            SALE,
            operation_id="391",
            refund_id="rf-1",
            at=at(3600),
            type="refund",
            paid=None,
            returned=KES_100,
            request_id="refund-1-00000001",
        ),
    ]
    line = payment_line(payment)
    assert line is not None
    assert (line.status, line.paid, line.returned) == ("refunded", KES_100, KES_100)


def test_a_refund_that_only_a_person_told_of_is_a_line_until_the_provider_tells_it_itself() -> None:
    by_hand = refund("succeeded", closed_by_hand=True, updated_at=at(5000), message="seen in the Dashboard")
    payment = replace(paid(), refunds=(by_hand,))

    assert lines(payment)[1:] == [
        OperationLine(
            project_id=2924,
            payment_id="order-1001",
            operation_id="",
            refund_id="rf-1",
            at=at(5000),
            type="refund",
            status="closed by hand",
            method="card-partner",
            money=KES_100,
            paid=None,
            returned=KES_100,
            code="",
            message="seen in the Dashboard",
            request_id="",
        )
    ]
    later = told(payment, refund_callback())
    assert [(each.operation_id, each.returned) for each in lines(later)] == [("389", None), ("391", KES_100)]


def test_a_payment_that_nobody_ordered_has_its_operations_and_no_line_of_its_own() -> None:
    stranger = told(Payment(key=KEY, updated_at=NOON), callback("success", seconds=60))

    assert payment_line(stranger) is None
    assert lines(stranger) == [SALE]


def test_an_operation_without_a_date_stands_where_its_payment_began() -> None:
    message = callback("success", seconds=60)
    for name in ("date", "created_date"):
        del message["operation"][name]

    assert [each.at for each in lines(told(ordered(), message))] == [NOON]


def test_money_that_the_provider_only_calls_paid_is_in_the_payments_line() -> None:
    line = payment_line(told(ordered(), callback("success", None, seconds=60)))

    assert line is not None
    assert (line.status, line.paid) == ("succeeded", KES_100)


def test_a_method_that_the_customer_chose_and_we_do_not_know_keeps_the_providers_name() -> None:
    message = callback("success", seconds=60, payment_fields={"method": "cowrie"})
    chosen = told(ordered(order=replace(enets_order(), method="")), message)

    line = payment_line(chosen)
    assert line is not None
    assert line.method == "cowrie"
    assert [each.method for each in lines(chosen)] == ["cowrie"]


@pytest.mark.parametrize("status", ["requested", "sent", "awaiting_support", "unknown"])
def test_a_refund_that_has_not_ended_is_open(status: str) -> None:
    payment = replace(paid(), refunds=(refund(status), refund("declined", refund_id="rf-2")))

    assert list(open_refunds(payment)) == [Waiting(KEY, refund().created_at, status, KES_100, "rf-1")]


@pytest.mark.parametrize(
    ("payment", "hours", "overdue"),
    [
        (ordered(), 0.99, False),
        (ordered(), 1, True),
        (paid(), 100, False),
        (told(ordered(), callback("processing", ("sale", "processing"))), 2, True),
        (ordered(order=replace(enets_order(), expires_at=NOON + timedelta(hours=24))), 24.5, False),
        (ordered(order=replace(enets_order(), expires_at=NOON + timedelta(hours=24))), 25, True),
        (Payment(key=KEY, updated_at=NOON), 100, False),
    ],
)
def test_a_callback_is_overdue_an_hour_after_the_customer_could_last_have_paid(
    payment: Payment, hours: float, overdue: bool
) -> None:
    told_late = overdue_callback(payment, now=NOON + timedelta(hours=hours))

    assert (told_late is not None) == overdue
    if told_late is not None and payment.order is not None:
        assert told_late == Waiting(KEY, NOON, payment.status, payment.order.money)
