"""Find the payment behind a checkout token."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from payments.domain.checkout_token import redeem
from payments.domain.errors import PageNotFound, UnknownProject
from payments.domain.payment import Order, Payment
from payments.ports import Gate, Projects, Store


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser at a customer's page, and what is needed to receive it."""

    store: Store
    projects: Projects
    token: str
    returned: bool
    """The browser comes back from the provider; this only chooses between waiting and sending on."""
    now: datetime
    gate: Callable[[], Gate]
    """Makes Gate, should the provider have to be asked; most visits can do without."""
    patience: timedelta
    """How long after the customer came back the provider is asked for the first time."""
    payment_page_base: str
    loopback_allowed: bool
    """Whether plain ``http:`` to loopback hosts may pass (local runs)."""
    embedded: bool = False
    """The shop wants Payment Page opened by the widget on our page, where the customer pays there."""


def open_page(visit: Visit) -> tuple[Payment, Order]:
    """The payment whose page this token opens, and its order; raises `PageNotFound` and never says why."""

    def secret_keys_of(project_id: int) -> Iterable[str]:
        try:
            return visit.projects.secret_keys(project_id)
        except UnknownProject:
            return ()

    payment = visit.store.read(redeem(visit.token, secret_keys_of=secret_keys_of, now=visit.now))
    if payment is None or payment.order is None:
        raise PageNotFound
    return payment, payment.order
