"""What is seen on one slot, without decoding: frames counted, key frames and their sizes noted."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from vcs.media.packet import MalformedPacket
from vcs.media.vp8 import NO_PICTURE, read_descriptor

KEPT: Final = 1_000
_KEY_HEADER: Final = b"\x9d\x01\x2a"
_KEY_HEADER_AT: Final = 3


class SeenFrame(NamedTuple):
    """The first packet of a frame. `size` is of a key frame, None of others."""

    arrival: float
    timestamp: int
    key: bool
    size: tuple[int, int] | None
    picture: int | None


class Viewer:
    """Watches one VP8 slot."""

    def __init__(self, kept: int = KEPT) -> None:
        self.frames: deque[SeenFrame] = deque(maxlen=kept)
        self.packets = 0
        self.octets = 0
        self.repairs = 0
        self.malformed = 0
        self.size: tuple[int, int] | None = None
        """Width and height by the last key frame."""

    def received(self, timestamp: int, payload: bytes, arrival: float) -> None:
        """Note one RTP packet's payload."""
        self.packets += 1
        self.octets += len(payload)
        try:
            starts, key, at, picture, *_ = read_descriptor(payload, 0, len(payload))
        except MalformedPacket:
            self.malformed += 1
            return
        if not starts:
            return
        size = _key_frame_size(payload) if key else None
        self.size = size or self.size
        number = picture if at != NO_PICTURE else None
        self.frames.append(SeenFrame(arrival, timestamp, key, size, number))


def _key_frame_size(payload: bytes) -> tuple[int, int] | None:
    """RFC 6386 section 9.1: start code, then 14 bits of width and of height."""
    at = payload.find(_KEY_HEADER, _KEY_HEADER_AT, 20)
    sizes = payload[at + 3 : at + 7]
    if at < 0 or len(sizes) < 4:
        return None
    width, height = int.from_bytes(sizes[:2], "little"), int.from_bytes(sizes[2:], "little")
    return width & 0x3FFF, height & 0x3FFF
