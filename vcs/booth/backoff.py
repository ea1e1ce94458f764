"""When to try again: soon, then every two seconds, then every fifteen, for ever."""

from __future__ import annotations

import random
from typing import Final

FIRST_S: Final = (0.2, 0.5)
LONGEST_S: Final = 2.0
PATIENCE_S: Final = 30.0
SLOW_S: Final = 15.0
LEAST_S: Final = 0.1


class Backoff:
    """The pause before each try. Takes the time, keeps none."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self._chance = chance or random.SystemRandom()
        self._since: float | None = None
        self._longest = 0.0

    def delay(self, now: float, waited: float = 0.0) -> float:
        """Seconds to wait before the next try; `now` is monotonic.

        The first comes after 0.2 to 0.5 s, further ones at most 2 s apart for 30 s from the first
        failure, then at most 15 s. Drawn by lot, so that a branch does not come all at once.
        `waited`: seconds that the last try waited in vain for an answer. They count, because the
        network may be back and the system repeats a lost connection request ever more slowly.
        """
        return max(LEAST_S, self._drawn(now) - waited)

    def _drawn(self, now: float) -> float:
        if self._since is None:
            self._since = now
            self._longest = 2 * FIRST_S[1]
            return self._chance.uniform(*FIRST_S)
        if now - self._since >= PATIENCE_S:
            return self._chance.uniform(0.7, 1.0) * SLOW_S
        longest = self._longest
        self._longest = min(LONGEST_S, 2 * longest)
        return self._chance.uniform(0.5, 1.0) * longest

    def succeeded(self) -> None:
        """It works again: the next failure is a first one."""
        self._since = None
