"""All desks that are live on this server, and the clock that watches over them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from vcs.connection import MediaConnection
from vcs.live_desk import Client, Day, DeskIdentity, LiveDesk, TalkJournal, Visits
from vcs.messages import CLOSE_RESTART
from vcs.officer.desk import DeskRules
from vcs.peer import MediaPeer
from vcs.plane import Plane
from vcs.privacy import OFFICER, Booth, Party
from vcs.seating import KnownBooth, seat_of, take_away
from vcs.sfu import TICK_PARTS, TICK_S, Hub
from vcs.transport.association import Associations

if TYPE_CHECKING:
    from vcs.hand_overs import HandOvers

log = structlog.get_logger(__name__)

LEVELS_S: Final = 0.1
DESK_TICK_S: Final = 0.5
DETAILS_S: Final = 1.0
DRAFTS_S: Final = 0.3
"""How often what visitors type is written."""
SWEEP_S: Final = 1.0
HEARD_S: Final = 1.5
"""Sound and reports come many times a second, and of many lost some arrive."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a peer may be silent before it counts as lost, in seconds."""

    officer_on_air: float = 1.5
    anybody: float = 6.0


class ClientMedia:
    """A client's media at its place of a desk: tells the desk when it is up, lost and back."""

    def __init__(self, desks: LiveDesks, live: LiveDesk, party: Party, client: Client) -> None:
        self.client = client
        self._at = (live, party)
        # A booth may go to another desk, and its line says where it is.
        line = live.booths.get(party.slot) if isinstance(party, Booth) else None
        self._line = line if line is not None and line.client is client else None
        self.up = False
        self._desks = desks
        self._lost_at: float | None = None
        # Most booths are silent most of the time. An officer's packets show that he is there.
        self.connection = MediaConnection(
            desks.associations, desks.plane, self, silence_suppressed=isinstance(party, Booth)
        )
        desks.media.add(self)

    @property
    def live(self) -> LiveDesk:
        """The desk where the client is now."""
        return self._at[0] if self._line is None else self._line.live

    @property
    def party(self) -> Party:
        """Its place there."""
        return self._at[1] if self._line is None else Booth(self._line.slot)

    def connected(self, peer: MediaPeer) -> None:
        """See `vcs.connection.Events`."""
        if not self.live.has(self.party, self.client):
            self._desks.plane.drop_peer(peer.id)
            self.connection.peer = None
            return
        self.live.hub.join(self.live.identity.id, self.party, peer)
        self.up = True
        self._lost_at = None
        self.live.media_up(self.party, self.client)

    def disconnected(self) -> None:
        """See `vcs.connection.Events`."""
        if self.live.has(self.party, self.client):
            self._set(False)
            self.live.hub.leave(self.live.identity.id, self.party)

    def watch(self, now: float, patience: Patience) -> None:
        """Lost when nothing authentic has arrived for too long; back when it does again."""
        if not self.live.has(self.party, self.client):
            return  # its peer went with its place; the socket is about to end
        heard = self.connection.last_heard()
        if heard is None:
            return
        if not self.up and self._lost_at is not None:
            # The loss ends the talk, and with it the short patience; that brings nobody back.
            self._set(heard > self._lost_at)
            return
        on_air = self.party == OFFICER and self.live.talking()
        if now - heard >= (patience.officer_on_air if on_air else patience.anybody):
            self._lost_at = heard
            self._set(False)

    def heard(self) -> bool:
        """Something authentic has just come."""
        at = self.connection.last_heard()
        return at is not None and time.monotonic() - at < HEARD_S

    def _set(self, up: bool) -> None:
        if up != self.up and self.live.has(self.party, self.client):
            self.up = up
            if up:
                self._lost_at = None
                self.live.media_up(self.party, self.client)
            else:
                self.live.media_down(self.party)

    def close(self) -> None:
        """The client's socket has closed."""
        self._desks.media.discard(self)
        self.connection.close()


class LiveDesks:
    """Finds or makes live desks, and runs their timers."""

    def __init__(
        self,
        hub: Hub,
        plane: Plane,
        associations: Associations,
        journal: TalkJournal,
        rules: DeskRules,
        patience: Patience,
        visits_at: Callable[[LiveDesk], Visits] | None = None,
        day_at: Callable[[LiveDesk], Day] | None = None,
    ) -> None:
        self.hub = hub
        self.plane = plane
        self.associations = associations
        self.media: set[ClientMedia] = set()
        self.loop_lag_s = 0.0
        self.hand_overs: HandOvers | None = None
        self._journal = journal
        self._rules = rules
        self._patience = patience
        self._visits_at = visits_at
        self._day_at = day_at
        self._desks: dict[int, LiveDesk] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._broken = asyncio.Event()

    def __iter__(self) -> Iterator[LiveDesk]:
        return iter(list(self._desks.values()))

    def desk(self, identity: DeskIdentity) -> LiveDesk:
        """The live desk of this identity, made at the first call."""
        live = self._desks.get(identity.id)
        if live is None:
            live = LiveDesk(identity, self.hub, self._journal, self._rules)
            live.hand_overs = self.hand_overs
            if self._visits_at is not None:
                live.visits = self._visits_at(live)
            if self._day_at is not None:
                live.day = self._day_at(live)
            self._desks[identity.id] = live
        return live

    def find(self, desk_id: int) -> LiveDesk | None:
        """The live desk of this id, if somebody has joined it."""
        return self._desks.get(desk_id)

    def where(self, booth_id: int) -> tuple[LiveDesk, int] | None:
        """The desk and the slot where this booth is."""
        for live in self._desks.values():
            slot = live.slot_of(booth_id)
            if slot is not None:
                return live, slot
        return None

    def seat(self, live: LiveDesk, booth: KnownBooth) -> tuple[LiveDesk, int]:
        """Make the place of a booth of this desk known. Where it is by this server's word counts:
        what was read from the store may be a moment old. Who was given a place of his own
        elsewhere, goes there when he is free."""
        seat = seat_of(booth)
        found = self.where(booth.id)
        if found is not None:
            there, slot = found
            known = there.desk.seats[slot]
            belongs = known.home or (there.identity.id, slot)
            if belongs != (booth.desk_id, booth.slot) and known.visit == "none":
                take_away(there, slot)
            else:
                live, seat.slot = found
        live.seat(seat)
        return live, seat.slot

    def revoke_booth(self, booth_id: int) -> None:
        """The booth was enrolled anew or revoked: its connection ends, consent is cleared."""
        for live in self._desks.values():
            for seat in list(live.desk.seats.values()):
                if seat.booth_id == booth_id:
                    live.revoke_booth(seat.slot)

    # --- timers ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin watching; needs a running loop."""
        self._tasks = [
            asyncio.create_task(self._every(TICK_S / TICK_PARTS, self.hub.tick)),
            asyncio.create_task(self._every(LEVELS_S, self._levels_and_silence)),
            asyncio.create_task(self._every(DESK_TICK_S, self._tick_desks)),
            asyncio.create_task(self._every(DETAILS_S, self._details)),
            asyncio.create_task(self._write_drafts()),
            asyncio.create_task(
                self._every(SWEEP_S, lambda: self.associations.sweep(time.monotonic()))
            ),
        ]

    async def broken(self) -> None:
        """Returns when a timer has failed: a bug of ours, and the privacy rule's clocks with it."""
        await self._broken.wait()

    def farewell(self) -> None:
        """Tell every client that the server goes down: hold first, then the close code."""
        for live in self:
            live.desk.hold(time.monotonic())
            live.publish()
            clients = [line.client for line in live.booths.values()]
            if live.console is not None:
                clients.append(live.console.client)
            for client in clients:
                client.close(CLOSE_RESTART, "the server restarts")

    async def stop(self) -> None:
        """End the timers, write what is left, close what is left."""
        if self.hand_overs is not None:
            await self.hand_overs.close()
        for live in self:
            if live.visits is not None:
                await live.visits.close()
            if live.day is not None:
                await live.day.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for media in list(self.media):
            media.close()

    async def _every(self, seconds: float, action: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            self.loop_lag_s = max(self.loop_lag_s * 0.99, loop.time() - due)
            try:
                action()
            except Exception as error:
                log.exception("a timer has failed", reason=type(error).__name__)
                self._broken.set()
                raise
            due = max(due + seconds, loop.time())

    def _levels_and_silence(self) -> None:
        now = time.monotonic()
        for media in list(self.media):
            media.watch(now, self._patience)
        for live in self._desks.values():
            live.send_levels()

    def _details(self) -> None:
        for live in self._desks.values():
            live.send_details()

    async def _write_drafts(self) -> None:
        while True:
            await asyncio.sleep(DRAFTS_S)
            for live in self:
                if live.visits is not None:
                    await live.visits.write_drafts()

    def _tick_desks(self) -> None:
        for live in self._desks.values():
            live.tick()
        if self.hand_overs is not None:
            self.hand_overs.tick()
