"""With REFUND_REFERENCE=send a refund carries our own id, so that its callbacks name it even where no answer came."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from local.ecommpay import GateSettings
from local.system import LocalSystem
from payments import wiring
from tests.support.local_system import running_system
from tests.support.merchant import TIMEOUT_S, Merchant

REFUND_PATH = "/v2/payment/card-partner/refund"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    with running_system(
        tmp_path_factory.mktemp("run"),
        gate=GateSettings(step_s=0.01, hang_s=0.1),
        refund_callback_timeout_s=3,
        status_poll_delay_s=1,
        refund_reference="send",
    ) as system:
        yield system


@pytest.fixture(scope="module")
def merchant(system: LocalSystem) -> Merchant:
    return Merchant(system)


@pytest.mark.parametrize(
    ("word", "status"), [("success", "succeeded"), ("decline", "declined"), ("error_after", "succeeded")]
)
def test_a_refund_is_known_by_our_own_id_whether_or_not_gates_answer_came(
    system: LocalSystem, merchant: Merchant, word: str, status: str
) -> None:
    payment_id = f"named-{word}".replace("_", "-")
    merchant.order(amount=10001, payment_id=payment_id)
    merchant.wait_for(payment_id, "succeeded")
    requests.post(f"{system.platform_url}/control/next", json={"refund": word}, timeout=TIMEOUT_S)

    end = merchant.refund(payment_id)

    assert end["output"]["status"] == status
    (request,) = merchant.gate_requests(REFUND_PATH, payment_id)
    assert request["body"]["payment"] == {"merchant_refund_id": end["output"]["refund_id"]}
    (payment,) = wiring.store().find(payment_id)
    assert [each.refund_id for each in payment.provider.returns] == [end["output"]["refund_id"]]
    assert [each.refund_id for each in payment.refunds] == [end["output"]["refund_id"]]


def test_every_payment_is_what_its_messages_say(system: LocalSystem) -> None:
    replayed = system.functions.invoke("ReplayFunction", {}).value()

    assert (replayed["checked"], replayed["differences"]) == (3, [])
