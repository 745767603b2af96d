"""`make report`: has the report function of a running `make run` make the report of some days, FROM and TO included.

Without FROM it is today so far. Prints how much is in it and the address of its page. Exit code 2 when nothing runs at
AWS_PORT, and for days that are none.
"""

import os
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from local.operator_pages import Stopped, only_answer
from local.report_shelf import SHELF
from local.settings import LOOPBACK, read_settings

FUNCTION = "ReportFunction"


def main() -> int:
    """One report; the exit code."""
    settings = read_settings(os.environ)
    today = datetime.now(ZoneInfo(settings.report_time_zone)).date().isoformat()
    first = os.environ.get("FROM") or today
    try:
        made = only_answer(FUNCTION, {"from": first, "to": os.environ.get("TO") or first})
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 2
    differences = "not compared" if made["differences"] is None else made["differences"]
    print(f"payments: {made['payments']}, operations: {made['operations']}, differences: {differences}")
    for name in made["files"]:
        print(f"http://{LOOPBACK}:{settings.port}{SHELF}/{name.removeprefix('reports/')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
