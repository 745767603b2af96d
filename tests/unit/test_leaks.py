"""The search that every log of the suite goes through finds what it is for."""

import pytest

from ecommpay_signing import sign
from tests.support.leaks import leaks


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"payment_id": "order-1001", "flags": []}', []),
        ('{"detail": "amina@example.com"}', ["the word amina@example.com"]),
        (sign({"a": 1}, "key"), ["a signature"]),
        ("GET /checkout/MjkyNDox.ba98mB0T4Abk 200", ["a page's token"]),
        ('{"task_token": "AAAAKgAAAAIAAAAAAAAAAQ=="}', ["a task token"]),
        ("key local-secret-2924", ["the word local-secret-"]),
    ],
)
def test_what_no_log_may_hold_is_found(text: str, found: list[str]) -> None:
    assert list(leaks(text)) == found
