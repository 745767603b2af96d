"""The demo shop for everybody: read by a machine, by keyboard, enlarged, in the dark, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from local.settings import PROJECT_FOLDER
from tests.browser.served_shop import ENETS, ORDER, Shop, served_shop
from tests.integration.shop.stand_in_api import delivery, payment, refund, set_at_platform

SCREENSHOTS = PROJECT_FOLDER / ".run" / "screenshots" / "shop"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (360, 1280)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    moments = [
        ("api", "created for 26.00 SGD by gate"),
        ("callback", "payment awaiting redirect result, sale awaiting redirect result"),
        ("callback", "payment success, sale success"),
        ("workflow", "refund left to ECommPay support"),
    ]
    timeline = [
        {"at": f"2026-11-21T17:52:0{at}.123Z", "source": who, "what": what} for at, (who, what) in enumerate(moments)
    ]
    declined = refund(
        refund_id="rf-2", status="declined", operation_type="refund", code="20000", message="General decline"
    )
    with served_shop() as served:
        for name, said in {
            "shop-1": payment(timeline=timeline),
            "shop-2": payment(**ENETS, payment_id="shop-2", timeline=timeline, refunds=[declined, refund()]),
            "shop-3": payment(payment_id="shop-3", status="awaiting_redirect", operations=[], timeline=timeline[:2]),
        }.items():
            served.api.answers["GET", f"/payments/{name}"] = (200, said)
        sent = [delivery(), delivery(state="lost", what="refund success", tries=[])]
        served.platform.answers["GET", "/control/deliveries"] = (200, {"deliveries": sent})
        wishes = set_at_platform(sale={"ending": 5}, callbacks={"lose": 0, "duplicate": 0, "delay": 2, "reorder": 0})
        served.platform.answers["GET", "/control/next"] = (200, {**wishes, "seconds": 5.0})
        yield served


@pytest.fixture(scope="module")
def tab(chromium: Browser) -> Iterator[Page]:
    window = chromium.new_context(viewport={"width": WIDTHS[0], "height": 800})
    window.set_default_timeout(20_000)
    yield window.new_page()
    window.close()


PAGES = {
    "front": "/",
    "paid": ORDER,
    "support": "/shop/orders/shop-2",
    "waiting": "/shop/orders/shop-3",
    "error": "/shop/cart",
}


def violations(tab: Page) -> list[str]:
    found = Axe().run(tab).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


def fits(tab: Page) -> bool:
    return bool(tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def opened(tab: Page, shop: Shop, name: str) -> None:
    tab.goto(shop.url + PAGES[name])
    expect(tab.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_understood_by_machines_and_fits_phones_and_desks(tab: Page, shop: Shop, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for scheme in SCHEMES:
        tab.emulate_media(color_scheme=scheme)
        opened(tab, shop, name)
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 800})
            tab.screenshot(path=SCREENSHOTS / f"{name}-{scheme}-{width}.png", full_page=True)
            assert fits(tab)
        for summary in tab.locator("summary").all():
            summary.click()
        assert violations(tab) == []
        tab.screenshot(path=SCREENSHOTS / f"{name}-{scheme}-with-commands.png", full_page=True)
        tab.set_viewport_size({"width": WIDTHS[0], "height": 800})
        assert fits(tab)
    tab.emulate_media(color_scheme="light")


def test_what_a_machine_cannot_understand_and_what_does_not_fit_is_seen(tab: Page, shop: Shop) -> None:
    opened(tab, shop, "front")
    tab.evaluate("document.querySelector('h1').style.color = '#ccc'")
    tab.evaluate("document.querySelector('h1').style.width = '3000px'")
    assert [each.split(":")[0] for each in violations(tab)] == ["color-contrast"]
    assert not fits(tab)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off_when_letters_are_twice_as_large(tab: Page, shop: Shop, name: str) -> None:
    tab.set_viewport_size({"width": WIDTHS[0], "height": 800})
    opened(tab, shop, name)
    tab.evaluate("document.documentElement.style.fontSize = '200%'")
    assert fits(tab)


def test_the_keyboard_goes_through_the_front_page_in_the_order_it_is_read(tab: Page, shop: Shop) -> None:
    opened(tab, shop, "front")
    expect(tab.get_by_role("button", name="Buy for")).to_be_visible()
    stops = []
    for _ in range(13):
        tab.keyboard.press("Tab")
        name, seen = tab.evaluate(
            "(() => { const e = document.activeElement, shown = e.closest('.tile') ?? e;"
            " return [(e.labels?.[0]?.innerText ?? e.innerText).trim().split('\\n')[0],"
            " getComputedStyle(shown).outlineStyle !== 'none']; })()"
        )
        assert seen, name
        stops.append(name)
    assert stops == [
        "Demo shop",
        "The API behind it",
        "Highland coffee",
        "Card, Kenyan shilling",
        "Payment Page",
        "Buy for 2,450.00 KES",
        "The same from a terminal",
        "All it can do",
        "The payment",
        "Its callbacks come",
        "Set it now",
        "Forget it all",
        "The same from a terminal",
    ]


def test_everything_that_is_pressed_is_large_enough_for_a_finger(tab: Page, shop: Shop) -> None:
    tab.set_viewport_size({"width": WIDTHS[0], "height": 800})
    for name in PAGES:
        opened(tab, shop, name)
        for summary in tab.locator("summary").all():
            summary.click()
        heights = tab.evaluate(
            "[...document.querySelectorAll('button, select, summary, .tile, .button, .field input')]"
            ".filter(e => e.offsetParent).map(e => [e.textContent.trim().slice(0, 20), e.getBoundingClientRect().height])"
        )
        assert [each for each in heights if each[1] < 44] == []
