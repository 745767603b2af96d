"""The demo shop as a WSGI application, at `/` and below `/shop/` of the gateway.

It uses the public API only, as a merchant's server would: it never looks into the table, and it learns how a payment
ended by asking for it. The pretend platform's control API plays ECommPay's support; without that platform the
pretend parts are not shown.
"""

import json
import secrets
import shlex
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from local.ecommpay.outcomes import OUTCOMES
from local.shop.calls import Caller, CallFailed, payment_path
from local.shop.catalogue import INTERFACES, PRODUCTS, WAYS_TO_PAY, price_text

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: Statuses that change by themselves, or by what the customer does.
_PAYABLE = {"created", "processing", "awaiting_redirect", "awaiting_clarification"}
_MOVING_REFUND = {"requested", "sent", "awaiting_support"}
_REFUNDABLE = {"succeeded", "partially_refunded"}
_LARGEST_FORM = 16 * 1024

_ROUTES = Map(
    [
        Rule("/", endpoint="front", methods=["GET"]),
        Rule("/shop", endpoint="front", methods=["GET"]),
        Rule("/shop/", endpoint="front", methods=["GET"]),
        Rule("/shop/buy", endpoint="buy", methods=["POST"]),
        Rule("/shop/orders/<payment_id>", endpoint="order", methods=["GET"]),
        Rule("/shop/orders/<payment_id>.json", endpoint="order_json", methods=["GET"]),
        Rule("/shop/orders/<payment_id>/refund", endpoint="refund", methods=["POST"]),
        Rule("/shop/orders/<payment_id>/support", endpoint="support", methods=["POST"]),
    ],
    strict_slashes=False,
)


def shop_app(
    api_url: str,
    platform_url: str | None = None,
    aws_url: str | None = None,
    state_machine_arn: str | None = None,
) -> "WSGIApplication":
    """The shop; parts whose address is None are not shown."""
    shop = _Shop(Caller(api_url), Caller(platform_url) if platform_url else None, aws_url, state_machine_arn)
    views: dict[str, Callable[..., Response]] = {
        "front": shop.show_front,
        "buy": shop.buy,
        "order": shop.show_order,
        "order_json": shop.show_order_json,
        "refund": shop.refund,
        "support": shop.play_support,
    }

    @Request.application
    def answer(request: Request) -> Response:
        request.max_content_length = _LARGEST_FORM
        endpoint = "front"
        try:
            endpoint, arguments = _ROUTES.bind_to_environ(request.environ).match()
            return views[endpoint](request, **arguments)
        except CallFailed as failure:
            if endpoint == "order_json":
                body = json.dumps({"error": failure.title, "details": failure.details})
                return Response(body, failure.status, content_type="application/json")
            return _page("error.html", status=failure.status, title=failure.title, details=failure.details)
        except HTTPException as refusal:
            code = refusal.code or 500
            return _page("error.html", status=code, title=refusal.name, details=(refusal.description or "",))

    return answer


class _Shop:
    """The views, and the addresses they need."""

    def __init__(
        self, api: Caller, platform: Caller | None, aws_url: str | None, state_machine_arn: str | None
    ) -> None:
        self.api = api
        self.platform = platform
        self.aws_url = aws_url
        self.state_machine_arn = state_machine_arn

    def show_front(self, _request: Request) -> Response:
        """What can be bought, and the orders of late; the shop stays open while the API is down."""
        try:
            orders, problem = self.api.get("/payments", limit="10")["items"], ""
        except CallFailed as failure:
            orders, problem = [], f"{failure.title}. {' '.join(failure.details)}"
        return _page(
            "front.html",
            products=PRODUCTS.values(),
            ways=WAYS_TO_PAY.values(),
            interfaces=INTERFACES,
            outcomes=OUTCOMES if self.platform else {},
            orders=orders,
            problem=problem,
            platform_url=self.platform.url if self.platform else "",
        )

    def buy(self, request: Request) -> Response:
        """Create the payment and send the browser to its checkout page."""
        form = request.form
        product, way = PRODUCTS.get(form.get("product", "")), WAYS_TO_PAY.get(form.get("way", ""))
        scenario, interface = form.get("scenario", "0"), form.get("interface", "")
        known = scenario.isascii() and scenario.isdigit() and int(scenario) in OUTCOMES
        if product is None or way is None or interface not in INTERFACES or not known:
            raise CallFailed(400, "Please choose a product, a way to pay and an interface")
        payment_id = f"shop-{secrets.token_hex(5)}"
        payment = self.api.post(
            "/payments",
            {
                "payment_id": payment_id,
                "project_id": way.project_id,
                "interface": interface,
                "method": way.method,
                "amount": product.prices[way.currency] + int(scenario),
                "currency": way.currency,
                "description": product.title,
                "customer": {
                    "id": f"visitor-{payment_id}",
                    "ip_address": request.remote_addr or "127.0.0.1",
                    "phone": "254700000000",
                    "email": "jane@example.com",
                    "first_name": "Jane",
                    "last_name": "Wanjiru",
                },
                "return_url": f"{request.host_url}shop/orders/{payment_id}",
            },
        )
        return redirect(payment["checkout_url"], 303)

    def show_order(self, _request: Request, payment_id: str) -> Response:
        """One order, as the API tells it now."""
        payment = self.api.get(payment_path(payment_id))
        status, refunds = payment["status"], payment["refunds"]
        in_flight = [refund for refund in refunds if refund["status"] in _MOVING_REFUND]
        by_support = payment["refund_policy"] == "support"
        return _page(
            "order.html",
            payment=payment,
            moving=status in _PAYABLE or bool(in_flight),
            payable=status in _PAYABLE,
            refundable=status in _REFUNDABLE and not in_flight,
            by_support=by_support,
            support_url=f"/shop/orders/{payment_id}/support"
            if self.platform and by_support and status in _REFUNDABLE
            else "",
            command=self._refund_command(payment_id) if status in _REFUNDABLE else "",
        )

    def show_order_json(self, _request: Request, payment_id: str) -> Response:
        """The same as JSON, for the page's script."""
        payment = self.api.get(payment_path(payment_id))
        return Response(json.dumps(payment), content_type="application/json", headers={"cache-control": "no-store"})

    def refund(self, request: Request, payment_id: str) -> Response:
        """Start a refund: all of it, or the part that was typed."""
        body: dict[str, Any] = {"reason": "Asked for in the demo shop"}
        if wanted := request.form.get("amount", "").strip():
            body["amount"] = _minor_units(wanted)
        self.api.post(f"{payment_path(payment_id)}/refunds", body)
        return redirect(f"/shop/orders/{payment_id}", 303)

    def play_support(self, _request: Request, payment_id: str) -> Response:
        """Do what ECommPay's support would after our letter: refund what the open refund asks for, or everything."""
        if self.platform is None:
            raise CallFailed(404, "There is no pretend platform to play with")
        payment = self.api.get(payment_path(payment_id))
        asked = next((refund for refund in payment["refunds"] if refund["status"] == "awaiting_support"), None)
        self.platform.post(
            f"/control/payments/{payment['project_id']}/{quote(payment_id, safe='')}/refund",
            {"amount": asked["amount"]} if asked else {},
        )
        return redirect(f"/shop/orders/{payment_id}", 303)

    def _refund_command(self, payment_id: str) -> str:
        if not self.aws_url or not self.state_machine_arn:
            return ""
        words = ["aws", "--endpoint-url", self.aws_url, "--region", self.state_machine_arn.split(":")[3]]
        words += ["stepfunctions", "start-execution", "--state-machine-arn", self.state_machine_arn]
        words += ["--input", json.dumps({"payment_id": payment_id})]
        return f"AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local {shlex.join(words)}"


def _minor_units(text: str) -> int:
    try:
        amount = Decimal(text) * 100
    except InvalidOperation:
        raise CallFailed(400, "This is no amount", text) from None
    if not amount.is_finite() or amount != int(amount) or abs(amount) > 10**12:
        raise CallFailed(400, "This is no amount", text)
    return int(amount)


def _page(template: str, /, *, status: int = 200, **values: Any) -> Response:
    nonce = secrets.token_urlsafe(16)
    response = Response(_TEMPLATES.get_template(template).render(nonce=nonce, **values), status, mimetype="text/html")
    # No form-action: browsers hold the redirects after a form to it, and buying ends at the platform or the partner.
    response.headers["content-security-policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["cache-control"] = "no-store"
    response.headers["x-content-type-options"] = "nosniff"
    return response


def _time_text(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%d %b, %H:%M:%S")


_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("local.shop"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"money": price_text, "clock": _time_text}
