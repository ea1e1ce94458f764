"""The wall clock, as a value that tests can replace. Durations use `time.monotonic` instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WallClock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment, aware of its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class LocalDay:
    """A day of the branches' time zone; `begins` and `ends` are its moments in UTC."""

    date: date
    begins: datetime
    ends: datetime


def local_day(at: datetime, zone: ZoneInfo) -> LocalDay:
    """The day in which this moment lies."""
    day = at.astimezone(zone).date()

    def midnight(of: date) -> datetime:
        return datetime.combine(of, time(), zone).astimezone(UTC)

    return LocalDay(day, midnight(day), midnight(day + timedelta(days=1)))
