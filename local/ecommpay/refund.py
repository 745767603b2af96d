"""Refunds and reversals, asked for by Gate or made by support. The caller holds the store's lock."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.ecommpay.delivery import Delivery
from local.ecommpay.engine import Engine, announce
from local.ecommpay.outcomes import GATE_WORDS, RESULTS
from local.ecommpay.refusals import Refused
from local.ecommpay.sale import add_operation
from local.ecommpay.state import Operation, Payment, new_request_id

REFUNDABLE = frozenset({"success", "partially refunded", "partially reversed"})


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """A refund as it will be carried out; `word` is one of outcomes.REFUND_WORDS."""

    amount: int
    type: str
    word: str
    callback_url: str = ""
    merchant_refund_id: str = ""


def check_gate_refund(payment: Payment, body: Mapping[str, Any]) -> None:
    """Refuse what card-partner and enets do not allow: enets at all, parts, other currencies, a second refund."""
    if not payment.method.refunds_by_gate:
        raise Refused("3610")
    if payment.refund_in_flight():
        raise Refused("3285")
    if payment.status not in REFUNDABLE:
        raise Refused("3060")
    if body.get("payment") is not None:
        _check_wishes(payment, body["payment"])


def _check_wishes(payment: Payment, wanted: Any) -> None:
    if not isinstance(wanted, dict):
        raise Refused("502", "payment")
    if wanted.get("merchant_refund_id") in {operation.merchant_refund_id for operation in payment.operations} - {""}:
        raise Refused("3230")
    if wanted.get("currency", payment.currency) != payment.currency:
        raise Refused("3284")
    amount = wanted.get("amount", payment.balance)
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise Refused("502", "payment.amount")
    if amount > payment.balance:
        raise Refused("3283")
    if amount != payment.balance:
        raise Refused("3609")


def start_refund(engine: Engine, payment: Payment, order: RefundOrder) -> Operation:
    """Start a refund; its end comes a step later, unless the outcome keeps it in processing for ever."""
    mark = "RF" if order.word == "decline" else ""
    operation = add_operation(
        engine, payment, kind=order.type, amount=order.amount, request_id=new_request_id(), mark=mark
    )
    operation.callback_url = order.callback_url
    operation.merchant_refund_id = order.merchant_refund_id
    operation.callbacks = {"silent": "none", "doubled": "doubled"}.get(order.word, "all")
    return operation


def end_refund(engine: Engine, payment: Payment, operation: Operation, word: str) -> list[Delivery]:
    """End a refund: declined it leaves the payment as it was, else less is left of the payment (PROTOCOL §2)."""
    if operation.completed_at is not None:
        return []
    result = RESULTS["decline" if word == "decline" else "success"]
    now = engine.clock()
    operation.status, operation.code, operation.message = result.operation_status, result.code, result.message
    operation.updated_at = operation.completed_at = payment.updated_at = now
    if result.operation_status == "success":
        payment.balance -= operation.amount
        done = "reversed" if operation.type == "reversal" else "refunded"
        payment.status = done if payment.balance == 0 else f"partially {done}"
    return announce(engine, payment, operation, final=True)


def gate_word(word: str) -> str:
    """Return how Gate answers a refund request of this word."""
    return word if word in GATE_WORDS else "acknowledge"


def refund_by_support(
    engine: Engine, payment: Payment, *, amount: int | None, kind: str, status: str
) -> tuple[Operation, list[Delivery]]:
    """Refund as support or the Dashboard does: any part of any paid payment, carried out on the spot."""
    wanted = payment.balance if amount is None else amount
    if payment.status not in REFUNDABLE or payment.refund_in_flight():
        raise Refused("3060")
    if not 0 < wanted <= payment.balance:
        raise Refused("3283")
    operation = start_refund(engine, payment, RefundOrder(amount=wanted, type=kind, word=status))
    return operation, end_refund(engine, payment, operation, status)
