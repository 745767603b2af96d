"""One local system for the tests of this folder that need no settings of their own."""

from collections.abc import Iterator

import pytest

from local.system import LocalSystem
from tests.support.local_system import running_system
from tests.support.merchant import Merchant


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """The system as `make run` starts it, on free ports, with refunds that wait briefly for their callback."""
    run_folder = tmp_path_factory.mktemp("run")
    with running_system(
        run_folder, refund_callback_timeout_s=3, status_poll_delay_s=1, status_poll_attempts=2
    ) as system:
        yield system


@pytest.fixture(scope="module")
def merchant(system: LocalSystem) -> Merchant:
    """A merchant of that system."""
    return Merchant(system)
