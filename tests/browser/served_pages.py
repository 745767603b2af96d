"""The customer's pages as a small server gives them out, and a tab that complains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from playwright.sync_api import BrowserContext, Dialog
from playwright.sync_api import Page as Tab
from werkzeug.wrappers import Request, Response

from payments.domain.checkout import CheckoutPage, CheckoutStep
from payments.look import Site
from payments.pages import Page, render, render_not_found
from tests.support.page_samples import MONEY, NONCE, PATH, SITE

SHOP = "https://shop.example.com/"
LOOPBACK = replace(SITE, loopback_allowed=True)


def as_response(page: Page) -> Response:
    return Response(page.body, page.status, page.headers)


def showing(
    step: CheckoutStep,
    *,
    shop: str = SHOP,
    reference: str = "order-1001",
    language: str = "",
    site: Site = LOOPBACK,
) -> Response:
    page = CheckoutPage(step, reference, MONEY, language, shop, PATH)
    return as_response(render(page, site=site, nonce=NONCE))


def not_found(language: str = "") -> Response:
    return as_response(render_not_found(site=LOOPBACK, nonce=NONCE, accept_language=language))


def always(step: CheckoutStep, *, shop: str = SHOP) -> Callable[[Request], Response]:
    return lambda _: showing(step, shop=shop)


def html(body: str) -> Callable[[Request], Response]:
    return lambda _: Response(f"<!doctype html><title>{body}</title><h1>{body}</h1>", mimetype="text/html")


def open_tab(window: BrowserContext, *, mistakes: list[str] | None = None) -> Tab:
    tab = window.new_page()
    if mistakes is not None:

        def refuse(dialog: Dialog) -> None:
            mistakes.append(dialog.message)
            dialog.dismiss()

        tab.on("console", lambda message: mistakes.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: mistakes.append(str(error)))
        tab.on("dialog", refuse)
    return tab
