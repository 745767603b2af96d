"""States RequestRefund and AskSupport: written down before it leaves, sent once, and never again."""

import pytest

from payments.domain.errors import (
    GateRejected,
    GateUnavailable,
    RefundNotFound,
    RefundSettled,
    StoreConflict,
    StoreUnavailable,
    UnknownProject,
)
from payments.domain.money import Money
from payments.domain.refund import Refund
from tests.support.fakes import FakeGate, FakeProjects, failing
from tests.unit.domain.told import KEY, at, enets_order, refund, refund_callback
from tests.unit.usecases.world import paid_world


def test_the_refund_is_stored_as_sent_with_its_token_before_gate_is_asked() -> None:
    world = paid_world(refund("requested"))
    stored: list[Refund] = []

    def look() -> str:
        stored.append(world.refund())
        return "refund-1"

    world.gate = FakeGate(refund=[look])

    world.request_refund()

    assert [(each.status, each.task_token, each.sent_at) for each in stored] == [("sent", "token-1", at(7200))]
    assert [call[0].key for call in world.gate.calls_of("refund")] == [KEY]
    assert (world.refund().status, world.refund().request_id) == ("sent", "refund-1")
    assert world.story()[-2:] == [
        ("workflow", "refund request leaves for Gate"),
        ("workflow", "refund request accepted by Gate"),
    ]


def test_nothing_is_sent_when_the_store_does_not_take_it() -> None:
    world = paid_world(refund("requested"))
    world.store.before_write.append(failing(StoreUnavailable("down")))

    with pytest.raises(StoreUnavailable):
        world.request_refund()

    assert (world.gate.calls, world.refund().status) == ([], "requested")


def test_a_write_whose_answer_was_lost_is_never_followed_by_the_request() -> None:
    world = paid_world(refund("requested"))
    world.store.after_write.append(failing(StoreUnavailable("no answer")))
    with pytest.raises(StoreUnavailable):
        world.request_refund()

    with pytest.raises(GateUnavailable):
        world.request_refund()

    assert (world.gate.calls, world.refund().status) == ([], "sent")


@pytest.mark.parametrize("status", ["sent", "unknown", "awaiting_support"])
def test_a_refund_that_may_have_been_sent_is_never_sent_again(status: str) -> None:
    world = paid_world(refund(status, task_token="token-1"))

    for token in ("token-2", "token-3"):
        with pytest.raises(GateUnavailable, match="was sent before; whether it arrived is to be checked"):
            world.request_refund(token=token)

    assert world.gate.calls == []
    assert (world.refund().status, world.refund().task_token) == (status, "token-3")


def test_a_conflict_before_it_is_sent_is_decided_anew_and_sent_once() -> None:
    world = paid_world(refund("requested"))
    world.store.before_write.extend([failing(StoreConflict("somebody else"))] * 2)

    world.request_refund()

    assert len(world.gate.calls) == 1


def test_of_two_at_once_one_sends() -> None:
    world = paid_world(refund("requested"))
    world.store.before_write.append(lambda: world.request_refund(token="token-2"))

    with pytest.raises(GateUnavailable):
        world.request_refund()

    assert len(world.gate.calls) == 1


def test_gate_that_refuses_for_certain_fails_the_refund_with_its_code_and_frees_the_payment() -> None:
    world = paid_world(refund("requested"))
    world.gate = FakeGate(refund=[GateRejected("refused", code="3283", message="Too much")])

    with pytest.raises(GateRejected):
        world.request_refund()

    failed = world.refund()
    assert (failed.status, failed.code, failed.message) == ("failed", "3283", "Too much")
    assert world.story()[-1] == ("workflow", "refund refused by Gate")
    assert (world.payment().status, world.payment().refundable) == ("succeeded", 10_000)
    assert world.reserve()["amount"] == 10_000


def test_a_refusal_that_proves_nothing_by_itself_is_kept_and_leaves_the_refund_to_be_checked() -> None:
    world = paid_world(refund("requested"))
    world.gate = FakeGate(refund=[GateUnavailable("refused", code="3060", message="Not in this state")])

    with pytest.raises(GateUnavailable, match="refused"):
        world.request_refund()

    kept = world.refund()
    assert (kept.status, kept.code, kept.message, kept.refused) == ("sent", "3060", "Not in this state", True)
    assert world.story()[-1] == ("workflow", "refund refused by Gate, to be confirmed")
    with pytest.raises(GateUnavailable, match="sent before"):
        world.request_refund(token="token-2")
    assert len(world.gate.calls) == 1


@pytest.mark.parametrize("status", ["success", "processing"])
def test_a_callback_faster_than_such_a_refusal_outweighs_it(status: str) -> None:
    world = paid_world(refund("requested"))

    def carried_out_then_refused() -> str:
        named = {"merchant_refund_id": "rf-1"}
        world.receive(refund_callback(status, seconds=7201, payment="success", payment_fields=named))
        raise GateUnavailable("refused", code="3060")

    world.gate = FakeGate(refund=[carried_out_then_refused])

    with pytest.raises(GateUnavailable):
        world.request_refund()

    assert (world.refund().operation_key, world.refund().refused) == ("391", False)


def test_gate_that_gives_no_clear_answer_leaves_the_refund_sent() -> None:
    world = paid_world(refund("requested"))
    world.gate = FakeGate(refund=[GateUnavailable("reset")])

    with pytest.raises(GateUnavailable, match="reset"):
        world.request_refund()

    assert (world.refund().status, world.refund().request_id) == ("sent", "")


@pytest.mark.parametrize(("status", "end"), [("success", "succeeded"), ("decline", "declined")])
def test_a_callback_faster_than_the_answer_of_gate_is_kept(status: str, end: str) -> None:
    world = paid_world(refund("requested"))
    fast = refund_callback(status, seconds=7201, request_id="refund-1-00000001")
    world.gate = FakeGate(refund=[world.hearing(fast, "refund-1")])

    world.request_refund()

    assert (world.refund().status, world.refund().request_id) == (end, "refund-1-00000001")
    assert [each.refund_id for each in world.payment().refunds] == ["rf-1"]


def test_a_callback_about_anothers_refund_that_was_taken_for_ours_is_given_back_when_gate_answers() -> None:
    world = paid_world(refund("requested"))
    another = refund_callback("decline", seconds=7201, request_id="dashboard-1")
    world.gate = FakeGate(refund=[world.hearing(another, "refund-1")])

    world.request_refund()

    assert (world.refund().status, world.refund().request_id, world.refund().operation_key) == ("sent", "refund-1", "")
    assert [(each.refund_id, each.status) for each in world.payment().refunds] == [
        ("rf-1", "sent"),
        ("ecommpay-391", "declined"),
    ]
    world.receive(refund_callback(seconds=7300, operation_id=392, request_id="refund-1-00000001"))
    assert world.refund().status == "succeeded"


def test_the_story_tells_of_a_doubt_also_where_it_is_the_answer_of_gate_that_casts_it() -> None:
    world = paid_world(refund("requested"))
    another = refund_callback(seconds=7201, request_id="dashboard-1")
    world.gate = FakeGate(refund=[world.hearing(another, "refund-1")])

    world.request_refund()

    assert world.payment().doubtful_refunds == {"rf-1"}
    assert world.story()[-2:] == [
        ("workflow", "refund request accepted by Gate"),
        ("workflow", "doubtful: which of these returns is refund rf-1"),
    ]


def test_a_refusal_after_a_callback_that_proves_otherwise_changes_nothing() -> None:
    world = paid_world(refund("requested"))

    def proven_then_refused() -> str:
        world.receive(refund_callback(seconds=7201))
        raise GateRejected("refused", code="3283")

    world.gate = FakeGate(refund=[proven_then_refused])

    with pytest.raises(GateRejected):
        world.request_refund()

    assert world.record_refund()["status"] == "succeeded"


@pytest.mark.parametrize("status", ["succeeded", "declined", "failed"])
def test_a_refund_that_has_ended_is_not_waited_for(status: str) -> None:
    world = paid_world(refund(status, task_token="token-1"))

    with pytest.raises(RefundSettled, match=f"Refund rf-1 is {status}"):
        world.request_refund(token="token-2")

    assert (world.gate.calls, world.refund().task_token) == ([], "token-1")


def test_a_refund_that_is_not_there_cannot_be_sent() -> None:
    with pytest.raises(RefundNotFound):
        paid_world().request_refund()


def test_the_refund_waits_for_support_and_nothing_is_sent() -> None:
    world = paid_world(refund("requested", money=Money(4_000, "SGD")), order=enets_order())

    world.ask_support()

    asked = world.refund()
    assert (asked.status, asked.task_token, asked.sent_at) == ("awaiting_support", "token-1", at(7200))
    assert (world.gate.calls, world.story()[-1]) == ([], ("workflow", "refund left to ECommPay support"))


def test_a_retry_only_changes_who_is_woken() -> None:
    world = paid_world(refund("requested", money=Money(4_000, "SGD")), order=enets_order())
    world.ask_support()

    world.ask_support(token="token-2")

    assert (world.refund().status, world.refund().task_token) == ("awaiting_support", "token-2")


def test_support_is_not_asked_for_a_refund_that_has_ended() -> None:
    with pytest.raises(RefundSettled):
        paid_world(refund("declined")).ask_support()


def test_a_refund_is_not_sent_when_the_money_went_back_after_it_was_reserved() -> None:
    world = paid_world(refund("requested"))
    world.receive(refund_callback())

    with pytest.raises(GateRejected, match="Nothing was sent: the money went, or goes, back another way"):
        world.request_refund()

    assert world.gate.calls == []
    assert [(each.refund_id, each.status) for each in world.payment().refunds] == [
        ("rf-1", "failed"),
        ("ecommpay-391", "succeeded"),
    ]


def test_support_is_not_asked_when_the_money_went_back_after_the_refund_was_reserved() -> None:
    world = paid_world(refund("requested", money=Money(10_000, "SGD")), order=enets_order())
    world.receive(refund_callback(currency="SGD"))

    with pytest.raises(GateRejected, match="Nothing was sent: the money went, or goes, back another way"):
        world.ask_support()

    assert world.refund().status == "failed"


def test_a_refund_is_not_sent_beside_one_that_the_provider_has_under_way() -> None:
    world = paid_world(refund("requested"))
    world.receive(refund_callback("processing", payment="success"))

    with pytest.raises(GateRejected, match="Nothing was sent: the money went, or goes, back another way"):
        world.request_refund()

    assert world.gate.calls == []


def test_a_refund_that_cannot_be_signed_is_not_written_down_as_sent() -> None:
    world = paid_world(refund("requested"))
    world.projects = FakeProjects({})

    with pytest.raises(UnknownProject):
        world.request_refund()

    assert (world.refund().status, world.gate.calls) == ("requested", [])


def test_a_refund_whose_end_is_unknown_is_closed_when_all_the_money_is_back_another_way() -> None:
    world = paid_world(refund("unknown", request_id="refund-1"))

    world.receive(refund_callback(request_id="dashboard-1"))

    assert world.payment().status == "refunded"
    assert [(each.refund_id, each.status) for each in world.payment().refunds] == [
        ("rf-1", "failed"),
        ("ecommpay-391", "succeeded"),
    ]
