"""Every minute → the payments whose truth is overdue are checked with the provider."""

from dataclasses import asdict
from typing import Any

from payments import observability, wiring
from payments.usecases.check_pending import LookedAfter, check_pending

#: So many are looked after in one run; the rest are due in the next one.
LIMIT = 50


def check() -> LookedAfter:
    """One run."""
    return check_pending(
        store=wiring.store(),
        gate=wiring.gate(),
        workflow=wiring.workflow(),
        limit=LIMIT,
        remind_every=wiring.settings().support_reminder,
        clock=wiring.clock,
    )


def handler(_event: Any, _context: Any) -> dict[str, int]:
    """The schedule's entry point; answers what `LookedAfter` says."""
    seen = check()
    if seen.checked:
        observability.logger.info("pending payments checked", extra=asdict(seen))
    if seen.overdue:
        observability.count("CallbackOverdue", seen.overdue)
    if seen.nearly_lost:
        observability.count("CallbackNearlyLost", seen.nearly_lost)
    return asdict(seen)
