from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vcs.media.reception import MAX_MISSING, MISSING_S, Reception


def test_gaps_are_missing_until_they_arrive_or_age() -> None:
    reception = Reception(90_000)
    assert reception.highest == -1
    assert reception.repaired(5) == -1
    assert reception.arrived(65534, 0, 10, 0.0) == 65534
    assert reception.arrived(2, 0, 10, 0.1) == 65538
    assert reception.missing(0.1) == [65535, 0, 1]
    assert reception.repaired(65535) == 65535
    assert reception.repaired(65535) == -1
    assert reception.arrived(0, 0, 10, 0.2) == 65536
    assert reception.arrived(0, 0, 10, 0.2) == -1
    assert reception.missing(0.2) == [1]
    assert reception.missing(0.1 + MISSING_S + 0.1) == []
    assert reception.arrived(1, 0, 10, 1.5) == -1
    assert (reception.base, reception.highest, reception.packets) == (65534, 65538, 5)
    assert reception.octets == 50


def test_a_packet_from_before_the_first_is_not_awaited() -> None:
    reception = Reception(90_000)
    reception.arrived(0, 0, 1, 0.0)
    assert reception.arrived(65535, 0, 1, 0.0) == -1


@given(st.lists(st.integers(0, 65535), max_size=200), st.integers(0, 3))
def test_each_number_comes_out_once_and_the_list_is_bounded(numbers: list[int], step: int) -> None:
    reception = Reception(90_000)
    seen: set[int] = set()
    now = 0.0
    for index, number in enumerate(numbers):
        now += step / 10
        came = (
            reception.repaired(number) if index % 3 == 2 else reception.arrived(number, 0, 1, now)
        )
        if came >= 0:
            assert came not in seen
            assert came % 65536 == number
            seen.add(came)
        missing = reception.missing(now)
        assert len(missing) <= MAX_MISSING
        assert len(set(missing)) == len(missing)


@given(st.permutations(range(100)), st.sets(st.integers(0, 99)))
def test_missing_is_what_did_not_come(order: list[int], lost: set[int]) -> None:
    reception = Reception(90_000)
    reception.arrived(65500, 0, 1, 0.0)
    arrived = {n for n in order if n not in lost}
    for n in order:
        if n in arrived:
            assert reception.arrived((65501 + n) & 0xFFFF, 0, 1, 0.1) == 65501 + n
    newest = max(arrived, default=-1)
    expected = [(65501 + n) & 0xFFFF for n in range(newest) if n in lost]
    assert sorted(reception.missing(0.2)) == sorted(expected)


def test_jitter_as_the_appendix_computes_it() -> None:
    steady = Reception(48_000)
    for n in range(100):
        steady.arrived(n, 960 * n, 1, 0.02 * n)
    assert steady.jitter < 0.001
    shaky = Reception(48_000)
    for n in range(400):
        shaky.arrived(n, (2**32 - 9600 + 960 * n) % 2**32, 1, 0.02 * n + 0.005 * (n % 2))
    # Every transit differs from the one before by 5 ms.
    assert abs(shaky.jitter - 240) < 1
