"""What the customer's page may do next: one value per thing a browser can be shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from payments.domain.money import Money


@dataclass(frozen=True, slots=True)
class SendOn:
    """Send the browser to this address at once (302)."""

    url: str


@dataclass(frozen=True, slots=True)
class SubmitForm:
    """Send the browser on by POST with exactly these fields."""

    url: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class KeepWaiting:
    """Nothing to do yet: the provider has not said where to go, or has not told the result."""

    returned: bool
    """True once the customer has been at the provider: then it is the result that is awaited."""


@dataclass(frozen=True, slots=True)
class AskFor:
    """The provider wants these data of the customer before it goes on: paths such as ``customer.email``."""

    fields: tuple[str, ...]
    problem: str = ""
    """Why the answer given a moment ago could not be taken; empty at first."""


@dataclass(frozen=True, slots=True)
class ShowResult:
    """How it ended, or that a person is looking at it."""

    status: str
    """A final status of the payment: ``succeeded``, ``declined``, ``refunded``, ``needs_review`` and so on."""
    money: Money
    refunded: Money
    at: datetime


CheckoutStep = SendOn | SubmitForm | KeepWaiting | AskFor | ShowResult


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """One answer of the customer's page: the step, and what every page shows around it."""

    step: CheckoutStep
    reference: str
    """The merchant's ``payment_id``."""
    money: Money
    language: str
    """``language`` of the payment, or empty: then the browser's own wish counts."""
    return_url: str
    """Where the link back to the shop leads; empty when the merchant gave none."""
    path: str
    """The page's own address, ``/checkout/{token}``."""
    unsafe_target: bool = False
    """The provider named an address that no customer may be sent to; an operator has to know."""
