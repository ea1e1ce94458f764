"""How visits begin and end at a booth: start, consent, one that a stopped server left, and the end.

An occupancy is the desk's; a visit is begun when its visitor has agreed, and ends when nobody sits
there any more.
"""

from __future__ import annotations

import asyncio
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from vcs import messages as m
from vcs.logs import rate_limited
from vcs.store.records import AlreadyThere
from vcs.store.tickets import Ticket
from vcs.store.visit_records import NewVisit
from vcs.visits import changes as c
from vcs.visits.background import Background
from vcs.visits.dealing import deal_questions
from vcs.visits.open_visit import OpenVisit, new_visit_id
from vcs.visits.place import Place, VisitSources
from vcs.visits.visit import NotNow, Visit

END_RETRY_S: Final = 1.0
RESTORE_WITHIN_S: Final = 3600.0
"""A visit that was under way when the server stopped is gone on with for so long; its visitor is
asked for consent again before anything of it is shown."""

_log = rate_limited("vcs.visits.beginnings")


class Beginnings:
    """Of the visits of one desk."""

    def __init__(self, sources: VisitSources, background: Background) -> None:
        self._sources = sources
        self._background = background

    async def restore(self, place: Place) -> None:
        """A booth connects: a visit that was under way there when the server stopped goes on."""
        if place.open is not None or place.seat.visit != "none":
            return
        await self._ended(place)
        sources = self._sources
        stored = await sources.store.visits.open_at(place.seat.booth_id)
        if stored is None:
            return
        loaded = sources.flows.get(stored.flow)
        last = max([stored.begun_at, *(entry.at for entry in stored.log)])
        old = (sources.now() - last).total_seconds() > RESTORE_WITHIN_S
        closed = place.desk.day.status == "closed"
        if loaded is None or loaded.flow.version != stored.flow_version or old or closed:
            await sources.store.visits.record(
                stored.id,
                [c.Ended("left")],
                expected=stored.changes,
                actor="server",
                officer_id=None,
                at=sources.now(),
            )
            await sources.ended(place.seat.booth_id, stored.id)
            return
        if place.open is None and place.seat.visit == "none":
            place.open = OpenVisit.restored(stored, loaded.flow, sources.store, sources.now)
            place.desk.restore(place.slot)

    async def start(self, place: Place, said: m.Start) -> None:
        """Somebody sits down, with a ticket or without."""
        async with place.asking:
            arrivals = self._sources.arrivals
            if place.seat.visit != "none" or not place.desk.day.takes_visitors:
                return
            try:
                if said.ticket is None:
                    arrived = arrivals.by_service(said.service)
                else:
                    arrived = await arrivals.by_ticket(
                        said.ticket, place.seat.branch_id, place.seat.booth_id
                    )
            except NotNow as reason:
                place.tell(m.Error(reason.code, str(reason)))
                return
            place.arrived = arrived
            if arrived.ticket is not None:
                self._sources.queue_changed()
            place.desk.occupancy(place.slot, said)
            if place.seat.visit == "none":  # refused: out of service, or the desk closes
                self._left(place)

    async def consent(self, place: Place, said: m.Consent) -> None:
        """His answer: on the disk before anything flows."""
        async with place.asking:
            seat = place.seat
            if said.agreed and seat.occupant == said.occupant and seat.visit == "consent":
                try:
                    await self._agree(place, said)
                except NotNow as reason:
                    place.tell(m.Error(reason.code, str(reason)))
                    return
            place.desk.occupancy(place.slot, said)

    async def _agree(self, place: Place, said: m.Consent) -> None:
        """Raises `NotNow`."""
        found = place.open
        if found is None:
            await self._ended(place)
            found = await self._begin(place, said)
        await found.change(lambda visit: visit.agree(said.text_version, said.language), "visitor")
        place.open = found
        await deal_questions(self._sources, place, found)

    async def _begin(self, place: Place, said: m.Consent) -> OpenVisit:
        sources, seat = self._sources, place.seat
        arrived = place.arrived or sources.arrivals.by_service(None)
        loaded, ticket = arrived.flow, arrived.ticket
        visit = Visit(new_visit_id(), loaded.flow)
        begun = c.Begun(
            flow=loaded.flow.name,
            flow_version=loaded.flow.version,
            flow_digest=loaded.digest,
            ticket=None if ticket is None else ticket.code,
            booth=seat.booth_id,
            desk=place.desk.desk_id,
            language=said.language,
        )
        new = NewVisit(
            visit.id,
            seat.branch_id,
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
        place.arrived = None
        visit.apply([begun])
        place.attendance.forget(sources.now())
        return OpenVisit(visit, sources.store, sources.now)

    def notice(self, place: Place) -> None:
        """At each change of the desk: a visit whose visitor has gone ends."""
        if place.seat.visit != "none":
            return
        if place.open is not None:
            ended, place.open = place.open, None
            place.ending = self._background.keep(self._end(ended, place.seat.booth_id))
            place.desk.visit_ended(place.slot, ended, place.ending)
        self._left(place)

    def _left(self, place: Place) -> None:
        """Nobody sits there, and nothing has begun of what he came for."""
        arrived, place.arrived = place.arrived, None
        if arrived is not None and arrived.ticket is not None:
            self._background.keep(self._give_back(place, arrived.ticket))

    async def _give_back(self, place: Place, ticket: Ticket) -> None:
        await self._sources.arrivals.give_back(ticket)
        if not place.desk.day.takes_visitors:  # it is of no use here: he waits again
            await self._sources.arrivals.call_off(place.seat.booth_id)
            self._sources.queue_changed()

    async def _ended(self, place: Place) -> None:
        """The visit before has ended on the disk too."""
        task, place.ending = place.ending, None
        if task is not None:
            await asyncio.wait([task], timeout=5 * END_RETRY_S)

    async def _end(self, found: OpenVisit, booth_id: int) -> None:
        """Until it is on the disk: a visit that goes on in the store would come back."""
        how: c.Ending = "finished" if found.visit.decision is not None else "left"
        while True:
            try:
                await found.change(lambda visit: visit.end(how), "server")
            except NotNow as reason:
                _log.error("the end of a visit could not be written", reason=reason.code)
                await asyncio.sleep(END_RETRY_S)
            else:
                break
        await self._sources.ended(booth_id, found.visit.id)
