"""What Gate is asked while both ledgers are compared, and what becomes of a run that it does not answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from payments.domain.errors import GateUnavailable
from payments.domain.payment import PaymentKey
from payments.usecases.compare_ledgers import PUT_OFF
from tests.unit.usecases.night import DAY, Night, answer, listed

SILENCE = "Gate does not answer; the payments it was asked about are asked about again"


class Asked:
    """A gate that knows every payment, but for those that something happens to."""

    def __init__(self, night: Night, **happens: Callable[[], object]) -> None:
        self.payments: list[int] = []
        self.happens = {int(name.removeprefix("order_")): each for name, each in happens.items()}
        night.world.gate.status = self.status  # type: ignore[method-assign]  # one gate for every question

    def status(self, key: PaymentKey) -> bytes:
        """Its answer about a payment."""
        number = int(key.payment_id.removeprefix("order-"))
        self.payments.append(number)
        if number in self.happens:
            self.happens[number]()
        return answer(("sale", "success", 1000 + number), payment_id=key.payment_id)


def is_silent() -> None:
    raise GateUnavailable("no answer")


def missing_here(*numbers: int) -> Night:
    """A night that knows nothing of these payments."""
    night = Night()
    night.data_api.lists[2924] = [listed(number) for number in numbers]
    return night


def repaired(night: Night) -> dict[str, bool]:
    """Every operation that was found, and whether it was brought in; each was found once."""
    reasons = night.reasons()
    found = {operation: repaired for _, operation, repaired in reasons}
    assert len(found) == len(reasons)
    return found


def test_a_run_that_gate_does_not_answer_stops_and_says_so_and_goes_on_when_it_does() -> None:
    night = missing_here(*range(1, 7))
    gate = Asked(night, order_1=is_silent, order_2=is_silent, order_3=is_silent)

    (first,) = night.run(DAY).runs
    gate.happens.clear()
    (second,) = night.run(DAY).runs

    assert (first.stage, first.trouble, second.stage, second.trouble) == ("compare", SILENCE, "done", "")
    assert repaired(night) == {str(1000 + number): True for number in range(1, 7)}
    assert night.summary()["differences"] == {"missing_here": {"found": 6, "repaired": 6, "needs_a_person": 0}}
    assert (night.summary()["totals"][0]["ours"], night.summary()["totals"][0]["theirs"]) == (60000, 60000)


def test_a_gate_that_never_answers_holds_up_a_run_for_so_many_calls_and_a_person_has_the_rest() -> None:
    night = missing_here(*range(1, 7))
    gate = Asked(night, **{f"order_{number}": is_silent for number in range(1, 7)})

    troubles = [night.run(DAY).runs[0].trouble for _ in range(PUT_OFF + 1)]

    assert troubles == [SILENCE] * PUT_OFF + [""]
    assert len(gate.payments) == 3 * (PUT_OFF + 1)
    assert night.summary()["differences"] == {"missing_here": {"found": 6, "repaired": 0, "needs_a_person": 6}}
    assert (night.summary()["totals"][0]["ours"], night.summary()["totals"][0]["theirs"]) == (0, 60000)


def test_a_payment_without_an_answer_holds_up_its_run_and_nobody_else_is_asked_about_twice() -> None:
    night = missing_here(1, 2, 3)
    gate = Asked(night, order_2=is_silent)

    for _ in range(PUT_OFF + 1):
        night.run(DAY)

    assert gate.payments == [1, 2, 3, *[2] * PUT_OFF]
    assert repaired(night) == {"1001": True, "1002": False, "1003": True}


def test_payments_without_an_answer_do_not_keep_gate_from_being_asked_about_the_others() -> None:
    night = missing_here(*range(1, 7))
    gate = Asked(night, order_1=is_silent, order_2=is_silent, order_3=is_silent)

    night.run(DAY)
    night.run(DAY)

    assert gate.payments == [1, 2, 3, 4, 5, 6, 1, 2, 3]


def test_after_a_kill_nothing_is_asked_that_was_brought_in_already() -> None:
    night = missing_here(1, 2, 3)

    def is_killed() -> None:
        raise SystemExit

    gate = Asked(night, order_3=is_killed)
    with pytest.raises(SystemExit):
        night.run(DAY)
    gate.happens.clear()

    night.run(DAY)

    assert gate.payments == [1, 2, 3, 3]
    assert repaired(night) == {"1001": True, "1002": True, "1003": True}


def test_questions_end_with_the_time_and_go_on_in_the_next_call() -> None:
    night = missing_here(*range(1, 5))
    # 780 seconds of a call are for pieces of work: the third answer comes when they are over.
    gate = Asked(night, **{f"order_{number}": lambda: night.world.clock.move(300) for number in range(1, 5)})

    stages = [night.run(DAY).runs[0].stage for _ in range(2)]

    assert (stages, gate.payments) == (["compare", "done"], [1, 2, 3, 4])
    assert repaired(night) == {"1001": True, "1002": True, "1003": True, "1004": True}


def test_what_a_call_had_settled_is_not_lost_when_it_is_killed_before_it_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    night = missing_here(1, 2)
    Asked(night, order_2=is_silent)
    put = night.reports.put

    def killed_behind(name: str, content: bytes) -> None:
        put(name, content)
        if "-settled-" in name and night.calls == 1:
            raise SystemExit

    monkeypatch.setattr(night.reports, "put", killed_behind)
    with pytest.raises(SystemExit):
        night.run(DAY)
    Asked(night)

    night.run(DAY)

    assert repaired(night) == {"1001": True, "1002": True}
