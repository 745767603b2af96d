"""Tell the world what one write of the table changed: events, the operators, and the workflow that waits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from payments.domain.changes import Change, awakened, changes, doubted, reminded
from payments.domain.payment import Payment
from payments.domain.support_letter import reminder_letter, support_letter, unresolved_letter
from payments.ports import Events, KeyUses, Operators, Workflow
from payments.views import event_payment, event_refund, rfc3339

_VERSION = "1"


def publish_record(
    *,
    events: Events,
    operators: Operators,
    workflow: Workflow,
    key_uses: KeyUses,
    images: tuple[Payment | None, Payment | None],
    report: Callable[[Payment, tuple[str, ...], int, tuple[str, ...]], None],
) -> None:
    """Publish what one record of the table's stream tells of, report what that set off, and note which key it needed.

    ``images`` are the payment before and after the write; a row that is no payment has none and changes nothing.
    Raises `StoreUnavailable` when something was not taken.
    """
    before, after = images
    if after is None:
        return
    published, stale = publish_changes(
        events=events, operators=operators, workflow=workflow, before=before, after=after
    )
    report(after, published, stale, doubted(before, after))
    if after.verified is not None and (before is None or before.verified != after.verified):
        key_uses.note(after.key.project_id, after.verified)


def publish_changes(
    *, events: Events, operators: Operators, workflow: Workflow, before: Payment | None, after: Payment
) -> tuple[tuple[str, ...], int]:
    """The detail types that were published, and how many tasks did not wait any more.

    May run several times for one write: the event ids stay the same, and a task is woken once. Raises
    `StoreUnavailable` when something was not taken; then the whole write has to be published again.
    """
    happened = tuple(changes(before, after))
    if happened:
        events.publish([(change.detail_type, event_detail(change)) for change in happened])
    for change in happened:
        letter = _letter(change)
        if letter is not None:
            operators.notify(subject=letter[0], text=letter[1])
    for refund in reminded(before, after):
        subject, text = reminder_letter(after, refund)
        operators.notify(subject=subject, text=text)
    stale = 0
    for refund in awakened(before, after):
        woken = workflow.wake(refund.task_token, {"refund_id": refund.refund_id, "status": refund.status})
        stale += not woken
    return tuple(change.detail_type for change in happened), stale


def event_detail(change: Change) -> Mapping[str, Any]:
    """The detail of one event; its id is the same however often the write is published."""
    key, refund = change.payment.key, change.refund
    identity = f"{key.project_id}|{key.payment_id}|{change.payment.version}|{change.detail_type}"
    if refund is not None:
        identity += f"|{refund.refund_id}"
    return {
        "metadata": {
            "event_id": hashlib.sha256(identity.encode()).hexdigest()[:32],
            "version": _VERSION,
            "occurred_at": rfc3339(change.payment.updated_at),
        },
        "data": {"payment": event_payment(change.payment)}
        if refund is None
        else {"refund": event_refund(change.payment, refund)},
    }


def _letter(change: Change) -> tuple[str, str] | None:
    if change.refund is None:
        return None
    if change.detail_type == "RefundSupportRequested":
        return support_letter(change.payment, change.refund)
    return unresolved_letter(change.payment, change.refund) if change.detail_type == "RefundUnresolved" else None
