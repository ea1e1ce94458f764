from __future__ import annotations

import av
import numpy as np
import pytest

from vcs.booth.encoding import (
    SOUND_BITS_PER_S,
    LayerSize,
    encode_pictures,
    encode_sound,
    group_size,
)
from vcs.booth.packetise import DESCRIPTOR_SIZE
from vcs.booth.prepared import PictureFrame, PictureLayer
from vcs.booth.soundtrack import tone

from .material import FRAME_RATE, SIZES, media, noise_frames


def decoded(frames: list[PictureFrame]) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create("vp8", "r")
    pictures: list[av.VideoFrame] = []
    for frame in frames:
        data = b"".join(payload[DESCRIPTOR_SIZE:] for payload in frame.payloads)
        pictures.extend(decoder.decode(av.Packet(data)))
    return pictures


def test_every_layer_decodes_in_its_size_with_key_frames_where_groups_begin() -> None:
    for layer, size in zip(media().layers, SIZES, strict=True):
        pictures = decoded(list(layer.frames))
        assert len(pictures) == len(layer.frames)
        assert {(picture.width, picture.height) for picture in pictures} == {
            (size.width, size.height)
        }
        assert layer.keys == tuple(range(0, len(layer.frames), group_size(FRAME_RATE)))
        assert len(layer.frames) % group_size(FRAME_RATE) == 0


@pytest.mark.parametrize("highest", [0, 1])
def test_leaving_out_temporal_layers_changes_nothing_in_what_remains(highest: int) -> None:
    layer: PictureLayer = media().layers[1]
    whole = decoded(list(layer.frames))
    kept = [index for index, f in enumerate(layer.frames) if f.temporal_layer <= highest]
    thinned = decoded([layer.frames[index] for index in kept])
    assert len(thinned) == len(kept) < len(whole)
    for index, picture in zip(kept, thinned, strict=True):
        assert np.array_equal(picture.to_ndarray(), whole[index].to_ndarray())


def test_a_frame_with_layer_sync_needs_the_lowest_layer_alone_and_others_more() -> None:
    """What receivers go by: browsers show nothing of a higher layer before such a frame of it."""
    layer: PictureLayer = media().layers[1]
    whole = decoded(list(layer.frames))
    told = {True: 0, False: 0}
    for index, frame in enumerate(layer.frames[: group_size(FRAME_RATE)]):
        if frame.temporal_layer == 0:
            continue
        sync = bool(frame.payloads[0][DESCRIPTOR_SIZE - 1] & 0x20)
        told[sync] += 1
        lowest = [f for f in layer.frames[:index] if f.temporal_layer == 0]
        alone = decoded([*lowest, frame])[-1]
        assert np.array_equal(alone.to_ndarray(), whole[index].to_ndarray()) == sync
    assert told[True] > told[False] > 0


def test_a_picture_of_another_shape_is_shown_whole() -> None:
    tall = noise_frames(1, width=40, height=80)
    (layer,) = encode_pictures(tall, FRAME_RATE, [LayerSize("h", 160, 90, 300)])
    assert len(layer.frames) == group_size(FRAME_RATE)
    luma = decoded([layer.frames[0]])[0].to_ndarray()[:90]
    assert luma[:, :40].mean() < 30
    assert luma[:, -40:].mean() < 30
    assert luma[:, 62:98].mean() > 80


def test_no_picture_is_an_error() -> None:
    with pytest.raises(ValueError, match="no frame"):
        encode_pictures([], FRAME_RATE, SIZES)


def test_sound_is_one_packet_for_each_20_ms_at_the_rate_asked_for() -> None:
    frames = encode_sound(tone(500))
    assert len(frames) == 50
    assert {frame.level for frame in frames} == {23}  # -20 dBFS peak is -23 dBov RMS
    assert sum(len(frame.payload) for frame in frames) * 8 < 1.5 * SOUND_BITS_PER_S
    assert all(frame.payload[0] & 3 == 0 for frame in frames), "one Opus frame in each packet"
