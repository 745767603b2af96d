"""This project's own signing package, put to the vectors: `python conformance/run.py -- python conformance/adapter.py`.

Also the pattern for an adapter in any language: read a line, answer a line.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "layers" / "signing"))

from ecommpay_signing import SigningError, loads, sign, string_to_sign, verify
from ecommpay_signing.natural_order import natural_key


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of `ecommpay_signing` to one question."""
    match question["do"]:
        case "sign":
            message = loads(question["message"].encode())
            return {"signature": sign(message, question["secret"]), "text": string_to_sign(message)}
        case "verify":
            try:
                return {"key": verify(loads(question["message"].encode()), question["secrets"])}
            except SigningError:
                return {"key": None}
        case "compare":
            a, b = natural_key(question["a"]), natural_key(question["b"])
            return {"sign": (a > b) - (a < b)}
        case "order":
            return {"paths": sorted(question["paths"], key=natural_key)}
        case _:
            return {"pass": f"{question['do']} is not known here"}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
