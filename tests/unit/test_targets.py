"""Where a customer's browser may be sent, one address per line."""

from __future__ import annotations

import pytest

from payments.domain.targets import MAX_LENGTH, UnsafeTarget, host_of, is_exact_in_form, is_safe_target, origin_of

SAFE = [
    "https://pay.example.com",
    "https://pay.example.com/",
    "https://PAY.example.com/checkout?a=1&b=2#step",
    "HTTPS://pay.example.com/checkout",
    "https://pay.example.com:8443/checkout",
    "https://pay.example.com?token=1",
    "https://pay.example.com#token",
    "https://pay.example.com/a%0d%0ab",
    "https://pay.example.com/'\"<>@",
    "https://pay.example.com//twice",
    "https://xn--e1afmkfd.example/",
    "https://203.0.113.7/pay",
    "https://localhost/pay",
    "https://[::1]:8443/pay",
    "https://" + "a" * 63 + ".example/",
    "https://pay.example.com/" + "x" * (MAX_LENGTH - 24),
]

UNSAFE = [
    "",
    "pay.example.com",
    "/checkout",
    "//pay.example.com/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://pay.example.com",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "ftp://pay.example.com/",
    "file:///etc/passwd",
    "blob:https://pay.example.com/1",
    "view-source:https://pay.example.com/",
    "https:pay.example.com",
    "https:/pay.example.com",
    "https:///pay.example.com",
    "https:////pay.example.com",
    "https://",
    "https://?x",
    "https://#x",
    "https://:443/",
    "https://.example.com/",
    "https://example..com/",
    "https://example.com./",
    "https://-example.com/",
    "https://example-.com/",
    "https://exa_mple.com/",
    "https://*.example.com/",
    "https://example.com;evil.example/",
    "https://example.com,evil.example/",
    "https://user@example.com/",
    "https://user:secret@example.com/",
    "https://@example.com/",
    "https://pay.example.com@evil.example/",
    "https://pay.example.com%40evil.example/",
    "https://pay.example.com\\@evil.example/",
    "https:\\\\pay.example.com\\",
    "https://pay.example.com/a\\b",
    " https://pay.example.com/",
    "https://pay.example.com/ ",
    "https://pay.example.com/a b",
    "https://pay .example.com/",
    "https://pay.example.com/\r\nset-cookie: a=b",
    "https://pay.example.com/\n",
    "https://pay.example.com\n",
    "https://pay.exam\tple.com/",
    "ht\ntps://pay.example.com/",
    "\x00https://pay.example.com/",
    "https://pay.example.com/\x00",
    "https://pay.example.com/\x7f",
    "https://pay.example.com/\x85",
    "https://pay.example.com/\u2028",
    "https://pаy.example.com/",  # a Cyrillic letter
    "https://pay。example.com/",  # an ideographic full stop
    "https://ｐay.example.com/",  # a full-width letter
    "http\u017f://pay.example.com/",  # a long s, which is an s to some
    "https://faß.example/",
    "https://pay.example.com/п",
    "https://pay.example.com:/",
    "https://pay.example.com:0/",
    "https://pay.example.com:65536/",
    "https://pay.example.com:99999/",
    "https://pay.example.com:080/",
    "https://pay.example.com:+80/",
    "https://pay.example.com:80:80/",
    "https://pay.example.com:٤٤٣/",
    "https://pay.example.com:x/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://1.2.3.4.5/",
    "https://256.0.0.1/",
    "https://example.0x/",
    "https://[::1/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fe80::1%25eth0]/",
    "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 127 + "example/",
    "https://pay.example.com/" + "x" * (MAX_LENGTH - 23),
]

LOOPBACK = [
    "http://127.0.0.1/",
    "http://127.0.0.1:3001/payment?a=1",
    "http://127.8.9.10:3001/",
    "http://localhost:3001/",
    "http://LOCALHOST/",
    "http://[::1]:3001/",
]

NOT_LOOPBACK = [
    "http://pay.example.com/",
    "http://128.0.0.1/",
    "http://127.1/",
    "http://0.0.0.0/",
    "http://localhost.example.com/",
    "http://127.0.0.1.example.com/",
    "http://127.0.0.1@evil.example/",
    "http://user@localhost/",
    "http://[::2]/",
]


@pytest.mark.parametrize("url", SAFE)
@pytest.mark.parametrize("allow_loopback_http", [True, False])
def test_an_https_address_with_a_plain_host_is_safe(url: str, allow_loopback_http: bool) -> None:
    assert is_safe_target(url, allow_loopback_http=allow_loopback_http)


@pytest.mark.parametrize("url", [*UNSAFE, *NOT_LOOPBACK])
@pytest.mark.parametrize("allow_loopback_http", [True, False])
def test_everything_else_is_refused(url: str, allow_loopback_http: bool) -> None:
    assert not is_safe_target(url, allow_loopback_http=allow_loopback_http)


@pytest.mark.parametrize("url", LOOPBACK)
def test_plain_http_is_for_loopback_and_only_when_allowed(url: str) -> None:
    assert is_safe_target(url, allow_loopback_http=True)
    assert not is_safe_target(url, allow_loopback_http=False)


@pytest.mark.parametrize(
    ("url", "host", "origin"),
    [
        ("https://Pay.Example.com/a?b#c", "pay.example.com", "https://pay.example.com"),
        ("HTTPS://pay.example.com:8443?x", "pay.example.com:8443", "https://pay.example.com:8443"),
        ("http://127.0.0.1:3001/payment", "127.0.0.1:3001", "http://127.0.0.1:3001"),
        ("https://[::1]/", "[::1]", "https://[::1]"),
    ],
)
def test_host_and_origin_are_those_of_the_address(url: str, host: str, origin: str) -> None:
    assert host_of(url) == host
    assert origin_of(url) == origin


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "https://a;b/", "https://a@b/"])
def test_an_address_that_is_none_has_no_origin(url: str) -> None:
    with pytest.raises(UnsafeTarget):
        origin_of(url)


@pytest.mark.parametrize(
    ("text", "exact"),
    [("", True), ("a\r\nb", True), ("пример 😀", True), ("a\x00", False), ("\ud800", False)],
)
def test_a_form_carries_every_text_but_nul_and_lone_surrogates(text: str, exact: bool) -> None:
    assert is_exact_in_form(text) is exact
