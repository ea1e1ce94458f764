"""One clock for all media that this process sends: sixty booths are one timer, not sixty."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

TICK_S: Final = 0.010

Tick = Callable[[float], None]
"""Called with the monotonic time."""


class Pacemaker:
    """Calls whoever is added every TICK_S. A loop that is behind leaves ticks out: what is due is
    for the called one to say, by the time that it is given. The timer stands still for nobody."""

    def __init__(self) -> None:
        self._ticks: dict[int, Tick] = {}
        self._number = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, tick: Tick) -> int:
        """Begin calling; the number is for `remove`. Needs a running loop."""
        self._number += 1
        self._ticks[self._number] = tick
        if self._timer is None:
            self._arm(asyncio.get_running_loop())
        return self._number

    def remove(self, number: int) -> None:
        """Stop calling; unknown numbers are nobody's."""
        self._ticks.pop(number, None)
        if not self._ticks and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        self._timer = loop.call_at(now - now % TICK_S + TICK_S, self._beat, loop)

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        self._arm(loop)
        now = time.monotonic()
        for tick in list(self._ticks.values()):
            tick(now)
