"""The wall clock, as a value that tests can replace. Durations use `time.monotonic` instead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

WallClock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment, aware of its zone."""
    return datetime.now(UTC)
