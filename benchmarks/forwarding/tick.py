"""A clock that ticks faster than the event loop's own timers, which count whole milliseconds."""

from __future__ import annotations

import asyncio
import ctypes
import os
from collections.abc import Callable
from typing import Final

TICK_S: Final = 0.0005

_CLOCK_MONOTONIC: Final = 1
_NONBLOCK: Final = os.O_NONBLOCK


class _Time(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("interval", _Time), ("first", _Time))


class Ticks:
    """Calls `act` every TICK_S, from `start` to `stop`; a loop that is behind leaves ticks out."""

    def __init__(self, act: Callable[[], None]) -> None:
        """Raises `OSError`."""
        self._act = act
        self._loop = asyncio.get_running_loop()
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._number: int = self._libc.timerfd_create(_CLOCK_MONOTONIC, _NONBLOCK)
        if self._number < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")

    def start(self) -> None:
        each = _Time(0, int(TICK_S * 1e9))
        setting = _Setting(each, each)
        self._libc.timerfd_settime(self._number, 0, ctypes.byref(setting), None)
        self._loop.add_reader(self._number, self._ticked)

    def stop(self) -> None:
        """For good. May be called again."""
        if self._number >= 0:
            self._loop.remove_reader(self._number)
            os.close(self._number)
            self._number = -1

    def _ticked(self) -> None:
        try:
            os.read(self._number, 8)
        except BlockingIOError:
            return
        self._act()
