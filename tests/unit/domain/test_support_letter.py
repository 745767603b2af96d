"""What operators are told to do."""

from dataclasses import replace
from typing import Any

import pytest

from payments.domain.money import Money
from payments.domain.payment import Payment
from payments.domain.support_letter import reminder_letter, support_letter, unresolved_letter
from tests.unit.domain.told import at, callback, enets_order, ordered, paid, refund, told

ENETS = told(ordered(order=enets_order()), callback("success", seconds=60, currency="SGD", operation_id=13415000000177))
LINE = "-" * 72
TO_BE_SENT = f"""{LINE}
Dear ECommPay support,
please refund 40.50 SGD of the payment order-1001 in project 2924.
The customer paid 100.00 SGD, so this is a part of it.
Your id of the sale operation is 13415000000177.
Our reference for the refund is rf-1.

Уважаемая служба поддержки ECommPay,
просим вернуть 40.50 SGD по платежу order-1001 в проекте 2924.
Покупатель заплатил 100.00 SGD, это частичный возврат.
Ваш номер операции оплаты: 13415000000177.
Наш номер возврата: rf-1.
{LINE}"""
WHOLE_OF_AN_UNTOLD_SALE = f"""{LINE}
Dear ECommPay support,
please refund 100.00 SGD of the payment order-1001 in project 2924.
The customer paid 100.00 SGD, so this is all of it.
Our reference for the refund is rf-1.

Уважаемая служба поддержки ECommPay,
просим вернуть 100.00 SGD по платежу order-1001 в проекте 2924.
Покупатель заплатил 100.00 SGD, это полный возврат.
Наш номер возврата: rf-1.
{LINE}"""


@pytest.mark.parametrize(
    ("payment", "amount", "text"),
    [(ENETS, 4_050, TO_BE_SENT), (ordered(order=enets_order()), 10_000, WHOLE_OF_AN_UNTOLD_SALE)],
)
def test_the_letter_to_support_is_ready_to_be_pasted_in_both_languages(
    payment: Payment, amount: int, text: str
) -> None:
    letter = support_letter(payment, refund("awaiting_support", money=Money(amount, "SGD")))

    assert letter == (
        "Refund rf-1: write to ECommPay support",
        f"""This payment method is refunded by ECommPay support only. Please send them what stands between the lines.

{text}

Nothing else is to be done: the refund closes itself when ECommPay's callback comes, and as long as it waits you are
reminded of it.
""",
    )


@pytest.mark.parametrize(
    ("seconds", "waited"),
    [(7_200 + 3_600, "for some hours"), (7_200 + 90_000, "since yesterday"), (7_200 + 3 * 86_400, "for 3 days")],
)
def test_the_reminder_says_how_long_it_has_waited_and_brings_the_text_again(seconds: float, waited: str) -> None:
    waiting = refund("awaiting_support", money=Money(4_050, "SGD"), reminded_at=at(seconds))

    assert reminder_letter(ENETS, waiting) == (
        "Refund rf-1: still waits for ECommPay support",
        f"""This refund has waited {waited} for ECommPay support. Ask them how it stands, or send them the text again:

{TO_BE_SENT}

When support says that it is done or refused and no callback comes, close the refund by hand: README, Refunds.
""",
    )


def test_the_letter_about_a_refund_that_nobody_knows_the_end_of_says_where_to_look() -> None:
    subject, text = unresolved_letter(paid(), refund("unknown"))

    assert subject == "Refund rf-1: nobody knows how it ended"
    assert (
        text
        == """The refund of 100.00 KES for payment order-1001 (project 2924) got no callback, and
no status request told its end. Look the payment up in the ECommPay Dashboard before anything else is refunded.
A late callback still settles this refund; until then no other refund of this payment can be started.
When the Dashboard or support tells its end and no callback comes, close the refund by hand: README, Refunds.
"""
    )


def test_no_letter_tells_who_the_customer_is() -> None:
    payment = replace(paid(), refunds=(refund("unknown"),))
    waiting = refund("awaiting_support")
    letters: list[Any] = [support_letter(payment, waiting), reminder_letter(payment, waiting)]
    letters.append(unresolved_letter(payment, refund("unknown")))

    for word in ("customer1", "192.0.2.7", "254700000001", "amina@example.com", "Otieno"):
        assert word not in str(letters)
