"""The demo shop as a WSGI application, at `/` and below `/shop/` of the gateway.

It uses the public API only, as a merchant's server would: it never looks into the table, and it learns how a payment
ended by asking for it. The pretend platform's control API is behind the control panel; without that platform the
panel is not shown.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from local.shop.calls import Caller, CallFailed
from local.shop.front import buy, show_front
from local.shop.merchant import Merchant
from local.shop.order import refund, show_order
from local.shop.pages import page
from local.shop.panel import forget, give_back, set_next
from local.shop.terminal import Terminal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_LARGEST_FORM = 16 * 1024

_ROUTES = Map(
    [
        Rule("/", endpoint=show_front, methods=["GET"]),
        Rule("/shop", endpoint=show_front, methods=["GET"]),
        Rule("/shop/", endpoint=show_front, methods=["GET"]),
        Rule("/shop/buy", endpoint=buy, methods=["POST"]),
        Rule("/shop/next", endpoint=set_next, methods=["POST"]),
        Rule("/shop/forget", endpoint=forget, methods=["POST"]),
        Rule("/shop/orders/<payment_id>", endpoint=show_order, methods=["GET"]),
        Rule("/shop/orders/<payment_id>/refund", endpoint=refund, methods=["POST"]),
        Rule("/shop/orders/<payment_id>/give-back", endpoint=give_back, methods=["POST"]),
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
    merchant = Merchant(
        Caller(api_url),
        Caller(platform_url) if platform_url else None,
        Terminal(api_url, platform_url or "", aws_url or "", state_machine_arn or ""),
    )

    @Request.application
    def answer(request: Request) -> Response:
        request.max_content_length = _LARGEST_FORM
        try:
            view, arguments = _ROUTES.bind_to_environ(request.environ).match()
            return _show(view, merchant, request, arguments)
        except CallFailed as failure:
            return page("error.html", status=failure.status, title=failure.title, details=failure.details)
        except HTTPException as refusal:
            code = refusal.code or 500
            return page("error.html", status=code, title=refusal.name, details=(refusal.description or "",))

    return answer


def _show(
    view: Callable[..., Response], merchant: Merchant, request: Request, arguments: Mapping[str, str]
) -> Response:
    return view(merchant, request, **arguments)
