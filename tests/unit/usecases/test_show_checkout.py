"""What the customer's page does next: decided by the store, whatever the address line says."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ecommpay_signing import sign
from payments.domain.checkout import AskFor, CheckoutPage, KeepWaiting, RunWidget, SendOn, ShowResult, SubmitForm
from payments.domain.errors import PageNotFound
from payments.domain.money import Money
from payments.usecases.show_checkout import show_checkout, show_wait, tell_state
from tests.support.fakes import FakeProjects
from tests.unit.domain.told import KES_100, KEY, NOON, at, callback, refund_callback
from tests.unit.usecases.world import SECRET, World

REDIRECT = ("sale", "awaiting redirect result")
ON_PAGE = {"interface": "payment_page", "expires_at": at(86_400)}
BANK = "https://partner.example/v3/ke"


def redirect_callback(seconds: float = 5, **data: Any) -> dict[str, Any]:
    return callback("awaiting redirect result", REDIRECT, seconds=seconds, redirect_data=data)


def question(seconds: float = 5, fields: Any = None) -> dict[str, Any]:
    asked = {"customer": ["email", "phone"]} if fields is None else fields
    return callback(
        "awaiting clarification", ("sale", "awaiting clarification"), seconds=seconds, clarification_fields=asked
    )


def shown(
    *messages: dict[str, Any],
    returned: bool = False,
    loopback: bool = False,
    embedded: bool = False,
    order: dict[str, Any] | None = None,
    **payment: Any,
) -> tuple[CheckoutPage, dict[str, Any]]:
    """The page and the state of a payment after these callbacks."""
    world = World()
    _, token = world.put_for_page(order=order or {}, **payment)
    for message in messages:
        world.receive(message)
    visit = replace(world.visit(token, returned=returned), embedded=embedded, loopback_allowed=loopback)
    page = show_checkout(visit)
    assert (page.path, page.reference) == (f"/checkout/{token}", KEY.payment_id)
    return page, tell_state(visit)


def state(status: str, action: str) -> dict[str, Any]:
    return {"status": status, "action": action, "reload": action != "wait"}


def result(status: str, *, refunded: int = 0) -> ShowResult:
    return ShowResult(status=status, money=KES_100, refunded=Money(refunded, "KES"), at=NOON)


def test_the_page_carries_what_every_page_shows() -> None:
    world = World()
    _, token = world.put_for_page()

    assert show_checkout(world.visit(token)) == CheckoutPage(
        step=KeepWaiting(returned=False),
        reference="order-1001",
        money=KES_100,
        language="en",
        return_url="https://shop.example/orders/1001",
        path=f"/checkout/{token}",
        unsafe_target=False,
    )


@pytest.mark.parametrize("returned", [False, True])
@pytest.mark.parametrize(
    ("messages", "payment", "status", "refunded"),
    [
        ([callback("success")], {}, "succeeded", 0),
        ([callback("decline", ("sale", "decline"))], {}, "declined", 0),
        ([callback("expired", None)], {}, "expired", 0),
        ([callback("canceled", None)], {}, "canceled", 0),
        ([callback("internal error", None)], {}, "failed", 0),
        ([callback("success", amount=9_999)], {}, "needs_review", 0),
        ([callback("partially paid", None)], {}, "needs_review", 0),
        ([callback("success"), refund_callback()], {}, "refunded", 10_000),
        (
            [callback("success"), refund_callback(payment="partially refunded", amount=4_000, held=6_000)],
            {},
            "partially_refunded",
            4_000,
        ),
        ([], {"submission": "refused"}, "failed", 0),
        ([], {"submission": "none", "expired_at": at(90_000), "order": ON_PAGE}, "expired", 0),
        ([redirect_callback(url=BANK, method="GET"), callback("success", seconds=60)], {}, "succeeded", 0),
        ([question(), callback("decline", ("sale", "decline"), seconds=1805)], {}, "declined", 0),
    ],
)
def test_a_payment_that_is_over_shows_its_result_from_the_store(
    messages: list[dict[str, Any]], payment: dict[str, Any], status: str, refunded: int, returned: bool
) -> None:
    page, told = shown(*messages, returned=returned, **payment)

    assert (page.step, page.unsafe_target) == (result(status, refunded=refunded), False)
    assert told == state(status, "done")


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [callback("processing", ("sale", "processing"))],
        [callback("awaiting redirect result", REDIRECT)],
        [callback("never heard of", None)],
        [redirect_callback(url=BANK), callback("processing", ("sale", "processing"), seconds=50, operation_id=390)],
        [redirect_callback(url="")],
    ],
    ids=["no word yet", "processing", "no data yet", "unknown word", "next attempt", "empty address"],
)
@pytest.mark.parametrize("returned", [False, True])
def test_a_gate_payment_without_a_way_to_go_waits(messages: list[dict[str, Any]], returned: bool) -> None:
    page, told = shown(*messages, returned=returned)

    assert (page.step, page.unsafe_target) == (KeepWaiting(returned=returned), False)
    assert (told["action"], told["reload"]) == ("wait", False)


def test_a_customer_who_comes_back_from_the_bank_waits_for_the_result_and_is_not_sent_there_again() -> None:
    page, told = shown(redirect_callback(url=BANK, method="GET"), returned=True)

    assert page.step == KeepWaiting(returned=True)
    assert told == state("awaiting_redirect", "wait")


def test_coming_back_proves_no_payment() -> None:
    page, told = shown(order=ON_PAGE, submission="none", returned=True)

    assert page.step == KeepWaiting(returned=True)
    assert told == state("created", "wait")


@pytest.mark.parametrize(
    ("data", "step"),
    [
        ({"url": BANK, "method": "GET", "body": []}, SendOn(BANK)),
        ({"url": BANK, "method": "GET", "body": {}}, SendOn(BANK)),
        ({"url": BANK, "method": "get"}, SendOn(BANK)),
        ({"url": BANK}, SendOn(BANK)),
        ({"url": f"{BANK}?a=%FF%20b&c", "method": "GET"}, SendOn(f"{BANK}?a=%FF%20b&c")),
        ({"url": BANK, "method": "GET", "body": {"a": "1 & 2", "b": "é"}}, SendOn(f"{BANK}?a=1+%26+2&b=%C3%A9")),
        ({"url": f"{BANK}?s=%FF%20x&t", "method": "GET", "body": {"a": "1"}}, SendOn(f"{BANK}?s=%FF%20x&t&a=1")),
        ({"url": f"{BANK}#top", "method": "GET", "body": {"a": "1"}}, SendOn(f"{BANK}?a=1#top")),
        (
            {"url": "https://partner.example", "method": "GET", "body": {"a": "1"}},
            SendOn("https://partner.example?a=1"),
        ),
        (
            {"url": BANK, "method": "POST", "body": {"vid": "demo", "crl": "0", "cbk": "https://x.example/?a=1&b=2"}},
            SubmitForm(BANK, (("vid", "demo"), ("crl", "0"), ("cbk", "https://x.example/?a=1&b=2"))),
        ),
        ({"url": BANK, "method": "POST", "body": []}, SubmitForm(BANK, ())),
        ({"url": BANK, "body": {"vid": "demo"}}, SubmitForm(BANK, (("vid", "demo"),))),
    ],
)
def test_the_customer_is_sent_on_as_the_provider_says(data: dict[str, Any], step: object) -> None:
    page, told = shown(redirect_callback(**data))

    assert (page.step, page.unsafe_target) == (step, False)
    assert told == state("awaiting_redirect", "redirect")


def test_of_two_redirects_the_newer_is_followed_whichever_came_last() -> None:
    messages = [redirect_callback(seconds, url=f"{BANK}/{seconds}", method="GET") for seconds in (5, 50)]

    assert shown(*messages)[0].step == shown(*reversed(messages))[0].step == SendOn(f"{BANK}/50")


UNSAFE = [
    "javascript:alert(1)",
    "data:text/html,x",
    "//partner.example/",
    "https:///payments/v1.1",
    "http://partner.example/",
    "https://user@partner.example/",
    "https://partner.example\\@evil.example/",
    "https://par\ttner.example/",
    "https://partner.example/\r\nSet-Cookie: a=b",
    " https://partner.example/",
    "https://[x/pay",
    "https://[::1]x/",
    "https://раrtner.example/",
    "ftp://partner.example/",
    "partner.example",
    "https://partner.example:99999/",
    "http://127.0.0.1:3001/bank",
]


@pytest.mark.parametrize("url", UNSAFE)
@pytest.mark.parametrize("data", [{"method": "GET"}, {"method": "GET", "body": {"a": "1"}}, {"method": "POST"}])
def test_an_address_nobody_may_be_sent_to_is_refused_and_flagged(url: str, data: dict[str, Any]) -> None:
    page, _ = shown(redirect_callback(url=url, **data))

    assert (page.step, page.unsafe_target) == (result("needs_review"), True)


@pytest.mark.parametrize(
    "data",
    [
        {"url": BANK, "method": "PUT"},
        {"url": BANK, "method": "POST", "body": "vid=demo"},
        {"url": BANK, "method": "POST", "body": {"a": "b\x00c"}},
        {"url": BANK, "method": "POST", "body": {"a\x00": "b"}},
    ],
    ids=["unknown verb", "a body that is no fields", "NUL in a value", "NUL in a name"],
)
def test_a_way_that_no_browser_can_follow_exactly_is_refused_and_flagged(data: dict[str, Any]) -> None:
    page, _ = shown(redirect_callback(**data))

    assert (page.step, page.unsafe_target) == (result("needs_review"), True)


def test_a_loopback_address_is_followed_where_the_settings_allow_it() -> None:
    local = redirect_callback(url="http://127.0.0.1:3001/bank", method="GET")

    assert shown(local, loopback=True)[0].step == SendOn("http://127.0.0.1:3001/bank")
    assert shown(redirect_callback(url="http://partner.example/"), loopback=True)[0].unsafe_target


@pytest.mark.parametrize(
    ("messages", "submission", "status"),
    [
        ([], "none", "created"),
        ([callback("processing", ("sale", "processing"))], "none", "processing"),
        ([callback("awaiting redirect result", REDIRECT)], "none", "awaiting_redirect"),
        (
            [callback("decline", ("sale", "decline"), payment_fields={"is_new_attempts_available": True})],
            "none",
            "processing",
        ),
    ],
)
def test_a_page_payment_that_is_not_paid_goes_to_the_signed_payment_page(
    messages: list[dict[str, Any]], submission: str, status: str
) -> None:
    page, told = shown(*messages, order=ON_PAGE, submission=submission)

    assert isinstance(page.step, SendOn)
    address = urlsplit(page.step.url)
    params = {name: values[0] for name, values in parse_qs(address.query, strict_parsing=True).items()}
    signature = params.pop("signature")
    assert (address.scheme, address.netloc, address.path) == ("https", "paymentpage.ecommpay.com", "/payment")
    assert (params["payment_id"], params["payment_amount"], params["force_payment_method"]) == (
        "order-1001",
        "10000",
        "card-partner",
    )
    assert signature == sign(params, SECRET)
    assert told == state(status, "redirect")


def test_a_page_payment_can_be_paid_in_the_widget_with_the_very_parameters_of_its_address() -> None:
    page, told = shown(order=ON_PAGE, submission="none", embedded=True)

    assert isinstance(page.step, RunWidget)
    address = {name: values[0] for name, values in parse_qs(urlsplit(page.step.url).query).items()}
    assert {name: str(value) for name, value in page.step.params.items()} == address
    assert page.step.params["signature"] == sign(
        {name: value for name, value in page.step.params.items() if name != "signature"}, SECRET
    )
    assert told == state("created", "redirect")


@pytest.mark.parametrize(
    ("messages", "payment", "step"),
    [
        ([callback("success")], {"order": ON_PAGE}, result("succeeded")),
        ([], {"order": ON_PAGE, "submission": "none", "expired_at": at(90_000)}, result("expired")),
        ([], {"order": ON_PAGE, "submission": "none", "returned": True}, KeepWaiting(returned=True)),
        ([], {}, KeepWaiting(returned=False)),
        ([redirect_callback(url=BANK, method="GET")], {}, SendOn(BANK)),
    ],
    ids=["paid", "expired", "come back", "Gate", "Gate, on to the bank"],
)
def test_the_widget_is_for_unpaid_page_payments_and_anything_else_has_its_usual_page(
    messages: list[dict[str, Any]], payment: dict[str, Any], step: object
) -> None:
    assert shown(*messages, embedded=True, **payment)[0].step == step


def test_missing_data_are_asked_for_by_path() -> None:
    page, told = shown(question())

    assert page.step == AskFor(
        fields=("customer.email", "customer.phone"), problem="", wrong=(), until=at(5 + 1800), minutes_left=31
    )
    assert told == state("awaiting_clarification", "clarify")


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"customer": ["first_name"], "account": ["number"], "card": {"pan": "x"}}, ("customer.first_name",)),
        ({"payment": ["amount"], "account": ["number"]}, ("customer.phone", "customer.email")),
        (True, ("customer.phone", "customer.email")),
    ],
)
def test_only_what_a_merchants_page_may_ask_is_asked(fields: Any, asked: tuple[str, ...]) -> None:
    step = shown(question(fields=fields))[0].step

    assert isinstance(step, AskFor)
    assert step.fields == asked


@pytest.mark.parametrize(("later", "left"), [(0, 30), (1, 30), (60, 29), (1799, 1), (1800, 0), (9000, 0)])
def test_the_provider_waits_half_an_hour_for_the_answer(later: float, left: int) -> None:
    world = World()
    _, token = world.put_for_page()
    world.receive(question(seconds=0))
    world.clock.move(later)

    step = show_checkout(world.visit(token)).step

    assert isinstance(step, AskFor)
    assert (step.until, step.minutes_left) == (at(1800), left)


def test_a_question_without_a_date_counts_from_when_it_came() -> None:
    world = World()
    _, token = world.put_for_page()
    world.clock.move(600)
    undated = question()
    del undated["payment"]["date"], undated["operation"]["date"], undated["operation"]["created_date"]
    world.receive(undated)

    step = show_checkout(world.visit(token)).step

    assert isinstance(step, AskFor)
    assert (step.until, step.minutes_left) == (at(600 + 1800), 30)


def test_an_answered_question_is_not_asked_again_but_a_new_one_is() -> None:
    world = World()
    _, token = world.put_for_page()
    world.receive(question())
    asked = world.payment().provider.question
    assert asked is not None
    world.store.save(replace(world.payment(), answered=asked.digest))

    assert show_checkout(world.visit(token)).step == KeepWaiting(returned=False)
    assert tell_state(world.visit(token)) == state("awaiting_clarification", "wait")

    world.receive(question(seconds=300, fields={"customer": ["last_name"]}))

    step = show_checkout(world.visit(token)).step
    assert isinstance(step, AskFor)
    assert step.fields == ("customer.last_name",)


def test_the_page_after_a_posted_form_waits_whatever_is_to_come() -> None:
    world = World()
    _, token = world.put_for_page()
    world.receive(redirect_callback(url=BANK, method="GET"))

    page = show_wait(world.visit(token))

    assert (page.step, page.unsafe_target) == (KeepWaiting(returned=False), False)


def test_a_token_that_opens_nothing_shows_nothing() -> None:
    world = World()
    _, token = world.put_for_page()
    late = replace(world.visit(token), now=NOON + timedelta(days=60))
    gone = replace(world.visit(token), projects=FakeProjects({198: ("other",)}))
    forged = world.visit(token[:-1] + ("A" if token[-1] != "A" else "B"))

    for visit in (late, gone, forged, world.visit(""), replace(world.visit(token), store=World().store)):
        for open_page in (show_checkout, show_wait, tell_state):
            with pytest.raises(PageNotFound):
                open_page(visit)


def test_a_payment_that_nobody_ordered_has_no_page() -> None:
    world = World()
    _, token = World().put_for_page()
    world.receive(callback("success"))

    with pytest.raises(PageNotFound):
        tell_state(world.visit(token))
