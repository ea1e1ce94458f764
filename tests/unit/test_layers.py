"""Which layer a receiver gets."""

from hypothesis import given
from hypothesis import strategies as st

from vcs.layers import ALIVE_S, RETURN_S, LayerHealth, choose

NOW = 1000.0


def layer(index: int, silent: float = 0.0, alive: float = 60.0) -> LayerHealth:
    return LayerHealth(index, NOW - silent, NOW - alive)


ALL = [layer(0), layer(1), layer(2)]


def test_large_for_the_focus_small_for_the_rest() -> None:
    assert choose(ALL, None, True, NOW) == 2
    assert choose(ALL, None, False, NOW) == 0
    assert choose(ALL, 0, True, NOW) == 2
    assert choose(ALL, 2, False, NOW) == 0
    assert choose([], None, True, NOW) is None


def test_down_at_once_when_the_layer_has_stopped() -> None:
    assert choose([layer(0), layer(1), layer(2, silent=0.8)], 2, True, NOW) == 1
    assert choose([layer(0, silent=0.8), layer(1), layer(2)], 0, False, NOW) == 1


def test_up_only_when_the_layer_has_proved_itself() -> None:
    assert choose([layer(0), layer(1), layer(2, alive=1.0)], 1, True, NOW) == 1
    assert choose([layer(0), layer(1), layer(2, alive=RETURN_S)], 1, True, NOW) == 2


def test_with_nothing_alive_the_choice_stays() -> None:
    silent = [layer(index, silent=5.0) for index in range(3)]
    assert choose(silent, 1, True, NOW) == 1
    assert choose(silent, None, True, NOW) == 2


layers = st.lists(st.tuples(st.floats(0, 3), st.floats(0, 10)), min_size=1, max_size=3).map(
    lambda ages: [layer(i, silent, alive) for i, (silent, alive) in enumerate(ages)]
)


@given(layers, st.none() | st.integers(0, 3), st.booleans())
def test_a_dead_layer_is_never_chosen_over_a_live_one(
    health: list[LayerHealth], current: int | None, large: bool
) -> None:
    chosen = choose(health, current, large, NOW)
    alive = {h.index for h in health if NOW - h.last_arrival < ALIVE_S}
    assert chosen is not None
    if alive:
        assert chosen in alive
