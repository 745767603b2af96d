"""The signed way to the provider's Payment Page: as an address, and as the parameters of its widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from payments.domain.payment import Payment
from payments.gate.payment_page import payment_page_params, payment_page_url
from payments.ports import Projects


@dataclass(frozen=True, slots=True)
class PaymentPageLink:
    """``url`` for a redirect, ``params`` for ``EPayWidget.run``; both carry the signature."""

    url: str
    params: Mapping[str, str | int]


def link_payment_page(*, payment: Payment, projects: Projects, base: str) -> PaymentPageLink:
    """The link for a payment by Payment Page, the same for every call until the signing key is changed."""
    params = payment_page_params(payment, secret_key=projects.secret_keys(payment.key.project_id)[0])
    return PaymentPageLink(payment_page_url(base, params), params)
