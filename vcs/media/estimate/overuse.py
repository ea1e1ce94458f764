"""Is the queue growing? The over-use detector of draft-ietf-rmcat-gcc-02, section 5.4."""

from __future__ import annotations

import enum
from typing import Final

THRESHOLD_MS: Final = 12.5
"""del_var_th(0)."""
MIN_THRESHOLD_MS: Final = 6.0
MAX_THRESHOLD_MS: Final = 600.0
UP_PER_MS: Final = 0.0087
"""K_u. With the trend in place of the draft's filter, these are what implementations use; the draft
has 0.01 and 0.00018."""
DOWN_PER_MS: Final = 0.039
"""K_d."""
OUTLIER_MS: Final = 15.0
"""A trend so far over the threshold does not move it (section 5.4)."""
OVERUSE_MS: Final = 10.0
"""overuse_time_th: over-use must last so long."""
MAX_INTERVAL_MS: Final = 100.0


class Usage(enum.Enum):
    """The detector's signal."""

    NORMAL = "normal"
    OVER = "over-use"
    UNDER = "under-use"


class OveruseDetector:
    """Compares the trend with a threshold that adapts to it, so that a competing flow, or plain
    jitter, does not starve us."""

    __slots__ = ("_before", "_last_ms", "_lasted_ms", "_seen", "threshold", "usage")

    def __init__(self) -> None:
        self.threshold = THRESHOLD_MS
        self.usage = Usage.NORMAL
        self._before = 0.0
        self._lasted_ms = -1.0
        self._seen = 0
        self._last_ms: float | None = None

    def detect(self, trend: float, interval_ms: float, at_ms: float) -> Usage:
        """`trend` after one more group, which was sent `interval_ms` after the one before and
        arrived at `at_ms`."""
        if trend > self.threshold:
            # The interval's half, as the crossing was somewhere in it.
            self._lasted_ms = (
                interval_ms / 2 if self._lasted_ms < 0 else self._lasted_ms + interval_ms
            )
            self._seen += 1
            if self._lasted_ms > OVERUSE_MS and self._seen > 1 and trend >= self._before:
                self._lasted_ms = 0.0
                self._seen = 0
                self.usage = Usage.OVER
        else:
            self._lasted_ms = -1.0
            self._seen = 0
            self.usage = Usage.UNDER if trend < -self.threshold else Usage.NORMAL
        self._before = trend
        self._adapt(trend, at_ms)
        return self.usage

    def _adapt(self, trend: float, at_ms: float) -> None:
        size = abs(trend)
        last, self._last_ms = self._last_ms, at_ms
        if last is None or size > self.threshold + OUTLIER_MS:
            return
        rate = DOWN_PER_MS if size < self.threshold else UP_PER_MS
        passed = min(max(0.0, at_ms - last), MAX_INTERVAL_MS)
        threshold = self.threshold + rate * (size - self.threshold) * passed
        self.threshold = max(MIN_THRESHOLD_MS, min(MAX_THRESHOLD_MS, threshold))
