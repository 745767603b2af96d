"""The operators' page for everybody: read by a machine, in the dark, on a phone, on a desk, enlarged, without script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from local.settings import PROJECT_FOLDER
from payments.domain.money import Money
from payments.domain.payment import PaymentKey
from payments.domain.reconciliation import Reason
from tests.support.report_samples import EVENING, LANGUAGES, difference, draft, payment_line, waiting, written

SCREENSHOTS = PROJECT_FOLDER / ".run" / "screenshots" / "report"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (360, 1280)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page in every language with something in every part of it, and an empty one."""
    folder = tmp_path_factory.mktemp("pages")
    for language in LANGUAGES:
        with draft(language) as begun:
            for number in range(12):
                status = ("succeeded", "succeeded", "declined", "refunded", "expired", "needs_review")[number % 6]
                paid = Money(10_000 if status in {"succeeded", "refunded"} else 0, "KES")
                at = EVENING.replace(hour=number % 17, minute=number % 60)
                begun.add_payment(payment_line(status=status, paid=paid, created_at=at))
            for number in range(3):
                begun.add_open_refund(waiting(number, refund_id=f"rf-{number:032}"))
                begun.add_overdue(waiting(number, status="processing", key=PaymentKey(1, "order-" + "7" * 60)))
            begun.compared([198])
            for reason in Reason:
                begun.add_difference(difference(reason, repaired=True))
            (folder / f"{language}.html").write_bytes(written(begun)["index.html"])
    with draft() as begun:
        (folder / "empty.html").write_bytes(written(begun)["index.html"])
    return folder


@pytest.fixture(scope="module")
def tab(chromium: Browser) -> Iterator[Page]:
    window = chromium.new_context()
    window.set_default_timeout(20_000)
    yield window.new_page()
    window.close()


def opened(tab: Page, pages: Path, name: str) -> None:
    tab.goto((pages / f"{name}.html").as_uri())
    expect(tab.get_by_role("heading", level=1)).to_be_visible()


def violations(tab: Page) -> list[str]:
    found = Axe().run(tab).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


def fits(tab: Page) -> bool:
    return bool(tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("name", [*LANGUAGES, "empty"])
def test_a_page_is_understood_by_machines_and_fits_phones_and_desks(tab: Page, pages: Path, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    opened(tab, pages, name)
    for summary in tab.locator("summary").all():
        summary.click()
    # The colours are the same in every language.
    for scheme in SCHEMES if name == LANGUAGES[0] else SCHEMES[:1]:
        tab.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 800})
            tab.screenshot(path=SCREENSHOTS / f"{name}-{scheme}-{width}.png", full_page=True)
            assert fits(tab)
        assert violations(tab) == []
    tab.emulate_media(color_scheme="light")


def test_nothing_is_cut_off_when_letters_are_twice_as_large(tab: Page, pages: Path) -> None:
    tab.set_viewport_size({"width": WIDTHS[0], "height": 800})
    opened(tab, pages, "ru")
    tab.evaluate("document.documentElement.style.fontSize = '200%'")
    assert fits(tab)


def test_what_is_wider_than_a_phone_can_be_moved_by_keyboard(tab: Page, pages: Path) -> None:
    tab.set_viewport_size({"width": WIDTHS[0], "height": 800})
    opened(tab, pages, "en")
    refunds = tab.get_by_role("region", name="Refunds open")

    refunds.focus()
    tab.keyboard.press("ArrowRight")

    expect(refunds).to_be_focused()
    tab.wait_for_function("element => element.scrollLeft > 0", arg=refunds.element_handle())
