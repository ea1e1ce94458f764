"""How a visit begins: by the visitor's ticket, or by the service that he chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from vcs.clock import WallClock, local_day
from vcs.logs import rate_limited
from vcs.officer.day import DeskDay
from vcs.officer.seat import Seat
from vcs.store.records import NotThere
from vcs.store.tickets import BoothAwaits, NotCalled, Taken, Ticket, Tickets
from vcs.visits.flow_file import LoadedFlow
from vcs.visits.queue import BoothUse, in_turn, unawaited, use_of
from vcs.visits.visit import NotNow

_log = rate_limited("vcs.visits.arrival")


@dataclass(frozen=True, slots=True)
class Arrived:
    """What somebody came for, before he has agreed to anything."""

    flow: LoadedFlow
    ticket: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Of all booths; `flows` in the order in which services are offered."""

    tickets: Tickets
    flows: Mapping[str, LoadedFlow]
    now: WallClock
    zone: ZoneInfo

    def by_service(self, name: str | None) -> Arrived:
        """None: the branch's first service. Raises `NotNow`."""
        flow = self.flows.get(name) if name else next(iter(self.flows.values()))
        if flow is None:
            raise NotNow("no_service", "this branch has no such service")
        return Arrived(flow)

    async def by_ticket(self, text: str, branch_id: int, booth_id: int) -> Arrived:
        """`text`: the number as it is printed, or what the QR code holds. The ticket is used from
        now on. Raises `NotNow`."""
        try:
            ticket = await self.tickets.take(branch_id, text, booth_id, self.now())
        except NotThere as error:
            raise NotNow("ticket_unknown", str(error)) from error
        except Taken as error:
            raise NotNow("ticket_taken", str(error)) from error
        except NotCalled as error:
            raise NotNow("ticket_not_called", str(error)) from error
        except (SQLAlchemyError, OSError) as error:
            _log.error("a ticket could not be taken", reason=type(error).__name__)
            raise NotNow("not_saved", "this could not be saved; try again") from error
        flow = self.flows.get(ticket.flow)
        if flow is None:
            await self.give_back(ticket)
            raise NotNow("no_service", "this branch has no such service any more")
        return Arrived(flow, ticket)

    async def call_next(self, seats: Sequence[Seat], day: DeskDay, wrapped: bool) -> Seat:
        """Who is next among the branches of these booths of a desk, to one of them that is free and
        of his own branch; gives that booth. `wrapped`: also to one that wraps up, since who calls
        the next one has done so. Raises `NotNow`."""
        uses: set[BoothUse] = {"free", "wrapping_up"} if wrapped else {"free"}
        free = [seat for seat in seats if use_of(seat, day) in uses]
        if not free:
            raise NotNow("no_free_booth", "no such booth is free")
        try:
            called = await self._call_next(free)
        except BoothAwaits as error:
            raise NotNow("booth_awaits", str(error)) from error
        except (SQLAlchemyError, OSError) as error:
            _log.error("nobody could be called", reason=type(error).__name__)
            raise NotNow("not_saved", "this could not be saved; try again") from error
        if called is None:
            raise NotNow("nobody_waits", "nobody waits")
        return called

    async def call_off(self, booth_id: int) -> None:
        """Who was called to this booth waits again."""
        try:
            await self.tickets.call_off([booth_id])
        except (SQLAlchemyError, OSError) as error:
            _log.error("a call could not be taken back", reason=type(error).__name__)

    async def _call_next(self, seats: Sequence[Seat]) -> Seat | None:
        now = self.now()
        day = local_day(now, self.zone).date
        standings = {
            branch: await self.tickets.standing(branch, day, now)
            for branch in {seat.branch_id for seat in seats}
        }
        free = unawaited(seats, standings)
        if not free:
            raise BoothAwaits("somebody was called to this booth")
        for _, seat in in_turn(free, standings):
            # Who stood first may have been called elsewhere in between: then the one behind him.
            if await self.tickets.call_next(seat.branch_id, day, seat.booth_id, now) is not None:
                return seat
        return None

    async def give_back(self, ticket: Ticket) -> None:
        """Nobody has agreed after all: the ticket may be used again."""
        try:
            await self.tickets.give_back(ticket.id)
        except (SQLAlchemyError, OSError, NotThere) as error:
            _log.error("a ticket could not be given back", reason=type(error).__name__)
