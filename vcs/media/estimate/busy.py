"""What the link delivers while packets wait in front of it.

A forwarding server seldom fills a link: it sends the layers that there are. But a key frame does
for a moment, and for that moment the rate of what arrives is the link's own, however little is sent
on the whole. To take the mean rate for the link's, as draft-ietf-rmcat-gcc-02 does (section 5.5),
would lower the estimate with every key frame. (The dispersion of packet trains: Jain and Dovrolis,
"End-to-end available bandwidth", 2003, section 2.)
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

WAITED_US: Final = 2_000
"""A packet that on the empty path would have come so long before the one in front of it has waited
for that one, and the link has carried nothing else in between."""
RATE_US: Final = 500_000
WINDOW_US: Final = 1_000_000
SHORTEST_US: Final = 60_000
"""Of waiting, in which something can be told."""
LATELY_US: Final = 90_000
"""Of waiting, which tells of a link that has just become another one."""
LASTING: Final = 0.8
PAUSE_US: Final = 200_000
"""Nothing for so long, and the link itself stood still."""
BASE_US: Final = 2_000_000
"""The empty path's delay is the least of so long, or of twice that: a path that has become another
one is soon known. Where packets have waited all the time nothing is told, which harms less."""

_UNKNOWN: Final = 1 << 62


class BusyRate:
    """Bit/s over the last RATE_US of the receiver's time, and whether packets have waited for
    WINDOW_US."""

    __slots__ = (
        "_base",
        "_base_before",
        "_base_began",
        "_busy_us",
        "_last_us",
        "_parts",
        "waited_ms",
    )

    def __init__(self) -> None:
        # Until, microseconds, octets; microseconds and octets of the packet that took longest.
        self._parts: deque[tuple[int, int, int, int, int]] = deque()
        self._busy_us = 0
        self._last_us: int | None = None
        self._base = self._base_before = _UNKNOWN
        self._base_began = 0
        self.waited_ms = 0.0
        """What the packet that came last took longer than the empty path does."""

    @property
    def bits_per_s(self) -> float | None:
        """None where the link has not been full for long enough."""
        since = 0 if self._last_us is None else self._last_us - RATE_US
        parts = [part for part in self._parts if part[0] >= since]
        busy_us = sum(part[1] for part in parts)
        return None if busy_us < SHORTEST_US else sum(part[2] for part in parts) * 8e6 / busy_us

    @property
    def lately_bits_per_s(self) -> float | None:
        """The same over the last LATELY_US of waiting: less sure, and sooner. The packet that took
        longest is left out: something of others was in front of it, or the receiver stood still."""
        busy_us = octets = longest_us = its_octets = 0
        for _, us, carried, long_us, its in reversed(self._parts):
            busy_us += us
            octets += carried
            if long_us > longest_us:
                longest_us, its_octets = long_us, its
            if busy_us - longest_us >= LATELY_US:
                return (octets - its_octets) * 8e6 / (busy_us - longest_us)
        return None

    @property
    def lasting(self) -> bool:
        """Packets have waited for nearly all of the window: that is no single key frame."""
        return self._busy_us > LASTING * WINDOW_US

    def arrived(
        self,
        sent_us: NDArray[np.int64],
        arrival_us: NDArray[np.int64],
        octets: NDArray[np.int64],
    ) -> None:
        """Packets told of by one message."""
        if not len(arrival_us):
            return
        base_us = self._least(int((arrival_us - sent_us).min()), int(arrival_us.max()))
        order = np.argsort(arrival_us, kind="stable")
        at_us = arrival_us[order]
        before = self._last_us if self._last_us is not None else int(at_us[0])
        gaps = np.diff(at_us, prepend=before)
        self._last_us = max(before, int(at_us[-1]))
        self.waited_ms = (int(at_us[-1]) - int(sent_us[order[-1]]) - base_us) / 1000
        waited = sent_us[order] + base_us + WAITED_US < at_us - gaps
        counted = waited & (gaps >= 0) & (gaps < PAUSE_US)
        busy_us, carried = int(gaps[counted].sum()), int(octets[order][counted].sum())
        if busy_us:
            longest = int(np.where(counted, gaps, 0).argmax())
            of_it = int(gaps[longest]), int(octets[order[longest]])
            self._parts.append((self._last_us, busy_us, carried, *of_it))
            self._busy_us += busy_us
        while self._parts and self._parts[0][0] < self._last_us - WINDOW_US:
            self._busy_us -= self._parts.popleft()[1]

    def _least(self, delay_us: int, now_us: int) -> int:
        if not 0 <= now_us - self._base_began < BASE_US:
            past = now_us - self._base_began < 2 * BASE_US
            self._base_before = self._base if past else _UNKNOWN
            self._base, self._base_began = _UNKNOWN, now_us
        self._base = min(self._base, delay_us)
        return min(self._base, self._base_before)
