"""Every page for everybody: read by a machine, by keyboard, enlarged, in the dark, on a phone, without a script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, expect
from playwright.sync_api import Page as Tab
from werkzeug.wrappers import Response

from local.settings import PROJECT_FOLDER
from payments.domain.checkout import CheckoutStep, RunWidget, SubmitForm
from payments.look import Look
from tests.browser.served_pages import LOOPBACK, not_found, showing
from tests.browser.small_server import SmallServer, small_server
from tests.support.measures import SOAK
from tests.support.page_samples import FORM, LANGUAGES, PATH, RUN_WIDGET, STEPS

SCREENSHOTS = PROJECT_FOLDER / ".run" / "screenshots" / "pages"
PHONE, DESK, NARROW = {"width": 360, "height": 720}, {"width": 1280, "height": 800}, {"width": 320, "height": 480}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAGES = [*STEPS, "not found"]
#: English sees every page. The quick run shows another language every third one, each language other ones.
EVERY = 1 if SOAK else 3
SEEN = {"en": PAGES, **{each: PAGES[at % EVERY :: EVERY] for at, each in enumerate(LANGUAGES) if each != "en"}}
LOOK = Look("Highland Coffee")
LONG = "order-" + "1001." * 49
HEADINGS = {
    "en": "Payment received",
    "ms": "Pembayaran diterima",
    "ru": "Платёж получен",
    "sw": "Malipo yamepokelewa",
    "zh": "已收到付款",
}
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="60"><rect width="240" height="60" rx="30" '
    'fill="#1f5fae"/></svg>'
)


@dataclass
class Visitor:
    """One browser that opens one page after the other, to spare the machine."""

    tab: Tab
    ours: SmallServer
    partner: SmallServer

    def opens(self, name: str, language: str = "en", *, look: Look = LOOK, reference: str = "order-1001") -> Tab:
        """Shows this page in this language, and waits for what may be pressed."""
        self.ours.answers[PATH] = lambda _: self._page(name, language, look, reference)
        self.tab.goto(self.ours.url + PATH, wait_until="commit")
        expect(self.tab.locator(".button:visible")).to_be_visible()
        return self.tab

    def _page(self, name: str, language: str, look: Look, reference: str) -> Response:
        if name == "not found":
            return not_found(language)
        site = replace(LOOPBACK, look=look, widget_base=self.partner.url)
        return showing(self._step(name), language=language, site=site, reference=reference)

    def _step(self, name: str) -> CheckoutStep:
        match STEPS[name]:
            case SubmitForm():
                return replace(FORM, url=f"{self.partner.url}/pay")
            case RunWidget():
                return replace(RUN_WIDGET, url=f"{self.partner.url}/payment")
            case step:
                return step


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[SmallServer, SmallServer]]:
    with small_server() as ours, small_server() as partner:
        # A page that waits goes on waiting, however long a busy machine takes to look at it.
        ours.answers[f"{PATH}/state"] = lambda _: Response(
            '{"status": "processing", "action": "wait", "reload": false}'
        )
        partner.answers["/pay"] = lambda _: Response(status=204)
        partner.answers["/shared/merchant.css"] = lambda _: Response("", mimetype="text/css")
        partner.answers["/shared/merchant.js"] = lambda _: Response(
            "window.EPayWidget = { run() {} };", mimetype="text/javascript"
        )
        partner.answers["/logo.svg"] = lambda _: Response(LOGO, mimetype="image/svg+xml")
        yield ours, partner


def visitor(window: BrowserContext, servers: tuple[SmallServer, SmallServer]) -> Visitor:
    window.set_default_timeout(20_000)
    return Visitor(window.new_page(), *servers)


@pytest.fixture(scope="module")
def person(chromium: Browser, servers: tuple[SmallServer, SmallServer]) -> Iterator[Visitor]:
    window = chromium.new_context(viewport={"width": 360, "height": 720})
    yield visitor(window, servers)
    window.close()


@pytest.fixture(scope="module")
def person_without_script(chromium: Browser, servers: tuple[SmallServer, SmallServer]) -> Iterator[Visitor]:
    window = chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 720})
    yield visitor(window, servers)
    window.close()


@pytest.fixture(autouse=True, scope="module")
def _folder() -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)


def violations(tab: Tab) -> list[str]:
    """What axe-core complains of, all of its rules on."""
    found = Axe().run(tab).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


def fits(tab: Tab) -> bool:
    return bool(tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def photograph(tab: Tab, name: str, language: str, scheme: str) -> None:
    for device, size in (("phone", PHONE), ("desk", DESK)):
        tab.set_viewport_size(size)  # type: ignore[arg-type]  # two numbers
        assert fits(tab), device
        tab.screenshot(
            path=SCREENSHOTS / f"{name.replace(' ', '-')}-{language}-{scheme}-{device}.png",
            full_page=True,
            animations="disabled",
        )
    tab.set_viewport_size(PHONE)  # type: ignore[arg-type]  # two numbers


@pytest.mark.parametrize(
    ("name", "language"), [(name, language) for language in ("en", "ru", "zh") for name in SEEN[language]]
)
def test_a_page_is_understood_by_machines_and_fits_phones_and_desks(person: Visitor, name: str, language: str) -> None:
    tab = person.opens(name, language)
    for scheme in SCHEMES if language == "en" else SCHEMES[:1]:
        tab.emulate_media(color_scheme=scheme)
        assert violations(tab) == []
        photograph(tab, name, language, scheme)
    tab.emulate_media(color_scheme="light")


def test_what_a_machine_cannot_understand_and_what_does_not_fit_is_seen(person: Visitor) -> None:
    tab = person.opens("succeeded")
    tab.evaluate("document.querySelector('h1').style.color = '#bbb'")
    tab.evaluate("document.querySelector('dl').style.width = '600px'")
    assert [each.split(":")[0] for each in violations(tab)] == ["color-contrast"]
    assert not fits(tab)


@pytest.mark.parametrize("language", ["ms", "sw"])
def test_the_other_languages_are_understood_by_machines_too(person: Visitor, language: str) -> None:
    for name in ("asking again", "declined", "returned"):
        tab = person.opens(name, language)
        assert violations(tab) == []
        photograph(tab, name, language, "light")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_used_without_a_script(person_without_script: Visitor, language: str) -> None:
    for name in SEEN[language]:
        tab = person_without_script.opens(name, language)
        assert tab.get_by_role("heading", level=1).count() == 1
        button = tab.locator(".button:visible")
        assert button.get_attribute("href") is not None or button.evaluate("e => e.form !== null"), name
        assert fits(tab), name
    tab = person_without_script.opens("succeeded", language)
    expect(tab.get_by_role("heading", name=HEADINGS[language])).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_off_on_a_narrow_screen_with_letters_twice_as_large(person: Visitor, language: str) -> None:
    """Narrower than a desk at 200 and even at 400 per cent; the longest words of a language are what breaks a page."""
    tab = person.tab
    tab.set_viewport_size(NARROW)  # type: ignore[arg-type]  # two numbers
    tab.emulate_media(reduced_motion="reduce")
    for name in SEEN[language]:
        person.opens(name, language, reference=LONG)
        tab.evaluate("document.documentElement.style.fontSize = '200%'")
        assert fits(tab), name
        assert tab.evaluate("document.getAnimations().length") == 0
    tab.emulate_media(reduced_motion="no-preference")
    tab.set_viewport_size(PHONE)  # type: ignore[arg-type]  # two numbers


def focused(tab: Tab) -> tuple[str, bool]:
    """What has the focus, and whether that can be seen."""
    name, outline = tab.evaluate(
        "(() => { const e = document.activeElement; return [e.labels?.[0]?.textContent ?? e.textContent.trim(),"
        " getComputedStyle(e).outlineStyle !== 'none']; })()"
    )
    return str(name), bool(outline)


@pytest.mark.parametrize(
    ("name", "stops"),
    [
        ("form", ["Continue to 127.0.0.1", "Back to the shop"]),
        ("widget", ["Open the payment window", "Open the full payment page", "Back to the shop"]),
        ("waiting", ["Check again", "Back to the shop"]),
        ("asking", ["E-mail", "Phone", "City (billing address)", "Continue", "Back to the shop"]),
        ("succeeded", ["Back to the shop"]),
        ("declined", ["Back to the shop"]),
        ("needs_review", ["Check again", "Back to the shop"]),
        ("not found", ["Try again"]),
    ],
)
def test_the_keyboard_goes_through_a_page_in_the_order_it_is_read(person: Visitor, name: str, stops: list[str]) -> None:
    tab = person.opens(name)
    for stop in stops:
        tab.keyboard.press("Tab")
        words, seen = focused(tab)
        assert (words.startswith(stop), seen) == (True, True), (words, stop)


def test_a_result_is_a_status_and_a_problem_an_alert_for_who_listens(person: Visitor) -> None:
    expect(person.opens("succeeded").get_by_role("status")).to_have_text("Thank you. You can go back to the shop now.")
    expect(person.opens("returned").get_by_role("status")).to_contain_text("Please do not pay again.")
    tab = person.opens("asking again", "ru")
    expect(tab.get_by_role("alert")).to_have_text(
        "Эти данные не приняты. Пожалуйста, проверьте их и попробуйте ещё раз."
    )
    expect(tab.get_by_label("Телефон")).to_be_focused()
    expect(tab.get_by_label("Телефон")).to_have_accessible_description(
        "Эти данные не приняты. Пожалуйста, проверьте их и попробуйте ещё раз. С кодом страны, например 254700000000"
    )


def test_the_logo_of_the_merchant_is_let_in_and_no_other_picture(person: Visitor) -> None:
    look = Look("Highland Coffee", f"{person.partner.url}/logo.svg", "#1f5fae")
    tab = person.opens("succeeded", look=look)
    expect(tab.get_by_role("img", name="Highland Coffee")).to_be_visible()
    assert tab.evaluate("document.querySelector('header img').naturalWidth") == 240
    for scheme in SCHEMES:
        tab.emulate_media(color_scheme=scheme)
        assert violations(tab) == []
        photograph(tab, "with-logo", "en", scheme)
    tab.emulate_media(color_scheme="light")
    tab.evaluate("document.querySelector('header img').src = location.origin + '/other.svg'")
    tab.wait_for_function("document.querySelector('header img').complete")
    assert ("GET", "/other.svg") not in person.ours.asked


def test_a_result_is_the_same_after_reload_and_back(person: Visitor) -> None:
    tab = person.opens("declined")
    before = tab.get_by_role("main").inner_text()
    tab.reload()
    assert tab.get_by_role("main").inner_text() == before
    tab.goto("about:blank")
    tab.go_back()
    assert tab.get_by_role("main").inner_text() == before
