"""Logs, metrics and how faults are told: for the functions only, and never with personal data or a secret.

A log line says what happened and to which payment id. The text of an exception we did not write ourselves stays out,
because it may quote what a customer typed; where it was raised is told instead.
"""

from __future__ import annotations

import traceback
from types import MappingProxyType
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from payments.domain.errors import CheckoutError
from payments.domain.payment import Payment
from payments.usecases.receive_callback import Receipt

if TYPE_CHECKING:  # the functions that answer callbacks and customers do not reconcile
    from payments.usecases.reconcile import Reconciled
    from payments.usecases.reconciliation_result import Summary

logger = Logger()

#: Flags of a stored callback, and published events, that alarms watch.
_FLAGGED = MappingProxyType(
    {
        "unknown_payment": "UnknownPaymentCalledBack",
        "ambiguous": "AmbiguousMessageReceived",
        "unplaced": "UnplacedMessageReceived",
    }
)
_ALARMING = frozenset({"PaymentNeedsReview"})


def count(metric: str, value: int = 1) -> None:
    """Add to a metric of this service; alarms in ``template.yaml`` watch them by name."""
    with single_metric(name=metric, unit=MetricUnit.Count, value=value):
        pass


def report_fault(fault: Exception, request_id: str) -> None:
    """Log a fault by its kind and place, without its words unless they are ours."""
    frames = traceback.extract_tb(fault.__traceback__)
    logger.error(
        "unexpected fault",
        extra={
            "fault": type(fault).__name__,
            "detail": str(fault) if isinstance(fault, CheckoutError) else "",
            "raised_at": [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames],
            "request_id": request_id,
        },
    )
    count("UnexpectedFault")


def report_callback(receipt: Receipt) -> None:
    """Log one stored callback and count what an operator has to know about it."""
    logger.info(
        receipt.what,
        extra={
            "payment_id": receipt.key.payment_id,
            "project_id": receipt.key.project_id,
            "repeated": receipt.repeated,
            "flags": receipt.flags,
        },
    )
    for flag in receipt.flags:
        count(_FLAGGED[flag])
    if receipt.unknown_words:
        logger.warning("words of the provider that we do not know", extra={"words": receipt.unknown_words})
        count("UnknownStatusReceived")
    if receipt.verified_by:
        count("RetiredKeyUsed")
    with single_metric(name="KeyUsed", unit=MetricUnit.Count, value=1) as used:
        used.add_dimension("project_id", str(receipt.key.project_id))
        used.add_dimension("key", receipt.signed_by)
    if receipt.repeated:
        count("CallbackRepeated")


def report_refused_callback(refusal: Exception) -> None:
    """Log and count a callback that was not taken; never what it held."""
    logger.warning("callback refused", extra={"reason": type(refusal).__name__})
    count("CallbackRejected")


def report_published(payment: Payment, published: tuple[str, ...], stale: int, doubtful: tuple[str, ...]) -> None:
    """Log what one write set off; ``doubtful`` are the refunds that it made hard to tell from others."""
    identity = {"payment_id": payment.key.payment_id, "project_id": payment.key.project_id}
    if published:
        logger.info("published", extra={**identity, "events": published, "status": payment.status})
    for detail_type in published:
        if detail_type in _ALARMING:
            count(detail_type)
    if stale:
        count("StaleTaskToken", stale)
    if doubtful:
        logger.warning("which return is this refund is in doubt", extra={**identity, "refunds": doubtful})
        count("DoubtfulRefundMatch", len(doubtful))


def report_reconciled(summary: Summary) -> None:
    """Log what a reconciliation came to, and count what somebody has to look at."""
    logger.info(
        "reconciled",
        extra={
            "project_id": summary.project_id,
            "from": summary.first.isoformat(),
            "to": summary.last.isoformat(),
            "found": {reason.value: each.found for reason, each in summary.counts.items()},
            "needs_a_person": summary.needs_a_person,
        },
    )
    if summary.needs_a_person:
        count("ReconciliationDifference", summary.needs_a_person)


def report_reconciling(reconciled: Reconciled) -> None:
    """Log which projects cannot be reconciled, and what keeps a run from going on."""
    if reconciled.left_out:
        logger.warning("projects without a token of the Data API", extra={"left_out": reconciled.left_out})
    for run in reconciled.runs:
        if run.trouble:
            extra = {"project_id": run.project_id, "from": run.first.isoformat(), "trouble": run.trouble}
            logger.warning("a reconciliation does not go on", extra=extra)
            count("ReconciliationStuck")
