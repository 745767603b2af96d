"""What operators are told to do."""

from dataclasses import replace

from payments.domain.money import Money
from payments.domain.support_letter import support_letter, unresolved_letter
from tests.unit.domain.told import enets_order, ordered, paid, refund


def test_the_letter_to_support_names_the_money_the_payment_and_our_reference_in_both_languages() -> None:
    subject, text = support_letter(ordered(order=enets_order()), refund("awaiting_support", money=Money(4_050, "SGD")))

    assert subject == "Refund rf-1: write to ECommPay support"
    assert (
        text
        == """This payment method is refunded by ECommPay support only. Please send them this text:

    Dear ECommPay support,
    please refund 40.50 SGD of the payment order-1001 in project 2924.
    Our reference for the refund is rf-1.

    Уважаемая служба поддержки ECommPay,
    просим вернуть 40.50 SGD по платежу order-1001 в проекте 2924.
    Наш номер возврата: rf-1.

Nothing else is to be done: the refund closes itself when ECommPay's callback comes.
"""
    )


def test_the_letter_about_a_refund_that_nobody_knows_the_end_of_says_where_to_look() -> None:
    subject, text = unresolved_letter(paid(), refund("unknown"))

    assert subject == "Refund rf-1: nobody knows how it ended"
    assert (
        text
        == """The refund of 100.00 KES for payment order-1001 (project 2924) got no callback, and
no status request told its end. Look the payment up in the ECommPay Dashboard before anything else is refunded.
A late callback still settles this refund; until then no other refund of this payment can be started.
"""
    )


def test_no_letter_tells_who_the_customer_is() -> None:
    payment = replace(paid(), refunds=(refund("unknown"),))
    texts = [*support_letter(payment, refund("awaiting_support")), *unresolved_letter(payment, refund("unknown"))]

    for word in ("customer1", "192.0.2.7", "254700000001", "amina@example.com", "Otieno"):
        assert word not in "".join(texts)
