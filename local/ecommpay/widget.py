"""The widget's script and style sheet, where a merchant's page expects them (PROTOCOL §4.4)."""

from pathlib import Path

from werkzeug.wrappers import Response

_SHARED = Path(__file__).parent / "shared"
_TYPES = {"js": "text/javascript", "css": "text/css"}


def show_widget(kind: str) -> Response:
    """Return `merchant.js` or `merchant.css`."""
    response = Response((_SHARED / f"merchant.{kind}").read_bytes(), content_type=f"{_TYPES[kind]}; charset=utf-8")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-cache"
    return response
