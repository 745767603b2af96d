"""What a customer may answer: judged by the kind of the field, tidied where that takes no guess."""

from __future__ import annotations

import pytest

from payments.domain.answers import Refusal, refusal, taken
from payments.domain.checkout import Problem


def judged(path: str, text: str) -> str | Refusal | None:
    """The answer as it would be sent, or why it would not be."""
    answers = taken([path], {path: text})
    return refusal(answers) or answers[path]


@pytest.mark.parametrize(
    ("path", "text", "sent"),
    [
        ("customer.email", " amina@example.com\t", "amina@example.com"),
        ("customer.email", "a+b_c.d'e@sub.example.co.ke", "a+b_c.d'e@sub.example.co.ke"),
        ("customer.email", "амина@пример.рф", "амина@пример.рф"),
        ("customer.phone", "+254 (700) 000-007", "254700000007"),
        ("customer.home_phone", "254.700/000 007", "254700000007"),
        ("customer.phone", "1234567", "1234567"),
        ("billing.country", " ke ", "KE"),
        ("customer.day_of_birth", "29-02-2000", "29-02-2000"),
        ("customer.first_name", " Mary\n  Ann ", "Mary Ann"),
        ("customer.last_name", "O'Neill-Ngũgĩ 王", "O'Neill-Ngũgĩ 王"),
        ("customer.address", "x" * 255, "x" * 255),
        ("customer.identify.tax_number", 'KRA <1> & "2"', 'KRA <1> & "2"'),
    ],
)
def test_an_answer_that_fits_is_sent_tidied(path: str, text: str, sent: str) -> None:
    assert judged(path, text) == sent


@pytest.mark.parametrize(
    ("path", "text", "problem"),
    [
        ("customer.email", "", Problem.INCOMPLETE),
        ("customer.phone", " \t\r\n", Problem.INCOMPLETE),
        ("customer.phone", "+", Problem.INCOMPLETE),
        ("customer.email", "a;b@example.com", Problem.UNFIT),
        ("customer.first_name", "Amina;payment:amount:1", Problem.UNFIT),
        ("customer.first_name", "Ami\x00na", Problem.UNFIT),
        ("customer.first_name", "Ami\x07na", Problem.UNFIT),
        ("customer.first_name", "Ami\x9fna", Problem.UNFIT),
        ("customer.first_name", "Ami\ud800na", Problem.UNFIT),
        ("customer.address", "x" * 256, Problem.UNFIT),
        ("customer.email", "amina", Problem.NO_EMAIL),
        ("customer.email", "amina@example", Problem.NO_EMAIL),
        ("customer.email", "amina@example..com", Problem.NO_EMAIL),
        ("customer.email", "amina @example.com", Problem.NO_EMAIL),
        ("customer.email", "a@b@example.com", Problem.NO_EMAIL),
        ("customer.email", "Amina <amina@example.com>", Problem.NO_EMAIL),
        ("customer.email", f"{'a' * 65}@example.com", Problem.NO_EMAIL),
        ("customer.email", f"a@{'b' * 249}.com", Problem.NO_EMAIL),
        ("customer.phone", "123456", Problem.NO_PHONE),
        ("customer.phone", "1" * 16, Problem.NO_PHONE),
        ("customer.phone", "25470000000a", Problem.NO_PHONE),
        ("customer.phone", "254+700000007", Problem.NO_PHONE),
        ("customer.work_phone", "٢٥٤٧٠٠٠٠٠٠٠٧", Problem.NO_PHONE),
        ("shipping.country", "Kenya", Problem.MISSPELT),
        ("shipping.country", "K1", Problem.MISSPELT),
        ("customer.day_of_birth", "30-02-2000", Problem.MISSPELT),
        ("customer.day_of_birth", "2000-02-29", Problem.MISSPELT),
        ("customer.doc_issue_date", "1-2-2000", Problem.MISSPELT),
        ("customer.doc_issue_date", "01-01-0000", Problem.MISSPELT),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_for_its_reason(path: str, text: str, problem: Problem) -> None:
    assert judged(path, text) == Refusal(problem, (path,))


def test_one_kind_of_mistake_is_told_at_a_time_with_every_field_it_is_in() -> None:
    form = {"customer.email": "amina", "customer.phone": "7", "customer.city": "", "billing.city": ""}
    assert refusal(form) == Refusal(Problem.INCOMPLETE, ("customer.city", "billing.city"))

    mended = {**form, "customer.city": "Nairobi", "billing.city": "Nairobi"}
    assert refusal(mended) == Refusal(Problem.NO_EMAIL, ("customer.email",))
    assert refusal({**mended, "customer.email": "a@b.ke"}) == Refusal(Problem.NO_PHONE, ("customer.phone",))
    assert refusal({**mended, "customer.email": "a@b.ke", "customer.phone": "254700000007"}) is None


def test_only_the_fields_asked_for_are_taken_and_each_of_them_is() -> None:
    form = {"payment.amount": "1", "customer.email": "a@b.ke", "customer.id": "other"}
    assert taken(("customer.email", "customer.phone"), form) == {"customer.email": "a@b.ke", "customer.phone": ""}
