"""Decide what the customer's page does next; the store decides it, never the address line."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlencode

from ecommpay_signing import loads, signed_view
from payments.domain.checkout import AskFor, CheckoutPage, CheckoutStep, KeepWaiting, SendOn, ShowResult, SubmitForm
from payments.domain.money import Money
from payments.domain.payment import FINAL, Order, Payment
from payments.domain.provider_state import Pointer
from payments.domain.targets import is_exact_in_form, is_safe_target
from payments.gate.messages import asked_fields, redirect_target
from payments.ports import Store
from payments.usecases.link_payment_page import link_payment_page
from payments.usecases.open_page import Visit, open_page

Action = Literal["wait", "redirect", "clarify", "done"]

_BEING_CHECKED = "needs_review"

#: Card and account data belong on the provider's pages only, and the order is not the customer's to change.
_NEVER_ASKED = frozenset({"account", "card", "acs", "general", "payment"})


def show_checkout(visit: Visit, payment_page_base: str, loopback_allowed: bool, problem: str = "") -> CheckoutPage:  # noqa: FBT001  # a setting, passed on
    """The page this visit is for; ``problem`` says why the customer's data could not be taken.

    Raises `PageNotFound`. An address that is not safe to follow is never shown: see `CheckoutPage.unsafe_target`.
    """
    payment, order = open_page(visit)
    step = _step(visit, payment, order, base=payment_page_base, problem=problem)
    unsafe = not _is_safe(step, loopback_allowed=loopback_allowed)
    return _page(visit, payment, order, _result(payment, order, status=_BEING_CHECKED) if unsafe else step, unsafe)


def show_wait(visit: Visit) -> CheckoutPage:
    """The page that waits, whatever is to come: the answer to a form, because a browser that has posted one may hold
    the redirects that follow to the form's own host, and the way to the bank leads elsewhere."""
    payment, order = open_page(visit)
    return _page(visit, payment, order, KeepWaiting(returned=False), False)


def tell_state(visit: Visit) -> dict[str, Any]:
    """What the page's script asks for: the status, what is to be done, and whether to load the page again."""
    payment, _ = open_page(visit)
    action = next_action(payment, returned=visit.returned)
    return {"status": payment.status, "action": action, "reload": action != "wait"}


def next_action(payment: Payment, *, returned: bool) -> Action:
    """What the page of this payment is for at the moment."""
    if payment.status in FINAL:
        return "done"
    if payment.status == "awaiting_clarification" and payment.provider.question and not _answered(payment):
        return "clarify"
    if payment.order and payment.order.interface == "payment_page":
        return "wait" if returned else "redirect"
    if payment.status == "awaiting_redirect" and payment.provider.redirect and not returned:
        return "redirect"
    return "wait"


def _step(visit: Visit, payment: Payment, order: Order, *, base: str, problem: str) -> CheckoutStep:
    match next_action(payment, returned=visit.returned):
        case "done":
            return _result(payment, order, status=payment.status)
        case "clarify":
            return AskFor(fields=questions(visit.store, payment), problem=problem)
        case "redirect" if order.interface == "payment_page":
            return SendOn(link_payment_page(payment=payment, projects=visit.projects, base=base).url)
        case "redirect":
            return _to_the_bank(visit.store, payment)
        case _:
            return KeepWaiting(returned=visit.returned)


def questions(store: Store, payment: Payment) -> tuple[str, ...]:
    """The paths of the data that the provider asked for last, but for what no merchant's page may ask.

    Where nothing askable was named, it is what the method wants of a customer: a question nobody can answer would
    leave the payment waiting until it is declined.
    """
    asked = asked_fields(_message(store, payment, payment.provider.question))
    fit = tuple(path for path in asked if path.partition(".")[0] not in _NEVER_ASKED)
    method = payment.method
    return fit or (tuple(f"customer.{name}" for name in (*method.required, *method.recommended)) if method else ())


def _answered(payment: Payment) -> bool:
    return payment.provider.question is not None and payment.answered == payment.provider.question.digest


def _to_the_bank(store: Store, payment: Payment) -> CheckoutStep:
    target = redirect_target(_message(store, payment, payment.provider.redirect))
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


def _message(store: Store, payment: Payment, pointer: Pointer | None) -> dict[str, Any]:
    """The signed part of the message that a pointer of the state names."""
    message = store.message(payment.key, pointer.digest) if pointer else None
    return signed_view(loads(message.body)) if message else {}


def _page(visit: Visit, payment: Payment, order: Order, step: CheckoutStep, unsafe: bool) -> CheckoutPage:  # noqa: FBT001  # private
    return CheckoutPage(
        step=step,
        reference=payment.key.payment_id,
        money=order.money,
        language=order.language,
        return_url=order.return_url,
        path=f"/checkout/{visit.token}",
        unsafe_target=unsafe,
    )


def _is_safe(step: CheckoutStep, *, loopback_allowed: bool) -> bool:
    """Whether a browser may be sent on like this; a step that sends it nowhere is safe."""
    if not isinstance(step, SendOn | SubmitForm):
        return True
    fields = step.fields if isinstance(step, SubmitForm) else ()
    return is_safe_target(step.url, allow_loopback_http=loopback_allowed) and all(
        is_exact_in_form(text) for field in fields for text in field
    )


def _result(payment: Payment, order: Order, *, status: str) -> ShowResult:
    refunded = Money(payment.refunded_amount, order.money.currency)
    return ShowResult(status=status, money=order.money, refunded=refunded, at=payment.updated_at)
