"""Redundant sound: whatever is written is read back, and only what belongs there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.media.packet import MalformedPacket
from vcs.media.red import MAX_BLOCK, MAX_OCTETS, RedundancyControl, RedundantFrames, split

OPUS = 111


def written(frames: RedundantFrames, timestamp: int, frame: bytes) -> list[tuple[int, int, bytes]]:
    buffer = bytearray(4000)
    size = frames.write(memoryview(buffer), 20, OPUS, timestamp, frame)
    assert not any(buffer[:20])
    assert not any(buffer[20 + size :])
    return split(bytes(buffer[20 : 20 + size]))


def test_a_packet_carries_the_frames_before_it() -> None:
    frames = RedundantFrames()
    frames.depth = 2
    assert written(frames, 0xFFFFFFFF, b"one") == [(OPUS, 0, b"one")]
    assert written(frames, 959, b"two") == [(OPUS, 960, b"one"), (OPUS, 0, b"two")]
    assert written(frames, 1919, b"") == [(OPUS, 1920, b"one"), (OPUS, 960, b"two"), (OPUS, 0, b"")]
    assert written(frames, 2879, b"4")[:2] == [(OPUS, 1920, b"two"), (OPUS, 960, b"")]
    frames.clear()
    assert written(frames, 3839, b"5") == [(OPUS, 0, b"5")]


def test_what_a_pause_lies_between_or_came_late_is_left_out() -> None:
    frames = RedundantFrames()
    frames.depth = 1
    written(frames, 10_000, b"before")
    assert written(frames, 40_000, b"after") == [(OPUS, 0, b"after")]
    assert written(frames, 39_040, b"late") == [(OPUS, 0, b"late")]
    assert written(frames, 40_960, b"next") == [(OPUS, 960, b"after"), (OPUS, 0, b"next")]


@given(st.lists(st.binary(max_size=1200), min_size=1, max_size=8), st.integers(1, 3))
def test_the_newest_is_whole_and_the_rest_has_a_limit(voice: list[bytes], depth: int) -> None:
    frames = RedundantFrames()
    frames.depth = depth
    for n, frame in enumerate(voice):
        blocks = written(frames, 960 * n, frame)
        assert blocks[-1] == (OPUS, 0, frame)
        assert len(blocks) <= 1 + depth
        assert sum(len(data) for _, _, data in blocks[:-1]) <= MAX_OCTETS
        for payload_type, age, data in blocks[:-1]:
            assert (payload_type, data) == (OPUS, voice[n - age // 960])
            assert len(data) < MAX_BLOCK


@given(st.binary(max_size=60))
def test_garbage_is_refused_or_read(payload: bytes) -> None:
    try:
        blocks = split(payload)
    except MalformedPacket:
        return
    assert sum(4 + len(data) for _, _, data in blocks) - 3 == len(payload)


def test_nothing_is_no_packet() -> None:
    with pytest.raises(MalformedPacket):
        split(b"")


def test_redundancy_comes_at_once_and_goes_step_by_step() -> None:
    control = RedundancyControl()
    assert control.update(0.0, 0) == 0
    assert control.update(0.01, 1) == 1
    assert control.update(0.3, 1.1) == 3
    assert control.update(0.0, 6.0) == 3
    assert [control.update(0.0, 11.2 + 10 * n) for n in range(4)] == [2, 1, 0, 0]
    assert control.update(0.05, 60) == 2
