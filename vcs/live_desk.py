"""A desk that is live on this server: its state, its media and its clients, joined.

Messages of the clients become commands of the desk; every change of the desk is told at once to the
console and to those booths whose own state changed. Whatever a client says, it reaches the media
through the desk alone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from vcs import messages as m
from vcs.desk_stats import ClientStats, DeskStats
from vcs.officer.desk import CommandRefused, Desk, DeskRules
from vcs.officer.seat import Seat
from vcs.officer.view import booth_state, desk_view
from vcs.privacy import OFFICER, Booth, Party
from vcs.sfu import Hub


class Client(Protocol):
    """The far end of a signalling socket."""

    def send(self, message: m.Message) -> None: ...
    def send_if_idle(self, message: m.Message) -> None: ...
    def close(self, code: int, reason: str) -> None: ...


class Visits(Protocol):
    """The visits at this desk; none of its calls waits."""

    def notice(self) -> None: ...
    def tell(self) -> None: ...
    def on_tile(self, tile: m.Tile) -> m.Tile: ...
    def waits_for_officer(self, slot: int) -> bool: ...
    async def restore(self, slot: int) -> None: ...
    def booth_joined(self, slot: int) -> None: ...
    def booth_said(self, slot: int, said: m.Start | m.Consent | m.FromBoothVisit) -> None: ...
    def console_joined(self) -> None: ...
    def officer_said(self, said: m.FromOfficerVisit | m.CallNext, officer_id: int) -> None: ...
    async def write_drafts(self) -> None: ...
    async def close(self) -> None: ...


class TalkJournal(Protocol):
    """The store's journal of talk intervals; its calls never wait and never fail."""

    def opened(
        self,
        *,
        desk_id: int,
        booth_id: int,
        officer_id: int,
        occupant: int,
        kind: Literal["talk", "announce"],
    ) -> int: ...
    def closed(self, interval: int) -> None: ...


@dataclass(frozen=True, slots=True)
class DeskIdentity:
    """Which desk this is; `branch` is the branch's name."""

    id: int
    name: str
    branch: str
    branch_id: int = 0


@dataclass(frozen=True, slots=True)
class OfficerIdentity:
    """Who is signed in at the console."""

    id: int
    display_name: str
    branch_id: int = 0


@dataclass(slots=True)
class Console:
    """The console that has the desk now."""

    client: Client
    officer: OfficerIdentity
    since: float


@dataclass(slots=True)
class BoothLine:
    """A joined booth, and what it was last told."""

    client: Client
    told: m.BoothState | None = None


class LiveDesk:
    """One desk. Made when the first client of the desk joins, kept while the server runs."""

    def __init__(
        self,
        identity: DeskIdentity,
        hub: Hub,
        journal: TalkJournal,
        rules: DeskRules,
    ) -> None:
        self.identity = identity
        self.hub = hub
        self.console: Console | None = None
        self.booths: dict[int, BoothLine] = {}
        self.visits: Visits | None = None
        self._journal = journal
        self._watched: Party | None = None
        self._told_links: tuple[dict[int, int], frozenset[int]] = ({}, frozenset())
        self.desk = Desk((), lambda state: hub.apply(identity.id, state), self, rules)

    # --- journal of the desk --------------------------------------------------------------------

    def opened(self, seat: Seat, kind: Literal["talk", "announce"]) -> object:
        """See `vcs.officer.desk.Journal`."""
        return self._journal.opened(
            desk_id=self.identity.id,
            booth_id=seat.booth_id,
            officer_id=self.console.officer.id if self.console else 0,
            occupant=seat.occupant or 0,
            kind=kind,
        )

    def closed(self, interval: object) -> None:
        """See `vcs.officer.desk.Journal`."""
        if isinstance(interval, int):
            self._journal.closed(interval)

    # --- booths ---------------------------------------------------------------------------------

    def seat(self, seat: Seat) -> None:
        """Make this booth's place known, or bring its name and service up to date."""
        known = self.desk.seats.get(seat.slot)
        if known is None or known.booth_id != seat.booth_id:
            self.desk.place(seat)
        else:
            known.name, known.in_service = seat.name, seat.in_service

    def attach_booth(self, slot: int, client: Client) -> None:
        """The booth's signalling is up. An older connection of the same booth is closed."""
        old = self.booths.get(slot)
        if old is not None:
            old.client.close(m.CLOSE_REPLACED, "this booth connected again")
            self.detach_booth(slot, old.client)
        self.booths[slot] = BoothLine(client)
        if self.visits is not None:
            self.visits.booth_joined(slot)
        self.desk.booth_joined(slot, now())
        self.publish()

    def detach_booth(self, slot: int, client: Client) -> None:
        """The booth's signalling is gone. Nothing happens if another connection has its place."""
        line = self.booths.get(slot)
        if line is None or line.client is not client:
            return
        del self.booths[slot]
        self.hub.leave(self.identity.id, Booth(slot))
        self.desk.booth_left(slot, now())
        self.publish()

    def revoke_booth(self, slot: int) -> None:
        """The booth's token changed: consent is cleared and the connection ends."""
        line = self.booths.get(slot)
        if slot in self.desk.seats:
            self.desk.booth_token_changed(slot, now())
        if line is not None:
            line.client.close(m.CLOSE_UNAUTHORISED, "this booth was enrolled anew or revoked")
            self.detach_booth(slot, line.client)
        self.publish()

    def booth_said(self, slot: int, message: m.FromBooth) -> None:
        """A booth's message, other than its hello and its offer."""
        if isinstance(message, m.LinkReport):
            self._reported(Booth(slot), message)
        elif isinstance(message, m.FromBoothVisit):
            if self.visits is not None:
                self.visits.booth_said(slot, message)
        elif self.visits is not None and isinstance(message, m.Start | m.Consent):
            self.visits.booth_said(slot, message)
        else:
            self.booth_command(slot, message)

    def booth_command(self, slot: int, message: m.FromBooth) -> None:
        """What changes the booth's place at the desk."""
        desk, at = self.desk, now()
        try:
            match message:
                case m.Start():
                    desk.start_visit(slot, at)
                case m.Consent():
                    desk.language(slot, message.language)
                    desk.consent(slot, message.occupant, message.agreed, at)
                case m.End():
                    desk.end_visit(slot, message.occupant, at)
                case m.Call():
                    desk.call(slot, message.active, at)
                case m.CannotHear():
                    desk.cannot_hear(slot, message.active)
                case m.ReadText():
                    desk.text_read(slot, message.number)
                case m.Devices():
                    desk.devices(slot, message.camera, message.microphone)
                case m.SetLanguage():
                    desk.language(slot, message.language)
                case _:
                    return
        except CommandRefused as refusal:
            line = self.booths.get(slot)
            if line is not None:
                line.client.send(m.Error(refusal.code, str(refusal)))
        self.publish()

    # --- the officer ----------------------------------------------------------------------------

    def attach_console(self, client: Client, officer: OfficerIdentity, take_over: bool) -> bool:
        """Give the desk to this console. False: it is taken, and the client has been told."""
        at = now()
        if self.console is not None:
            if not take_over:
                client.send(
                    m.DeskTaken(
                        desk=self.identity.id,
                        officer=self.console.officer.display_name,
                        since_ms=round((at - self.console.since) * 1000),
                    )
                )
                return False
            old, self.console = self.console, None
            self.hub.leave(self.identity.id, OFFICER)
            old.client.send(m.TakenOver(by=officer.display_name))
            old.client.close(m.CLOSE_REPLACED, "another console took this desk")
        self.desk.officer_joined(officer.display_name, at)
        self.console = Console(client, officer, at)
        self._watched = None
        if self.visits is not None:
            self.visits.console_joined()
        return True

    def detach_console(self, client: Client) -> None:
        """The console's socket closed: the officer counts as lost at once."""
        if self.console is None or self.console.client is not client:
            return
        self.desk.officer_left(now())
        self.hub.leave(self.identity.id, OFFICER)
        self.console = None
        self.publish()

    def officer_said(self, client: Client, message: m.FromOfficer) -> None:
        """A console's message, other than its hello and its offer."""
        if self.console is None or self.console.client is not client:
            return
        if isinstance(message, m.LinkReport):
            self._reported(OFFICER, message)
            return
        if isinstance(message, m.FromOfficerVisit | m.CallNext):
            if self.visits is not None:
                self.visits.officer_said(message, self.console.officer.id)
            return
        if isinstance(message, m.WatchLink):
            self._watched = OFFICER if message.own else _booth(message.slot)
            self.send_details()
            return
        try:
            self._command(message)
        except CommandRefused as refusal:
            self.publish()
            client.send(
                m.Refused(
                    id=getattr(message, "id", 0),
                    code=refusal.code,
                    message=str(refusal),
                    revision=self.desk.revision,
                )
            )
            return
        # Media first (done), then what everybody sees, then the acknowledgement.
        self.publish()
        request = getattr(message, "id", None)
        if request is not None:
            client.send(m.Ack(id=request, revision=self.desk.revision))

    def _command(self, message: m.FromOfficer) -> None:
        desk, at = self.desk, now()
        match message:
            case m.Talk():
                desk.talk(message.slot, message.occupant, message.revision, at)
            case m.Hold():
                desk.hold(at)
            case m.Announce(active=True):
                desk.announce(message.revision, at)
            case m.Announce():
                desk.end_announcement(at)
            case m.Focus():
                desk.set_focus(message.slot)
                self.hub.focus(self.identity.id, message.slot)
            case m.SendText():
                desk.send_text(message.slot, message.occupant, message.text)
            case m.Microphone():
                desk.microphone_changed(message.live, at)
            case m.EndVisit():
                desk.end_visit(message.slot, message.occupant, at)
            case _:
                pass

    # --- media ----------------------------------------------------------------------------------

    def media_up(self, party: Party, client: Client) -> bool:
        """A client's media path is up. False when the client has lost its place meanwhile."""
        if not self.has(party, client):
            return False
        self._media_changed(party, True)
        return True

    def media_down(self, party: Party) -> None:
        """Nothing authentic has arrived from this party for too long, or its path was replaced."""
        self._media_changed(party, False)

    def _media_changed(self, party: Party, up: bool) -> None:
        if isinstance(party, Booth):
            if party.slot in self.booths:
                self.desk.booth_media_changed(party.slot, up, now())
        elif self.console is not None:
            self.desk.officer_media_changed(up, now())
        self.publish()

    def has(self, party: Party, client: Client) -> bool:
        """This client holds this party's place now."""
        if isinstance(party, Booth):
            line = self.booths.get(party.slot)
            return line is not None and line.client is client
        return self.console is not None and self.console.client is client

    def talking(self) -> bool:
        """A talk or announce path exists: the officer's silence is watched closely."""
        return self.desk.talk_slot is not None or self.desk.announcing

    # --- telling --------------------------------------------------------------------------------

    def publish(self) -> None:
        """Tell the console, and each booth whose own state differs from what it was last told."""
        if self.visits is not None:
            self.visits.notice()
        for slot, line in self.booths.items():
            before = line.told
            state = booth_state(self.desk, slot, before.seq if before else 0)
            if state != before:
                line.told = msgspec.structs.replace(state, seq=state.seq + 1)
                line.client.send(line.told)
        if self.console is not None:
            self._told_links = self._links()
            links, paused = self._told_links
            view = self._with_visits(desk_view(self.desk, links, now(), paused, self._finished()))
            on_air = [] if view.on_air is None else [view.on_air]
            self.hub.order(self.identity.id, [*on_air, *(line.slot for line in view.next)])
            self.console.client.send(view)
        if self.visits is not None:
            self.visits.tell()

    def _finished(self) -> frozenset[int]:
        visits = self.visits
        if visits is None:
            return frozenset()
        return frozenset(slot for slot in self.desk.seats if visits.waits_for_officer(slot))

    def _with_visits(self, view: m.DeskView) -> m.DeskView:
        visits = self.visits
        if visits is None:
            return view
        tiles = [visits.on_tile(tile) for tile in view.tiles]
        return msgspec.structs.replace(view, tiles=tiles)

    def _links(self) -> tuple[dict[int, int], frozenset[int]]:
        """The quality of each booth's link, and whose picture the console's has no room for."""
        desk = self.identity.id
        return (
            {slot: self.hub.link_quality(desk, Booth(slot)) for slot in self.booths},
            frozenset(slot for slot in self.booths if self.hub.paused(desk, slot)),
        )

    def send_levels(self) -> None:
        """Ten times a second: sound levels to the console."""
        if self.console is None:
            return
        levels = [self.hub.level(self.identity.id, slot) for slot in range(1, 7)]
        if any(level is not None for level in levels):
            self.console.client.send_if_idle(m.Levels(levels))

    def _reported(self, party: Party, report: m.LinkReport) -> None:
        self.hub.reported(self.identity.id, party, report.received, report.sent)

    def send_details(self) -> None:
        """Once a second: the link that the officer looks at."""
        watched = self._watched
        if self.console is None or watched is None:
            return
        link = self.hub.link_stats(self.identity.id, watched)
        if not isinstance(watched, Booth):
            self.console.client.send_if_idle(m.LinkDetails(None, link))
            return
        own = self.hub.link_stats(self.identity.id, OFFICER)
        given = () if own is None else own.given
        shown = next((each for each in given if each.slot == watched.slot), None)
        self.console.client.send_if_idle(m.LinkDetails(watched.slot, link, shown))

    def stats(self) -> DeskStats:
        """Every client of the desk, for those who watch over the server."""
        parties: list[Party] = [Booth(slot) for slot in sorted(self.booths)]
        if self.console is not None:
            parties.insert(0, OFFICER)
        return DeskStats(
            id=self.identity.id,
            name=self.identity.name,
            branch=self.identity.branch,
            on_air=self.desk.talk_slot,
            announcing=self.desk.announcing,
            clients=[
                ClientStats(
                    slot=party.slot if isinstance(party, Booth) else None,
                    link=self.hub.link_stats(self.identity.id, party),
                )
                for party in parties
            ],
        )

    def tick(self) -> None:
        """A few times a second: limits of time, and links that changed."""
        before = self._fingerprint()
        self.desk.tick(now())
        if before != self._fingerprint() or (
            self.console is not None and self._links() != self._told_links
        ):
            self.publish()

    def _fingerprint(self) -> tuple[object, ...]:
        return (self.desk.revision, *(seat.visit for seat in self.desk.seats.values()))


def _booth(slot: int | None) -> Booth | None:
    return None if slot is None else Booth(slot)


def now() -> float:
    """Monotonic seconds."""
    return time.monotonic()
