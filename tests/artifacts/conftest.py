"""What is deployed, weighed, taken apart and run; `make build trial` makes it, and `make test` does so first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.artifacts import Artifacts
from local.system import LocalSystem
from tests.support.artifacts import laid_out
from tests.support.local_system import running_system
from tests.support.merchant import Merchant


@pytest.fixture(scope="session")
def deployed() -> Artifacts:
    """What `make deploy` would upload."""
    return laid_out("build")


@pytest.fixture(scope="session")
def trial() -> Artifacts:
    """The same made for this machine."""
    return laid_out("build-trial")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, trial: Artifacts) -> Iterator[LocalSystem]:
    """A system whose functions are the built ones, each in processes of its own under AWS's runtime client."""
    with running_system(
        tmp_path_factory.mktemp("run"),
        artifacts=trial,
        refund_callback_timeout_s=3,
        status_poll_delay_s=1,
        status_poll_attempts=2,
    ) as system:
        yield system


@pytest.fixture(scope="module")
def merchant(system: LocalSystem) -> Merchant:
    """A merchant of that system."""
    return Merchant(system)
