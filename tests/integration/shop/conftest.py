"""The demo shop between stand-ins for the public API and for the pretend platform."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from werkzeug.test import Client

from local.shop import shop_app
from tests.integration.shop.stand_in_api import StandIn, payment, set_at_platform, stand_in

AWS = "http://127.0.0.1:3002"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:ecommpay-refund"


@pytest.fixture
def api() -> Iterator[StandIn]:
    with stand_in() as served:
        served.answers["GET", "/payments"] = (200, {"items": [payment()], "next_cursor": None})
        served.answers["GET", "/payments/shop-1"] = (200, payment())
        yield served


@pytest.fixture
def platform() -> Iterator[StandIn]:
    with stand_in() as served:
        served.answers["GET", "/control/next"] = (200, set_at_platform())
        served.answers["POST", "/control/next"] = (200, set_at_platform())
        served.answers["DELETE", "/control/next"] = (200, set_at_platform())
        served.answers["GET", "/control/deliveries"] = (200, {"deliveries": []})
        yield served


@pytest.fixture
def shop(api: StandIn, platform: StandIn) -> Client:
    return Client(shop_app(api.url, platform.url, AWS, MACHINE))
