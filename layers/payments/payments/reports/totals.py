"""The sums of a report, by method and currency."""

from __future__ import annotations

from dataclasses import dataclass

from payments.domain.report_lines import OperationLine, PaymentLine


@dataclass(slots=True)
class Total:
    """What came in and went back by one method in one currency; sums in minor units."""

    method: str
    currency: str
    payments: int = 0
    """Payments created in the period, of which ``payments_paid`` are paid by now."""
    payments_paid: int = 0
    sales: int = 0
    paid: int = 0
    returns: int = 0
    returned: int = 0

    @property
    def net(self) -> int:
        """What is left of what came in; below zero where more went back."""
        return self.paid - self.returned


class Totals:
    """Grows by every line of a report."""

    def __init__(self) -> None:
        self._by_kind: dict[tuple[str, str], Total] = {}

    def add_payment(self, line: PaymentLine) -> None:
        """Count a payment; its money is counted by its operations."""
        total = self._of(line.method, line.money.currency)
        total.payments += 1
        total.payments_paid += line.paid.amount > 0

    def add_operation(self, line: OperationLine) -> None:
        """Count what an operation moved."""
        if line.paid is not None:
            total = self._of(line.method, line.paid.currency)
            total.sales, total.paid = total.sales + 1, total.paid + line.paid.amount
        if line.returned is not None:
            total = self._of(line.method, line.returned.currency)
            total.returns, total.returned = total.returns + 1, total.returned + line.returned.amount

    def all(self) -> tuple[Total, ...]:
        """Every total, by currency and then by method: what may be added up stands together."""
        return tuple(sorted(self._by_kind.values(), key=lambda each: (each.currency, each.method)))

    def _of(self, method: str, currency: str) -> Total:
        return self._by_kind.setdefault((method, currency), Total(method, currency))
