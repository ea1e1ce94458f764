"""Which layers there are to give, and what they cost."""

from hypothesis import given
from hypothesis import strategies as st

from vcs.layers import (
    ALIVE_S,
    PACKET_OCTETS,
    PRESUMED_BITS_PER_S,
    RETURN_S,
    LayerHealth,
    LayerRate,
    priced,
    usable,
)
from vcs.media.allocation import L1T3

NOW = 1000.0


def layer(index: int, silent: float = 0.0, alive: float = 60.0) -> LayerHealth:
    return LayerHealth(index, NOW - silent, NOW - alive)


ALL = [layer(0), layer(1), layer(2)]


def test_all_that_arrive() -> None:
    assert usable(ALL, None, NOW) == [0, 1, 2]
    assert usable(ALL, 0, NOW) == [0, 1, 2]
    assert usable([], None, NOW) == []


def test_one_that_has_stopped_is_none_at_once() -> None:
    assert usable([layer(0), layer(1), layer(2, silent=0.8)], 2, NOW) == [0, 1]
    assert usable([layer(0, silent=0.8), layer(1), layer(2)], 0, NOW) == [1, 2]


def test_one_above_only_when_it_has_proved_itself() -> None:
    assert usable([layer(0), layer(1), layer(2, alive=1.0)], 1, NOW) == [0, 1]
    assert usable([layer(0), layer(1), layer(2, alive=RETURN_S)], 1, NOW) == [0, 1, 2]
    assert usable([layer(0), layer(1, alive=1.0)], None, NOW) == [0, 1]


def test_with_nothing_alive_the_choice_stays() -> None:
    silent = [layer(index, silent=5.0) for index in range(3)]
    assert usable(silent, 1, NOW) == [1]
    assert usable(silent, None, NOW) == [0]


layers = st.lists(st.tuples(st.floats(0, 3), st.floats(0, 10)), min_size=1, max_size=3).map(
    lambda ages: [layer(i, silent, alive) for i, (silent, alive) in enumerate(ages)]
)


@given(layers, st.none() | st.integers(0, 3))
def test_there_is_always_one_and_a_dead_one_never_beside_a_live_one(
    health: list[LayerHealth], current: int | None
) -> None:
    found = usable(health, current, NOW)
    alive = {h.place for h in health if NOW - h.last_arrival < ALIVE_S}
    assert found
    assert not alive or set(found) <= alive
    assert found == sorted(set(found))


def test_a_rate_is_of_the_last_two_seconds_and_of_whole_packets() -> None:
    rate = LayerRate()
    assert rate.bits_per_s is None
    for tick in range(9):
        rate.note(10 * tick, 10_000 * tick, NOW + tick / 4)
    assert rate.bits_per_s == (10_000 + 10 * PACKET_OCTETS) * 4 * 8
    for tick in range(9, 30):
        rate.note(80, 80_000, NOW + tick / 4)
    assert rate.bits_per_s == 0


def test_what_is_not_measured_yet_is_presumed() -> None:
    rate = LayerRate()
    rate.note(0, 0, NOW)
    rate.note(5, 5000, NOW + 0.25)
    assert priced(2, rate, 3).bits_per_s == PRESUMED_BITS_PER_S[2]
    assert priced(0, None, 3).temporal == L1T3
    assert priced(7, None, 1).temporal == (1.0,)
    assert priced(7, None, 1).bits_per_s == PRESUMED_BITS_PER_S[-1]
