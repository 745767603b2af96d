"""Decide what the customer's page does next; the store decides it, never the address line.

Rules of this file
  * The page and its state are two answers to one decision, so that they never contradict each other.
  * A customer is sent on before coming back as often as he likes; after coming back only on a way he was not sent
    before. Which way that was stands in the store: so it holds in every tab, after a reload, and without JavaScript.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Any, Literal
from urllib.parse import urlencode

from ecommpay_signing import loads, signed_view
from payments.domain.answers import Refusal
from payments.domain.checkout import (
    AskFor,
    CheckoutPage,
    CheckoutStep,
    KeepWaiting,
    Problem,
    RunWidget,
    SendOn,
    ShowResult,
    SubmitForm,
    way_digest,
)
from payments.domain.money import Money
from payments.domain.payment import FINAL, Order, Payment
from payments.domain.provider_state import Standing
from payments.domain.targets import is_exact_in_form, is_safe_target
from payments.gate.messages import redirect_target
from payments.usecases.ask_customer import Question, open_question
from payments.usecases.await_result import await_result, note
from payments.usecases.link_payment_page import link_payment_page
from payments.usecases.open_page import Visit, open_page

Action = Literal["wait", "redirect", "clarify", "done"]

_BEING_CHECKED = "needs_review"

#: So often the decision is made anew when somebody else wrote in the meantime.
_ATTEMPTS = 3


def show_checkout(visit: Visit) -> CheckoutPage:
    """The page this visit is for; raises `PageNotFound`.

    An address that is not safe to follow is never shown: see `CheckoutPage.unsafe_target`.
    """
    for _ in range(_ATTEMPTS):
        payment, order, step = _arrive(visit)
        if not isinstance(step, SendOn | SubmitForm) or order.interface == "payment_page":
            return _page(visit, payment, order, step)
        digest = way_digest(step)
        if payment.journey.sent_on == digest or note(visit, payment, payment.journey.sent(digest)):
            return _page(visit, payment, order, step)
    # It could not be written down: a customer who is on the way out must get there, one who came back must not circle.
    return _page(visit, payment, order, KeepWaiting(returned=True) if visit.returned else step)


def show_wait(visit: Visit, refusal: Refusal | None = None) -> CheckoutPage:
    """The page after a posted form: the question again where the answer was refused and is still wanted, else a wait.

    It waits whatever is to come, because a browser that has posted a form may hold the redirects that follow to the
    form's own host, and the way to the bank leads elsewhere.
    """
    payment, order = open_page(visit)
    question = open_question(visit.store, payment, now=visit.now) if refusal else None
    step = _asking(visit, question, refusal) if question else KeepWaiting(returned=False)
    return _page(visit, payment, order, step)


def tell_state(visit: Visit) -> dict[str, Any]:
    """What the page's script asks for: the status, what is to be done, and whether to load the page again."""
    payment, _, step = _arrive(visit)
    action = _action(step)
    return {"status": payment.status, "action": action, "reload": action != "wait"}


def _action(step: CheckoutStep) -> Action:
    match step:
        case KeepWaiting():
            return "wait"
        case AskFor():
            return "clarify"
        case ShowResult(may_try_again=False):
            return "done"
        case _:
            return "redirect"


def _arrive(visit: Visit) -> tuple[Payment, Order, CheckoutStep]:
    """The payment and its page's step; where a customer who came back has to wait, the provider may be asked first."""
    payment, order = open_page(visit)
    step = _step(visit, payment, order)
    if isinstance(step, KeepWaiting) and step.returned:
        payment = await_result(visit, payment, order)
        step = _step(visit, payment, order)
    if _is_safe(step, loopback_allowed=visit.loopback_allowed):
        return payment, order, step
    return payment, order, _result(payment, order, status=_BEING_CHECKED)


def _step(visit: Visit, payment: Payment, order: Order) -> CheckoutStep:
    if payment.status in FINAL:
        return _result(payment, order, status=payment.status)
    question = open_question(visit.store, payment, now=visit.now)
    if question is not None:
        return _asking(visit, question, Refusal(Problem.REJECTED, question.again) if question.again else None)
    return (_on_payment_page if order.interface == "payment_page" else _at_the_bank)(visit, payment, order)


def _on_payment_page(visit: Visit, payment: Payment, order: Order) -> CheckoutStep:
    if visit.returned:
        # Not at once: the customer may come back from a later attempt, of which the callback has not told yet.
        may_go_on = payment.journey.is_still_open and (order.expires_at is None or visit.now < order.expires_at)
        word = payment.provider.word
        if may_go_on and word is not None and word.standing is Standing.DECLINED and word.may_try_again:
            return _result(payment, order, status="declined", may_try_again=True)
        return KeepWaiting(returned=True, may_go_on=may_go_on)
    link = link_payment_page(payment=payment, projects=visit.projects, base=visit.payment_page_base)
    return RunWidget(link.url, link.params) if visit.embedded else SendOn(link.url)


def _at_the_bank(visit: Visit, payment: Payment, _: Order) -> CheckoutStep:
    way, journey = _way_to_the_bank(visit, payment), payment.journey
    if way is None:
        return KeepWaiting(returned=visit.returned)
    if not visit.returned or (journey.sent_on and journey.sent_on != way_digest(way)):
        return way
    return KeepWaiting(returned=True, may_go_on=journey.is_still_open)


def _asking(visit: Visit, question: Question, refusal: Refusal | None) -> AskFor:
    return AskFor(
        fields=question.fields,
        problem=refusal.problem if refusal else "",
        wrong=refusal.wrong if refusal else (),
        until=question.until,
        minutes_left=max(0, ceil((question.until - visit.now) / timedelta(minutes=1))),
    )


def _way_to_the_bank(visit: Visit, payment: Payment) -> SendOn | SubmitForm | None:
    """How the customer gets there, as the provider said last; not yet judged."""
    pointer = payment.provider.redirect
    if payment.status != "awaiting_redirect" or pointer is None:
        return None
    message = visit.store.message(payment.key, pointer.digest)
    target = redirect_target(signed_view(loads(message.body)) if message else {})
    if target is None:
        return SendOn("")  # an address that cannot be followed: no safe one, so an operator hears of it
    if target.method == "POST":
        return SubmitForm(target.url, target.fields)
    if not target.fields:
        return SendOn(target.url)
    # Nothing of the address is read or written anew: it has to be judged, and arrive, as the provider spelt it.
    address, mark, fragment = target.url.partition("#")
    joint = "&" if "?" in address else "?"
    return SendOn(f"{address}{joint}{urlencode(target.fields)}{mark}{fragment}")


def _page(visit: Visit, payment: Payment, order: Order, step: CheckoutStep) -> CheckoutPage:
    return CheckoutPage(
        step=step,
        reference=payment.key.payment_id,
        money=order.money,
        language=order.language,
        return_url=order.return_url,
        path=f"/checkout/{visit.token}",
        unsafe_target=isinstance(step, ShowResult) and step.status == _BEING_CHECKED and payment.status not in FINAL,
    )


def _is_safe(step: CheckoutStep, *, loopback_allowed: bool) -> bool:
    """Whether a browser may be sent on like this; a step that sends it nowhere is safe."""
    if not isinstance(step, SendOn | SubmitForm | RunWidget):
        return True
    fields = step.fields if isinstance(step, SubmitForm) else ()
    return is_safe_target(step.url, allow_loopback_http=loopback_allowed) and all(
        is_exact_in_form(text) for field in fields for text in field
    )


def _result(payment: Payment, order: Order, *, status: str, may_try_again: bool = False) -> ShowResult:
    refunded = Money(payment.refunded_amount, order.money.currency)
    return ShowResult(status, order.money, refunded, at=payment.updated_at, may_try_again=may_try_again)
