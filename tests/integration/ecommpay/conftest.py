"""Fixtures: a platform with its own clock, a sink for its callbacks, and a merchant between them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from local.ecommpay import DEMO_PROJECTS, DataApiSettings, DeliverySettings, GateSettings, Platform
from tests.integration.ecommpay.merchant import Clock, Merchant, Sink

MakeMerchant = Callable[..., Merchant]


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.close()


@pytest.fixture
def make_merchant(sink: Sink) -> Iterator[MakeMerchant]:
    started: list[Platform] = []

    def make(
        *,
        delivery: DeliverySettings = DeliverySettings(retry_second_s=0.001),  # noqa: B008 - frozen
        gate: GateSettings = GateSettings(step_s=0.01, hang_s=0.05, cascade_s=0.01),  # noqa: B008 - frozen
        data_api: DataApiSettings = DataApiSettings(),  # noqa: B008 - frozen
    ) -> Merchant:
        clock = Clock(datetime(2026, 11, 21, 17, 52, tzinfo=UTC))
        platform = Platform(
            DEMO_PROJECTS,
            public_url="http://platform.local",
            clock=clock,
            delivery=delivery,
            gate=gate,
            data_api=data_api,
        )
        platform.start()
        started.append(platform)
        return Merchant(platform, sink, clock)

    yield make
    for platform in started:
        platform.stop()


@pytest.fixture
def merchant(make_merchant: MakeMerchant) -> Merchant:
    return make_merchant()
