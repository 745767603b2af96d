"""Read what reconciliations of a period found, as they left it among the reports."""

from __future__ import annotations

from datetime import date, timedelta

from payments.domain.period import Period
from payments.domain.reconciliation import Difference
from payments.ports import Reports
from payments.usecases.reconciliation_lines import read_difference, read_lines
from payments.usecases.reconciliation_result import RESULTS, compared_days, differences_name


def read_differences(*, reports: Reports, period: Period) -> tuple[Difference, ...] | None:
    """The differences of every project; None where no project was compared on each day of the period.

    A reconciliation of the very period counts where there is one, else those of its single days.
    """
    results = compared_days(reports.names(RESULTS))
    chosen = [(project_id, *days) for project_id, known in results.items() for days in _chosen(known, period)]
    if not chosen:
        return None
    pieces = (reports.get(differences_name(*each)) or b"" for each in chosen)
    return tuple(found for piece in pieces for found in read_lines(piece, read_difference))


def _chosen(known: frozenset[tuple[date, date]], period: Period) -> list[tuple[date, date]]:
    if (period.first, period.last) in known:
        return [(period.first, period.last)]
    days = [period.first + timedelta(days=each) for each in range((period.last - period.first).days + 1)]
    return [(day, day) for day in days] if known.issuperset((day, day) for day in days) else []
