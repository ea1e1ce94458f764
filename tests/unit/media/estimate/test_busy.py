from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.media.estimate.busy import SHORTEST_US, WINDOW_US, BusyRate

BASE_US = 40_000


def through(
    busy: BusyRate, sizes: list[int], bits_per_s: float, sent_us: int, free_us: int = 0
) -> int:
    """Packets that leave together pass a link of this rate; when it is free again."""
    at, arrivals = max(sent_us, free_us), []
    for size in sizes:
        at += int(size * 8e6 / bits_per_s)
        arrivals.append(at + BASE_US)
    count = len(sizes)
    busy.arrived(np.full(count, sent_us), np.array(arrivals), np.array(sizes))
    return at


def test_a_burst_shows_the_rate_of_the_link() -> None:
    busy = BusyRate()
    through(busy, [1200] * 12, 500e3, 0)
    assert busy.bits_per_s == pytest.approx(500e3, rel=0.01)
    assert not busy.lasting


def test_packets_that_find_the_link_empty_say_nothing() -> None:
    """Even where each takes long: nothing was in front of it."""
    busy = BusyRate()
    for place in range(100):
        through(busy, [1200], 500e3, place * 33_000)
    assert busy.bits_per_s is None


def test_too_short_a_burst_says_nothing() -> None:
    busy = BusyRate()
    through(busy, [1200] * 3, 1e6, 0)
    assert busy.bits_per_s is None


def test_a_full_link_is_told_from_a_burst() -> None:
    busy = BusyRate()
    free_us = 0
    for place in range(30):
        free_us = through(busy, [1200] * 2, 500e3, place * 33_000, free_us)
    assert busy.lasting
    assert busy.bits_per_s == pytest.approx(500e3, rel=0.02)


def test_what_is_past_is_forgotten() -> None:
    busy = BusyRate()
    free_us = through(busy, [1200] * 12, 500e3, 0)
    through(busy, [1200] * 12, 200e3, free_us + WINDOW_US)
    assert busy.bits_per_s == pytest.approx(200e3, rel=0.05)
    through(busy, [100], 200e3, free_us + 3 * WINDOW_US)
    assert busy.bits_per_s is None


def test_a_link_that_stood_still_was_not_slow() -> None:
    busy = BusyRate()
    arrival_us = np.array([BASE_US, BASE_US + 900_000, BASE_US + 900_100])
    busy.arrived(np.array([0, 10, 20]), arrival_us, np.full(3, 1200))
    assert busy.bits_per_s is None


def test_a_link_that_has_just_become_thin_is_known_at_once() -> None:
    busy = BusyRate()
    free_us = 0
    for place in range(20):
        free_us = through(busy, [1200] * 2, 3e6, place * 10_000, free_us)
    begun = 200_000
    free_us = begun
    for place in range(8):
        free_us = through(busy, [1200] * 2, 500e3, begun + place * 10_000, free_us)
    assert busy.lately_bits_per_s == pytest.approx(500e3, rel=0.05)


@given(
    st.lists(
        st.tuples(st.integers(-(2**50), 2**50), st.integers(-(2**50), 2**50), st.integers(1, 1500)),
        max_size=50,
    )
)
def test_whatever_clocks_say_it_is_a_rate_or_nothing(
    packets: list[tuple[int, int, int]],
) -> None:
    busy = BusyRate()
    for at in range(0, len(packets), 7):
        part = np.array(packets[at : at + 7], np.int64)
        busy.arrived(part[:, 0], part[:, 1], part[:, 2])
        rate = busy.bits_per_s
        assert rate is None or 0 < rate < 50 * 1500 * 8e6 / SHORTEST_US
