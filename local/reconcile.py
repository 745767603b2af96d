"""`make reconcile FROM=2026-11-01 TO=2026-11-30`: has the reconcile function of a running `make run` compare days.

Prints every difference as JSON, one a line, then by how much the money differs, and `differences: N` last. Exit code 1
when there are some, 2 when nothing runs at AWS_PORT or the Data API does not answer. Without FROM and TO it is
yesterday; `PROJECT=2924` keeps to one project.
"""

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from local.operator_pages import Stopped, only_answer
from local.settings import LOOPBACK, read_settings

FUNCTION = "ReconcileFunction"
BUCKET = "ecommpay-report-bucket"


def main() -> int:
    """All the days; the exit code."""
    try:
        runs = _reconciled(_wanted(os.environ))
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 2
    found = 0
    for run in runs:
        summary = json.loads(_report(run["summary"]))
        differences = _report(run["summary"].replace("summary.json", "differences.jsonl")).splitlines()
        for line in differences:
            print(line)
        for total in summary["totals"]:
            by = f"differs by {total['difference']}" if total["difference"] else "agrees"
            counts = f"{total['count_ours']} operations here, {total['count_theirs']} there"
            print(f"project {run['project_id']}, {total['method']} {total['currency']}: {by} ({counts})")
        found += len(differences)
    print(f"differences: {found}")
    return 1 if found else 0


def _wanted(environ: Mapping[str, str]) -> dict[str, Any]:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    first = environ.get("FROM") or yesterday
    wanted: dict[str, Any] = {"from": first, "to": environ.get("TO") or first}
    return {**wanted, "project_id": int(environ["PROJECT"])} if environ.get("PROJECT") else wanted


def _reconciled(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Every run of these days, finished; raises `Stopped` when one does not go on."""
    answer = only_answer(FUNCTION, wanted)
    for project_id in answer["left_out"]:
        print(f"project {project_id} has no token of the Data API and is left out", file=sys.stderr)
    return [_finished(wanted, run) for run in answer["runs"]]


def _finished(wanted: Mapping[str, Any], run: dict[str, Any]) -> dict[str, Any]:
    """The run at its end: asked again, one that has not ended goes on. One that has would begin anew."""
    while run["stage"] != "done":
        if run["trouble"]:
            raise Stopped(f"project {run['project_id']}: {run['trouble']}. Call again to go on.")
        (run,) = only_answer(FUNCTION, {**wanted, "project_id": run["project_id"]})["runs"]
    return run


def _report(name: str) -> str:
    settings = read_settings(os.environ)
    session = boto3.session.Session("local", "local", region_name=settings.region)
    client = session.client("s3", endpoint_url=f"http://{LOOPBACK}:{settings.aws_port}")
    return str(client.get_object(Bucket=BUCKET, Key=name)["Body"].read().decode())


if __name__ == "__main__":
    sys.exit(main())
