"""Called by an operator → the dead letters of the table's stream, published after all (README, Operations)."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from payments import observability, wiring
from payments.api_models import RedriveInput, parse
from payments.usecases.publish_changes import publish_record
from payments.usecases.redrive_dead_letters import redrive_dead_letters


def publish(record: Mapping[str, Any]) -> None:
    """Publish what one write changed, as the stream's function does."""
    publish_record(
        events=wiring.events(),
        operators=wiring.operators(),
        workflow=wiring.workflow(),
        key_uses=wiring.key_uses(),
        images=wiring.payment_images(record),
        report=observability.report_published,
    )


def handler(event: dict[str, Any] | None, _context: Any) -> dict[str, Any]:
    """``{"cursor", "limit"}``, both optional → ``{"published", "kept", "next_cursor"}``."""
    page = parse(RedriveInput, event or {})
    redriven = redrive_dead_letters(
        dead_letters=wiring.dead_letters(), publish=publish, cursor=page.cursor, limit=page.limit, clock=wiring.clock
    )
    for each in redriven.kept:
        observability.logger.warning("dead letter kept", extra=asdict(each))
    return asdict(redriven)
