"""What operators are told about a refund: the ready text for the provider's support, or that a person has to look."""

from __future__ import annotations

from payments.domain.payment import Payment
from payments.domain.refund import Refund


def support_letter(payment: Payment, refund: Refund) -> tuple[str, str]:
    """Subject and text asking an operator to pass the refund on to the provider's support."""
    return (
        f"Refund {refund.refund_id}: write to ECommPay support",
        f"""This payment method is refunded by ECommPay support only. Please send them what stands between the lines.

{_to_be_sent(payment, refund)}

Nothing else is to be done: the refund closes itself when ECommPay's callback comes, and as long as it waits you are
reminded of it.
""",
    )


def reminder_letter(payment: Payment, refund: Refund) -> tuple[str, str]:
    """Subject and text reminding an operator that the provider's support has not carried the refund out yet."""
    asked = refund.sent_at or refund.created_at
    days = ((refund.reminded_at or asked) - asked).days
    waited = f"for {days} days" if days > 1 else "since yesterday" if days == 1 else "for some hours"
    return (
        f"Refund {refund.refund_id}: still waits for ECommPay support",
        f"""This refund has waited {waited} for ECommPay support. Ask them how it stands, or send them the text again:

{_to_be_sent(payment, refund)}

When support says that it is done or refused and no callback comes, close the refund by hand: README, Refunds.
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
When the Dashboard or support tells its end and no callback comes, close the refund by hand: README, Refunds.
""",
    )


def _to_be_sent(payment: Payment, refund: Refund) -> str:
    """The letter to the provider's support, in its two languages."""
    key, money = payment.key, payment.order.money if payment.order else refund.money
    operation = next((each.operation_id for each in payment.provider.sales if each.operation_id), "")
    is_part = refund.money != money
    english = [
        "Dear ECommPay support,",
        f"please refund {refund.money} of the payment {key.payment_id} in project {key.project_id}.",
        f"The customer paid {money}, so this is {'a part' if is_part else 'all'} of it.",
        *([f"Your id of the sale operation is {operation}."] if operation else []),
        f"Our reference for the refund is {refund.refund_id}.",
    ]
    russian = [
        "Уважаемая служба поддержки ECommPay,",
        f"просим вернуть {refund.money} по платежу {key.payment_id} в проекте {key.project_id}.",
        f"Покупатель заплатил {money}, это {'частичный' if is_part else 'полный'} возврат.",
        *([f"Ваш номер операции оплаты: {operation}."] if operation else []),
        f"Наш номер возврата: {refund.refund_id}.",
    ]
    line = "-" * 72
    return "\n".join([line, *english, "", *russian, line])
