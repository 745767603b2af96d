"""`make close PAYMENT=order-1001 STATUS=succeeded REASON="..."`: closes a refund of a running `make run` by hand.

Prints the refund as JSON. STATUS is succeeded or failed; REFUND names the refund where a payment has several that wait,
PROJECT the project where the payment id exists in several. Exit code 2 when nothing runs at AWS_PORT or the function
refuses.
"""

import json
import os
import sys
from typing import Any

from local.operator_pages import Stopped, only_answer

FUNCTION = "CloseRefundFunction"
VARIABLES = {"PAYMENT": "payment_id", "REFUND": "refund_id", "STATUS": "status", "REASON": "reason"}


def main() -> int:
    """One refund; the exit code."""
    wanted: dict[str, Any] = {
        name: os.environ[variable] for variable, name in VARIABLES.items() if os.environ.get(variable)
    }
    if os.environ.get("PROJECT"):
        wanted["project_id"] = int(os.environ["PROJECT"])
    try:
        print(json.dumps(only_answer(FUNCTION, wanted), indent=2))
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
