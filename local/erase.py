"""`make erase CUSTOMER=customer1`: has the erasing function of a running `make run` erase a customer, page by page.

Prints what was skipped and what was erased as JSON, one payment a line, and `erased: N` last. Exit code 1 when payments
were skipped and have to be erased later, 2 when nothing runs at AWS_PORT or the function refuses. `PROJECT=...` keeps
to one project; `PAYMENT=...` beside it, in the place of a customer, is one payment; `CURSOR=...` goes on where an
earlier run stopped.
"""

import json
import os
import sys
from typing import Any

from local.operator_pages import Stopped, answers

FUNCTION = "EraseCustomerFunction"
VARIABLES = {"CUSTOMER": "customer_id", "PAYMENT": "payment_id", "CURSOR": "cursor"}


def main() -> int:
    """Every page; the exit code."""
    page: dict[str, Any] = {
        name: os.environ[variable] for variable, name in VARIABLES.items() if os.environ.get(variable)
    }
    if os.environ.get("PROJECT"):
        page["project_id"] = int(os.environ["PROJECT"])
    erased = skipped = 0
    try:
        for answer in answers(FUNCTION, page):
            for each in (*answer["skipped"], *answer["erased"]):
                print(json.dumps(each))
            skipped += len(answer["skipped"])
            erased += len(answer["erased"])
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 2
    print(f"skipped: {skipped}")
    print(f"erased: {erased}")
    return 1 if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
