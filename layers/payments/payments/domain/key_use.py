"""Which secret key was needed and when: what tells a person that an old one can go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A secret key has verified something new that the provider said."""

    key: str
    """The key's fingerprint (`ecommpay_signing.key_fingerprint`)."""
    place: int
    """Where the key stood in its project's list at that time; 0 is the one that signs."""
    at: datetime
