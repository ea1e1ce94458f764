"""Looking at the queue goes on, whatever went wrong once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from tests.unit.conftest import Clocks
from vcs import queue_watch
from vcs.live_desk import LiveDesk
from vcs.queue_watch import QueueWatch
from vcs.store import Store


class Desks:
    """Whose list breaks the first times that it is asked for."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.well = asyncio.Event()

    def __iter__(self) -> Iterator[LiveDesk]:
        if self.left:
            self.left -= 1
            raise RuntimeError("a bug of ours")
        self.well.set()
        return iter(())


async def test_it_goes_on_after_an_error_of_any_kind_and_says_so_now_and_then(
    store: Store, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_watch, "EVERY_S", 0.001)
    desks = Desks(5)
    watch = QueueWatch(store.tickets, desks, clocks.now, ZoneInfo("Asia/Jakarta"))
    with capture_logs() as logs:
        watch.start()
        try:
            async with asyncio.timeout(10):
                await desks.well.wait()
        finally:
            await watch.stop()
    assert [(line["log_level"], line["reason"]) for line in logs] == [("error", "RuntimeError")]
