"""The small stack in `stack/`, run by the local system."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.system import LocalSystem
from tests.support.local_system import running_system

STACK = Path(__file__).parent / "stack" / "template.yaml"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """The stack, running; its projects are the demo projects."""
    with running_system(tmp_path_factory.mktemp("run"), template=STACK) as started:
        yield started
