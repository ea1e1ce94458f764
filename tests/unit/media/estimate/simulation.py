"""A sender, a bottleneck and a receiver on a clock of their own: the same seed, the same run."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from vcs.media import rtcp, twcc
from vcs.media.delivery import DeliveryLog
from vcs.media.estimate.bandwidth import BandwidthEstimator

STEP_S = 0.01
FRAME_S = 1 / 30
KEY_FRAME = 16
PACKET = 1200
PADDING = 280
CLOCKS_APART_S = 12_345.678


@dataclass
class Link:
    """A bottleneck with a queue, a base delay each way, and random loss of media and feedback.

    `rate` gives bit/s by time; what would wait longer than `queue_s` is dropped, as by a buffer of
    that many bits. `jitter_s` is the mean of an exponential delay after the bottleneck, `spread_s`
    the most of an even one; packets do not overtake each other."""

    rate: Callable[[float], float]
    queue_s: float = 0.3
    delay_s: float = 0.02
    loss: float = 0.0
    jitter_s: float = 0.0
    spread_s: float = 0.0
    seed: int = 1
    free_at: float = 0.0
    last_arrival: float = 0.0
    stalls: tuple[tuple[float, float], ...] = ()
    """When the receiver's computer stands still: (from, to). What comes meanwhile is noticed at the
    end of it."""
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def carry(self, now: float, octets: int) -> tuple[float | None, float]:
        """When the packet arrives (None: lost), and how long it waited."""
        start = max(now, self.free_at)
        if start - now > self.queue_s:
            return None, start - now
        rate = self.rate(now)
        if rate <= 0:
            return None, 0.0
        self.free_at = start + octets * 8 / rate
        if self.random.random() < self.loss:
            return None, start - now
        arrival = self.free_at + self.delay_s
        if self.jitter_s:
            arrival += self.random.expovariate(1 / self.jitter_s)
        if self.spread_s:
            arrival += self.random.uniform(0.0, self.spread_s)
        self.last_arrival = max(arrival, self.last_arrival)
        for begin, end in self.stalls:
            if begin <= self.last_arrival < end:
                self.last_arrival = end
        return self.last_arrival, start - now


@dataclass
class Second:
    """One second of the run. Rates in kbit/s; the queue's mean and maximum in ms."""

    estimate: float = 0.0
    lowest: float = 1e9
    sent: float = 0.0
    arrived: float = 0.0
    padding: float = 0.0
    queue: float = 0.0
    worst: float = 0.0


def run(
    link: Link,
    seconds: float,
    estimator: BandwidthEstimator,
    demand: Callable[[float, float], float] = lambda estimate, now: estimate,
    wanted: Callable[[float], float] = lambda now: 0.0,
    feedback_s: float = 0.1,
    feedback_loss: float = 0.0,
    key_frame_every: int = 0,
    pace: float = 0.0,
) -> list[Second]:
    """`demand(estimate, now)` is the media sent, in bit/s; `wanted(now)` what the allocator could
    use: nothing is probed beyond it. Every so many frames one is a key frame, of KEY_FRAME times
    the size of the others. `pace`: pictures leave no faster than so many times the estimate; 0: as
    they come."""
    log, composer = DeliveryLog(), twcc.FeedbackComposer(1)
    in_flight: deque[tuple[float, int, int]] = deque()  # arrival, number, octets
    back: deque[tuple[float, bytes]] = deque()
    result: list[Second] = []
    number = 0
    next_frame = next_sound = 0.0
    next_feedback = feedback_s
    pending: deque[tuple[float, int]] = deque()
    paced: deque[tuple[float, int]] = deque()
    free_from = 0.0
    budget = 0.0
    frames = 0
    cluster = None
    cluster_sent = 0
    waits: list[float] = []
    second = Second()

    for step in range(round(seconds / STEP_S)):
        now = step * STEP_S
        # Media: frames as bursts, as a forwarding server passes them on; sound every 20 ms.
        while next_frame <= now:
            share = 1.0
            if key_frame_every:
                share = key_frame_every / (key_frame_every - 1 + KEY_FRAME)
                share *= KEY_FRAME if frames % key_frame_every == 0 else 1
            frames += 1
            budget += demand(estimator.bits_per_s, now) * FRAME_S / 8 * share
            at = now
            while budget >= PACKET / 2:
                size = int(min(PACKET, budget))
                (paced if pace else pending).append((at, size))
                budget -= size
                at += 0.0004
            next_frame += FRAME_S
        while next_sound <= now:
            pending.append((now, 100))
            next_sound += 0.02
        new = estimator.probe(wanted(now), now)
        if new is not None:
            cluster, cluster_sent = new, 0
        leaving: list[tuple[float, int, bool]] = []
        while paced and max(paced[0][0], free_from) < now + STEP_S:
            at, size = paced.popleft()
            at = max(at, free_from, now)
            leaving.append((at, size, False))
            free_from = at + size * 8 / (pace * estimator.bits_per_s)
        while pending and pending[0][0] < now + STEP_S:
            at, size = pending.popleft()
            leaving.append((max(at, now), size, False))
        if cluster is not None:
            cluster_sent += sum(size for _, size, _ in leaving)
            due = cluster.padding_due(now, cluster_sent)
            at = now
            while due > 0:
                leaving.append((at, min(PADDING, max(60, due)), True))
                due -= PADDING
                at += 0.00002
                cluster_sent += leaving[-1][1]
        leaving.sort(key=lambda one: one[0])
        first = number
        sent_us, sizes = [], []
        for at, size, padding in leaving:
            arrival, wait = link.carry(at, size)
            waits.append(wait)
            sent_us.append(int(at * 1e6))
            sizes.append(size)
            second.sent += size * 8 / 1000
            second.padding += size * 8 / 1000 if padding else 0
            if arrival is not None:
                in_flight.append((arrival, number, size))
            number += 1
        log.sent(first & 0xFFFF, sent_us, sizes)
        # The receiver.
        if now >= next_feedback:
            next_feedback += feedback_s
            sequences, times = [], []
            while in_flight and in_flight[0][0] <= now:
                arrival, which, size = in_flight.popleft()
                sequences.append(which & 0xFFFF)
                times.append(int((arrival + CLOCKS_APART_S) * 1e6))
                second.arrived += size * 8 / 1000
            for raw in composer.compose(9, sequences, times):
                if link.random.random() >= feedback_loss and link.rate(now) > 0:
                    back.append((now + link.delay_s, raw))
        # And what comes back.
        while back and back[0][0] <= now:
            (message,) = rtcp.parse(back.popleft()[1])
            assert isinstance(message, twcc.TransportFeedback)
            estimator.told(log.told(message), 2 * link.delay_s, now)
        since = log.waiting_since_us
        estimator.waited(None if since is None else since / 1e6, now)
        estimate = estimator.bits_per_s / 1000
        second.estimate += estimate * STEP_S
        second.lowest = min(second.lowest, estimate)
        if (step + 1) % round(1 / STEP_S) == 0:
            second.queue = 1000 * sum(waits) / max(1, len(waits))
            second.worst = 1000 * max(waits, default=0.0)
            result.append(second)
            second, waits = Second(), []
    return result


def mean(seconds: list[Second], what: str) -> float:
    return float(sum(getattr(second, what) for second in seconds) / len(seconds))
