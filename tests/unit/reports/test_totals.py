"""Totals are those of the ledger: whatever happened to payments, the lines add up to what each payment says itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from payments.domain.money import Money
from payments.domain.payment import Payment, PaymentKey
from payments.domain.report_lines import operation_lines, payment_line
from payments.reports.totals import Total, Totals
from tests.unit.domain.told import callback, enets_order, order, ordered, refund, refund_callback, told

#: One message of a payment's life: kind, end, operation and how much.
steps = st.tuples(
    st.sampled_from(["sale", "refund", "reversal"]),
    st.sampled_from(["success", "decline", "processing"]),
    st.integers(1, 4),
    st.integers(1, 12_000),
)


@st.composite
def lives(draw: Any) -> Payment:
    """A payment by either method after any messages, some of its refunds closed by hand."""
    enets = draw(st.booleans())
    currency = "SGD" if enets else "KES"
    made = enets_order() if enets else order(money=Money(10_000, draw(st.sampled_from(["KES", "USD"]))))
    currency = made.money.currency
    payment = ordered(order=made, key=PaymentKey(2924, f"order-{draw(st.integers(0, 10**9))}"))
    for kind, status, number, amount in draw(st.lists(steps, max_size=6)):
        word = "success" if status == "success" else "processing"
        payment = told(
            payment,
            callback(
                word,
                (kind, status),
                operation_id=number + (100 if kind != "sale" else 0),
                amount=10_000 if kind == "sale" else amount,
                currency=currency,
                held=10_000,
                seconds=number,
            ),
        )
    if draw(st.booleans()):
        closed = refund("succeeded", closed_by_hand=True, money=Money(draw(st.integers(1, 5_000)), currency))
        payment = replace(payment, refunds=(*payment.refunds, closed))
    return payment


def totalled(payments: Iterable[Payment]) -> tuple[Total, ...]:
    totals = Totals()
    for payment in payments:
        line = payment_line(payment)
        if line is not None:
            totals.add_payment(line)
        for each in operation_lines(payment):
            totals.add_operation(each)
    return totals.all()


@settings(max_examples=150, deadline=None)
@given(st.lists(lives(), max_size=8))
def test_totals_equal_the_sums_of_the_ledger(payments: list[Payment]) -> None:
    taken: Counter[tuple[str, str]] = Counter()
    returned: Counter[tuple[str, str]] = Counter()
    created: Counter[tuple[str, str]] = Counter()
    for payment in payments:
        assert payment.order is not None
        assert payment.method is not None
        kind = (payment.method.code, payment.order.money.currency)
        created[kind] += 1
        taken[kind] += sum(each.money.amount for each in payment.provider.sales if each.money)
        returned[kind] += payment.returned

    totals = totalled(payments)

    assert {(each.method, each.currency): each.payments for each in totals} == created
    assert {(each.method, each.currency): (each.paid, each.returned) for each in totals} == {
        kind: (taken[kind], returned[kind]) for kind in created
    }
    assert all(each.net == each.paid - each.returned for each in totals)


def test_totals_stand_by_currency_and_then_by_method() -> None:
    kes = told(ordered(), callback("success", seconds=60), refund_callback())
    usd = told(ordered(order=order(money=Money(500, "USD"))), callback("success", amount=500, currency="USD"))
    unpaid = ordered(order=enets_order())

    assert totalled([usd, unpaid, kes, usd]) == (
        Total("card-partner", "KES", payments=1, payments_paid=1, sales=1, paid=10_000, returns=1, returned=10_000),
        Total("enets", "SGD", payments=1),
        Total("card-partner", "USD", payments=2, payments_paid=2, sales=2, paid=1_000),
    )


def test_what_was_taken_in_another_currency_than_ordered_is_counted_in_that_one() -> None:
    payment = told(ordered(), callback("success", amount=700, currency="USD"))

    assert totalled([payment]) == (
        Total("card-partner", "KES", payments=1),
        Total("card-partner", "USD", sales=1, paid=700),
    )
