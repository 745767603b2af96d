"""Everything that can be refused or go wrong, as facts; what HTTP or the workflow make of it is decided elsewhere.

    CheckoutError
    ├── InvalidRequest               a request that breaks the rules, with every broken field
    ├── MalformedRequest             a body that is not the JSON object it should be
    ├── BodyTooLarge
    ├── PaymentNotFound
    ├── RefundNotFound
    ├── PageNotFound                 a checkout token that is unknown, forged or too old
    ├── PaymentConflict              the same id or key was used for another request
    ├── ProjectRequired              the payment id exists in several projects
    ├── UnknownProject               a message for a project that is not ours
    ├── SourceNotListed              a callback from an address that callbacks are not taken from
    ├── RefundRefused                why a refund cannot be started
    │   ├── PaymentNotRefundable
    │   ├── RefundInProgress
    │   ├── PartialRefundNotSupported
    │   ├── AmountExceedsPayment
    │   └── InvalidRefundRequest
    ├── GateRejected                 the provider refused: it certainly did not happen
    ├── GateUnavailable              nobody knows yet whether it happened: check
    ├── DataApiUnavailable           the provider's list of operations did not come, or cannot be believed
    ├── RefundSettled                the refund has ended already: there is nothing to wait for
    ├── RefundUnresolved             every check was made and nobody knows: a person has to look
    ├── MessageKnown                 this very message of the provider is stored already
    ├── MessageNotRedactable         a stored message would not say the same without its personal data
    ├── DeadLetterUnreadable         what was given up is not what Lambda writes
    ├── StoreConflict                somebody else wrote first: read again
    └── StoreUnavailable             the store did not take it: try again later

The names in ``statemachines/refund.asl.yaml`` are these class names.
"""

from __future__ import annotations

from dataclasses import dataclass


class CheckoutError(Exception):
    """Root of all refusals of this system."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One broken field: ``pointer`` is a JSON pointer such as ``/customer/id``."""

    pointer: str
    detail: str


class InvalidRequest(CheckoutError):
    """A request that was understood and breaks the rules."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{error.pointer}: {error.detail}" for error in errors))
        self.errors = errors


class MalformedRequest(CheckoutError):
    """A body that is not the JSON object it should be."""


class BodyTooLarge(CheckoutError):
    """A body longer than anybody honest sends."""


class PaymentNotFound(CheckoutError):
    """No payment with this id."""


class RefundNotFound(CheckoutError):
    """No refund with this id."""


class PageNotFound(CheckoutError):
    """No page behind this address; says nothing about why."""


class PaymentConflict(CheckoutError):
    """The same payment id or idempotency key was used for another request."""


class ProjectRequired(CheckoutError):
    """The payment id exists in several projects, so the project has to be named."""


class UnknownProject(CheckoutError):
    """A project that is not configured here."""


class SourceNotListed(CheckoutError):
    """A callback came from an address that callbacks are not taken from here."""


class RefundRefused(CheckoutError):
    """A refund that cannot be started."""


class PaymentNotRefundable(RefundRefused):
    """The payment was not paid, or everything was given back already."""


class RefundInProgress(RefundRefused):
    """Another refund of this payment is under way, or its end is unknown."""


class PartialRefundNotSupported(RefundRefused):
    """The method gives back the whole amount or nothing."""


class AmountExceedsPayment(RefundRefused):
    """More than was paid, less what was given back."""


class InvalidRefundRequest(RefundRefused):
    """The refund request itself is not well formed."""


class GateRejected(CheckoutError):
    """The provider refused the request: it certainly did not happen."""

    def __init__(self, detail: str, *, code: str = "", message: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.message = message


class GateUnavailable(CheckoutError):
    """The conversation with the provider broke: the request may have been carried out or not.

    With a ``code`` the provider refused it, for a reason that the same request carried out before may have brought
    about: it did not happen if the provider tells of nothing that did.
    """

    def __init__(self, detail: str, *, code: str = "", message: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.message = message


class DataApiUnavailable(CheckoutError):
    """The provider's list of operations did not come, or cannot be believed: ask again later."""


class RefundSettled(CheckoutError):
    """The refund has ended already, so nobody will wake whoever waits for it."""


class RefundUnresolved(CheckoutError):
    """Every check was made and the end of the refund is still unknown."""


class MessageKnown(CheckoutError):
    """This very message of the provider is stored already."""


class MessageNotRedactable(CheckoutError):
    """A message that would not say the same without its personal data, or that cannot be read: it is left as it is."""


class DeadLetterUnreadable(CheckoutError):
    """A dead letter that is not what Lambda writes; says what is missing, nothing of what it holds."""


class StoreConflict(CheckoutError):
    """Somebody else wrote it in between; read it again and decide again."""


class StoreUnavailable(CheckoutError):
    """The store did not take the write, or did not answer."""
