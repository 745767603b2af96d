"""What DynamoDB refuses or leaves unanswered, and what the store makes of it."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import ANY, Stubber

from payments.aws.dynamodb import DynamoStore
from payments.aws.items import message_row, payment_item, payment_row
from payments.domain.errors import CheckoutError, MessageKnown, StoreConflict, StoreUnavailable
from payments.domain.payment import PaymentKey
from payments.ports import IdempotencyRecord, PaymentFilter
from tests.contract.store.conftest import make_client
from tests.contract.store.values import NOON, message, payment

KEY = PaymentKey(2924, "order-1001")
RECORD = IdempotencyRecord("key-1", KEY, "fingerprint")

CALLS: dict[str, tuple[str, Callable[[DynamoStore], object]]] = {
    "read": ("get_item", lambda store: store.read(KEY)),
    "message": ("get_item", lambda store: store.message(KEY, "d")),
    "idempotent": ("get_item", lambda store: store.idempotent("key-1")),
    "find": ("query", lambda store: store.find("order-1001")),
    "messages": ("query", lambda store: store.messages(KEY)),
    "select": ("query", lambda store: store.select(PaymentFilter(), limit=20, cursor=None)),
    "due": ("query", lambda store: store.due(now=NOON, limit=20)),
    "read_for_message": ("batch_get_item", lambda store: store.read_for_message(KEY, "d")),
    "keep": ("put_item", lambda store: store.keep(message())),
    "redact": ("update_item", lambda store: store.redact(KEY, "d", b"{}")),
    "save": ("transact_write_items", lambda store: store.save(payment(), message=message(), idempotency=RECORD)),
}
every_call = pytest.mark.parametrize(("operation", "call"), CALLS.values(), ids=list(CALLS))


@pytest.fixture
def client() -> Any:
    return make_client()


@pytest.fixture
def stubber(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def store(client: Any, pauses: list[float]) -> DynamoStore:
    return DynamoStore(client, "payments", pause=pauses.append)


@every_call
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ProvisionedThroughputExceededException", 400),
        ("ThrottlingException", 400),
        ("RequestLimitExceeded", 400),
        ("TransactionConflictException", 400),
        ("TransactionInProgressException", 400),
        ("ValidationException", 400),
        ("AccessDeniedException", 400),
        ("ResourceNotFoundException", 400),
        ("InternalServerError", 500),
        ("ServiceUnavailable", 503),
    ],
)
def test_whatever_dynamodb_refuses_is_unavailable(
    store: DynamoStore, stubber: Stubber, operation: str, call: Callable[[DynamoStore], object], code: str, status: int
) -> None:
    stubber.add_client_error(operation, code, "about order-1001", http_status_code=status)

    with pytest.raises(StoreUnavailable) as failure:
        call(store)

    assert code in str(failure.value)
    assert "order-1001" not in str(failure.value)


@every_call
@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://dynamodb"),
        ConnectTimeoutError(endpoint_url="https://dynamodb"),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_stays_unanswered_is_unavailable(
    store: DynamoStore,
    client: Any,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    call: Callable[[DynamoStore], object],
    error: Exception,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # botocore's pauses between its attempts
    attempts = []

    def lose(**_: Any) -> None:
        attempts.append(operation)
        raise error

    client.meta.events.register("before-send.dynamodb", lose)

    with pytest.raises(StoreUnavailable, match=type(error).__name__):
        call(store)

    assert len(attempts) > 1


REASONS = (
    "None",
    "ConditionalCheckFailed",
    "TransactionConflict",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "ValidationError",
    "ItemCollectionSizeLimitExceeded",
)


def meaning(codes: tuple[str, ...], *, with_message: bool) -> type[CheckoutError]:
    if with_message and codes[1] == "ConditionalCheckFailed":
        return MessageKnown
    if any(code in {"ConditionalCheckFailed", "TransactionConflict"} for code in codes):
        return StoreConflict
    return StoreUnavailable


@pytest.mark.parametrize("with_message", [False, True])
@pytest.mark.parametrize("with_record", [False, True])
def test_a_cancelled_transaction_means_what_its_reasons_say(
    store: DynamoStore, stubber: Stubber, with_message: bool, with_record: bool
) -> None:
    for codes in itertools.product(REASONS, repeat=1 + with_message + with_record):
        stubber.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]},
        )

        with pytest.raises(CheckoutError) as refusal:
            store.save(
                payment(),
                message=message() if with_message else None,
                idempotency=RECORD if with_record else None,
            )

        assert type(refusal.value) is meaning(codes, with_message=with_message), codes


def test_a_cancelled_transaction_without_reasons_is_unavailable(store: DynamoStore, stubber: Stubber) -> None:
    stubber.add_client_error("transact_write_items", "TransactionCanceledException")

    with pytest.raises(StoreUnavailable):
        store.save(payment(), message=message())


def test_a_message_that_is_kept_already_is_no_failure(store: DynamoStore, stubber: Stubber) -> None:
    stubber.add_client_error("put_item", "ConditionalCheckFailedException")

    store.keep(message())

    stubber.assert_no_pending_responses()


def test_a_message_that_is_not_there_to_be_redacted_is_no_failure(store: DynamoStore, stubber: Stubber) -> None:
    row, body = message_row(KEY, "d"), {":body": {"B": b"{}"}}
    stubber.add_client_error(
        "update_item",
        "ConditionalCheckFailedException",
        expected_params={
            "TableName": "payments",
            "Key": row,
            "UpdateExpression": "SET body = :body",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeValues": body,
        },
    )

    store.redact(KEY, "d", b"{}")

    stubber.assert_no_pending_responses()


def asked(*rows: Any) -> dict[str, Any]:
    return {"RequestItems": {"payments": {"Keys": list(rows), "ConsistentRead": True}}}


def test_keys_that_were_left_unprocessed_are_asked_for_again(
    store: DynamoStore, stubber: Stubber, pauses: list[float]
) -> None:
    said = message()
    rows = payment_row(KEY), message_row(KEY, said.digest)
    rest = {"payments": {"Keys": [rows[0]], "ConsistentRead": True}}
    stubber.add_response(
        "batch_get_item", {"Responses": {"payments": [rows[1]]}, "UnprocessedKeys": rest}, asked(*rows)
    )
    stubber.add_response("batch_get_item", {"Responses": {"payments": [payment_item(payment())]}}, asked(rows[0]))

    assert store.read_for_message(KEY, said.digest) == (payment(), True)
    assert len(pauses) == 1


def test_keys_that_stay_unprocessed_are_given_up(store: DynamoStore, stubber: Stubber, pauses: list[float]) -> None:
    for _ in range(6):
        stubber.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": asked({})["RequestItems"]})

    with pytest.raises(StoreUnavailable):
        store.read_for_message(KEY, "d")

    assert pauses == sorted(pauses)
    assert sum(pauses) < 4
    stubber.assert_no_pending_responses()


def index_row(payment_id: str) -> dict[str, Any]:
    """A row of an index, which may tell how a payment stood a moment ago."""
    row = payment_item(payment(payment_id, check_at=NOON))
    return {name: row[name] for name in ("pk", "sk", "status", "created_order", "due_queue", "check_at")}


def test_a_payment_whose_status_changed_behind_the_index_is_left_out(store: DynamoStore, stubber: Stubber) -> None:
    still, moved = payment("still", version=1), payment("moved", version=2, submission="sending")
    stubber.add_response("query", {"Items": [index_row("moved"), index_row("still")]})
    stubber.add_response("batch_get_item", {"Responses": {"payments": [payment_item(each) for each in (still, moved)]}})

    assert store.select(PaymentFilter(status="created"), limit=20, cursor=None) == ((still,), None)


def test_a_payment_that_was_checked_behind_the_index_is_not_due(store: DynamoStore, stubber: Stubber) -> None:
    later = NOON.replace(hour=13)
    due = payment("due", check_at=NOON)
    others = payment("later", check_at=later), payment("done", check_at=None)
    stubber.add_response("query", {"Items": [index_row(each) for each in ("later", "done", "due", "due")]})
    stubber.add_response("batch_get_item", {"Responses": {"payments": [payment_item(each) for each in (*others, due)]}})

    assert store.due(now=NOON, limit=20) == (due.key,)


class Raw(io.BytesIO):
    """The body of an answer as botocore reads it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def test_botocore_repeats_a_write_with_the_very_same_token(
    store: DynamoStore, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # botocore's pauses between its attempts
    sent: list[Any] = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        sent.append(json.loads(request.body))
        if len(sent) == 1:
            raise ReadTimeoutError(endpoint_url=request.url)  # it was written, the answer was lost
        return AWSResponse(request.url, 200, HTTPHeaders(), Raw(b"{}"))

    client.meta.events.register("before-send.dynamodb", answer)

    assert store.save(payment(), message=message()) == payment(version=1)
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert len(sent[0]["ClientRequestToken"]) == 32


def test_every_write_has_a_token_of_its_own(store: DynamoStore, stubber: Stubber, client: Any) -> None:
    tokens = []
    client.meta.events.register(
        "provide-client-params.dynamodb.TransactWriteItems",
        lambda params, **_: tokens.append(params["ClientRequestToken"]),
    )
    for _ in range(2):
        stubber.add_response("transact_write_items", {}, {"TransactItems": ANY, "ClientRequestToken": ANY})
        store.save(payment())

    assert len(set(tokens)) == 2
