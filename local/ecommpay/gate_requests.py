"""Reading Gate's request bodies: required things missing are refused, customer details missing are asked for later."""

import re
from typing import Any

from local.ecommpay.methods import Method
from local.ecommpay.refusals import Refused
from local.ecommpay.sale import Order, check_amount
from local.ecommpay.settings import GateSettings, Project
from local.ecommpay.state import customer_texts

EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
LONGEST_ID = 255
LONGEST_DELAY_S = 600


def read_order(settings: GateSettings, project: Project, method: Method, body: dict[str, Any]) -> Order:
    """Read the order of a sale, or refuse it (PROTOCOL §5.3)."""
    general = body["general"] if "general" in body else _missing("general")
    customer, payment = _object(body, "customer"), _object(body, "payment")
    payment_id = general.get("payment_id") or _missing("general.payment_id")
    if not isinstance(payment_id, str) or len(payment_id) > LONGEST_ID:
        raise Refused("3024")
    _check_customer(settings, customer)
    amount, currency = payment.get("amount"), payment.get("currency")
    if amount is None:
        raise Refused("2004", "payment.amount")
    if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
        raise Refused("502", "payment.amount")
    if not isinstance(currency, str) or not currency:
        raise Refused("2004", "payment.currency")
    check_amount(method, amount, currency)
    callback = body.get("callback", {})
    delay = callback.get("delay", 0) if isinstance(callback, dict) else 0
    return Order(
        project_id=project.project_id,
        payment_id=payment_id,
        method=method,
        amount=amount,
        currency=currency,
        description=str(payment.get("description") or ""),
        customer=customer_texts(customer),
        callback_url=str(general.get("merchant_callback_url") or ""),
        return_urls=customer_texts(_object(body, "return_url")) if "return_url" in body else {},
        interface="gate",
        callback_delay_s=min(float(delay), LONGEST_DELAY_S),
        callbacks_disabled=isinstance(callback, dict) and callback.get("force_disable") == 1,
    )


def read_clarification(body: dict[str, Any]) -> dict[str, str]:
    """Read the customer's details of a clarification (PROTOCOL §6.7)."""
    customer = _object(_object(body, "additional_data"), "customer", within="additional_data.")
    if not customer:
        raise Refused("2004", "additional_data.customer")
    texts = customer_texts(customer)
    _check_email(texts)
    return texts


def _check_customer(settings: GateSettings, customer: dict[str, Any]) -> None:
    customer_id = customer.get("id")
    if customer_id is None or customer_id == "":
        raise Refused("2154")
    if not isinstance(customer_id, str) or len(customer_id) > LONGEST_ID:
        raise Refused("2124")
    if not isinstance(customer.get("ip_address"), str) and not settings.silent_without_contact:
        raise Refused("2004", "customer.ip_address")
    _check_email(customer)


def _check_email(customer: dict[str, Any]) -> None:
    email = customer.get("email")
    if email and not (isinstance(email, str) and EMAIL.fullmatch(email)):
        raise Refused("2426")


def _object(body: dict[str, Any], name: str, *, within: str = "") -> dict[str, Any]:
    value = body.get(name)
    if value is None:
        raise Refused("2004", within + name)
    if not isinstance(value, dict):
        raise Refused("502", within + name)
    return value


def _missing(field: str) -> Any:
    raise Refused("2004", field)
