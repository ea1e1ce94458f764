"""Who is put on air next: at random, and the same again with the same seed."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from typing import Final

from benchmarks.six_booths.air import HOLD, Air

HOLD_SHARE: Final = 0.12
ANNOUNCE_SHARE: Final = 0.05
FAVOURED_SHARE: Final = 0.7


def moves(
    dice: random.Random, booths: Collection[int], favoured: Collection[int] = ()
) -> Iterator[Air]:
    """Endless; begins from hold, never asks for what is there already, and an announcement always
    ends in hold, as the desk does. `favoured` booths are chosen more often."""
    now = HOLD
    while True:
        now = _next(dice, now, booths, favoured)
        yield now


def _next(dice: random.Random, now: Air, booths: Collection[int], favoured: Collection[int]) -> Air:
    if now.announcing:
        return HOLD
    others = [booth for booth in booths if booth != now.slot]
    chance = dice.random()
    if now != HOLD and (chance < HOLD_SHARE or not others):
        return HOLD
    if chance > 1 - ANNOUNCE_SHARE:
        return Air(announcing=True)
    wanted = [booth for booth in others if booth in favoured]
    if wanted and dice.random() < FAVOURED_SHARE:
        return Air(dice.choice(wanted))
    return Air(dice.choice(others))


def dwell(
    dice: random.Random, shortest: float, usual: float, seconds: float | None, switches: int | None
) -> float:
    """Seconds to stay with a move. With both `seconds` and `switches` asked for, the switches are
    spread over the time; never shorter than `shortest`, which the looking needs."""
    mean = seconds / switches if seconds is not None and switches else usual
    return max(shortest, mean * dice.uniform(0.6, 1.4))
