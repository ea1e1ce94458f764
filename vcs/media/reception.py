"""Receive statistics of one SSRC (RFC 3550 section 6.4.1 and appendix A)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vcs.media.timestamp import ahead

if TYPE_CHECKING:
    from mypy_extensions import i64

MAX_MISSING: Final = 512
MISSING_S: Final = 1.0


class Reception:
    """What arrived and what did not. Takes authentic packets in order of arrival.

    `highest` is the highest number so far, unwrapped, -1 before the first; `following` the 16-bit
    number after it. Jitter is that of first packets with their timestamp: those behind one of a
    picture leave the sender later by design. A caller that has no time for a call may take a packet
    numbered `following` by hand, as `arrived` does.
    """

    __slots__ = (
        "_missing",
        "base",
        "clock_rate",
        "following",
        "highest",
        "jitter",
        "last_arrival",
        "octets",
        "packets",
        "timestamp",
        "timestamp_at",
    )

    def __init__(self, clock_rate: int) -> None:
        self.clock_rate = clock_rate
        self._missing: dict[int, float] = {}
        self.highest: i64 = -1
        self.following: i64 = -1
        self.base: i64 = -1
        self.packets: i64 = 0
        self.octets: i64 = 0
        self.jitter = 0.0
        self.last_arrival = 0.0
        self.timestamp: i64 = 0
        self.timestamp_at = 0.0

    def arrived(self, sequence: i64, timestamp: i64, octets: i64, now: float) -> i64:
        """Notes a packet; `octets` is its payload. Returns its unwrapped number, or -1 for one
        that is not awaited: it came already (as a repair), or it is too late to matter."""
        self.packets += 1
        self.octets += octets
        self.last_arrival = now
        highest = self.highest
        if highest < 0:
            self.base = self.highest = sequence
            self.following = (sequence + 1) & 0xFFFF
            self.timestamp = timestamp
            self.timestamp_at = now
            return sequence
        distance = (sequence - highest) & 0xFFFF
        number = highest + (distance if distance < 0x8000 else distance - 0x10000)
        if number <= highest:
            return number if self._missing.pop(number, None) is not None else -1
        if number != highest + 1:
            self._note_gap(highest + 1, number, now)
        self.highest = number
        self.following = (number + 1) & 0xFFFF
        if timestamp != self.timestamp:
            self.note_timestamp(timestamp, now)
        return number

    def note_timestamp(self, timestamp: i64, now: float) -> None:
        """The newest packet has another timestamp than the one before."""
        passed = (now - self.timestamp_at) * self.clock_rate
        transit = abs(passed - float(ahead(timestamp, self.timestamp)))
        self.jitter += (transit - self.jitter) / 16
        self.timestamp = timestamp
        self.timestamp_at = now

    @property
    def any_missing(self) -> bool:
        """Whether `missing` may be anything but empty."""
        return bool(self._missing)

    def repaired(self, sequence: i64) -> i64:
        """Notes that a repair (RFC 4588) restored `sequence`. Returns its unwrapped number, or -1
        when it was not missing."""
        highest = self.highest
        if highest < 0:
            return -1
        number = highest - ((highest - sequence) & 0xFFFF)
        return number if self._missing.pop(number, None) is not None else -1

    def missing(self, now: float) -> list[int]:
        """The 16-bit numbers not yet arrived, oldest first, noticed within the last second."""
        self._forget(now)
        return [number & 0xFFFF for number in self._missing]

    def _note_gap(self, first: i64, end: i64, now: float) -> None:
        self._forget(now)
        if end - first > MAX_MISSING:
            # Not a loss that repairs could mend.
            self._missing.clear()
            return
        for number in range(first, end):
            self._missing[number] = now
        while len(self._missing) > MAX_MISSING:
            del self._missing[next(iter(self._missing))]

    def _forget(self, now: float) -> None:
        while self._missing:
            oldest = next(iter(self._missing))
            if now - self._missing[oldest] <= MISSING_S:
                return
            del self._missing[oldest]
