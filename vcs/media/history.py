"""What a route has sent lately, to answer a NACK with (RFC 4585, RFC 4588)."""

from __future__ import annotations

from array import array
from typing import Final

SIZE: Final = 256
"""Packets kept: over a second of a camera at 150 to 250 packets a second."""

MAX_AGE_S: Final = 2.0
MAX_RESENDS: Final = 3


class History:
    """A ring of payloads by sequence number (unwrapped), with their timestamps and markers."""

    __slots__ = ("_at", "_markers", "_numbers", "_payloads", "_resends", "_timestamps")

    def __init__(self) -> None:
        self._numbers = array("q", [-1]) * SIZE
        self._timestamps = array("Q", [0]) * SIZE
        self._at = array("d", [0.0]) * SIZE
        self._markers = bytearray(SIZE)
        self._resends = bytearray(SIZE)
        self._payloads: list[bytes] = [b""] * SIZE

    def put(self, number: int, timestamp: int, marker: int, payload: bytes, now: float) -> None:
        """Remembers a packet that is being sent. A packet older than what its place holds is not
        remembered."""
        slot = number % SIZE
        if number <= self._numbers[slot]:
            return
        self._numbers[slot] = number
        self._timestamps[slot] = timestamp
        self._markers[slot] = marker
        self._resends[slot] = 0
        self._at[slot] = now
        self._payloads[slot] = payload

    def take(self, sequence: int, now: float) -> tuple[int, int, bytes] | None:
        """Timestamp, marker and payload of the packet with the 16-bit number `sequence`, to send
        once more; None when it is unknown, too old, or was resent MAX_RESENDS times."""
        slot = sequence % SIZE
        if (
            self._numbers[slot] < 0
            or self._numbers[slot] & 0xFFFF != sequence
            or self._resends[slot] >= MAX_RESENDS
            or now - self._at[slot] > MAX_AGE_S
        ):
            return None
        self._resends[slot] += 1
        return self._timestamps[slot], self._markers[slot], self._payloads[slot]

    def clear(self) -> None:
        """Forgets everything: nothing sent so far can be sent again."""
        for slot in range(SIZE):
            self._numbers[slot] = -1
            self._payloads[slot] = b""
