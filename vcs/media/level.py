"""Sound level without decoding (RFC 6464)."""

from __future__ import annotations

from typing import Final

SILENT: Final = 127
"""-127 dBov: digital silence."""

QUIETEST_SHOWN: Final = 60
"""What is quieter than -60 dBov shows as nothing."""

FORGET_S: Final = 0.3


def read_level(element: int) -> tuple[bool, int]:
    """Voice activity and level (0 loud, 127 silent, in -dBov) of the extension's byte."""
    return element & 0x80 != 0, element & 0x7F


def loudness(level: int | None, at: float, now: float) -> float:
    """How loud to show `level` (-dBov), which arrived at `at`: 0 to 1, falling to 0 within FORGET_S
    when no packet follows. None, no level, shows as 0."""
    age = now - at
    if level is None or age > FORGET_S:
        return 0.0
    return max(0.0, 1.0 - level / QUIETEST_SHOWN) * (1.0 - max(0.0, age) / FORGET_S)
