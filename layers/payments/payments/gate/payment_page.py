"""The address of the provider's Payment Page for one payment: its parameters, signed, and the text of the address.

Rules of this file
  * Only texts and whole numbers: other values are signed as one thing and sent as another (PROTOCOL §4.2).
  * ``+`` travels as ``%2B`` and a space as ``%20``, so that every reader decodes the same (PROTOCOL §4.1).
  * Nothing here is proof of payment: the customer comes back to our own page, which asks the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from urllib.parse import quote, urlencode

from ecommpay_signing import sign
from payments.domain.payment import Order, Payment
from payments.gate.addresses import callback_address, return_address
from payments.gate.requests import customer_fields, given, order_of, refuse_semicolons

#: Shown always, and in the whole window even where the page was opened inside another one.
_ALWAYS = 2
_WHOLE_WINDOW = "parent_page"


def payment_page_params(payment: Payment, secret_key: str) -> dict[str, str | int]:
    """The signed parameters, fit for the address and for the widget; raises `InvalidRequest` for a ``;``."""
    order = order_of(payment)
    params = {
        "project_id": payment.key.project_id,
        "payment_id": payment.key.payment_id,
        "payment_amount": order.money.amount,
        "payment_currency": order.money.currency,
        **given({f"customer_{name}": value for name, value in _customer(order).items()}),
        **given(
            {
                "payment_description": order.description,
                "language_code": order.language,
                "force_payment_method": order.method,
                "best_before": _best_before(order),
            }
        ),
        "merchant_callback_url": callback_address(order),
        **_way_back(order),
    }
    refuse_semicolons(params)
    return {**params, "signature": sign(params, secret_key)}


def payment_page_url(base: str, params: Mapping[str, str | int]) -> str:
    """The address that opens the page; ``base`` may or may not end in ``/payment`` already."""
    address = base.rstrip("/")
    if not address.endswith("/payment"):
        address += "/payment"
    return f"{address}?{urlencode(params, quote_via=quote, safe='')}"


def _customer(order: Order) -> dict[str, str]:
    # The page knows the customer's IP address better than we do, and has no parameter for it.
    return {name: value for name, value in customer_fields(order.customer).items() if name != "ip_address"}


def _best_before(order: Order) -> str:
    """ISO 8601 with an offset, or empty where the page never closes."""
    return order.expires_at.astimezone(UTC).isoformat(timespec="seconds") if order.expires_at else ""


def _way_back(order: Order) -> dict[str, str | int]:
    """The automatic return after the result, and the button that leads back before it (PROTOCOL §4.2)."""
    back = return_address(order)
    return {
        "redirect_success_url": back,
        "redirect_success_enabled": _ALWAYS,
        "redirect_success_mode": _WHOLE_WINDOW,
        "redirect_fail_url": back,
        "redirect_fail_enabled": _ALWAYS,
        "redirect_fail_mode": _WHOLE_WINDOW,
        "merchant_return_url": back,
        "merchant_return_enabled": _ALWAYS,
        "merchant_return_redirect_mode": _WHOLE_WINDOW,
    }
