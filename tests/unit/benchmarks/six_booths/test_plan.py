from __future__ import annotations

import random
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.six_booths.air import HOLD, Air
from benchmarks.six_booths.plan import dwell, moves


@given(st.integers(0, 1000), st.integers(1, 6), st.sets(st.integers(1, 6)))
def test_every_move_changes_something_and_an_announcement_ends_in_hold(
    seed: int, booths: int, favoured: set[int]
) -> None:
    before = HOLD
    for air in islice(moves(random.Random(seed), range(1, booths + 1), favoured), 60):
        assert air != before
        assert air.slot is None or 1 <= air.slot <= booths
        assert not (before.announcing and air != HOLD)
        before = air


def test_the_seed_is_the_order_and_all_kinds_of_moves_come() -> None:
    first = list(islice(moves(random.Random(7), range(1, 7)), 300))
    assert first == list(islice(moves(random.Random(7), range(1, 7)), 300))
    assert first != list(islice(moves(random.Random(8), range(1, 7)), 300))
    assert set(first) == {HOLD, Air(announcing=True), *(Air(slot) for slot in range(1, 7))}


def test_favoured_booths_come_more_often() -> None:
    talks = [air.slot for air in islice(moves(random.Random(1), range(1, 7), (1, 2)), 600)]
    assert sum(slot in (1, 2) for slot in talks) > 2 * sum(slot in (5, 6) for slot in talks)


@given(st.integers(0, 1000))
def test_the_stay(seed: int) -> None:
    dice = random.Random(seed)
    assert 0.24 <= dwell(dice, 0.2, 0.4, None, 500) <= 0.56
    assert 0.24 <= dwell(dice, 0.2, 0.4, 60, None) <= 0.56
    assert 1.2 <= dwell(dice, 0.2, 0.4, 60, 30) <= 2.8
    assert dwell(dice, 0.2, 0.4, 1, 500) == 0.2
