from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.booth.prepared import PictureFrame, PictureLayer


def layer(keys: list[bool]) -> PictureLayer:
    return PictureLayer("l", 64, 36, 15, tuple(PictureFrame((b"x",), key, 0) for key in keys))


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(0, 10_000))
def test_the_nearest_key_frame_is_a_key_frame_and_none_is_nearer(
    rest: list[bool], position: int
) -> None:
    loop = layer([True, *rest])
    count = len(loop.frames)

    def distance(key: int) -> int:
        return min((key - position) % count, (position - key) % count)

    chosen = loop.nearest_key(position)
    assert loop.frames[chosen].key
    assert distance(chosen) == min(distance(key) for key in loop.keys)


def test_a_loop_begins_with_a_key_frame() -> None:
    with pytest.raises(ValueError, match="key frame"):
        layer([False, True])
