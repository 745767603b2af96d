"""Lines of a report and drafts of one, for the tests of the files and of the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from local.catalogues import REPORT
from payments.domain.money import Money
from payments.domain.payment import PaymentKey
from payments.domain.period import Period
from payments.domain.reconciliation import Difference, Reason
from payments.domain.report_lines import OperationLine, PaymentLine, Waiting
from payments.look import Look
from payments.reports.draft import Draft, drafting
from payments.reports.words import Words, words_for

NAIROBI = ZoneInfo("Africa/Nairobi")
LANGUAGES = ("en", "ms", "ru", "sw", "zh")
DAY = date(2026, 11, 21)
PERIOD = Period(DAY, DAY, NAIROBI)
EVENING = datetime(2026, 11, 21, 17, 52, 3, 123456, tzinfo=UTC)
MADE_AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def words(language: str = "en") -> Words:
    """The words of a language, by Nairobi's clock."""
    return words_for(language, zone=NAIROBI, locales=REPORT.locales)


def payment_line(**changes: Any) -> PaymentLine:
    """A payment of 100 shillings, paid in the evening."""
    parts: dict[str, Any] = {
        "project_id": 2924,
        "payment_id": "order-1001",
        "created_at": EVENING,
        "method": "card-partner",
        "interface": "gate",
        "status": "succeeded",
        "provider_status": "success",
        "money": Money(10_000, "KES"),
        "paid": Money(10_000, "KES"),
        "returned": Money(0, "KES"),
        "changed_at": EVENING + timedelta(minutes=1),
        "code": "",
        "message": "",
        **changes,
    }
    return PaymentLine(**parts)


def operation_line(**changes: Any) -> OperationLine:
    """The sale of those 100 shillings."""
    parts: dict[str, Any] = {
        "project_id": 2924,
        "payment_id": "order-1001",
        "operation_id": "389",
        "refund_id": "",
        "at": EVENING,
        "type": "sale",
        "status": "success",
        "method": "card-partner",
        "money": Money(10_000, "KES"),
        "paid": Money(10_000, "KES"),
        "returned": None,
        "code": "0",
        "message": "Success",
        "request_id": "request-1",
        **changes,
    }
    return OperationLine(**parts)


def difference(reason: Reason = Reason.AMOUNT, **changes: Any) -> Difference:
    """One difference of that evening."""
    parts: dict[str, Any] = {
        "reason": reason,
        "key": PaymentKey(2924, "order-1001"),
        "operation_id": "389",
        "at": EVENING,
        "ours": "sale success 100.00 KES",
        "theirs": "sale success 110.00 KES",
        "money": Money(1_000, "KES"),
        **changes,
    }
    return Difference(**parts)


def waiting(number: int = 1, **changes: Any) -> Waiting:
    """A refund that waits for support."""
    parts: dict[str, Any] = {
        "key": PaymentKey(198, f"order-{number}"),
        "since": EVENING,
        "status": "awaiting_support",
        "money": Money(2_600, "SGD"),
        "refund_id": f"rf-{number}",
        **changes,
    }
    return Waiting(**parts)


@contextmanager
def draft(language: str = "en", *, period: Period = PERIOD, look: Look | None = None) -> Iterator[Draft]:
    """An empty draft."""
    with drafting(
        period=period,
        words=words(language),
        look=look or Look(name="Highland Coffee"),
        made_at=MADE_AT,
        templates=REPORT.templates,
    ) as begun:
        yield begun


def written(begun: Draft) -> dict[str, bytes]:
    """Every file of a finished draft."""
    return {name: file.read() for name, file in begun.finish()}
