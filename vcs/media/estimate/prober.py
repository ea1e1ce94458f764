"""Probing: finding by padding what the media that is sent cannot show.

The estimate grows to half over what is sent at most, and a forwarding server cannot send a little
more of a picture: the next layer may be three times as large. So padding is sent beside the media
for a twentieth of a second, in all at the rate in question, and how it arrives tells whether the
link would bear it. The prober plans and reads; it sends nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vcs.media.delivery import Deliveries

CLUSTER_S: Final = 0.05
"""A link of half the probe's rate gets a queue of so long by it, for a moment."""
FIRST_FACTOR: Final = 3.0
FACTOR: Final = 2.0
"""A probe's rate against the estimate: the first one, and those after it."""
ENOUGH: Final = 1.1
"""No probe goes further than so much over what is wanted."""
CONVINCING: Final = 0.7
"""A result of so much of the probe's rate, without the link's end in sight, calls for the next
probe at once."""
INTERVAL_S: Final = 5.0
MAX_INTERVAL_S: Final = 10.0
"""Between probes, and when they find nothing."""
AFTER_DROP_S: Final = 3.0
LARGE_DROP: Final = 0.66
TIMEOUT_S: Final = 1.5
TOLD: Final = 0.8
"""A result needs so much of the cluster told of and arrived."""
FULL: Final = 0.9
"""A cluster that arrives slower than so much of how it left has found the link's rate."""
BELOW_FULL: Final = 0.95
"""Stay so far below it, so that the queue can drain."""
BURST_US: Final = 1500
SHORTEST_US: Final = 5000


@dataclass(frozen=True, slots=True)
class ProbeCluster:
    """Everything that is sent from `start_us` to `end_us` (the clock of `sent_us`) is the probe:
    the media, and as much padding as makes `octets` of it, evenly: `bits_per_s`."""

    bits_per_s: int
    octets: int
    start_us: int
    end_us: int

    def padding_due(self, now: float, sent_octets: int) -> int:
        """Octets of padding to send now, when `sent_octets` have been sent since the start,
        padding included. 0 before the start and after the end."""
        passed = now * 1e6 - self.start_us
        whole = self.end_us - self.start_us
        if not 0 <= passed <= whole:
            return 0
        # One step ahead, so that the first octets go out at once and the last before the end.
        due = self.octets * min(1.0, (passed + whole / 5) / whole)
        return max(0, int(due) - sent_octets)


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """`bits_per_s` can be sent. `link_bits_per_s` is the rate of the link when the probe filled it,
    None when the link bears the probe's rate at least."""

    bits_per_s: float
    link_bits_per_s: float | None


class Prober:
    """Plans at most one cluster at a time."""

    __slots__ = (
        "_arrival_us",
        "_began",
        "_chained",
        "_interval",
        "_lost",
        "_next_at",
        "_octets",
        "_peak",
        "_sent_us",
        "cluster",
    )

    def __init__(self) -> None:
        self.cluster: ProbeCluster | None = None
        """The one under way, until its result is known or has been given up."""
        self._began = False
        self._chained: float | None = None
        self._interval = INTERVAL_S
        self._next_at = -math.inf
        self._peak = 0.0
        self._forget()

    def plan(self, estimate: float, wanted: float, calm: bool, now: float) -> ProbeCluster | None:
        """A cluster to begin at once, or None. Asked on every tick.

        `estimate` in bit/s; `wanted`, what all that the receiver could use would need; `calm`, that
        the path has shown no congestion for a while. Nothing is probed that nobody wants.
        """
        if self.cluster is not None:
            if now * 1e6 < self.cluster.end_us + TIMEOUT_S * 1e6:
                return None
            self._conclude(None, now)
        self._note_drop(estimate, now)
        if not calm or wanted <= estimate or now < self._next_at:
            return None
        if self._chained is not None:
            rate = max(self._chained, FACTOR * estimate)
        else:
            rate = (FACTOR if self._began else FIRST_FACTOR) * estimate
        self._began = True
        rate = min(rate, ENOUGH * wanted)
        start = int(now * 1e6)
        self.cluster = ProbeCluster(
            int(rate), int(rate * CLUSTER_S / 8), start, start + int(CLUSTER_S * 1e6)
        )
        self._forget()
        return self.cluster

    def told(self, deliveries: Deliveries, now: float) -> ProbeResult | None:
        """What was told of packets, the cluster's among them. What was found, once it is known."""
        cluster = self.cluster
        if cluster is None or not len(deliveries):
            return None
        ours = self.belongs(deliveries.sent_us)
        if ours.any():
            self._sent_us.append(deliveries.sent_us[ours])
            self._arrival_us.append(deliveries.arrival_us[ours])
            self._octets.append(deliveries.octets[ours])
            self._lost.append(deliveries.lost[ours])
        if int(deliveries.sent_us[-1]) <= cluster.end_us and now * 1e6 < cluster.end_us + 5e5:
            return None
        result = self._measure(cluster)
        self._conclude(result, now)
        return result

    def belongs(self, sent_us: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these packets are the cluster's."""
        if self.cluster is None:
            return np.zeros(len(sent_us), np.bool_)
        return (sent_us >= self.cluster.start_us) & (sent_us <= self.cluster.end_us)

    def _measure(self, cluster: ProbeCluster) -> ProbeResult | None:
        if not self._sent_us:
            return None
        sent_us = np.concatenate(self._sent_us)
        octets = np.concatenate(self._octets)
        arrived = ~np.concatenate(self._lost)
        arrival_us = np.concatenate(self._arrival_us)[arrived]
        arrived_octets = octets[arrived]
        if arrived_octets.sum() < TOLD * cluster.octets or len(arrival_us) < 3:
            return None
        # Of the last burst the time that it takes is not seen, so its octets do not count; of what
        # arrives, those of the first packet.
        last = sent_us > sent_us.max() - BURST_US
        send_span = int(sent_us[last].min() - sent_us.min())
        order = np.argsort(arrival_us, kind="stable")
        arrive_span = int(arrival_us[order[-1]] - arrival_us[order[0]])
        if not (send_span >= SHORTEST_US and SHORTEST_US <= arrive_span < 2_000_000):
            return None
        send_rate = float(octets[~last].sum()) * 8e6 / send_span
        receive_rate = float(arrived_octets[order[1:]].sum()) * 8e6 / arrive_span
        if receive_rate < FULL * send_rate:
            return ProbeResult(BELOW_FULL * receive_rate, receive_rate)
        return ProbeResult(min(send_rate, receive_rate), None)

    def _conclude(self, result: ProbeResult | None, now: float) -> None:
        cluster, self.cluster = self.cluster, None
        assert cluster is not None
        if (
            result is not None
            and result.link_bits_per_s is None
            and result.bits_per_s >= CONVINCING * cluster.bits_per_s
        ):
            self._chained = FACTOR * result.bits_per_s
            self._interval = INTERVAL_S
            self._next_at = now
        else:
            self._chained = None
            self._next_at = now + self._interval
            self._interval = min(MAX_INTERVAL_S, 2 * self._interval)
        self._forget()

    def _note_drop(self, estimate: float, now: float) -> None:
        """After a large drop the first look comes sooner: most of them are short."""
        self._peak = max(self._peak, estimate)
        if estimate < LARGE_DROP * self._peak:
            self._peak = estimate
            self._chained = None
            self._interval = INTERVAL_S
            if self._began:
                self._next_at = now + AFTER_DROP_S

    def _forget(self) -> None:
        self._sent_us: list[NDArray[np.int64]] = []
        self._arrival_us: list[NDArray[np.int64]] = []
        self._octets: list[NDArray[np.int64]] = []
        self._lost: list[NDArray[np.bool_]] = []
