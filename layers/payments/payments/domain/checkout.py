"""What the customer's page may do next: one value per thing a browser can be shown."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
class RunWidget:
    """Open the provider's Payment Page over our own page, by its widget."""

    url: str
    """The same Payment Page as an address."""
    params: Mapping[str, str | int]
    """The object for ``EPayWidget.run``, signature included."""


@dataclass(frozen=True, slots=True)
class KeepWaiting:
    """Nothing to do yet: the provider has not said where to go, or has not told the result."""

    returned: bool
    """True once the customer has been at the provider: then it is the result that is awaited."""
    may_go_on: bool = False
    """The provider was asked since and still waits: a customer who did not finish there may go on."""


class Problem(StrEnum):
    """Why the customer's data could not be taken: the sentence that the page says, in its own language."""

    INCOMPLETE = "Please fill in every field."
    UNFIT = "A field cannot take a semicolon, an invisible character or more than 255 characters."
    NO_EMAIL = "Please enter an e-mail address such as name@example.com."
    NO_PHONE = "Please enter the phone number in digits, with the country code."
    MISSPELT = "Please write the marked fields as their hints say."
    REJECTED = "These data were not accepted. Please check them and try again."
    UNREACHABLE = "The payment service could not be reached. Please try again in a moment."


@dataclass(frozen=True, slots=True)
class AskFor:
    """The provider wants these data of the customer before it goes on: paths such as ``customer.email``."""

    fields: tuple[str, ...]
    problem: str = ""
    """Why the answer given a moment ago could not be taken, one of `Problem`; empty at first."""
    wrong: tuple[str, ...] = ()
    """The fields that the problem is about; none where it is about all of them."""
    until: datetime | None = None
    """When the provider gives up on the answer."""
    minutes_left: int = 0
    """Whole minutes until then, as the page was made; 0 once it is over."""


@dataclass(frozen=True, slots=True)
class ShowResult:
    """How it ended, or that a person is looking at it."""

    status: str
    """A final status of the payment: ``succeeded``, ``declined``, ``refunded``, ``needs_review`` and so on."""
    money: Money
    refunded: Money
    at: datetime
    may_try_again: bool = False
    """The customer may make another attempt on the provider's page; the way there is the page's own address."""


CheckoutStep = SendOn | SubmitForm | RunWidget | KeepWaiting | AskFor | ShowResult


def way_digest(way: SendOn | SubmitForm) -> str:
    """Tells one way to the provider from another: by where it leads and what goes along, not by who told it when."""
    fields = way.fields if isinstance(way, SubmitForm) else None
    return hashlib.sha256(repr((way.url, fields)).encode()).hexdigest()


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
