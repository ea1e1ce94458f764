"""A live desk as its visits see it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from vcs import messages as m
from vcs.live_desk import LiveDesk, now
from vcs.officer.day import DeskDay
from vcs.officer.seat import Seat
from vcs.visits.open_visit import OpenVisit


class LiveVisitDesk:
    """See `vcs.visits.desk_visits.VisitDesk`."""

    def __init__(self, live: LiveDesk) -> None:
        self._live = live

    @property
    def desk_id(self) -> int:
        return self._live.identity.id

    @property
    def seats(self) -> Mapping[int, Seat]:
        return self._live.desk.seats

    @property
    def day(self) -> DeskDay:
        return self._live.desk.day

    @property
    def on_air(self) -> int | None:
        """An officer who is lost is with nobody."""
        return self._live.desk.talk_slot if self._officer_here else None

    @property
    def looked_at(self) -> int | None:
        return self._live.desk.focus if self._officer_here else None

    @property
    def officer_id(self) -> int | None:
        console = self._live.console
        return None if console is None else console.officer.id

    @property
    def _officer_here(self) -> bool:
        desk = self._live.desk
        return desk.officer is not None and desk.officer_media

    def tell_booth(self, slot: int, message: m.Message) -> None:
        line = self._live.booths.get(slot)
        if line is not None:
            line.client.send(message)

    def tell_console(self, message: m.Message) -> None:
        if self._live.console is not None:
            self._live.console.client.send(message)

    def occupancy(self, slot: int, message: m.Start | m.Consent) -> None:
        self._live.booth_command(slot, message)

    def restore(self, slot: int) -> None:
        self._live.desk.restore_visit(slot, now())

    def visit_ended(self, slot: int, found: OpenVisit, written: asyncio.Task[None]) -> None:
        if self._live.day is not None:
            self._live.day.visit_ended(slot, found, written)

    def publish(self) -> None:
        self._live.publish()
