"""Who hears whom: everybody has a tone of his own, and what arrives at a page is looked through for
every one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

OFFICER = 0
"""The officer's number among those who have a tone; booths have theirs."""
HEARD_DB = -40.0
SILENT_DB = -60.0
BESIDE_HZ = 24
STANDS_OUT_DB = 6.0

# 157 Hz apart: neither overtones of each other nor 50 Hz steps (Opus frames of 20 ms) away.
TONES = {number: 300 + 157 * number for number in range(7)}
FREQUENCIES = sorted(
    tone + beside for tone in TONES.values() for beside in (-BESIDE_HZ, 0, BESIDE_HZ)
)

Levels = dict[str, dict[str, float]]
"""By mid of a sound that arrives and by frequency: dBFS."""


@dataclass(frozen=True)
class Hearing:
    """What is wrong with who hears whom, in words; both empty when it is right."""

    leaks: tuple[str, ...]
    missing: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.leaks or self.missing)

    def __str__(self) -> str:
        return "; ".join((*self.leaks, *self.missing))


def judge(arrives: dict[int, Levels], allowed: dict[int, Collection[int]]) -> Hearing:
    """`arrives`: what arrives at each page; `allowed`: whose tones it shall hear, else none."""
    leaks: list[str] = []
    missing: list[str] = []
    for page, levels in arrives.items():
        wanted = allowed.get(page, ())
        for source, tone in TONES.items():
            level = max(
                (sound[str(tone)] for sound in levels.values()),
                default=-180.0,
            )
            words = f"{name(page)} hears {name(source)} at {level:.0f} dB"
            if source in wanted:
                if level < HEARD_DB:
                    missing.append(f"{words} only")
            elif level > SILENT_DB and not (wanted and _is_beside(levels.values(), tone)):
                leaks.append(words)
    return Hearing(tuple(leaks), tuple(missing))


def _is_beside(sounds: Iterable[dict[str, float]], tone: int) -> bool:
    """What is at `tone` belongs to another tone that is allowed: a gap in one spreads it over the
    spectrum, but a tone of its own stands out of what is beside it."""
    return all(
        sound[str(tone)]
        < max(sound[str(tone - BESIDE_HZ)], sound[str(tone + BESIDE_HZ)]) + STANDS_OUT_DB
        for sound in sounds
        if sound[str(tone)] > SILENT_DB
    )


def name(number: int) -> str:
    """As failures say it."""
    return "the officer" if number == OFFICER else f"booth {number}"
