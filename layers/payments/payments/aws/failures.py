"""Every failure of an AWS call as the one thing the rest of the system knows: not done, or not known to be done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from payments.domain.errors import StoreUnavailable


@contextmanager
def unavailable_when_failing(call: str) -> Iterator[None]:
    """Raise `StoreUnavailable` for whatever botocore raises; the text names the call and the code, no content."""
    try:
        yield
    except ClientError as error:
        raise StoreUnavailable(f"{call}: {error_code(error)}") from error
    except BotoCoreError as error:
        raise StoreUnavailable(f"{call}: {type(error).__name__}") from error


def error_code(error: ClientError) -> str:
    """The service's own word for what went wrong."""
    return error.response.get("Error", {}).get("Code", "")
