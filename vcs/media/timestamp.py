"""RTP timestamps: the source's plus a constant for each source (RFC 3550 section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64

SPAN: Final = 1 << 32
MASK: Final = SPAN - 1

TOLERANCE_S: Final = 2.0
"""How far a known constant may be from what the arrival says before it is not believed: a sender's
report is the peer's word, and clocks drift over a long pause."""


def ahead(later: i64, earlier: i64) -> i64:
    """How far `later` is ahead of `earlier`, from -2**31 to 2**31 - 1 (RFC 1982)."""
    return ((later - earlier + (1 << 31)) & MASK) - (1 << 31)


@dataclass(frozen=True, slots=True)
class SenderClock:
    """A sender report's pair: wall clock in seconds and RTP timestamp (RFC 3550 section 6.4.1)."""

    ntp_seconds: float
    rtp_timestamp: int


def align(old: SenderClock, new: SenderClock, offset: int, clock_rate: int) -> int:
    """The offset of a new layer that shows what it captured at the time of the old layer, whose
    offset is `offset`. Both layers are of one sender and one wall clock."""
    elapsed = round((new.ntp_seconds - old.ntp_seconds) * clock_rate)
    return (old.rtp_timestamp + elapsed + offset - new.rtp_timestamp) & MASK


class TimestampMap:
    """A route's timestamps. A pause of the source shows as a pause; a source begins strictly
    after the last timestamp sent, by `step` at least where nothing better is known."""

    __slots__ = ("_clock_rate", "_step", "last", "last_at", "offset")

    def __init__(self, clock_rate: int, step: int, first: int) -> None:
        self._clock_rate = clock_rate
        self._step = step
        self.last: i64 = first
        self.last_at: float | None = None
        self.offset: int | None = None

    def begin(self, timestamp: i64, now: float, offset: int | None = None) -> None:
        """A source begins with `timestamp`, which arrived `now`. `offset` is its constant when it
        is known: that of the same source before its pause, or by sender reports."""
        if self.last_at is None:
            self.offset = (self.last - timestamp) & MASK
            return
        elapsed = max(0.0, now - self.last_at) * self._clock_rate
        advance = max(self._step, int(elapsed) & MASK)
        if offset is not None:
            known = ahead((timestamp + offset) & MASK, self.last)
            if abs(float(known) - elapsed) <= TOLERANCE_S * self._clock_rate:
                advance = known if known > 0 else self._step
        self.offset = (self.last + min(advance, (1 << 31) - 1) - timestamp) & MASK

    def map(self, timestamp: int) -> int:
        """Our timestamp for the source's. Only between `begin` and the next one."""
        assert self.offset is not None
        return (timestamp + self.offset) & MASK

    def sent(self, timestamp: i64, now: float) -> None:
        """`timestamp` (ours) was sent."""
        if self.last_at is None or ahead(timestamp, self.last) > 0:
            self.last = timestamp
        self.last_at = now
