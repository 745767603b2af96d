"""The token in a customer's address: it opens its own payment's page for its time, and nothing else opens it."""

import base64
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.domain.checkout_token import LIFETIME, mint, redeem
from payments.domain.errors import PageNotFound
from payments.domain.payment import PaymentKey
from tests.unit.domain.told import KEY, NOON, at

SECRETS = {2924: ("current", "previous"), 198: ("other",)}
TOKEN = mint(KEY, secret_key="current", expires_at=at(3600))


def secret_keys_of(project_id: int) -> Iterable[str]:
    return SECRETS.get(project_id, ())


def opened(token: str, *, now: datetime = NOON) -> PaymentKey | None:
    try:
        return redeem(token, secret_keys_of=secret_keys_of, now=now)
    except PageNotFound:
        return None


def encoded(claim: str) -> str:
    return base64.urlsafe_b64encode(claim.encode()).rstrip(b"=").decode()


def test_a_token_is_the_same_for_the_same_payment_key_and_term() -> None:
    assert "MjkyNDoxNzk1MjY2MDAwOm9yZGVyLTEwMDE." + TOKEN.partition(".")[2] == TOKEN
    assert len(TOKEN.partition(".")[2]) == 32
    assert mint(KEY, secret_key="current", expires_at=at(3600.9)) == TOKEN
    assert mint(KEY, secret_key="current", expires_at=at(3601)) != TOKEN
    assert timedelta(days=60) == LIFETIME


@pytest.mark.parametrize("payment_id", ["order-1001", "a", "a:b:c", "~._-:", "x" * 255, "9" * 255])
@pytest.mark.parametrize(("project_id", "secret"), [(2924, "current"), (2924, "previous"), (198, "other")])
def test_a_token_opens_the_page_of_its_payment_with_any_key_of_its_project(
    payment_id: str, project_id: int, secret: str
) -> None:
    key = PaymentKey(project_id, payment_id)

    assert opened(mint(key, secret_key=secret, expires_at=at(1))) == key


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (3599.999, True), (3600, False), (3601, False), (1e8, False)])
def test_a_token_ends_at_its_second(seconds: float, good: bool) -> None:
    assert opened(TOKEN, now=at(seconds)) == (KEY if good else None)


@pytest.mark.parametrize(
    "token",
    [
        mint(KEY, secret_key="other", expires_at=at(3600)),
        mint(KEY, secret_key="guessed", expires_at=at(3600)),
        mint(PaymentKey(198, "order-1001"), secret_key="current", expires_at=at(3600)),
        mint(PaymentKey(5, "order-1001"), secret_key="current", expires_at=at(3600)),
    ],
    ids=["key of another project", "no key of ours", "other project, our key", "no such project"],
)
def test_a_token_made_with_another_key_opens_nothing(token: str) -> None:
    assert opened(token) is None


MAC = TOKEN.partition(".")[2]


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "=.=",
        TOKEN.partition(".")[0],
        "." + MAC,
        TOKEN[:-1],
        TOKEN[1:],
        TOKEN + "A",
        TOKEN + ".",
        TOKEN + "." + MAC,
        TOKEN + "=",
        TOKEN + "\n",
        " " + TOKEN,
        TOKEN.replace(".", "=."),
        TOKEN.replace(".", "%2E"),
        TOKEN.upper(),
        f"{encoded('2924:1795266000:order-1002')}.{MAC}",
        f"{encoded('2924:9999999999:order-1001')}.{MAC}",
        f"{encoded('198:1795266000:order-1001')}.{MAC}",
        f"{encoded('2924:1795266000')}.{MAC}",
        f"{encoded('2924:soon:order-1001')}.{MAC}",
        f"{encoded('2924:99999999999999999999:order-1001')}.{MAC}",
        f"{encoded('2924:-99999999999999999:order-1001')}.{MAC}",
        f"{encoded('2924:1e9:order-1001')}.{MAC}",
        f"{encoded('x:1795266000:order-1001')}.{MAC}",
        base64.urlsafe_b64encode(b"\xff\xfe:1:x").decode().rstrip("=") + "." + MAC,
        "кассовый." + MAC,
        "\ud800." + MAC,
        "A" * 600 + "." + MAC,
        "A" * 100_000,
    ],
)
def test_what_is_no_token_of_ours_opens_nothing_and_never_says_why(token: str) -> None:
    with pytest.raises(PageNotFound) as refused:
        redeem(token, secret_keys_of=secret_keys_of, now=NOON)

    assert str(refused.value) == ""


def test_every_single_bit_turned_over_closes_the_page() -> None:
    turned = [
        TOKEN[:place] + chr(ord(TOKEN[place]) ^ (1 << bit)) + TOKEN[place + 1 :]
        for place in range(len(TOKEN))
        for bit in range(8)
    ]

    assert [token for token in turned if opened(token) is not None] == []


def test_only_one_spelling_of_the_same_bytes_is_taken() -> None:
    claim, mac = TOKEN.split(".")
    raw = base64.urlsafe_b64decode(claim + "=" * (-len(claim) % 4))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = [claim[:-1] + last for last in alphabet if last != claim[-1]]
    same_bytes = [other for other in others if base64.urlsafe_b64decode(other + "=" * (-len(other) % 4)) == raw]

    assert same_bytes, "the last letter of this claim has spare bits, so other spellings exist"
    for spelling in (*same_bytes, claim + "=", claim[:4] + "\n" + claim[4:], claim[:4] + "!" + claim[4:]):
        assert opened(f"{spelling}.{mac}") is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_no_text_that_was_guessed_opens_a_page(text: str) -> None:
    assert opened(text) is None
    assert opened(f"{text}.{MAC}") is None
    assert opened(f"{TOKEN.partition('.')[0]}.{text}") is None or text == MAC
