"""A name for a secret key that may be stored, logged and shown: which key it was, and nothing of the key.

1. It is the first 48 bits of an HMAC-SHA-256 of a fixed text under the key, in hex. Nobody gets from it to the key but
   by guessing keys, and for that every signature that was ever made is as good: any Payment Page address that a
   customer has seen holds 512 bits of an HMAC of a known text under the same key.
2. It cannot pass for part of a signature, nor help to make one: that is HMAC-SHA-512, and the text is none that a
   message has, for it lacks a colon.
3. It does not depend on the place of the key in the list, which changes when keys are changed.
"""

import hmac
from functools import lru_cache

_TEXT = b"fingerprint of a secret key, version 1"
_BYTES = 6


@lru_cache(maxsize=16)
def key_fingerprint(secret_key: str) -> str:
    """Return the fingerprint of a key, twelve hexadecimal digits."""
    return hmac.digest(secret_key.encode("utf-8"), _TEXT, "sha256")[:_BYTES].hex()
