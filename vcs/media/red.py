"""Redundant sound (RFC 2198): a packet carries the frames before it once more, so that what is lost
is there again 20 ms later and no round trip is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vcs.media.packet import MalformedPacket

if TYPE_CHECKING:
    from mypy_extensions import i64

MAX_DEPTH: Final = 3
MAX_OFFSET: Final = 1 << 14
MAX_BLOCK: Final = 1 << 10
"""What the header of a block can say of its age, in timestamp units, and of its octets."""

MAX_OCTETS: Final = 1_000
"""Of all redundant frames of a packet together, so that it fits any path's MTU."""

LEAST_LOSS: Final = 0.003
"""Below it nothing is repeated."""
_STEPS: Final = ((0.1, 3), (0.025, 2), (LEAST_LOSS, 1))
_FALL_S: Final = 5.0


class RedundantFrames:
    """The last frames of one route, and packets made with them."""

    __slots__ = ("_frames", "depth")

    def __init__(self) -> None:
        self.depth: i64 = 0
        """How many frames before the newest a packet carries; 0: no redundancy."""
        self._frames: list[tuple[int, bytes]] = []

    def clear(self) -> None:
        """What was sent so far is not sent again."""
        self._frames.clear()

    def write(
        self, into: memoryview, at: i64, payload_type: i64, timestamp: i64, frame: bytes
    ) -> int:
        """Writes to `into` at `at` a payload with `frame` (of `payload_type`; `timestamp` as it is
        sent) and those before it, and remembers it. Returns the payload's size."""
        head = bytearray()
        body: list[bytes] = []
        room = MAX_OCTETS
        newest = True
        for before, data in self._frames:
            offset = (timestamp - before) & 0xFFFFFFFF
            size = len(data)
            if not 0 < offset < MAX_OFFSET:
                # Overtaken, or a pause lies between.
                newest = newest and offset < 1 << 31
                continue
            if size >= MAX_BLOCK or size > room:
                continue
            room -= size
            word = offset << 10 | size
            head += bytes((0x80 | payload_type, word >> 16, word >> 8 & 0xFF, word & 0xFF))
            body.append(data)
        head.append(payload_type)
        whole = bytes(head) + b"".join(body) + frame
        into[at : at + len(whole)] = whole
        if newest:
            self._frames.append((timestamp, frame))
            while len(self._frames) > self.depth:
                del self._frames[0]
        return len(whole)


def split(payload: bytes) -> list[tuple[int, int, bytes]]:
    """Payload type, age in timestamp units and octets of each block, the newest last. Raises
    `MalformedPacket`."""
    heads: list[tuple[int, int, int]] = []
    at = 0
    while at < len(payload) and payload[at] & 0x80:
        if at + 4 > len(payload):
            break
        word = int.from_bytes(payload[at + 1 : at + 4], "big")
        heads.append((payload[at] & 0x7F, word >> 10, word & 0x3FF))
        at += 4
    if at >= len(payload) or payload[at] & 0x80:
        raise MalformedPacket("header of redundant sound cut off")
    last = payload[at] & 0x7F
    at += 1
    blocks: list[tuple[int, int, bytes]] = []
    for payload_type, age, size in heads:
        if at + size > len(payload):
            raise MalformedPacket("redundant frame cut off")
        blocks.append((payload_type, age, payload[at : at + size]))
        at += size
    return [*blocks, (last, 0, payload[at:])]


class RedundancyControl:
    """How much redundancy a path needs: more at once, less step by step."""

    __slots__ = ("_since", "depth")

    def __init__(self) -> None:
        self.depth = 0
        self._since = float("-inf")

    def update(self, loss: float, now: float) -> int:
        """`loss`: the share of packets lost lately. Returns the depth."""
        wanted = next((depth for least, depth in _STEPS if loss >= least), 0)
        if wanted >= self.depth:
            self.depth, self._since = wanted, now
        elif now - self._since >= _FALL_S:
            self.depth -= 1
            self._since = now
        return self.depth
