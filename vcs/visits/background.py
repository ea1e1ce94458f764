"""Work on the visits of one desk that waits for the disk, while talk does not."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from vcs.logs import rate_limited

MAX_UNDER_WAY: Final = 100
"""Messages about visits of one desk that wait for the disk; more are refused."""

_log = rate_limited("vcs.visits.background")


class Background:
    """Each piece is a task of its own; what fails is logged."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> bool:
        """Begin it. False: too much is under way, and it will not be done."""
        if len(self._tasks) >= MAX_UNDER_WAY:
            work.close()
            return False
        self.keep(work)
        return True

    def keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin it, however much is under way: for what must be done."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("work on a visit failed", reason=type(task.exception()).__name__)

    async def finished(self) -> None:
        """All that is under way now has ended."""
        await asyncio.gather(*list(self._tasks), return_exceptions=True)

    def cancel(self) -> None:
        """What is still under way."""
        for task in list(self._tasks):
            task.cancel()
