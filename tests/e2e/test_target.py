"""Which installation the end-to-end tests may write to: none in production, none whose keys are not there yet."""

from collections.abc import Iterator

import pytest

from local.system import LocalSystem
from tests.e2e.conftest import tell_of
from tests.e2e.target import deployed_target
from tests.support.local_system import running_system


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """The local system, with no door in front: nothing here knocks."""
    with running_system(tmp_path_factory.mktemp("run")) as system:
        yield system


@pytest.mark.parametrize(("stage", "project_id"), [("dev", 2924), ("staging", 2924), ("prod", None)])
def test_a_payment_is_tried_on_every_stage_but_production(
    system: LocalSystem, stage: str, project_id: int | None
) -> None:
    tell_of(system, system.url, stack_name=f"ecommpay-{stage}", stage=stage)

    target = deployed_target(f"ecommpay-{stage}")

    assert (target.api_url, target.project_id) == (system.url, project_id)
    assert (target.secret_key is None) == (stage == "prod")


def test_no_payment_is_tried_before_the_keys_are_in_the_secret(system: LocalSystem) -> None:
    tell_of(system, system.url, stack_name="ecommpay-new", stage="dev")
    secret = system.template.secrets[0]
    system.connect("secretsmanager").put_secret_value(SecretId=secret, SecretString="{}")

    target = deployed_target("ecommpay-new")

    assert (target.project_id, target.secret_key) == (None, None)
