"""How many connections that have not said who they are may exist at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from vcs.tries import address_key


class ConnectionLimits:
    """Per client address and in all. A whole branch comes from one address, after a power cut all
    at once; whoever has said hello does not count any more."""

    def __init__(self, per_address: int = 64, overall: int = 512) -> None:
        self._per_address = per_address
        self._overall = overall
        self._count: Counter[str] = Counter()
        self._total = 0

    @contextmanager
    def place(self, address: str) -> Iterator[bool]:
        """While inside, one place is taken; False: there was none, and nothing is taken."""
        key = address_key(address)
        if self._total >= self._overall or self._count[key] >= self._per_address:
            yield False
            return
        self._total += 1
        self._count[key] += 1
        try:
            yield True
        finally:
            self._total -= 1
            self._count[key] -= 1
            if self._count[key] == 0:
                del self._count[key]
