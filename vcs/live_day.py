"""The officer's day at a live desk: his commands about it, what of it is kept, what he is told.

The rules are `vcs.officer.day`'s. Breaks and closings are on the disk before they are acknowledged,
and are as they were when the server starts again; wrap-up is not kept, since it ends by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from vcs import messages as m
from vcs.clock import WallClock, local_day
from vcs.live_desk import Client, LiveDesk, OfficerIdentity, now
from vcs.logs import rate_limited
from vcs.officer.day import Break, DayRefused
from vcs.store import Store
from vcs.store.desk_days import OfficerBreak, StandingDay
from vcs.store.records import AlreadyThere
from vcs.visits import views
from vcs.visits.open_visit import OpenVisit
from vcs.visits.visit import NotNow

SETTLE_S: Final = 2.0
"""How long is waited for talk intervals that are on their way to the disk."""
RETRY_S: Final = 1.0
MAX_UNDER_WAY: Final = 40

_log = rate_limited("vcs.live_day")
_FAILURES: Final = (SQLAlchemyError, OSError, AlreadyThere)


class Settles(Protocol):
    """The journal of talk."""

    async def settled(self, within_s: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class DaySources:
    """What the days of all desks share. `standing`: as the store had them at start."""

    store: Store
    journal: Settles
    zone: ZoneInfo
    now: WallClock
    wrap_up_s: float
    standing: Mapping[int, StandingDay]
    queue_changed: Callable[[], None] = lambda: None


@dataclass(slots=True)
class _Wrapped:
    """The last visit that ended at a booth. `told` without its ages; None until it is added up."""

    found: OpenVisit
    since: float
    told: m.WrapUpTold | None = None


class LiveDay:
    """One for each live desk; none of the calls that are not coroutines waits."""

    def __init__(self, live: LiveDesk, sources: DaySources) -> None:
        self._live = live
        self._sources = sources
        self._day = live.desk.day
        self._wrapped: dict[int, _Wrapped] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()
        self._told: tuple[Client, object] | None = None
        self._day.wrap_up_s = sources.wrap_up_s
        standing = sources.standing.get(live.identity.id)
        if standing is not None:
            self._day.become(standing.status)
            if standing.pause is not None:
                self._day.begin_break(self._pause(standing.pause))

    # --- what happens ---------------------------------------------------------------------------

    def console_joined(self, officer: OfficerIdentity) -> None:
        """A new console has been told nothing yet. A break is its officer's own: with somebody else
        at the desk it is over."""
        self._told = None
        pause = self._day.pause
        if pause is not None and pause.officer_id != officer.id:
            self._day.end_break()
            self._keep(self._until_written(self._ended(pause.id)))

    def visit_ended(self, slot: int, found: OpenVisit, written: asyncio.Task[None]) -> None:
        """Nobody sits there any more; `written` is done when the visit's end is on the disk."""
        if not found.attended:
            return
        self._day.wrap_up(slot, now())
        wrapped = self._wrapped[slot] = _Wrapped(found, now())
        self._keep(self._sum_up(slot, wrapped, written))

    def tick(self) -> None:
        """A few times a second."""
        pause = self._day.pause
        if pause is not None and pause.back_at is not None:
            self._day.overdue = self._sources.now() >= pause.back_at

    def tell(self) -> None:
        """The console, when something of the day has changed."""
        console = self._live.console
        if console is None:
            return
        told = {
            slot: wrapped.told
            for slot, wrapped in self._wrapped.items()
            if slot in self._day.wrap_ups and wrapped.told is not None
        }
        mark = (self._day.revision, self._day.overdue, tuple(sorted(told.items())))
        if self._told == (console.client, mark):
            return
        self._told = (console.client, mark)
        at = now()
        console.client.send(
            m.DayTold(
                revision=self._day.revision,
                status=self._day.status,
                pause=self._pause_told(),
                wrap_ups=[
                    msgspec.structs.replace(
                        each,
                        since_ms=round((at - self._wrapped[slot].since) * 1000),
                        left_ms=round((self._day.wrap_ups[slot] - at) * 1000),
                    )
                    for slot, each in sorted(told.items())
                ],
            )
        )

    def _pause_told(self) -> m.BreakTold | None:
        pause = self._day.pause
        if pause is None:
            return None
        at = self._sources.now()
        left = None if pause.back_at is None else pause.back_at - at
        return m.BreakTold(
            since_ms=_ms(at - pause.began_at),
            back=pause.back,
            left_ms=None if left is None else _ms(left),
        )

    # --- commands -------------------------------------------------------------------------------

    def officer_said(self, said: m.FromOfficerDay, officer: OfficerIdentity) -> None:
        """Worked at in the background, one after the other; `ack` or `sheet_refused` follows."""
        if len(self._tasks) >= MAX_UNDER_WAY:
            self._refuse(said.id, "too_busy", "too much at once; try again")
            return
        self._keep(self._command(said, officer))

    async def _command(self, said: m.FromOfficerDay, officer: OfficerIdentity) -> None:
        try:
            async with self._one_at_a_time:
                await self._do(said, officer)
        except (DayRefused, NotNow) as refusal:
            self._live.publish()
            self._refuse(said.id, refusal.code, str(refusal))
        except _FAILURES as error:
            _log.error("an officer's day could not be written", reason=type(error).__name__)
            self._live.publish()
            self._refuse(said.id, "not_saved", "this could not be saved; try again")
        else:
            self._live.publish()
            self._tell(m.Ack(said.id, 0))

    async def _do(self, said: m.FromOfficerDay, officer: OfficerIdentity) -> None:
        match said:
            case m.EndWrapUp():
                self._day.end_wrap_up(said.slot)
            case m.WriteClosingNote():
                await self._note(said, officer)
            case m.BeginBreak():
                await self._begin_break(said, officer)
            case m.EndBreak():
                await self._end_break()
            case m.BeginClosing():
                await self._begin_closing(said, officer)
            case m.CloseDesk():
                await self._close(said, officer)
            case m.OpenDesk():
                await self._set_status("open", officer)
                self._day.become("open")
            case m.AskTally():
                await self._tally(officer)

    async def _note(self, said: m.WriteClosingNote, officer: OfficerIdentity) -> None:
        wrapped = self._wrapped.get(said.slot)
        if wrapped is None or views.visit_name(wrapped.found.visit) != said.visit:
            raise NotNow("another_visit", "that visit is not the last one at this booth")
        await wrapped.found.change(
            lambda visit: visit.note_at_closing(said.text), "officer", officer.id
        )
        if wrapped.told is not None:
            wrapped.told = msgspec.structs.replace(wrapped.told, note=said.text)

    async def _begin_break(self, said: m.BeginBreak, officer: OfficerIdentity) -> None:
        self._day.check_break(said.revision)
        self._live.desk.hold(now())  # at once: he is on his way
        self._live.publish()
        at = self._sources.now()
        back_at = None if said.minutes is None else at + timedelta(minutes=said.minutes)
        stored = await self._sources.store.desk_days.begin_break(
            self._live.identity.id, officer.id, at, back_at
        )
        console = self._live.console
        if console is not None and console.officer.id != officer.id:
            await self._sources.store.desk_days.end_break(stored.id, self._sources.now())
            raise DayRefused("stale", "somebody else has this desk now")
        self._live.desk.take_break(self._pause(stored), now())

    async def _end_break(self) -> None:
        ended = self._day.end_break()
        if ended is None:
            return
        self._live.publish()  # he is back, whatever the disk does
        write = self._ended(ended.id)
        try:
            await write()
        except _FAILURES:
            self._keep(self._until_written(write))
            raise

    def _ended(self, pause: int) -> Callable[[], Awaitable[object]]:
        at = self._sources.now()
        return lambda: self._sources.store.desk_days.end_break(pause, at)

    async def _begin_closing(self, said: m.BeginClosing, officer: OfficerIdentity) -> None:
        self._day.check_closing(said.revision)
        await self._set_status("closing", officer)
        self._day.become("closing")
        booths = [seat.booth_id for seat in self._live.desk.seats.values()]
        # Who was called here and has not come yet keeps his place in the queue.
        self._keep(self._until_written(lambda: self._call_off(booths)))

    async def _close(self, said: m.CloseDesk, officer: OfficerIdentity) -> None:
        seats = self._live.desk.seats.values()
        before = self._day.status
        self._day.check_close(said.revision, any(seat.visit != "none" for seat in seats))
        # First here: nobody may sit down, or come back, while it is written.
        self._day.become("closed")
        self._live.desk.hold(now())
        try:
            await self._set_status("closed", officer)
        except _FAILURES:
            self._day.become(before)
            raise

    async def _set_status(self, status: m.DeskStatus, officer: OfficerIdentity) -> None:
        await self._sources.store.desk_days.set_status(
            self._live.identity.id, status, officer.id, self._sources.now()
        )

    async def _call_off(self, booths: list[int]) -> None:
        await self._sources.store.tickets.call_off(booths)
        self._sources.queue_changed()

    async def _tally(self, officer: OfficerIdentity) -> None:
        await self._sources.journal.settled(SETTLE_S)
        at = self._sources.now()
        day = local_day(at, self._sources.zone)
        tally = await self._sources.store.tallies.of(officer.id, day.begins, day.ends, at)
        self._tell(
            m.Tally(
                date=day.date.isoformat(),
                visits=tally.visits,
                approved=tally.approved,
                pending=tally.pending,
                rejected=tally.rejected,
                handed_over=tally.handed_over,
                talk_s=_s(tally.talk),
                longest_wait_s=_s(tally.longest_wait),
                break_s=_s(tally.breaks),
            )
        )

    # --- wrap-up --------------------------------------------------------------------------------

    async def _sum_up(self, slot: int, wrapped: _Wrapped, written: asyncio.Task[None]) -> None:
        """What the visit came to, as the store has it."""
        await asyncio.wait([written])
        await self._sources.journal.settled(SETTLE_S)
        visit = wrapped.found.visit
        stored = await self._sources.store.visits.load(visit.id)
        if stored is None:
            return
        ended = stored.ended_at or self._sources.now()
        met = await self._sources.store.talk.with_booth(stored.booth_id, stored.begun_at, ended)
        talks = [each for each in met if each.kind == "talk"]
        lengths = [(each.ended_at or ended) - each.started_at for each in talks]
        wrapped.told = m.WrapUpTold(
            slot=slot,
            visit=views.visit_name(visit),
            visitor=views.visitor(visit),
            ticket=None if visit.begun is None else visit.begun.ticket,
            outcome=None if visit.decision is None else visit.decision.outcome,
            visit_s=_s(ended - stored.begun_at),
            talk_s=_s(sum(lengths, timedelta())),
            talks=len(talks),
            captures=sum(len(pictures) for pictures in visit.pictures.values()),
            right=sum(visit.question_marks.values()),
            questions=sum(len(dealt) for dealt in visit.dealt.values()),
            note=visit.closing_note,
            since_ms=0,
            left_ms=0,
        )
        self._live.publish()

    # --- the rest -------------------------------------------------------------------------------

    def _pause(self, stored: OfficerBreak) -> Break:
        back = stored.back_at
        return Break(
            stored.id,
            stored.officer_id,
            stored.began_at,
            back,
            None if back is None else back.astimezone(self._sources.zone).strftime("%H:%M"),
        )

    def _tell(self, message: m.Message) -> None:
        if self._live.console is not None:
            self._live.console.client.send(message)

    def _refuse(self, request: int, code: str, text: str) -> None:
        self._tell(m.SheetRefused(request, code, text))

    async def _until_written(self, write: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await write()
            except _FAILURES as error:
                _log.error("an officer's day could not be written", reason=type(error).__name__)
                await asyncio.sleep(RETRY_S)
            else:
                return

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("work on an officer's day failed", reason=type(task.exception()).__name__)

    async def close(self) -> None:
        """What is under way is finished, as far as the disk allows."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5 * RETRY_S):
                await asyncio.gather(*list(self._tasks), return_exceptions=True)
        for task in list(self._tasks):
            task.cancel()


def _ms(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)


def _s(length: timedelta) -> int:
    return max(0, round(length.total_seconds()))
