"""What merchants and ECommPay are promised for requests of every kind, good and bad; the store holds nothing half-made."""

import base64
import json
from typing import Any

import pytest
import requests

from ecommpay_signing import sign
from local.system import LocalSystem
from tests.support.merchant import CUSTOMER, TIMEOUT_S, Merchant

GOOD = {
    "project_id": 2924,
    "interface": "payment_page",
    "method": "card-partner",
    "amount": 10000,
    "currency": "KES",
    "description": "Order 1001",
    "language": "en",
    "customer": CUSTOMER,
    "return_url": "https://shop.example.com/orders/1001",
}


def without(*names: str, **more: Any) -> dict[str, Any]:
    return {**{name: value for name, value in GOOD.items() if name not in names}, **more}


def customer(*names: str, **more: Any) -> dict[str, Any]:
    return {**{name: value for name, value in CUSTOMER.items() if name not in names}, **more}


def ids(merchant: Merchant) -> set[str]:
    """The ids of everything stored."""
    return {each["payment_id"] for each in merchant.get("/payments?limit=100").json()["items"]}


INVALID = [
    ("a misspelt field", without(curency="KES"), ["/curency"]),
    ("an unknown customer field", without(customer=customer(mail="x")), ["/customer/mail"]),
    ("several broken fields at once", without("interface", amount="1", currency="kes"), ["/interface", "/amount", "/currency"]),
    ("a float amount", without(amount=1000.0), ["/amount"]),
    ("an amount in text", without(amount="1000"), ["/amount"]),
    ("a boolean amount", without(amount=True), ["/amount"]),
    ("no amount", without(amount=0), ["/amount"]),
    ("a negative amount", without(amount=-1), ["/amount"]),
    ("a giant amount", without(amount=10**30), ["/amount"]),
    ("below the method's limit", without(amount=999), ["/amount"]),
    ("above the method's limit", without(amount=20_000_001), ["/amount"]),
    ("another currency than the method's", without(currency="EUR"), ["/currency"]),
    ("no currency at all", without(currency="XXQ"), ["/currency"]),
    ("an unknown method", without(method="cash"), ["/method"]),
    ("an unknown interface", without(interface="sms"), ["/interface"]),
    ("gate without a method", without("method", interface="gate"), ["/method"]),
    ("gate without the customer's address", without(interface="gate", customer=customer("ip_address")), ["/customer/ip_address"]),
    ("not an IP address", without(customer=customer(ip_address="300.1.1.1")), ["/customer/ip_address"]),
    ("no customer id", without(customer=customer("id")), ["/customer/id"]),
    ("an empty customer id", without(customer=customer(id="")), ["/customer/id"]),
    ("a customer that is no object", without(customer="me"), ["/customer"]),
    ("no e-mail address", without(customer=customer(email="me")), ["/customer/email"]),
    ("a phone of letters", without(customer=customer(phone="call me")), ["/customer/phone"]),
    ("a semicolon in a name", without(customer=customer(first_name="a;b")), ["/customer/first_name"]),
    ("a semicolon in the description", without(description="a;b"), ["/description"]),
    ("a semicolon in the return address", without(return_url="https://shop.example.com/?a;b"), ["/return_url"]),
    ("a line break in the description", without(description="a\nb"), ["/description"]),
    ("a description that is too long", without(description="x" * 256), ["/description"]),
    ("an id with a slash", without(payment_id="a/b"), ["/payment_id"]),
    ("an id that starts with a dot", without(payment_id=".a"), ["/payment_id"]),
    ("an id that is too long", without(payment_id="a" * 256), ["/payment_id"]),
    ("an id that ends in a line break", without(payment_id="a\n"), ["/payment_id"]),
    ("a language that is none", without(language="english"), ["/language"]),
    ("a return address without https", without(return_url="http://shop.example.com/"), ["/return_url"]),
    ("a return address with user info", without(return_url="https://me@shop.example.com/"), ["/return_url"]),
    ("a return address that is a script", without(return_url="javascript:alert(1)"), ["/return_url"]),
    ("a relative return address", without(return_url="/orders/1"), ["/return_url"]),
    ("no project where there are two", without("project_id"), ["/project_id"]),
    ("another project", without(project_id=1), ["/project_id"]),
    (
        "eNets by gate without names",
        without(
            project_id=198, method="enets", interface="gate", currency="SGD",
            customer=customer("first_name", "last_name", "email"),
        ),
        ["/customer/first_name", "/customer/last_name", "/customer/email"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "pointers"), [case[1:] for case in INVALID], ids=[case[0] for case in INVALID])
def test_an_invalid_request_names_every_broken_field_and_stores_nothing(
    merchant: Merchant, body: dict[str, Any], pointers: list[str]
) -> None:
    before = ids(merchant)

    answer = merchant.post("/payments", body)

    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["pointer"] for each in problem.pop("errors")] == pointers
    detail = problem.pop("detail")
    assert detail
    assert problem == {
        "type": "urn:ecommpay-checkout:problem:invalid-request",
        "title": "Invalid request",
        "status": 422,
    }
    assert ids(merchant) == before


MALFORMED = [
    b"",
    b"[]",
    b"7",
    b'"text"',
    b"null",
    b"{",
    b"{}{}",
    b'{"amount": 1, "amount": 2}',
    b'{"customer": {"id": "a", "id": "b"}}',
    b'{"amount": NaN}',
    b'{"amount": Infinity}',
    b'{"description": "\\ud800"}',
    b"\xff\xfe{}",
    b"\xef\xbb\xbf{}",
    b'{"a":' * 200 + b"1" + b"}" * 200,
    b"[" * 100_000,
]


@pytest.mark.parametrize("body", MALFORMED, ids=[repr(each[:24]) for each in MALFORMED])
def test_a_body_that_is_no_strict_json_object_is_a_400(system: LocalSystem, body: bytes) -> None:
    answer = requests.post(f"{system.url}/payments", data=body, timeout=TIMEOUT_S)

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["title"] == "Malformed request"


def test_the_same_request_again_finds_the_same_payment_and_sends_nothing(merchant: Merchant) -> None:
    first = merchant.order(payment_id="again-1")
    second = merchant.order(payment_id="again-1")

    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json()["checkout_url"] == first.json()["checkout_url"]
    assert len(merchant.gate_requests("/v2/payment/card-partner/sale", "again-1")) == 1
    other = merchant.order(payment_id="again-1", amount=20000)
    assert (other.status_code, other.json()["title"]) == (409, "Conflict with an earlier request")


def test_an_idempotency_key_stands_for_one_request(merchant: Merchant) -> None:
    def order(**more: Any) -> requests.Response:
        return merchant.post("/payments", without(**more), **{"Idempotency-Key": "key-1"})

    first, second, other = order(), order(), order(amount=20000)

    assert (first.status_code, second.status_code, other.status_code) == (201, 200, 409)
    assert second.json()["payment_id"] == first.json()["payment_id"]


def test_a_payment_page_payment_answers_its_whole_self(merchant: Merchant) -> None:
    answer = merchant.post("/payments", without(payment_id="whole-1"))

    payment = answer.json()
    token = payment["checkout_url"].rsplit("/", 1)[1]
    back = f"{merchant.system.url}/checkout/{token}?returned=1"
    params = {
        "project_id": 2924,
        "payment_id": "whole-1",
        "payment_amount": 10000,
        "payment_currency": "KES",
        "customer_id": "customer-7",
        "customer_phone": "254700000007",
        "customer_email": "amina@example.com",
        "customer_first_name": "Amina",
        "customer_last_name": "Otieno",
        "payment_description": "Order 1001",
        "language_code": "en",
        "force_payment_method": "card-partner",
        "best_before": payment["expires_at"].replace(".000Z", "+00:00"),
        "merchant_callback_url": f"{merchant.system.url}/callbacks/ecommpay",
        "redirect_success_url": back,
        "redirect_success_enabled": 2,
        "redirect_success_mode": "parent_page",
        "redirect_fail_url": back,
        "redirect_fail_enabled": 2,
        "redirect_fail_mode": "parent_page",
        "merchant_return_url": back,
        "merchant_return_enabled": 2,
        "merchant_return_redirect_mode": "parent_page",
    }
    assert (answer.status_code, answer.headers["location"]) == (201, "/payments/whole-1")
    assert payment == {
        "payment_id": "whole-1",
        "project_id": 2924,
        "interface": "payment_page",
        "method": "card-partner",
        "status": "created",
        "provider_status": None,
        "amount": 10000,
        "currency": "KES",
        "refunded_amount": 0,
        "refund_policy": "full",
        "description": "Order 1001",
        "customer": {"id": "customer-7"},
        "checkout_url": f"{merchant.system.url}/checkout/{token}",
        "created_at": payment["created_at"],
        "updated_at": payment["created_at"],
        "expires_at": payment["expires_at"],
        "code": None,
        "message": None,
        "operations": [],
        "refunds": [],
        "timeline": [{"at": payment["created_at"], "source": "api", "what": "created for 100.00 KES by payment_page"}],
        "payment_page_url": payment["payment_page_url"],
        "payment_page_params": {**params, "signature": sign(params, "local-secret-2924")},
    }
    hop = requests.get(payment["checkout_url"], allow_redirects=False, timeout=TIMEOUT_S)
    assert (hop.status_code, hop.headers["location"]) == (302, payment["payment_page_url"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/payments/nobody", 404),
        ("/payments/whole-1/refunds/nobody", 404),
        ("/payments/nobody/refunds", 404),
        ("/payments/whole-1/refunds?project_id=x", 422),
        ("/payments/whole-1/refunds?limit=1", 422),
        ("/payments?status=paid", 422),
        ("/payments?limit=0", 422),
        ("/payments?limit=101", 422),
        ("/payments?limit=many", 422),
        ("/payments?from=yesterday", 422),
        ("/payments?cursor=made-up", 422),
        ("/payments?stat=created", 422),
        ("/payments/nobody?project_id=x", 422),
        ("/checkout/guess", 404),
        ("/checkout/guess/state", 404),
        ("/nothing-here", 404),
    ],
)
def test_what_is_not_there_or_not_understood_is_said_so(merchant: Merchant, path: str, status: int) -> None:
    assert merchant.get(path).status_code == status


def test_an_id_in_two_projects_wants_the_project_named(merchant: Merchant) -> None:
    merchant.order("card-partner", "payment_page", payment_id="twice-1")
    merchant.order("enets", "payment_page", payment_id="twice-1")

    assert merchant.get("/payments/twice-1").status_code == 409
    assert merchant.get("/payments/twice-1/refunds").status_code == 409
    assert merchant.get("/payments/twice-1/refunds?project_id=198").json() == {"items": [], "next_cursor": None}
    assert merchant.get("/payments/twice-1?project_id=198").json()["method"] == "enets"
    assert merchant.refund("twice-1")["error"] == "ProjectRequired"


def test_the_project_may_be_named_in_the_query(merchant: Merchant) -> None:
    named = merchant.post("/payments?project_id=2924", without("project_id", payment_id="query-1"))
    contradicted = merchant.post("/payments?project_id=198", without(payment_id="query-2"))
    misspelt = merchant.post("/payments?projectid=198", without(payment_id="query-3"))

    assert (named.status_code, named.json()["project_id"]) == (201, 2924)
    assert [each["pointer"] for each in contradicted.json()["errors"]] == ["/project_id"]
    assert [each["pointer"] for each in misspelt.json()["errors"]] == ["/projectid"]


def test_refunds_that_cannot_be_are_refused_before_anything_starts(merchant: Merchant) -> None:
    merchant.order("card-partner", "payment_page", payment_id="unpaid-1")

    assert merchant.post("/payments/nobody/refunds", {}).status_code == 404
    assert merchant.post("/payments/unpaid-1/refunds").status_code == 409
    assert merchant.post("/payments/unpaid-1/refunds", {"amount": "1"}).status_code == 422
    assert merchant.post("/payments/unpaid-1/refunds", {"sum": 1}).status_code == 422
    assert merchant.payment("unpaid-1")["refunds"] == []


def test_the_refunds_of_a_payment_are_listed_as_they_are_read_one_by_one(merchant: Merchant) -> None:
    merchant.order("card-partner", amount=10015, payment_id="listed-1")
    merchant.pay(merchant.payment("listed-1"))
    assert merchant.get("/payments/listed-1/refunds").json() == {"items": [], "next_cursor": None}

    first = merchant.refund("listed-1", reason="Returned goods")["output"]["refund_id"]
    second = merchant.refund("listed-1")["output"]["refund_id"]
    listed = merchant.get("/payments/listed-1/refunds").json()

    one_by_one = [merchant.get(f"/payments/listed-1/refunds/{refund_id}").json() for refund_id in (first, second)]
    assert listed == {"items": one_by_one, "next_cursor": None}
    assert listed["items"][0] == {
        "refund_id": first,
        "payment_id": "listed-1",
        "project_id": 2924,
        "amount": 10015,
        "currency": "KES",
        "status": "declined",
        "reason": "Returned goods",
        "request_id": one_by_one[0]["request_id"],
        "operation_type": "refund",
        "code": "20000",
        "message": "General decline",
        "execution": one_by_one[0]["execution"],
        "created_at": one_by_one[0]["created_at"],
        "updated_at": one_by_one[0]["updated_at"],
    }


def test_a_list_is_read_page_by_page_newest_first(merchant: Merchant) -> None:
    made = [merchant.order("card-partner", "payment_page").json()["payment_id"] for _ in range(5)]

    read: list[str] = []
    path = "/payments?limit=2&status=created"
    while len(read) < len(made):
        page = merchant.get(path).json()
        assert len(page["items"]) <= 2
        read += [each["payment_id"] for each in page["items"]]
        path = f"/payments?limit=2&status=created&cursor={page['next_cursor']}"

    assert read[:5] == made[::-1]


CALLBACK = {
    "project_id": 2924,
    "payment": {"id": "cb-1", "type": "purchase", "status": "success", "date": "2026-11-21T10:00:00+0000",
                "method": "Card partner", "sum": {"amount": 10000, "currency": "KES"}, "description": ""},
    "operation": {"id": 1, "type": "sale", "status": "success", "date": "2026-11-21T10:00:00+0000",
                  "created_date": "2026-11-21T09:59:00+0000", "request_id": "r-1-00000001",
                  "sum_initial": {"amount": 10000, "currency": "KES"}, "code": "0", "message": "Success"},
}  # fmt: skip


def signed(message: dict[str, Any], key: str = "local-secret-2924") -> bytes:
    return json.dumps({**message, "signature": sign(message, key)}).encode()


CALLBACK_ANSWERS = [
    ("a good one", signed(CALLBACK), 200),
    ("a repeated one", signed(CALLBACK), 200),
    ("fields in another order", json.dumps(dict(reversed(json.loads(signed(CALLBACK)).items())), indent=3).encode(), 200),
    ("an unknown field", signed({**CALLBACK, "rrn": "1"}), 200),
    ("an unknown payment", signed({**CALLBACK, "payment": {**CALLBACK["payment"], "id": "cb-2"}}), 200),  # type: ignore[dict-item]  # the sample's shape
    ("no payment at all", signed({"project_id": 2924}), 200),
    ("odd shapes", signed({"project_id": 2924, "payment": [1, 2], "operation": "x", "redirect_data": 7}), 200),
    ("a semicolon in a signed value", signed({**CALLBACK, "description": "a;b"}), 200),
    ("empty", b"", 400),
    ("a list", b"[]", 400),
    ("not UTF-8", b"\xff\xfe", 400),
    ("a byte order mark", b"\xef\xbb\xbf" + signed(CALLBACK), 400),
    ("duplicate keys", b'{"project_id": 2924, "project_id": 198}', 400),
    ("NaN", b'{"project_id": NaN}', 400),
    ("nested too deep", b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400),
    ("no signature", json.dumps(CALLBACK).encode(), 403),
    ("a wrong signature", signed(CALLBACK, "another key"), 403),
    ("another project's key", signed(CALLBACK, "local-secret-198"), 403),
    ("a signature that is a number", json.dumps({**CALLBACK, "signature": 7}).encode(), 403),
    ("a signature that is a list", json.dumps({**CALLBACK, "signature": ["x"]}).encode(), 403),
    ("an unknown project", signed({**CALLBACK, "project_id": 7}), 403),
    ("no project", signed({"payment": {"id": "x"}}), 403),
    ("too large", b'{"a": "' + b"x" * (256 * 1024) + b'"}', 413),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status"), [case[1:] for case in CALLBACK_ANSWERS], ids=[case[0] for case in CALLBACK_ANSWERS]
)
@pytest.mark.parametrize("encoded", [False, True], ids=["text", "base64"])
def test_callbacks_are_answered_as_promised(system: LocalSystem, body: bytes, status: int, encoded: bool) -> None:
    text = base64.b64encode(body).decode() if encoded else body.decode("utf-8", "surrogateescape")
    event = {
        "version": "2.0",
        "routeKey": "POST /callbacks/ecommpay",
        "headers": {},
        "requestContext": {"requestId": "r", "domainName": "api.example.com"},
        "body": text,
        "isBase64Encoded": encoded,
    }

    assert system.functions.invoke("CallbackFunction", event).value()["statusCode"] == status


def test_an_ambiguous_callback_is_stored_and_not_believed(merchant: Merchant) -> None:
    merchant.order(payment_id="doubt-1", interface="payment_page")
    said = {**CALLBACK, "payment": {**CALLBACK["payment"], "id": "doubt-1"}, "description": "a;b"}  # type: ignore[dict-item]  # the sample's shape

    answer = requests.post(f"{merchant.system.url}/callbacks/ecommpay", data=signed(said), timeout=TIMEOUT_S)

    payment = merchant.payment("doubt-1")
    assert answer.status_code == 200
    assert (payment["status"], payment["operations"]) == ("created", [])
    assert "not believed" in payment["timeline"][-1]["what"]


def test_openapi_describes_the_api(merchant: Merchant) -> None:
    description = merchant.get("/openapi.json").json()

    assert description["openapi"].startswith("3.1")
    assert "/callbacks/ecommpay" in description["paths"]
