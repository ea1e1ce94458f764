"""Who hears whom: everybody has a tone of his own, and what arrives at a page is looked through for
every one of them."""

from __future__ import annotations

from dataclasses import dataclass

OFFICER = 0
"""The officer's number among those who have a tone; booths have theirs."""
HEARD_DB = -40.0
SILENT_DB = -60.0
NOTHING_DB = -180.0
STANDS_OUT_DB = 10.0
BESIDE_HZ = (-38, -31, -24, -17, 17, 24, 31, 38)
"""Where a tone does not reach (the meter's main lobe is 6 Hz to each side)."""

# 157 Hz apart: neither overtones of each other nor 50 Hz steps (Opus frames of 20 ms) away.
TONES = {number: 300 + 157 * number for number in range(7)}
FREQUENCIES = sorted(tone + beside for tone in TONES.values() for beside in (0, *BESIDE_HZ))

Levels = dict[str, dict[str, float]]
"""By mid of a sound that arrives and by frequency: dBFS."""
Allowed = dict[int, dict[int, str]]
"""For each page whose tones it shall hear, and on which mid; a page that is left out hears none."""


@dataclass(frozen=True)
class Hearing:
    """What is wrong with who hears whom, in words; both empty when it is right."""

    leaks: tuple[str, ...]
    missing: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.leaks or self.missing)

    def __str__(self) -> str:
        return "; ".join((*self.leaks, *self.missing))


def judge(arrives: dict[int, Levels], allowed: Allowed) -> Hearing:
    """Of all pages, by number."""
    leaks: list[str] = []
    missing: list[str] = []
    for page, levels in arrives.items():
        wanted = allowed.get(page, {})
        for source, mid in wanted.items():
            level = levels[mid][str(TONES[source])] if mid in levels else NOTHING_DB
            if level < HEARD_DB:
                missing.append(f"{name(page)} hears {name(source)} at {level:.0f} dB only")
        for mid, sound in levels.items():
            for source, tone in TONES.items():
                if wanted.get(source) == mid or sound[str(tone)] < SILENT_DB:
                    continue
                if mid in wanted.values() and not _stands_out(sound, tone):
                    continue
                where = f"at {sound[str(tone)]:.0f} dB on mid {mid}"
                leaks.append(f"{name(page)} hears {name(source)} {where}")
    return Hearing(tuple(leaks), tuple(missing))


def _stands_out(sound: dict[str, float], tone: int) -> bool:
    """Beside a tone that is allowed: a gap in that one spreads it over the whole spectrum, but a
    tone of its own stands out of what is beside it."""
    beside = max(sound[str(tone + hertz)] for hertz in BESIDE_HZ)
    return sound[str(tone)] > beside + STANDS_OUT_DB


def name(number: int) -> str:
    """As failures say it."""
    return "the officer" if number == OFFICER else f"booth {number}"
