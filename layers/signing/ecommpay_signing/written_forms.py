"""How signatures and keys get written otherwise than they should be: alphabets, encodings, white space, digests.

Only to explain a signature that does not verify; nothing here decides what is believed.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

#: The digest that so many bytes are, as `hmac` calls it.
DIGESTS = {64: "sha512", 48: "sha384", 32: "sha256", 20: "sha1"}

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+").fullmatch


class WrittenDigest(NamedTuple):
    """The bytes that a signature says, and how its writing differs from standard base64 of HMAC-SHA-512."""

    content: bytes
    differences: tuple[str, ...]


class WrittenKey(NamedTuple):
    """The bytes that a key may have been taken for, and how they differ from the key's own."""

    content: bytes
    differences: tuple[str, ...]


def read_signature(signature: str) -> WrittenDigest | None:
    """Return what the signature says, however it is written; None when it is no digest in any way of writing."""
    differences = []
    text = signature.strip()
    if text != signature:
        differences.append("white space around the signature")
    if _HEX(text) and len(text) // 2 in DIGESTS:
        differences.append("the signature in hex instead of base64")
        content = bytes.fromhex(text)
    else:
        bare = text.replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
        if " " in text:
            differences.append("a `+` of the signature turned into a space, as by decoding an address once too often")
        if "-" in text or "_" in text:
            differences.append("the signature in the alphabet of addresses (`-` and `_`)")
        if len(text) % 4:
            differences.append("the signature without its `=` at the end")
        try:
            content = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
        except (binascii.Error, ValueError):
            return None
        if _HEX(content.decode("latin-1")) and len(content) // 2 in DIGESTS:
            differences.append("base64 of the digest's hex text instead of its bytes")
            content = bytes.fromhex(content.decode("ascii"))
    name = DIGESTS.get(len(content))
    if name is None:
        return None
    if name != "sha512":
        differences.append(f"HMAC-SHA-{name.removeprefix('sha')} instead of HMAC-SHA-512")
    return WrittenDigest(content, tuple(differences))


def key_forms(secret: str) -> Iterator[WrittenKey]:
    """Yield the key as it should be taken, and then as it is taken by mistake."""
    yield WrittenKey(secret.encode("utf-8"), ())
    bare = secret.strip()
    if bare != secret:
        yield WrittenKey(bare.encode("utf-8"), ("the key without the white space around it",))
    else:
        yield WrittenKey(f"{secret}\n".encode(), ("the key with a line break behind it",))
    unquoted = bare.strip("\"'")
    if unquoted not in (bare, ""):
        yield WrittenKey(unquoted.encode("utf-8"), ("the key without the quotation marks around it",))
    if _HEX(bare):
        yield WrittenKey(bytes.fromhex(bare), ("the key decoded from hex",))
    try:
        yield WrittenKey(base64.b64decode(bare, validate=True), ("the key decoded from base64",))
    except (binascii.Error, ValueError):
        return
