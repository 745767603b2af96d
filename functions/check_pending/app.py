"""Every minute → the payments whose truth is overdue are checked with the provider."""

from typing import Any

from payments import observability, wiring
from payments.usecases.check_pending import check_pending

#: So many are looked after in one run; the rest are due in the next one.
LIMIT = 50


def handler(_event: Any, _context: Any) -> dict[str, int]:
    """The schedule's entry point; answers how many were looked after and how often the provider was out of reach."""
    checked, unreachable = check_pending(
        store=wiring.store(), gate=wiring.gate(), workflow=wiring.workflow(), limit=LIMIT, clock=wiring.clock
    )
    if checked:
        observability.logger.info("pending payments checked", extra={"checked": checked, "unreachable": unreachable})
    return {"checked": checked, "unreachable": unreachable}
