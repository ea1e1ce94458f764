"""The journal of talk: told at once, written soon, and never in the way of a talk."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Self

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from vcs.clock import WallClock, utc_now
from vcs.logs import RateLimitedLog, rate_limited
from vcs.store import Store
from vcs.store.records import ClosedBy, TalkInterval, TalkKind

HEARTBEAT_S: Final = 2.0
FIRST_RETRY_S: Final = 0.2
LONGEST_RETRY_S: Final = 5.0
BATCH: Final = 500
MAX_PENDING: Final = 10_000
LAST_WRITE_S: Final = 5.0
"""How long the last write may take when the server stops."""

_NUMBER_BITS: Final = 62  # random, so that servers which share a database need not agree


@dataclass(slots=True)
class JournalCounts:
    """For the metrics. `failed` counts writes that must be repeated, `lost` intervals given up."""

    written: int = 0
    failed: int = 0
    lost: int = 0


class TalkJournal:
    """Keeps what is to be written in memory and writes it in the background, within a second.

    Start with `await TalkJournal.open(...)`, end with `await journal.close()`.
    """

    def __init__(
        self,
        store: Store,
        server_id: str,
        now: WallClock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.counts = JournalCounts()
        self._store = store
        self._server_id = server_id
        self._now = now
        self._monotonic = monotonic
        self._open: dict[int, tuple[TalkInterval, float]] = {}
        self._pending: dict[int, TalkInterval] = {}
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._log: RateLimitedLog = rate_limited("vcs.store.journal", every_s=60.0)

    @classmethod
    async def open(
        cls,
        store: Store,
        server_id: str,
        now: WallClock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> Self:
        """Close what a crash left open, then begin. Raises what the database raises."""
        journal = cls(store, server_id, now, monotonic)
        closed = await store.talk.close_after_crash(server_id)
        if closed:
            journal._log.warning("talk intervals closed after a crash", intervals=closed)
        await store.talk.write((), server_id, now())
        journal._task = asyncio.create_task(journal._run(), name="talk journal")
        return journal

    # --- told by desks: returns at once, never fails -------------------------------------------

    def opened(
        self,
        *,
        desk_id: int,
        booth_id: int,
        officer_id: int,
        occupant: int,
        kind: TalkKind,
    ) -> int:
        """A booth began to hear the officer. Returns the interval's number, for `closed`.

        An officer or occupant of 0 is nobody (an announcement to an empty booth).
        """
        number = secrets.randbits(_NUMBER_BITS)
        interval = TalkInterval(
            id=number,
            server_id=self._server_id,
            desk_id=desk_id,
            booth_id=booth_id,
            officer_id=officer_id or None,
            occupant=occupant or None,
            kind=kind,
            started_at=self._now(),
        )
        self._open[number] = (interval, self._monotonic())
        self._put(interval)
        return number

    def closed(self, interval: int, by: ClosedBy = "desk") -> None:
        """The booth hears the officer no more. Closing twice, or what was never opened, is nothing.

        The end is the start and what the monotonic clock has counted since: a wall clock that is
        set meanwhile makes no interval longer, shorter or negative.
        """
        found = self._open.pop(interval, None)
        if found is not None:
            self._put(self._ended(*found, by))

    def _ended(self, interval: TalkInterval, began: float, by: ClosedBy) -> TalkInterval:
        length = timedelta(seconds=max(0.0, self._monotonic() - began))
        return replace(interval, ended_at=interval.started_at + length, closed_by=by)

    def _put(self, interval: TalkInterval) -> None:
        self._pending[interval.id] = interval
        self._settled.clear()
        if len(self._pending) > MAX_PENDING:
            del self._pending[next(iter(self._pending))]
            self.counts.lost += 1
        self._wake.set()

    # --- the background -------------------------------------------------------------------------

    @property
    def pending(self) -> int:
        """How many intervals are not on the disk as they stand."""
        return len(self._pending)

    async def settled(self, within_s: float) -> bool:
        """Until all that was told is on the disk; False when that took too long."""
        try:
            async with asyncio.timeout(within_s):
                await self._settled.wait()
        except TimeoutError:
            return False
        return True

    async def _run(self) -> None:
        retry_s = FIRST_RETRY_S
        while self._pending or not self._stopping:
            if not await self._write():
                await asyncio.sleep(retry_s)
                retry_s = min(retry_s * 2, LONGEST_RETRY_S)
                continue
            retry_s = FIRST_RETRY_S
            if not self._pending and not self._stopping:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT_S):
                        await self._wake.wait()

    async def _write(self) -> bool:
        self._wake.clear()
        batch = list(itertools.islice(self._pending.values(), BATCH))
        try:
            await self._store.talk.write(batch, self._server_id, self._now())
        except IntegrityError:
            return await self._write_one_by_one(batch)
        except (SQLAlchemyError, OSError) as error:
            return self._failed(error)
        self._forget(batch)
        return True

    async def _write_one_by_one(self, batch: list[TalkInterval]) -> bool:
        """One interval names something that is not in the database: it must not hold up others."""
        for interval in batch:
            try:
                await self._store.talk.write((interval,), self._server_id, self._now())
            except IntegrityError:
                self.counts.lost += 1
                self._log.error("a talk interval names an unknown desk, booth or officer")
            except (SQLAlchemyError, OSError) as error:
                return self._failed(error)
            else:
                self.counts.written += 1
            self._drop(interval)
        return True

    def _forget(self, batch: list[TalkInterval]) -> None:
        self.counts.written += len(batch)
        for interval in batch:
            self._drop(interval)

    def _drop(self, interval: TalkInterval) -> None:
        # Closed while it was being written: what is pending now is newer and stays.
        if self._pending.get(interval.id) is interval:
            del self._pending[interval.id]
        if not self._pending:
            self._settled.set()

    def _failed(self, error: Exception) -> bool:
        self.counts.failed += 1
        self._log.error(
            "talk intervals cannot be written; trying again",
            reason=type(error).__name__,
            pending=len(self._pending),
        )
        return False

    async def close(self) -> None:
        """Close what is open and write it, as far as the disk allows within LAST_WRITE_S."""
        for number in list(self._open):
            self.closed(number, "stop")
        self._stopping = True
        self._wake.set()
        if self._task is None:
            return
        try:
            async with asyncio.timeout(LAST_WRITE_S):
                await self._task
        except TimeoutError:
            self._log.error("talk intervals were lost at the end", intervals=len(self._pending))
