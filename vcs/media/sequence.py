"""Sequence numbers: unwrapping, mapping to a route's own numbers, and never using one twice.

The map works on unwrapped numbers, which only the `Unwrapper` makes from those on the wire. It
serves RTP sequence numbers and VP8 picture ids alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64

WINDOW: Final = 512
"""How far back a late packet may be and still find its number."""

SENT_WINDOW: Final = 128
"""The replay window of the sending SRTP context: what is older it would refuse anyway."""

_SKIPPED: Final = -(1 << 62)


class Unwrapper:
    """Extends numbers of `bits` bits to ones that do not wrap: each is taken for the one nearest
    to the highest so far, which is -1 before the first. One from before the first may come out
    negative."""

    __slots__ = ("_bits", "highest")

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self.highest = -1

    def unwrap(self, number: int) -> int:
        highest = self.highest
        if highest < 0:
            self.highest = number
            return number
        span = 1 << self._bits
        ahead = (number - highest) & (span - 1)
        if ahead < span >> 1:
            self.highest = highest + ahead
            return highest + ahead
        return highest + ahead - span

    def change_width(self, bits: int, number: int) -> int:
        """The source changed the width of its numbers: `number` follows the highest so far."""
        span = 1 << bits
        following = self.highest + 1
        self._bits = bits
        self.highest = following + (number - following) % span
        return self.highest

    @property
    def bits(self) -> int:
        return self._bits


class SequenceMap:
    """Maps a source's numbers to a continuous series of our own, over any number of sources.

    - Within a source the map is strictly increasing, whatever the order of arrival; a number that
      has not arrived keeps its place, one that was skipped has none and the series closes up.
    - A source begins right after `last`, the highest number given out; what is older than its
      beginning is refused, and so is what is more than `WINDOW` late.
    - A jump ahead of more than `WINDOW` shows as a single missing number.

    `newest` is the source's highest number so far. A caller that has no time for a call may do
    `keep(newest + 1)` by hand: step `newest`, note `shift` in `shifts`, add `shift`.
    """

    __slots__ = ("_first", "mask", "newest", "shift", "shifts")

    def __init__(self, last: int, window: int = WINDOW) -> None:
        if window & (window - 1):
            raise ValueError("the window is a power of two")
        self._first: i64 = 0
        self.newest: i64 = last
        self.shift: i64 = 0
        self.mask: i64 = window - 1
        self.shifts: list[int] = [_SKIPPED] * window

    @property
    def last(self) -> i64:
        """The highest of our numbers so far."""
        return self.newest + self.shift

    def begin(self, source: i64) -> None:
        """A source begins with its number `source`, whatever was fed before."""
        self.shift = self.last + 1 - source
        self._first = source
        self.newest = source - 1

    def take(self) -> i64:
        """The next number, for a packet of our own making. A source must begin anew after it."""
        self.newest += 1
        self._first = self.newest + 1
        return self.last

    def give_back(self, count: i64) -> None:
        """Our highest `count` numbers were never used. A source must begin anew next."""
        self.shift -= count
        self._first = self.newest + 1

    def keep(self, source: i64) -> i64:
        """Our number for the source's, or -1 when it comes too late or was skipped."""
        if source > self.newest:
            self._advance(source)
            self.shifts[source & self.mask] = self.shift
            return source + self.shift
        if source < self._first or self.newest - source > self.mask:
            return -1
        shift = self.shifts[source & self.mask]
        return -1 if shift == _SKIPPED else source + shift

    def skip(self, source: i64) -> None:
        """The source's number is not sent on: what follows closes up. A number that others have
        already overtaken leaves a hole."""
        if source > self.newest:
            self._advance(source)
            self.shift -= 1
        elif source < self._first or self.newest - source > self.mask:
            return
        self.shifts[source & self.mask] = _SKIPPED

    def _advance(self, source: i64) -> None:
        gap = source - self.newest - 1
        if gap > self.mask:
            self.shift = self.last + 2 - source
            self._first = source
        elif gap:
            for missing in range(self.newest + 1, source):
                self.shifts[missing & self.mask] = self.shift
        self.newest = source


class SentNumbers:
    """Which of our numbers have been sent, so that none is protected twice under one key.

    A caller that has no time for a call may mark a number above `highest` by hand, in both fields.
    """

    __slots__ = ("highest", "numbers")

    def __init__(self) -> None:
        self.highest: i64 = -1
        self.numbers: list[int] = [-1] * SENT_WINDOW

    def mark(self, number: i64) -> bool:
        """True once for each number, in any order within `SENT_WINDOW` of the highest."""
        at = number & (SENT_WINDOW - 1)
        if number > self.highest:
            self.highest = number
        elif self.highest - number >= SENT_WINDOW or self.numbers[at] == number:
            return False
        self.numbers[at] = number
        return True

    def give_back(self, count: i64) -> None:
        """The highest `count` numbers were marked and not sent: they come again."""
        for number in range(self.highest - min(count, SENT_WINDOW) + 1, self.highest + 1):
            self.numbers[number & (SENT_WINDOW - 1)] = -1
        self.highest -= count
