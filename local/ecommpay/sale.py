"""The life of a sale: registered, clarified or redirected, and ended. The caller holds the store's lock."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from local.ecommpay.delivery import Delivery
from local.ecommpay.engine import Engine, announce, later
from local.ecommpay.methods import CARD_PARTNER, Method
from local.ecommpay.outcomes import RESULTS, Outcome
from local.ecommpay.refusals import Refused
from local.ecommpay.state import Operation, Payment, Redirect

DECIDED_AT_ONCE = frozenset({"success", "decline", "expired", "canceled", "internal_error", "external_error"})
ASKED_BY_OUTCOME = ("email", "phone")


@dataclass(frozen=True, slots=True)
class Order:
    """What a merchant asks to be paid, by Gate or by Payment Page."""

    project_id: int
    payment_id: str
    method: Method
    amount: int
    currency: str
    description: str
    customer: dict[str, str]
    callback_url: str
    return_urls: dict[str, str]
    interface: str
    callback_delay_s: float = 0.0
    callbacks_disabled: bool = False


def check_amount(method: Method, amount: int, currency: str) -> None:
    """Refuse currencies and amounts that the method does not take."""
    limits = method.limits.get(currency)
    if limits is None:
        raise Refused("3023", currency)
    if amount < limits.minimum:
        raise Refused("3358")
    if limits.maximum is not None and amount > limits.maximum:
        raise Refused("2642")


def register_payment(engine: Engine, order: Order, outcome: Outcome) -> Payment:
    """Make the payment known; a second one with the same id is refused."""
    if engine.store.find(order.project_id, order.payment_id):
        raise Refused("3041")
    now = engine.clock()
    payment = Payment(
        project_id=order.project_id,
        payment_id=order.payment_id,
        method=order.method,
        amount=order.amount,
        currency=order.currency,
        balance=order.amount,
        status="processing",
        description=order.description,
        customer=order.customer,
        callback_url=order.callback_url or engine.projects[order.project_id].callback_url,
        interface=order.interface,
        outcome=outcome,
        created_at=now,
        updated_at=now,
        return_urls=order.return_urls,
        callback_delay_s=order.callback_delay_s,
        callbacks_disabled=order.callbacks_disabled,
    )
    engine.store.add(payment)
    return payment


def add_operation(engine: Engine, payment: Payment, *, kind: str, amount: int, request_id: str, mark: str) -> Operation:
    """Add an operation in processing; `mark` ends the provider's own number for card-partner."""
    now = engine.clock()
    operation_id = engine.store.next_operation_id(payment.method)
    if payment.method is CARD_PARTNER:
        provider_payment_id = f"{int(now.timestamp() * 1000)}{mark}"
    else:
        provider_payment_id = f"{operation_id}_{secrets.randbelow(9 * 10**16) + 10**16}"
    operation = Operation(
        operation_id=operation_id,
        type=kind,
        status="processing",
        request_id=request_id,
        amount=amount,
        currency=payment.currency,
        created_at=now,
        updated_at=now,
        provider_payment_id=provider_payment_id,
    )
    payment.operations.append(operation)
    engine.store.name(payment, request_id)
    return operation


def start_attempt(engine: Engine, payment: Payment, request_id: str) -> Operation:
    """Start an attempt to pay; nothing is announced yet."""
    operation = add_operation(engine, payment, kind="sale", amount=payment.amount, request_id=request_id, mark="A")
    operation.callbacks = payment.outcome.callbacks
    _move(engine, payment, operation, "processing")
    return operation


def announce_start(engine: Engine, payment: Payment, operation: Operation) -> list[Delivery]:
    """Tell the merchant that an attempt is being processed."""
    return announce(engine, payment, operation, final=False)


def go_on(engine: Engine, payment: Payment, operation: Operation) -> None:
    """Take the next step of an attempt in processing: ask, decide at once, or redirect."""
    if operation.status not in {"processing", "awaiting clarification"}:
        return
    missing = missing_fields(payment)
    if missing:
        payment.clarification_fields = {"customer": missing}
        _move(engine, payment, operation, "awaiting clarification")
        operation.code, operation.message = "3191", "Need clarification"
        _set_term(engine, payment, operation, engine.settings.clarification_term_s)
        announce(engine, payment, operation, final=False)
    elif payment.amount < payment.method.limits[payment.currency].declined_below:
        end_attempt(engine, payment, operation, "decline")
    elif payment.outcome.sale in DECIDED_AT_ONCE:
        end_attempt(engine, payment, operation, payment.outcome.sale)
    else:
        _redirect(engine, payment, operation)


def missing_fields(payment: Payment) -> list[str]:
    """Return the customer's fields that must be asked for before the attempt can go on."""
    if payment.outcome.sale == "clarify" and payment.interface == "gate" and not payment.clarified:
        return list(ASKED_BY_OUTCOME)
    return [name for name in payment.method.customer_fields if not payment.customer.get(name)]


def take_clarification(engine: Engine, payment: Payment, customer: Mapping[str, str]) -> None:
    """Take what was asked for; what is still missing is asked for again."""
    if payment.status != "awaiting clarification":
        raise Refused("3081")
    payment.customer |= customer
    asked = payment.clarification_fields.get("customer", [])
    payment.clarified = all(payment.customer.get(name) for name in asked) and set(asked) <= set(customer)
    payment.clarification_fields = {}
    go_on(engine, payment, payment.operations[-1])


def take_decision(engine: Engine, payment: Payment, operation: Operation, word: str) -> None:
    """Take what the person chose at the provider; the first provider of a cascade cannot make use of it."""
    if payment.outcome.sale == "cascade" and not payment.cascaded:
        _pass_on(engine, payment, operation)
    else:
        end_attempt(engine, payment, operation, word)


def end_attempt(engine: Engine, payment: Payment, operation: Operation, word: str) -> None:
    """End an attempt as `word` of outcomes.RESULTS says, once: what is ended stays so."""
    if operation.completed_at is not None:
        return
    outcome = payment.outcome
    if word == "success" and outcome.sale not in DECIDED_AT_ONCE:
        word = outcome.paid_as
    elif word == "decline" and outcome.sale not in DECIDED_AT_ONCE:
        word = outcome.declined_as
    result = RESULTS[word]
    if result.operation_status == "success":
        payment.currency = operation.currency = outcome.currency_becomes or payment.currency
        operation.amount = payment.balance = payment.amount + outcome.amount_added
    now = engine.clock()
    payment.status, operation.status = result.payment_status, result.operation_status
    operation.code, operation.message = result.code, result.message
    payment.updated_at = operation.updated_at = operation.completed_at = now
    announce(engine, payment, operation, final=True)


def end_overdue(engine: Engine) -> None:
    """Decline every attempt whose customer or merchant did not come back in time (PROTOCOL §5.7)."""
    for key, operation_id in engine.store.take_overdue(engine.clock()):
        payment = engine.store.payments.get(key)
        if payment is None:
            continue
        operation = payment.operation(operation_id)
        if operation.status == "awaiting redirect result":
            end_attempt(engine, payment, operation, "time_out")
        elif operation.status == "awaiting clarification":
            end_attempt(engine, payment, operation, "auto_decline")


def _pass_on(engine: Engine, payment: Payment, operation: Operation) -> None:
    """Decline the operation at this provider and begin another one at the next, within the same payment."""
    result = RESULTS["decline"]
    now = engine.clock()
    operation.status, operation.code, operation.message = result.operation_status, result.code, result.message
    operation.updated_at = operation.completed_at = payment.updated_at = now
    payment.status, payment.cascaded = "processing", True
    announce(engine, payment, operation, final=False)

    def go_to_the_next() -> None:
        following = start_attempt(engine, payment, operation.request_id)
        announce_start(engine, payment, following)
        go_on(engine, payment, following)

    later(engine, payment, go_to_the_next, after_s=engine.settings.cascade_s)


def _redirect(engine: Engine, payment: Payment, operation: Operation) -> None:
    session = str(uuid.uuid4())
    data = _card_partner_redirect if payment.method is CARD_PARTNER else _enets_redirect
    payment.redirect = Redirect(session, operation.operation_id, data(engine, payment, operation, session))
    engine.store.name(payment, session)
    _move(engine, payment, operation, "awaiting redirect result")
    operation.code, operation.message = "9999", "Awaiting processing"
    short = payment.outcome.sale == "time_out"
    _set_term(engine, payment, operation, engine.settings.short_term_s if short else engine.settings.redirect_term_s)
    announce(engine, payment, operation, final=False)


def _card_partner_redirect(engine: Engine, payment: Payment, operation: Operation, session: str) -> dict[str, Any]:
    """Return redirect data with the partner's fields: an object of texts, sent by POST."""
    switches = "live mpesa bonga airtel equity mobilebanking debitcard mkoporahisi saida elipa"
    body = {
        **dict.fromkeys(switches.split(), "0"),
        "oid": str(operation.operation_id),
        "inv": f"{operation.operation_id}{operation.created_at:%Y%m%d%H%M%S}",
        "ttl": str(int(engine.settings.redirect_term_s)),
        "tel": payment.customer.get("phone", ""),
        "eml": payment.customer.get("email", ""),
        "vid": "demo",
        "curr": payment.currency,
        "cbk": f"{engine.public_url}/partner/{session}",
        "lbk": f"{engine.public_url}/partner/{session}",
        "cst": "1",
        "crl": "0",
        "hsh": session.replace("-", ""),
    }
    return {"body": body, "method": "POST", "url": f"{engine.public_url}/partner/pay"}


def _enets_redirect(engine: Engine, _payment: Payment, _operation: Operation, session: str) -> dict[str, Any]:
    """Return redirect data with the bank's address: GET, and an empty list where the partner has fields."""
    return {"body": [], "method": "GET", "url": f"{engine.public_url}/bank/pay/{session}"}


def _move(engine: Engine, payment: Payment, operation: Operation, status: str) -> None:
    payment.status = operation.status = status
    payment.updated_at = operation.updated_at = engine.clock()


def _set_term(engine: Engine, payment: Payment, operation: Operation, seconds: float) -> None:
    until: datetime = engine.clock() + timedelta(seconds=seconds)
    engine.store.set_term(payment, operation, until)
