"""When an officer was with a booth: on air, or with its picture in focus.

An attended step is finished with these intervals, so that it can be shown that one officer at six
booths looked at each. They go with the booth when its visit is handed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from vcs.visits.changes import Attention

Kind = Literal["on_air", "focus"]
MAX_INTERVALS: Final = 200
"""Kept for one booth: an officer who changes often loses the oldest."""


@dataclass(frozen=True, slots=True)
class _Interval:
    kind: Kind
    officer: int | None
    started: datetime
    ended: datetime


class Attendance:
    """Of one booth. Told of each change with the time, UTC."""

    def __init__(self) -> None:
        self._now: tuple[Kind, int | None] | None = None
        self._since: datetime | None = None
        self._past: list[_Interval] = []

    def note(self, kind: Kind | None, officer: int | None, at: datetime) -> None:
        """What is so from now on; `kind` None when no officer is with the booth."""
        now = None if kind is None else (kind, officer)
        if now == self._now:
            return
        self._past = self._until(at)[-MAX_INTERVALS:]
        self._now, self._since = now, at

    @property
    def present(self) -> bool:
        """An officer is with this booth now."""
        return self._now is not None

    def of(self, at: datetime) -> list[Attention]:
        """All since `forget`, the present one up to now."""
        return [
            Attention(each.kind, _text(each.started), _text(each.ended), each.officer)
            for each in self._until(at)
        ]

    def _until(self, at: datetime) -> list[_Interval]:
        if self._now is None or self._since is None or at <= self._since:
            return self._past
        return [*self._past, _Interval(*self._now, self._since, at)]

    def forget(self, at: datetime) -> None:
        """A step is finished, or another visit begins: what was before does not count for it."""
        self._past = []
        self._since = at


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
