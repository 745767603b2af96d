"""Find the payment behind a checkout token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from payments.domain.checkout_token import redeem
from payments.domain.errors import PageNotFound, UnknownProject
from payments.domain.payment import Order, Payment
from payments.ports import Projects, Store


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser at a customer's page, and what is needed to receive it."""

    store: Store
    projects: Projects
    token: str
    returned: bool
    """The browser comes back from the provider; this only chooses between waiting and sending on."""
    now: datetime


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
