"""What operators give the functions that they call with days; pydantic stays in this room and in `api_models`."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict, Field

from payments.api_models import Day, ProjectId
from payments.domain.errors import FieldError, InvalidRequest

LONGEST_RECONCILIATION = timedelta(days=366)


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
