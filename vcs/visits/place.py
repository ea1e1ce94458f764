"""One booth as visits see it, whatever its number at the desk is: who sits there, his visit, what
he was told. Work in the background holds on to this, so that its answer reaches the right booth."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from vcs import messages as m
from vcs.clock import WallClock, local_day
from vcs.officer.day import DeskDay
from vcs.officer.seat import Seat
from vcs.store import Store
from vcs.visits import changes as c
from vcs.visits.arrival import Arrivals, Arrived
from vcs.visits.attendance import Attendance
from vcs.visits.flow_file import LoadedFlow
from vcs.visits.officer_side import CutsPictures
from vcs.visits.open_visit import OpenVisit
from vcs.visits.visitor_side import KeepsFiles


class VisitDesk(Protocol):
    """The live desk, as far as visits need it."""

    @property
    def desk_id(self) -> int: ...
    @property
    def seats(self) -> Mapping[int, Seat]: ...
    @property
    def day(self) -> DeskDay: ...
    @property
    def on_air(self) -> int | None: ...
    @property
    def looked_at(self) -> int | None: ...
    @property
    def officer_id(self) -> int | None: ...
    def tell_booth(self, slot: int, message: m.Message) -> None: ...
    def tell_console(self, message: m.Message) -> None: ...
    def occupancy(self, slot: int, message: m.Start | m.Consent) -> None: ...
    def restore(self, slot: int) -> None: ...
    def visit_ended(self, slot: int, found: OpenVisit, written: asyncio.Task[None]) -> None: ...
    def publish(self) -> None: ...


@dataclass(frozen=True, slots=True)
class VisitSources:
    """What the visits of all desks share. `zone`: the branches'. `queue_changed` is called when a
    ticket was taken or called, `visit_ended` when the end of a visit is on the disk, with its booth
    and its id."""

    store: Store
    flows: Mapping[str, LoadedFlow]
    files: KeepsFiles
    now: WallClock
    studio: CutsPictures
    zone: ZoneInfo
    queue_changed: Callable[[], None] = lambda: None
    visit_ended: Callable[[int, int], Awaitable[None]] | None = None

    def today(self) -> date:
        """Where the branches are."""
        return local_day(self.now(), self.zone).date

    async def ended(self, booth_id: int, visit_id: int) -> None:
        """Nothing of it stays behind."""
        if self.visit_ended is not None:
            await self.visit_ended(booth_id, visit_id)

    @property
    def arrivals(self) -> Arrivals:
        return Arrivals(self.store.tickets, self.flows, self.now, self.zone)

    def services(self) -> list[m.ServiceOffered]:
        """What a visitor may choose from."""
        return [
            m.ServiceOffered(each.flow.name, each.flow.title.id, each.flow.title.en)
            for each in self.flows.values()
        ]


@dataclass(slots=True)
class Told:
    """What a client was last told, so that it is not told again."""

    visit: m.Message | None = None
    flows: set[str] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Place:
    """`open` is the visit there, once its visitor has agreed; `arrived` what he came for before
    that; `ending` writes the end of the visit before. `asking` lets one start or consent at a time
    through."""

    desk: VisitDesk
    seat: Seat
    open: OpenVisit | None = None
    arrived: Arrived | None = None
    ending: asyncio.Task[None] | None = None
    told: Told = field(default_factory=Told)
    attendance: Attendance = field(default_factory=Attendance)
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def slot(self) -> int:
        """Its number at the desk where it is now."""
        return self.seat.slot

    @property
    def agreed(self) -> OpenVisit | None:
        """The visit there while its visitor's consent stands."""
        return self.open if self.seat.consented else None

    @property
    def free(self) -> bool:
        """Nobody sits there, and the end of the visit before is written."""
        ended = self.ending is None or self.ending.done()
        return self.seat.visit == "none" and self.open is None and ended

    async def took(self, found: OpenVisit, taken: c.CaptureTaken) -> None:
        """A picture of this visit has been stored and looked at. Raises `NotNow`."""
        await found.change(lambda visit: visit.take(taken), "visitor")
        self.desk.publish()

    def tell(self, message: m.Message) -> None:
        """To the booth's page."""
        self.desk.tell_booth(self.slot, message)
