"""The conversation with the provider's Gate: one request, one answer, and what the two of them prove.

Rules of this file
  * A request is sent once. Nothing is retried and no redirect is followed: whoever asked decides what comes next.
  * `GateRejected` only where the answer proves that nothing happened; every other trouble is `GateUnavailable`.
  * Each request has a connection of its own. One kept from an earlier invocation may be dead without anybody knowing,
    and a refund lost on it would be a refund nobody can be sure of.
  * The size of an answer and the time it may take are bounded.
  * No text raised here holds a key, a signature, personal data or words of the answer.

Sources: PROTOCOL §5.1, §5.4–§5.6.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from time import monotonic
from typing import Any, Literal

import requests
from urllib3.exceptions import HTTPError as TransportError
from urllib3.exceptions import ReadTimeoutError

from ecommpay_signing import MalformedMessage, SignatureMismatch, loads, signed_view, verify
from payments.domain.errors import GateRejected, GateUnavailable
from payments.domain.payment import Payment, PaymentKey
from payments.domain.refund import Refund
from payments.domain.targets import is_safe_target
from payments.gate import requests as bodies
from payments.gate.messages import message_key
from payments.gate.response_codes import NOT_FOUND, PAYMENT_EXISTS, is_certain_refusal, proves_no_refund
from payments.gate.scalars import object_of, text_of
from payments.ports import Projects

STATUS_PATH = "/v2/payment/status"
CLARIFICATION_PATH = "/v2/payment/clarification"

#: A status answer with a hundred operations is some 60 KB.
_LARGEST_ANSWER = 1024 * 1024
_READ_AT_ONCE = 64 * 1024

_HEADERS: Mapping[str, str] = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "Content-Type": "application/json",
    "User-Agent": "ecommpay-checkout",
}


class GateClient:
    """Gate over HTTPS, in the shape of `payments.ports.Gate`."""

    def __init__(
        self,
        base_url: str,
        projects: Projects,
        *,
        connect_timeout_s: float,
        read_timeout_s: float,
        status_signature: Literal["optional", "required"],
        refund_reference: Literal["omit", "send"],
    ) -> None:
        """Raises ValueError for an address that must not be spoken to: ``http:`` is for loopback hosts only."""
        self._base = base_url.rstrip("/")
        if not is_safe_target(self._base, allow_loopback_http=True) or "?" in self._base or "#" in self._base:
            raise ValueError("the Gate address must be https (http only on a loopback host), without a query")
        self._projects = projects
        self._timeouts = (connect_timeout_s, read_timeout_s)
        self._status_signature = status_signature
        self._names_refunds = refund_reference == "send"
        self._session = requests.Session()
        # Proxies and credentials come from nowhere but the settings, so that no variable of the host redirects money.
        self._session.trust_env = False
        self._session.headers.update(_HEADERS)

    def sell(self, payment: Payment) -> str:
        """Ask for the sale; the provider's request id."""
        method = payment.method
        if method is None:
            raise GateRejected("no sale was sent: the payment has no method")
        return self._ask(method.sale_path, payment, bodies.sale(payment))

    def refund(self, payment: Payment, refund: Refund) -> str:
        """Ask for the whole amount to be given back; the provider's request id."""
        method = payment.method
        if method is None or not method.refund_path:
            raise GateRejected("no refund was sent: the method of this payment is not refunded through Gate")
        if refund.money != bodies.order_of(payment).money:
            raise GateRejected("no refund was sent: through Gate this method gives back the whole amount only")
        named = refund.refund_id if self._names_refunds else ""
        try:
            return self._ask(method.refund_path, payment, bodies.refund(payment, refund_id=named))
        except GateRejected as refusal:
            if proves_no_refund(refusal.code):
                raise
            detail = f"{refusal}, which leaves open whether it was carried out before"
            raise GateUnavailable(detail, code=refusal.code, message=refusal.message) from refusal

    def clarify(self, payment: Payment, answers: Mapping[str, str]) -> str:
        """Hand in the customer's missing data; the provider's request id."""
        return self._ask(CLARIFICATION_PATH, payment, bodies.clarification(payment, answers))

    def status(self, key: PaymentKey) -> bytes | None:
        """The provider's answer about a payment, as it came; None when it does not know the payment."""
        http_status, body = self._post(STATUS_PATH, key, bodies.status(key))
        answer = _read(body, http_status)
        if _is_error(answer):
            if _code(answer) == NOT_FOUND:
                return None
            raise GateUnavailable(f"Gate answered the question for the status with error {_code(answer) or 'unnamed'}")
        if http_status != 200 or not object_of(answer.get("payment")):
            raise GateUnavailable(f"Gate gave no status of a payment (HTTP {http_status})")
        self._refuse_contradiction(self._believed(answer, key), key)
        return body

    def _ask(self, path: str, payment: Payment, body: bodies.Body) -> str:
        http_status, raw = self._post(path, payment.key, body)
        answer = _read(raw, http_status)
        if _is_error(answer):
            raise _refusal(_code(answer), text_of(answer.get("message")), http_status)
        if http_status != 200 or text_of(answer.get("status")).lower() != "success":
            raise GateUnavailable(f"Gate answered without saying whether it took the request (HTTP {http_status})")
        self._refuse_contradiction({**answer, "general": {"payment_id": answer.get("payment_id")}}, payment.key)
        request_id = text_of(answer.get("request_id"))
        if not request_id:
            raise GateUnavailable("Gate took the request and named no request id")
        return request_id

    def _believed(self, answer: dict[str, Any], key: PaymentKey) -> dict[str, Any]:
        """What of a status answer is believed: where it is signed, the signed part alone."""
        if "signature" not in answer and "signature" not in object_of(answer.get("general")):
            if self._status_signature == "required":
                raise GateUnavailable("Gate gave a status without a signature")
            return answer
        # A key may have been changed since it was last read; once more with fresh ones, as for callbacks.
        if not (self._verifies(answer, key) or (self._projects.refreshed() and self._verifies(answer, key))):
            raise GateUnavailable("Gate gave a status with a wrong signature")
        return signed_view(answer)

    def _verifies(self, answer: dict[str, Any], key: PaymentKey) -> bool:
        try:
            verify(answer, self._projects.secret_keys(key.project_id))
        except (SignatureMismatch, MalformedMessage):
            return False
        return True

    @staticmethod
    def _refuse_contradiction(answer: Mapping[str, Any], key: PaymentKey) -> None:
        project_id, payment_id = message_key(answer)
        if project_id not in (None, key.project_id) or payment_id not in ("", key.payment_id):
            raise GateUnavailable("Gate answered about another payment")

    def _post(self, path: str, key: PaymentKey, body: bodies.Body) -> tuple[int, bytes]:
        """HTTP status and body of the one answer to one request."""
        signed = bodies.signed(body, self._projects.secret_keys(key.project_id)[0])
        sent = json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode()
        deadline = monotonic() + sum(self._timeouts)
        try:
            with self._session.post(
                self._base + path, data=sent, timeout=self._timeouts, allow_redirects=False, stream=True
            ) as response:
                return response.status_code, _bounded(response, deadline)
        except (requests.Timeout, ReadTimeoutError) as error:
            raise GateUnavailable("Gate did not answer in time") from error
        except (requests.RequestException, TransportError, OSError) as error:
            raise GateUnavailable("the connection to Gate broke") from error


def _bounded(response: requests.Response, deadline: float) -> bytes:
    """The body, as far as it fits; read as it arrives, so that one that drips is given up at the deadline."""
    body = bytearray()
    while piece := response.raw.read1(_READ_AT_ONCE, decode_content=False):
        body += piece
        if len(body) > _LARGEST_ANSWER:
            raise GateUnavailable("Gate's answer is too large")
        if monotonic() > deadline:
            raise GateUnavailable("Gate's answer did not end in time")
    return bytes(body)


def _read(body: bytes, http_status: int) -> dict[str, Any]:
    # Whatever is not Gate's own JSON may come from a firewall or a proxy, which cannot tell what Gate has done.
    try:
        return loads(body)
    except MalformedMessage as error:
        raise GateUnavailable(f"Gate's answer cannot be read (HTTP {http_status})") from error


def _is_error(answer: Mapping[str, Any]) -> bool:
    return text_of(answer.get("status")).lower() == "error"


def _code(answer: Mapping[str, Any]) -> str:
    code = text_of(answer.get("code")).strip()
    return code if code.isascii() and code.isdigit() else ""


def _refusal(code: str, message: str, http_status: int) -> GateRejected | GateUnavailable:
    if code == PAYMENT_EXISTS:
        return GateUnavailable("Gate knows this payment id already: how the payment stands has to be asked")
    if is_certain_refusal(code, http_status):
        return GateRejected(f"Gate refused the request with code {code}", code=code, message=message)
    return GateUnavailable(f"Gate answered with error {code or 'unnamed'}, which leaves open what it has done")
