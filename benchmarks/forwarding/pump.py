"""The load's clock: everybody's packets at their times, evenly spread, and how late it was."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Sequence
from typing import Final

from benchmarks.forwarding.call import Call
from benchmarks.forwarding.media import PACKETS_PER_S, Track

ROUND_S: Final = 1 / 50
"""In which everybody sends three packets of picture and one of sound."""
LATE_S: Final = 0.5
"""So far behind, what is due is left out: it would come as a burst that no camera sends."""


class Pump:
    """Sends from `start` to `stop`."""

    def __init__(self, sending: Sequence[tuple[Call, Track]]) -> None:
        self.late_ms: array[float] = array("d")
        """How late each round of the clock was."""
        self.sent = 0
        self.left_out = 0
        self._loop = asyncio.get_running_loop()
        self._round: list[tuple[float, Call, Track]] = sorted(
            (
                (ROUND_S * (turn + place / len(sending)) / turns, call, track)
                for place, (call, track) in enumerate(sending)
                for turns in (round(PACKETS_PER_S[track.kind] * ROUND_S),)
                for turn in range(turns)
            ),
            key=lambda due: due[0],
        )
        self._timer: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._rounds = 0
        self._next = 0

    def start(self) -> None:
        self._began = time.monotonic()
        self._rounds = self._next = 0
        self._send_due()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def clear(self) -> None:
        self.late_ms = array("d")
        self.sent = self.left_out = 0

    def _due(self) -> float:
        return self._began + self._rounds * ROUND_S + self._round[self._next][0]

    def _send_due(self) -> None:
        now = time.monotonic()
        due = self._due()
        self.late_ms.append((now - due) * 1000)
        while due <= now:
            _, call, track = self._round[self._next]
            if now - due > LATE_S:
                self.left_out += 1
            else:
                call.send(track, time.monotonic_ns())
                self.sent += 1
            self._next += 1
            if self._next == len(self._round):
                self._next = 0
                self._rounds += 1
            due = self._due()
        self._timer = self._loop.call_later(max(0.0005, due - time.monotonic()), self._send_due)
