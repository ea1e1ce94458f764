"""The visits at one live desk: what booths and officer say about them, and what they are told.

Talk never waits for any of this: each message is worked at in a task of its own, and what belongs
to one visit keeps its order. An occupancy is the desk's; a visit is begun when its visitor has
agreed, and ends when nobody sits there any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from vcs import messages as m
from vcs.clock import WallClock
from vcs.logs import rate_limited
from vcs.officer.seat import Seat
from vcs.store import Store
from vcs.store.records import AlreadyThere
from vcs.store.visit_records import NewVisit
from vcs.visits import changes as c
from vcs.visits import officer_side, views, visitor_side
from vcs.visits.arrival import Arrivals, Arrived
from vcs.visits.attendance import Attendance
from vcs.visits.fields import disagreements
from vcs.visits.flow import Flow
from vcs.visits.flow_file import LoadedFlow
from vcs.visits.interview import CannotDeal, deal
from vcs.visits.open_visit import OpenVisit, new_visit_id
from vcs.visits.queue import use_of
from vcs.visits.visit import NotNow, Visit
from vcs.visits.visitor_side import KeepsFiles, WrongValue

MAX_UNDER_WAY: Final = 100
"""Messages about visits of one desk that wait for the disk; more are refused."""
END_RETRY_S: Final = 1.0
RESTORE_WITHIN_S: Final = 3600.0
"""A visit that was under way when the server stopped is gone on with for so long; its visitor is
asked for consent again before anything of it is shown."""

_log = rate_limited("vcs.visits.desk_visits")
_rng = random.SystemRandom()


class VisitDesk(Protocol):
    """The live desk, as far as visits need it."""

    @property
    def desk_id(self) -> int: ...
    @property
    def branch_id(self) -> int: ...
    @property
    def seats(self) -> Mapping[int, Seat]: ...
    @property
    def on_air(self) -> int | None: ...
    @property
    def looked_at(self) -> int | None: ...
    def tell_booth(self, slot: int, message: m.Message) -> None: ...
    def tell_console(self, message: m.Message) -> None: ...
    def occupancy(self, slot: int, message: m.Start | m.Consent) -> None: ...
    def restore(self, slot: int) -> None: ...
    def publish(self) -> None: ...


@dataclass(frozen=True, slots=True)
class VisitSources:
    """What the visits of all desks share. `last_dealt`: the last set of questions of each booth.
    `queue_changed` is called when a ticket was taken or called."""

    store: Store
    flows: Mapping[str, LoadedFlow]
    files: KeepsFiles
    now: WallClock
    last_dealt: dict[int, Sequence[str]] = field(default_factory=dict)
    queue_changed: Callable[[], None] = lambda: None

    @property
    def arrivals(self) -> Arrivals:
        return Arrivals(self.store.tickets, self.flows, self.now)

    def services(self) -> list[m.ServiceOffered]:
        """What a visitor may choose from."""
        return [
            m.ServiceOffered(each.flow.name, each.flow.title.id, each.flow.title.en)
            for each in self.flows.values()
        ]


@dataclass(slots=True)
class _Told:
    """What a client was last told, so that it is not told again."""

    visit: m.Message | None = None
    flows: set[str] = field(default_factory=set)


class DeskVisits:
    """One for each live desk."""

    def __init__(self, desk: VisitDesk, sources: VisitSources) -> None:
        self.attendance = Attendance()
        self._desk = desk
        self._sources = sources
        self._open: dict[int, OpenVisit] = {}
        self._arrived: dict[int, Arrived] = {}
        self._ending: dict[int, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: dict[int, _Told] = {}
        self._console_told = _Told()
        self._asking: dict[int, asyncio.Lock] = {}

    # --- what is so -----------------------------------------------------------------------------

    def at(self, slot: int) -> OpenVisit | None:
        """The visit at this booth, once its visitor has agreed."""
        return self._open.get(slot)

    def agreed_at(self, slot: int) -> OpenVisit | None:
        """The visit at this booth while its visitor's consent stands."""
        return self._open.get(slot) if self._agreed(slot) else None

    def seat(self, slot: int) -> Seat:
        """Who sits there."""
        return self._desk.seats[slot]

    def on_tile(self, tile: m.Tile) -> m.Tile:
        """The tile with what is known of the visit."""
        found = self._open.get(tile.slot)
        if found is None:
            return tile
        return msgspec.structs.replace(
            tile,
            visitor=views.visitor(found.visit),
            progress=views.progress(found.visit, found.still),
            flags=sorted(found.visit.flags),
        )

    def waits_for_officer(self, slot: int) -> bool:
        """All that the visitor could do alone is done."""
        found = self._open.get(slot)
        return found is not None and found.visit.waits_for_officer

    # --- booths ---------------------------------------------------------------------------------

    async def restore(self, slot: int) -> None:
        """A booth connects: a visit that was under way there when the server stopped goes on."""
        seat = self._desk.seats[slot]
        if slot in self._open or seat.visit != "none":
            return
        await self._ended(slot)
        sources = self._sources
        stored = await sources.store.visits.open_at(seat.booth_id)
        if stored is None:
            return
        loaded = sources.flows.get(stored.flow)
        last = max([stored.begun_at, *(entry.at for entry in stored.log)])
        old = (sources.now() - last).total_seconds() > RESTORE_WITHIN_S
        if loaded is None or loaded.flow.version != stored.flow_version or old:
            await sources.store.visits.record(
                stored.id,
                [c.Ended("left")],
                expected=stored.changes,
                actor="server",
                officer_id=None,
                at=sources.now(),
            )
            return
        if slot not in self._open and seat.visit == "none":
            self._open[slot] = OpenVisit.restored(stored, loaded.flow, sources.store, sources.now)
            self._desk.restore(slot)

    def booth_joined(self, slot: int) -> None:
        """A new connection has been told nothing yet."""
        self._told[slot] = _Told()

    def booth_said(self, slot: int, said: m.Start | m.Consent | m.FromBoothVisit) -> None:
        """Worked at in the background; what came of it is told."""
        found = self._open.get(slot)
        match said:
            case m.Draft():
                if found is not None and self._agreed(slot):
                    found.draft(said.field, said.value)
                    self.tell()
            case m.Still():
                if found is not None and found.still is not said.active:
                    found.still = said.active
                    self._desk.publish()
            case m.Start():
                self._spawn(self._start(slot, said), slot)
            case m.Consent():
                self._spawn(self._consent(slot, said), slot)
            case _:
                self._spawn(self._visitor(slot, said), slot)

    async def _start(self, slot: int, said: m.Start) -> None:
        async with self._asking.setdefault(slot, asyncio.Lock()):
            seat = self._desk.seats[slot]
            arrivals = self._sources.arrivals
            if seat.visit != "none":
                return
            try:
                if said.ticket is None:
                    arrived = arrivals.by_service(said.service)
                else:
                    arrived = await arrivals.by_ticket(
                        said.ticket, self._desk.branch_id, seat.booth_id
                    )
            except NotNow as reason:
                self._desk.tell_booth(slot, m.Error(reason.code, str(reason)))
                return
            self._arrived[slot] = arrived
            if arrived.ticket is not None:
                self._sources.queue_changed()
            self._desk.occupancy(slot, said)
            if seat.visit == "none":  # refused, as out of service
                self._left(slot)

    def _left(self, slot: int) -> None:
        """Nobody sits there, or the visit has begun with what he came for."""
        arrived = self._arrived.pop(slot, None)
        if arrived is not None and arrived.ticket is not None:
            self._keep(self._sources.arrivals.give_back(arrived.ticket))

    async def _consent(self, slot: int, said: m.Consent) -> None:
        async with self._asking.setdefault(slot, asyncio.Lock()):
            seat = self._desk.seats[slot]
            if said.agreed and seat.occupant == said.occupant and seat.visit == "consent":
                try:
                    await self._agree(slot, said)
                except NotNow as reason:
                    self._desk.tell_booth(slot, m.Error(reason.code, str(reason)))
                    return
            self._desk.occupancy(slot, said)

    async def _agree(self, slot: int, said: m.Consent) -> None:
        """On the disk before anything flows. Raises `NotNow`."""
        found = self._open.get(slot)
        if found is None:
            await self._ended(slot)
            found = await self._begin(slot, said)
        await found.change(lambda visit: visit.agree(said.text_version, said.language), "visitor")
        self._open[slot] = found
        await self._deal(slot, found)

    async def _begin(self, slot: int, said: m.Consent) -> OpenVisit:
        sources, seat = self._sources, self._desk.seats[slot]
        arrived = self._arrived.get(slot) or sources.arrivals.by_service(None)
        loaded, ticket = arrived.flow, arrived.ticket
        visit = Visit(new_visit_id(), loaded.flow)
        begun = c.Begun(
            flow=loaded.flow.name,
            flow_version=loaded.flow.version,
            flow_digest=loaded.digest,
            ticket=None if ticket is None else ticket.code,
            booth=seat.booth_id,
            desk=self._desk.desk_id,
            language=said.language,
        )
        new = NewVisit(
            visit.id,
            self._desk.branch_id,
            seat.booth_id,
            said.occupant,
            None if ticket is None else ticket.id,
        )
        try:
            await sources.store.visits.begin(
                new, begun, actor="visitor", officer_id=None, at=sources.now()
            )
        except (SQLAlchemyError, OSError, AlreadyThere) as error:
            _log.error("a visit could not be written", reason=type(error).__name__)
            raise NotNow("not_saved", "this could not be saved; try again") from error
        self._arrived.pop(slot, None)
        visit.apply([begun])
        self.attendance.forget(slot, sources.now())
        return OpenVisit(visit, sources.store, sources.now)

    async def _visitor(self, slot: int, said: m.Submit | m.FinishStep | m.Sign) -> None:
        found = self._open.get(slot)
        try:
            if found is None or not self._agreed(slot):
                raise NotNow("no_visit", "no visit is under way here")
            match said:
                case m.Submit():
                    await visitor_side.submit(found, said, self._sources.now().date())
                case m.FinishStep():
                    await visitor_side.finish_step(found, said)
                case m.Sign():
                    await visitor_side.sign(found, said, self._sources.files)
            await self._deal(slot, found)
        except WrongValue as wrong:
            problem = wrong.problem
            told = m.Problem(said.id, problem.code, wrong.field, list(problem.marked))
            self._desk.tell_booth(slot, told)
        except NotNow as reason:
            self._desk.tell_booth(slot, m.Problem(said.id, reason.code, message=str(reason)))
        else:
            self._desk.publish()
            self._desk.tell_booth(slot, m.Done(said.id))

    async def took(self, found: OpenVisit, taken: c.CaptureTaken) -> None:
        """A picture of this visit has been stored and looked at. Raises `NotNow`."""
        await found.change(lambda visit: visit.take(taken), "visitor")
        self._desk.publish()

    async def _deal(self, slot: int, found: OpenVisit) -> None:
        """An interview's questions, as soon as it is reached."""
        step = found.visit.step
        if step is None or step.deal == 0 or step.name in found.visit.dealt:
            return
        booth = self._desk.seats[slot].booth_id
        last = self._sources.last_dealt.get(booth, ())
        try:
            questions = deal(step, found.visit.answers, last, _rng)
        except CannotDeal:
            # Too few for another set: the same again is better than no interview.
            questions = deal(step, found.visit.answers, (), _rng)
        await found.change(lambda visit: visit.deal(step.name, questions), "server")
        self._sources.last_dealt[booth] = questions

    # --- the officer ----------------------------------------------------------------------------

    def console_joined(self) -> None:
        """A new console has been told nothing yet."""
        self._console_told = _Told()

    def officer_said(self, said: m.FromOfficerVisit | m.CallNext, officer_id: int) -> None:
        """Worked at in the background; `ack` or `sheet_refused` follows."""
        if isinstance(said, m.CallNext):
            self._spawn(self._call_next(said), said.slot)
        else:
            self._spawn(self._command(said, officer_id), said.slot)

    async def _call_next(self, said: m.CallNext) -> None:
        seat = self._desk.seats.get(said.slot)
        try:
            if seat is None or use_of(seat) != "free":
                raise NotNow("no_free_booth", "that booth is not free")
            await self._sources.arrivals.call_next(self._desk.branch_id, seat.booth_id)
        except NotNow as reason:
            self._desk.tell_console(m.SheetRefused(said.id, reason.code, str(reason)))
        else:
            self._sources.queue_changed()
            self._desk.tell_console(m.Ack(said.id, 0))

    async def _command(self, said: m.FromOfficerVisit, officer_id: int) -> None:
        found = self._open.get(said.slot)
        try:
            if found is None or views.visit_name(found.visit) != said.visit:
                raise NotNow("another_visit", "this visit is not at that booth any more")
            self._note_attendance()
            await officer_side.command(found, said, self.attendance, officer_id)
            await self._deal(said.slot, found)
        except NotNow as reason:
            self._desk.tell_console(m.SheetRefused(said.id, reason.code, str(reason)))
        else:
            self._desk.publish()
            self._desk.tell_console(m.Ack(said.id, 0))

    # --- telling --------------------------------------------------------------------------------

    def notice(self) -> None:
        """At each change of the desk: visits whose visitor has gone end."""
        self._note_attendance()
        for slot, found in list(self._open.items()):
            if self._desk.seats[slot].visit == "none":
                del self._open[slot]
                self._ending[slot] = self._keep(self._end(found))
        for slot in list(self._arrived):
            if self._desk.seats[slot].visit == "none":
                self._left(slot)

    def tell(self) -> None:
        """Each booth its own visit, the console the sheet of the booth that it looks at."""
        for slot in self._desk.seats:
            self._tell_booth(slot)
        self._tell_console()

    def _tell_booth(self, slot: int) -> None:
        found = self._open.get(slot)
        told = self._told.setdefault(slot, _Told())
        if found is None or not self._agreed(slot):
            # Before consent nothing is shown of what was entered: perhaps somebody else sits there.
            if told.visit not in (None, views.NO_VISIT):
                told.visit = views.NO_VISIT
                self._desk.tell_booth(slot, views.NO_VISIT)
            return
        message = views.visit_told(found.visit)
        if message != told.visit:
            self._tell_flow(found.visit.flow, told, slot)
            told.visit = message
            self._desk.tell_booth(slot, message)

    def _tell_console(self) -> None:
        slot = self._desk.looked_at
        told = self._console_told
        if slot is None:
            told.visit = None
            return
        found = self._open.get(slot)
        if found is None:
            message = m.Sheet(slot=slot, visit=None)
        else:
            today = self._sources.now().date()
            wrong = disagreements(found.visit.flow, found.visit.answers, today)
            message = views.sheet(
                slot,
                found.visit,
                language=self._desk.seats[slot].language,
                typing=found.typing,
                still=found.still,
                present=self.attendance.present(slot),
                disagreements={
                    name: m.Disagreement(each.code, list(each.marked))
                    for name, each in wrong.items()
                },
            )
            self._tell_flow(found.visit.flow, told, None)
        if message != told.visit:
            told.visit = message
            self._desk.tell_console(message)

    def _tell_flow(self, flow: Flow, told: _Told, slot: int | None) -> None:
        if flow.name in told.flows:
            return
        told.flows.add(flow.name)
        if slot is None:
            self._desk.tell_console(m.FlowTold(flow))
        else:
            self._desk.tell_booth(slot, m.FlowTold(views.flow_for_booth(flow)))

    def _agreed(self, slot: int) -> bool:
        seat = self._desk.seats.get(slot)
        return seat is not None and seat.consented

    def _note_attendance(self) -> None:
        self.attendance.note(self._desk.on_air, self._desk.looked_at, self._sources.now())

    # --- in the background ----------------------------------------------------------------------

    async def write_drafts(self) -> None:
        """A few times a second."""
        for found in list(self._open.values()):
            await found.write_drafts()

    async def _end(self, found: OpenVisit) -> None:
        """Until it is on the disk: a visit that goes on in the store would come back."""
        how: c.Ending = "finished" if found.visit.decision is not None else "left"
        while True:
            try:
                await found.change(lambda visit: visit.end(how), "server")
            except NotNow as reason:
                _log.error("the end of a visit could not be written", reason=reason.code)
                await asyncio.sleep(END_RETRY_S)
            else:
                return

    async def _ended(self, slot: int) -> None:
        """The visit before has ended on the disk too."""
        task = self._ending.pop(slot, None)
        if task is not None:
            await asyncio.wait([task], timeout=5 * END_RETRY_S)

    def _spawn(self, work: Coroutine[Any, Any, None], slot: int) -> None:
        if len(self._tasks) >= MAX_UNDER_WAY:
            work.close()
            self._desk.tell_booth(slot, m.Error("too_busy", "too much at once; try again"))
            return
        self._keep(work)

    def _keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("work on a visit failed", reason=type(task.exception()).__name__)

    async def close(self) -> None:
        """What is under way is finished; what was typed is written."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5 * END_RETRY_S):
                await asyncio.gather(*list(self._tasks), return_exceptions=True)
                await self.write_drafts()
        for task in list(self._tasks):
            task.cancel()
