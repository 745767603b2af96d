"""Payments as the lines of a report: the payment itself, what happened to its money, and what is still awaited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from payments.domain.money import Money
from payments.domain.payment import FINAL, Payment, PaymentKey
from payments.domain.provider_state import NO_DATE, Operation, Outcome
from payments.domain.refund import Refund

#: The status of money that went back by the word of a person alone; the provider has no operation for it.
BY_HAND = "closed by hand"

#: A customer may take so long on the partner's page; the callback comes within seconds of the end.
TOLD_WITHIN = timedelta(hours=1)

_PAID = frozenset({"succeeded", "partially_refunded", "refunded"})


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One payment as it stands now; ``paid`` and ``returned`` are in its own currency."""

    project_id: int
    payment_id: str
    created_at: datetime
    method: str
    interface: str
    status: str
    provider_status: str
    money: Money
    paid: Money
    returned: Money
    changed_at: datetime
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class OperationLine:
    """One operation of the provider, or one return that only a person told of.

    ``paid`` and ``returned`` are what it moved for certain; both are missing while it is on its way, and after a
    decline.
    """

    project_id: int
    payment_id: str
    operation_id: str
    refund_id: str
    at: datetime
    type: str
    status: str
    method: str
    money: Money | None
    paid: Money | None
    returned: Money | None
    code: str
    message: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment, or a refund of it where one is named, whose end is unknown."""

    key: PaymentKey
    since: datetime
    status: str
    money: Money
    refund_id: str = ""


def payment_line(payment: Payment) -> PaymentLine | None:
    """The payment as a line; None for one that no merchant ordered."""
    order = payment.order
    if order is None:
        return None
    currency = order.money.currency
    return PaymentLine(
        project_id=payment.key.project_id,
        payment_id=payment.key.payment_id,
        created_at=order.created_at,
        method=_method(payment),
        interface=order.interface,
        status=payment.status,
        provider_status=payment.provider_status,
        money=order.money,
        paid=Money(_paid(payment, order.money), currency),
        returned=Money(payment.refunded_amount, currency),
        changed_at=payment.updated_at,
        code=payment.code,
        message=payment.message,
    )


def operation_lines(payment: Payment) -> Iterator[OperationLine]:
    """What happened to the payment's money, oldest first."""
    told = [_told(payment, each) for each in payment.provider.joined]
    said = [_said(payment, each) for each in payment.returned_by_hand]
    yield from sorted((*told, *said), key=lambda line: (line.at, line.operation_id, line.refund_id))


def open_refunds(payment: Payment) -> Iterator[Waiting]:
    """The refunds of a payment that have not ended."""
    for each in payment.refunds:
        if each.in_flight:
            yield Waiting(payment.key, each.created_at, each.status, each.money, each.refund_id)


def overdue_callback(payment: Payment, *, now: datetime) -> Waiting | None:
    """The payment, where its end should have been told by now: an hour after it was made, or after its page closed."""
    order = payment.order
    if order is None or payment.status in FINAL or now - (order.expires_at or order.created_at) < TOLD_WITHIN:
        return None
    return Waiting(payment.key, order.created_at, payment.status, order.money)


def _paid(payment: Payment, ordered: Money) -> int:
    taken = [sale.money for sale in payment.provider.sales if sale.money is not None]
    if taken:
        return sum(each.amount for each in taken if each.currency == ordered.currency)
    return ordered.amount if payment.status in _PAID else 0


def _told(payment: Payment, operation: Operation) -> OperationLine:
    moved = operation.money if operation.outcome is Outcome.SUCCEEDED else None
    ours = (each.refund_id for each in payment.refunds if each.operation_key == operation.key)
    return OperationLine(
        project_id=payment.key.project_id,
        payment_id=payment.key.payment_id,
        operation_id=operation.operation_id,
        refund_id=next(ours, operation.refund_id),
        at=_when(payment, operation),
        type=operation.type,
        status=operation.status,
        method=_method(payment),
        money=operation.money,
        paid=moved if operation.kind == "sale" else None,
        returned=moved if operation.kind == "return" else None,
        code=operation.code,
        message=operation.message,
        request_id=operation.request_id,
    )


def _said(payment: Payment, refund: Refund) -> OperationLine:
    return OperationLine(
        project_id=payment.key.project_id,
        payment_id=payment.key.payment_id,
        operation_id="",
        refund_id=refund.refund_id,
        at=refund.updated_at,
        type="refund",
        status=BY_HAND,
        method=_method(payment),
        money=refund.money,
        paid=None,
        returned=refund.money,
        code=refund.code,
        message=refund.message,
        request_id=refund.request_id,
    )


def _when(payment: Payment, operation: Operation) -> datetime:
    """When it ended; what the provider gave no date is put where the payment began, so that it stays where it is."""
    dated = next((each for each in (operation.date, operation.created) if each != NO_DATE), None)
    return dated or (payment.order.created_at if payment.order else payment.updated_at)


def _method(payment: Payment) -> str:
    """Our code of the method; where we have none, the provider's name of it."""
    if payment.method is not None:
        return payment.method.code
    return payment.provider.method.name if payment.provider.method else ""
