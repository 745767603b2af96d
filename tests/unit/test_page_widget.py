"""The page that runs the provider's widget: what it may load, what it hands over, and the way round it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from payments.domain.checkout import RunWidget
from payments.domain.targets import UnsafeTarget
from payments.pages import Page
from tests.support.page_reader import Element, read
from tests.support.page_samples import NONCE, RUN_WIDGET, SITE, shown

HERE = "https://paymentpage.example.com"


def policy(page: Page) -> dict[str, str]:
    return dict(each.split(" ", 1) for each in page.headers["content-security-policy"].split("; "))


def test_the_widgets_page_lets_in_the_providers_host_and_nobody_else() -> None:
    page = shown(RUN_WIDGET)
    assert page.status == 200
    assert page.headers == {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": (
            f"default-src 'none'; style-src 'nonce-bm9uY2U' {HERE}; style-src-attr 'unsafe-inline'; img-src {HERE}; "
            f"script-src 'nonce-bm9uY2U' {HERE}; connect-src 'self' {HERE}; frame-src {HERE} https:; "
            f"form-action {HERE}; base-uri 'none'; frame-ancestors 'none'"
        ),
        "permissions-policy": f'camera=(), geolocation=(), microphone=(), payment=("{HERE}")',
        "x-frame-options": "DENY",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }


def test_the_widget_may_come_from_another_host_than_the_page_it_opens() -> None:
    step = replace(RUN_WIDGET, url="https://pay.other.example:8443/payment")
    allowed = policy(shown(step))
    assert allowed["script-src"] == f"'nonce-bm9uY2U' {HERE} https://pay.other.example:8443"
    assert allowed["frame-src"] == f"{HERE} https://pay.other.example:8443 https:"


def test_the_widgets_page_loads_the_script_and_the_style_sheet_and_runs_with_exactly_the_signed_parameters() -> None:
    document = read(shown(RUN_WIDGET))
    assert [e.attributes for e in document.all("link")] == [
        {"rel": "stylesheet", "href": f"{HERE}/shared/merchant.css"}
    ]
    assert [e.attributes for e in document.all("script")] == [
        {"nonce": NONCE, "src": f"{HERE}/shared/merchant.js"},
        {"nonce": NONCE},
    ]
    (widget,) = [e.attributes for e in document.elements if e.attributes.get("id") == "widget"]
    assert json.loads(widget.pop("data-params") or "") == RUN_WIDGET.params
    assert widget == {
        "id": "widget",
        "data-page": "/checkout/t0ken?returned=1",
        "data-state": "/checkout/t0ken/state?embed=1",
    }


def test_the_full_payment_page_is_one_visible_link_away() -> None:
    document = read(shown(RUN_WIDGET))
    assert document.all("a") == [
        Element("a", {"id": "full", "class": "button", "href": "/checkout/t0ken"}, "Open the full payment page"),
        Element(
            "a",
            {"class": "quiet", "href": "https://shop.example.com/orders/1001?a=1&b=2"},
            "Back to the shop",
        ),
    ]
    assert document.all("button") == [
        Element(
            "button",
            {"id": "open", "class": "button", "type": "button", "hidden": None},
            "Open the payment window",
        )
    ]


@pytest.mark.parametrize("text", ['"></div><script>alert(1)</script>', "'&<>\u2028", "</script>"])
def test_a_hostile_parameter_is_only_text(text: str) -> None:
    document = read(shown(replace(RUN_WIDGET, params={"payment_description": text})))
    (widget,) = [e.attributes for e in document.elements if e.attributes.get("id") == "widget"]
    assert json.loads(widget["data-params"] or "") == {"payment_description": text}
    assert [e.tag for e in document.elements] == [e.tag for e in read(shown(RUN_WIDGET)).elements]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://pay.example.com/payment", ""])
def test_an_unsafe_payment_page_is_not_framed_either(url: str) -> None:
    with pytest.raises(UnsafeTarget):
        shown(RunWidget(url, {}))


def test_no_page_may_stand_in_a_frame_of_somebody_else() -> None:
    page = shown(RUN_WIDGET, site=replace(SITE, widget_base="https://widget.example.com"))
    assert (policy(page)["frame-ancestors"], page.headers["x-frame-options"]) == ("'none'", "DENY")
