"""How often somebody may guess: a count of failed tries in a sliding window, per key and in all."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

WINDOW_S: Final = 60.0
TRIES_PER_KEY: Final = 5
MOST_WAITING: Final = 20
"""Tries of one key that wait for others of it to end; more are refused at once."""
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


@dataclass(eq=False, slots=True)
class _Try:
    at: float
    key: str


class TryLimit:
    """Counts failed tries of the last WINDOW_S. Those under way may still fail and count with them,
    so that many at once gain nothing: one that would be too many waits until they have ended, and
    is refused when they have failed.

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
        self._tries: deque[_Try] = deque()
        self._count: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}

    @contextlib.asynccontextmanager
    async def trying(self, key: str) -> AsyncIterator[Callable[[], None]]:
        """While inside, a try is under way. It has failed, however the block ends, unless what this
        gives was called: then it does not count. Raises `TooManyTries`; a refused try is not
        counted."""
        found = await self._begin(key)

        def forgive() -> None:
            with contextlib.suppress(ValueError):  # forgotten: it took longer than the window
                self._tries.remove(found)
                self._less(self._count, key)

        try:
            yield forgive
        finally:
            self._less(self._under_way, key)
            for waiting in self._waiting.get(key, ()):
                if not waiting.done():
                    waiting.set_result(None)

    async def _begin(self, key: str) -> _Try:
        while True:
            now = self._monotonic()
            self._forget_old(now)
            if self._count[key] < self._per_key:
                break
            if not self._under_way[key]:
                first = next(each.at for each in self._tries if each.key == key)
                raise TooManyTries(WINDOW_S - (now - first))
            await self._until_one_ends(key)
        if len(self._tries) >= self._overall:
            raise TooManyTries(WINDOW_S - (now - self._tries[0].at))
        found = _Try(now, key)
        self._tries.append(found)
        self._count[key] += 1
        self._under_way[key] += 1
        return found

    async def _until_one_ends(self, key: str) -> None:
        waiting = self._waiting.setdefault(key, [])
        if len(waiting) >= MOST_WAITING:
            raise TooManyTries(1.0)
        turn = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            await turn
        finally:
            waiting.remove(turn)
            if not waiting:
                del self._waiting[key]

    def _forget_old(self, now: float) -> None:
        while self._tries and now - self._tries[0].at >= WINDOW_S:
            self._less(self._count, self._tries.popleft().key)

    def _less(self, counter: Counter[str], key: str) -> None:
        counter[key] -= 1
        if counter[key] <= 0:
            del counter[key]
