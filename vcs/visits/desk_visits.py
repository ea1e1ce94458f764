"""The visits at one live desk: what booths and officer say about them, and what they are told.

Talk never waits for any of this: each message is worked at in a task of its own, and what belongs
to one visit keeps its order.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

import msgspec

from vcs import messages as m
from vcs.officer.seat import Seat
from vcs.visits import officer_side, views, visitor_side
from vcs.visits.attendance import Kind
from vcs.visits.background import Background
from vcs.visits.beginnings import END_RETRY_S, Beginnings
from vcs.visits.dealing import deal_questions
from vcs.visits.open_visit import OpenVisit
from vcs.visits.place import Place, Told, VisitDesk, VisitSources
from vcs.visits.telling import tell_booth, tell_console
from vcs.visits.visit import NotNow
from vcs.visits.visitor_side import WrongValue

__all__ = ["DeskVisits", "VisitDesk", "VisitSources"]


class DeskVisits:
    """One for each live desk."""

    def __init__(self, desk: VisitDesk, sources: VisitSources) -> None:
        self._desk = desk
        self._sources = sources
        self._places: dict[int, Place] = {}
        self._background = Background()
        self._beginnings = Beginnings(sources, self._background)
        self._console_told = Told()

    # --- what is so -----------------------------------------------------------------------------

    def at(self, slot: int) -> OpenVisit | None:
        """The visit at this booth, once its visitor has agreed."""
        place = self._places.get(slot)
        return None if place is None else place.open

    def agreed_at(self, slot: int) -> OpenVisit | None:
        """The visit at this booth while its visitor's consent stands."""
        place = self._places.get(slot)
        return None if place is None else place.agreed

    def seat(self, slot: int) -> Seat:
        """Who sits there."""
        return self._desk.seats[slot]

    def on_tile(self, tile: m.Tile) -> m.Tile:
        """The tile with what is known of the visit."""
        found = self.at(tile.slot)
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
        found = self.at(slot)
        return found is not None and found.visit.waits_for_officer

    def place(self, slot: int) -> Place:
        """The booth in this slot, which the desk has."""
        seat = self._desk.seats[slot]
        place = self._places.get(slot)
        if place is not None and place.seat is seat:
            return place
        if place is not None:  # another booth was enrolled there
            place.seat.clear_visit()
            self._beginnings.notice(place)
        place = self._places[slot] = Place(self._desk, seat)
        return place

    def release(self, slot: int) -> Place:
        """The booth in this slot goes to another desk, with its visit and all that is known."""
        place = self.place(slot)
        del self._places[slot]
        return place

    def receive(self, place: Place) -> None:
        """A booth that another desk has released; its seat says where it is here."""
        place.desk = self._desk
        self._places[place.slot] = place

    # --- booths ---------------------------------------------------------------------------------

    async def restore(self, slot: int) -> None:
        """A booth connects: a visit that was under way there when the server stopped goes on."""
        await self._beginnings.restore(self.place(slot))

    def booth_joined(self, slot: int) -> None:
        """A new connection has been told nothing yet."""
        self.place(slot).told = Told()

    def booth_said(self, slot: int, said: m.Start | m.Consent | m.FromBoothVisit) -> None:
        """Worked at in the background; what came of it is told."""
        place = self.place(slot)
        found = place.open
        match said:
            case m.Draft():
                if place.agreed is not None:
                    place.agreed.draft(said.field, said.value)
                    self.tell()
            case m.Still():
                if found is not None and found.still is not said.active:
                    found.still = said.active
                    self._desk.publish()
            case m.Start():
                self._spawn(self._beginnings.start(place, said), place)
            case m.Consent():
                self._spawn(self._beginnings.consent(place, said), place)
            case _:
                self._spawn(self._visitor(place, said), place)

    async def _visitor(self, place: Place, said: m.Submit | m.FinishStep | m.Sign) -> None:
        found = place.agreed
        try:
            if found is None:
                raise NotNow("no_visit", "no visit is under way here")
            match said:
                case m.Submit():
                    await visitor_side.submit(found, said, self._sources.today())
                case m.FinishStep():
                    await visitor_side.finish_step(found, said)
                    place.attendance.forget(self._sources.now())
                case m.Sign():
                    await visitor_side.sign(found, said, self._sources.files)
            await deal_questions(self._sources, place, found)
        except WrongValue as wrong:
            problem = wrong.problem
            place.tell(m.Problem(said.id, problem.code, wrong.field, list(problem.marked)))
        except NotNow as reason:
            place.tell(m.Problem(said.id, reason.code, message=str(reason)))
        else:
            place.desk.publish()
            place.tell(m.Done(said.id))

    # --- the officer ----------------------------------------------------------------------------

    def console_joined(self) -> None:
        """A new console has been told nothing yet."""
        self._console_told = Told()

    def officer_said(self, said: m.FromOfficerVisit | m.CallNext, officer_id: int) -> None:
        """Worked at in the background; `ack` or `sheet_refused` follows."""
        work = (
            self._call_next(said)
            if isinstance(said, m.CallNext)
            else self._command(said, officer_id)
        )
        if not self._background.spawn(work):
            told = m.SheetRefused(said.id, "too_busy", "too much at once; try again")
            self._desk.tell_console(told)

    async def _call_next(self, said: m.CallNext) -> None:
        seats = [
            seat
            for slot, seat in sorted(self._desk.seats.items())
            if said.slot is None or slot == said.slot
        ]
        try:
            day = self._desk.day
            seat = await self._sources.arrivals.call_next(seats, day, wrapped=said.slot is not None)
            day.end_wrap_up(seat.slot)
            if not day.takes_visitors:  # the desk began to close in between
                await self._sources.arrivals.call_off(seat.booth_id)
        except NotNow as reason:
            self._desk.tell_console(m.SheetRefused(said.id, reason.code, str(reason)))
        else:
            self._sources.queue_changed()
            self._desk.publish()
            self._desk.tell_console(m.Ack(said.id, 0))

    async def _command(self, said: m.FromOfficerVisit, officer_id: int) -> None:
        place = self._places.get(said.slot)
        found = None if place is None else place.open
        try:
            if place is None or found is None or views.visit_name(found.visit) != said.visit:
                raise NotNow("another_visit", "this visit is not at that booth any more")
            self._note_attendance()
            await officer_side.command(
                found, said, place.attendance, officer_id, self._desk.desk_id, self._sources.studio
            )
            await deal_questions(self._sources, place, found)
        except NotNow as reason:
            self._desk.tell_console(m.SheetRefused(said.id, reason.code, str(reason)))
        else:
            place.desk.publish()
            self._desk.tell_console(m.Ack(said.id, 0))

    # --- telling --------------------------------------------------------------------------------

    def notice(self) -> None:
        """At each change of the desk: visits whose visitor has gone end."""
        self._note_attendance()
        for slot in list(self._places):
            self._beginnings.notice(self.place(slot))

    def tell(self) -> None:
        """Each booth its own visit, the console the sheet of the booth that it looks at."""
        for slot in self._desk.seats:
            tell_booth(self.place(slot))
        focus = self._desk.looked_at
        tell_console(
            self._desk,
            None if focus is None else self.place(focus),
            self._console_told,
            self._sources.today(),
        )

    def _note_attendance(self) -> None:
        desk, at = self._desk, self._sources.now()
        for slot in desk.seats:
            place = self.place(slot)
            kind: Kind | None = "focus" if slot == desk.looked_at else None
            if slot == desk.on_air:
                kind = "on_air"
                if place.open is not None:
                    place.open.attended = True
            place.attendance.note(kind, None if kind is None else desk.officer_id, at)

    # --- in the background ----------------------------------------------------------------------

    async def write_drafts(self) -> None:
        """A few times a second."""
        for place in list(self._places.values()):
            if place.open is not None:
                await place.open.write_drafts()

    def _spawn(self, work: Coroutine[Any, Any, None], place: Place) -> None:
        if not self._background.spawn(work):
            place.tell(m.Error("too_busy", "too much at once; try again"))

    async def close(self) -> None:
        """What is under way is finished; what was typed is written."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5 * END_RETRY_S):
                await self._background.finished()
                await self.write_drafts()
        self._background.cancel()
