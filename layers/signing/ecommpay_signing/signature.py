"""Makes and checks signatures: base64 of HMAC-SHA-512 over the signed text (PROTOCOL §1.1, §1.4)."""

import hmac
from binascii import b2a_base64
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha512
from typing import Any

from .canonical import join_by_code_point, join_naturally, string_to_sign
from .errors import MalformedMessage, SignatureMismatch
from .flatten import PathLine, path_lines
from .numbered_keys import has_numbered_keys
from .plain import plain_text

_BLOCK = 128  # bytes that SHA-512 takes at once
_EMPTY_KEY = "a secret key is empty: with it anybody could sign"


def sign(params: Mapping[str, object], secret_key: str) -> str:
    """Return the signature of the parameters, 88 characters; leaves out nothing but `frame_mode`."""
    if not secret_key:
        raise ValueError(_EMPTY_KEY)
    try:
        signed = string_to_sign(params).encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedMessage("A text holds half of a surrogate pair.") from None
    return hmac_signature(signed, secret_key).decode("ascii")


def verify(message: Mapping[str, object], secret_keys: Iterable[str]) -> int:
    """Return the index of the key that made the message's signature; raises `SignatureMismatch` when none did.

    The signature stands in `signature`, else in `general.signature`. First the text is made as PHP makes it. Only where
    that fails, and only for messages where it makes a difference, two more readings are tried, each of which needs a
    valid HMAC as well: paths in code-point order (PROTOCOL §1.3), and nested keys `signature` signed like any other key
    (PROTOCOL §1.4). What `signed_view` returns is covered in all of them. A message whose paths PHP would change (see
    `numbered_keys`) is refused.
    """
    if isinstance(secret_keys, str):
        raise TypeError("secret_keys is a collection of keys, not one key")
    keys = list(secret_keys)
    if "" in keys:
        raise ValueError(_EMPTY_KEY)
    given = find_signature(message).encode("utf-8", "surrogatepass")
    rest = without_outer_signature(message)
    plain = plain_text(rest)
    try:
        for text in (plain,) if plain is not None else _accepted_texts(message, rest):
            signed = text.encode("utf-8")
            for index, key in enumerate(keys):
                if hmac.compare_digest(hmac_signature(signed, key), given):
                    return index
    except (MalformedMessage, UnicodeEncodeError):
        raise SignatureMismatch("The message holds something that no signature can cover.") from None
    raise SignatureMismatch("The signature was made with another key or for another message.")


def find_signature(message: Mapping[str, object]) -> str:
    """Return the signature that a message carries; raises `SignatureMismatch` where it carries none that is text."""
    given = message.get("signature")
    if given is None and isinstance(general := message.get("general"), Mapping):
        given = general.get("signature")
    if given is None:
        raise SignatureMismatch("The message carries no signature.")
    if not isinstance(given, str):
        raise SignatureMismatch("The signature is not text.")
    return given


def without_outer_signature(message: Mapping[str, object]) -> dict[str, object]:
    """Return a copy without the one signature that `find_signature` returns."""
    rest = dict(message)
    if rest.get("signature") is not None:
        del rest["signature"]
    elif isinstance(general := rest.get("general"), Mapping):
        rest["general"] = {key: value for key, value in general.items() if key != "signature"}
    return rest


def hmac_signature(signed: bytes, secret_key: str) -> bytes:
    """Return the signature of a signed text, as the bytes of its 88 base64 characters."""
    keyed = _keyed_hashes(secret_key)
    inner, outer = keyed[0].copy(), keyed[1].copy()
    inner.update(signed)
    outer.update(inner.digest())
    return b2a_base64(outer.digest(), newline=False)


@lru_cache(maxsize=16)
def _keyed_hashes(secret_key: str) -> tuple[Any, Any]:
    """Return the two hashes that an HMAC is made of (RFC 2104), each of which has taken in the key, to be copied.

    That takes 60 % of the time of `hmac.digest`, and copying an `hmac.HMAC` takes 80 %.
    """
    key = secret_key.encode("utf-8")
    block = (sha512(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return sha512(bytes(byte ^ 0x36 for byte in block)), sha512(bytes(byte ^ 0x5C for byte in block))


def _accepted_texts(message: Mapping[str, object], rest: Mapping[str, object]) -> Iterator[str]:
    """Yield each text that the signature of a not so plain message may have been made of, PHP's own first."""
    if has_numbered_keys(rest):
        return
    nested_kept = path_lines(rest)
    if not any("signature" in path for path, _ in nested_kept):
        yield from _in_both_orders(nested_kept)
        return
    covered = path_lines(message, without_signatures=True)
    yield from _in_both_orders(covered)
    if len(nested_kept) > len(covered):
        yield from _in_both_orders(nested_kept)


def _in_both_orders(lines: list[PathLine]) -> Iterator[str]:
    natural = join_naturally(lines)
    yield natural
    by_code_point = join_by_code_point(lines)
    if by_code_point != natural:
        yield by_code_point
