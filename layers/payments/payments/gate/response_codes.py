"""What the provider's response code tells about a request that it answered with an error.

Rules of this file
  * A refusal is certain only where the code says so. For a refund a wrong "certain" may pay twice, while a wrong
    "nobody knows" costs one more question.
  * Codes that an earlier copy of the very same request may have caused are never certain.
  * Whole blocks are judged by their meaning, exceptions by name. Provider codes (10000 and up) tell that the request
    had already left the platform, so they are no certain refusal.

Source: PROTOCOL §7, §5.5.
"""

from __future__ import annotations

#: There is no such payment at the provider.
NOT_FOUND = "3061"
#: There is a payment with this id already: the sale was registered before.
PAYMENT_EXISTS = "3041"

#: Inside the blocks of refusals, the codes after which nobody knows.
_NOT_CERTAIN = frozenset(
    {
        1434,  # duplicate operation, says the risk system: the first one may be on its way
        2147,  # lock error: something else is working on the payment
        3026,  # internal decline, with no word of what had been done by then
        3041,  # payment id exists: the first copy of the sale was taken
        3062,  # payment details not received
        3081,  # the platform's own flow broke
        3191,  # needs clarification: it goes on once the data are there
        3198,  # given up after a long verification, so it had begun
        3201,  # "expected error", whatever that is
        3230,  # a refund with our id exists: the first copy of this one was taken
        3285,  # too soon after the last refund request, which may be a copy of this one
        3613,  # duplicate operation
    }
)

#: Single codes outside the blocks that refuse for certain.
_CERTAIN = frozenset(
    {
        502,  # validation error
        504,  # insufficient funds on the balance
        702,  # malformed request
        903,  # more than may be refunded
        904,  # more than may be paid out
        10706,  # refund unavailable for this operation
        20706,  # operation not supported by the provider
    }
)

#: The platform's own declines; the risk system; validation and business rules.
_BLOCKS = (range(100, 500), range(1400, 1500), range(2000, 4000))

#: Answers that come from something on the way, or before the request was read, whatever the body says.
_NOBODY_KNOWS_STATUSES = frozenset({408, 429})


def is_certain_refusal(code: str, http_status: int) -> bool:
    """Whether an error answer with this code proves that the request was not and will not be carried out."""
    if http_status // 100 not in {2, 4} or http_status in _NOBODY_KNOWS_STATUSES:
        return False
    if not (code.isascii() and code.isdigit() and len(code) <= 5):
        return False
    number = int(code)
    if number in _NOT_CERTAIN:
        return False
    return number in _CERTAIN or any(number in block for block in _BLOCKS)
