"""Ten thousand guessed tokens: none opens anything, none reaches the store, and each is the same work and answer."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from payments.domain import checkout_token
from payments.domain.checkout_token import mint
from payments.domain.errors import PageNotFound
from payments.domain.payment import PaymentKey
from payments.usecases.clarify_payment import clarify_payment
from payments.usecases.open_page import Visit
from payments.usecases.show_checkout import show_checkout, tell_state
from tests.support.fakes import FakeStore
from tests.unit.domain.told import KEY, at
from tests.unit.usecases.world import SECRET, World

GUESSES = 10_000
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class SealedStore(FakeStore):
    def read(self, key: PaymentKey) -> Any:
        raise AssertionError(f"the store was asked for {key}")


def sealed_visit(token: str) -> Visit:
    return World(store=SealedStore()).visit(token)


def guesses() -> Iterator[str]:
    """Tokens as somebody would try them who knows how they are made, but for the key."""
    chance = random.Random(1001)  # the same guesses every time
    genuine = mint(KEY, secret_key=SECRET, expires_at=at(3600))
    claim, _, mac = genuine.partition(".")
    for number in range(GUESSES + 1000):  # some are the same
        some = "".join(chance.choices(ALPHABET, k=32))
        match number % 5:
            case 0:
                yield f"{claim}.{some}"
            case 1:
                other = PaymentKey(chance.choice([198, 2924, 7]), f"order-{number}")
                yield mint(other, secret_key=some, expires_at=at(3600))
            case 2:
                yield f"{mint(PaymentKey(2924, f'order-{number}'), secret_key='', expires_at=at(9)).partition('.')[0]}.{mac}"
            case 3:
                place = chance.randrange(len(genuine))
                others = f"{ALPHABET}.=%/".replace(genuine[place], "")
                yield genuine[:place] + chance.choice(others) + genuine[place + 1 :]
            case _:
                yield "".join(chance.choices(ALPHABET + ".%\x00é", k=chance.randrange(700)))


def test_no_guess_opens_a_page_or_reaches_the_store() -> None:
    tried = set(guesses())
    assert len(tried) >= GUESSES

    answers = set()
    for token in tried:
        with pytest.raises(PageNotFound) as refused:
            tell_state(sealed_visit(token))
        answers.add(repr(refused.value))
    assert answers == {"PageNotFound()"}


def test_every_route_refuses_a_guess_before_it_does_anything() -> None:
    world = World(store=SealedStore())
    for token in list(guesses())[:500]:
        visit = world.visit(token, returned=True)
        for route in (show_checkout, tell_state):
            with pytest.raises(PageNotFound):
                route(visit)
        with pytest.raises(PageNotFound):
            clarify_payment(visit, world.gate, {"customer.email": "a@b.ke"}, world.clock)
    assert world.gate.calls == []


@pytest.mark.parametrize(("project_id", "secret"), [(2924, "guessed"), (7, "guessed"), (7, "")])
def test_a_guess_is_the_same_work_whether_the_project_is_ours_or_not(
    monkeypatch: pytest.MonkeyPatch, project_id: int, secret: str
) -> None:
    token = mint(PaymentKey(project_id, "order-1"), secret_key=secret, expires_at=at(3600))
    keys: list[str] = []
    make = checkout_token._mac

    def counted(claim: bytes, key: str) -> bytes:
        keys.append(key)
        return make(claim, key)

    monkeypatch.setattr(checkout_token, "_mac", counted)

    with pytest.raises(PageNotFound):
        tell_state(sealed_visit(token))
    assert len(keys) == 1
