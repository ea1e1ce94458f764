"""Consoles are told how their branch's queue stands: looked at every two seconds, told when it has
changed. Tickets are issued elsewhere, by another server of the branch even."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from vcs import messages as m
from vcs.clock import WallClock
from vcs.live_desk import Client, LiveDesk
from vcs.logs import rate_limited
from vcs.store.tickets import Standing, Tickets

EVERY_S: Final = 2.0
_OLDER_BY_S: Final = 30
"""Waiting alone is told so seldom."""

_log = rate_limited("vcs.queue_watch")


class QueueWatch:
    """`desks` are those that are live; `start` needs a running loop, `stop` ends it."""

    def __init__(self, tickets: Tickets, desks: Iterable[LiveDesk], now: WallClock) -> None:
        self._tickets = tickets
        self._desks = desks
        self._now = now
        self._told: dict[int, tuple[Client, m.QueueTold]] = {}
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    def soon(self) -> None:
        """Something has changed here: look now."""
        self._changed.set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> None:
        """At the queue of each branch that has a console here."""
        standings: dict[int, Standing] = {}
        for live in self._desks:
            branch = live.identity.branch_id
            if live.console is None:
                self._told.pop(live.identity.id, None)
                continue
            if branch not in standings:
                now = self._now()
                standings[branch] = await self._tickets.standing(branch, now.date(), now)
            self._tell(live, standings[branch])

    def _tell(self, live: LiveDesk, standing: Standing) -> None:
        if live.console is None:  # gone while the queue was looked at
            return
        client, message = live.console.client, self._message(live, standing)
        told = self._told.get(live.identity.id)
        if told is not None and told[0] is client and _alike(told[1], message):
            return
        self._told[live.identity.id] = (client, message)
        client.send(message)

    def _message(self, live: LiveDesk, standing: Standing) -> m.QueueTold:
        slots = {seat.booth_id: slot for slot, seat in live.desk.seats.items()}
        called = [
            m.CalledTo(slots[ticket.called_booth_id], ticket.code)
            for ticket in standing.called
            if ticket.called_booth_id in slots
        ]
        oldest = min((each.issued_at for each in standing.waiting), default=None)
        return m.QueueTold(
            waiting=len(standing.waiting),
            oldest_s=0 if oldest is None else max(0, int((self._now() - oldest).total_seconds())),
            next=standing.waiting[0].code if standing.waiting else None,
            called=sorted(called, key=lambda each: each.slot),
        )

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                _log.error("the queue could not be looked at", reason=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._changed.wait()
            self._changed.clear()


def _alike(before: m.QueueTold, now: m.QueueTold) -> bool:
    same = (before.waiting, before.next, before.called) == (now.waiting, now.next, now.called)
    return same and abs(now.oldest_s - before.oldest_s) < _OLDER_BY_S
