"""The demo shop as a small server gives it out, with stand-ins for the public API and the pretend platform."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from local.shop import shop_app
from tests.browser.small_server import serve
from tests.integration.shop.conftest import AWS, MACHINE
from tests.integration.shop.stand_in_api import StandIn, delivery, payment, set_at_platform, stand_in

ORDER = "/shop/orders/shop-1"
ENETS: dict[str, Any] = {
    "project_id": 198,
    "method": "enets",
    "amount": 2600,
    "currency": "SGD",
    "refund_policy": "support",
}


@dataclass
class Shop:
    """The shop's address, and the two it calls."""

    url: str
    api: StandIn
    platform: StandIn

    def tells(self, **differs: Any) -> None:
        """Let the API tell the order so from now on."""
        self.api.answers["GET", "/payments/shop-1"] = (200, payment(**differs))

    def posted(self, to: StandIn) -> list[tuple[str, Any]]:
        """What was posted there: paths and bodies."""
        return [(path, body) for method, path, _, body in list(to.asked) if method == "POST"]


@contextmanager
def served_shop() -> Iterator[Shop]:
    """A shop with some orders of late, one of them paid by card."""
    with stand_in() as api, stand_in() as platform, serve(shop_app(api.url, platform.url, AWS, MACHINE)) as url:
        statuses = "succeeded declined awaiting_redirect refunded needs_review".split()
        orders = [payment(payment_id=f"shop-{number}", status=status) for number, status in enumerate(statuses)]
        api.answers["GET", "/payments"] = (200, {"items": orders, "next_cursor": None})
        platform.answers["GET", "/control/next"] = (200, set_at_platform())
        platform.answers["POST", "/control/next"] = (200, set_at_platform())
        platform.answers["GET", "/control/deliveries"] = (200, {"deliveries": [delivery()]})
        shop = Shop(url, api, platform)
        shop.tells()
        yield shop
