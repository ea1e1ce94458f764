"""What became of the packets that left: departures joined with transport-wide feedback.

Arrays and no object per packet: a thousand packets a second for each officer come by here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vcs.media.twcc import TICK_US, TICKS_PER_REFERENCE, TransportFeedback

CAPACITY: Final = 8192
"""Packets whose fate may still be told: eight seconds of the fastest peer. A power of two, and less
than half of the numbers, so that one from the future is never taken for one from the past."""

_NEVER_SENT, _OUTSTANDING, _LOST, _ARRIVED = 0, 1, 2, 3
_ABSENT: Final = np.iinfo(np.int64).min
_REFERENCE_SPAN: Final = 1 << 24
_REFERENCE_US: Final = TICK_US * TICKS_PER_REFERENCE


@dataclass(frozen=True, slots=True, eq=False)
class Deliveries:
    """What one feedback message told for the first time, in the order of sending: parallel arrays.

    `sent_us` is by our clock, `arrival_us` by the receiver's, whose zero means nothing; it is 0
    where `lost`. `recovered` are packets among the arrived that an earlier message called lost.
    `follows` says that no number between the message before and this one is left untold, as when
    feedback itself was lost.
    """

    sent_us: NDArray[np.int64]
    arrival_us: NDArray[np.int64]
    octets: NDArray[np.int64]
    lost: NDArray[np.bool_]
    recovered: int
    follows: bool

    def __len__(self) -> int:
        return len(self.sent_us)


class DeliveryLog:
    """Remembers the last CAPACITY packets of one peer. Each packet's arrival is told once, and its
    loss at most once before it, however often and in whatever order feedback comes."""

    __slots__ = ("_next", "_octets", "_reference", "_sent_us", "_state", "_told_to")

    def __init__(self) -> None:
        self._sent_us = np.zeros(CAPACITY, np.int64)
        self._octets = np.zeros(CAPACITY, np.int64)
        self._state = np.zeros(CAPACITY, np.int8)
        self._next = -1  # unwrapped number of the next packet
        self._told_to = -1  # the number after the newest told of
        self._reference: int | None = None

    def sent(self, first: int, sent_us: Sequence[int], octets: Sequence[int]) -> None:
        """Packets that left since the last call, in order: number `first` (16 bit) and those after
        it, when by our clock, and how large on the wire. Numbers left out were never sent, or are
        not known of; what is told of them is passed over. Raises `ValueError` when the two
        sequences differ in length."""
        count = len(sent_us)
        if len(octets) != count:
            raise ValueError("a time and a size for each packet")
        if self._next < 0:
            self._next = self._told_to = first & 0xFFFF
        gap = (first - self._next) & 0xFFFF
        if gap:
            self._state[self._places(self._next, self._next + min(gap, CAPACITY))] = _NEVER_SENT
            self._next += gap
        if not count:
            return
        skipped = max(0, count - CAPACITY)
        places = self._places(self._next + skipped, self._next + count)
        self._sent_us[places] = np.asarray(sent_us, np.int64)[skipped:]
        self._octets[places] = np.asarray(octets, np.int64)[skipped:]
        self._state[places] = _OUTSTANDING
        self._next += count

    def told(self, feedback: TransportFeedback) -> Deliveries:
        """What a message tells that was not known. Numbers that were not sent, or so long ago that
        they are forgotten, are passed over; work is bounded by CAPACITY."""
        origin_us = self._origin_us(feedback.reference)
        newest = self._next - 1
        # The number at or before the newest: one from the future comes out too old to be known.
        base = newest - ((newest - feedback.base) & 0xFFFF)
        first = max(base, self._next - CAPACITY, 0)
        end = min(base + feedback.count, self._next)
        if first >= end:
            return _nothing()
        follows = first <= self._told_to
        self._told_to = max(self._told_to, end)
        ticks = np.full(end - first, _ABSENT, np.int64)
        arrivals = feedback.arrivals
        if arrivals:
            flat = np.fromiter(chain.from_iterable(arrivals), np.int64, 2 * len(arrivals))
            at = ((flat[::2] - base) & 0xFFFF) + (base - first)
            within = (at >= 0) & (at < end - first)
            ticks[at[within]] = flat[1::2][within]
        places = self._places(first, end)
        state = self._state[places]
        arrived = ticks != _ABSENT
        known = (state == _OUTSTANDING) | (state == _LOST)
        late = arrived & (state == _LOST)
        told = np.where(arrived, known, state == _OUTSTANDING)
        self._state[places] = np.where(told, np.where(arrived, _ARRIVED, _LOST), state)
        where = places[told]
        lost = ~arrived[told]
        arrival_us = origin_us + ticks[told] * TICK_US
        arrival_us[lost] = 0
        return Deliveries(
            self._sent_us[where],
            arrival_us,
            self._octets[where],
            lost,
            int(np.count_nonzero(late)),
            follows,
        )

    @property
    def waiting_since_us(self) -> int | None:
        """When the oldest packet left that is newer than everything told of; None when there is
        none: silence then says nothing about the path."""
        oldest = max(self._told_to, self._next - CAPACITY)
        while oldest < self._next:
            if self._state[oldest % CAPACITY] == _OUTSTANDING:
                return int(self._sent_us[oldest % CAPACITY])
            oldest += 1
        return None

    def _origin_us(self, reference: int) -> int:
        """The reference time counts 64 ms in 24 bits: it wraps every twelve days."""
        before = self._reference
        if before is None:
            self._reference = reference % _REFERENCE_SPAN
        else:
            half = _REFERENCE_SPAN >> 1
            self._reference = before + (reference - before + half) % _REFERENCE_SPAN - half
        assert self._reference is not None
        return self._reference * _REFERENCE_US

    def _places(self, first: int, end: int) -> NDArray[np.int64]:
        return np.arange(first, end, dtype=np.int64) & (CAPACITY - 1)


def _nothing() -> Deliveries:
    empty = np.zeros(0, np.int64)
    return Deliveries(empty, empty, empty, np.zeros(0, np.bool_), 0, False)
