"""The rights of everybody who is connected, asked for again in one go.

A token may be revoked and a session end while its connection stands, by another server or the
command line even. However many are connected, the store is asked twice a round, not once for each.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from typing import Final, Generic, TypeVar

from vcs.logs import rate_limited

RECHECK_S: Final = 5.0
"""How soon a revoked token or an ended session ends a connection, at the latest."""

_log = rate_limited("vcs.http.rights")

Holder = TypeVar("Holder")


class Watch(Generic[Holder]):
    """Of one kind of token. `ask` gives the holders of those that are valid now."""

    def __init__(self, ask: Callable[[Collection[str]], Awaitable[Mapping[str, Holder]]]) -> None:
        self._ask = ask
        self._watched: dict[object, tuple[str, Callable[[Holder | None], None]]] = {}
        self._round: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def watched(
        self, token: str, tell: Callable[[Holder | None], None]
    ) -> AsyncIterator[None]:
        """While inside, `tell` hears every RECHECK_S who holds the token; None: nobody does."""
        key = object()
        self._watched[key] = (token, tell)
        if self._round is None:
            self._round = asyncio.create_task(self._rounds())
        try:
            yield
        finally:
            del self._watched[key]
            if not self._watched and self._round is not None:
                ended, self._round = self._round, None
                ended.cancel()
                await asyncio.gather(ended, return_exceptions=True)

    async def _rounds(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_S)
            asked = dict(self._watched)
            try:
                holders = await self._ask({token for token, _ in asked.values()})
            except Exception as error:  # noqa: BLE001 (a full disk today is no reason to stop asking)
                _log.error("rights could not be asked again", reason=type(error).__name__)
                continue
            for key, (token, tell) in asked.items():
                if key in self._watched:
                    tell(holders.get(token))
