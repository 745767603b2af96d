"""R8: what is uploaded for the callback function, beside the same with everything it could need vendored into it.

Vendored means: our code, all our dependencies and boto3 as pip installs them, without byte code, in one package.
"""

import shutil

from bench.contestants import CALLBACK_FUNCTION
from bench.rounds import Row, spread
from bench.stage import Stage
from bench.vendored import vendor
from local.artifacts import repack
from local.settings import PROJECT_FOLDER

LAYERS = PROJECT_FOLDER / "layers"


def measure_sizes(stage: Stage) -> list[Row]:
    """Return the row R8."""
    artifacts = stage.artifacts
    ours = artifacts.functions[CALLBACK_FUNCTION]
    ours += sum(artifacts.layers[layer] for layer in artifacts.layers_of[CALLBACK_FUNCTION])
    package = stage.folder / "vendored"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT_FOLDER / "functions" / "callback", package, ignore=ignore)
    for code in (LAYERS / "signing" / "ecommpay_signing", LAYERS / "payments" / "payments"):
        shutil.copytree(code, package / code.name, ignore=ignore)
    lines = (LAYERS / "payments" / "requirements.in").read_text(encoding="utf-8").splitlines()
    vendor([*(line for line in lines if line and not line.startswith("#")), "boto3"], package)
    vendored = repack(package, stage.folder / "unpacked")
    what = f"zipped size, function and layers {ours / 1e6:.2f} MB / everything vendored {vendored / 1e6:.2f} MB"
    return [Row("R8", what, spread([ours / vendored]), "<= 0.25")]
