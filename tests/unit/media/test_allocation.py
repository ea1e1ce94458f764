from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.media.allocation import (
    ALL_FRAMES,
    FLAP_S,
    HOLD_S,
    MARGIN,
    SOUND_BITS_PER_S,
    STAYS,
    Allocation,
    Given,
    Paused,
    Picture,
    PictureLayer,
    allocate,
)

LAYERS = (PictureLayer(0, 160e3), PictureLayer(1, 500e3), PictureLayer(2, 1500e3))
SIX = [Picture(slot, LAYERS) for slot in (4, 2, 6, 1, 5, 3)]
"""In the order of need."""


def first(estimate: float, focus: int | None = 1, sounds: int = 1) -> Allocation:
    return allocate(estimate, SIX, focus, sounds, None, 0.0)


def moving(allocation: Allocation) -> list[int]:
    return [slot for slot, what in allocation.slots.items() if isinstance(what, Given)]


def settled(
    estimate: float, previous: Allocation | None, start: float, seconds: float, focus: int = 1
) -> Allocation:
    for step in range(int(seconds * 4) + 1):
        previous = allocate(estimate, SIX, focus, 1, previous, start + step / 4)
    assert previous is not None
    return previous


def test_150_kbit_is_sound_alone() -> None:
    result = first(150e3)
    assert set(result.slots.values()) == {Paused.NO_ROOM}
    assert result.bits_per_s == SOUND_BITS_PER_S
    assert result.wanted_bits_per_s > 2.3e6
    assert 200e3 < result.next_bits_per_s < 250e3


def test_300_kbit_is_the_focused_picture_and_what_is_left_for_the_most_needy() -> None:
    result = first(300e3)
    assert result.slots[1] == Given(0, ALL_FRAMES, 160e3)
    assert moving(result) == [4, 1]


def test_1_mbit_moves_the_focused_picture_and_all_thumbnails() -> None:
    result = first(1e6)
    assert result.slots[1] == Given(1, ALL_FRAMES, 500e3)
    assert sorted(moving(result)) == [1, 2, 3, 4, 5, 6]
    better = [slot for slot in (4, 2, 6, 5, 3) if result.slots[slot] != Given(0, 0, 64e3)]
    assert better == [4, 2, 6, 5][: len(better)], "more frames for those in need first"
    assert better


def test_3_mbit_is_everything() -> None:
    result = first(3e6)
    assert result.slots[1] == Given(2, ALL_FRAMES, 1500e3)
    others = {result.slots[slot] for slot in (2, 3, 4, 5, 6)}
    assert others == {Given(0, ALL_FRAMES, 160e3)}
    assert result.wanted_bits_per_s == result.next_bits_per_s == result.bits_per_s


def test_no_room_for_the_focused_picture_is_none_for_the_others() -> None:
    large = Picture(1, (PictureLayer(0, 900e3, (1.0,)),))
    pictures = [p for p in SIX if p.slot != 1] + [large]
    assert moving(allocate(700e3, pictures, 1, 1, None, 0.0)) == []
    assert len(moving(allocate(700e3, pictures, None, 1, None, 0.0))) == 5


def test_each_sound_comes_before_any_picture() -> None:
    assert moving(first(350e3, sounds=1))
    assert not moving(first(350e3, sounds=6))


def test_without_focus_all_are_thumbnails() -> None:
    result = first(5e6, focus=None)
    assert set(result.slots.values()) == {Given(0, ALL_FRAMES, 160e3)}


def test_a_booth_without_picture_is_no_matter_of_room() -> None:
    pictures = [Picture(1, ()), Picture(2, LAYERS)]
    result = allocate(1e6, pictures, 1, 0, None, 0.0)
    assert result.slots[1] is Paused.NO_PICTURE
    assert result.slots[2] == Given(0, ALL_FRAMES, 160e3)


def test_a_stream_without_temporal_layers_comes_whole_or_not() -> None:
    pictures = [Picture(1, (PictureLayer(0, 400e3, (1.0,)),))]
    assert allocate(300e3, pictures, 1, 1, None, 0.0).slots[1] is Paused.NO_ROOM
    assert allocate(460e3, pictures, 1, 1, None, 0.0).slots[1] == Given(0, ALL_FRAMES, 400e3)


def test_down_at_once() -> None:
    high = first(3e6)
    low = allocate(600e3, SIX, 1, 1, high, 0.25)
    assert low.bits_per_s <= 600e3
    assert isinstance(low.slots[1], Given)


def test_a_little_less_for_a_moment_changes_nothing() -> None:
    current = first(600e3)
    assert current.bits_per_s == 550e3
    assert allocate(550e3 / STAYS + 1, SIX, 1, 1, current, 1.0).slots == current.slots
    assert allocate(550e3 / STAYS - 1, SIX, 1, 1, current, 1.0).slots != current.slots
    assert first(550e3 - 1).slots != current.slots, "but nothing is begun so"


def test_up_after_a_hold_and_only_with_margin() -> None:
    low = first(600e3)
    needed = 50e3 + 1500e3 + 5 * 96e3
    assert settled(needed * 1.02, low, 1.0, 20).slots[1] != Given(2, ALL_FRAMES, 1500e3)
    soon = settled(needed * MARGIN * 1.01, low, 1.0, HOLD_S - 0.5)
    assert soon.slots == low.slots
    late = settled(needed * MARGIN * 1.01, low, 1.0, HOLD_S + 0.5)
    assert late.slots[1] == Given(2, ALL_FRAMES, 1500e3)


def test_a_moment_of_room_is_no_room() -> None:
    current = low = first(600e3)
    for step in range(100):
        estimate = 600e3 if step % 7 == 0 else 3e6
        current = allocate(estimate, SIX, 1, 1, current, step / 4)
        assert current.slots == low.slots


def test_an_estimate_that_breathes_has_room_as_well() -> None:
    """It falls with each key frame, and what is waited for would fit all the while."""
    current = low = first(600e3)
    needed = 50e3 + 1500e3 + 5 * 96e3
    for step in range(24):
        estimate = needed * (MARGIN * 1.01 if step % 4 else 1.01)
        current = allocate(estimate, SIX, 1, 1, current, step / 4)
    assert low.slots[1] != current.slots[1] == Given(2, ALL_FRAMES, 1500e3)


def test_the_focused_picture_is_not_away_longer_for_having_been_away() -> None:
    current, now = first(600e3), 0.0
    for _ in range(4):
        current = allocate(100e3, SIX, 1, 1, current, now)
        assert current.slots[1] is Paused.NO_ROOM
        current = settled(600e3, current, now, HOLD_S + 0.5)
        assert isinstance(current.slots[1], Given)
        now += HOLD_S + 1


def test_what_does_not_stand_waits_longer_each_time() -> None:
    current, raised = first(600e3), 0
    for step in range(240):
        large = current.slots[1] == Given(2, ALL_FRAMES, 1500e3)
        raised += large
        # It congests whenever it is tried.
        current = allocate(600e3 if large else 3e6, SIX, 1, 1, current, step / 4)
    assert 2 <= raised <= 60 / HOLD_S / 3


def test_nobody_begins_while_the_focused_picture_waits() -> None:
    silent = allocate(150e3, SIX[1:], 1, 1, None, 0.0)
    joined = allocate(3e6, SIX, 1, 1, silent, 0.25)
    assert not moving(joined)
    assert len(moving(settled(3e6, joined, 0.5, HOLD_S + 1))) == 6


def test_the_hold_is_short_again_when_things_have_stood() -> None:
    current = first(600e3)
    now = 0.0
    for _ in range(3):  # three failures
        while current.slots[1] != Given(2, ALL_FRAMES, 1500e3):
            now += 0.25
            current = allocate(3e6, SIX, 1, 1, current, now)
        now += 0.25
        current = allocate(600e3, SIX, 1, 1, current, now)
    longest = current.held[1].hold_s
    assert longest == 8 * HOLD_S
    current = settled(3e6, current, now, longest + FLAP_S + 1)
    current = allocate(600e3, SIX, 1, 1, current, now + longest + FLAP_S + 2)
    assert current.held[1].hold_s == longest / 2


def test_what_failed_on_a_thin_path_says_nothing_of_a_wide_one() -> None:
    current, now = first(250e3), 0.0
    for step in range(120):
        now = step / 4
        larger = current.slots[1] != first(250e3).slots[1]
        current = allocate(250e3 if larger else 600e3, SIX, 1, 1, current, now)
    assert current.held[1].hold_s > 2 * HOLD_S
    wide = settled(4e6, current, now, HOLD_S + 0.5)
    assert wide.slots == first(4e6).slots


def test_a_new_focus_does_not_wait() -> None:
    high = first(3e6)
    after = allocate(3e6, SIX, 4, 1, high, 0.25)
    assert after.slots[4] == Given(2, ALL_FRAMES, 1500e3)
    assert after.slots[1] == Given(0, ALL_FRAMES, 160e3)


def test_a_new_booth_does_not_wait() -> None:
    five = allocate(3e6, SIX[1:], 1, 1, None, 0.0)
    six = allocate(3e6, SIX, 1, 1, five, 0.25)
    assert six.slots[4] == Given(0, ALL_FRAMES, 160e3)


def test_a_layer_that_has_gone_is_left_at_once() -> None:
    high = first(3e6)
    thin = [p._replace(layers=p.layers[:2]) if p.slot == 1 else p for p in SIX]
    after = allocate(3e6, thin, 1, 1, high, 0.25)
    assert after.slots[1] == Given(1, ALL_FRAMES, 500e3)


def test_the_next_step_is_enough_for_one() -> None:
    for estimate in (150e3, 300e3, 700e3, 1.5e6):
        result = first(estimate)
        after = settled(result.next_bits_per_s * 1.001, result, 1.0, HOLD_S + 1)
        assert after.bits_per_s > result.bits_per_s


rates = st.floats(0, 5e6) | st.sampled_from([0.0, 1.0, 1e9])
some_pictures = st.lists(
    st.lists(st.tuples(rates, st.sampled_from([(1.0,), (0.4, 0.6, 1.0), (0.5, 1.0)])), max_size=3),
    max_size=6,
).map(
    lambda booths: [
        Picture(slot, tuple(PictureLayer(i, rate, shares) for i, (rate, shares) in enumerate(one)))
        for slot, one in enumerate(booths)
    ]
)


@given(
    st.lists(
        st.tuples(
            st.floats(0, 10e6) | st.just(float("nan")),
            some_pictures,
            st.none() | st.integers(0, 6),
            st.integers(0, 6),
            st.floats(0, 5),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_laws(
    turns: list[tuple[float, list[Picture], int | None, int, float]],
) -> None:
    previous, now = None, 0.0
    for estimate, pictures, focus, sounds, passed in turns:
        now += passed
        result = allocate(estimate, pictures, focus, sounds, previous, now)
        assert result.slots.keys() == {p.slot for p in pictures}
        sound = SOUND_BITS_PER_S * sounds
        given = sum(w.bits_per_s for w in result.slots.values() if isinstance(w, Given))
        assert result.bits_per_s == pytest.approx(sound + given)
        if given:
            assert result.bits_per_s <= estimate * STAYS * (1 + 1e-9)
        by_slot = {p.slot: p for p in pictures}
        if focus in by_slot and by_slot[focus].layers and moving(result):
            assert focus in moving(result), "never a thumbnail before the focused picture"
        for slot, what in result.slots.items():
            assert (what is Paused.NO_PICTURE) == (not by_slot[slot].layers)
            if isinstance(what, Given):
                assert what.layer < len(by_slot[slot].layers)
                assert what.layer == 0 or slot == focus
        assert result.wanted_bits_per_s >= result.bits_per_s * (1 - 1e-9)
        previous = result


def test_what_the_focused_picture_waits_for_is_the_others_meanwhile() -> None:
    """The estimate is just enough for more of the focused picture, and not for long: that room must
    not lie idle while it is not given."""
    layers = (PictureLayer(0, 135e3), PictureLayer(1, 385e3), PictureLayer(2, 1400e3))
    pictures = [Picture(slot, layers) for slot in (1, 2, 3)]
    allocation = None
    for step in range(80):
        estimate = 300e3 if step < 4 else 400e3 + 45e3 * (step % 3) / 2
        allocation = allocate(estimate, pictures, 1, 1, allocation, step / 4)
    assert allocation is not None
    assert allocation.slots[1] == Given(1, 1, 0.6 * 385e3)
    assert isinstance(allocation.slots[2], Given)
