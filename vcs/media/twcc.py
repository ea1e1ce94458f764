"""Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01,
section 3.1): what arrived when, for the sender's bandwidth estimate."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from operator import sub
from typing import Final

from vcs.media.packet import Buffer, MalformedPacket
from vcs.media.sequence import Unwrapper

RTCP_TYPE: Final = 205
FORMAT: Final = 15
BODY_AT: Final = 12
"""Of an RTCP packet, where what `parse` takes begins: behind header and SSRCs."""
TICK_US: Final = 250
TICKS_PER_REFERENCE: Final = 256
"""A reference time counts 64 ms."""

MAX_STATUSES: Final = 512
"""Packets told of in one feedback message, which then fits any path's MTU. A gap as long as this is
a new beginning, not a loss."""

_HEADER: Final = struct.Struct("!BBHII")
_FIXED: Final = struct.Struct("!HHI")
_CHUNK: Final = struct.Struct("!H")
_LARGE: Final = struct.Struct("!h")
_MERGED_REFERENCES: Final = 1 << 8
"""Sixteen seconds: of what is further apart, the clock began anew or wrapped."""
_ABSENT, _SMALL_DELTA, _LARGE_DELTA = 0, 1, 2


@dataclass(frozen=True, slots=True)
class TransportFeedback:
    """`count` packets from `base` (16 bit) on. `arrivals` are those that arrived: sequence number
    and time in ticks of 250 us, where tick 0 is `reference` times 64 ms."""

    sender_ssrc: int
    media_ssrc: int
    base: int
    count: int
    reference: int
    number: int
    arrivals: tuple[tuple[int, int], ...]


def parse(sender_ssrc: int, media_ssrc: int, body: bytes) -> TransportFeedback:
    """The message after its two SSRCs. Raises `MalformedPacket`. Work and memory are bounded by the
    length of the data: what did not arrive is not listed."""
    if len(body) < _FIXED.size:
        raise MalformedPacket("transport feedback cut off")
    base, count, word = _FIXED.unpack_from(body)
    at = _FIXED.size
    numbers: list[int] = []  # of what arrived, with its symbol
    symbols = bytearray()
    done = 0
    while done < count:
        if at + 2 > len(body):
            raise MalformedPacket("status chunk cut off")
        (chunk,) = _CHUNK.unpack_from(body, at)
        at += 2
        if chunk & 0x8000:
            bits = 2 if chunk & 0x4000 else 1
            for shift in range(14 - bits, -1, -bits):
                symbol = chunk >> shift & (1 << bits) - 1
                if symbol and done < count:
                    numbers.append(base + done)
                    symbols.append(symbol)
                done += 1
        else:
            symbol, length = chunk >> 13 & 3, min(chunk & 0x1FFF, count - done)
            if not length:
                raise MalformedPacket("empty run")
            if symbol:
                # Each of them needs a byte of delta at least, so a lie is found before the work.
                if len(numbers) + length > len(body) - at:
                    raise MalformedPacket("more packets than deltas")
                numbers.extend(range(base + done, base + done + length))
                symbols.extend(symbol.to_bytes(1, "big") * length)
            done += length
    if base + count > 0x10000:
        numbers = [number & 0xFFFF for number in numbers]
    ticks = _ticks(body, at, symbols)
    reference = word >> 8
    reference -= (reference & 0x800000) << 1
    return TransportFeedback(
        sender_ssrc,
        media_ssrc,
        base,
        count,
        reference,
        word & 0xFF,
        tuple(zip(numbers, ticks, strict=True)),
    )


def _ticks(body: bytes, at: int, symbols: bytearray) -> Iterator[int]:
    """When each of those that arrived did, by the deltas at `at`."""
    small = len(symbols)
    if symbols.count(_SMALL_DELTA) == small <= len(body) - at:
        return accumulate(body[at : at + small])  # nearly always
    deltas: list[int] = []
    for symbol in bytes(symbols):
        size = 1 if symbol == _SMALL_DELTA else 2
        if symbol > _LARGE_DELTA or at + size > len(body):
            raise MalformedPacket("receive delta cut off")
        deltas.append(body[at] if size == 1 else _LARGE.unpack_from(body, at)[0])
        at += size
    return accumulate(deltas)


def merged(first: TransportFeedback, second: TransportFeedback) -> TransportFeedback | None:
    """What both messages say, as one; None where the second does not go on where the first ends."""
    later = second.reference - first.reference
    if second.base != (first.base + first.count) & 0xFFFF or not 0 <= later < _MERGED_REFERENCES:
        return None
    shift = later * TICKS_PER_REFERENCE
    arrivals = first.arrivals + tuple([(n, tick + shift) for n, tick in second.arrivals])
    return replace(first, count=first.count + second.count, arrivals=arrivals)


def is_alone(data: Buffer) -> bool:
    """Whether an RTCP packet is one transport-wide feedback and nothing besides; what it says is
    not looked at."""
    return (
        len(data) >= 8
        and data[1] == RTCP_TYPE
        and data[0] & 0xDF == 0x80 | FORMAT
        and 4 + 4 * (data[2] << 8 | data[3]) == len(data)
    )


def compose(feedback: TransportFeedback) -> bytes:
    """The RTCP packet, padded with zeros to whole words. `arrivals` are in order of sequence
    number. Raises `ValueError` for a delta that does not fit 16 bits."""
    symbols = bytearray(feedback.count)
    deltas = bytearray()
    previous = 0
    for sequence, tick in feedback.arrivals:
        delta = tick - previous
        previous = tick
        small = 0 <= delta <= 255
        symbols[(sequence - feedback.base) & 0xFFFF] = _SMALL_DELTA if small else _LARGE_DELTA
        if small:
            deltas.append(delta)
        elif -0x8000 <= delta <= 0x7FFF:
            deltas += _LARGE.pack(delta)
        else:
            raise ValueError("delta does not fit 16 bits")
    word = (feedback.reference & 0xFFFFFF) << 8 | feedback.number
    body = bytearray(_FIXED.pack(feedback.base, feedback.count, word))
    for chunk in _chunks(symbols):
        body += _CHUNK.pack(chunk)
    body += deltas
    body += bytes(-len(body) % 4)
    return (
        _HEADER.pack(
            0x80 | FORMAT,
            RTCP_TYPE,
            len(body) // 4 + 2,
            feedback.sender_ssrc,
            feedback.media_ssrc,
        )
        + body
    )


def _chunks(symbols: bytearray) -> Iterator[int]:
    at = 0
    while at < len(symbols):
        symbol = symbols[at]
        run = len(symbols) - at - len(symbols[at:].lstrip(symbols[at : at + 1]))
        vector = bytes(symbols[at : at + 14])
        if run >= 14 or run == len(symbols) - at:
            run = min(run, 0x1FFF)
            yield symbol << 13 | run
            at += run
        elif _LARGE_DELTA not in vector:
            yield 0x8000 | sum(value << 13 - index for index, value in enumerate(vector))
            at += 14
        else:
            pairs = enumerate(vector[:7])
            yield 0xC000 | sum(value << 12 - 2 * index for index, value in pairs)
            at += 7


class FeedbackComposer:
    """Turns arrivals into feedback packets, each number reported once and every gap as a loss."""

    __slots__ = ("_next", "_number", "_numbers", "_sender_ssrc")

    def __init__(self, sender_ssrc: int) -> None:
        self._sender_ssrc = sender_ssrc
        self._numbers = Unwrapper(16)
        self._next = -1
        self._number = 0

    def compose(
        self, media_ssrc: int, sequence: Sequence[int], arrival_us: Sequence[int]
    ) -> list[bytes]:
        """RTCP packets for what arrived since the last call; both sequences in order of arrival.

        What comes in after later numbers were reported is reported in a packet of its own.
        """
        told = self._in_order(media_ssrc, sequence, arrival_us)
        if told is not None:
            return [told]
        unwrap = self._numbers.unwrap
        arrivals: dict[int, int] = {}
        for number, arrival in zip(sequence, arrival_us, strict=True):
            arrivals.setdefault(unwrap(number), arrival // TICK_US)
        messages = self._messages(media_ssrc, sorted(arrivals.items()))
        return [compose(message) for message in messages]

    def _in_order(
        self, media_ssrc: int, sequence: Sequence[int], arrival_us: Sequence[int]
    ) -> bytes | None:
        """The packet for the usual case, in a tenth of the time: nothing lost, nothing out of
        order, no long pause. None for any other."""
        count = len(sequence)
        if not 0 < count < MAX_STATUSES:
            return None
        first, highest = sequence[0], self._numbers.highest
        if highest >= 0 and (first != (highest + 1) & 0xFFFF or highest + 1 != self._next):
            return None
        if list(sequence) != list(range(first, first + count)):
            return None  # also where the numbers wrap, which is seldom
        ticks = [us // TICK_US for us in arrival_us]
        reference = ticks[0] // TICKS_PER_REFERENCE
        before = [reference * TICKS_PER_REFERENCE, *ticks]
        try:
            deltas = bytes(map(sub, ticks, before))
        except ValueError:  # one is no octet
            return None
        for number in sequence[-1:] if highest >= 0 else sequence:
            self._numbers.unwrap(number)
        self._next = self._numbers.highest + 1
        word = (reference & 0xFFFFFF) << 8 | self._number
        self._number = (self._number + 1) & 0xFF
        # One run of small deltas says it all (draft-holmer-rmcat-transport-wide-cc, section 3.1.3).
        body = _FIXED.pack(first, count, word) + _CHUNK.pack(_SMALL_DELTA << 13 | count)
        body += deltas
        body += bytes(-len(body) % 4)
        head = _HEADER.pack(
            0x80 | FORMAT, RTCP_TYPE, len(body) // 4 + 2, self._sender_ssrc, media_ssrc
        )
        return head + body

    def _messages(
        self, media_ssrc: int, arrivals: list[tuple[int, int]]
    ) -> Iterator[TransportFeedback]:
        at = 0
        while at < len(arrivals):
            first, tick = arrivals[at]
            late = first < self._next
            base = first
            if not late and self._next >= 0 and first - self._next < MAX_STATUSES:
                base = self._next
            reference = tick // TICKS_PER_REFERENCE
            origin = previous = reference * TICKS_PER_REFERENCE
            told: list[tuple[int, int]] = []
            following = base
            while at < len(arrivals):
                number, tick = arrivals[at]
                if number - base >= MAX_STATUSES or not -0x8000 <= tick - previous <= 0x7FFF:
                    break
                if late and told and number != following:
                    break
                told.append((number & 0xFFFF, tick - origin))
                previous = tick
                following = number + 1
                at += 1
            self._next = max(self._next, following)
            yield TransportFeedback(
                self._sender_ssrc,
                media_ssrc,
                base & 0xFFFF,
                following - base,
                reference,
                self._number,
                tuple(told),
            )
            self._number = (self._number + 1) & 0xFF
