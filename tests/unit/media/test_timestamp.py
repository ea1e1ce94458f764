from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vcs.media.timestamp import MASK, SenderClock, TimestampMap, ahead, align

u32 = st.integers(0, MASK)
RATE, STEP = 48000, 960


@given(u32, st.integers(-(2**31), 2**31 - 1))
def test_ahead_is_signed(start: int, by: int) -> None:
    assert ahead((start + by) & MASK, start) == by


@given(
    first=u32,
    segments=st.lists(
        st.tuples(u32, st.floats(0, 100_000), u32 | st.none(), st.integers(1, 50)), min_size=1
    ),
)
def test_every_source_begins_after_the_last_and_keeps_its_constant(
    first: int, segments: list[tuple[int, float, int | None, int]]
) -> None:
    mapping = TimestampMap(RATE, STEP, first)
    now = 0.0
    begun = False
    for source, pause, offset, frames in segments:
        now += pause
        before = mapping.last
        mapping.begin(source, now, offset)
        for frame in range(frames):
            ours = mapping.map((source + STEP * frame) & MASK)
            if begun or frame:
                assert ahead(ours, before) > 0
            assert (ours - source) & MASK == (STEP * frame + (mapping.offset or 0)) & MASK
            mapping.sent(ours, now)
            before = ours
            now += 0.02
            begun = True


def test_a_pause_shows_as_a_pause() -> None:
    mapping = TimestampMap(RATE, STEP, 77)
    mapping.begin(1000, 5.0)
    assert mapping.map(1000) == 77
    mapping.sent(77, 5.0)
    kept = mapping.offset
    mapping.begin(1000 + 10 * RATE, 15.1, kept)
    assert mapping.map(1000 + 10 * RATE) == 77 + 10 * RATE


def test_another_source_goes_by_the_clock() -> None:
    mapping = TimestampMap(RATE, STEP, 0)
    mapping.begin(0, 5.0)
    mapping.sent(mapping.map(0), 5.0)
    mapping.begin(123456, 7.5)
    assert mapping.map(123456) == int(2.5 * RATE)


def test_a_constant_out_of_all_proportion_is_not_believed() -> None:
    mapping = TimestampMap(RATE, STEP, 0)
    mapping.begin(0, 5.0)
    mapping.sent(mapping.map(0), 5.0)
    mapping.begin(0, 6.0, 3600 * RATE)
    assert mapping.map(0) == RATE


def test_a_source_that_was_overtaken_goes_one_step_on() -> None:
    mapping = TimestampMap(RATE, STEP, 0)
    mapping.begin(0, 5.0)
    mapping.sent(mapping.map(0), 5.0)
    mapping.sent(4 * STEP, 5.06)
    mapping.begin(3 * STEP, 5.06, mapping.offset)
    assert mapping.map(3 * STEP) == 5 * STEP


def test_late_packets_do_not_turn_time_back() -> None:
    mapping = TimestampMap(RATE, STEP, 0)
    mapping.begin(0, 1.0)
    mapping.sent(mapping.map(0), 1.0)
    mapping.sent(mapping.map(1920), 1.04)
    mapping.sent(mapping.map(960), 1.05)
    assert mapping.last == 1920


@given(u32, u32, u32, st.floats(0, 4e9), st.floats(-10, 10), st.integers(0, 90_000 * 60))
def test_layers_show_the_same_moment_at_the_same_time(
    old_zero: int, new_zero: int, offset: int, ntp: float, apart: float, moment: int
) -> None:
    """Two layers of one camera, whose timestamps begin anywhere and whose reports came apart."""
    old = SenderClock(ntp, old_zero)
    new = SenderClock(ntp + apart, (new_zero + round(apart * 90_000)) & MASK)
    mapped = align(old, new, offset, 90_000)
    by_old = (old_zero + moment + offset) & MASK
    by_new = (new_zero + moment + mapped) & MASK
    # A double holds NTP seconds to half a microsecond: a twentieth of a tick.
    assert abs(ahead(by_old, by_new)) <= 1
