"""The rate that arrives: R_hat of draft-ietf-rmcat-gcc-02, section 5.5."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW_US: Final = 500_000
"""The draft takes 0.5 to 1 s; a fall of the link should show soon."""
SHORTEST_US: Final = 150_000
"""Less time than this holds too few frames of a picture to say anything."""
_BROKEN_CLOCK_US: Final = 10_000_000


class AcknowledgedBitrate:
    """Bit/s that arrived within the last half second of the receiver's time. Silence counts as
    time in which nothing arrived; a stretch that nothing was told of does not count at all."""

    __slots__ = ("_at_us", "_octets", "_shift_us", "bits_per_s")

    def __init__(self) -> None:
        self._at_us = np.zeros(0, np.int64)
        self._octets = np.zeros(0, np.int64)
        self._shift_us = 0
        self.bits_per_s: float | None = None
        """None until half a window has been seen."""

    def arrived(
        self, arrival_us: NDArray[np.int64], octets: NDArray[np.int64], follows: bool
    ) -> None:
        """Packets told of by one message, in any order; `follows` as in `Deliveries`."""
        if not len(arrival_us):
            return
        first, last = int(arrival_us.min()) - self._shift_us, int(arrival_us.max())
        if len(self._at_us):
            newest = int(self._at_us[-1])
            if not -_BROKEN_CLOCK_US < last - self._shift_us - newest < _BROKEN_CLOCK_US:
                self._at_us, self._octets = self._at_us[:0], self._octets[:0]
                self._shift_us = 0
            elif not follows and first > newest and self.bits_per_s:
                # The time of what was not told of is cut out: as if the rate had gone on.
                spacing = min(first - newest, int(float(octets[0]) * 8e6 / self.bits_per_s) + 1)
                self._shift_us += first - newest - spacing
        at_us = np.concatenate((self._at_us, arrival_us - self._shift_us))
        octets = np.concatenate((self._octets, octets))
        order = np.argsort(at_us, kind="stable")
        at_us, octets = at_us[order], octets[order]
        begin = int(np.searchsorted(at_us, at_us[-1] - WINDOW_US))
        self._at_us, self._octets = at_us[begin:], octets[begin:]
        span = int(self._at_us[-1] - self._at_us[0])
        if span >= SHORTEST_US:
            # The first packet's bits came before the span began.
            self.bits_per_s = float(self._octets[1:].sum()) * 8e6 / span
