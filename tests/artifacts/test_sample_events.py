"""Every sample event once more, through what is deployed; so every function runs as an artifact."""

from collections.abc import Iterator

import pytest

from local.artifacts import Artifacts
from local.sandboxes import SandboxHost
from local.system import LocalSystem
from tests.integration.test_sample_events import *  # noqa: F403 -- pytest finds the samples here and gives them our system
from tests.support.local_system import running_system


@pytest.fixture(scope="module")  # type: ignore[no-redef]  # ours in the place of theirs
def system(tmp_path_factory: pytest.TempPathFactory, trial: Artifacts) -> Iterator[LocalSystem]:
    """A system of the built functions, as patient as the template's defaults."""
    with running_system(tmp_path_factory.mktemp("run"), artifacts=trial) as system:
        yield system


def test_every_artifact_has_run(system: LocalSystem, trial: Artifacts) -> None:
    assert isinstance(system.functions, SandboxHost)
    assert system.functions.invoked == set(trial.functions)
