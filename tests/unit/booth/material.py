"""Small prepared media and sections for tests: real codecs, tiny pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import av
import numpy as np

from vcs.booth.encoding import LayerSize, encode_pictures, encode_sound
from vcs.booth.prepared import PreparedMedia
from vcs.booth.soundtrack import tone
from vcs.media import rtcp
from vcs.media.description import Codec, Extensions, Kind
from vcs.transport.client import ClientStream, NegotiatedSection

FRAME_RATE = 15
SIZES = (LayerSize("l", 64, 36, 60), LayerSize("m", 128, 72, 120))
EXTENSIONS = Extensions(
    mid=4, rid=10, repaired_rid=11, audio_level=1, transport_cc=3, abs_send_time=2
)
SOUND_SSRC = 0x1111
SOUND = NegotiatedSection(
    mid="0",
    kind=Kind.AUDIO,
    direction="sendonly",
    codec=Codec.OPUS,
    payload_type=111,
    rtx_payload_type=None,
    clock_rate=48_000,
    extensions=EXTENSIONS,
    streams=(ClientStream(SOUND_SSRC),),
)
PICTURE = NegotiatedSection(
    mid="1",
    kind=Kind.VIDEO,
    direction="sendonly",
    codec=Codec.VP8,
    payload_type=96,
    rtx_payload_type=97,
    clock_rate=90_000,
    extensions=EXTENSIONS,
    streams=(ClientStream(0x2001, 0x3001, "l"), ClientStream(0x2002, 0x3002, "m")),
)


def noise_frames(count: int, width: int = 128, height: int = 72) -> list[av.VideoFrame]:
    """A bright bar that moves over noise: every frame differs, key frames need several packets."""
    chance = np.random.default_rng(1)
    still = chance.integers(0, 255, (height * 3 // 2, width), np.uint8)
    frames = []
    for index in range(count):
        planes = still.copy()
        planes[:height, index % width : index % width + 8] = 255
        frames.append(av.VideoFrame.from_ndarray(planes, format="yuv420p"))
    return frames


@cache
def media() -> PreparedMedia:
    """Two seconds of picture, one of a 500 Hz tone."""
    return PreparedMedia(
        sound=encode_sound(tone(500)),
        layers=encode_pictures(noise_frames(2 * FRAME_RATE), FRAME_RATE, SIZES),
    )


@dataclass
class Outbox:
    """Takes what a sender sends."""

    rtp: list[bytes] = field(default_factory=list)
    rtcp: list[bytes] = field(default_factory=list)

    def send_rtp(self, packet: bytes | bytearray | memoryview) -> None:
        self.rtp.append(bytes(packet))

    def send_rtcp(self, packet: bytes | bytearray | memoryview) -> None:
        self.rtcp.append(bytes(packet))

    def reports(self) -> list[rtcp.SenderReport]:
        found = [packet for data in self.rtcp for packet in rtcp.parse(data)]
        return [packet for packet in found if isinstance(packet, rtcp.SenderReport)]
