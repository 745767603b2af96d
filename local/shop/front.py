"""The front page: what can be bought, how, what the pretend platform shall do about it, and the orders of late."""

import secrets
from typing import Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from local.shop.calls import CallFailed
from local.shop.catalogue import INTERFACES, PRODUCTS, WAYS_TO_PAY, Choice, read_choice
from local.shop.merchant import Merchant, order_address
from local.shop.pages import page
from local.shop.panel import apply_wish, read_panel
from local.shop.wishes import CALLBACKS, LONGEST_DELAY_S, MOST_CALLBACKS, OTHER_ENDINGS, USUAL_ENDINGS, wish_so_far


def show_front(merchant: Merchant, request: Request) -> Response:
    """The front page, with what the query chooses chosen; the shop stays open while the API is down."""
    choice, wish = read_choice(request.args), wish_so_far(request.args.to_dict(), ending="0")
    try:
        orders, problem = merchant.api.get("/payments", limit="10")["items"], ""
    except CallFailed as failure:
        orders, problem = [], f"{failure.title}. {' '.join(failure.details)}"
    body = {**_order(choice, request.remote_addr, "visitor"), "return_url": request.host_url}
    return page(
        "front.html",
        products=PRODUCTS.values(),
        ways=WAYS_TO_PAY.values(),
        interfaces=INTERFACES.values(),
        choice=choice,
        # Without a script the price cannot follow the choice, so it is told only for a choice that was made.
        price_known="product" in request.args,
        orders=orders,
        problem=problem,
        panel=read_panel(merchant, wish),
        wish=wish,
        usual_endings=USUAL_ENDINGS,
        other_endings=OTHER_ENDINGS,
        callbacks=CALLBACKS,
        most_callbacks=MOST_CALLBACKS,
        longest_delay=LONGEST_DELAY_S,
        buy_command=merchant.terminal.buy(body),
        orders_command=merchant.terminal.orders(),
    )


def buy(merchant: Merchant, request: Request) -> Response:
    """Tell the platform what is wished for, create the payment, and send the browser to its checkout page."""
    choice = read_choice(request.form)
    payment_id = f"shop-{secrets.token_hex(5)}"
    body = {
        "payment_id": payment_id,
        **_order(choice, request.remote_addr, f"visitor-{payment_id}"),
        "return_url": f"{request.host_url.rstrip('/')}{order_address(payment_id)}",
    }
    apply_wish(merchant, request.form)
    return redirect(merchant.api.post("/payments", body)["checkout_url"], 303)


def _order(choice: Choice, address: str | None, customer_id: str) -> dict[str, Any]:
    return {
        "project_id": choice.way.project_id,
        "interface": choice.interface.code,
        "method": choice.way.method,
        "amount": choice.amount,
        "currency": choice.way.currency,
        "description": choice.product.title,
        "customer": {
            "id": customer_id,
            "ip_address": address or "127.0.0.1",
            "phone": "254700000000",
            "email": "jane@example.com",
            "first_name": "Jane",
            "last_name": "Wanjiru",
        },
    }
