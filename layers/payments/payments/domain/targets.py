"""Addresses a customer's browser may be sent to, judged before anybody is sent there.

Rules of this file
  * One strict pattern reads the whole address. What it does not describe is refused, so nothing is left that
    a browser could read differently from us: no user info, white space, control character, backslash, non-ASCII letter.
  * ``https:`` only. ``http:`` is for loopback hosts, and only where the caller says so (local runs).
  * A host is letters, digits and hyphens, or a dotted quad in its one canonical spelling: browsers read ``127.1``
    and ``0x7f.1`` as addresses too, so these are refused.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address

#: The answer's headers together may hold 10 240 bytes at API Gateway; the longest address we build ourselves
#: (a signed Payment Page address with every text at its limit) stays far below this.
MAX_LENGTH = 8192

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_TARGET = re.compile(
    rf"(?P<scheme>https?)://(?P<host>\[::1\]|{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[1-9][0-9]{{0,4}}))?"
    r"(?:[/?#][!-\[\]-~]*)?",
    re.ASCII | re.IGNORECASE,
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class UnsafeTarget(ValueError):
    """The customer's browser must not be sent to this address, or not with these fields."""


def is_safe_target(url: str, *, allow_loopback_http: bool) -> bool:
    """Whether a browser may be sent to this address: a false answer never depends on what the host is known for."""
    match = _TARGET.fullmatch(url) if len(url) <= MAX_LENGTH else None
    if match is None or int(match["port"] or 1) > 65535 or not _is_host(match["host"].lower()):
        return False
    return match["scheme"].lower() == "https" or (allow_loopback_http and _is_loopback(match["host"].lower()))


def host_of(url: str) -> str:
    """The host of a safe address as a person reads it, with the port when one is written: ``pay.example.com:8443``."""
    match = _TARGET.fullmatch(url)
    if match is None:
        raise UnsafeTarget("not an address a browser may be sent to")
    return match["host"].lower() + (f":{match['port']}" if match["port"] else "")


def origin_of(url: str) -> str:
    """The origin of a safe address as Content-Security-Policy names it: ``https://pay.example.com``."""
    return f"{url.partition(':')[0].lower()}://{host_of(url)}"


def is_exact_in_form(text: str) -> bool:
    """Whether a browser can carry this name or value in a form at all: NUL and lone surrogates it cannot."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)


def _is_host(host: str) -> bool:
    if len(host) > 253:
        return False
    # The URL standard reads every host whose last label is a number as an IPv4 address.
    return not _NUMBER.fullmatch(host.rpartition(".")[2]) or _ipv4(host) is not None


def _is_loopback(host: str) -> bool:
    address = _ipv4(host)
    return host in {"localhost", "[::1]"} or (address is not None and address.is_loopback)


def _ipv4(host: str) -> IPv4Address | None:
    try:
        return IPv4Address(host)
    except AddressValueError:
        return None
