from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vcs.media.loss import MAX_TRIES, MIN_RETRY_S, REQUESTS_PER_S, NackScheduler


def test_at_once_then_after_a_round_trip_and_not_for_ever() -> None:
    scheduler = NackScheduler()
    asked = [at / 100 for at in range(200) if scheduler.due([7], at / 100, 0.1)]
    assert len(asked) == MAX_TRIES
    assert asked[0] == 0.0
    assert all(0.09 < b - a < 0.12 for a, b in pairwise(asked))


def test_a_short_round_trip_does_not_hurry_it() -> None:
    scheduler = NackScheduler()
    assert scheduler.due([7], 0.0, 0.001) == [7]
    assert scheduler.due([7], MIN_RETRY_S / 2, 0.001) == []
    assert scheduler.due([7], MIN_RETRY_S, 0.001) == [7]


def test_what_arrived_is_forgotten() -> None:
    scheduler = NackScheduler()
    for at in range(MAX_TRIES):
        scheduler.due([7], float(at), 0.1)
    assert scheduler.due([7], 9.0, 0.1) == []
    scheduler.due([], 10.0, 0.1)
    assert scheduler.due([7], 11.0, 0.1) == [7], "the same number, a turn later"


@given(
    st.lists(
        st.tuples(st.floats(0, 0.2), st.lists(st.integers(0, 65535), unique=True, max_size=300)),
        max_size=30,
    )
)
def test_the_budget_holds(steps: list[tuple[float, list[int]]]) -> None:
    scheduler = NackScheduler()
    now = 0.0
    asked = 0
    for passed, missing in steps:
        now += passed
        due = scheduler.due(missing, now, 0.05)
        assert set(due) <= set(missing)
        asked += len(due)
        assert asked <= REQUESTS_PER_S * (now + 0.2) + 1
