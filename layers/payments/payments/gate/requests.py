"""The bodies of the requests to Gate, as plain objects, and the signature put into them.

Rules of this file
  * What the merchant did not give is left out: an empty field would be signed, sent and judged.
  * A value with ``;`` never leaves: the signed text could be cut in two ways (PROTOCOL §1.1).
  * ``merchant_callback_url`` goes with every request that moves something; without it requests were seen to be
    acknowledged and then to come to nothing (PROTOCOL §2, §10.10).

Source of the shapes: PROTOCOL §5.3, §6.7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ecommpay_signing import sign
from payments.domain.errors import FieldError, InvalidRequest
from payments.domain.payment import Customer, Order, Payment, PaymentKey
from payments.gate.addresses import callback_address, return_address

Body = dict[str, Any]


def sale(payment: Payment) -> Body:
    """Ask the customer for the money ordered."""
    order = order_of(payment)
    back = return_address(order)
    return {
        "general": _general(payment),
        "customer": given(customer_fields(order.customer)),
        "payment": given(
            {"amount": order.money.amount, "currency": order.money.currency, "description": order.description}
        ),
        "return_url": {"success": back, "decline": back, "return": back},
    }


def refund(payment: Payment, *, refund_id: str = "") -> Body:
    """Give the whole amount back; the methods refunded through Gate know no part (PROTOCOL §2, §5.3).

    With ``refund_id`` the request names our own id of the refund, which its callbacks then name too.
    """
    named = {"payment": {"merchant_refund_id": refund_id}} if refund_id else {}
    return {"general": _general(payment), **named}


def clarification(payment: Payment, answers: Mapping[str, str]) -> Body:
    """Hand in the customer's missing data, by path such as ``customer.email``."""
    return {"general": _general(payment), "additional_data": _tree(answers)}


def status(key: PaymentKey) -> Body:
    """Ask how a payment stands."""
    return {"general": {"project_id": key.project_id, "payment_id": key.payment_id}}


def signed(body: Mapping[str, Any], secret_key: str) -> Body:
    """The body with ``general.signature``; raises `InvalidRequest` for a value that cannot be signed safely."""
    refuse_semicolons(body)
    return {**body, "general": {**body["general"], "signature": sign(body, secret_key)}}


def refuse_semicolons(body: Mapping[str, Any]) -> None:
    """Raise `InvalidRequest` when any key or text holds ``;``."""
    broken = tuple(FieldError(pointer, "must not contain ;") for pointer in _semicolons(body, ""))
    if broken:
        raise InvalidRequest(*broken)


def order_of(payment: Payment) -> Order:
    """What the merchant ordered; nothing is asked of the provider for a payment nobody ordered."""
    if payment.order is None:
        raise InvalidRequest(FieldError("/payment_id", "this payment was not ordered here"))
    return payment.order


def customer_fields(customer: Customer) -> dict[str, str]:
    """Who pays, under the provider's names."""
    return {
        "id": customer.id,
        "ip_address": customer.ip_address,
        "phone": customer.phone,
        "email": customer.email,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
    }


def given(fields: Mapping[str, str | int]) -> dict[str, str | int]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value != ""}


def _general(payment: Payment) -> Body:
    return {
        "project_id": payment.key.project_id,
        "payment_id": payment.key.payment_id,
        "merchant_callback_url": callback_address(order_of(payment)),
    }


def _tree(answers: Mapping[str, str]) -> Body:
    tree: Body = {}
    for path, value in answers.items():
        if value == "":
            continue
        *branches, leaf = path.split(".")
        node = tree
        for branch in branches:
            node = node.setdefault(branch, {})
            if not isinstance(node, dict):
                raise _misplaced(path)
        if leaf in node or not all((*branches, leaf)):
            raise _misplaced(path)
        node[leaf] = value
    return tree


def _misplaced(path: str) -> InvalidRequest:
    return InvalidRequest(FieldError(f"/additional_data/{path.replace('.', '/')}", "has no place of its own"))


def _semicolons(value: object, pointer: str) -> Iterator[str]:
    if isinstance(value, str) and ";" in value:
        yield pointer
    elif isinstance(value, Mapping):
        for name, part in value.items():
            below = f"{pointer}/{name}"
            if ";" in name:
                yield below
            yield from _semicolons(part, below)
