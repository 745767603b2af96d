"""Steps of the customer's page as tests show them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from payments.domain.checkout import CheckoutPage, CheckoutStep, ShowResult
from payments.domain.money import Money
from payments.pages import Page, render

CHECKOUT = Path(__file__).parents[2] / "functions" / "checkout"
TEMPLATES = CHECKOUT / "templates"
NONCE = "bm9uY2U"
PATH = "/checkout/t0ken"
MONEY = Money(10000, "KES")
AT = datetime(2026, 11, 21, 17, 52, 4, 123000, tzinfo=UTC)


def checkout_page(
    step: CheckoutStep, *, return_url: str = "https://shop.example.com/orders/1001?a=1&b=2"
) -> CheckoutPage:
    return CheckoutPage(step, "order-1001", MONEY, "", return_url, PATH)


def shown(step: CheckoutStep, **more: str) -> Page:
    return render(checkout_page(step, **more), templates=TEMPLATES, nonce=NONCE)


def result(status: str, *, refunded: int = 0) -> ShowResult:
    return ShowResult(status, MONEY, Money(refunded, "KES"), AT)
