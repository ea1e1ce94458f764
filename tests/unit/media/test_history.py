from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vcs.media.history import MAX_AGE_S, MAX_RESENDS, SIZE, History


@given(st.lists(st.integers(0, 3 * SIZE), unique=True), st.integers(0, 1 << 20))
def test_the_newest_are_there_and_true(numbers: list[int], start: int) -> None:
    history = History()
    for number in numbers:
        history.put(start + number, number, number & 1, b"%d" % number, 0.0)
    newest = max(numbers, default=0)
    for number in numbers:
        found = history.take((start + number) & 0xFFFF, 1.0)
        if found is not None or newest - number < SIZE:
            assert found == (number, number & 1, b"%d" % number)


def test_three_times_at_most_and_not_for_ever() -> None:
    history = History()
    history.put(5, 1, 0, b"x", 10.0)
    assert [history.take(5, 10.5) is not None for _ in range(5)] == [True] * MAX_RESENDS + [
        False,
        False,
    ]
    history.put(6, 1, 0, b"y", 10.0)
    assert history.take(6, 10.0 + MAX_AGE_S + 0.1) is None
    assert history.take(7, 10.0) is None


def test_nothing_is_left_after_clear() -> None:
    history = History()
    for number in range(2 * SIZE):
        history.put(number, 1, 0, b"x", 10.0)
    history.clear()
    assert all(history.take(number, 10.0) is None for number in range(2 * SIZE))
    history.put(9, 2, 128, b"new", 10.0)
    assert history.take(9, 10.0) == (2, 128, b"new")
