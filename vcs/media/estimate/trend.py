"""How the delay of the path changes: arrival-time model, pre-filtering and arrival-time filter of
draft-ietf-rmcat-gcc-02, sections 5.1 to 5.3.

In place of the draft's Kalman filter stands the slope of a line through the last delays (the
trendline of later implementations): it needs no model of the noise.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

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
MAX_STEP_US: Final = 3_000_000
"""A longer step between groups is a pause or a broken clock: the line begins anew."""


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
        "_before",
        "_buckets",
        "_count",
        "_least",
        "_origin",
        "_points",
        "_sent_first",
        "_sent_last",
        "_smoothed",
    )

    def __init__(self) -> None:
        self._buckets: deque[tuple[int, int]] = deque(maxlen=BASE_BUCKETS)
        self._points: deque[tuple[float, float]] = deque(maxlen=WINDOW)
        self.restart()

    def restart(self) -> None:
        """Forget the line, not the least delay: what comes next does not continue what was."""
        self._sent_first = self._sent_last = self._arrival = self._least = -1
        self._before: tuple[int, int] | None = None
        self._points.clear()
        self._accumulated = self._smoothed = 0.0
        self._count = 0
        self._origin = 0

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
        samples: list[DelaySample] = []
        for sent, arrival in zip(sent_us, arrival_us, strict=True):
            if self._sent_first < 0:
                self._begin(sent, arrival)
            elif sent - self._sent_first <= BURST_US or self._belongs(sent, arrival):
                self._sent_last = sent
                if arrival > self._arrival:
                    self._arrival = arrival
                self._least = min(self._least, arrival - sent)
            else:
                sample = self._finish()
                if sample is not None:
                    samples.append(sample)
                self._begin(sent, arrival)
        return samples

    def _belongs(self, sent: int, arrival: int) -> bool:
        """A group that something on the path has sent on in one go (section 5.2)."""
        later = arrival - self._arrival
        return (
            0 <= later <= BURST_US
            and later < sent - self._sent_last
            and (sent - self._sent_first < 100_000)
        )

    def _begin(self, sent: int, arrival: int) -> None:
        self._sent_first = self._sent_last = sent
        self._arrival = arrival
        self._least = arrival - sent

    def _finish(self) -> DelaySample | None:
        queue_ms = self._queue_ms()
        before = self._before
        self._before = (self._sent_last, self._arrival)
        if before is None:
            return None
        sent_step, step = self._sent_last - before[0], self._arrival - before[1]
        if not -MAX_STEP_US < step < MAX_STEP_US or sent_step > MAX_STEP_US:
            self.restart()
            self.forget_base()
            return None
        if step < 0:
            return None  # overtaken: says nothing of the queue
        if not self._points:
            self._origin = self._arrival
        self._count += 1
        self._accumulated += (step - sent_step) / 1000
        self._smoothed += (1 - SMOOTHING) * (self._accumulated - self._smoothed)
        at_ms = (self._arrival - self._origin) / 1000
        self._points.append((at_ms, self._smoothed))
        if len(self._points) < WINDOW:
            trend = 0.0
        else:
            trend = _slope(self._points) * min(self._count, MAX_COUNTED) * GAIN
        return DelaySample(trend, sent_step / 1000, self._arrival / 1000, queue_ms)

    def _queue_ms(self) -> float:
        bucket = self._arrival // BASE_BUCKET_US
        buckets = self._buckets
        if not buckets or buckets[-1][0] < bucket:
            buckets.append((bucket, self._least))
        elif self._least < buckets[-1][1]:
            buckets[-1] = (buckets[-1][0], self._least)
        return (self._least - min(least for _, least in buckets)) / 1000


def _slope(points: deque[tuple[float, float]]) -> float:
    """Least squares."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    over = under = 0.0
    for x, y in points:
        off = x - mean_x
        over += off * (y - mean_y)
        under += off * off
    return over / under if under > 0 else 0.0
