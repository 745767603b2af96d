"""Shows the reports of the local bucket in a browser, below `/reports` of the gateway: in AWS they are read in S3."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SHELF = "/reports"
_FILE = re.compile(r"/reports/([\d-]{10}_[\d-]{10}/[a-z]+\.(?:html|csv|xlsx))")
_STYLE = (
    "body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; font: 1rem/1.6 system-ui; color-scheme: light dark; }"
)


def report_shelf(connect: Callable[[str], Any], bucket: str) -> "WSGIApplication":
    """A WSGI application; `connect(service)` gives a boto3 client."""

    @Request.application
    def answer(request: Request) -> Response:
        found = _FILE.fullmatch(request.path)
        if found is None:
            return _list(connect("s3"), bucket) if request.path.rstrip("/") == SHELF else Response("not here", 404)
        client = connect("s3")
        try:
            kept = client.get_object(Bucket=bucket, Key=f"reports/{found[1]}")
        except client.exceptions.NoSuchKey:
            return Response("not here", 404)
        return Response(kept["Body"].read(), content_type=kept["ContentType"], headers={"cache-control": "no-store"})

    return answer


def _list(client: Any, bucket: str) -> Response:
    """The pages there are, the newest period first."""
    kept = client.list_objects_v2(Bucket=bucket, Prefix="reports/").get("Contents", ())
    pages = sorted((each["Key"] for each in kept if each["Key"].endswith("/index.html")), reverse=True)
    rows = Markup("").join(
        Markup('<li><a href="/{page}">{days}</a></li>').format(page=page, days=page.split("/")[1].replace("_", " – "))
        for page in pages
    )
    body = Markup(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Reports</title><style>{style}</style>'
        "<h1>Reports</h1><ul>{rows}</ul><p>Make one of today: <code>make report</code>, "
        "of other days: <code>make report FROM=2026-11-01 TO=2026-11-30</code></p></html>"
    ).format(style=Markup(_STYLE), rows=rows)
    return Response(str(body), content_type="text/html; charset=utf-8")
