from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.media.history import (
    FIRST_SIZE,
    KEPT_S,
    LAST_SIZE,
    MAX_RESENDS,
    RESENDS_AT_ONCE,
    RESENDS_PER_S,
    History,
)


@given(
    st.lists(st.integers(0, 3 * FIRST_SIZE), unique=True),
    st.integers(0, 1 << 20),
    st.floats(0.0, 0.1),
)
def test_what_is_younger_than_a_second_is_there_and_true(
    numbers: list[int], start: int, apart: float
) -> None:
    """At any rate: the ring grows with it."""
    history = History()
    sent: dict[int, float] = {}
    for place, number in enumerate(numbers):
        history.put(start + number, number, number & 1, b"%d" % number, place * apart)
        sent[number] = place * apart
    now = len(numbers) * apart
    late = {n for place, n in enumerate(numbers) if any(n < other for other in numbers[:place])}
    for number, at in list(sent.items())[-int(RESENDS_AT_ONCE) :]:
        found = history.take((start + number) & 0xFFFF, now)
        if found is not None:
            assert found == (number, number & 1, b"%d" % number)
        elif number not in late:
            assert now - at > KEPT_S


def test_it_grows_with_the_rate_up_to_a_limit() -> None:
    slow, fast, absurd = History(), History(), History()
    for number in range(5_000):
        slow.put(number, 0, 0, b"x", number / 40)
        fast.put(number, 0, 0, b"x", number / 400)
        absurd.put(number, 0, 0, b"x", number / 1_000_000)
    assert (len(slow), len(fast), len(absurd)) == (FIRST_SIZE, 512, LAST_SIZE)


def test_some_times_at_most_and_not_for_ever() -> None:
    history = History()
    history.put(5, 1, 0, b"x", 10.0)
    taken = [history.take(5, 10.5) is not None for _ in range(MAX_RESENDS + 2)]
    assert taken == [True] * MAX_RESENDS + [False, False]
    history.put(6, 1, 0, b"y", 10.0)
    assert history.take(6, 10.0 + KEPT_S + 0.1) is None
    assert history.take(7, 10.0) is None


def test_a_flood_of_requests_has_a_budget() -> None:
    history = History()
    for number in range(600):
        history.put(number, 0, 0, b"x", 10.0)
    given_at_once = sum(history.take(number, 10.5) is not None for number in range(600))
    assert given_at_once == RESENDS_AT_ONCE
    later = sum(history.take(number, 10.6) is not None for number in range(600))
    assert later == pytest.approx(RESENDS_PER_S / 10, abs=1)


def test_nothing_is_left_after_clear() -> None:
    history = History()
    for number in range(2 * FIRST_SIZE):
        history.put(number, 1, 0, b"x", 10.0)
    history.clear()
    assert all(history.take(number, 10.0) is None for number in range(2 * FIRST_SIZE))
    history.put(9, 2, 128, b"new", 10.0)
    assert history.take(9, 10.0) == (2, 128, b"new")
