"""PHP's natural order (`strnatcmp`, case-sensitive, on UTF-8 bytes) as a sort key (PROTOCOL §1.3).

1. A run of digits compares as a whole number, except that a run that starts with `0` compares digit by digit.
2. Zeros in front of a number at the very start do not count.
3. White space does not count, except one that follows a run of digits, and except at the very end, where
   something that ends in white space comes after the same thing without it.
4. Everything else compares byte by byte.
"""

import re

_DIGITS_OR_SPACE = re.compile(rb"([0-9]+)([ \t\n\v\f\r]?)|[ \t\n\v\f\r]+(\Z)?")
_LEADING_ZEROS = re.compile(rb"0+(?=[0-9])")

#: Where two digits stand together, or white space stands, natural order may part from the order of bytes; nowhere else.
differs_from_byte_order = re.compile(r"[0-9][0-9]|[ \t\n\v\f\r]").search


def natural_key(path: str) -> bytes:
    """Return bytes that compare as PHP's natural order compares the paths; equal bytes mean PHP sees a tie."""
    encoded = path.encode("utf-8", "surrogatepass")
    zeros = _LEADING_ZEROS.match(encoded)
    return _DIGITS_OR_SPACE.sub(_comparable, encoded[zeros.end() :] if zeros else encoded)


def _comparable(token: re.Match[bytes]) -> bytes:
    digits, space_behind, end = token.groups()
    if digits is None:
        return b"" if end is None else b"\0"
    if digits.startswith(b"0"):
        # The closing zero byte puts a shorter run first, whatever follows it.
        return digits + b"\0" + space_behind
    # The length decides before the digits do; the leading "1" keeps the number among the digits' neighbours.
    return b"1" + len(digits).to_bytes(4, "big") + digits + space_behind
