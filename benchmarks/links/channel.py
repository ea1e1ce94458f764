"""One direction of an emulated link, without any I/O: packets go in with the time, and come out
when they are due.

A packet passes block and outage, waits for the rate in a queue, is lost or not, and is under way
for the delay. Loss comes after the queue, as on a radio link: what is lost has cost its share of
the rate.
"""

from __future__ import annotations

import math
import random
import struct
from collections import deque
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any, Final

from benchmarks.links.shape import Shape

_PROTOCOLS: Final = {"tcp": 6, "udp": 17}
_PORTS: Final = struct.Struct("!HH")


class Channel:
    """Times are monotonic seconds and must not go back."""

    def __init__(self, shape: Shape, seed: int = 1) -> None:
        """`seed`: of loss and jitter, so that a run can be had again."""
        self._random = random.Random(seed)
        self._waiting: deque[tuple[bytes, float]] = deque()
        self._backlog = 0
        self._finish = 0.0
        self._under_way: list[tuple[float, int, bytes]] = []
        self._number = 0
        self._last_arrival = 0.0
        self._in_burst = False
        self._shape = shape
        self._take_over(shape)
        self._counts: dict[str, int] = {}
        self._queued: list[float] = []
        self._late: list[float] = []
        self._forget()

    def reshape(self, shape: Shape, now: float) -> None:
        """From now on. What waits goes on at the new rate; an outage loses all that is here."""
        self._serve(now)
        before = self._bits_per_s
        self._take_over(shape)
        if shape.outage:
            self._counts["lost_in_outage"] += len(self._waiting) + len(self._under_way)
            self._waiting.clear()
            self._under_way.clear()
            self._backlog = 0
        elif self._waiting and not self._bits_per_s:
            while self._waiting:
                self._launch(self._waiting.popleft()[0], now)
            self._backlog = 0
        elif self._waiting and before != self._bits_per_s:
            self._finish = now + (self._finish - now) * before / self._bits_per_s

    def put(self, packet: bytes, now: float) -> None:
        """An IPv4 packet that has come to this end."""
        counts = self._counts
        counts["packets"] += 1
        if self._blocked and self._is_blocked(packet):
            counts["blocked"] += 1
            return
        if self._shape.outage:
            counts["lost_in_outage"] += 1
            return
        if not self._bits_per_s:
            self._queued.append(0.0)
            self._launch(packet, now)
            return
        self._serve(now)
        size = len(packet)
        if self._backlog > self._most_backlog:
            counts["overflowed"] += 1
            return
        if not self._waiting:
            self._queued.append(0.0)
            self._finish = now + size * 8 / self._bits_per_s
        self._waiting.append((packet, now))
        self._backlog += size

    def take(self, now: float) -> list[bytes]:
        """What arrives at the other end by now, in the order of arrival."""
        if self._waiting:
            self._serve(now)
        under_way = self._under_way
        arrived: list[bytes] = []
        while under_way and under_way[0][0] <= now:
            due, _, packet = heappop(under_way)
            self._late.append(now - due)
            arrived.append(packet)
        return arrived

    def next_at(self) -> float:
        """When to call `take` again; infinity when there is nothing here."""
        at = self._under_way[0][0] if self._under_way else math.inf
        return min(at, self._finish) if self._waiting else at

    def report(self, *, reset: bool) -> dict[str, Any]:
        """Counts since the last reset, and shares of the times in milliseconds: `queue_ms` that
        packets waited before the link took them, `late_ms` that they were passed on after they were
        due (the machine's delay, not the link's)."""
        told: dict[str, Any] = {
            **self._counts,
            "queue_ms": _shares(self._queued),
            "late_ms": _shares(self._late),
        }
        if reset:
            self._forget()
        return told

    def _take_over(self, shape: Shape) -> None:
        self._shape = shape
        self._bits_per_s = shape.rate_kbps * 1000
        self._most_backlog = self._bits_per_s * shape.queue_ms / 8000
        self._delay = shape.delay_ms / 1000
        self._jitter = shape.jitter_ms / 1000
        self._loss = shape.loss_percent / 100
        self._blocked = [
            (_PROTOCOLS[kind], int(port or 0))
            for kind, _, port in (word.partition(":") for word in shape.blocked)
        ]
        if not shape.burst_packets:
            self._in_burst = False

    def _serve(self, now: float) -> None:
        """The link has taken everything whose last bit is sent by now."""
        waiting = self._waiting
        while waiting and self._finish <= now:
            packet, _ = waiting.popleft()
            self._backlog -= len(packet)
            sent = self._finish
            if waiting:
                following, came = waiting[0]
                self._queued.append(sent - came)
                self._finish = sent + len(following) * 8 / self._bits_per_s
            self._launch(packet, sent)

    def _launch(self, packet: bytes, at: float) -> None:
        counts = self._counts
        counts["carried_octets"] += len(packet)
        if self._loss and self._is_lost():
            counts["lost"] += 1
            return
        counts["delivered"] += 1
        counts["delivered_octets"] += len(packet)
        due = at + self._delay
        if self._jitter:
            due += self._random.uniform(-self._jitter, self._jitter)
        if not self._shape.reorder:
            due = self._last_arrival = max(due, self._last_arrival)
        self._number += 1
        heappush(self._under_way, (due, self._number, packet))

    def _is_lost(self) -> bool:
        burst = self._shape.burst_packets
        if not burst or self._loss >= 1:
            return self._random.random() < self._loss
        ends = 1 / burst
        begins = ends * self._loss / (1 - self._loss)
        chance = 1 - ends if self._in_burst else begins
        self._in_burst = self._random.random() < chance
        return self._in_burst

    def _is_blocked(self, packet: bytes) -> bool:
        if len(packet) < 20:
            return False
        at = (packet[0] & 15) * 4
        for protocol, port in self._blocked:
            if packet[9] != protocol:
                continue
            if not port or (len(packet) >= at + 4 and port in _PORTS.unpack_from(packet, at)):
                return True
        return False

    def _forget(self) -> None:
        names = ("packets", "delivered", "carried_octets", "delivered_octets")
        drops = ("lost", "overflowed", "lost_in_outage", "blocked")
        self._counts = dict.fromkeys((*names, *drops), 0)
        self._queued = []
        self._late = []


def _shares(seconds: Sequence[float]) -> dict[str, float]:
    """Percentiles in milliseconds, by nearest rank; zeros of nothing."""
    ordered = sorted(seconds) or [0.0]
    ranks = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {
        name: round(ordered[max(1, math.ceil(share * len(ordered))) - 1] * 1000, 3)
        for name, share in ranks.items()
    }
