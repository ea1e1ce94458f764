"""Consoles are told how the queues of their booths' branches stand: looked at every two seconds,
told when they have changed. Tickets are issued elsewhere, by another server of the branch even."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from vcs import messages as m
from vcs.clock import WallClock, local_day
from vcs.live_desk import Client, LiveDesk
from vcs.logs import rate_limited
from vcs.store.tickets import Standing, Tickets
from vcs.visits.queue import in_turn, unawaited, use_of

EVERY_S: Final = 2.0
_OLDER_BY_S: Final = 30
"""Waiting alone is told so seldom."""

_log = rate_limited("vcs.queue_watch")


class QueueWatch:
    """`desks` are those that are live; `start` needs a running loop, `stop` ends it."""

    def __init__(
        self, tickets: Tickets, desks: Iterable[LiveDesk], now: WallClock, zone: ZoneInfo
    ) -> None:
        self._tickets = tickets
        self._desks = desks
        self._now = now
        self._zone = zone
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
        """At the queue of each branch whose booths are at a desk that has a console here."""
        standings: dict[int, Standing] = {}
        for live in self._desks:
            if live.console is None:
                self._told.pop(live.identity.id, None)
                continue
            branches = _branches(live)
            for branch in branches:
                if branch not in standings:
                    now = self._now()
                    day = local_day(now, self._zone).date
                    standings[branch] = await self._tickets.standing(branch, day, now)
            self._tell(live, branches, standings)

    def _tell(
        self, live: LiveDesk, branches: Mapping[int, str], standings: Mapping[int, Standing]
    ) -> None:
        if live.console is None:  # gone while the queue was looked at
            return
        client = live.console.client
        message = self._message(live, branches, {each: standings[each] for each in branches})
        told = self._told.get(live.identity.id)
        if told is not None and told[0] is client and _alike(told[1], message):
            return
        self._told[live.identity.id] = (client, message)
        client.send(message)

    def _message(
        self, live: LiveDesk, branches: Mapping[int, str], standings: Mapping[int, Standing]
    ) -> m.QueueTold:
        seats = [seat for seat in live.desk.seats.values() if seat.branch_id in branches]
        slots = {seat.booth_id: seat.slot for seat in seats}
        called = [
            m.CalledTo(slots[ticket.called_booth_id], ticket.code)
            for standing in standings.values()
            for ticket in standing.called
            if ticket.called_booth_id in slots
        ]
        free = [seat for seat in seats if use_of(seat, live.desk.day) == "free"]
        turns = in_turn(unawaited(free, standings), standings)
        return m.QueueTold(
            branches=[self._branch(branches[each], standings[each]) for each in branches],
            next=m.NextCall(turns[0][1].slot, turns[0][0].code) if turns else None,
            called=sorted(called, key=lambda each: each.slot),
        )

    def _branch(self, name: str, standing: Standing) -> m.BranchQueue:
        oldest = min((each.issued_at for each in standing.waiting), default=None)
        now = self._now()
        return m.BranchQueue(
            branch=name,
            waiting=len(standing.waiting),
            oldest_s=0 if oldest is None else max(0, int((now - oldest).total_seconds())),
            next=standing.waiting[0].code if standing.waiting else None,
        )

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 (whatever it was, the next look may go well)
                _log.error("the queue could not be looked at", reason=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._changed.wait()
            self._changed.clear()


def _branches(live: LiveDesk) -> dict[int, str]:
    """Names of the branches whose booths are at this desk, by id; without booths, its own."""
    found = {seat.branch_id: seat.branch for _, seat in sorted(live.desk.seats.items())}
    return found or {live.identity.branch_id: live.identity.branch}


def _alike(before: m.QueueTold, now: m.QueueTold) -> bool:
    if (before.next, before.called) != (now.next, now.called):
        return False
    old, new = before.branches, now.branches
    return len(old) == len(new) and all(
        (a.branch, a.waiting, a.next) == (b.branch, b.waiting, b.next)
        and abs(b.oldest_s - a.oldest_s) < _OLDER_BY_S
        for a, b in zip(old, new, strict=True)
    )
