"""Pictures leave at the pace that the receiver's path bears.

A key frame is many packets at once. A thin link makes a queue of them, in which the sound that
comes after them waits too, and past whose end they are lost. So they wait here, and sound does not
wait (draft-ietf-rmcat-gcc-02 section 4: pacing).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from vcs.media.level import SILENT
from vcs.plane.sender import Sender

if TYPE_CHECKING:
    from mypy_extensions import i64

    from vcs.plane.peer import Peer
    from vcs.plane.route import Route

BURST_S: Final = 0.005
"""What leaves within so long is one group to the receiver's estimate (burst_time, section 5.2)."""
MAX_WAIT_S: Final = 1.0
"""More than that is never behind: it goes faster then, as it would without all this."""
STALE_S: Final = 0.1
"""So much is passed on before a key frame all the same: nobody sees that the picture stood."""
REPAIRS_S: Final = 0.05
"""So much of them is sent together. They would fill the thin link that has lost them just now."""

_Waiting = tuple["Route", int, int, int, bytes]
"""Route, number (unwrapped), marker, timestamp, payload."""


class Pace:
    """When the next packet of a picture may leave. Pictures and sound are counted, and repairs
    that keep to it."""

    __slots__ = ("_due", "octets_per_s", "queue", "queued")

    def __init__(self, octets_per_s: float) -> None:
        self.octets_per_s = octets_per_s
        self._due = 0.0
        self.queue: deque[_Waiting] = deque()
        self.queued: i64 = 0
        """Octets of payload in the queue."""

    def spend(self, octets: i64, now: float) -> None:
        rate = max(self.octets_per_s, float(self.queued) / MAX_WAIT_S)
        self._due = max(self._due, now - BURST_S) + float(octets) / rate

    def free(self, now: float) -> bool:
        """Whether one may leave."""
        return self._due <= now

    def bears_repair(self, now: float) -> bool:
        """Whether a packet may leave once more: before what waits, but not many at once."""
        return self._due <= now + REPAIRS_S


class Pacer:
    """The queues of all peers that have a pace."""

    __slots__ = ("_behind", "_clock", "_loop", "_sender", "_timer")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, sender: Sender, clock: Callable[[], float]
    ) -> None:
        self._loop = loop
        self._sender = sender
        self._clock = clock
        self._behind: dict[Peer, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """What waits is not sent any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._behind.clear()

    def set(self, peer: Peer, octets_per_s: float | None) -> None:
        """None: nothing waits any more, and what waits leaves."""
        if octets_per_s is None:
            if peer.pace is not None:
                self._send_all(peer, peer.pace)
                peer.pace = None
        elif peer.pace is None:
            peer.pace = Pace(octets_per_s)
        else:
            peer.pace.octets_per_s = octets_per_s

    def wait(
        self, pace: Pace, route: Route, number: i64, marker: i64, timestamp: i64, payload: bytes
    ) -> None:
        """The packet leaves when it is its turn; its numbers are those that it has now."""
        pace.queue.append((route, number, marker, timestamp, payload))
        pace.queued += len(payload)
        self._behind[route.peer] = None
        if self._timer is None:
            self._timer = self._loop.call_later(BURST_S, self._tick)

    def forget(self, route: Route) -> None:
        """What waits of this route never leaves; its timeline must begin anew next."""
        pace = route.peer.pace
        if pace is None or route.peer not in self._behind:
            return
        unsent = {waiting[1] for waiting in pace.queue if waiting[0] is route}
        if unsent:
            route.give_back(unsent)
            self._keep(route.peer, pace, [each for each in pace.queue if each[0] is not route])

    def forget_stale(self, route: Route) -> bool:
        """A key frame of another layer comes. What waits before it would be seen for less long than
        it holds that up, unless it is little. True where something was forgotten."""
        pace = route.peer.pace
        if pace is None or float(pace.queued) <= STALE_S * pace.octets_per_s:
            return False
        self.forget(route)
        return True

    def _send_all(self, peer: Peer, pace: Pace) -> None:
        now = self._clock()
        for waiting in pace.queue:
            self._leave(waiting, now)
        self._keep(peer, pace, [])
        self._sender.flush()

    def _keep(self, peer: Peer, pace: Pace, kept: list[_Waiting]) -> None:
        pace.queue = deque(kept)
        pace.queued = sum(len(waiting[4]) for waiting in kept)
        if not kept:
            self._behind.pop(peer, None)

    def _leave(self, waiting: _Waiting, now: float) -> None:
        route, number, marker, timestamp, payload = waiting
        if route.history is not None:
            route.history.put(number, timestamp, marker, payload, now)
        packet = self._sender.following(route)
        at = route.payload_at
        packet.view[at : at + len(payload)] = payload
        self._sender.send(route, packet, number, marker, timestamp, len(payload), SILENT, now)

    def _tick(self) -> None:
        now = self._clock()
        for peer in list(self._behind):
            pace = peer.pace
            if pace is None:
                del self._behind[peer]
                continue
            queue = pace.queue
            while queue and pace.free(now):
                waiting = queue.popleft()
                self._leave(waiting, now)
                pace.queued -= len(waiting[4])
            if not queue:
                del self._behind[peer]
        self._sender.flush()
        again = bool(self._behind)
        self._timer = self._loop.call_later(BURST_S, self._tick) if again else None
