from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vcs.media.level import FORGET_S, QUIETEST_SHOWN, loudness, read_level


def test_voice_and_level_share_a_byte() -> None:
    assert read_level(0x9E) == (True, 30)
    assert read_level(0x7F) == (False, 127)


@given(st.integers(0, 127) | st.none(), st.floats(0, 1), st.floats(0, 1))
def test_it_is_from_nothing_to_one_and_only_falls(
    level: int | None, early: float, late: float
) -> None:
    early, late = sorted((early, late))
    first, second = loudness(level, 0.0, early), loudness(level, 0.0, late)
    assert 0.0 <= second <= first <= 1.0
    if late > FORGET_S:
        assert second == 0.0


def test_loud_and_quiet() -> None:
    assert loudness(0, 1.0, 1.0) == 1.0
    assert loudness(QUIETEST_SHOWN, 1.0, 1.0) == 0.0
    assert loudness(127, 1.0, 1.0) == 0.0
    assert loudness(None, 1.0, 1.0) == 0.0
    assert loudness(20, 1.0, 1.0) > loudness(30, 1.0, 1.0) > 0
