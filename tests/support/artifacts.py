"""The artifacts that `make build trial` has made, packed and unpacked once for each process of a test run."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from local.artifacts import TEMPLATE, Artifacts, lay_out
from local.settings import PROJECT_FOLDER

RUNTIME = PROJECT_FOLDER / ".venv-runtime"
#: Has what Lambda's image has: boto3 and AWS's runtime client.
RUNTIME_PYTHON = RUNTIME / "bin" / "python"


@cache
def laid_out(build: str) -> Artifacts:
    """The artifacts of one build of `.aws-sam`, as Lambda would find them; until the process ends."""
    built = PROJECT_FOLDER / ".aws-sam" / build
    assert (built / TEMPLATE).is_file(), "nothing is built: make build trial"
    folder = Path(tempfile.mkdtemp(prefix="artifacts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return lay_out(built, folder)
