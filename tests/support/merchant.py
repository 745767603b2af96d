"""A merchant, its customer's browser and an operator, for tests that go the whole way over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests

from local.system import LocalSystem
from tests.support.local_system import ended_execution, start_execution, wait_for

TIMEOUT_S = 20
PROJECTS = {"card-partner": 2924, "enets": 198}
CURRENCIES = {"card-partner": "KES", "enets": "SGD"}
CUSTOMER = {
    "id": "customer-7",
    "ip_address": "192.0.2.7",
    "phone": "254700000007",
    "email": "amina@example.com",
    "first_name": "Amina",
    "last_name": "Otieno",
}
PAID = ("succeeded", "declined", "needs_review")


@dataclass
class Form:
    """A form of a page: where it leads and what its fields hold."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").lower()))
        elif tag in {"input", "button"} and self.forms and "name" in values:
            self.forms[-1].fields.setdefault(values["name"], values.get("value", ""))


def forms_of(page: requests.Response) -> list[Form]:
    """The forms of a page, their addresses made absolute."""
    reader = _Forms()
    reader.feed(page.text)
    for form in reader.forms:
        form.action = urljoin(page.url, form.action) if form.action else page.url
    return reader.forms


@dataclass(frozen=True)
class Merchant:
    """Uses nothing but the public API, the customer's pages and Step Functions."""

    system: LocalSystem

    def order(self, method: str = "card-partner", interface: str = "gate", amount: int = 10000, **more: Any) -> Any:
        """POST /payments with everything the method may want; the answer."""
        body = {
            "project_id": PROJECTS[method],
            "interface": interface,
            "method": method,
            "amount": amount,
            "currency": CURRENCIES[method],
            "customer": CUSTOMER,
            **more,
        }
        return self.post("/payments", body)

    def post(self, path: str, body: Any = None, **headers: str) -> requests.Response:
        """A POST to the API."""
        return requests.post(self.system.url + path, json=body, headers=headers, timeout=TIMEOUT_S)

    def get(self, path: str) -> requests.Response:
        """A GET to the API."""
        return requests.get(self.system.url + path, timeout=TIMEOUT_S)

    def payment(self, payment_id: str) -> dict[str, Any]:
        """GET /payments/{payment_id}."""
        answer = self.get(f"/payments/{payment_id}")
        assert answer.status_code == 200, answer.text
        read: dict[str, Any] = answer.json()
        return read

    def wait_for(self, payment_id: str, *statuses: str) -> dict[str, Any]:
        """The payment once it has one of these statuses."""

        def ask() -> dict[str, Any] | None:
            payment = self.payment(payment_id)
            return payment if payment["status"] in statuses else None

        return wait_for(ask) or {}

    def pay(self, payment: dict[str, Any], outcome: str = "success") -> dict[str, Any]:
        """Go the customer's way to the partner or the bank, choose, come back; the payment as it then stands."""
        if payment["interface"] == "gate":
            self.wait_for(payment["payment_id"], "awaiting_redirect")
        page = requests.get(payment["checkout_url"], timeout=TIMEOUT_S)
        choice = self._choice(page)
        session = requests.post(choice.action, data={**choice.fields, "outcome": outcome}, timeout=TIMEOUT_S)
        assert session.status_code == 200, session.text
        return self.wait_for(payment["payment_id"], *PAID)

    def _choice(self, page: requests.Response) -> Form:
        """The form of the page on which the customer decides, reached through all pages before it."""
        for _ in range(8):
            assert page.status_code == 200, page.text
            form = forms_of(page)[0]
            if "outcome" in form.fields:
                return form
            page = requests.request(form.method, form.action, data=form.fields, timeout=TIMEOUT_S)
        raise AssertionError(f"no page to decide on: {page.url}")

    def refund(self, payment_id: str, **more: Any) -> dict[str, Any]:
        """Start the workflow as the console does, with a name it invents, and wait for its end."""
        execution = start_execution(self.system, {"payment_id": payment_id, **more})
        return ended_execution(self.system, execution)

    def provider_refunds(self, payment_id: str, project_id: int, **body: Any) -> None:
        """ECommPay gives money back on its own: Dashboard or support."""
        address = f"{self.system.platform_url}/control/payments/{project_id}/{payment_id}/refund"
        answer = requests.post(address, json=body, timeout=TIMEOUT_S)
        assert answer.status_code < 300, answer.text

    def all_gate_requests(self) -> list[dict[str, Any]]:
        """Everything that reached Gate, oldest first."""
        answer = requests.get(f"{self.system.platform_url}/control/requests", timeout=TIMEOUT_S).json()
        listed: list[dict[str, Any]] = answer["requests"] if isinstance(answer, dict) else answer
        return listed

    def gate_requests(self, path: str, payment_id: str) -> list[dict[str, Any]]:
        """The requests of this path that reached Gate for a payment."""
        return [
            each
            for each in self.all_gate_requests()
            if each["path"] == path and each["body"].get("general", {}).get("payment_id") == payment_id
        ]
