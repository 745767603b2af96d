"""What `sam build` made: packed as it is uploaded, and unpacked as Lambda unpacks it.

The layers of a function go into one folder, `opt`, in the order in which the template names them; its own code is in
another, the task folder. Nothing else of the project is in either.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from local.cloudformation import load_template

TEMPLATE = "template.yaml"


@dataclass(frozen=True, slots=True)
class Artifacts:
    """The functions and layers of one build; the sizes are those of their zip files, in bytes."""

    template: Path
    tasks: Path
    opts: Mapping[str, Path]
    """The folder that Lambda would mount as `/opt`, by function; those with the same layers share one."""
    layers_of: Mapping[str, tuple[str, ...]]
    layers: Mapping[str, int]
    functions: Mapping[str, int]

    def task(self, logical_id: str) -> Path:
        """The folder that Lambda would mount as `/var/task`."""
        return self.tasks / logical_id


def lay_out(build: Path, folder: Path) -> Artifacts:
    """Pack every artifact of the build and unpack it again below `folder`, which is empty before."""
    document = load_template(build / TEMPLATE)
    shared = _layers(document["Globals"]["Function"])
    functions = {
        name: (*shared, *_layers(each["Properties"]))
        for name, each in document["Resources"].items()
        if each["Type"] == "AWS::Serverless::Function"
    }
    sizes: dict[str, int] = {}
    for names in set(functions.values()):
        for layer in names:
            sizes[layer] = repack(build / layer, folder / "opt" / "-".join(names))
    return Artifacts(
        template=build / TEMPLATE,
        tasks=folder / "tasks",
        opts=MappingProxyType({name: folder / "opt" / "-".join(layers) for name, layers in functions.items()}),
        layers_of=MappingProxyType(functions),
        layers=MappingProxyType(sizes),
        functions=MappingProxyType({name: repack(build / name, folder / "tasks" / name) for name in functions}),
    )


def repack(source: Path, target: Path) -> int:
    """Zip a folder as `sam deploy` does and unzip it into another one; answers the bytes of the zip file."""
    target.mkdir(parents=True, exist_ok=True)
    package = target / f".{source.name}.zip"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as writing:
        for path in sorted(source.rglob("*")):
            writing.write(path, path.relative_to(source))
    size = package.stat().st_size
    with zipfile.ZipFile(package) as reading:
        reading.extractall(target)
    package.unlink()
    return size


def _layers(properties: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(reference["Ref"] for reference in properties.get("Layers", ()))
