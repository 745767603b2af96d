"""Read what reconciliations of a period found, as they left it among the reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from payments.domain.period import Period
from payments.domain.reconciliation import Difference
from payments.ports import Reports
from payments.usecases.reconciliation_lines import read_difference, read_lines
from payments.usecases.reconciliation_result import RESULTS, compared_days, differences_name


def read_differences(*, reports: Reports, period: Period) -> Mapping[int, tuple[Difference, ...]]:
    """The differences of each project that was compared on every day of the period, by project.

    A reconciliation of the very period counts where there is one, else those of its single days.
    """
    compared: dict[int, tuple[Difference, ...]] = {}
    for project_id, known in sorted(compared_days(reports.names(RESULTS)).items()):
        if chosen := _chosen(known, period):
            pieces = (reports.get(differences_name(project_id, *days)) or b"" for days in chosen)
            compared[project_id] = tuple(found for piece in pieces for found in read_lines(piece, read_difference))
    return compared


def _chosen(known: frozenset[tuple[date, date]], period: Period) -> list[tuple[date, date]]:
    if (period.first, period.last) in known:
        return [(period.first, period.last)]
    days = [period.first + timedelta(days=each) for each in range((period.last - period.first).days + 1)]
    return [(day, day) for day in days] if known.issuperset((day, day) for day in days) else []
