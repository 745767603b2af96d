"""Amounts as people type them."""

from decimal import Decimal, InvalidOperation

from local.shop.calls import CallFailed


def read_amount(text: str) -> int | None:
    """Minor units of what was typed, at most two decimals; None for nothing. Raises CallFailed for anything else."""
    typed = text.strip()
    if not typed:
        return None
    try:
        amount = Decimal(typed) * 100
    except InvalidOperation:
        raise CallFailed(400, "This is no amount", typed) from None
    if not amount.is_finite() or amount != int(amount) or abs(amount) > 10**12:
        raise CallFailed(400, "This is no amount", typed)
    return int(amount)
