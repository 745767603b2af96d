"""What operators give the functions that they call with days; pydantic stays in this room and in `api_models`."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from pydantic import BaseModel, ConfigDict, Field

from payments.api_models import Day, ProjectId
from payments.domain.errors import FieldError, InvalidRequest
from payments.domain.period import Period, day_before

LONGEST_RECONCILIATION = LONGEST_REPORT = timedelta(days=366)


class ReconcileInput(BaseModel):
    """The days to reconcile, both included, of one project or of all; nothing at all for whatever is due."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    first: Day | None = Field(None, alias="from")
    last: Day | None = Field(None, alias="to")
    project_id: ProjectId | None = None

    def days(self) -> tuple[date, date] | None:
        """The first and the last of the days wanted; None for whatever is due. Raises `InvalidRequest`."""
        if self.first is None and self.last is None and self.project_id is None:
            return None
        if self.first is None or self.last is None:
            raise InvalidRequest(FieldError("/from", "has to be given, and /to with it"))
        if not self.first <= self.last < self.first + LONGEST_RECONCILIATION:
            raise InvalidRequest(FieldError("/to", "has to be the first day or one of the year behind it"))
        return self.first, self.last


class ReportInput(BaseModel):
    """Which days a report is about, both included, by the merchant's calendar; without any, the last whole one."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    first: Day | None = Field(None, alias="from")
    last: Day | None = Field(None, alias="to", description="The same day when absent.")

    def period(self, *, zone: tzinfo, now: datetime) -> Period:
        """The days meant; raises `InvalidRequest` for an end without a beginning, before it, or too far from it."""
        if self.first is None:
            if self.last is not None:
                raise InvalidRequest(FieldError("/from", "is required with to"))
            return day_before(now, zone)
        last = self.last or self.first
        if not self.first <= last < self.first + LONGEST_REPORT:
            detail = f"has to be the first day or one of the {LONGEST_REPORT.days - 1} after it"
            raise InvalidRequest(FieldError("/to", detail))
        return Period(self.first, last, zone)
