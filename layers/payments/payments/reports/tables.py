"""The columns of every table of a report; CSV files and the workbook's sheets are two ways to write them down.

Headings are plain English, and keys of the catalogues; words of the API (``succeeded``, ``card-partner``) are the same
in every language, so that a line can be looked up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from payments.domain.money import Money

Cell = int | str | datetime | Money | None
Kind = Literal["text", "number", "money", "time"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, what stands in it, and what is to be taken from a line."""

    heading: str
    kind: Kind
    value: Callable[[Any], Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """One table by its title; every line of it is written by the same columns."""

    title: str
    columns: tuple[Column, ...]


def _yes(*, said: bool) -> str:
    return "yes" if said else ""


OPERATIONS = Table(
    "Operations",
    (
        Column("Project", "number", lambda line: line.project_id),
        Column("Payment", "text", lambda line: line.payment_id),
        Column("Operation", "text", lambda line: line.operation_id),
        Column("Refund", "text", lambda line: line.refund_id),
        Column("Time", "time", lambda line: line.at),
        Column("Type", "text", lambda line: line.type),
        Column("Status", "text", lambda line: line.status),
        Column("Method", "text", lambda line: line.method),
        Column("Amount", "money", lambda line: line.money),
        Column("Paid", "money", lambda line: line.paid),
        Column("Returned", "money", lambda line: line.returned),
        Column("Currency", "text", lambda line: line.money.currency if line.money else None),
        Column("Code", "text", lambda line: line.code),
        Column("Message", "text", lambda line: line.message),
        Column("Request", "text", lambda line: line.request_id),
    ),
)

PAYMENTS = Table(
    "Payments",
    (
        Column("Project", "number", lambda line: line.project_id),
        Column("Payment", "text", lambda line: line.payment_id),
        Column("Created", "time", lambda line: line.created_at),
        Column("Method", "text", lambda line: line.method),
        Column("Interface", "text", lambda line: line.interface),
        Column("Status", "text", lambda line: line.status),
        Column("ECommPay's status", "text", lambda line: line.provider_status),
        Column("Amount", "money", lambda line: line.money),
        Column("Paid", "money", lambda line: line.paid),
        Column("Returned", "money", lambda line: line.returned),
        Column("Currency", "text", lambda line: line.money.currency),
        Column("Last change", "time", lambda line: line.changed_at),
        Column("Code", "text", lambda line: line.code),
        Column("Message", "text", lambda line: line.message),
    ),
)

TOTALS = Table(
    "Totals",
    (
        Column("Currency", "text", lambda total: total.currency),
        Column("Method", "text", lambda total: total.method),
        Column("Payments", "number", lambda total: total.payments),
        Column("Of them paid", "number", lambda total: total.payments_paid),
        Column("Sales", "number", lambda total: total.sales),
        Column("Paid", "money", lambda total: Money(total.paid, total.currency)),
        Column("Returns", "number", lambda total: total.returns),
        Column("Returned", "money", lambda total: Money(total.returned, total.currency)),
        Column("Net", "money", lambda total: Money(total.net, total.currency)),
    ),
)

DIFFERENCES = Table(
    "Differences",
    (
        Column("Reason", "text", lambda found: str(found.reason)),
        Column("Project", "number", lambda found: found.key.project_id),
        Column("Payment", "text", lambda found: found.key.payment_id),
        Column("Operation", "text", lambda found: found.operation_id),
        Column("Time", "time", lambda found: found.at),
        Column("Here", "text", lambda found: found.ours),
        Column("At ECommPay", "text", lambda found: found.theirs),
        Column("Amount", "money", lambda found: found.money),
        Column("Currency", "text", lambda found: found.money.currency if found.money else None),
        Column("Repaired", "text", lambda found: _yes(said=found.repaired)),
    ),
)

#: As the workbook has them, one sheet each.
SHEETS = (TOTALS, OPERATIONS, PAYMENTS, DIFFERENCES)
