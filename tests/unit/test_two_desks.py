"""No sequence of events at two desks, with booths that go from one to the other and back, yields a
path that the rule's table does not list, or tells a booth of another.

Real desks and clients' lines, the real hub and the real plane's tables. The test keeps a model of
its own from what it did. Booths are exchanged at any time, on air too: more than hand-overs do.
"""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

import vcs.seating
from tests.unit.http.rig import MemoryJournal
from tests.unit.test_sfu import EXTENSIONS, section, slot_section
from vcs import messages as m
from vcs.live_desk import DeskIdentity, LiveDesk, OfficerIdentity
from vcs.media.description import Kind, SrtpKeys, SrtpProfile
from vcs.officer.desk import CommandRefused, DeskRules
from vcs.officer.seat import Seat
from vcs.peer import MediaPeer, new_ssrcs
from vcs.plane import RouteId, SocketId, StreamId, UnknownSsrc
from vcs.plane.python import PythonPlane
from vcs.privacy import OFFICER, Booth, Party
from vcs.seating import exchange
from vcs.sfu import Hub

OFFICERS = {1: OfficerIdentity(1, "Andi"), 2: OfficerIdentity(2, "Maya")}
desks = st.sampled_from([1, 2])
slots = st.integers(1, 6)
booth_ids = st.integers(1, 8)


class Page:
    """A client that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[m.Message] = []

    def send(self, message: m.Message) -> None:
        self.told.append(message)

    def send_if_idle(self, message: m.Message) -> None:
        pass

    def close(self, code: int, reason: str) -> None:
        pass


@dataclass
class Known:
    """What the test knows of a booth from what it did."""

    desk: int
    slot: int
    page: Page | None = None
    media: bool = False
    consented: bool = False
    occupants: set[int] = field(default_factory=set)


@dataclass
class Office:
    """And of a desk."""

    page: Page | None = None
    media: bool = False
    microphone: bool = False
    talk: int | None = None
    announce: bool = False


class TwoDesks(RuleBasedStateMachine):
    """Booths 1 to 5 begin at the first desk, 6 to 8 at the second."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.plane = PythonPlane(self.loop, {SocketId(0): self.socket}, lambda: None)
        self.now = 100.0
        self.hub = Hub(self.plane, lambda: self.now)
        self.live = {
            n: LiveDesk(DeskIdentity(n, f"Meja {n}", "S"), self.hub, MemoryJournal(), DeskRules())
            for n in (1, 2)
        }
        self.offices = {1: Office(), 2: Office()}
        self.booths: dict[int, Known] = {}
        self.streams: dict[StreamId, tuple[str, int, Kind]] = {}
        self.routes: dict[RouteId, tuple[str, int, Kind, int]] = {}
        for number in range(1, 9):
            desk, slot = (1, number) if number < 6 else (2, number - 5)
            self.booths[number] = Known(desk, slot)
            self.live[desk].seat(Seat(slot=slot, booth_id=number, name=str(number)))

    @initialize(seated=st.frozensets(booth_ids))
    def at_work(self, seated: frozenset[int]) -> None:
        for desk in (1, 2):
            self.officer_joins(desk)
            self.officer_media(desk, True)
            self.microphone(desk, True)
        for booth in seated:
            self.booth_joins(booth)
            self.booth_media(booth, True)
            self.visitor_agrees(booth)

    def teardown(self) -> None:
        self.plane.close()
        self.socket.close()
        self.loop.close()

    # --- peers ----------------------------------------------------------------------------------

    def make_peer(self, who: str, number: int, desk: int, party: Party) -> None:
        keys = SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, os.urandom(28), os.urandom(28))
        count = 6 if party == OFFICER else 1
        voice, camera, *rest = new_ssrcs(2 + 3 * count)
        sections = []
        for n in range(count):
            audio, video, rtx = rest[3 * n : 3 * n + 3]
            sections.append(slot_section(f"a{n}", Kind.AUDIO, audio, None))
            sections.append(slot_section(f"v{n}", Kind.VIDEO, video, rtx))
        published = {
            "a": section("a", Kind.AUDIO, {voice: None}),
            "v": section("v", Kind.VIDEO, {}),
        }
        peer_id = self.plane.add_peer(keys, EXTENSIONS)
        peer = MediaPeer(self.plane, peer_id, EXTENSIONS, published, sections)
        for kind, routes in peer.routes.items():
            for place, route in enumerate(routes, 1):
                self.routes[route] = (who, number, kind, place)
        self.hub.join(desk, party, peer)
        self.hub.on_unknown(UnknownSsrc(peer.id, camera, 96, "v", "l", None, self.now))
        for kind, layers in peer.layers.items():
            for layer in layers.values():
                self.streams[layer.stream] = (who, number, kind)

    # --- officers -------------------------------------------------------------------------------

    @rule(desk=desks)
    def officer_joins(self, desk: int) -> None:
        page = Page()
        assert self.live[desk].attach_console(page, OFFICERS[desk], take_over=True)
        self.live[desk].publish()
        self.offices[desk] = Office(page)

    @rule(desk=desks)
    def officer_leaves(self, desk: int) -> None:
        page = self.offices[desk].page
        if page is not None:
            self.live[desk].detach_console(page)
            self.offices[desk] = Office()

    @rule(desk=desks, up=st.booleans())
    def officer_media(self, desk: int, up: bool) -> None:
        office = self.offices[desk]
        if office.page is None or office.media == up:
            return
        if up:
            self.make_peer("officer", desk, desk, OFFICER)
            self.live[desk].media_up(OFFICER, office.page)
        else:
            self.live[desk].media_down(OFFICER)
            self.end_air(desk)
        office.media = up

    @rule(desk=desks, live=st.booleans())
    def microphone(self, desk: int, live: bool) -> None:
        office = self.offices[desk]
        if office.page is not None:
            self.live[desk].officer_said(office.page, m.Microphone(live))
            office.microphone = live
            if not live:
                self.end_air(desk)

    @rule(desk=desks, slot=slots, stale=st.booleans(), of=booth_ids)
    def talks(self, desk: int, slot: int, stale: bool, of: int) -> None:
        """To the booth in this slot, or with the occupant of another in mind."""
        live, office = self.live[desk], self.offices[desk]
        known = self.booths[of]
        occupant = self.live[known.desk].desk.seats[known.slot].occupant or 7
        here = self.at(desk, slot)
        may = (
            not stale
            and here == of
            and known.page is not None
            and known.consented
            and known.media
            and office.media
            and office.microphone
        )
        try:
            live.desk.talk(slot, occupant, live.desk.revision - stale, self.now)
        except CommandRefused:
            assert not may
        else:
            assert may
            office.talk, office.announce = of, False
        live.publish()

    @rule(desk=desks)
    def holds(self, desk: int) -> None:
        self.live[desk].desk.hold(self.now)
        self.live[desk].publish()
        self.end_air(desk)

    @rule(desk=desks)
    def announces(self, desk: int) -> None:
        office = self.offices[desk]
        try:
            self.live[desk].desk.announce(self.live[desk].desk.revision, self.now)
        except CommandRefused:
            return
        office.talk, office.announce = None, True
        self.live[desk].publish()

    @rule(desk=desks, slot=slots)
    def focuses(self, desk: int, slot: int) -> None:
        office = self.offices[desk]
        if office.page is not None:
            self.live[desk].officer_said(office.page, m.Focus(1, slot))

    # --- booths ---------------------------------------------------------------------------------

    @rule(booth=booth_ids)
    def booth_joins(self, booth: int) -> None:
        known = self.booths[booth]
        self.leave_air(booth)
        known.page, known.media, known.consented = Page(), False, False
        self.live[known.desk].attach_booth(known.slot, known.page)

    @rule(booth=booth_ids)
    def booth_leaves(self, booth: int) -> None:
        known = self.booths[booth]
        if known.page is not None:
            self.leave_air(booth)
            self.live[known.desk].detach_booth(known.slot, known.page)
            known.page, known.media, known.consented = None, False, False

    @rule(booth=booth_ids, up=st.booleans())
    def booth_media(self, booth: int, up: bool) -> None:
        known = self.booths[booth]
        if known.page is None or known.media == up:
            return
        party = Booth(known.slot)
        if up:
            self.make_peer("booth", booth, known.desk, party)
            self.live[known.desk].media_up(party, known.page)
        else:
            self.leave_air(booth)
            self.live[known.desk].media_down(party)
        known.media = up

    @rule(booth=booth_ids)
    def visitor_agrees(self, booth: int) -> None:
        known = self.booths[booth]
        live = self.live[known.desk]
        if known.page is None:
            return
        live.booth_said(known.slot, m.Start())
        occupant = live.desk.seats[known.slot].occupant
        assert occupant is not None
        live.booth_said(known.slot, m.Consent(occupant, True, "id", "1"))
        known.occupants.add(occupant)
        known.consented = True

    @rule(booth=booth_ids)
    def visitor_goes(self, booth: int) -> None:
        known = self.booths[booth]
        live = self.live[known.desk]
        occupant = live.desk.seats[known.slot].occupant
        if known.page is not None and occupant is not None:
            self.leave_air(booth)
            live.booth_said(known.slot, m.End(occupant))
            known.consented = False

    # --- moving ---------------------------------------------------------------------------------

    @rule(booth=booth_ids, desk=desks, slot=slots)
    def goes_elsewhere(self, booth: int, desk: int, slot: int) -> None:
        """Anywhere: to an empty place, or in exchange with whoever is there."""
        known = self.booths[booth]
        if (known.desk, known.slot) == (desk, slot):
            return
        other = self.at(desk, slot)
        self.leave_air(booth)
        if other is not None:
            self.leave_air(other)
        exchange(self.live[known.desk], known.slot, self.live[desk], slot)
        if other is not None:
            self.booths[other].desk, self.booths[other].slot = known.desk, known.slot
        known.desk, known.slot = desk, slot

    @rule(seconds=st.sampled_from([0.3, 3.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.hub.tick()

    # --- the law --------------------------------------------------------------------------------

    def at(self, desk: int, slot: int) -> int | None:
        found = (n for n, each in self.booths.items() if (each.desk, each.slot) == (desk, slot))
        return next(found, None)

    def end_air(self, desk: int) -> None:
        self.offices[desk].talk, self.offices[desk].announce = None, False

    def leave_air(self, booth: int) -> None:
        for office in self.offices.values():
            if office.talk == booth:
                office.talk = None

    @invariant()
    def the_planes_table_is_listed(self) -> None:
        for stream, route in self.plane.forwarding():
            source, of, kind = self.streams[stream]
            sink, to, sink_kind, place = self.routes[route]
            assert kind is sink_kind
            assert source != sink, f"{source} {of} -> {sink} {to}"
            booth, desk = (of, to) if source == "booth" else (to, of)
            known, office = self.booths[booth], self.offices[desk]
            assert known.desk == desk, f"booth {booth} -> desk {desk} that it has left"
            assert office.media and known.page is not None and known.media
            if source == "booth":
                assert known.consented
                assert place == known.slot
                assert kind is Kind.VIDEO or office.talk == booth
            else:
                assert office.announce or office.talk == booth

    @invariant()
    def who_is_on_air_is_connected(self) -> None:
        pairs = {(self.streams[s], self.routes[r][:3]) for s, r in self.plane.forwarding()}
        for desk, office in self.offices.items():
            slot = self.live[desk].desk.talk_slot
            assert (None if slot is None else self.at(desk, slot)) == office.talk
            if office.talk is not None:
                voice, ear = ("officer", desk, Kind.AUDIO), ("booth", office.talk, Kind.AUDIO)
                assert (voice, ear) in pairs
                assert (ear, voice) in pairs

    @invariant()
    def each_booth_is_in_one_place(self) -> None:
        found = {
            seat.booth_id: (desk, slot)
            for desk, live in self.live.items()
            for slot, seat in live.desk.seats.items()
            if seat.slot == slot
        }
        assert found == {n: (each.desk, each.slot) for n, each in self.booths.items()}
        lines = {
            id(line.client): (desk, slot)
            for desk, live in self.live.items()
            for slot, line in live.booths.items()
            if line.live is live and line.slot == slot
        }
        assert lines == {
            id(each.page): (each.desk, each.slot)
            for each in self.booths.values()
            if each.page is not None
        }

    @invariant()
    def booths_are_told_of_themselves_alone(self) -> None:
        for known in self.booths.values():
            own = self.live[known.desk].desk.seats[known.slot].occupant
            if own is not None:
                known.occupants.add(own)
        for known in self.booths.values():
            if known.page is None:
                continue
            states = [each for each in known.page.told if isinstance(each, m.BoothState)]
            assert len(states) == len(known.page.told)
            assert [each.seq for each in states] == list(range(1, len(states) + 1))
            assert {each.occupant for each in states} <= known.occupants | {None}
            office = self.offices[known.desk]
            last = states[-1]
            assert last.officer == (
                None if office.page is None else OFFICERS[known.desk].display_name
            )
            number = next(n for n, each in self.booths.items() if each is known)
            assert last.heard == (office.talk == number)


SETTINGS = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_no_booth_that_moves_takes_a_path_along() -> None:
    run_state_machine_as_test(TwoDesks, settings=SETTINGS)


def test_the_law_sees_a_path_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same machine with a hub that forgets to end what the booth itself is fed must fail."""

    def forgetful(live: LiveDesk, slot: int) -> object:
        taken = vcs.seating._Booth(
            live.desk.seats[slot], (live.identity.id, slot), live.booths.pop(slot, None), None, None
        )
        del live.desk.seats[slot]
        return taken

    monkeypatch.setattr(vcs.seating, "_take_out", forgetful)
    unshrunk = settings(SETTINGS, max_examples=500, phases=[Phase.generate])
    with pytest.raises(AssertionError):
        run_state_machine_as_test(TwoDesks, settings=unshrunk)
