"""Where booths are at live desks: each at one, and how they exchange places."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from vcs.desk_clients import BoothLine
from vcs.live_desk import LiveDesk
from vcs.messages import CLOSE_RESTART, Language
from vcs.officer.seat import Seat
from vcs.privacy import Booth
from vcs.sfu import Travelling
from vcs.visits.place import Place


class KnownBooth(Protocol):
    """An enrolled booth: where it belongs, and where it is now."""

    @property
    def id(self) -> int: ...
    @property
    def desk_id(self) -> int: ...
    @property
    def slot(self) -> int: ...
    @property
    def now_desk_id(self) -> int: ...
    @property
    def now_slot(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def language(self) -> Language: ...
    @property
    def in_service(self) -> bool: ...
    @property
    def branch_id(self) -> int: ...
    @property
    def branch(self) -> str: ...


def seat_of(booth: KnownBooth) -> Seat:
    """The booth's place where it is now, nobody in it."""
    home, here = (booth.desk_id, booth.slot), (booth.now_desk_id, booth.now_slot)
    return Seat(
        slot=booth.now_slot,
        booth_id=booth.id,
        name=booth.name,
        in_service=booth.in_service,
        language=booth.language,
        branch_id=booth.branch_id,
        branch=booth.branch,
        home=None if here == home else home,
    )


def take_away(live: LiveDesk, slot: int) -> None:
    """The booth in this place, which is free, belongs elsewhere from now on."""
    live.hub.leave(live.identity.id, Booth(slot))
    line = live.booths.pop(slot, None)
    if line is not None:
        line.client.close(CLOSE_RESTART, "this booth has another place now")
    if live.visits is not None:
        live.visits.release(slot)
    live.desk.release(slot, time.monotonic())
    live.forget_slot(slot)
    live.publish()


def exchange(first: LiveDesk, slot: int, second: LiveDesk, other: int) -> None:
    """The booth in place `slot` of the first desk goes to place `other` of the second, with
    everything; a booth that is there comes in its stead. Paths end before any is made, and all is
    so and told when this returns."""
    going = _take_out(first, slot)
    coming = _take_out(second, other) if other in second.desk.seats else None
    _put_in(second, other, going)
    if coming is not None:
        _put_in(first, slot, coming)
    first.forget_slot(slot)
    second.forget_slot(other)
    first.publish()
    if second is not first:
        second.publish()


@dataclass(frozen=True, slots=True)
class _Booth:
    """A booth between two desks."""

    seat: Seat
    home: tuple[int, int]
    line: BoothLine | None
    media: Travelling | None
    place: Place | None


def _take_out(live: LiveDesk, slot: int) -> _Booth:
    place = None if live.visits is None else live.visits.release(slot)
    seat = live.desk.release(slot, time.monotonic())
    return _Booth(
        seat,
        seat.home or (live.identity.id, slot),
        live.booths.pop(slot, None),
        live.hub.take_out(live.identity.id, Booth(slot)),
        place,
    )


def _put_in(live: LiveDesk, slot: int, booth: _Booth) -> None:
    here = (live.identity.id, slot)
    booth.seat.home = None if booth.home == here else booth.home
    live.desk.receive(booth.seat, slot)
    if booth.line is not None:
        booth.line.live, booth.line.slot = live, slot
        live.booths[slot] = booth.line
    if booth.media is not None:
        live.hub.put_in(live.identity.id, Booth(slot), booth.media)
    if booth.place is not None and live.visits is not None:
        live.visits.receive(booth.place)
