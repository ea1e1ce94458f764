"""What a run has counted and timed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from benchmarks.six_booths.air import Air
from benchmarks.six_booths.tones import Finding

TIMES: Final = ("switch_to_booth_ms", "switch_to_officer_ms", "old_booth_silent_ms", "join_ms")
"""The times that every run has; there may be more."""


@dataclass(slots=True)
class Tally:
    """`switches` are talks that began; holds and announcements are counted apart.

    `unheard`: paths that were opened and brought nothing in time. `interruptions`: times that the
    server put the desk in hold without being asked. `times` in milliseconds, by name.
    """

    switches: int = 0
    holds: int = 0
    announcements: int = 0
    refused: int = 0
    unheard: int = 0
    interruptions: int = 0
    late_packets: int = 0
    lost_packets: int = 0
    expected_packets: int = 0
    findings: list[Finding] = field(default_factory=list)
    times: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in TIMES})

    def moved(self, air: Air) -> None:
        """A command was acknowledged."""
        if air.slot is not None:
            self.switches += 1
        elif air.announcing:
            self.announcements += 1
        else:
            self.holds += 1

    def timed(self, name: str, milliseconds: float | Iterable[float]) -> None:
        values = [milliseconds] if isinstance(milliseconds, (int, float)) else list(milliseconds)
        self.times.setdefault(name, []).extend(values)
