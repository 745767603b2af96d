"""The conversation with the provider's Data API: pages of operations, for reconciliation.

Rules of this file
  * It only asks, so a question may be asked again: at most three times, and only as long as its time allows.
  * An answer may take some five minutes. All tries of one question together take no longer than ``patience_s``.
  * Token and key are the Data API's own. An answer is signed with that key, or it is not believed.
  * No text raised here holds the token, the key, a signature or words of the answer.

Source: PROTOCOL §8.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import requests
from urllib3.exceptions import HTTPError as TransportError

from ecommpay_signing import MalformedMessage, SignatureMismatch, loads, sign, signed_view, verify
from payments.domain.errors import DataApiUnavailable
from payments.domain.reconciliation import Listed
from payments.domain.targets import is_safe_target
from payments.gate.listed_operations import OPERATIONS_PATH, holds_rows, listed_operations, request_body
from payments.gate.scalars import text_of
from payments.ports import DataApiKey, Projects

_TRIES = 3
_PAUSE_S = 2.0
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})

#: A thousand rows are about half of one.
_LARGEST_ANSWER = 8 * 1024 * 1024
#: A page has a thousand rows of some twenty values.
_MOST_VALUES = 100_000
_READ_AT_ONCE = 64 * 1024

_HEADERS: Mapping[str, str] = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "Content-Type": "application/json",
    "User-Agent": "ecommpay-checkout",
}


class _TryAgain(Exception):
    """A trouble that may be over in a moment; its text is fit for `DataApiUnavailable`."""


class DataApiClient:
    """The Data API over HTTPS, in the shape of `payments.ports.DataApi`."""

    def __init__(
        self,
        base_url: str,
        projects: Projects,
        *,
        connect_timeout_s: float,
        patience_s: float,
        interval_keys: tuple[str, str],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Raises ValueError for an address that must not be spoken to: ``http:`` is for loopback hosts only."""
        self._address = base_url.rstrip("/") + OPERATIONS_PATH
        if not is_safe_target(self._address, allow_loopback_http=True) or "?" in base_url or "#" in base_url:
            raise ValueError("the Data API's address must be https (http only on a loopback host), without a query")
        self._projects = projects
        self._connect_timeout_s = connect_timeout_s
        self._patience_s = patience_s
        self._interval_keys = interval_keys
        self._pause = pause
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update(_HEADERS)

    def reaches(self, project_id: int) -> bool:
        """Whether the project has a token of the Data API."""
        return self._projects.data_api_key(project_id) is not None

    def operations(
        self, project_id: int, *, since: datetime, until: datetime, offset: int, limit: int
    ) -> tuple[Listed, ...]:
        """A page of the operations that ended in this time, the latest first; `DataApiUnavailable` when none came."""
        key = self._projects.data_api_key(project_id)
        if key is None:
            raise DataApiUnavailable(f"project {project_id} has no token of the Data API")
        asked = request_body(
            key.token,
            project_id,
            since=since,
            until=until,
            offset=offset,
            limit=limit,
            interval_keys=self._interval_keys,
        )
        return listed_operations(self._ask(asked, key), project_id)

    def _ask(self, asked: Mapping[str, Any], key: DataApiKey) -> dict[str, Any]:
        sent = json.dumps({**asked, "signature": sign(asked, key.secret_key)}, ensure_ascii=False).encode()
        deadline = time.monotonic() + self._patience_s
        for attempt in range(_TRIES):
            try:
                return _believed(*self._post(sent, deadline), key)
            except _TryAgain as trouble:
                pause_s = _PAUSE_S * 2**attempt
                if attempt == _TRIES - 1 or time.monotonic() + pause_s >= deadline:
                    raise DataApiUnavailable(str(trouble)) from trouble
                self._pause(pause_s)
        raise AssertionError("a last try answers or raises")

    def _post(self, sent: bytes, deadline: float) -> tuple[int, bytes]:
        """HTTP status and body of one answer."""
        body = bytearray()
        timeouts = (self._connect_timeout_s, max(0.1, deadline - time.monotonic()))
        try:
            with self._session.post(
                self._address, data=sent, timeout=timeouts, allow_redirects=False, stream=True
            ) as response:
                while piece := response.raw.read1(_READ_AT_ONCE, decode_content=False):
                    body += piece
                    if len(body) > _LARGEST_ANSWER:
                        raise DataApiUnavailable("the Data API's answer is too large")
                    if time.monotonic() > deadline:
                        raise DataApiUnavailable("the Data API's answer did not end in time")
                return response.status_code, bytes(body)
        except requests.Timeout as error:
            raise _TryAgain("the Data API did not answer in time") from error
        except (requests.RequestException, TransportError, OSError) as error:
            raise _TryAgain("the connection to the Data API broke") from error


def _believed(http_status: int, body: bytes, key: DataApiKey) -> dict[str, Any]:
    """What the signature covers of an answer with a list in it."""
    if http_status in _TRY_AGAIN:
        raise _TryAgain(f"the Data API is not well (HTTP {http_status})")
    try:
        answer = loads(body, max_values=_MOST_VALUES)
    except MalformedMessage as error:
        # A firewall that says no will say so again; half an answer may be whole the next time.
        trouble = _TryAgain if http_status == requests.codes.ok else DataApiUnavailable
        raise trouble(f"the Data API's answer cannot be read (HTTP {http_status})") from error
    if http_status != requests.codes.ok or not holds_rows(answer):
        code = text_of(answer.get("code"))
        named = f"error {code}" if code.isascii() and code.isdigit() else f"HTTP {http_status}"
        raise DataApiUnavailable(f"the Data API gave no operations: {named}")
    try:
        verify(answer, [key.secret_key])
    except (SignatureMismatch, MalformedMessage) as error:
        raise DataApiUnavailable("the Data API's answer is not signed with the key of its token") from error
    return signed_view(answer)
