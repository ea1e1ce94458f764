"""Packets in a byte stream (RFC 4571 section 2): sixteen bits of length, then so many octets."""

from __future__ import annotations

import struct
from typing import Final

LENGTH: Final = struct.Struct("!H")

MAX_FRAME: Final = 2048
"""Octets. No packet of a call is longer than a datagram; who announces more speaks something else,
and would have us keep it until it is whole."""


class FrameReader:
    """Cuts what is read from a stream into packets, however the stream was cut. No input or output.

    `empty` counts frames of length 0, which carry nothing. After a frame of more than `limit`
    octets `oversized` is true and nothing comes any more: where the next frame begins is unknown.
    """

    __slots__ = ("_limit", "_rest", "empty", "oversized")

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._limit = limit
        self._rest = b""
        self.empty = 0
        self.oversized = False

    def feed(self, data: bytes | memoryview) -> list[memoryview]:
        """The packets that `data` completes. Those that lie in it whole are views of it."""
        if self.oversized:
            return []
        view = memoryview(self._rest + data if self._rest else data)
        frames: list[memoryview] = []
        at, end = 0, len(view)
        while end - at >= LENGTH.size:
            size = view[at] << 8 | view[at + 1]
            if size > self._limit:
                self.oversized = True
                self._rest = b""
                return frames
            following = at + LENGTH.size + size
            if following > end:
                break
            if size:
                frames.append(view[at + LENGTH.size : following])
            else:
                self.empty += 1
            at = following
        self._rest = bytes(view[at:])
        return frames


def frame(packet: bytes | memoryview) -> bytes:
    """The packet as it goes into a stream. Raises `struct.error` for more than 65535 octets."""
    return LENGTH.pack(len(packet)) + packet
