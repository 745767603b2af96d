"""What may be given back: never more than is there, whole where the method knows no parts, one refund at a time."""

from __future__ import annotations

from payments.domain.errors import (
    AmountExceedsPayment,
    InvalidRefundRequest,
    PartialRefundNotSupported,
    PaymentNotFound,
    PaymentNotRefundable,
    RefundInProgress,
)
from payments.domain.money import Money
from payments.domain.payment import Payment
from payments.domain.refund import Refund


def money_to_refund(payment: Payment, amount: int | None) -> Money:
    """The money a new refund gives back, all that is left when no amount is asked for; raises why not."""
    if payment.order is None:
        raise PaymentNotFound(f"There is no payment {payment.key.payment_id}; check the id.")
    if amount is not None and amount < 1:
        raise InvalidRefundRequest("The amount to refund has to be at least one minor unit.")
    holding = next((refund for refund in payment.refunds if refund.in_flight), None)
    if holding is not None:
        raise RefundInProgress(_held_by(holding))
    if payment.return_under_way:
        raise RefundInProgress("ECommPay has a refund of this payment under way; wait for its end.")
    if payment.status not in {"succeeded", "partially_refunded"}:
        raise PaymentNotRefundable(f"The payment is {payment.status}; only a paid one can be refunded.")
    left = Money(payment.refundable, payment.order.money.currency)
    if payment.refund_policy == "full" and left != payment.order.money:
        raise PartialRefundNotSupported(f"A part was given back already; {left} can only be refunded in the Dashboard.")
    if amount is None or amount == left.amount:
        return left
    if amount > left.amount:
        raise AmountExceedsPayment(f"{Money(amount, left.currency)} was asked for and {left} is left of the payment.")
    if payment.refund_policy == "full":
        raise PartialRefundNotSupported(f"This payment method gives back the whole amount ({left}) or nothing.")
    return Money(amount, left.currency)


def _held_by(refund: Refund) -> str:
    """Why no other refund can begin, and what is to be done first."""
    if refund.status != "unknown":
        return f"Refund {refund.refund_id} of this payment is {refund.status}; wait for its end."
    return (
        f"Refund {refund.refund_id} of this payment is unknown. Look the payment up in the ECommPay Dashboard, then "
        "start an execution with this refund_id to ask once more, or close the refund by hand."
    )
