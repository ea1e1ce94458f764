"""A branch's queue: who waits, who was called to which booth, and which booths are free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from vcs.officer.seat import Seat
from vcs.store.records import BoothPlace
from vcs.store.tickets import Priority, Standing, Ticket, TicketState

BoothUse = Literal["free", "busy", "off"]


class QueuedTicket(msgspec.Struct, frozen=True):
    """`waited_s`: since it was issued. `booth`: the number of the booth that it was called to."""

    id: int
    code: str
    flow: str
    name: str | None
    priority: Priority | None
    state: TicketState
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
    """Each list in the order in which people are called."""

    booths: list[QueueBooth]
    waiting: list[QueuedTicket]
    called: list[QueuedTicket]
    missed: list[QueuedTicket]


def use_of(seat: Seat | None) -> BoothUse:
    """None: the booth's server has not seen it yet."""
    if seat is None or not seat.joined or not seat.in_service:
        return "off"
    return "free" if seat.visit == "none" else "busy"


def queue_of(
    places: Sequence[tuple[str, BoothPlace, Seat | None]], standing: Standing, now: datetime
) -> Queue:
    """`places`: every booth of the branch with its desk's name, and who sits there."""
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
            ticket.state,
            max(0, round((now - ticket.issued_at).total_seconds())),
            slot,
            desk,
        )

    return Queue(
        booths=[
            QueueBooth(place.id, desk, place.slot, use_of(seat), codes.get(place.id))
            for desk, place, seat in places
        ],
        waiting=[shown(ticket) for ticket in standing.waiting],
        called=[shown(ticket) for ticket in standing.called],
        missed=[shown(ticket) for ticket in standing.missed],
    )


def free_booth(queue: Queue) -> QueueBooth | None:
    """The first that is free and awaits nobody."""
    return next((each for each in queue.booths if each.use == "free" and not each.called), None)
