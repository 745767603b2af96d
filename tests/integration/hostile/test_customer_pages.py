"""The customer's pages against everybody who is no customer: hostile redirects, guessed addresses, open redirects."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
import requests

from ecommpay_signing import sign
from local.system import LocalSystem
from tests.support.local_system import running_system
from tests.support.merchant import CUSTOMER, TIMEOUT_S, Merchant, forms_of
from tests.unit.gate.samples import sale_callback

SECRET = "local-secret-2924"
PAGE, STATE, FORM = "/checkout/{}", "/checkout/{}/state", "/checkout/{}/clarification"
#: Without a semicolon, and without a colon in a name: a message with these is not believed anyway.
HOSTILE_TEXTS = (
    "\"'><script>alert(1)</script>",
    "</form><form action=//evil.example>",
    "</script><img src=x onerror=alert(1)>",
    "one\r\ntwo\tthree",
    "&quot &#34 &amp",
    "пример 支付 \u202e\u2028",
    "' onfocus='alert(1)' autofocus='",
)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    with running_system(tmp_path_factory.mktemp("run"), return_url_hosts="shop.example.com") as system:
        yield system


@pytest.fixture(scope="module")
def merchant(system: LocalSystem) -> Merchant:
    return Merchant(system)


def told_by_nobody(merchant: Merchant, payment_id: str) -> dict[str, Any]:
    """A Gate payment of which the platform itself tells nothing."""
    wish = {"callbacks": "none"}
    requests.post(f"{merchant.system.platform_url}/control/next", json=wish, timeout=TIMEOUT_S)
    payment: dict[str, Any] = merchant.order(payment_id=payment_id).json()
    return payment


def redirected(merchant: Merchant, payment_id: str, **data: Any) -> dict[str, Any]:
    """A payment whose customer is to be sent on like this, told in a message that verifies."""
    payment = told_by_nobody(merchant, payment_id)
    message = json.loads(json.dumps(sale_callback()))
    message.pop("signature", None)
    message["payment"] |= {"id": payment_id, "status": "awaiting redirect result"}
    message["operation"] |= {"status": "awaiting redirect result"}
    message["redirect_data"] = data
    body = json.dumps({**message, "signature": sign(message, SECRET)})
    answer = requests.post(f"{merchant.system.url}/callbacks/ecommpay", data=body.encode(), timeout=TIMEOUT_S)
    assert answer.status_code == 200, answer.text
    return payment


def seen(payment: dict[str, Any]) -> tuple[requests.Response, dict[str, Any]]:
    page = requests.get(payment["checkout_url"], allow_redirects=False, timeout=TIMEOUT_S)
    return page, requests.get(f"{payment['checkout_url']}/state", timeout=TIMEOUT_S).json()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//evil.example/",
        "https:///evil.example",
        "https://user@evil.example/",
        "https://partner.example\\@evil.example/",
        "https://partner.example/\r\nSet-Cookie: a=b",
        "https://part\tner.example/",
        "https://раrtner.example/",
        "http://partner.example/",
        "https://2130706433/",
    ],
)
def test_nobody_is_sent_where_nobody_may_be_sent(merchant: Merchant, url: str, method: str) -> None:
    payment = redirected(merchant, f"unsafe-{method}-{abs(hash(url))}", url=url, method=method, body={"a": "1"})

    page, state = seen(payment)

    assert (page.status_code, page.headers.get("location"), forms_of(page)) == (200, None, [])
    assert "<h1>Your payment is being checked</h1>" in page.text
    assert "form-action 'none'" in page.headers["content-security-policy"]
    assert url not in html.unescape(page.text)
    assert state == {"status": "awaiting_redirect", "action": "done", "reload": True}
    assert page.cookies.get_dict() == {}


def test_an_operator_hears_of_an_unsafe_redirect(merchant: Merchant) -> None:
    seen(redirected(merchant, "unsafe-counted", url="javascript:alert(1)", method="GET"))

    log = (merchant.system.settings.run_folder / "functions.log").read_text()
    assert "UnsafeRedirectRefused" in log
    assert "javascript:" not in log


def test_fields_of_a_quarter_of_a_megabyte_arrive_exactly_and_nothing_of_them_runs(merchant: Merchant) -> None:
    fields = {text: text for text in HOSTILE_TEXTS} | {"long": "<\"&'>" * 30_000}
    payment = redirected(merchant, "hostile-fields", url="https://partner.example/pay", method="POST", body=fields)

    page, state = seen(payment)

    reader = Tags()
    reader.feed(page.text)
    assert reader.hidden == list(fields.items())
    assert (reader.forms, reader.scripts, reader.handlers) == (["https://partner.example/pay"], 1, [])
    policy = page.headers["content-security-policy"]
    assert "form-action https://partner.example;" in policy
    assert "unsafe" not in policy
    assert state["action"] == "redirect"


class Tags(HTMLParser):
    """What a page holds, as a browser would see it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.hidden: list[tuple[str, str]] = []
        self.forms: list[str] = []
        self.handlers: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.handlers += [name for name in values if name.startswith("on")]
        self.scripts += tag == "script"
        if tag == "form":
            self.forms.append(values["action"])
        if tag == "input":
            self.hidden.append((values["name"], values["value"]))


def test_every_guessed_address_has_one_and_the_same_answer(merchant: Merchant) -> None:
    token = merchant.order(payment_id="guessed-1").json()["checkout_url"].rpartition("/")[2]
    claim, _, mac = token.partition(".")
    guesses = ["guess", f"{claim}.{'A' * 32}", f"{claim[:-2]}AA.{mac}", f"{token}A", "%00", "..%2f..", "x" * 700, claim]

    pages, states, posts = set(), set(), set()
    for guess in guesses:
        page, state = merchant.get(PAGE.format(guess)), merchant.get(STATE.format(guess))
        post = requests.post(merchant.system.url + FORM.format(guess), data={"a": "1"}, timeout=TIMEOUT_S)
        pages.add(shape(page))
        states.add(shape(state))
        posts.add(shape(post))

    assert len(pages) == len(states) == len(posts) == 1
    assert pages == posts
    ((status, _, body),) = pages
    assert status == 404
    assert "This page is not available" in body


def shape(answer: requests.Response) -> tuple[int, tuple[str, ...], str]:
    """An answer without what differs from one visit to the next."""
    nonces = set(re.findall(r"nonce-([\w-]+)", answer.headers.get("content-security-policy", "")))
    text = answer.text
    for nonce in nonces:
        text = text.replace(nonce, "")
    return answer.status_code, tuple(sorted(map(str.lower, answer.headers))), text


@pytest.mark.parametrize(
    "query",
    [
        "returned=https://evil.example",
        "return_url=https://evil.example",
        "next=//evil.example",
        "returned=1&url=javascript:alert(1)",
        "embed=1&widget=https://evil.example",
        "returned=%0d%0aLocation:%20https://evil.example",
    ],
)
def test_the_address_line_sends_nobody_anywhere(merchant: Merchant, query: str) -> None:
    for interface in ("payment_page", "gate"):
        payment = merchant.order(interface=interface, return_url="https://shop.example.com/orders/1").json()
        address = f"{payment['checkout_url']}?{query}"
        page = requests.get(address, allow_redirects=False, timeout=TIMEOUT_S)

        assert "evil.example" not in page.text + "".join(page.headers.values())
        assert page.headers.get("location", payment.get("payment_page_url")) == payment.get("payment_page_url")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "//shop.example.com/",
        "http://shop.example.com/",
        "https://shop.example.com@evil.example/",
        "https://evil.example/?shop.example.com",
        "https://shop.example.com.evil.example/",
        "https://shop.example.com\\.evil.example/",
        "https://shop.example.com/\r\n",
    ],
)
def test_a_return_address_elsewhere_is_refused_when_the_payment_is_made(merchant: Merchant, url: str) -> None:
    answer = merchant.order(return_url=url)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/return_url")


def test_no_page_and_no_address_shows_who_pays(merchant: Merchant) -> None:
    asking = merchant.order(amount=10010, payment_id="private-1").json()
    merchant.wait_for("private-1", "awaiting_clarification")
    paid = merchant.pay(merchant.order(payment_id="private-2").json())
    untold = told_by_nobody(merchant, "private-3")

    for payment in (asking, paid, untold):
        for query in ("", "?returned=1"):
            page = requests.get(payment["checkout_url"] + query, timeout=TIMEOUT_S)
            told = page.text + "".join(page.headers.values()) + page.url
            assert [word for word in CUSTOMER.values() if word in told] == []
