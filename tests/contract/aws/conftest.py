"""AWS as moto plays it in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from botocore.session import Session
from moto import mock_aws


@cache
def _session() -> Session:
    session = Session()
    session.set_credentials("testing", "testing")
    return session


def make_client(service: str) -> Any:
    return _session().create_client(service, region_name="eu-west-1")


@pytest.fixture
def aws() -> Iterator[Callable[[str], Any]]:
    """Makes the client of a service."""
    with mock_aws():
        yield make_client
