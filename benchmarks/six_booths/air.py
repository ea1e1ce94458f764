"""What is on air, and which sound may go where by it: the rule as this measurement understands it,
written down a second time and not taken from the product."""

from __future__ import annotations

from typing import Final, NamedTuple

OFFICER: Final = 0
"""The officer's number among those who speak; booths have theirs, 1 to 6."""


class Air(NamedTuple):
    """The booth that the officer talks to, or an announcement to all, or (neither) hold."""

    slot: int | None = None
    announcing: bool = False

    def __str__(self) -> str:
        if self.announcing:
            return "announcement"
        return "hold" if self.slot is None else f"talk to {self.slot}"


HOLD: Final = Air()


class Path(NamedTuple):
    """Sound from somebody to somebody; one of the two is the officer."""

    source: int
    sink: int

    def __str__(self) -> str:
        return f"{_name(self.source)} to {_name(self.sink)}"


def _name(number: int) -> str:
    return "officer" if number == OFFICER else f"booth {number}"


def paths(booths: int) -> tuple[Path, ...]:
    """Every sound that can be asked for at a desk with booths 1 to `booths`."""
    numbers = range(1, booths + 1)
    return (*(Path(OFFICER, n) for n in numbers), *(Path(n, OFFICER) for n in numbers))


def carries(air: Air, path: Path) -> bool:
    """Whether this path may carry sound: a talk both ways, an announcement to the booths alone."""
    if air.announcing:
        return path.source == OFFICER
    return air.slot is not None and air.slot in path
