"""How often somebody may guess: a count of failed tries in a sliding window, per key and in all."""

from __future__ import annotations

import ipaddress
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Final

WINDOW_S: Final = 60.0
TRIES_PER_KEY: Final = 5
IPV6_SITE_BITS: Final = 64  # what one customer gets at the least (RFC 6177): one guesser


class TooManyTries(Exception):
    """Try again after `retry_after_s` seconds."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("too many tries")
        self.retry_after_s = retry_after_s


def address_key(address: str | None) -> str:
    """The address as far as it tells one client from another; an IPv6 one by its /64."""
    try:
        parsed = ipaddress.ip_address((address or "").split("%", 1)[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, IPV6_SITE_BITS), strict=False))
    return str(parsed)


class TryLimit:
    """Counts tries of the last WINDOW_S. A try counts from its start, so that many at once gain
    nothing; `forgive` takes a successful one back.

    At most `overall` are remembered, which also bounds the memory.
    """

    def __init__(
        self,
        per_key: int = TRIES_PER_KEY,
        overall: int = 600,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_key = per_key
        self._overall = overall
        self._monotonic = monotonic
        self._tries: deque[tuple[float, str]] = deque()
        self._count: Counter[str] = Counter()

    def begin(self, key: str) -> None:
        """A try begins. Raises `TooManyTries`; a refused try is not counted."""
        now = self._monotonic()
        self._forget_old(now)
        if self._count[key] >= self._per_key:
            first = next(at for at, whose in self._tries if whose == key)
            raise TooManyTries(first + WINDOW_S - now)
        if len(self._tries) >= self._overall:
            raise TooManyTries(self._tries[0][0] + WINDOW_S - now)
        self._tries.append((now, key))
        self._count[key] += 1

    def forgive(self, key: str) -> None:
        """The last try of this key was a good one: it does not count."""
        for index in range(len(self._tries) - 1, -1, -1):
            if self._tries[index][1] == key:
                del self._tries[index]
                self._uncount(key)
                return

    def _forget_old(self, now: float) -> None:
        while self._tries and self._tries[0][0] + WINDOW_S <= now:
            self._uncount(self._tries.popleft()[1])

    def _uncount(self, key: str) -> None:
        self._count[key] -= 1
        if self._count[key] <= 0:
            del self._count[key]
