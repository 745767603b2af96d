"""Take in one callback of the provider: verify it, keep it as it came, fold it into its payment. Nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ecommpay_signing import SignatureMismatch, is_ambiguous, key_fingerprint, loads, signed_view, verify
from payments.domain.errors import UnknownProject
from payments.domain.payment import PaymentKey
from payments.domain.provider_state import contradicts_itself
from payments.gate.messages import message_key, report, unknown_words
from payments.ports import Message, Projects, Store
from payments.usecases.record_message import Recorded, describe, record_message


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is to be counted and told about a stored callback; no personal data."""

    key: PaymentKey
    what: str
    repeated: bool
    flags: tuple[str, ...]
    verified_by: int
    signed_by: str
    unknown_words: tuple[str, ...]


def receive_callback(*, store: Store, projects: Projects, body: bytes, clock: Callable[[], datetime]) -> Receipt:
    """The receipt of a callback that is verified and durably stored, also a repeated or an odd one.

    Raises `MalformedMessage` for a body that is no strict JSON object, `SignatureMismatch` and `UnknownProject` for
    one that cannot be trusted, `StoreUnavailable` when it was not stored: the provider then has to try again.
    """
    received_at = clock()
    sent = loads(body)
    view = signed_view(sent)
    project_id, payment_id = message_key(view)
    if project_id is None:
        raise UnknownProject("The callback names no project.")
    verified_by, signed_by = _verify(sent, projects, project_id)
    message = Message(
        key=PaymentKey(project_id, payment_id),
        digest=hashlib.sha256(body).hexdigest(),
        body=body,
        received_at=received_at,
        source="callback",
        verified_by=verified_by,
        flags=() if payment_id else ("unplaced",),
        signed_by=signed_by,
    )
    said = report(view, digest=message.digest)
    believed = not is_ambiguous(sent) and not contradicts_itself(said)
    if not believed:
        message = replace(message, flags=(*message.flags, "ambiguous"))
    if payment_id:
        recorded = record_message(store=store, message=message, report=said, believed=believed, clock=clock)
    else:
        store.keep(message)
        recorded = Recorded(repeated=False, flags=message.flags)
    return Receipt(
        key=message.key,
        what=describe(said),
        repeated=recorded.repeated,
        flags=recorded.flags,
        verified_by=verified_by,
        signed_by=signed_by,
        unknown_words=unknown_words(said) if believed else (),
    )


def _verify(message: Mapping[str, Any], projects: Projects, project_id: int) -> tuple[int, str]:
    """Place and fingerprint of the key that verifies the message; the secret is read once more before it is refused."""
    keys: tuple[str, ...] = ()
    try:
        keys = projects.secret_keys(project_id)
        place = verify(message, keys)
    except (SignatureMismatch, UnknownProject):
        # Another thread may have met the new key a moment ago: then nothing is read again, and yet the keys are others.
        if not projects.refreshed() and projects.secret_keys(project_id) == keys:
            raise
        keys = projects.secret_keys(project_id)
        place = verify(message, keys)
    return place, key_fingerprint(keys[place])
