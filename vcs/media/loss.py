"""Which missing packets to ask for now (generic NACK, RFC 4585 section 6.2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MIN_RETRY_S: Final = 0.030
MAX_TRIES: Final = 5
REQUESTS_PER_S: Final = 500


class NackScheduler:
    """Decides, for one stream, what to request. Each number is asked for at once and then after
    every round trip, MAX_TRIES times at most, REQUESTS_PER_S requests in all (a token bucket of a
    fifth of a second)."""

    __slots__ = ("_asked", "_budget", "_filled_at")

    def __init__(self) -> None:
        self._asked: dict[int, tuple[int, float]] = {}
        self._budget = REQUESTS_PER_S / 5
        self._filled_at: float | None = None

    def nothing_missing(self) -> None:
        """As `due` of nothing."""
        self._asked = {}

    def due(self, missing: Sequence[int], now: float, rtt: float) -> list[int]:
        """Of `missing` (16 bit, as the reception says) what to ask for now. `rtt` in seconds."""
        if self._filled_at is not None:
            self._budget += max(0.0, now - self._filled_at) * REQUESTS_PER_S
            self._budget = min(self._budget, REQUESTS_PER_S / 5)
        self._filled_at = now
        asked: dict[int, tuple[int, float]] = {}
        requests: list[int] = []
        for sequence in missing:
            tries, last = self._asked.get(sequence, (0, float("-inf")))
            if tries < MAX_TRIES and now - last >= max(rtt, MIN_RETRY_S) and self._budget >= 1:
                self._budget -= 1
                tries, last = tries + 1, now
                requests.append(sequence)
            asked[sequence] = (tries, last)
        self._asked = asked
        return requests
