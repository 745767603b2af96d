"""`make replay`: has the replay function of a running `make run` rebuild every payment, page by page.

Prints the differences as JSON, one a line, and `differences: N` last. Exit code 1 when there are some, 2 when nothing
runs at AWS_PORT. `REPAIR=yes` writes the rebuilt payments back; `CURSOR=...` goes on where an earlier run stopped.
"""

import json
import os
import sys

from local.operator_pages import Stopped, answers

FUNCTION = "ReplayFunction"


def main() -> int:
    """Every page; the exit code."""
    page = {"cursor": os.environ.get("CURSOR") or None, "repair": os.environ.get("REPAIR") == "yes"}
    checked = differences = 0
    try:
        for answer in answers(FUNCTION, page):
            for difference in answer["differences"]:
                print(json.dumps(difference))
            checked += answer["checked"]
            differences += len(answer["differences"])
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 2
    print(f"payments: {checked}")
    print(f"differences: {differences}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
