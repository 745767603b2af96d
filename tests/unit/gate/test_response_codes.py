"""Which error answers prove that nothing happened."""

import pytest

from payments.gate.response_codes import is_certain_refusal, proves_no_refund

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


#: What a refusal of a refund may say because the very same request was carried out before, or without telling enough.
TO_BE_CONFIRMED = [
    "100",  # general decline
    "314",  # provider unavailable
    "402",  # risk system
    "502",  # validation error
    "504",  # insufficient funds on the balance
    "903",  # more than may be refunded: by now?
    "1402",  # customer on a list
    "3028",  # insufficient funds on the merchant's balance
    "3060",  # state does not allow it: since when?
    "3061",  # nothing there to act on, though it was paid
    "3102",  # a constraint, perhaps of a number of refunds
    "3283",  # refund above the payment: above what is left?
    "3288",  # disputed
    "3609",  # amount must equal the initial one
    "3610",  # refund unavailable: any more?
    "10706",
    "20706",
]


def test_what_proves_by_itself_that_no_refund_was_carried_out() -> None:
    proven = {str(code) for code in range(100_000) if proves_no_refund(str(code))}

    assert sorted(proven, key=int) == (
        "310 319 702 2003 2004 2124 2154 2426 2442 2541 3023 3024 3261 3262 3284".split()
    )
    assert all(is_certain_refusal(code, 400) for code in proven)


@pytest.mark.parametrize("code", TO_BE_CONFIRMED)
def test_a_refusal_that_an_earlier_copy_of_the_refund_may_have_caused_is_to_be_confirmed(code: str) -> None:
    assert is_certain_refusal(code, 400)
    assert not proves_no_refund(code)
