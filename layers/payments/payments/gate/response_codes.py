"""What the provider's response code tells about a request that it answered with an error.

Rules of this file
  * A refusal is certain only where the code says so. For a refund a wrong "certain" may pay twice, while a wrong
    "nobody knows" costs one more question.
  * Of a sale whole blocks are judged by their meaning, exceptions by name. Provider codes (10000 and up) tell that the
    request had already left the platform, so they are no certain refusal.
  * Of a refund each code is judged by itself: only what is wrong with the request as such, or with the project's
    settings, proves that nothing happened. Every other refusal may be the work of an earlier copy of the very same
    request ("state does not allow", "more than is left", "unavailable for this operation"), or does not tell enough;
    it counts once a status answer shows no return.

Source: PROTOCOL §7, §5.5, and the messages in its response_codes.json. No code was seen with a refund of ours: the
documents show `20000` alone, in a callback.
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

#: Refusals of a refund that no earlier copy of it and no state of its payment can bring about.
_UNFIT_AS_REFUND = frozenset(
    {
        310,  # not allowed by the project's settings: §7, configuration
        319,  # not enough data to create an operation: §7, missing data
        702,  # malformed request: its message
        2003,  # invalid JSON: §7, malformed data
        2004,  # required field missing: §7, missing data
        2124,  # invalid customer id: §7, malformed data
        2154,  # customer id required: §7, missing data
        2426,  # invalid e-mail: §7, malformed data
        2442,  # no such project: §7, malformed data
        2541,  # no such payment method: §7, malformed data
        3023,  # currency disabled for the project: §7, configuration
        3024,  # invalid payment id: §7, malformed data
        3261,  # invalid signature: §7
        3262,  # empty signature: §7
        3284,  # currency missing or not the payment's: §5.5
    }
)

#: The platform's own declines; the risk system; validation and business rules.
_BLOCKS = (range(100, 500), range(1400, 1500), range(2000, 4000))

#: Answers that come from something on the way, or before the request was read, whatever the body says.
_NOBODY_KNOWS_STATUSES = frozenset({408, 429})


def proves_no_refund(code: str) -> bool:
    """Whether a refund that was refused for certain, with this code, cannot have been carried out before either."""
    return int(code) in _UNFIT_AS_REFUND


def is_certain_refusal(code: str, http_status: int) -> bool:
    """Whether an error answer with this code tells that this request was not and will not be carried out."""
    if http_status // 100 not in {2, 4} or http_status in _NOBODY_KNOWS_STATUSES:
        return False
    if not (code.isascii() and code.isdigit() and len(code) <= 5):
        return False
    number = int(code)
    if number in _NOT_CERTAIN:
        return False
    return number in _CERTAIN or any(number in block for block in _BLOCKS)
