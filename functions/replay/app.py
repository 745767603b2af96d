"""Called by an operator → one page of payments rebuilt from their messages, and what differs (README, Operations)."""

from dataclasses import asdict
from typing import Any

from payments import observability, wiring
from payments.api_models import ReplayInput, parse
from payments.usecases.replay_payments import replay_payments


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """``{"cursor", "limit", "repair"}``, all optional → ``{"checked", "differences", "next_cursor"}``."""
    wanted = parse(ReplayInput, event)
    replayed = replay_payments(
        store=wiring.store(), cursor=wanted.cursor, limit=wanted.limit, repair=wanted.repair, clock=wiring.clock
    )
    if replayed.differences:
        observability.count("ReplayDifferenceFound", len(replayed.differences))
    return asdict(replayed)
