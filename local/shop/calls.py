"""The shop's calls over HTTP: the public API as a merchant uses it, and the pretend platform's control API."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests

#: Seconds to connect and to wait: creating a payment includes a call to the platform, which may be told to be slow.
TIMEOUT_S = (3, 40)


class CallFailed(Exception):
    """A call that brought no result: what to tell, and what the other side said of single fields."""

    def __init__(self, status: int, title: str, *details: str) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.details = details


class Caller:
    """Calls one base address; every answer is a JSON object or `CallFailed`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """GET with a query."""
        return self._call("GET", path, query=query)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST a JSON object."""
        return self._call("POST", path, body=body)

    def delete(self, path: str) -> dict[str, Any]:
        """DELETE."""
        return self._call("DELETE", path)

    def _call(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            with requests.Session() as session:
                # A proxy named in the environment does not know this machine's loopback.
                session.trust_env = False
                answer = session.request(
                    method, self.url + path, params=query, json=body, timeout=TIMEOUT_S, allow_redirects=False
                )
        except requests.Timeout:
            raise CallFailed(504, "No answer in time", f"{method} {self.url}{path}") from None
        except requests.RequestException:
            raise CallFailed(502, "Cannot be reached", f"{method} {self.url}{path}") from None
        return _read(answer)


def payment_path(payment_id: str) -> str:
    """Where the API keeps this payment."""
    return f"/payments/{quote(payment_id, safe='')}"


def give_back_path(project_id: int, payment_id: str) -> str:
    """Where the pretend platform takes refunds of its own people and of the merchant's Dashboard."""
    return f"/control/payments/{project_id}/{quote(payment_id, safe='')}/refund"


def _read(answer: requests.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise CallFailed(502, "An answer that is no JSON object", f"HTTP {answer.status_code} from {answer.url}")
    if answer.status_code < 300:
        return body
    title = str(body.get("title") or body.get("error") or body.get("message") or f"HTTP {answer.status_code}")
    details = [str(body["detail"])] if body.get("detail") else []
    fields = [error for error in body.get("errors") or [] if isinstance(error, dict)]
    details += [f"{error.get('pointer', '')}: {error.get('detail', '')}" for error in fields]
    raise CallFailed(answer.status_code, title, *details)
