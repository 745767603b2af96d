"""Find the payment a merchant means by its id."""

from __future__ import annotations

from payments.domain.errors import PaymentNotFound, ProjectRequired, RefundNotFound
from payments.domain.payment import Payment
from payments.domain.refund import Refund
from payments.ports import Store


def find_payment(*, store: Store, payment_id: str, project_id: int | None) -> Payment:
    """The payment of this id, looked up in all projects when none is named.

    Raises `PaymentNotFound`, or `ProjectRequired` when several projects have the id.
    """
    found = store.find(payment_id)
    if project_id is not None:
        found = tuple(each for each in found if each.key.project_id == project_id)
    if not found:
        raise PaymentNotFound(f"There is no payment {payment_id}; check the id.")
    if len(found) > 1:
        projects = ", ".join(str(each.key.project_id) for each in found)
        raise ProjectRequired(f"Payment {payment_id} exists in projects {projects}; name one by project_id.")
    return found[0]


def find_refund(*, store: Store, payment_id: str, project_id: int | None, refund_id: str) -> tuple[Payment, Refund]:
    """The refund of this id and its payment; raises `RefundNotFound` too."""
    payment = find_payment(store=store, payment_id=payment_id, project_id=project_id)
    refund = payment.refund(refund_id)
    if refund is None:
        raise RefundNotFound(f"Payment {payment_id} has no refund {refund_id}.")
    return payment, refund
