"""How PHP writes one value into the signed text (PROTOCOL §1.2)."""

import math

from .errors import MalformedMessage

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


def render_value(value: object) -> str:
    """Return the text PHP gives for a scalar: `1`/`0` for booleans, nothing for null, 14 digits for a float."""
    if value is None:
        return ""
    if isinstance(value, str):
        return str.__str__(value)  # an enum's own text is its name, which nobody signs
    if isinstance(value, int):  # bool included: it renders as 1 or 0
        return f"{value:d}" if INT64_MIN <= value <= INT64_MAX else _render_giant(value)
    if isinstance(value, float):
        return render_float(value)
    raise TypeError(f"a {type(value).__name__} cannot be signed")


def render_float(value: float) -> str:
    """Return a float as PHP prints it with `precision` 14: `1`, `0.3`, `1.0E+14`, `1.5E-7`, `-0`."""
    if not math.isfinite(value):
        raise MalformedMessage("A number is beyond what JSON can carry.")
    mantissa, exponential, exponent = f"{value:.14g}".partition("e")
    if not exponential:
        return mantissa
    return f"{mantissa}{'' if '.' in mantissa else '.0'}E{int(exponent):+d}"


def _render_giant(value: int) -> str:
    """Return an integer outside 64 bits as the float that PHP has made of it."""
    try:
        return render_float(float(value))
    except OverflowError:
        raise MalformedMessage("A number is beyond what JSON can carry.") from None
