"""What one case came to, and whether that is good enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.links.cases import SHARE_USED, Bars

TOO_BUSY_PERCENT: Final = 95.0
_FIGURES: Final = (
    "sound_gap_ms_per_min",
    "focus_fps",
    "thumb_fps",
    "freezes",
    "longest_freeze_ms",
    "recovery_ms",
    "used_kbps",
    "available_kbps",
    "queue_ms",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One case. Figures that were not to be had are None.

    `thumb_fps`: of the slowest picture beside the focus that was not paused. `freezes` and the
    longest one: of all pictures. `used_kbps`: IP octets that the link took, in the direction that
    is thin; `available_kbps`: its mean rate, None without a limit. `queue_ms`: 95 of a hundred
    packets waited no longer. `demand_kbps`: what would be sent if there were room. `still`: those
    pictures that stood still at the end, `unmarked` such of them as did not say so. `late_ms`: the
    link's own delay, 99 of a hundred packets; `busy_percent`: of the machine, by anybody, and
    `own_percent` by this measurement. `note`: why the case could not be run.
    """

    case: str
    sound_gap_ms_per_min: float | None = None
    focus_fps: float | None = None
    thumb_fps: float | None = None
    freezes: int | None = None
    longest_freeze_ms: float | None = None
    recovery_ms: float | None = None
    used_kbps: float | None = None
    available_kbps: float | None = None
    queue_ms: float | None = None
    focus_height: int | None = None
    demand_kbps: float | None = None
    still: tuple[str, ...] = ()
    unmarked: tuple[str, ...] = ()
    late_ms: float | None = None
    busy_percent: float | None = None
    own_percent: float | None = None
    note: str | None = None
    short: tuple[str, ...] = field(default=())

    @property
    def too_busy(self) -> bool:
        """Whether the machine may have had a part in what was measured."""
        return self.busy_percent is not None and self.busy_percent > TOO_BUSY_PERCENT

    @property
    def passed(self) -> bool:
        return self.note is None and not self.short

    def as_json(self) -> dict[str, Any]:
        return {
            "case": self.case,
            **{name: getattr(self, name) for name in _FIGURES},
            "pass": self.passed,
            "focus_height": self.focus_height,
            "demand_kbps": self.demand_kbps,
            "link_late_ms": self.late_ms,
            "machine_busy_percent": self.busy_percent,
            "own_share_percent": self.own_percent,
            "short": list(self.short) if self.note is None else [self.note],
        }


def shortcomings(row: Row, bars: Bars) -> tuple[str, ...]:
    """In words, what is not as `bars` ask. A figure that is missing is not good enough."""
    most: Mapping[str, tuple[float | None, float | None]] = {
        "sound gaps a minute, ms": (row.sound_gap_ms_per_min, bars.sound_gap_ms_per_min),
        "longest freeze, ms": (row.longest_freeze_ms, bars.longest_freeze_ms),
        "recovery, ms": (row.recovery_ms, bars.recovery_ms),
        "queue, ms": (row.queue_ms, bars.queue_ms),
    }
    least: Mapping[str, tuple[float | None, float | None]] = {
        "focus, frames/s": (row.focus_fps, bars.focus_fps),
        "focus, lines": (row.focus_height, bars.focus_height),
        "others, frames/s": (row.thumb_fps, bars.thumb_fps),
    }
    found = [
        f"{what}: {_number(had)}, {bar:.0f} or less"
        for what, (had, bar) in most.items()
        if bar is not None and (had is None or had > bar)
    ]
    found += [
        f"{what}: {_number(had)}, {bar:.0f} or more"
        for what, (had, bar) in least.items()
        if bar is not None and (had is None or had < bar)
    ]
    if bars.steady:
        found += _unused(row)
    if bars.marked:
        if not row.still:
            found.append("no picture is paused")
        if row.unmarked:
            found.append(f"still, and not marked as paused: {', '.join(row.unmarked)}")
    return tuple(found)


def _unused(row: Row) -> list[str]:
    if row.used_kbps is None or row.available_kbps is None:
        return ["use of the link: not known"]
    wanted = row.available_kbps
    if row.demand_kbps is not None:
        wanted = min(wanted, row.demand_kbps)
    if row.used_kbps >= SHARE_USED * wanted:
        return []
    return [f"used {row.used_kbps:.0f} of {wanted:.0f} kbit/s, {SHARE_USED:.0%} or more"]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"
