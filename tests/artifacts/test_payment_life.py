"""The main job from end to end once more, on what is deployed: the stories are those of the integration tests."""

from tests.integration.test_payment_life import *  # noqa: F403 -- pytest finds the stories here and gives them our system
