"""When the officer was with which booth: on air, or with its picture in focus.

An attended step is finished with these intervals, so that it can be shown that one officer at six
booths looked at each.
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
    started: datetime
    ended: datetime


class Attendance:
    """Told of each change with the time, UTC. Being on air counts before being in focus."""

    def __init__(self) -> None:
        self._present: dict[int, tuple[Kind, datetime]] = {}
        self._past: dict[int, list[_Interval]] = {}

    def note(self, on_air: int | None, focus: int | None, at: datetime) -> None:
        """What is so from now on; both None when the officer is gone."""
        kinds: dict[int, Kind] = {}
        if focus is not None:
            kinds[focus] = "focus"
        if on_air is not None:
            kinds[on_air] = "on_air"
        for slot, (kind, since) in list(self._present.items()):
            if kinds.get(slot) != kind:
                del self._present[slot]
                if at > since:
                    past = self._past.setdefault(slot, [])
                    past.append(_Interval(kind, since, at))
                    del past[:-MAX_INTERVALS]
        for slot, kind in kinds.items():
            self._present.setdefault(slot, (kind, at))

    def present(self, slot: int) -> bool:
        """The officer is with this booth now."""
        return slot in self._present

    def of(self, slot: int, at: datetime) -> list[Attention]:
        """All since `forget`, the present one up to now."""
        found = list(self._past.get(slot, ()))
        if slot in self._present:
            kind, since = self._present[slot]
            if at > since:
                found.append(_Interval(kind, since, at))
        return [Attention(each.kind, _text(each.started), _text(each.ended)) for each in found]

    def forget(self, slot: int, at: datetime) -> None:
        """A step is finished, or another visit begins: what was before does not count for it."""
        self._past.pop(slot, None)
        if slot in self._present:
            self._present[slot] = (self._present[slot][0], at)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
