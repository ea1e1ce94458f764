"""Sound level without decoding (RFC 6464)."""

from __future__ import annotations

from typing import Final

SILENT: Final = 127
"""-127 dBov: digital silence."""

QUIETEST_SHOWN: Final = 60
"""What is quieter than -60 dBov shows as nothing."""

FORGET_S: Final = 0.3
FALL_PER_S: Final = 3.0


def read_level(element: int) -> tuple[bool, int]:
    """Voice activity and level (0 loud, 127 silent, in -dBov) of the extension's byte."""
    return element & 0x80 != 0, element & 0x7F


class LevelMeter:
    """A needle from 0 to 1: it rises at once, falls gently, and lies down when packets stop."""

    __slots__ = ("_at", "_value")

    def __init__(self) -> None:
        self._value = 0.0
        self._at = float("-inf")

    def note(self, level: int, now: float) -> None:
        """A packet of `level` (-dBov, 0 to 127) arrived `now`."""
        shown = max(0.0, 1.0 - level / QUIETEST_SHOWN)
        self._value = max(shown, self.value(now))
        self._at = now

    def value(self, now: float) -> float:
        """The needle: 0 when no packet came for FORGET_S."""
        passed = now - self._at
        if passed > FORGET_S:
            return 0.0
        return max(0.0, self._value - FALL_PER_S * max(0.0, passed))
