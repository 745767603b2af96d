"""What would be uploaded: small enough, made for the right machine, with byte code, and with nothing that is not needed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from local.artifacts import Artifacts
from tests.support.artifacts import RUNTIME
from tests.support.measures import FIGURE

LARGEST_LAYER = 5_000_000
LARGEST_FUNCTION = 100_000
HAS_LAMBDAS_PYTHON = (RUNTIME / "lib" / "python3.13").is_dir()


def test_every_layer_is_under_5_megabytes_and_every_function_under_100_kilobytes(
    deployed: Artifacts, record_property: Callable[[str, object], None]
) -> None:
    assert {name: size for name, size in deployed.layers.items() if size >= LARGEST_LAYER} == {}
    assert {name: size for name, size in deployed.functions.items() if size >= LARGEST_FUNCTION} == {}
    assert len(deployed.functions) >= 14
    sizes = ", ".join(f"{name} {size / 1e6:.2f} MB" for name, size in deployed.layers.items())
    largest = max(deployed.functions, key=lambda name: deployed.functions[name])
    record_property(FIGURE, f"Zipped: {sizes}, largest function {largest} {deployed.functions[largest] / 1e3:.1f} kB")


def opt(artifacts: Artifacts) -> Path:
    """The folder with every function's `/opt`; those with the same layers share one."""
    return artifacts.opts["ReportFunction"].parent


def machines(folder: Path) -> set[str]:
    """The processor and system that each compiled module is named for."""
    names = (path.name for path in folder.rglob("*.so*"))
    return {re.sub(r"^[^.]*\.cpython-\d+-|\.so.*$", "", name) for name in names}


def test_what_is_deployed_is_compiled_for_arm64_and_for_nothing_else(deployed: Artifacts) -> None:
    assert machines(opt(deployed)) == {"aarch64-linux-gnu"}
    assert machines(deployed.tasks) == set()


def test_what_is_tried_here_is_compiled_for_this_machine_and_for_nothing_else(trial: Artifacts) -> None:
    assert machines(opt(trial)) == {f"{os.uname().machine}-linux-gnu"}


def test_compiled_modules_of_what_is_deployed_are_for_lambdas_python(deployed: Artifacts) -> None:
    assert {path.name.split(".")[1].split("-")[1] for path in opt(deployed).rglob("*.so")} == {"313"}


def test_both_builds_hold_the_same_files(deployed: Artifacts, trial: Artifacts) -> None:
    assert files(deployed.tasks) == files(trial.tasks)
    assert files(opt(deployed)) == files(opt(trial))


def test_byte_code_is_there_for_lambdas_python_where_this_machine_can_make_it(deployed: Artifacts) -> None:
    made = {path.name.split(".")[-2] for path in opt(deployed).rglob("*.pyc")}
    assert made == ({"cpython-313"} if HAS_LAMBDAS_PYTHON else set())


def files(folder: Path) -> set[str]:
    """What is in a folder, whatever it is compiled for; byte code only where both builds can have it."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    found = {re.sub(r"cpython-\d+(-\w+-linux-gnu)?", "cpython", path) for path in found}
    return found if HAS_LAMBDAS_PYTHON else {path for path in found if "__pycache__" not in path}


def test_packages_hold_no_tests_no_stubs_and_nothing_that_pip_left(deployed: Artifacts) -> None:
    unwanted = ("*.pyi", "tests", "RECORD", "INSTALLER", "Makefile", ".lock", "*.po")
    found = [
        path.relative_to(root)
        for root in (opt(deployed), deployed.tasks)
        for pattern in unwanted
        for path in root.rglob(pattern)
    ]
    assert found == []


def test_names_and_licences_of_other_peoples_work_are_kept(deployed: Artifacts) -> None:
    kept = list(opt(deployed).glob("*/python/*.dist-info"))
    assert len(kept) >= 10
    assert [folder.name for folder in kept if not (folder / "METADATA").is_file()] == []
    assert [folder.name for folder in kept if not licences(folder)] == []


def licences(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if re.match(r"(?i)licen[cs]e|copying|notice", path.name)]
