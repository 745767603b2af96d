"""Steps of the customer's page as tests show them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from payments.domain.checkout import (
    AskFor,
    CheckoutPage,
    CheckoutStep,
    KeepWaiting,
    Problem,
    RunWidget,
    ShowResult,
    SubmitForm,
)
from payments.domain.money import Money
from payments.look import Look, Site
from payments.pages import Page, render

CHECKOUT = Path(__file__).parents[2] / "functions" / "checkout"
TEMPLATES = CHECKOUT / "templates"
WIDGET = "https://paymentpage.example.com"
SITE = Site(TEMPLATES, Look(), WIDGET)
NONCE = "bm9uY2U"
PATH = "/checkout/t0ken"
MONEY = Money(10000, "KES")
AT = datetime(2026, 11, 21, 17, 52, 4, 123000, tzinfo=UTC)
BACK = "https://shop.example.com/orders/1001?a=1&b=2"
LANGUAGES = ("en", "ms", "ru", "sw", "zh")
SENT_BACK = {"refunded": 10000, "partially_refunded": 2550}
STATUSES = ("succeeded", "declined", "expired", "canceled", "failed", "refunded", "partially_refunded", "needs_review")


def checkout_page(step: CheckoutStep, *, return_url: str = BACK, language: str = "") -> CheckoutPage:
    return CheckoutPage(step, "order-1001", MONEY, language, return_url, PATH)


def shown(step: CheckoutStep, *, site: Site = SITE, **more: str) -> Page:
    return render(checkout_page(step, **more), site=site, nonce=NONCE)


def result(status: str, *, refunded: int = 0) -> ShowResult:
    return ShowResult(status, MONEY, Money(refunded, "KES"), AT)


FORM = SubmitForm("https://pay.example.com/v3/ke?x=1&y=2", (("oid", "order-1001"), ("submit", "1"), ("oid", "again")))
RUN_WIDGET = RunWidget(
    f"{WIDGET}/payment?payment_id=order-1001", {"project_id": 2924, "payment_id": "order-1001", "signature": "c2ln+/=="}
)
ASKING = AskFor(("customer.email", "customer.phone", "billing.city"), until=AT, minutes_left=24)

#: Every page there is, but for the one that is not found.
STEPS: dict[str, CheckoutStep] = {
    "form": FORM,
    "widget": RUN_WIDGET,
    "waiting": KeepWaiting(returned=False),
    "returned": KeepWaiting(returned=True),
    "not finished": KeepWaiting(returned=True, may_go_on=True),
    "asking": ASKING,
    "asking again": replace(ASKING, problem=Problem.REJECTED, wrong=("customer.phone",)),
    "asking too late": replace(ASKING, minutes_left=0),
    **{status: result(status, refunded=SENT_BACK.get(status, 0)) for status in STATUSES},
    "try again": replace(result("declined"), may_try_again=True),
}
