"""A branch's queue: who waits, who was called to which booth, and which booths are free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from vcs.officer.day import DeskDay
from vcs.officer.seat import Seat
from vcs.store.records import BoothPlace
from vcs.store.tickets import Priority, Standing, Ticket

BoothUse = Literal["free", "busy", "wrapping_up", "on_break", "closed", "off"]
"""wrapping_up, on_break, closed: nobody sits there, and the officer can see nobody new just yet, is
away for a while, or closes his desk."""


class QueuedTicket(msgspec.Struct, frozen=True):
    """`waited_s`: since it was issued. `booth`: the number of the booth that it was called to."""

    id: int
    code: str
    flow: str
    name: str | None
    priority: Priority | None
    waited_s: int
    booth: int | None = None
    desk: str | None = None


class QueueBooth(msgspec.Struct, frozen=True):
    """`called`: the ticket that is awaited there."""

    id: int
    desk: str
    number: int
    use: BoothUse
    called: str | None = None


class Queue(msgspec.Struct, frozen=True):
    """Each list in the order in which people are called; which list says how a ticket stands."""

    booths: list[QueueBooth]
    waiting: list[QueuedTicket]
    called: list[QueuedTicket]
    missed: list[QueuedTicket]


def use_of(seat: Seat | None, day: DeskDay) -> BoothUse:
    """None: the booth's server has not seen it yet."""
    if seat is None or not seat.joined or not seat.in_service:
        return "off"
    if seat.visit != "none":
        return "busy"
    if not day.takes_visitors:
        return "closed"
    if day.pause is not None:
        return "on_break"
    return "free" if day.may_be_called_to(seat.slot) else "wrapping_up"


def queue_of(
    places: Sequence[tuple[str, BoothPlace, BoothUse]], standing: Standing, now: datetime
) -> Queue:
    """`places`: every booth of the branch with its desk's name."""
    where = {place.id: (desk, place.slot) for desk, place, _ in places}
    codes = {ticket.called_booth_id: ticket.code for ticket in standing.called}

    def shown(ticket: Ticket) -> QueuedTicket:
        desk, slot = where.get(ticket.called_booth_id or 0, (None, None))
        return QueuedTicket(
            ticket.id,
            ticket.code,
            ticket.flow,
            ticket.name,
            ticket.priority,
            max(0, round((now - ticket.issued_at).total_seconds())),
            slot,
            desk,
        )

    return Queue(
        booths=[
            QueueBooth(place.id, desk, place.slot, use, codes.get(place.id))
            for desk, place, use in places
        ],
        waiting=[shown(ticket) for ticket in standing.waiting],
        called=[shown(ticket) for ticket in standing.called],
        missed=[shown(ticket) for ticket in standing.missed],
    )


def unawaited(seats: Iterable[Seat], standings: Mapping[int, Standing]) -> list[Seat]:
    """Those to which nobody was called. `standings`: by branch."""
    awaited = {each.called_booth_id for standing in standings.values() for each in standing.called}
    return [seat for seat in seats if seat.booth_id not in awaited]


def in_turn(free: Iterable[Seat], standings: Mapping[int, Standing]) -> list[tuple[Ticket, Seat]]:
    """Who may be called now, each branch's first to a free booth of that branch: those with
    priority before others, then who has waited longest."""
    found: dict[int, tuple[Ticket, Seat]] = {}
    for seat in free:
        waiting = standings[seat.branch_id].waiting
        if waiting:
            found.setdefault(seat.branch_id, (waiting[0], seat))
    return sorted(
        found.values(), key=lambda each: (each[0].priority is None, each[0].issued_at, each[0].id)
    )


def free_booth(queue: Queue) -> QueueBooth | None:
    """The first that is free and awaits nobody."""
    return next((each for each in queue.booths if each.use == "free" and not each.called), None)
