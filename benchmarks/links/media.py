"""What the booths without a browser send: three sizes of one drawn visitor at 30 frames a second,
each with three temporal layers, as a Chromium booth with a good camera does. Encoded once, played
by all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

import av
import numpy as np

from benchmarks.six_booths.tones import TONES
from vcs.booth.encoding import LayerSize, encode_pictures, encode_sound
from vcs.booth.footage import drawn
from vcs.booth.prepared import SOUND_FRAME_S, PictureLayer, PreparedMedia
from vcs.booth.soundtrack import tone

FRAME_RATE: Final = 30
FRAMES: Final = 72
LAYERS: Final = (
    # At 30 frames a second half as much again.
    LayerSize("l", 320, 180, 100),
    LayerSize("m", 640, 360, 330),
    LayerSize("h", 1280, 720, 1000),
)
GRAIN: Final = 7.0
"""Spread of the noise that is laid over the drawn picture, in steps of brightness: without it the
encoder has nothing to spend a camera's bit rate on."""
PACKET_OVERHEAD: Final = 68
"""Octets of IPv4, UDP, RTP with its extensions, and the SRTP tag."""


def prepare(booths: int) -> dict[int, PreparedMedia]:
    """By booth: the same picture, and a tone of his own. Takes some seconds."""
    frames = islice(drawn(1, tone(TONES[1]), FRAME_RATE), FRAMES)
    pictures = encode_pictures(_grainy(frames), FRAME_RATE, LAYERS)
    return {
        number: PreparedMedia(encode_sound(tone(TONES[number])), pictures)
        for number in range(1, booths + 1)
    }


def demand_kbps(media: Mapping[int, PreparedMedia]) -> float:
    """What an officer gets on a link without limits: sound of one booth, the largest picture of
    that one and the smallest of the others, in IP octets."""
    first, *rest = media.values()
    return (
        sound_kbps(first)
        + layer_kbps(first.layers[-1])
        + sum(layer_kbps(each.layers[0]) for each in rest)
    )


def layer_kbps(layer: PictureLayer) -> float:
    sizes = [len(payload) for frame in layer.frames for payload in frame.payloads]
    return _kbps(sizes, len(layer.frames) / layer.frame_rate)


def sound_kbps(media: PreparedMedia) -> float:
    sizes = [len(frame.payload) for frame in media.sound]
    return _kbps(sizes, len(sizes) * SOUND_FRAME_S)


def _kbps(sizes: Sequence[int], seconds: float) -> float:
    return sum(size + PACKET_OVERHEAD for size in sizes) * 8 / seconds / 1000


def _grainy(frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """As a camera indoors sees it."""
    random = np.random.default_rng(1)
    for frame in frames:
        planes = frame.to_ndarray()
        bright = planes[: frame.height]
        noise = random.normal(0, GRAIN, bright.shape)
        bright[:] = np.clip(bright + noise, 16, 235).astype(np.uint8)
        yield av.VideoFrame.from_ndarray(planes, format="yuv420p")
