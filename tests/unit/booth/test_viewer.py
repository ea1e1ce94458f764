from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vcs.booth.viewer import Viewer

from .material import SIZES, media


def test_frames_keys_and_sizes_are_noted() -> None:
    viewer = Viewer()
    for layer, size in zip(media().layers, SIZES, strict=True):
        for number, frame in enumerate(layer.frames):
            for payload in frame.payloads:
                viewer.received(number * 6000, payload, number / 15)
        assert viewer.size == (size.width, size.height)
    frames = sum(len(layer.frames) for layer in media().layers)
    assert len(viewer.frames) == frames
    assert sum(frame.key for frame in viewer.frames) == sum(len(x.keys) for x in media().layers)
    assert viewer.packets > frames
    assert viewer.malformed == 0


@given(st.binary(max_size=40))
def test_anything_may_come(payload: bytes) -> None:
    viewer = Viewer()
    viewer.received(1, payload, 0.0)
    assert viewer.packets == 1
