"""What operators are told about a refund: the ready text for the provider's support, or that a person has to look."""

from __future__ import annotations

from payments.domain.payment import Payment
from payments.domain.refund import Refund


def support_letter(payment: Payment, refund: Refund) -> tuple[str, str]:
    """Subject and text asking an operator to pass the refund on to the provider's support."""
    key = payment.key
    return (
        f"Refund {refund.refund_id}: write to ECommPay support",
        f"""This payment method is refunded by ECommPay support only. Please send them this text:

    Dear ECommPay support,
    please refund {refund.money} of the payment {key.payment_id} in project {key.project_id}.
    Our reference for the refund is {refund.refund_id}.

    Уважаемая служба поддержки ECommPay,
    просим вернуть {refund.money} по платежу {key.payment_id} в проекте {key.project_id}.
    Наш номер возврата: {refund.refund_id}.

Nothing else is to be done: the refund closes itself when ECommPay's callback comes.
""",
    )


def unresolved_letter(payment: Payment, refund: Refund) -> tuple[str, str]:
    """Subject and text about a refund whose end nobody knows."""
    key = payment.key
    return (
        f"Refund {refund.refund_id}: nobody knows how it ended",
        f"""The refund of {refund.money} for payment {key.payment_id} (project {key.project_id}) got no callback, and
no status request told its end. Look the payment up in the ECommPay Dashboard before anything else is refunded.
A late callback still settles this refund; until then no other refund of this payment can be started.
""",
    )
