"""Signs ECommPay messages and tells which received ones to believe.

    message = loads(body)                       # strict JSON, or MalformedMessage
    index = verify(message, secret_keys)        # which key made the signature, or SignatureMismatch
    believed = signed_view(message)             # what that signature covers
    doubtful = is_ambiguous(message)            # verified, yet to be confirmed in another way
    name = key_fingerprint(secret_keys[index])  # which key it was, to be stored and shown

Rules and order of the signed text are those of the provider's PHP SDK (PROTOCOL §1).
Standard library only; no clock, no environment, no I/O.
"""

from .canonical import string_to_sign
from .coverage import is_ambiguous, signed_view
from .errors import MalformedMessage, SignatureMismatch, SigningError
from .fingerprint import key_fingerprint
from .signature import sign, verify
from .strict_json import loads

__all__ = [
    "MalformedMessage",
    "SignatureMismatch",
    "SigningError",
    "is_ambiguous",
    "key_fingerprint",
    "loads",
    "sign",
    "signed_view",
    "string_to_sign",
    "verify",
]
