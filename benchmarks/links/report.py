"""The rows as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from benchmarks.links.row import Row

_COLUMNS: Final = (
    ("gaps/min", "sound_gap_ms_per_min", 9),
    ("focus/s", "focus_fps", 8),
    ("lines", "focus_height", 6),
    ("thumb/s", "thumb_fps", 8),
    ("freezes", "freezes", 8),
    ("longest", "longest_freeze_ms", 8),
    ("recovery", "recovery_ms", 9),
    ("used", "used_kbps", 7),
    ("of", "available_kbps", 7),
    ("queue", "queue_ms", 7),
)
LEGEND: Final = (
    "gaps/min: ms of sound a minute that never came; focus and thumb: frames shown a second; "
    "longest, recovery,\nqueue: ms; used, of: kbit/s of IP octets"
)


def table(rows: Sequence[Row]) -> str:
    """One line a case, and below it what fell short."""
    heads = "".join(f"{head:>{width}}" for head, _, width in _COLUMNS)
    lines = [f"{'case':<17}{heads}  pass"]
    for row in rows:
        cells = "".join(f"{_cell(getattr(row, name)):>{width}}" for _, name, width in _COLUMNS)
        lines.append(f"{row.case:<17}{cells}  {'yes' if row.passed else 'NO'}")
        lines += [f"  ! {words}" for words in ([row.note] if row.note else row.short)]
        if row.too_busy:
            lines.append(f"  ? the machine was busy, {row.busy_percent:.0f} %: not all is the link")
    return "\n".join([*lines, "", LEGEND])


def verdict(rows: Sequence[Row]) -> str:
    """The last line."""
    held = sum(row.passed for row in rows)
    failed = ", ".join(row.case for row in rows if not row.passed)
    return f"{held} of {len(rows)} cases hold" + (f"; not: {failed}" if failed else "")


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"
