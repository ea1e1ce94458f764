"""A desk that is live on this server: its state, its media and its clients, joined.

Messages of the clients become commands of the desk; every change of the desk is told at once to the
console and to those booths whose own state changed. Whatever a client says, it reaches the media
through the desk alone.
"""

from __future__ import annotations

import time
from typing import Literal

from vcs import messages as m
from vcs.desk_clients import (
    BoothLine,
    Client,
    Console,
    Day,
    DeskIdentity,
    HandsOver,
    OfficerIdentity,
    TalkJournal,
    Visits,
)
from vcs.desk_stats import DeskStats
from vcs.desk_telling import DeskTelling
from vcs.officer.desk import CommandRefused, Desk, DeskRules
from vcs.officer.seat import Seat
from vcs.privacy import OFFICER, Booth, Party
from vcs.sfu import Hub

__all__ = [
    "Client",
    "Day",
    "DeskIdentity",
    "LiveDesk",
    "OfficerIdentity",
    "TalkJournal",
    "Visits",
    "now",
]


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
        self.hand_overs: HandsOver | None = None
        self.day: Day | None = None
        self._journal = journal
        self._telling = DeskTelling(self)
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
        if known is None:
            self.desk.place(seat)
        elif known.booth_id != seat.booth_id:
            before = self.booths.get(seat.slot)
            if before is not None:
                before.client.close(m.CLOSE_RESTART, "this booth has another place now")
                self.detach_booth(seat.slot, before.client)
            self.desk.place(seat)
        else:
            known.name, known.in_service = seat.name, seat.in_service

    def attach_booth(self, slot: int, client: Client) -> BoothLine:
        """The booth's signalling is up. An older connection of the same booth is closed."""
        old = self.booths.get(slot)
        if old is not None:
            old.client.close(m.CLOSE_REPLACED, "this booth connected again")
            self.detach_booth(slot, old.client)
        line = self.booths[slot] = BoothLine(client, self, slot)
        if self.visits is not None:
            self.visits.booth_joined(slot)
        self.desk.booth_joined(slot, now())
        self.publish()
        return line

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
                    desk.devices(slot, message.camera, message.microphone, message.document)
                case m.SetLanguage():
                    desk.language(slot, message.language)
                case _:
                    return
        except CommandRefused as refusal:
            line = self.booths.get(slot)
            if line is not None:
                line.client.send(m.Error(refusal.code, str(refusal)))
        self.publish()

    def slot_of(self, booth_id: int) -> int | None:
        """Where this booth is, if it is at this desk."""
        found = (seat.slot for seat in self.desk.seats.values() if seat.booth_id == booth_id)
        return next(found, None)

    def forget_slot(self, slot: int) -> None:
        """Another booth will be in this place, or none: who looked at the one that was there does
        not look at the next."""
        self.hub.focus(self.identity.id, self.desk.focus)
        self._telling.forget_link(slot)

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
        self._telling.watch_link(None)
        if self.visits is not None:
            self.visits.console_joined()
        if self.hand_overs is not None:
            self.hand_overs.console_joined(self)
        if self.day is not None:
            self.day.console_joined(officer)
        return True

    def detach_console(self, client: Client) -> None:
        """The console's socket closed: the officer counts as lost at once."""
        if self.console is None or self.console.client is not client:
            return
        self.desk.officer_left(now())
        self.hub.leave(self.identity.id, OFFICER)
        self.console = None
        self.publish()

    def officer_silent(self, client: Client) -> None:
        """Nothing has come on the console's socket for too long: he could not end a talk. Pictures
        go on."""
        if self.console is not None and self.console.client is client and self.talking():
            self.desk.officer_silent(now())
            self.publish()

    def officer_said(self, client: Client, message: m.FromOfficer) -> None:
        """A console's message, other than its hello and its offer."""
        if self.console is None or self.console.client is not client:
            return
        if isinstance(message, m.LinkReport):
            self._reported(OFFICER, message)
            return
        if isinstance(message, m.FromOfficerDay):
            if self.day is not None:
                self.day.officer_said(message, self.console.officer)
            return
        if isinstance(message, m.FromOfficerVisit | m.CallNext):
            if self.visits is not None:
                self.visits.officer_said(message, self.console.officer.id)
            return
        if isinstance(message, m.FromOfficerHandOver):
            if self.hand_overs is not None:
                self.hand_overs.officer_said(self, message, self.console.officer)
            return
        if isinstance(message, m.WatchLink):
            self._telling.watch_link(message)
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

    def _reported(self, party: Party, report: m.LinkReport) -> None:
        self.hub.reported(self.identity.id, party, report.received, report.sent)

    # --- telling --------------------------------------------------------------------------------

    def publish(self) -> None:
        """Tell the console, and each booth whose own state differs from what it was last told."""
        self._telling.publish()

    def send_levels(self) -> None:
        """Ten times a second: sound levels to the console."""
        self._telling.levels()

    def send_details(self) -> None:
        """Once a second: the link that the officer looks at."""
        self._telling.details()

    def stats(self) -> DeskStats:
        """Every client of the desk, for those who watch over the server."""
        return self._telling.stats()

    def tick(self) -> None:
        """A few times a second: limits of time, and links that changed."""
        before = self._fingerprint()
        self.desk.tick(now())
        if self.day is not None:
            self.day.tick()
        if before != self._fingerprint():
            self.publish()
        elif self._telling.links_changed:
            self._telling.publish_links()

    def _fingerprint(self) -> tuple[object, ...]:
        day = self.desk.day
        return (
            self.desk.revision,
            *(seat.visit for seat in self.desk.seats.values()),
            *day.wrap_ups,
            day.overdue,
        )


def now() -> float:
    """Monotonic seconds."""
    return time.monotonic()
