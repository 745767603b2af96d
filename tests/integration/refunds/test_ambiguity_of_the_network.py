"""Whatever becomes of request or answer on the way, a refund is paid once or not at all, and told right: QUALITY T14.

The other part of the matrix is in `test_ambiguity_of_the_answer.py`, so that two processes can play it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.integration.refunds.cells import (
    IN_THE_ANSWER,
    ON_THE_WAY,
    REFUSED,
    Cell,
    after_a_late_callback,
    cells_of,
    unresolved,
    when_it_ends,
)
from tests.integration.refunds.matrix import Played, playing_matrix
from tests.integration.refunds.network import TROUBLES
from tests.support.measures import FIGURE

CELLS = cells_of(ON_THE_WAY)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with playing_matrix(CELLS, tmp_path_factory.mktemp("run")) as played:
        yield played


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_a_refund_is_paid_once_or_not_at_all_and_told_right(played: Played, cell: Cell) -> None:
    assert played.ended[cell] == when_it_ends(cell)
    assert played.died(cell) == ({"ReserveRefundFunction", "RecordRefundFunction"} if cell.is_deadly else set())
    assert (cell.payment_id, "after", "refund") not in played.stage.happenings


@pytest.mark.parametrize("cell", unresolved(CELLS), ids=lambda cell: cell.name)
def test_what_nobody_knew_is_still_settled_by_a_late_callback(played: Played, cell: Cell) -> None:
    assert played.settled[cell] == after_a_late_callback(cell)


def test_both_parts_are_the_whole_matrix() -> None:
    cells = [*CELLS, *cells_of(IN_THE_ANSWER)]

    assert {cell.network for cell in cells} == {*TROUBLES, *REFUSED}
    assert len({cell.name for cell in cells}) == 9 * 3 * 4


def test_the_alarm_s_metric_is_logged_once_for_each_refund_that_nobody_knows_the_end_of(
    played: Played, record_property: Callable[[str, object], None]
) -> None:
    assert played.stage.counted("RefundUnresolved") == len(unresolved(CELLS))
    record_property(
        FIGURE,
        f"refunds: {len(CELLS)} cells of the ambiguity matrix in {played.seconds:.0f} s, where the network failed",
    )
