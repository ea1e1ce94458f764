"""The end of a voice: five frames of silence that the plane makes itself.

A receiver whose packets just stop conceals for 300 ms with what sounds like the speaker going on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from vcs.media.level import SILENT
from vcs.media.timestamp import MASK
from vcs.plane import TAIL_FRAMES, TAIL_INTERVAL_S
from vcs.plane.route import FRAME_RATE, Route
from vcs.plane.sender import Sender

SILENCE: Final = b"\xf8\xff\xfe"
"""A silent Opus frame of 20 ms (RFC 6716 section 3.1: CELT, full band, mono, one frame)."""


class SilenceTail:
    """Sends tails, by the loop's timers. The first frame goes when the voice's next one was due: a
    frame too early teaches the receiver's jitter buffer that all later ones are late, and it would
    hold back the next talk for that long."""

    __slots__ = ("_clock", "_loop", "_sender")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, sender: Sender, clock: Callable[[], float]
    ) -> None:
        self._loop = loop
        self._sender = sender
        self._clock = clock

    def start(self, route: Route) -> None:
        """Nothing when one is running, or when nothing was heard since the last whole one."""
        if route.tail is not None or not route.tail_owed:
            return
        now = self._loop.time()
        spoke_at = route.timestamps.last_at
        wait = 0.0 if spoke_at is None else spoke_at + TAIL_INTERVAL_S - self._clock()
        if wait <= 0:
            self._step(route, TAIL_FRAMES, now)
        else:
            route.tail = self._loop.call_at(now + wait, self._step, route, TAIL_FRAMES, now + wait)

    def cancel(self, route: Route) -> None:
        if route.tail is not None:
            route.tail.cancel()
            route.tail = None

    def _step(self, route: Route, left: int, at: float) -> None:
        number = route.numbers.take()
        step = route.spec.clock_rate // FRAME_RATE
        timestamp = (route.timestamps.last + step) & MASK
        route.sent.mark(number)
        packet = self._sender.following(route)
        packet.view[route.payload_at : route.payload_at + len(SILENCE)] = SILENCE
        now = self._clock()
        route.timestamps.sent(timestamp, now)
        self._sender.send(route, packet, number, 0, timestamp, len(SILENCE), SILENT, now)
        self._sender.flush()
        if left > 1:
            following = at + TAIL_INTERVAL_S
            route.tail = self._loop.call_at(following, self._step, route, left - 1, following)
        else:
            route.tail = None
            route.tail_owed = False
