"""How late the measuring process itself is: its delays are in every time that it measures."""

from __future__ import annotations

import asyncio
import time
from typing import Final

BEAT_S: Final = 0.01


class OwnLag:
    """`async with OwnLag() as lag`: `lag.values` are the milliseconds by which this loop was late,
    a hundred times a second."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self._beating: asyncio.Task[None] | None = None

    async def __aenter__(self) -> OwnLag:
        self._beating = asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._beating is not None
        self._beating.cancel()
        await asyncio.gather(self._beating, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            due = time.monotonic() + BEAT_S
            await asyncio.sleep(BEAT_S)
            self.values.append(max(0.0, time.monotonic() - due) * 1000)
