"""A system whose AWS can fail, quick enough for hundreds of cases, one for each module.

`make soak` runs these tests with many times the seeds.
"""

from collections.abc import Iterator

import pytest

from local.ecommpay import DeliverySettings, GateSettings
from tests.integration.faults.stage import Stage
from tests.support.faults import faults_of
from tests.support.local_system import running_system
from tests.support.merchant import Merchant


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stage of this module."""
    with (
        running_system(
            tmp_path_factory.mktemp("run"),
            delivery=DeliverySettings(retry_second_s=1 / 3000),
            gate=GateSettings(step_s=0.01),
            refund_callback_timeout_s=3,
            status_poll_delay_s=1,
        ) as system,
        faults_of(system) as faults,
    ):
        yield Stage(system, faults, Merchant(system))
