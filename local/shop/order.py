"""One order: how it stands, its refunds and its story as the API tells them, and what can be done about it."""

from collections.abc import Mapping
from typing import Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from local.shop.amounts import read_amount
from local.shop.calls import CallFailed, payment_path
from local.shop.merchant import Merchant, order_address
from local.shop.pages import page
from local.shop.panel import REFUND_TYPES, apply_wish, give_back_body, read_panel
from local.shop.wishes import CALLBACKS, LONGEST_DELAY_S, MOST_CALLBACKS, REFUNDS, wish_so_far
from local.shop.words import IN_FLIGHT, PAYABLE, REFUNDABLE

REASON = "Asked for in the demo shop"


def show_order(merchant: Merchant, request: Request, payment_id: str) -> Response:
    """One order, as the API tells it now; the query holds what stands in the page's forms, for the commands."""
    payment, terminal = merchant.order(payment_id), merchant.terminal
    by_support = payment["refund_policy"] == "support"
    asked = next((refund for refund in payment["refunds"] if refund["status"] in IN_FLIGHT), None)
    paid, payable = payment["status"] in REFUNDABLE, payment["status"] in PAYABLE
    refundable = paid and asked is None
    form = request.args.to_dict()
    # A refund that support carries out never reaches Gate, so there is no fate to choose for it.
    usual = {} if by_support else {"fate": "success"}
    wish = wish_so_far(form, **usual) if refundable else {}
    part = _amount_in(form, "amount")
    return page(
        "order.html",
        payment=payment,
        moving=payable or asked is not None,
        payable=payable,
        refundable=refundable,
        by_support=by_support,
        left=payment["amount"] - payment["refunded_amount"],
        asked=asked,
        # The platform's people can act on what was paid: support also while our own refund waits for them.
        at_platform=paid and (by_support or asked is None),
        panel=read_panel(merchant, wish, payment),
        refund_commands=terminal.refund(payment_id, _refund_body(part)),
        give_back_command=terminal.give_back(payment["project_id"], payment_id, _give_back_body(form, asked)),
        histories={
            each["refund_id"]: terminal.history(each["execution"]) for each in payment["refunds"] if each["execution"]
        },
        story_commands=[terminal.order(payment_id), *terminal.events()],
        callbacks=CALLBACKS,
        most_callbacks=MOST_CALLBACKS,
        longest_delay=LONGEST_DELAY_S,
        fates=REFUNDS,
        kinds=REFUND_TYPES,
    )


def refund(merchant: Merchant, request: Request, payment_id: str) -> Response:
    """Tell the platform what is wished for, and start a refund: all of it, or the part that was typed."""
    body = _refund_body(read_amount(request.form.get("amount", "")))
    apply_wish(merchant, request.form)
    merchant.api.post(f"{payment_path(payment_id)}/refunds", body)
    return redirect(order_address(payment_id), 303)


def _refund_body(amount: int | None) -> dict[str, Any]:
    return {"reason": REASON} if amount is None else {"amount": amount, "reason": REASON}


def _amount_in(form: Mapping[str, str], name: str) -> int | None:
    """What is typed so far; half an amount is none yet."""
    try:
        return read_amount(form.get(name, ""))
    except CallFailed:
        return None


def _give_back_body(form: Mapping[str, str], asked: Mapping[str, Any] | None) -> dict[str, Any]:
    part = _amount_in(form, "part")
    if part is None and asked and "part" not in form:
        part = asked["amount"]
    return give_back_body({"kind": form.get("kind", "refund")}) | ({} if part is None else {"amount": part})
