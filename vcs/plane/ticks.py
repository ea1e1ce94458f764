"""A clock finer than the event loop's own timers, which count whole milliseconds."""

from __future__ import annotations

import asyncio
import ctypes
import os
from collections.abc import Callable
from typing import Final

_CLOCK_MONOTONIC: Final = 1
_NONBLOCK: Final = os.O_NONBLOCK


class _Time(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("interval", _Time), ("first", _Time))


class Ticks:
    """Calls `act` every `interval_s` seconds between `start` and `stop`, by a timerfd of Linux. A
    loop that is behind leaves ticks out."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, interval_s: float, act: Callable[[], object]
    ) -> None:
        """Raises `OSError`, and `AttributeError` where the system has no timerfd."""
        self._loop = loop
        self._act = act
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._number: int = self._libc.timerfd_create(_CLOCK_MONOTONIC, _NONBLOCK)
        if self._number < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        each = _Time(0, int(interval_s * 1e9))
        self._armed = _Setting(each, each)
        self._disarmed = _Setting()
        loop.add_reader(self._number, self._ticked)

    def start(self) -> None:
        self._set(self._armed)

    def stop(self) -> None:
        self._set(self._disarmed)

    def close(self) -> None:
        """May be called again."""
        if self._number >= 0:
            self._loop.remove_reader(self._number)
            os.close(self._number)
            self._number = -1

    def _set(self, setting: _Setting) -> None:
        self._libc.timerfd_settime(self._number, 0, ctypes.byref(setting), None)

    def _ticked(self) -> None:
        try:
            os.read(self._number, 8)
        except BlockingIOError:  # stopped meanwhile
            return
        self._act()
