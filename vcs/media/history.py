"""What a route has sent lately, to answer a NACK with (RFC 4585, RFC 4588)."""

from __future__ import annotations

from typing import Final

SIZE: Final = 256
"""Packets kept: over a second of a camera at 150 to 250 packets a second."""

MAX_AGE_S: Final = 2.0
MAX_RESENDS: Final = 3


_Kept = tuple[int, int, int, bytes, float]
"""Number (unwrapped), timestamp, marker, payload, when it was sent."""


class History:
    """A ring of payloads by sequence number (unwrapped), with their timestamps and markers."""

    __slots__ = ("_kept", "_resends")

    def __init__(self) -> None:
        self._kept: list[_Kept | None] = [None] * SIZE
        self._resends = bytearray(SIZE)

    def put(self, number: int, timestamp: int, marker: int, payload: bytes, now: float) -> None:
        """Remembers a packet that is being sent. A packet older than what its place holds is not
        remembered."""
        slot = number % SIZE
        kept = self._kept[slot]
        if kept is None or number > kept[0]:
            self._kept[slot] = (number, timestamp, marker, payload, now)
            self._resends[slot] = 0

    def take(self, sequence: int, now: float) -> tuple[int, int, bytes] | None:
        """Timestamp, marker and payload of the packet with the 16-bit number `sequence`, to send
        once more; None when it is unknown, too old, or was resent MAX_RESENDS times."""
        slot = sequence % SIZE
        kept = self._kept[slot]
        if (
            kept is None
            or kept[0] & 0xFFFF != sequence
            or self._resends[slot] >= MAX_RESENDS
            or now - kept[4] > MAX_AGE_S
        ):
            return None
        self._resends[slot] += 1
        return kept[1], kept[2], kept[3]

    def clear(self) -> None:
        """Forgets everything: nothing sent so far can be sent again."""
        self._kept = [None] * SIZE
