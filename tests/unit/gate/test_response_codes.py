"""Which error answers prove that nothing happened."""

import pytest

from payments.gate.response_codes import is_certain_refusal

REFUSALS = [
    "100",  # general decline
    "310",  # not allowed by the project
    "402",  # risk system
    "502",  # validation error
    "702",  # malformed request
    "903",  # more than may be refunded
    "1402",  # customer on a list
    "2003",  # invalid JSON
    "2004",  # required field missing
    "2642",  # above the limit
    "3023",  # currency disabled
    "3060",  # state does not allow it
    "3061",  # nothing there to act on
    "3261",  # invalid signature
    "3262",  # empty signature
    "3283",  # refund above the payment
    "3284",  # refund in another currency
    "3288",  # disputed
    "3358",  # below the limit
    "3609",  # amount must equal the initial one
    "3610",  # refund unavailable
    "10706",  # refund unavailable
    "20706",  # not supported by the provider
]

OPEN = [
    "",
    "0",  # success under the name of an error
    "501",  # internal error
    "601",  # try again
    "602",  # network error
    "603",  # time-out
    "1434",  # duplicate operation
    "2147",  # lock
    "3041",  # payment id exists
    "3062",  # details not received
    "3081",  # flow break
    "3191",  # needs clarification
    "3230",  # refund id exists
    "3285",  # too soon after the last refund
    "3613",  # duplicate operation
    "9999",  # awaiting
    "10000",  # declined outside
    "19999",
    "20000",
    "20602",  # time-out outside
    "20801",  # approved outside, not processed
    "20802",
    "20899",
    "29999",
    "30000",
    "5000",  # no such block
    "-2004",
    "2004.0",
    "\u0662\u0660\u0660\u0664",  # 2004 in other digits
    "2004" * 2000,
    "unknown",
]


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_before_anything_was_done_is_certain(code: str) -> None:
    assert is_certain_refusal(code, 400)
    assert is_certain_refusal(code, 200), "a refusal inside a 200 is one too"


@pytest.mark.parametrize("code", OPEN)
def test_any_other_code_leaves_it_open(code: str) -> None:
    assert not is_certain_refusal(code, 400)
    assert not is_certain_refusal(code, 200)


@pytest.mark.parametrize("http_status", [100, 301, 408, 429, 500, 502, 503, 504, 599])
def test_no_code_is_certain_when_the_answer_may_come_from_something_on_the_way(http_status: int) -> None:
    assert not is_certain_refusal("2004", http_status)
