"""The load's clock: everybody's packets at their times, evenly spread, then what has arrived.

The sockets are looked into at each tick and not waited for: on one machine a server that wakes its
clients would pay for their waking, which over a network it never does. When a packet arrived is the
kernel's word, so that looking later costs no truth.
"""

from __future__ import annotations

import asyncio
import select
import time
from array import array
from collections.abc import Sequence
from typing import Final

from benchmarks.forwarding.call import Call
from benchmarks.forwarding.media import PACKETS_PER_S, Track
from vcs.plane.ticks import Ticks

TICK_S: Final = 0.0005
ROUND_S: Final = 1 / 50
"""In which everybody sends three packets of picture and one of sound."""
LATE_S: Final = 0.5
"""So far behind, what is due is left out: it would come as a burst that no camera sends."""


class Pump:
    """Sends and receives from `start` to `stop`."""

    def __init__(self, calls: Sequence[Call], sending: Sequence[tuple[Call, Track]]) -> None:
        self.late_ms: array[float] = array("d")
        """How late each packet's turn came, at each tick that sent one: its oldest."""
        self.sent = 0
        self.left_out = 0
        self._calls = {call.sock.fileno(): call for call in calls}
        self._ready = select.epoll()
        self._ticks = Ticks(asyncio.get_running_loop(), TICK_S, self._tick)
        self._round: list[tuple[float, Call, Track]] = sorted(
            (
                (ROUND_S * (turn + place / len(sending)) / turns, call, track)
                for place, (call, track) in enumerate(sending)
                for turns in (round(PACKETS_PER_S[track.kind] * ROUND_S),)
                for turn in range(turns)
            ),
            key=lambda due: due[0],
        )
        self._began = 0.0
        self._rounds = 0
        self._next = 0

    def start(self) -> None:
        for number, call in self._calls.items():
            call.look_only()
            self._ready.register(number, select.EPOLLIN)
        self._began = time.monotonic()
        self._ticks.start()

    def quiet(self) -> None:
        """Send no more; what is under way still arrives."""
        self._round.clear()

    def stop(self) -> None:
        """For good. May be called again."""
        self._ticks.close()
        self._ready.close()

    def clear(self) -> None:
        self.late_ms = array("d")
        self.sent = self.left_out = 0

    def _tick(self) -> None:
        if self._round:
            self._send_due()
        for number, _ in self._ready.poll(0):
            self._calls[number].take_all()

    def _send_due(self) -> None:
        now = time.monotonic()
        due = self._due()
        if due <= now:
            self.late_ms.append((now - due) * 1000)
        while due <= now:
            _, call, track = self._round[self._next]
            if now - due > LATE_S:
                self.left_out += 1
            else:
                call.send(track, time.time_ns())
                self.sent += 1
            self._next += 1
            if self._next == len(self._round):
                self._next = 0
                self._rounds += 1
            due = self._due()

    def _due(self) -> float:
        return self._began + self._rounds * ROUND_S + self._round[self._next][0]
