"""How much a receiver's path bears, in bit/s: delay-based and loss-based control together
(draft-ietf-rmcat-gcc-02, section 2: the lower of the two), probing, silence, and REMB."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vcs.media.delivery import Deliveries
from vcs.media.estimate.acknowledged import AcknowledgedBitrate
from vcs.media.estimate.busy import BusyRate
from vcs.media.estimate.loss_based import LossBasedControl
from vcs.media.estimate.overuse import OveruseDetector, Usage
from vcs.media.estimate.prober import ProbeCluster, Prober
from vcs.media.estimate.rate_control import RateControl
from vcs.media.estimate.trend import DelayTrend

INITIAL_BITS_PER_S: Final = 1_000_000
MIN_BITS_PER_S: Final = 50_000
MAX_BITS_PER_S: Final = 10_000_000
DEFAULT_ROUND_TRIP_S: Final = 0.1
SILENCE_S: Final = 1.0
"""Feedback that is missing for so long, while packets leave, means that nothing gets through, one
way or the other."""
SILENCE_STEP_S: Final = 0.5
SILENCE_FACTOR: Final = 0.7
AFTER_SILENCE: Final = 0.7
"""Of what the path bore before."""
REMB_VALID_S: Final = 5.0
"""Receivers repeat it every second or so; beside transport-wide feedback it counts so long."""
CALM_S: Final = 1.0
CALM_QUEUE_MS: Final = 60.0
"""Over what is usual on the path."""
USUAL: Final = 50
"""Messages whose queues say what is usual: five seconds or so."""
USUAL_KNOWN: Final = 20
"""So many of them say it well enough."""
STEADY_MS: Final = 10.0
"""Where half of them lie so close to the least, packets are not late by chance."""


class BandwidthEstimator:
    """One receiver's estimate. `bits_per_s` is always within the minimum and the maximum."""

    __slots__ = (
        "_acknowledged",
        "_busy",
        "_delay",
        "_detector",
        "_loss",
        "_maximum",
        "_minimum",
        "_queues",
        "_remb",
        "_remb_at",
        "_silence_at",
        "_steady",
        "_told",
        "_trend",
        "_troubled_at",
        "_usual_queue_ms",
        "before_silence",
        "bits_per_s",
        "prober",
        "queue_ms",
    )

    def __init__(
        self,
        now: float,
        initial: int = INITIAL_BITS_PER_S,
        minimum: int = MIN_BITS_PER_S,
        maximum: int = MAX_BITS_PER_S,
    ) -> None:
        """Raises `ValueError` unless 0 < minimum <= initial <= maximum."""
        if not 0 < minimum <= initial <= maximum:
            raise ValueError("0 < minimum <= initial <= maximum")
        self._minimum, self._maximum = minimum, maximum
        self._acknowledged = AcknowledgedBitrate()
        self._busy = BusyRate()
        self._trend = DelayTrend()
        self._detector = OveruseDetector()
        self._delay = RateControl(initial, now)
        self._loss = LossBasedControl()
        self.prober = Prober()
        self._queues: deque[float] = deque(maxlen=USUAL)
        self._usual_queue_ms = 0.0
        self._steady = False
        self._remb: float | None = None
        self._remb_at = -math.inf
        self._told = False
        self._troubled_at = -math.inf
        self._silence_at = -math.inf
        self.before_silence: int | None = None
        """The estimate when feedback was last heard, while there is none."""
        self.bits_per_s = initial
        self.queue_ms = 0.0
        """Delay of the newest packets over the path's least."""

    # --- what comes in --------------------------------------------------------------------------

    def told(self, deliveries: Deliveries, round_trip: float | None, now: float) -> int:
        """What one feedback message said (`DeliveryLog.told`); the round trip in seconds where it
        is known. Returns the estimate."""
        if not len(deliveries):
            return self.bits_per_s
        self._told = True
        if self.before_silence is not None:
            return self._begin_anew(now)
        arrived = ~deliveries.lost
        self._acknowledged.arrived(
            deliveries.arrival_us[arrived], deliveries.octets[arrived], deliveries.follows
        )
        acknowledged = self._acknowledged.bits_per_s
        self._busy.arrived(
            deliveries.sent_us[arrived],
            deliveries.arrival_us[arrived],
            deliveries.octets[arrived],
        )
        probe = self.prober.belongs(deliveries.sent_us)
        usage = self._usage(deliveries, arrived & ~probe, bool(probe.any()))
        trip = DEFAULT_ROUND_TRIP_S if round_trip is None else min(max(round_trip, 0.0), 2.0)
        before = self._delay.bits_per_s
        futile = self._delay.update(
            usage,
            acknowledged,
            self._busy,
            self.queue_ms,
            self._usual_queue_ms,
            self._steady,
            trip,
            now,
        )
        if futile:
            self._trend.forget_base()
        if self._delay.bits_per_s < before or usage is Usage.OVER:
            self._troubled_at = now
        limit = self._loss.bits_per_s
        self._loss.told(
            deliveries.sent_us[~probe],
            deliveries.octets[~probe],
            int(np.count_nonzero(deliveries.lost[~probe])),
            deliveries.recovered,
            acknowledged,
            now,
        )
        if self._loss.bits_per_s < limit:
            self._troubled_at = now
        found = self.prober.told(deliveries, now)
        if found is not None:
            self._delay.raise_to(found.bits_per_s, now)
            self._loss.raise_to(found.bits_per_s)
            if found.link_bits_per_s is not None:
                self._delay.full_at(found.link_bits_per_s)
                self._delay.limit(max(found.bits_per_s, acknowledged or 0.0))
        return self._combine(now)

    def waited(self, waiting_since: float | None, now: float) -> int:
        """On every tick: since when packets wait for feedback (`DeliveryLog.waiting_since_us`, in
        seconds), None when none do. After SILENCE_S the estimate falls step by step."""
        if (
            waiting_since is not None
            and now - waiting_since >= SILENCE_S
            and now - self._silence_at >= SILENCE_STEP_S
        ):
            if self.before_silence is None:
                self.before_silence = self.bits_per_s
            self._silence_at = self._troubled_at = now
            self._delay.limit(SILENCE_FACTOR * self.bits_per_s)
        return self._combine(now)

    def remb(self, bits_per_s: float, now: float) -> int:
        """The receiver's own estimate (draft-alvestrand-rmcat-remb-03): it replaces ours until
        there is transport-wide feedback, and is an upper limit then."""
        self._remb = float(bits_per_s)
        self._remb_at = now
        return self._combine(now)

    def probe(self, wanted: float, now: float) -> ProbeCluster | None:
        """On every tick: a cluster of padding to begin now. `wanted` in bit/s as the allocator
        says. None without transport-wide feedback: there would be no result."""
        if not self._told:
            return None
        wanted = min(wanted, self._maximum)
        return self.prober.plan(self.bits_per_s, wanted, self.calm(now), now)

    def _begin_anew(self, now: float) -> int:
        """The path is back: nothing that was lost with it says how much it bears now, and what it
        bore before is the best guess."""
        assert self.before_silence is not None
        begin = max(int(AFTER_SILENCE * self.before_silence), self._minimum)
        self.before_silence = None
        self._acknowledged = AcknowledgedBitrate()
        self._busy = BusyRate()
        self._trend = DelayTrend()
        self._detector = OveruseDetector()
        self._delay = RateControl(begin, now)
        self._loss = LossBasedControl()
        self.prober = Prober()
        self.queue_ms = 0.0
        self._queues.clear()
        self._usual_queue_ms = 0.0
        self._steady = False
        return self._combine(now)

    # --- what is known --------------------------------------------------------------------------

    @property
    def acknowledged(self) -> float | None:
        """Bit/s that arrive, padding included; None when not yet known."""
        return self._acknowledged.bits_per_s

    @property
    def usage(self) -> Usage:
        return self._detector.usage

    @property
    def loss(self) -> float:
        """Share lost lately."""
        return self._loss.loss

    @property
    def usual_queue_ms(self) -> float:
        """Where packets are late by chance, as on a bad radio link, they are so all the time."""
        return self._usual_queue_ms

    def calm(self, now: float) -> bool:
        """No sign of congestion for a while."""
        return (
            now - self._troubled_at >= CALM_S
            and self.queue_ms < CALM_QUEUE_MS + self.usual_queue_ms
            and self._detector.usage is not Usage.OVER
        )

    def _usage(self, deliveries: Deliveries, taken: NDArray[np.bool_], probe: bool) -> Usage:
        if probe:
            # A probe makes a queue on purpose: neither it nor the step across it is judged.
            self._trend.skip()
        samples = self._trend.packets(
            deliveries.sent_us[taken].tolist(), deliveries.arrival_us[taken].tolist()
        )
        over = False
        for sample in samples:
            usage = self._detector.detect(sample.trend, sample.interval_ms, sample.at_ms)
            over = over or usage is Usage.OVER
        if samples:
            # The least of the batch: what a burst adds to itself is no standing queue.
            self.queue_ms = min(sample.queue_ms for sample in samples)
            self._queues.append(self.queue_ms)
            ordered = sorted(self._queues)
            self._usual_queue_ms = ordered[len(ordered) // 2]
            # A path that has just become a longer one is no less steady.
            spread = self._usual_queue_ms - ordered[0]
            self._steady = len(ordered) >= USUAL_KNOWN and spread < STEADY_MS
        return Usage.OVER if over else self._detector.usage

    def _combine(self, now: float) -> int:
        rate = min(self._delay.bits_per_s, self._loss.bits_per_s)
        if self._remb is not None:
            if not self._told:
                rate = self._remb
            elif now - self._remb_at <= REMB_VALID_S:
                rate = min(rate, self._remb)
        if not rate > self._minimum:  # also when it is no number
            rate = float(self._minimum)
        self.bits_per_s = int(min(rate, self._maximum))
        # Nothing is remembered below or above the limits, else it would be long in coming back.
        self._delay.bits_per_s = min(
            max(self._delay.bits_per_s, float(self._minimum)), float(self._maximum)
        )
        return self.bits_per_s
