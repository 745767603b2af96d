"""Taking a customer's personal data out of a payment: when it may be done, and what of the payment then stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from payments.domain.check_schedule import GIVE_UP_AFTER, scheduled
from payments.domain.payment import FINAL, Customer, Payment, TimelineEntry
from payments.domain.refund import Refund

#: How a line of the story begins that goes on, behind a colon, with what a person typed (`close_refund`).
_GOES_ON_TYPED = "refund closed by hand as "


def too_early(payment: Payment, *, now: datetime) -> str:
    """Why its data are still needed, in words for an operator; empty when nothing is awaited of it any more."""
    holding = next((refund for refund in payment.refunds if refund.in_flight), None)
    if payment.order is None:
        # Nobody asks about it: it has come to its end when it was silent for longer than a callback is repeated.
        silent = now - payment.updated_at > GIVE_UP_AFTER
        is_over = silent or (payment.status in FINAL and holding is None)
    else:
        is_over = scheduled(payment, now=now).check_at is None
    if is_over:
        return ""
    if holding is not None:
        return f"its refund {holding.refund_id} is {holding.status}"
    return "a message about it is still to be confirmed" if payment.doubted else f"it is {payment.status}"


def blanked(payment: Payment, *, at: datetime) -> Payment:
    """The payment without a word of a person but the customer's id, by which whoever was interrupted finds it again.

    Amounts, states, codes and hashes stay, and what the provider's operations say: the replay compares it. Where
    nothing was left to take out, it is the very payment that was given.
    """
    order = payment.order
    if order is not None:
        order = replace(order, customer=Customer(id=order.customer.id), description="", return_url="")
    told = {each.key: each.message for each in payment.provider.returns}
    refunds = tuple(_blanked(each, told) for each in payment.refunds)
    timeline = tuple(_untyped(each) for each in payment.timeline)
    bare = replace(
        payment, order=order, refunds=refunds, timeline=timeline, message="", erased_at=payment.erased_at or at
    )
    if bare == payment:
        return payment
    if payment.erased_at is not None:
        return bare
    # It is no news about the payment itself: that was last heard of when it was.
    return replace(bare.noted(at=at, source="api", what="personal data erased"), updated_at=payment.updated_at)


def _blanked(refund: Refund, told: Mapping[str, str]) -> Refund:
    """The refund with no words but those its operation repeats; ``told`` has these by the operation's key."""
    repeated = refund.message if told.get(refund.operation_key) == refund.message else ""
    return replace(refund, reason="", message=repeated)


def _untyped(line: TimelineEntry) -> TimelineEntry:
    """The line without what a person typed."""
    return replace(line, what=line.what.partition(":")[0]) if line.what.startswith(_GOES_ON_TYPED) else line


def nameless(payment: Payment) -> Payment:
    """The payment without the customer's id; the very payment that was given where it has none."""
    if payment.order is None or not payment.order.customer.id:
        return payment
    return replace(payment, order=replace(payment.order, customer=replace(payment.order.customer, id="")))
