"""What the provider tells, in few words, and payments that were told it: for the tests of the rules and the use cases.

Messages have the documented shape (PROTOCOL §6.3) and are read by the real reader, so a test says what came, not what
it means.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from payments.domain.money import Money
from payments.domain.payment import Customer, Order, Payment, PaymentKey
from payments.domain.provider_state import NOTHING_SAID, ProviderState, Report, fold
from payments.domain.refund import Refund
from payments.gate.messages import report

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEY = PaymentKey(2924, "order-1001")
KES_100 = Money(10_000, "KES")


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def provider_date(seconds: float) -> str:
    """The same moment as the provider writes it: whole seconds."""
    return at(seconds).strftime("%Y-%m-%dT%H:%M:%S+0000")


def callback(
    payment: str,
    operation: tuple[str, str] | None = ("sale", "success"),
    *,
    seconds: float = 0,
    operation_id: int | str | None = 389,
    amount: int | None = 10_000,
    currency: str = "KES",
    held: int | None = None,
    request_id: str = "",
    created: float | None = None,
    payment_fields: Mapping[str, Any] | None = None,
    operation_fields: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A callback: the payment's status, the operation's type and status, when, and how much; not signed.

    ``held`` is ``payment.sum.amount`` where it is not that of the operation.
    """
    sum_held = amount if held is None else held
    message: dict[str, Any] = {
        "project_id": KEY.project_id,
        "payment": {
            "id": KEY.payment_id,
            "type": "purchase",
            "status": payment,
            "date": provider_date(seconds),
            "method": "Card partner",
            **({} if sum_held is None else {"sum": {"amount": sum_held, "currency": currency}}),
            "description": "",
            **(payment_fields or {}),
        },
        "customer": {"phone": "254700000001"},
        **more,
    }
    if operation is not None:
        message["operation"] = operation_parts(
            operation,
            seconds=seconds,
            operation_id=operation_id,
            amount=amount,
            currency=currency,
            request_id=request_id,
            created=created,
            **(operation_fields or {}),
        )
    return message


def operation_parts(
    operation: tuple[str, str],
    *,
    seconds: float = 0,
    operation_id: int | str | None = 389,
    amount: int | None = 10_000,
    currency: str = "KES",
    request_id: str = "",
    created: float | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One operation as callbacks and status answers have it."""
    kind, status = operation
    declined = status == "decline"
    return {
        **({} if operation_id is None else {"id": operation_id}),
        "type": kind,
        "status": status,
        "date": provider_date(seconds),
        "created_date": provider_date(seconds if created is None else created),
        **({"request_id": request_id} if request_id else {}),
        **({} if amount is None else {"sum_initial": {"amount": amount, "currency": currency}}),
        "code": "20000" if declined else "0",
        "message": "General decline" if declined else "Success",
        **more,
    }


def refund_callback(
    status: str = "success", *, payment: str = "", seconds: float = 3600, **parts: Any
) -> dict[str, Any]:
    """A refund of everything, as the provider tells it: operation 391, unless ``parts`` say otherwise."""
    word = payment or ("refunded" if status == "success" else "success")
    given = {"operation_id": 391, "held": 0 if word == "refunded" else None, **parts}
    return callback(word, (given.pop("kind", "refund"), status), seconds=seconds, **given)


def body_of(message: Mapping[str, Any]) -> bytes:
    """The message as bytes."""
    return json.dumps(message, ensure_ascii=False).encode()


def digest_of(message: Mapping[str, Any]) -> str:
    """The digest of those bytes."""
    return hashlib.sha256(body_of(message)).hexdigest()


def read(message: Mapping[str, Any]) -> Report:
    """What a message says."""
    return report(message, digest=digest_of(message))


def folded(messages: Iterable[Mapping[str, Any]]) -> ProviderState:
    """The state after these messages, in this order."""
    state = NOTHING_SAID
    for message in messages:
        state = fold(state, read(message))
    return state


def order(**changes: Any) -> Order:
    """An order for 100 shillings through Gate."""
    parts: dict[str, Any] = {
        "interface": "gate",
        "method": "card-partner",
        "money": KES_100,
        "description": "Order 1001",
        "language": "en",
        "customer": Customer("customer1", "192.0.2.7", "254700000001", "amina@example.com", "Amina", "Otieno"),
        "return_url": "https://shop.example/orders/1001",
        "public_url": "https://pay.example",
        "checkout_token": "token",
        "fingerprint": "f" * 64,
        "created_at": NOON,
        **changes,
    }
    return Order(**parts)


def enets_order(**changes: Any) -> Order:
    """An order for 100 Singapore dollars by enets."""
    return order(**{"method": "enets", "money": Money(10_000, "SGD"), **changes})


def ordered(**changes: Any) -> Payment:
    """A payment that was sent to Gate and accepted."""
    fields: dict[str, Any] = {
        "key": KEY,
        "updated_at": NOON,
        "order": order(),
        "submission": "acknowledged",
        "request_id": "sale-1",
        **changes,
    }
    return Payment(**fields)


def told(payment: Payment, *messages: Mapping[str, Any], seconds: float = 7200) -> Payment:
    """The payment after these messages, which all arrived at one moment of ours."""
    for message in messages:
        payment = payment.told(read(message), at=at(seconds), source="callback", what="told")
    return payment


def paid(**changes: Any) -> Payment:
    """A payment whose customer paid a minute after noon."""
    return told(ordered(**changes), callback("success", seconds=60), seconds=60)


def refund(status: str = "sent", **changes: Any) -> Refund:
    """A refund of everything, asked for by the workflow at two o'clock."""
    fields: dict[str, Any] = {
        "refund_id": "rf-1",
        "money": KES_100,
        "origin": "workflow",
        "status": status,
        "created_at": at(7200),
        "updated_at": at(7200),
        "execution": "arn:execution:1",
        "sent_at": at(7200) if status in {"sent", "awaiting_support", "unknown"} else None,
        **changes,
    }
    return Refund(**fields)
