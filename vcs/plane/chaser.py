"""Asks for key frames, and asks again while a route waits for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from vcs.plane import KeyFrameWanted
from vcs.plane.rings import Rings
from vcs.plane.stream import Stream


class KeyFrameChaser:
    """Turns the streams' demands into events when they fall due. `wake` is called when an event
    was made."""

    __slots__ = ("_clock", "_due", "_loop", "_rings", "_timer", "_wake", "_watched")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], float],
        rings: Rings,
        wake: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._rings = rings
        self._wake = wake
        self._watched: dict[Stream, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due = float("inf")

    def route_waits(self, stream: Stream) -> None:
        stream.demand.route_waits(self._clock())
        self._watched[stream] = None
        self._serve()

    def decoder_asks(self, stream: Stream) -> None:
        stream.demand.decoder_asks(self._clock())
        self._watched[stream] = None
        self._serve()

    def came(self, stream: Stream) -> None:
        """A key frame of the stream began."""
        stream.demand.came()
        self.settle(stream)

    def settle(self, stream: Stream) -> None:
        """Fewer routes wait for the stream than before."""
        if not any(route.pending is stream and not route.peer.held for route in stream.routes):
            stream.demand.nobody_waits()

    def forget(self, stream: Stream) -> None:
        self._watched.pop(stream, None)

    def close(self) -> None:
        self._watched.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _serve(self) -> None:
        now = self._clock()
        following = float("inf")
        asked = False
        for stream in list(self._watched):
            urgent = stream.demand.take(now)
            if urgent is not None:
                self._rings.key_frames.push(KeyFrameWanted(stream.id, urgent))
                asked = True
            due = stream.demand.due
            if due == float("inf"):
                del self._watched[stream]
            following = min(following, due)
        if self._timer is None or following < self._due:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._due = following
            if following != float("inf"):
                self._timer = self._loop.call_later(max(0.0, following - now), self._tick)
        if asked:
            self._wake()

    def _tick(self) -> None:
        self._timer = None
        self._serve()
