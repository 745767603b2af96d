"""Thousands of made-up messages in other spellings: each verifies and says what it said."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.hostile.test_respelled_messages import MESSAGES, compare_spellings


@settings(max_examples=5000, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(message=MESSAGES, chance=st.randoms(use_true_random=False))
def test_five_thousand_messages_in_other_spellings_say_the_same(message: dict[str, Any], chance: Any) -> None:
    compare_spellings(message, chance)
