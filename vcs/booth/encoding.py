"""Encodes a loop once: sound with Opus, pictures with VP8 in several sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from vcs.booth.packetise import vp8_payloads
from vcs.booth.prepared import (
    SOUND_RATE,
    SOUND_STEP,
    PictureFrame,
    PictureLayer,
    SoundFrame,
)
from vcs.booth.soundtrack import Samples, level

SOUND_BITS_PER_S: Final = 32_000
WARM_UP: Final = 10
"""Frames after which an Opus encoder has forgotten how it began."""

GROUP_S: Final = 0.8
"""A key frame so often: whoever is switched to this picture waits for the next frame only, and a
lost packet is mended soon."""

TEMPORAL_LAYERS: Final = (0, 2, 1, 2)
LAYER_SYNC: Final = (False, True, True, False)
"""Which of these frames need the lowest layer alone: the last one builds on the middle layer."""
_TEMPORAL: Final = (
    "ts_number_layers=3:ts_target_bitrate={},{},{}:ts_rate_decimator=4,2,1"
    ":ts_periodicity=4:ts_layer_id=0,2,1,2:ts_layering_mode=3"
)


class CodecMissing(RuntimeError):
    """FFmpeg, as PyAV brings it, was built without an encoder that is needed."""


@dataclass(frozen=True, slots=True)
class LayerSize:
    """A simulcast layer to make; `kbits_per_s` at 15 frames a second."""

    rid: str
    width: int
    height: int
    kbits_per_s: int


LAYERS: Final = (
    LayerSize("l", 320, 180, 120),
    LayerSize("m", 640, 360, 350),
    LayerSize("h", 1280, 720, 900),
)


def group_size(frame_rate: int) -> int:
    """Frames from one key frame to the next: whole turns of the pattern of temporal layers."""
    turn = len(TEMPORAL_LAYERS)
    return max(turn, round(frame_rate * GROUP_S / turn) * turn)


def encode_sound(samples: Samples) -> tuple[SoundFrame, ...]:
    """Opus packets of 20 ms each for a loop, which must be whole frames long.

    The last WARM_UP frames are encoded before the first one too: the loop's beginning fits its end.
    """
    encoder = _encoder("libopus")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate = SOUND_RATE
    encoder.layout = "mono"
    encoder.format = "s16"
    encoder.bit_rate = SOUND_BITS_PER_S
    encoder.options = {"application": "audio", "frame_duration": "20", "compression_level": "5"}
    frames = samples.reshape(-1, SOUND_STEP)
    payloads: list[bytes] = []
    for index in range(WARM_UP + len(frames)):
        piece = np.ascontiguousarray(frames[(index - WARM_UP) % len(frames)]).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
        frame.sample_rate = SOUND_RATE
        frame.time_base = Fraction(1, SOUND_RATE)
        frame.pts = index * SOUND_STEP
        payloads.extend(bytes(packet) for packet in encoder.encode(frame))
    payloads.extend(bytes(packet) for packet in encoder.encode(None))
    loop = payloads[WARM_UP : WARM_UP + len(frames)]
    return tuple(
        SoundFrame(payload, level(piece)) for payload, piece in zip(loop, frames, strict=True)
    )


def encode_pictures(
    frames: Iterable[av.VideoFrame], frame_rate: int, sizes: Sequence[LayerSize] = LAYERS
) -> tuple[PictureLayer, ...]:
    """The loop in each size, cut to whole groups; one that is shorter than a group is stretched by
    its last frame. Raises `ValueError` without a frame."""
    encoders = [_LayerEncoder(size, frame_rate) for size in sizes]
    reformatter = VideoReformatter()
    count = 0
    last: av.VideoFrame | None = None
    for last in frames:
        source = reformatter.reformat(last, format="yuv420p", threads=1)
        for encoder in encoders:
            encoder.encode(source)
        count += 1
    if last is None:
        raise ValueError("no frame to encode")
    group = group_size(frame_rate)
    source = reformatter.reformat(last, format="yuv420p", threads=1)
    for _ in range(count, group):
        for encoder in encoders:
            encoder.encode(source)
    return tuple(encoder.finished(max(group, count // group * group)) for encoder in encoders)


def _encoder(name: str) -> av.codec.context.CodecContext:
    try:
        return av.CodecContext.create(name, "w")
    except (av.FFmpegError, ValueError) as error:
        raise CodecMissing(f"PyAV has no encoder {name}; install its wheel from PyPI") from error


class _LayerEncoder:
    def __init__(self, size: LayerSize, frame_rate: int) -> None:
        self._size = size
        self._frame_rate = frame_rate
        self._group = group_size(frame_rate)
        self._frames: list[PictureFrame] = []
        self._count = 0
        self._reformatter = VideoReformatter()
        encoder = _encoder("libvpx")
        assert isinstance(encoder, VideoCodecContext)
        encoder.width, encoder.height = size.width, size.height
        encoder.pix_fmt = "yuv420p"
        encoder.time_base = Fraction(1, frame_rate)
        encoder.framerate = Fraction(frame_rate)
        kbits = size.kbits_per_s * (1 + frame_rate / 15) / 2
        encoder.bit_rate = round(kbits * 1000)
        encoder.thread_count = 1
        encoder.options = {
            "deadline": "realtime",
            "cpu-used": "16",
            "lag-in-frames": "0",
            "error-resilient": "1",
            "static-thresh": "100",
            "g": str(self._group),
            "keyint_min": str(self._group),
            "qmin": "4",
            "qmax": "48",
            "ts-parameters": _TEMPORAL.format(round(kbits * 0.4), round(kbits * 0.6), round(kbits)),
        }
        self._encoder = encoder

    def encode(self, source: av.VideoFrame) -> None:
        frame = self._fitted(source)
        frame.pts = self._count
        frame.time_base = Fraction(1, self._frame_rate)
        in_group = self._count % self._group
        frame.pict_type = PictureType.I if in_group == 0 else PictureType.NONE
        self._count += 1
        for packet in self._encoder.encode(frame):
            self._take(packet)

    def finished(self, length: int) -> PictureLayer:
        for packet in self._encoder.encode(None):
            self._take(packet)
        size = self._size
        frames = tuple(self._frames[:length])
        return PictureLayer(size.rid, size.width, size.height, self._frame_rate, frames)

    def _take(self, packet: av.Packet[av.VideoStream]) -> None:
        place = len(self._frames) % self._group % len(TEMPORAL_LAYERS)
        layer = TEMPORAL_LAYERS[place]
        data = bytes(packet)
        key = data[0] & 1 == 0  # RFC 6386 section 9.1
        self._frames.append(PictureFrame(vp8_payloads(data, layer, LAYER_SYNC[place]), key, layer))

    def _fitted(self, source: av.VideoFrame) -> av.VideoFrame:
        """The whole picture in the layer's size, black where the shapes differ."""
        width, height = self._size.width, self._size.height
        scale = min(width / source.width, height / source.height)
        inner_width = min(width, max(2, round(source.width * scale / 2) * 2))
        inner_height = min(height, max(2, round(source.height * scale / 2) * 2))
        scaled = self._reformatter.reformat(source, inner_width, inner_height, "yuv420p", threads=1)
        if (inner_width, inner_height) == (width, height):
            return scaled if scaled is not source else _copied(source)
        left, top = (width - inner_width) // 4 * 2, (height - inner_height) // 4 * 2
        planes = []
        for index, plane in enumerate(_planes(scaled)):
            half = 1 if index == 0 else 2
            rows, columns = height // half, width // half
            canvas = np.full((rows, columns), 16 if index == 0 else 128, np.uint8)
            y, x = top // half, left // half
            canvas[y : y + plane.shape[0], x : x + plane.shape[1]] = plane
            planes.append(canvas.reshape(-1))
        data = np.concatenate(planes).reshape(height * 3 // 2, width)
        return av.VideoFrame.from_ndarray(data, format="yuv420p")


def _copied(frame: av.VideoFrame) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(frame.to_ndarray(), format="yuv420p")


def _planes(frame: av.VideoFrame) -> list[NDArray[np.uint8]]:
    planes = []
    for plane in frame.planes:
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        planes.append(rows[:, : plane.width])
    return planes
