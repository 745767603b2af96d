"""The states of the refund workflow: reserved once, sent once, waited for, checked, and read from the store at the end."""

from threading import Barrier, Thread
from typing import Any

import pytest

from payments.domain.errors import (
    CheckoutError,
    GateRejected,
    GateUnavailable,
    InvalidRefundRequest,
    PaymentNotFound,
    ProjectRequired,
    RefundInProgress,
    RefundNotFound,
    RefundSettled,
    RefundUnresolved,
    StoreConflict,
    StoreUnavailable,
)
from payments.domain.money import Money
from payments.domain.payment import PaymentKey
from payments.domain.refund import Refund
from payments.usecases.record_refund import record_refund
from payments.usecases.request_refund import ask_support, request_refund
from payments.usecases.reserve_refund import reserved
from tests.support.fakes import FakeGate, failing
from tests.unit.domain.told import KES_100, KEY, at, enets_order, ordered, refund, refund_callback
from tests.unit.usecases.world import EXECUTION, World

OTHER_EXECUTION = EXECUTION.replace("console-1", "console-2")


def paid_world(*refunds: Refund, **changes: Any) -> World:
    world = World()
    world.put_paid(*refunds, **changes)
    world.clock.now = at(7200)
    return world


def request(world: World, refund_id: str = "rf-1", token: str = "token-1") -> None:
    request_refund(
        store=world.store, gate=world.gate, key=KEY, refund_id=refund_id, task_token=token, clock=world.clock
    )


def ask(world: World, refund_id: str = "rf-1", token: str = "token-1") -> None:
    ask_support(store=world.store, key=KEY, refund_id=refund_id, task_token=token, clock=world.clock)


def record(world: World, refund_id: str = "rf-1") -> dict[str, Any]:
    return record_refund(store=world.store, key=KEY, refund_id=refund_id, clock=world.clock)


class TestReserveRefund:
    """State ReserveRefund."""

    def test_it_answers_what_the_later_states_need(self) -> None:
        world = paid_world()

        answer = world.reserve(reason="Returned goods")

        assert answer == {
            "refund_id": world.payment().refunds[0].refund_id,
            "payment_id": "order-1001",
            "project_id": 2924,
            "amount": 10_000,
            "currency": "KES",
            "refund_policy": "full",
            "callback_timeout_s": 3600,
            "check": {"attempt": 0, "wait_s": 30},
        }
        assert reserved(answer) == (KEY, answer["refund_id"])
        assert world.payment().refunds == (
            Refund(
                refund_id=answer["refund_id"],
                money=KES_100,
                origin="workflow",
                status="requested",
                created_at=at(7200),
                updated_at=at(7200),
                reason="Returned goods",
                execution=EXECUTION,
            ),
        )
        assert world.story()[-1] == ("workflow", "refund of 100.00 KES requested")

    def test_a_retry_of_the_same_execution_finds_its_own_reservation(self) -> None:
        world = paid_world()
        first = world.reserve()
        stored = world.payment()

        assert [world.reserve(), world.reserve(amount=10_000)] == [first, first]
        assert world.payment() == stored

    def test_a_retry_after_the_answer_was_lost_finds_it_too(self) -> None:
        world = paid_world()
        world.store.after_write.append(failing(StoreUnavailable("no answer")))
        with pytest.raises(StoreUnavailable):
            world.reserve()

        world.reserve()

        assert len(world.payment().refunds) == 1

    def test_a_second_execution_is_refused(self) -> None:
        world = paid_world()
        first = world.reserve()

        with pytest.raises(RefundInProgress, match=f"Refund {first['refund_id']} of this payment is requested"):
            world.reserve(OTHER_EXECUTION)

    def test_of_50_executions_at_once_one_holds_the_payment(self) -> None:
        world = paid_world()
        start, ends = Barrier(50), []

        def execute(number: int) -> None:
            start.wait()
            try:
                ends.append(world.reserve(f"{EXECUTION}-{number}")["refund_id"])
            except RefundInProgress:
                ends.append("")

        threads = [Thread(target=execute, args=(number,)) for number in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(ends)[:49] == [""] * 49
        assert [each.refund_id for each in world.payment().refunds] == sorted(ends)[49:]

    def test_what_the_api_reserved_is_taken_over_by_its_own_execution_alone(self) -> None:
        world = paid_world(refund("requested", origin="api", execution=EXECUTION))

        assert world.reserve(refund_id="rf-1")["refund_id"] == "rf-1"
        with pytest.raises(RefundInProgress, match=r"Refund rf-1 belongs to another execution\."):
            world.reserve(OTHER_EXECUTION, refund_id="rf-1")
        assert [each.origin for each in world.payment().refunds] == ["api"]

    def test_a_refund_id_that_nobody_reserved_is_refused(self) -> None:
        world = paid_world()

        with pytest.raises(InvalidRefundRequest, match="No refund rf-9 was reserved"):
            world.reserve(refund_id="rf-9")
        assert world.payment().refunds == ()

    def test_a_reservation_that_was_called_off_is_not_begun(self) -> None:
        world = paid_world(refund("failed", origin="api", execution=EXECUTION))

        with pytest.raises(InvalidRefundRequest, match=r"Refund rf-1 has failed already; start a new one\."):
            world.reserve(refund_id="rf-1")

    def test_support_gets_days_instead_of_an_hour(self) -> None:
        world = paid_world(order=enets_order())

        answer = world.reserve(amount=4_000)

        assert (answer["refund_policy"], answer["callback_timeout_s"]) == ("support", 1_209_600)
        assert (answer["amount"], answer["currency"]) == (4_000, "SGD")

    def test_an_unknown_payment_and_a_payment_of_two_projects_are_told_apart(self) -> None:
        with pytest.raises(PaymentNotFound):
            World().reserve()
        world = paid_world()
        world.put(ordered(key=PaymentKey(198, KEY.payment_id)))
        with pytest.raises(ProjectRequired):
            world.reserve()
        assert world.reserve(project_id=2924)["project_id"] == 2924


class TestRequestRefund:
    """State RequestRefund."""

    def test_the_refund_is_stored_as_sent_with_its_token_before_gate_is_asked(self) -> None:
        world = paid_world(refund("requested"))
        stored: list[Refund] = []
        world.gate = FakeGate(refund=[lambda: stored.append(world.refund()) or "refund-1"])  # type: ignore[func-returns-value]  # append answers nothing, on purpose

        request(world)

        assert [(each.status, each.task_token, each.sent_at) for each in stored] == [("sent", "token-1", at(7200))]
        assert [call[0].key for call in world.gate.calls_of("refund")] == [KEY]
        assert (world.refund().status, world.refund().request_id) == ("sent", "refund-1")
        assert world.story()[-2:] == [
            ("workflow", "refund request leaves for Gate"),
            ("workflow", "refund request accepted by Gate"),
        ]

    def test_nothing_is_sent_when_the_store_does_not_take_it(self) -> None:
        world = paid_world(refund("requested"))
        world.store.before_write.append(failing(StoreUnavailable("down")))

        with pytest.raises(StoreUnavailable):
            request(world)

        assert (world.gate.calls, world.refund().status) == ([], "requested")

    def test_a_write_whose_answer_was_lost_is_never_followed_by_the_request(self) -> None:
        world = paid_world(refund("requested"))
        world.store.after_write.append(failing(StoreUnavailable("no answer")))
        with pytest.raises(StoreUnavailable):
            request(world)

        with pytest.raises(GateUnavailable):
            request(world)

        assert (world.gate.calls, world.refund().status) == ([], "sent")

    @pytest.mark.parametrize("status", ["sent", "unknown", "awaiting_support"])
    def test_a_refund_that_may_have_been_sent_is_never_sent_again(self, status: str) -> None:
        world = paid_world(refund(status, task_token="token-1"))

        for token in ("token-2", "token-3"):
            with pytest.raises(GateUnavailable, match="was sent before; whether it arrived is to be checked"):
                request(world, token=token)

        assert world.gate.calls == []
        assert (world.refund().status, world.refund().task_token) == (status, "token-3")

    def test_a_conflict_before_it_is_sent_is_decided_anew_and_sent_once(self) -> None:
        world = paid_world(refund("requested"))
        world.store.before_write.extend([failing(StoreConflict("somebody else"))] * 2)

        request(world)

        assert len(world.gate.calls) == 1

    def test_of_two_at_once_one_sends(self) -> None:
        world = paid_world(refund("requested"))
        world.store.before_write.append(lambda: request(world, token="token-2"))

        with pytest.raises(GateUnavailable):
            request(world)

        assert len(world.gate.calls) == 1

    def test_gate_that_refuses_for_certain_fails_the_refund_with_its_code_and_frees_the_payment(self) -> None:
        world = paid_world(refund("requested"))
        world.gate = FakeGate(refund=[GateRejected("refused", code="3283", message="Too much")])

        with pytest.raises(GateRejected):
            request(world)

        failed = world.refund()
        assert (failed.status, failed.code, failed.message) == ("failed", "3283", "Too much")
        assert world.story()[-1] == ("workflow", "refund refused by Gate")
        assert (world.payment().status, world.payment().refundable) == ("succeeded", 10_000)
        assert world.reserve()["amount"] == 10_000

    def test_gate_that_gives_no_clear_answer_leaves_the_refund_sent(self) -> None:
        world = paid_world(refund("requested"))
        world.gate = FakeGate(refund=[GateUnavailable("reset")])

        with pytest.raises(GateUnavailable, match="reset"):
            request(world)

        assert (world.refund().status, world.refund().request_id) == ("sent", "")

    @pytest.mark.parametrize(("status", "end"), [("success", "succeeded"), ("decline", "declined")])
    def test_a_callback_faster_than_the_answer_of_gate_is_kept(self, status: str, end: str) -> None:
        world = paid_world(refund("requested"))
        fast = refund_callback(status, seconds=7201, request_id="refund-1-00000001")
        world.gate = FakeGate(refund=[lambda: world.receive(fast) and "refund-1"])

        request(world)

        assert (world.refund().status, world.refund().request_id) == (end, "refund-1-00000001")
        assert [each.refund_id for each in world.payment().refunds] == ["rf-1"]

    def test_a_refusal_after_a_callback_that_proves_otherwise_changes_nothing(self) -> None:
        world = paid_world(refund("requested"))

        def proven_then_refused() -> str:
            world.receive(refund_callback(seconds=7201))
            raise GateRejected("refused", code="3283")

        world.gate = FakeGate(refund=[proven_then_refused])

        with pytest.raises(GateRejected):
            request(world)

        assert record(world)["status"] == "succeeded"

    @pytest.mark.parametrize("status", ["succeeded", "declined", "failed"])
    def test_a_refund_that_has_ended_is_not_waited_for(self, status: str) -> None:
        world = paid_world(refund(status, task_token="token-1"))

        with pytest.raises(RefundSettled, match=f"Refund rf-1 is {status}"):
            request(world, token="token-2")

        assert (world.gate.calls, world.refund().task_token) == ([], "token-1")

    def test_a_refund_that_is_not_there_cannot_be_sent(self) -> None:
        with pytest.raises(RefundNotFound):
            request(paid_world())


class TestAskSupport:
    """State AskSupport."""

    def test_the_refund_waits_for_support_and_nothing_is_sent(self) -> None:
        world = paid_world(refund("requested", money=Money(4_000, "SGD")), order=enets_order())

        ask(world)

        asked = world.refund()
        assert (asked.status, asked.task_token, asked.sent_at) == ("awaiting_support", "token-1", at(7200))
        assert (world.gate.calls, world.story()[-1]) == ([], ("workflow", "refund left to ECommPay support"))

    def test_a_retry_only_changes_who_is_woken(self) -> None:
        world = paid_world(refund("requested", money=Money(4_000, "SGD")), order=enets_order())
        ask(world)

        ask(world, token="token-2")

        assert (world.refund().status, world.refund().task_token) == ("awaiting_support", "token-2")

    def test_a_refund_that_has_ended_is_not_waited_for(self) -> None:
        with pytest.raises(RefundSettled):
            ask(paid_world(refund("declined")))


class TestRecordRefund:
    """State RecordRefund."""

    @pytest.mark.parametrize("status", ["succeeded", "declined"])
    def test_a_settled_refund_is_the_output(self, status: str) -> None:
        world = paid_world(refund(status))
        before = world.payment()

        assert record(world) == {
            "refund_id": "rf-1",
            "payment_id": "order-1001",
            "status": status,
            "amount": 10_000,
            "currency": "KES",
        }
        assert world.payment() == before

    ENDS: dict[str, tuple[Refund, type[CheckoutError], str, str]] = {  # noqa: RUF012  # a table of this class, read only
        "refused with a code": (
            refund("failed", code="3283", message="Too much"),
            GateRejected,
            "The refund was refused (code 3283): Too much",
            "failed",
        ),
        "refused without a code": (
            refund("failed", message="No"),
            GateRejected,
            "The refund was refused: No",
            "failed",
        ),
        "never sent": (
            refund("requested"),
            GateRejected,
            "The refund was refused: The refund request never left; nothing was refunded. Start the refund again.",
            "failed",
        ),
        "sent": (refund("sent"), RefundUnresolved, "", "unknown"),
        "left to support": (refund("awaiting_support"), RefundUnresolved, "", "unknown"),
        "unknown before": (refund("unknown"), RefundUnresolved, "", "unknown"),
    }

    @pytest.mark.parametrize("name", ENDS)
    def test_a_refund_without_a_result_is_a_named_error(self, name: str) -> None:
        stored, error, sentence, status = self.ENDS[name]
        world = paid_world(stored)

        for _ in range(2):
            with pytest.raises(error) as ended:
                record(world)
            assert str(ended.value) == sentence or (
                "No callback came for refund rf-1 of payment order-1001" in str(ended.value)
                and "Dashboard" in str(ended.value)
            )
            assert world.refund().status == status

    def test_an_unresolved_refund_holds_the_payment_until_a_late_callback_settles_it(self) -> None:
        world = paid_world(refund("sent", request_id="refund-1"))
        with pytest.raises(RefundUnresolved):
            record(world)
        with pytest.raises(RefundInProgress):
            world.reserve(OTHER_EXECUTION)

        world.receive(refund_callback("decline", seconds=90_000, request_id="refund-1"))

        assert record(world)["status"] == "declined"
        assert world.reserve(OTHER_EXECUTION)["amount"] == 10_000

    def test_a_callback_that_comes_while_it_is_being_given_up_wins(self) -> None:
        world = paid_world(refund("sent", request_id="refund-1"))
        late = refund_callback(seconds=7300, request_id="refund-1")
        world.store.before_write.append(lambda: world.receive(late) and None)

        assert record(world)["status"] == "succeeded"


def test_a_redriven_execution_goes_on_without_a_second_request() -> None:
    world = paid_world()
    refund_id = world.reserve()["refund_id"]
    world.gate = FakeGate(refund=[GateUnavailable("answer lost")])
    with pytest.raises(GateUnavailable):
        request(world, refund_id)
    with pytest.raises(RefundUnresolved):
        record(world, refund_id)

    assert world.reserve()["refund_id"] == refund_id
    with pytest.raises(GateUnavailable):
        request(world, refund_id, "token-2")
    world.receive(refund_callback(seconds=9000))

    assert record(world, refund_id)["status"] == "succeeded"
    assert len(world.gate.calls_of("refund")) == 1


def test_a_support_refund_is_closed_by_the_callback_and_the_next_part_can_be_asked_for() -> None:
    world = paid_world(order=enets_order())
    for number, (amount, word) in enumerate([(4_000, "partially refunded"), (6_000, "refunded")]):
        refund_id = world.reserve(f"{EXECUTION}-{number}", amount=amount)["refund_id"]
        ask(world, refund_id, f"token-{number}")
        world.receive(
            refund_callback(
                payment=word, seconds=9000 + number, operation_id=391 + number, amount=amount, currency="SGD"
            )
        )
        assert record(world, refund_id)["amount"] == amount

    assert (world.payment().status, world.payment().refunded_amount) == ("refunded", 10_000)
