"""How the delay of the path changes: arrival-time model, pre-filtering and arrival-time filter of
draft-ietf-rmcat-gcc-02, sections 5.1 to 5.3.

In place of the draft's Kalman filter stands the slope of a line through the last delays (the
trendline of later implementations): it needs no model of the noise.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

BURST_US: Final = 5000
"""Packets that left within so long are one group (section 5.2, burst_time)."""
WINDOW: Final = 20
SMOOTHING: Final = 0.9
GAIN: Final = 4.0
MAX_COUNTED: Final = 60
"""The slope is scaled by how many groups it rests on, up to so many, to be comparable with the
threshold of section 5.4."""
BASE_BUCKET_US: Final = 2_000_000
BASE_BUCKETS: Final = 10
"""The least delay of twenty seconds is that of the empty path; clocks may drift from it."""
MAX_GROUP_US: Final = 100_000
MAX_STEP_US: Final = 3_000_000
"""A longer step between groups is a pause or a broken clock: the line begins anew."""

_WINDOW_PLACES: Final = np.arange(WINDOW)


@dataclass(frozen=True, slots=True)
class DelaySample:
    """After one group. `trend` is the scaled slope in ms, comparable with the detector's threshold;
    `interval_ms` how long the sender took from the group before; `at_ms` when it arrived;
    `queue_ms` its delay over the empty path's."""

    trend: float
    interval_ms: float
    at_ms: float
    queue_ms: float


class DelayTrend:
    """Takes packets in order of sending, gives a sample for each finished group."""

    __slots__ = (
        "_accumulated",
        "_arrival",
        "_at_ms",
        "_base",
        "_before",
        "_buckets",
        "_count",
        "_delays_ms",
        "_least",
        "_origin",
        "_sent_first",
        "_sent_last",
        "_smoothed",
    )

    def __init__(self) -> None:
        self._buckets: deque[tuple[int, int]] = deque(maxlen=BASE_BUCKETS)
        self._base = 0
        self._sent_first = self._sent_last = self._arrival = self._least = -1
        self._before: tuple[int, int] | None = None
        self._restart()

    def skip(self) -> None:
        """Packets in between were not ours to judge (a probe): no step is taken across them."""
        self._sent_first = -1
        self._before = None

    def forget_base(self) -> None:
        """The path is another one: its empty delay is what comes from now on."""
        self._buckets.clear()
        self.skip()

    def packets(self, sent_us: list[int], arrival_us: list[int]) -> list[DelaySample]:
        """Packets that arrived, in order of sending; times in microseconds, each by its own
        clock."""
        groups: list[tuple[float, float, float]] = []
        for sent, arrival in zip(sent_us, arrival_us, strict=True):
            if sent < self._sent_last:
                continue  # told of late: its group is past
            if self._sent_first < 0:
                self._begin(sent, arrival)
            elif sent - self._sent_first <= BURST_US or self._belongs(sent, arrival):
                self._sent_last = sent
                if arrival > self._arrival:
                    self._arrival = arrival
                if arrival - sent < self._least:
                    self._least = arrival - sent
            else:
                self._finish(groups)
                self._begin(sent, arrival)
        if not groups:
            return []
        return [
            DelaySample(trend, interval_ms, at_ms, queue_ms)
            for trend, (interval_ms, at_ms, queue_ms) in zip(
                self._trends(len(groups)), groups, strict=True
            )
        ]

    def _restart(self) -> None:
        """Forget the line: what comes next does not continue what was."""
        self.skip()
        self._at_ms: list[float] = []
        self._delays_ms: list[float] = []
        self._accumulated = self._smoothed = 0.0
        self._count = 0
        self._origin = 0

    def _belongs(self, sent: int, arrival: int) -> bool:
        """A group that something on the path has sent on in one go (section 5.2)."""
        later = arrival - self._arrival
        return (
            0 <= later <= BURST_US
            and later < sent - self._sent_last
            and sent - self._sent_first < MAX_GROUP_US
        )

    def _begin(self, sent: int, arrival: int) -> None:
        self._sent_first = self._sent_last = sent
        self._arrival = arrival
        self._least = arrival - sent

    def _finish(self, groups: list[tuple[float, float, float]]) -> None:
        arrival = self._arrival
        queue_ms = self._queue_ms()
        before = self._before
        self._before = (self._sent_last, arrival)
        if before is None:
            return
        sent_step, step = self._sent_last - before[0], arrival - before[1]
        if not -MAX_STEP_US < step < MAX_STEP_US or sent_step > MAX_STEP_US:
            self._restart()
            self.forget_base()
            groups.clear()
            return
        if step < 0:
            self._before = before  # overtaken: says nothing of the queue
            return
        if not self._at_ms:
            self._origin = arrival
        self._count += 1
        self._accumulated += (step - sent_step) / 1000
        self._smoothed += (1 - SMOOTHING) * (self._accumulated - self._smoothed)
        self._at_ms.append((arrival - self._origin) / 1000)
        self._delays_ms.append(self._smoothed)
        groups.append((sent_step / 1000, arrival / 1000, queue_ms))

    def _queue_ms(self) -> float:
        bucket, least, buckets = self._arrival // BASE_BUCKET_US, self._least, self._buckets
        if not buckets or buckets[-1][0] < bucket:
            buckets.append((bucket, least))
            self._base = min(one for _, one in buckets)
        elif least < buckets[-1][1]:
            buckets[-1] = (buckets[-1][0], least)
            self._base = min(self._base, least)
        return (least - self._base) / 1000

    def _trends(self, new: int) -> list[float]:
        """The scaled slope, by least squares, after each of the newest groups."""
        kept = WINDOW - 1 + new
        at, delays = self._at_ms[-kept:], self._delays_ms[-kept:]
        self._at_ms, self._delays_ms = at[1 - WINDOW :], delays[1 - WINDOW :]
        if len(at) < WINDOW:
            return [0.0] * new
        windows = np.arange(len(at) - WINDOW + 1)[:, None] + _WINDOW_PLACES
        x, y = np.array(at)[windows], np.array(delays)[windows]
        x = x - x.mean(axis=1, keepdims=True)
        over = np.einsum("ij,ij->i", x, y)
        under = np.einsum("ij,ij->i", x, x)
        slopes = (over / np.maximum(under, 1e-9)).tolist()
        first = self._count - len(slopes) + 1
        trends = [slope * min(first + n, MAX_COUNTED) * GAIN for n, slope in enumerate(slopes)]
        return [0.0] * (new - len(trends)) + trends
