"""The token in a customer's address: names a payment, cannot be guessed or altered, and ends.

``base64url(project id, payment id, expiry) . base64url(HMAC-SHA-256, 192 bits)``. The MAC key is derived from a secret
key of the project under a label of its own, so a token can never pass for a signature of the provider's scheme.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from payments.domain.errors import PageNotFound
from payments.domain.payment import PaymentKey

#: Long enough to come back and look at the result.
LIFETIME = timedelta(days=60)
_MAC_BYTES = 24
_LABEL = b"checkout token, version 1"
_LONGEST = 600


def mint(key: PaymentKey, *, secret_key: str, expires_at: datetime) -> str:
    """A token for this payment's page, good until ``expires_at`` (whole seconds)."""
    claim = f"{key.project_id}:{int(expires_at.timestamp())}:{key.payment_id}".encode()
    return f"{_encode(claim)}.{_encode(_mac(claim, secret_key))}"


def redeem(token: str, *, secret_keys_of: Callable[[int], Iterable[str]], now: datetime) -> PaymentKey:
    """The payment a token stands for; raises `PageNotFound` when it is malformed, forged or over.

    ``secret_keys_of`` answers the keys of a project, or none for a project that is not ours.
    """
    claim_text, _, mac_text = token.partition(".")
    if len(token) > _LONGEST:
        raise PageNotFound
    try:
        claim, mac = _decode(claim_text), _decode(mac_text)
        project_text, expiry_text, payment_id = claim.decode().split(":", 2)
        key, expires_at = PaymentKey(int(project_text), payment_id), datetime.fromtimestamp(int(expiry_text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise PageNotFound from error
    known = tuple(secret_keys_of(key.project_id))
    # A project that is not ours costs the same work: how long the answer takes must not tell which ones are.
    genuine = [hmac.compare_digest(mac, _mac(claim, secret)) for secret in known or ("",)]
    if not known or not any(genuine) or now >= expires_at:
        raise PageNotFound
    return key


def _mac(claim: bytes, secret_key: str) -> bytes:
    derived = hmac.digest(secret_key.encode(), _LABEL, hashlib.sha256)
    return hmac.digest(derived, claim, hashlib.sha256)[:_MAC_BYTES]


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encode(raw) != text:
        raise ValueError("not the one spelling of these bytes")
    return raw
