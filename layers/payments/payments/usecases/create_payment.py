"""Create a payment: check it, store it, and only then ask the provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from payments.domain.check_schedule import scheduled
from payments.domain.checkout_token import LIFETIME, mint
from payments.domain.errors import (
    FieldError,
    GateRejected,
    GateUnavailable,
    InvalidRequest,
    PaymentConflict,
    StoreConflict,
    StoreUnavailable,
)
from payments.domain.methods import METHODS, amount_problem
from payments.domain.money import Money
from payments.domain.payment import Customer, Interface, Order, Payment, PaymentKey
from payments.domain.provider_state import NOTHING_SAID
from payments.ports import Gate, IdempotencyRecord, Projects, Store
from payments.usecases.amend_payment import ATTEMPTS, amend_payment, pause_before


@dataclass(frozen=True, slots=True)
class NewPayment:
    """What a merchant asks for, well formed; whether it may be is checked here."""

    interface: Interface
    method: str
    money: Money
    customer: Customer
    fingerprint: str
    payment_id: str = ""
    project_id: int | None = None
    description: str = ""
    language: str = ""
    return_url: str = ""
    idempotency_key: str = ""


def create_payment(
    *,
    store: Store,
    gate: Gate,
    projects: Projects,
    wanted: NewPayment,
    public_url: str,
    page_lifetime: timedelta,
    new_id: Callable[[], str],
    clock: Callable[[], datetime],
) -> tuple[Payment, bool]:
    """The payment, and whether this call made it (a repetition finds it and sends nothing).

    Raises `InvalidRequest`, `PaymentConflict` for another request under a known id or key, and `GateRejected` when the
    provider refused a Gate sale for certain; the payment is stored as failed by then.
    """
    project_id = _project(wanted, projects.ids())
    _check(wanted)
    key = PaymentKey(project_id, wanted.payment_id or new_id())
    for attempt in range(ATTEMPTS):
        try:
            known = _known(store, wanted, key)
            if known is not None:
                return known, False
            told = store.read(key)
            if told is not None and told.order is not None:
                continue  # ordered by another request since: what that one asked for counts
            order = _order(
                wanted, key, projects=projects, public_url=public_url, page_lifetime=page_lifetime, now=clock()
            )
            payment = store.save(_ordered(told, key, order), idempotency=_record(wanted, key))
        except StoreConflict:
            pause_before(attempt)
            continue
        return (_sell(store, gate, payment, clock) if payment.submission == "sending" else payment), True
    raise StoreUnavailable("The payment is being created by several requests at once.")


def _project(wanted: NewPayment, ids: tuple[int, ...]) -> int:
    if wanted.project_id is None and len(ids) == 1:
        return ids[0]
    if wanted.project_id is None:
        raise InvalidRequest(FieldError("/project_id", "required, because several projects are configured"))
    if wanted.project_id not in ids:
        raise InvalidRequest(FieldError("/project_id", "not a project of this installation"))
    return wanted.project_id


def _check(wanted: NewPayment) -> None:
    """Check the request against the method catalogue before anything leaves."""
    errors = []
    gate = wanted.interface == "gate"
    if gate and not wanted.method:
        errors.append(FieldError("/method", "required for gate"))
    if gate and not wanted.customer.ip_address:
        errors.append(FieldError("/customer/ip_address", "required for gate"))
    if wanted.method:
        method = METHODS[wanted.method]
        problem = amount_problem(method, wanted.money)
        if problem:
            errors.append(FieldError(f"/{problem[0]}", problem[1]))
        if gate:
            missing = [name for name in method.required if not getattr(wanted.customer, name)]
            errors.extend(FieldError(f"/customer/{name}", f"required by {method.code} on gate") for name in missing)
    if errors:
        raise InvalidRequest(*errors)


def _known(store: Store, wanted: NewPayment, key: PaymentKey) -> Payment | None:
    """The payment that this very request made before; raises when the id or the key was used for another one."""
    record = store.idempotent(wanted.idempotency_key) if wanted.idempotency_key else None
    if record is not None:
        if record.fingerprint != wanted.fingerprint:
            raise PaymentConflict("This Idempotency-Key was used for another request.")
        return store.read(record.payment)
    payment = store.read(key) if wanted.payment_id else None
    if payment is None or payment.order is None:
        return None
    if payment.order.fingerprint != wanted.fingerprint:
        raise PaymentConflict(f"Payment {key.payment_id} exists and was another request.")
    return store.save(payment, idempotency=_record(wanted, key)) if wanted.idempotency_key else payment


def _record(wanted: NewPayment, key: PaymentKey) -> IdempotencyRecord | None:
    if not wanted.idempotency_key:
        return None
    return IdempotencyRecord(wanted.idempotency_key, key, wanted.fingerprint)


def _order(
    wanted: NewPayment,
    key: PaymentKey,
    *,
    projects: Projects,
    public_url: str,
    page_lifetime: timedelta,
    now: datetime,
) -> Order:
    on_page = wanted.interface == "payment_page"
    return Order(
        interface=wanted.interface,
        method=wanted.method,
        money=wanted.money,
        description=wanted.description,
        language=wanted.language,
        customer=wanted.customer,
        return_url=wanted.return_url,
        public_url=public_url,
        checkout_token=mint(key, secret_key=projects.secret_keys(key.project_id)[0], expires_at=now + LIFETIME),
        fingerprint=wanted.fingerprint,
        created_at=now,
        expires_at=now.replace(microsecond=0) + page_lifetime if on_page else None,
    )


def _ordered(known: Payment | None, key: PaymentKey, order: Order) -> Payment:
    """The payment to store; one that the provider spoke of before we knew it keeps all that was said."""
    now = order.created_at
    # One that was erased before anybody ordered it is alive again: where to send its customer has to be kept.
    payment = replace(known or Payment(key=key, updated_at=now), order=order, updated_at=now, erased_at=None)
    if order.interface == "gate":
        # A payment the provider knows already is not sold again: the id is its idempotency key (PROTOCOL §5.5).
        payment = replace(payment, submission="sending" if payment.provider == NOTHING_SAID else "unclear")
    noted = payment.noted(at=now, source="api", what=f"created for {order.money} by {order.interface}")
    return scheduled(noted, now=now)


def _sell(store: Store, gate: Gate, payment: Payment, clock: Callable[[], datetime]) -> Payment:
    """The payment after the one and only sale request; what the provider answered is stored."""
    try:
        request_id = gate.sell(payment)
    except GateRejected as refusal:
        what = f"sale refused by Gate, code {refusal.code}"
        facts = {"submission": "refused", "code": refusal.code, "message": refusal.message}
        _note_sale(store, payment.key, clock, what, facts)
        raise
    except GateUnavailable:
        return _note_sale(store, payment.key, clock, "sale sent, answer unclear", {"submission": "unclear"})
    facts = {"submission": "acknowledged", "request_id": request_id}
    return _note_sale(store, payment.key, clock, "sale accepted by Gate", facts)


def _note_sale(
    store: Store, key: PaymentKey, clock: Callable[[], datetime], what: str, facts: Mapping[str, Any]
) -> Payment:
    def change(payment: Payment) -> Payment:
        return replace(payment.noted(at=clock(), source="api", what=what), **facts)

    return amend_payment(store=store, key=key, change=change, clock=clock)
