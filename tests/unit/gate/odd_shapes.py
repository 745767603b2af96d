"""Messages of every shape there can be: the samples with anything put in the place of anything."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.unit.gate.samples import clarification_callback, redirect_callback, sale_callback, status_answer

NAMES = "id status date sum sum_initial amount currency type request_id url body method name field 0 payment_id".split()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(NAMES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=5,
)
SAMPLES = (sale_callback, redirect_callback, clarification_callback, status_answer)


def places(part: Any) -> list[tuple[Any, Any]]:
    """Every container of a message with every key or position in it."""
    here = list(part.items()) if isinstance(part, dict) else list(enumerate(part)) if isinstance(part, list) else []
    return [(part, key) for key, _ in here] + [place for _, below in here for place in places(below)]
