from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.booth.packetise import DESCRIPTOR_SIZE, MAX_PAYLOAD, PICTURE_AT, TL0_AT, vp8_payloads
from vcs.media.vp8 import read_descriptor


@given(st.binary(min_size=1, max_size=9_000), st.sampled_from([0, 1, 2]), st.booleans())
def test_frames_are_cut_and_come_together_again(
    frame: bytes, temporal_layer: int, layer_sync: bool
) -> None:
    payloads = vp8_payloads(frame, temporal_layer, layer_sync)
    assert b"".join(payload[DESCRIPTOR_SIZE:] for payload in payloads) == frame
    for index, payload in enumerate(payloads):
        assert len(payload) <= MAX_PAYLOAD
        starts, key, at, _, bits, tl0_at, _, tid, sync = read_descriptor(payload, 0, len(payload))
        assert starts == (index == 0)
        assert key == (index == 0 and frame[0] & 1 == 0)
        assert (at, bits, tl0_at) == (PICTURE_AT, 15, TL0_AT)
        assert (tid, sync) == (temporal_layer, layer_sync)


def test_an_empty_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one byte"):
        vp8_payloads(b"", 0, False)
