"""The customer's pages as a person meets them: with a script, without one, by keyboard, going back."""

from __future__ import annotations

import json

from playwright.sync_api import BrowserContext, expect
from werkzeug.wrappers import Request, Response

from payments.domain.checkout import AskFor, KeepWaiting, Problem, ShowResult, SubmitForm
from payments.domain.money import Money
from tests.browser.served_pages import always, html, not_found, open_tab, showing
from tests.browser.small_server import SmallServer
from tests.support.page_samples import AT, MONEY, PATH

FIELDS = (
    ("oid", "order-1001"),
    ("submit", "1"),
    ("addEventListener", "2"),
    ("requestSubmit", "3"),
    ("action", "javascript:alert(1)"),
    ("", "a field without a name is not sent by browsers"),
    ("hsh", "\"'<&></script><script>alert(1)</script> пример 支付 +%20 "),
    ("oid", "again"),
    ("text", "one\r\ntwo\ttabbed"),
)
SENT = [field for field in FIELDS if field[0]]


def test_the_form_submits_itself_once_with_exactly_the_fields(
    browser_window: BrowserContext, shop_side: SmallServer, partner_side: SmallServer
) -> None:
    shop_side.answers[PATH] = always(SubmitForm(f"{partner_side.url}/pay", FIELDS))
    partner_side.answers["/pay"] = html("The bank")
    mistakes: list[str] = []
    tab = open_tab(browser_window, mistakes=mistakes)
    tab.goto(shop_side.url + PATH, wait_until="commit")
    expect(tab.get_by_role("heading", name="The bank")).to_be_visible()
    assert partner_side.posted == [SENT]
    assert mistakes == []


def test_without_javascript_the_button_submits_the_form(
    window_without_javascript: BrowserContext, shop_side: SmallServer, partner_side: SmallServer
) -> None:
    shop_side.answers[PATH] = always(SubmitForm(f"{partner_side.url}/pay", FIELDS))
    partner_side.answers["/pay"] = html("The bank")
    tab = open_tab(window_without_javascript)
    tab.goto(shop_side.url + PATH, wait_until="commit")
    assert partner_side.posted == []
    tab.get_by_role("button", name=f"Continue to {partner_side.url.removeprefix('http://')}").click()
    expect(tab.get_by_role("heading", name="The bank")).to_be_visible()
    assert partner_side.posted == [SENT]


def test_going_back_from_the_partner_does_not_loop(
    browser_window: BrowserContext, shop_side: SmallServer, partner_side: SmallServer
) -> None:
    shop_side.answers["/"] = lambda _: Response(f'<h1>The shop</h1><a href="{PATH}">Pay</a>', mimetype="text/html")
    shop_side.answers[PATH] = always(SubmitForm(f"{partner_side.url}/pay", FIELDS))
    partner_side.answers["/pay"] = html("The bank")
    tab = open_tab(browser_window)
    tab.goto(shop_side.url + "/")
    tab.get_by_role("link", name="Pay").click()
    expect(tab.get_by_role("heading", name="The bank")).to_be_visible()
    tab.go_back()
    expect(tab.get_by_role("heading", name="The shop").or_(tab.get_by_role("button"))).to_be_visible()
    tab.get_by_role("heading").first.click()
    assert partner_side.posted == [SENT]


def test_a_page_come_back_to_or_reloaded_shows_its_button_and_waits(
    browser_window: BrowserContext, shop_side: SmallServer, partner_side: SmallServer
) -> None:
    def no_content(_: Request) -> Response:
        return Response(status=204)

    shop_side.answers[PATH] = always(SubmitForm(f"{partner_side.url}/pay", FIELDS))
    shop_side.answers["/other"] = html("Another page")
    partner_side.answers["/pay"] = no_content
    tab = open_tab(browser_window)
    with browser_window.expect_event("response", lambda response: response.url.endswith("/pay")):
        tab.goto(shop_side.url + PATH, wait_until="commit")
    expect(tab.get_by_role("button")).to_be_visible()
    tab.reload()
    expect(tab.get_by_role("button")).to_be_visible()
    tab.goto(shop_side.url + "/other")
    tab.go_back()
    expect(tab.get_by_role("button")).to_be_visible()
    assert partner_side.posted == [SENT]
    partner_side.answers["/pay"] = html("The bank")
    tab.get_by_role("button").click()
    expect(tab.get_by_role("heading", name="The bank")).to_be_visible()
    assert partner_side.posted == [SENT, SENT]


def test_a_second_press_on_the_way_does_not_post_twice(
    browser_window: BrowserContext, shop_side: SmallServer, partner_side: SmallServer
) -> None:
    shop_side.answers[PATH] = always(SubmitForm(f"{partner_side.url}/pay", FIELDS))
    partner_side.answers["/pay"] = lambda _: Response(status=204)
    tab = open_tab(browser_window)
    with browser_window.expect_event("response", lambda response: response.url.endswith("/pay")):
        tab.goto(shop_side.url + PATH, wait_until="commit")
    pressed: list[str] = []
    tab.on("request", lambda request: pressed.append(request.url))
    tab.get_by_role("button").dblclick()
    tab.get_by_role("heading").click()
    assert pressed == []
    assert partner_side.posted == [SENT]


def test_a_redirect_the_browser_stops_is_told_to_the_customer(
    browser_window: BrowserContext, shop_side: SmallServer, partner_side: SmallServer, elsewhere: SmallServer
) -> None:
    """Chromium holds redirects after a post to form-action: if this fails one day, pages.py's preface is out of date."""
    shop_side.answers[PATH] = always(SubmitForm(f"{partner_side.url}/pay", FIELDS))
    partner_side.answers["/pay"] = lambda _: Response(status=303, headers={"location": f"{elsewhere.url}/bank"})
    elsewhere.answers["/bank"] = html("The bank")
    tab = open_tab(browser_window)
    tab.goto(shop_side.url + PATH, wait_until="commit")
    expect(tab.get_by_role("alert")).to_contain_text("Your browser did not let 127.0.0.1:")
    assert elsewhere.asked == []
    expect(tab.get_by_role("link", name="Back to the shop")).to_be_visible()


def test_a_redirect_within_the_partners_host_goes_through(
    browser_window: BrowserContext, shop_side: SmallServer, partner_side: SmallServer
) -> None:
    shop_side.answers[PATH] = always(SubmitForm(f"{partner_side.url}/pay", FIELDS))
    partner_side.answers["/pay"] = lambda _: Response(status=303, headers={"location": "/session/1"})
    partner_side.answers["/session/1"] = html("The bank")
    tab = open_tab(browser_window)
    tab.goto(shop_side.url + PATH, wait_until="commit")
    expect(tab.get_by_role("heading", name="The bank")).to_be_visible()


def test_the_waiting_page_moves_on_when_the_state_says_so(
    browser_window: BrowserContext, shop_side: SmallServer, partner_side: SmallServer
) -> None:
    """A customer who has come back is not sent out again: the mark of coming back goes along with every look."""
    paid = ShowResult("succeeded", MONEY, Money(0, "KES"), AT)

    def looks() -> int:
        return shop_side.asked.count(("GET", f"{PATH}/state"))

    def state(request: Request) -> Response:
        if looks() == 1:
            return Response("a fault", 500)
        reload = looks() == 3 or "returned" not in request.args
        return Response(json.dumps({"status": "processing", "action": "wait", "reload": reload}))

    def page(request: Request) -> Response:
        if "returned" not in request.args:
            return Response(status=302, headers={"location": f"{partner_side.url}/payment"})
        return showing(paid if looks() else KeepWaiting(returned=True))

    shop_side.answers[PATH] = page
    shop_side.answers[f"{PATH}/state"] = state
    tab = open_tab(browser_window)
    tab.goto(f"{shop_side.url}{PATH}?returned=1", wait_until="commit")
    expect(tab.get_by_role("status")).to_contain_text("do not pay again")
    expect(tab.get_by_role("heading", name="Payment received")).to_be_visible(timeout=20_000)
    assert shop_side.asked == [("GET", PATH), *[("GET", f"{PATH}/state")] * 3, ("GET", PATH)]
    assert partner_side.asked == []


def test_the_waiting_page_grows_calm_after_two_minutes(browser_window: BrowserContext, shop_side: SmallServer) -> None:
    shop_side.answers[PATH] = always(KeepWaiting(returned=True))
    shop_side.answers[f"{PATH}/state"] = lambda _: Response(
        '{"status": "processing", "action": "wait", "reload": false}'
    )
    tab = open_tab(browser_window)
    tab.clock.install()
    tab.goto(shop_side.url + PATH, wait_until="domcontentloaded")  # the script has noted when it began
    tab.clock.fast_forward(121_000)
    expect(tab.get_by_role("status")).to_contain_text("It takes longer than usual")
    expect(tab.get_by_text("This page changes by itself")).to_be_hidden()
    expect(tab.locator(".turning")).to_be_hidden()
    looks = len(shop_side.asked)
    tab.clock.fast_forward(60_000)
    tab.get_by_role("link", name="Check again").click()
    expect(tab.locator(".turning")).to_be_visible()
    assert shop_side.asked[looks:] == [("GET", PATH)]


def test_the_waiting_page_leaves_when_its_token_has_gone(
    browser_window: BrowserContext, shop_side: SmallServer
) -> None:
    shop_side.answers[PATH] = lambda _: (
        not_found() if len(shop_side.asked) > 1 else showing(KeepWaiting(returned=False))
    )
    tab = open_tab(browser_window)
    tab.goto(shop_side.url + PATH, wait_until="commit")
    expect(tab.get_by_role("heading", name="This page is not available")).to_be_visible()


def test_without_javascript_the_waiting_page_looks_again_by_itself(
    window_without_javascript: BrowserContext, shop_side: SmallServer
) -> None:
    paid = ShowResult("succeeded", MONEY, Money(0, "KES"), AT)
    shop_side.answers[PATH] = lambda _: showing(paid if len(shop_side.asked) > 1 else KeepWaiting(returned=True))
    tab = open_tab(window_without_javascript)
    tab.goto(shop_side.url + PATH, wait_until="commit")
    expect(tab.get_by_role("heading", name="Payment received")).to_be_visible(timeout=20_000)


def test_a_waiting_page_that_answers_a_form_leads_back_to_its_own_address(
    browser_window: BrowserContext, shop_side: SmallServer, partner_side: SmallServer
) -> None:
    """What a clarification is answered with: from there even a redirect to the partner is no longer held up."""
    shop_side.answers[PATH] = lambda _: (
        Response(status=302, headers={"location": f"{partner_side.url}/bank"})
        if shop_side.posted
        else showing(AskFor(("customer.email",)))
    )
    shop_side.answers[f"{PATH}/clarification"] = always(KeepWaiting(returned=False))
    shop_side.answers[f"{PATH}/state"] = lambda _: Response('{"status": "x", "action": "redirect", "reload": true}')
    partner_side.answers["/bank"] = html("The bank")
    tab = open_tab(browser_window)
    tab.goto(shop_side.url + PATH, wait_until="commit")
    tab.get_by_label("E-mail").fill("jane@example.com")
    tab.get_by_role("button", name="Continue").click()
    expect(tab.get_by_role("heading", name="The bank")).to_be_visible()


def test_missing_details_can_be_given_by_keyboard_alone(browser_window: BrowserContext, shop_side: SmallServer) -> None:
    shop_side.answers[PATH] = always(AskFor(("customer.email", "customer.phone"), problem=Problem.REJECTED))
    shop_side.answers[f"{PATH}/clarification"] = html("Taken")
    tab = open_tab(browser_window)
    tab.goto(shop_side.url + PATH, wait_until="commit")
    expect(tab.get_by_role("alert")).to_have_text("These data were not accepted. Please check them and try again.")
    expect(tab.get_by_label("E-mail")).to_have_accessible_description(Problem.REJECTED)
    expect(tab.get_by_label("E-mail")).to_be_focused()
    tab.keyboard.type("jane@example.com")
    tab.keyboard.press("Tab")
    tab.keyboard.type("254700000000")
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("button", name="Continue")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Taken")).to_be_visible()
    assert shop_side.posted == [[("customer.email", "jane@example.com"), ("customer.phone", "254700000000")]]
