"""Three times an hour, and called by an operator → our ledger against ECommPay's (README, Reconciliation)."""

from typing import Any

from payments import observability, wiring
from payments.api_models import parse
from payments.operator_inputs import ReconcileInput
from payments.usecases.reconcile import Reconciled, reconcile


def go_on(wanted: ReconcileInput, *, seconds_left: float) -> Reconciled:
    """Begin what is wanted, or due, and go on with it as long as there is time."""
    return reconcile(
        desk=wiring.desk(observability.report_reconciled, seconds_left=seconds_left),
        projects=wiring.projects(),
        days=wanted.days(),
        project_id=wanted.project_id,
        zone=wiring.time_zone(),
    )


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """``{}`` for what is due, or ``{"from", "to", "project_id"}`` → ``{"runs", "left_out", "done"}``."""
    wanted = parse(ReconcileInput, event)
    reconciled = go_on(wanted, seconds_left=context.get_remaining_time_in_millis() / 1000)
    observability.report_reconciling(reconciled)
    if reconciled.failure:
        raise reconciled.failure
    return reconciled.plain()
