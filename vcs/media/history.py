"""What a route has sent lately, to answer a NACK with (RFC 4585, RFC 4588)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64

KEPT_S: Final = 1.0
"""For so long a packet can be asked for, whatever the rate: a round trip of 300 ms, three times."""

FIRST_SIZE: Final = 64
LAST_SIZE: Final = 2048
"""Packets: more than KEPT_S of any picture here; a faster route keeps these and no more."""

MAX_RESENDS: Final = 10
"""As often as Chromium asks. With 30 of a hundred lost, three would leave out one packet in a
hundred, and with it most key frames."""
RESENDS_PER_S: Final = 400.0
RESENDS_AT_ONCE: Final = 100.0
"""A token bucket over all packets of a route: a receiver that asks for everything again and again
gets no more than that, nor does whoever is behind it on the same link."""

_Kept = tuple[int, int, int, bytes, float]
"""Number (unwrapped), timestamp, marker, payload, when it was sent."""


class History:
    """A ring of payloads by sequence number (unwrapped), with their timestamps and markers. It is
    as large as KEPT_S of what is sent needs."""

    __slots__ = ("_budget", "_budget_at", "_kept", "_mask", "_resends")

    def __init__(self) -> None:
        self._budget = RESENDS_AT_ONCE
        self._budget_at = 0.0
        self._clear(FIRST_SIZE)

    def put(self, number: i64, timestamp: i64, marker: i64, payload: bytes, now: float) -> None:
        """Remembers a packet that is being sent. A packet older than what its place holds is not
        remembered."""
        slot = number & self._mask
        kept = self._kept[slot]
        while kept is not None:
            if number <= kept[0]:
                return
            if now - kept[4] >= KEPT_S or self._mask == LAST_SIZE - 1:
                break
            self._grow()
            slot = number & self._mask
            kept = self._kept[slot]
        self._kept[slot] = (number, timestamp, marker, payload, now)
        self._resends[slot] = 0

    def take(self, sequence: int, now: float) -> tuple[int, int, bytes] | None:
        """Timestamp, marker and payload of the packet with the 16-bit number `sequence`, to send
        once more; None when it is unknown, too old, was resent MAX_RESENDS times, or when the
        budget is spent."""
        slot = sequence & self._mask
        kept = self._kept[slot]
        if (
            kept is None
            or kept[0] & 0xFFFF != sequence
            or self._resends[slot] >= MAX_RESENDS
            or now - kept[4] > KEPT_S
        ):
            return None
        earned = max(0.0, now - self._budget_at) * RESENDS_PER_S
        self._budget = min(RESENDS_AT_ONCE, self._budget + earned)
        self._budget_at = now
        if self._budget < 1:
            return None
        self._budget -= 1
        self._resends[slot] += 1
        return kept[1], kept[2], kept[3]

    def clear(self) -> None:
        """Forgets everything: nothing sent so far can be sent again."""
        self._clear(self._mask + 1)

    def __len__(self) -> int:
        """Packets that there is room for."""
        return self._mask + 1

    def _clear(self, size: int) -> None:
        self._mask: i64 = size - 1
        self._kept: list[_Kept | None] = [None] * size
        self._resends = bytearray(size)

    def _grow(self) -> None:
        old, resent = self._kept, self._resends
        self._clear(2 * len(old))
        for kept, times in zip(old, resent, strict=True):
            if kept is not None:
                self._kept[kept[0] & self._mask] = kept
                self._resends[kept[0] & self._mask] = times
