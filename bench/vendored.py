"""Puts distributions of this environment, with all they need, into a folder, as `pip install --target` would."""

import shutil
import subprocess
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def vendor(names: Iterable[str], folder: Path) -> None:
    """Copy the files of these distributions and of everything they need; no byte code."""
    for each in with_needs(names):
        for file in each.files or ():
            source = Path(str(each.locate_file(file)))
            if file.suffix != ".pyc" and ".." not in file.parts and source.is_file():
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)


def with_needs(names: Iterable[str]) -> list[Distribution]:
    """These distributions and everything they need here, each once."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in found:
            found[name] = distribution(name)
            needs = (Requirement(text) for text in found[name].requires or ())
            waiting += [each.name for each in needs if each.marker is None or each.marker.evaluate({"extra": ""})]
    return list(found.values())


def compile_all(folder: Path, python: Path) -> None:
    """Byte code for everything in the folder, of the same kind as the layers have."""
    command = [str(python), "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(folder)]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
