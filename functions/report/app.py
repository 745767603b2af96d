"""Every morning, or called by an operator for any days → the report of them in the bucket (README, Reports)."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from payments import observability, wiring
from payments.api_models import parse
from payments.operator_inputs import ReportInput
from payments.usecases.make_report import make_report

TEMPLATES = Path(__file__).parent / "templates"


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """``{"from", "to"}``, both optional days → ``{"payments", "operations", "differences", "files"}``."""
    period = parse(ReportInput, event).period(zone=wiring.time_zone(), now=wiring.clock())
    made = make_report(
        store=wiring.store(),
        reports=wiring.reports(),
        drafting=wiring.drafting(TEMPLATES),
        period=period,
        clock=wiring.clock,
    )
    observability.logger.info("report made", extra={"period": str(period), "payments": made.payments})
    return asdict(made)
