"""The customer's pages as documents: headers as literals, structure read back with a parser of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from payments.domain.checkout import AskFor, KeepWaiting, SendOn, ShowResult, SubmitForm
from payments.domain.money import Money
from payments.domain.payment import Customer, Order
from payments.domain.targets import UnsafeTarget
from payments.gate.addresses import return_address
from payments.pages import Page, render, render_not_found
from tests.support.page_reader import Document, Element, read
from tests.support.page_samples import AT, BACK, FORM, MONEY, NONCE, SITE, STEPS, checkout_page, result, shown

HOSTILE = [
    "",
    " padded ",
    "\"'<>&",
    '"><script>alert(1)</script>',
    "</script><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}{{ nonce }}",
    "--><!--",
    "&amp;&#13;&lt;",
    "javascript:alert(1)",
    "CR\rLF\nboth\r\ntab\tend",
    "\x01\x0b\x0c\x7f\x85\ufeff\ufffe\u2028",
    "пример 支付 😀",
    "x" * 1_000_000,
]
PLAIN = "default-src 'none'; style-src 'nonce-bm9uY2U'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


OWN = [name for name in STEPS if name != "widget"]
DIFFERS = {
    "form": "script-src 'nonce-bm9uY2U'; form-action https://pay.example.com",
    "waiting": "script-src 'nonce-bm9uY2U'; connect-src 'self'; form-action 'none'",
    "returned": "script-src 'nonce-bm9uY2U'; connect-src 'self'; form-action 'none'",
    "not finished": "script-src 'nonce-bm9uY2U'; connect-src 'self'; form-action 'none'",
    "asking": "form-action 'self'",
    "asking again": "form-action 'self'",
    "asking too late": "form-action 'self'",
}


@pytest.mark.parametrize("name", OWN)
def test_a_page_names_exactly_what_it_needs_in_its_headers(name: str) -> None:
    differs = DIFFERS.get(name, "form-action 'none'")
    page = shown(STEPS[name])
    assert page.status == 200
    assert page.headers == {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": f"default-src 'none'; style-src 'nonce-bm9uY2U'; {differs}; "
        "base-uri 'none'; frame-ancestors 'none'",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "x-frame-options": "DENY",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }


@pytest.mark.parametrize("name", OWN)
def test_a_page_loads_nothing(name: str) -> None:
    page = shown(STEPS[name])
    document = read(page)
    assert page.body.startswith("<!doctype html>\n<html lang=")
    assert {e.tag for e in document.elements}.isdisjoint({"img", "link", "iframe", "object", "embed", "base"})
    for element in document.elements:
        assert not {"src", "style", "srcset", "background"} & set(element.attributes)
        assert not any(attribute.startswith("on") for attribute in element.attributes)
    assert all(e.attributes["nonce"] == NONCE for tag in ("style", "script") for e in document.all(tag))


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("return_url", ["https://shop.example.com/orders/1001", ""])
def test_a_page_has_one_heading_a_language_and_an_action(name: str, return_url: str) -> None:
    document = read(shown(STEPS[name], return_url=return_url))
    assert document.one("html").attributes == {"lang": "en", "dir": "ltr"}
    assert document.one("h1").text == document.one("title").text != ""
    assert document.one("main")
    actions = [e for e in document.elements if e.attributes.get("class") == "button" and "hidden" not in e.attributes]
    assert len(actions) == 1
    assert actions[0].text


def test_an_address_is_sent_on_with_an_empty_body() -> None:
    assert shown(SendOn("https://paymentpage.example.com/payment?signature=a%2Bb")) == Page(
        302,
        {
            "location": "https://paymentpage.example.com/payment?signature=a%2Bb",
            "cache-control": "no-store",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
        },
        "",
    )


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "http://pay.example.com/", "https://a@pay.example.com/", "http://127.0.0.1:3001/", ""],
)
def test_nobody_is_sent_to_an_unsafe_address(url: str) -> None:
    for step in (SendOn(url), SubmitForm(url, ())):
        with pytest.raises(UnsafeTarget):
            shown(step)


def test_a_local_run_may_send_to_loopback() -> None:
    step = SubmitForm("http://127.0.0.1:3001/partner", ())
    page = render(checkout_page(step), site=replace(SITE, loopback_allowed=True), nonce=NONCE)
    assert "form-action http://127.0.0.1:3001;" in page.headers["content-security-policy"]


def test_the_form_has_exactly_the_fields_given() -> None:
    document = read(shown(FORM))
    assert document.one("form").attributes == {
        "method": "post",
        "action": "https://pay.example.com/v3/ke?x=1&y=2",
        "accept-charset": "utf-8",
    }
    assert [e.attributes for e in document.all("input")] == [
        {"type": "hidden", "name": "oid", "value": "order-1001"},
        {"type": "hidden", "name": "submit", "value": "1"},
        {"type": "hidden", "name": "oid", "value": "again"},
    ]
    assert document.one("button").attributes == {"id": "continue", "class": "button"}
    assert document.one("button").text == "Continue to pay.example.com"


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_a_hostile_field_stays_a_field_to_the_last_character(text: str) -> None:
    page = shown(SubmitForm("https://pay.example.com/", ((text, text),)))
    document = read(page)
    assert document.one("input").attributes == {"type": "hidden", "name": text, "value": text}
    assert [e.tag for e in document.elements] == [
        e.tag for e in read(shown(replace(FORM, fields=(("a", "b"),)))).elements
    ]
    line = next(line for line in page.body.split("\n") if line.startswith("<input"))
    assert "\r" not in line
    assert line.endswith('">')


@pytest.mark.parametrize("text", ["\x00", "a\ud800"])
def test_a_field_no_browser_can_carry_is_refused_rather_than_changed(text: str) -> None:
    for fields in (((text, "a"),), (("a", text),)):
        with pytest.raises(UnsafeTarget):
            shown(SubmitForm("https://pay.example.com/", fields))


@pytest.mark.parametrize("text", HOSTILE[1:-1], ids=repr)
def test_a_hostile_reference_problem_or_field_path_is_only_text(text: str) -> None:
    step = AskFor(("customer.email", text), problem=text)
    page = render(replace(checkout_page(step), reference=text, language=text), site=SITE, nonce=NONCE)
    document = read(page)
    quiet = shown(AskFor(("customer.email", "a"), problem="b"))
    assert [e.tag for e in document.elements] == [e.tag for e in read(quiet).elements]
    assert document.all("input")[1].attributes["name"] == text


def test_the_waiting_page_looks_again_with_and_without_javascript() -> None:
    document = read(shown(KeepWaiting(returned=False)))
    assert [e.attributes for e in document.all("meta") if "http-equiv" in e.attributes] == [
        {"http-equiv": "refresh", "content": "5;url=/checkout/t0ken"}
    ]
    assert document.one("noscript")
    (status,) = [e for e in document.elements if e.attributes.get("role") == "status"]
    assert status.attributes == {
        "id": "waiting",
        "role": "status",
        "data-page": "/checkout/t0ken",
        "data-state": "/checkout/t0ken/state",
    }
    assert [(e.text, e.attributes["href"]) for e in document.all("a")] == [
        ("Check again", "/checkout/t0ken"),
        ("Back to the shop", "https://shop.example.com/orders/1001?a=1&b=2"),
    ]
    assert "do not pay again" not in document.text


def test_a_customer_who_has_been_there_is_told_not_to_pay_again() -> None:
    document = read(shown(KeepWaiting(returned=True)))
    assert document.one("h1").text == "Confirming your payment"
    assert document.one("strong").text == "Please do not pay again."


def links(document: Document) -> list[tuple[str | None, str]]:
    return [(each.attributes["href"], each.text) for each in document.all("a")]


def test_a_customer_who_left_before_paying_is_shown_the_way_on_once_the_provider_was_asked() -> None:
    usual = [("/checkout/t0ken?returned=1", "Check again"), (BACK, "Back to the shop")]
    assert links(read(shown(KeepWaiting(returned=True)))) == usual
    assert links(read(shown(KeepWaiting(returned=True, may_go_on=True)))) == [
        *usual,
        ("/checkout/t0ken", "Continue to pay"),
    ]


def test_a_declined_attempt_that_may_be_repeated_leads_back_to_the_payment_page() -> None:
    document = read(shown(replace(result("declined"), may_try_again=True)))
    assert document.one("h1").text == "Payment declined"
    assert links(document) == [("/checkout/t0ken", "Try again"), (BACK, "Back to the shop")]
    assert [each for each in links(read(shown(result("declined")))) if each[1] == "Try again"] == []


def test_a_customer_who_has_been_there_is_not_sent_out_again_by_looking_again() -> None:
    page = shown(KeepWaiting(returned=True))
    document = read(page)
    (waiting,) = [e.attributes for e in document.elements if e.attributes.get("id") == "waiting"]
    assert waiting["data-page"] == document.all("a")[0].attributes["href"] == "/checkout/t0ken?returned=1"
    assert waiting["data-state"] == "/checkout/t0ken/state?returned=1"
    assert 'content="5;url=/checkout/t0ken?returned=1"' in page.body
    order = Order(
        interface="gate",
        method="enets",
        money=MONEY,
        description="",
        language="",
        customer=Customer(id="customer1"),
        return_url="",
        public_url="https://pay.example.com",
        checkout_token="t0ken",
        fingerprint="",
        created_at=AT,
    )
    assert return_address(order) == f"https://pay.example.com{waiting['data-page']}"


@pytest.mark.parametrize(
    ("status", "heading", "again"),
    [
        ("succeeded", "Payment received", False),
        ("declined", "Payment declined", False),
        ("expired", "Time for paying is over", False),
        ("canceled", "Payment cancelled", False),
        ("failed", "Payment failed", False),
        ("refunded", "Payment refunded", False),
        ("partially_refunded", "Part of the payment refunded", False),
        ("needs_review", "Your payment is being checked", True),
        ("a status nobody knows", "Your payment is being checked", True),
        ("processing", "Your payment is being checked", True),
    ],
)
def test_a_result_says_how_it_ended(status: str, heading: str, again: bool) -> None:
    document = read(shown(result(status)))
    assert document.one("h1").text == heading
    assert [e.text for e in document.all("strong")] == (["Please do not pay again."] if again else [])
    amount = "Paid" if status == "succeeded" else "Amount"
    assert told(document) == [
        (amount, "KES\N{NO-BREAK SPACE}100.00"),
        ("Reference", "order-1001"),
        ("Time", "21 November 2026, 17:52 UTC"),
    ]
    assert document.one("time").attributes == {"datetime": "2026-11-21T17:52:04Z"}
    back = Element(
        "a", {"class": "quiet" if again else "button", "href": "https://shop.example.com/orders/1001?a=1&b=2"}
    )
    assert document.all("a")[-1] == replace(back, text="Back to the shop")


def told(document: Document) -> list[tuple[str, str]]:
    """The lines of the receipt."""
    names, values = ([e.inner for e in document.all(tag)] for tag in ("dt", "dd"))
    return list(zip(names, values, strict=True))


def test_what_was_sent_back_is_shown_beside_the_amount() -> None:
    document = read(shown(result("partially_refunded", refunded=2550)))
    assert told(document) == [
        ("Refunded", "KES\N{NO-BREAK SPACE}25.50"),
        ("Paid", "KES\N{NO-BREAK SPACE}100.00"),
        ("Reference", "order-1001"),
        ("Time", "21 November 2026, 17:52 UTC"),
    ]


def test_a_declined_payment_comes_with_what_to_do_next() -> None:
    document = read(shown(result("declined")))
    assert document.one("h2").text == "What you can do"
    assert [e.text for e in document.all("li")] == [
        "Go back to the shop and try again, or choose another way to pay.",
        "Check that there is enough money and that online payments are allowed.",
        "Ask your bank: it can tell you why it declined.",
    ]


def test_a_time_of_another_zone_is_shown_in_utc() -> None:
    at = datetime(2026, 11, 21, 20, 52, tzinfo=timezone(timedelta(hours=3)))
    document = read(shown(ShowResult("succeeded", MONEY, Money(0, "KES"), at)))
    assert document.one("time") == Element("time", {"datetime": "2026-11-21T17:52:00Z"}, "21 November 2026, 17:52 UTC")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://shop.example.com/", "//evil.example", "https://a@b.example/"]
)
def test_an_unsafe_way_back_is_left_out_and_another_action_offered(url: str) -> None:
    document = read(shown(result("succeeded"), return_url=url))
    assert [(e.text, e.attributes["href"]) for e in document.all("a")] == [("Check again", "/checkout/t0ken")]


def test_every_unknown_token_gets_the_same_page() -> None:
    page = render_not_found(site=SITE, nonce=NONCE)
    assert page.status == 404
    assert page.headers["content-security-policy"] == PLAIN
    assert page.headers["cache-control"] == "no-store"
    document = read(page)
    assert document.text == (
        "This page is not available This page is not available "
        "The address is wrong or too old. Go back to the shop and open your order there. Try again "
        "Payment service: ECommPay"
    )
    assert render_not_found(site=SITE, nonce=NONCE) == page
