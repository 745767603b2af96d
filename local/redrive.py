"""`make redrive`: has the redrive function of a running `make run` publish every dead letter of the table's stream.

Prints those that are kept as JSON, one a line, and `published: N` last. Exit code 1 when some were kept, 2 when nothing
runs at AWS_PORT. `CURSOR=...` goes on where an earlier run stopped.
"""

import json
import os
import sys

from local.operator_pages import Stopped, answers

FUNCTION = "RedriveFunction"


def main() -> int:
    """Every page; the exit code."""
    published = kept = 0
    try:
        for answer in answers(FUNCTION, {"cursor": os.environ.get("CURSOR") or None}):
            for each in answer["kept"]:
                print(json.dumps(each))
            kept += len(answer["kept"])
            published += answer["published"]
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 2
    print(f"kept: {kept}")
    print(f"published: {published}")
    return 1 if kept else 0


if __name__ == "__main__":
    sys.exit(main())
