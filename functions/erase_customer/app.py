"""Called by an operator → a customer's data erased, in one page of payments or in one payment (README, Operations)."""

from dataclasses import asdict
from typing import Any

from payments import wiring
from payments.api_models import EraseInput, parse
from payments.usecases.erase_customer import Erased, erase_customer, erase_payment


def erase(wanted: EraseInput) -> Erased:
    """One page of a customer's payments, or the one payment that was named."""
    payment = wanted.payment()
    if payment is not None:
        return erase_payment(store=wiring.store(), key=payment, clock=wiring.clock)
    return erase_customer(
        store=wiring.store(),
        customer_id=wanted.customer_id,
        project_id=wanted.project_id,
        cursor=wanted.cursor,
        limit=wanted.limit,
        clock=wiring.clock,
    )


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """``{"customer_id", "project_id", "cursor", "limit"}`` → ``{"checked", "erased", "skipped", "next_cursor"}``."""
    return asdict(erase(parse(EraseInput, event)))
