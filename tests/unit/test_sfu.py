"""No sequence of events yields a path that the rule's table does not list.

A real desk, the real hub and the real plane's tables; the test keeps a model of its own from what
it did, and judges every entry of the plane's table by the sentences of the table.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import vcs.sfu
from vcs.media.description import Codec, Extensions, Kind, SrtpKeys, SrtpProfile
from vcs.officer.desk import CommandRefused, Desk, DeskRules
from vcs.officer.seat import Seat
from vcs.peer import MediaPeer, PublishedSection, SlotSection, new_ssrcs
from vcs.plane import Change, Forward, RouteId, SocketId, StreamId, UnknownSsrc
from vcs.plane.python import PythonPlane
from vcs.privacy import OFFICER, Booth, DeskState, Flow, Media, Party, allowed_flows
from vcs.sfu import Hub

DESK = 1
slots = st.integers(1, 6)
EXTENSIONS = Extensions(mid=4, rid=10, repaired_rid=11, audio_level=1, transport_cc=3)


class NoJournal:
    """Talk intervals are not what is tested here."""

    def opened(self, seat: Seat, kind: str) -> object:
        return object()

    def closed(self, interval: object) -> None:
        pass


def section(
    mid: str, kind: Kind, ssrcs: dict[int, int | None], picture: Codec = Codec.VP8
) -> PublishedSection:
    audio = kind is Kind.AUDIO
    return PublishedSection(
        mid=mid,
        kind=kind,
        codec=Codec.OPUS if audio else picture,
        payload_type=111 if audio else 96,
        clock_rate=48000 if audio else 90000,
        rtx_payload_type=None if audio else 97,
        ssrcs=ssrcs,
    )


def slot_section(
    mid: str, kind: Kind, ssrc: int, rtx: int | None, picture: Codec = Codec.VP8
) -> SlotSection:
    audio = kind is Kind.AUDIO
    return SlotSection(
        mid=mid,
        kind=kind,
        codec=Codec.OPUS if audio else picture,
        payload_type=111 if audio else 96,
        clock_rate=48000 if audio else 90000,
        rtx_payload_type=None if audio else 97,
        ssrc=ssrc,
        rtx_ssrc=rtx,
    )


class DeskMachine(RuleBasedStateMachine):
    """Events of a desk in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.plane = PythonPlane(self.loop, {SocketId(0): self.socket}, lambda: None)
        self.now = 100.0
        self.hub = Hub(self.plane, lambda: self.now)
        self.desk = Desk(
            [Seat(slot=n, booth_id=n, name=str(n)) for n in range(1, 7)],
            lambda state: self.hub.apply(DESK, state),
            NoJournal(),
            DeskRules(announce_limit_s=60.0),
        )
        self.officer = self.officer_media = self.microphone = False
        self.joined: set[int] = set()
        self.media: set[int] = set()
        self.consented: set[int] = set()
        self.talk: int | None = None
        self.announce = False
        self.announced_at = 0.0
        self.old_occupants: list[int] = [1]
        self.stream_owner: dict[StreamId, tuple[Party, Kind]] = {}
        self.route_owner: dict[RouteId, tuple[Party, Kind, int]] = {}

    @initialize(slots=st.frozensets(slots))
    def a_desk_at_work(self, slots: frozenset[int]) -> None:
        """Begin in the middle of a day: from nothing, few random walks would get that far."""
        self.officer_joins()
        self.officer_media_up()
        self.microphone_changes(True)
        for slot in slots:
            self.booth_joins(slot)
            self.booth_media_up(slot)
            self.visitor_agrees(slot)

    def teardown(self) -> None:
        self.plane.close()
        self.socket.close()
        self.loop.close()

    # --- making peers ---------------------------------------------------------------------------

    def make_peer(self, party: Party) -> MediaPeer:
        key = os.urandom(28)
        peer_id = self.plane.add_peer(
            SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, key, os.urandom(28)), EXTENSIONS
        )
        count = 6 if party == OFFICER else 1
        ssrcs = new_ssrcs(2 + 3 * count)
        sections = []
        for n in range(count):
            audio, video, rtx = ssrcs[2 + 3 * n : 5 + 3 * n]
            sections.append(slot_section(f"a{n}", Kind.AUDIO, audio, None))
            sections.append(slot_section(f"v{n}", Kind.VIDEO, video, rtx))
        peer = MediaPeer(
            self.plane,
            peer_id,
            EXTENSIONS,
            {
                "a": section("a", Kind.AUDIO, {ssrcs[0]: None}),
                "v": section("v", Kind.VIDEO, {}),
            },
            sections,
        )
        for kind, routes in peer.routes.items():
            for number, route in enumerate(routes, 1):
                self.route_owner[route] = (party, kind, number)
        self.hub.join(DESK, party, peer)
        self.learn(party, peer, ssrcs[1], "l")
        self.note_streams(party, peer)
        return peer

    def learn(self, party: Party, peer: MediaPeer, ssrc: int, rid: str) -> None:
        event = UnknownSsrc(peer.id, ssrc, 96, "v", rid, None, self.now)
        self.hub.on_unknown(event)
        self.note_streams(party, peer)

    def note_streams(self, party: Party, peer: MediaPeer) -> None:
        for kind, layers in peer.layers.items():
            for layer in layers.values():
                self.stream_owner[layer.stream] = (party, kind)

    # --- the officer ----------------------------------------------------------------------------

    @rule()
    def officer_joins(self) -> None:
        self.hub.leave(DESK, OFFICER)
        self.desk.officer_joined("Andi", self.now)
        self.officer, self.officer_media, self.microphone = True, False, False
        self.end_air()

    @precondition(lambda self: self.officer)
    @rule()
    def officer_leaves(self) -> None:
        self.desk.officer_left(self.now)
        self.hub.leave(DESK, OFFICER)
        self.officer = self.officer_media = self.microphone = False
        self.end_air()

    @precondition(lambda self: self.officer and not self.officer_media)
    @rule()
    def officer_media_up(self) -> None:
        self.make_peer(OFFICER)
        self.desk.officer_media_changed(True, self.now)
        self.officer_media = True

    @precondition(lambda self: self.officer_media)
    @rule()
    def officer_goes_silent(self) -> None:
        self.desk.officer_media_changed(False, self.now)
        self.officer_media = False
        self.end_air()

    @precondition(lambda self: self.officer)
    @rule(live=st.booleans())
    def microphone_changes(self, live: bool) -> None:
        self.desk.microphone_changed(live, self.now)
        self.microphone = live
        if not live:
            self.end_air()

    @rule(slot=slots, stale=st.booleans(), wrong=st.booleans())
    def talks(self, slot: int, stale: bool, wrong: bool) -> None:
        occupant = self.desk.seats[slot].occupant
        told = self.old_occupants[-1] if wrong or occupant is None else occupant
        revision = self.desk.revision - (1 if stale else 0)
        may = (
            not stale
            and told == occupant
            and slot in self.consented & self.joined & self.media
            and self.officer_media
            and self.microphone
        )
        try:
            self.desk.talk(slot, told, revision, self.now)
        except CommandRefused:
            assert not may
        else:
            assert may
            self.talk, self.announce = slot, False

    @rule()
    def holds(self) -> None:
        self.desk.hold(self.now)
        self.end_air()

    @rule(stale=st.booleans())
    def announces(self, stale: bool) -> None:
        may = (
            not stale
            and self.officer_media
            and self.microphone
            and (self.announce or bool(self.joined & self.media))
        )
        try:
            self.desk.announce(self.desk.revision - (1 if stale else 0), self.now)
        except CommandRefused:
            assert not may
        else:
            assert may
            if not self.announce:
                self.announced_at = self.now
            self.talk, self.announce = None, True

    @rule()
    def releases_the_announce_key(self) -> None:
        self.desk.end_announcement(self.now)
        self.announce = False

    @rule(slot=st.none() | slots)
    def focuses(self, slot: int | None) -> None:
        self.desk.set_focus(slot)
        self.hub.focus(DESK, slot)

    # --- booths ---------------------------------------------------------------------------------

    @rule(slot=slots)
    def booth_joins(self, slot: int) -> None:
        self.leave_air(slot)
        self.hub.leave(DESK, Booth(slot))
        self.desk.booth_joined(slot, self.now)
        self.joined.add(slot)
        self.media.discard(slot)
        self.consented.discard(slot)

    @rule(slot=slots)
    def booth_leaves(self, slot: int) -> None:
        self.leave_air(slot)
        self.hub.leave(DESK, Booth(slot))
        self.desk.booth_left(slot, self.now)
        for group in (self.joined, self.media, self.consented):
            group.discard(slot)

    @rule(slot=slots)
    def booth_media_up(self, slot: int) -> None:
        if slot in self.joined and slot not in self.media:
            self.make_peer(Booth(slot))
            self.desk.booth_media_changed(slot, True, self.now)
            self.media.add(slot)

    @rule(slot=slots)
    def booth_goes_silent(self, slot: int) -> None:
        self.leave_air(slot)
        self.desk.booth_media_changed(slot, False, self.now)
        self.media.discard(slot)

    @rule(slot=slots)
    def visitor_agrees(self, slot: int) -> None:
        self.desk.start_visit(slot, self.now)
        occupant = self.desk.seats[slot].occupant
        if occupant is not None:
            self.old_occupants.append(occupant)
            self.desk.consent(slot, occupant, True, self.now)
            if slot in self.joined:
                self.consented.add(slot)

    @rule(slot=slots)
    def visitor_goes(self, slot: int) -> None:
        occupant = self.desk.seats[slot].occupant
        if occupant is not None:
            self.leave_air(slot)
            self.desk.end_visit(slot, occupant, self.now)
            self.consented.discard(slot)

    @rule(slot=slots, old=st.integers(0, 5))
    def a_late_consent_of_somebody_else(self, slot: int, old: int) -> None:
        stranger = self.old_occupants[-1 - old % len(self.old_occupants)]
        if stranger != self.desk.seats[slot].occupant:
            with pytest.raises(CommandRefused):
                self.desk.consent(slot, stranger, True, self.now)

    @rule(slot=slots)
    def token_changes(self, slot: int) -> None:
        self.leave_air(slot)
        self.desk.booth_token_changed(slot, self.now)
        self.consented.discard(slot)

    @rule(slot=slots, rid=st.sampled_from(["l", "m", "h"]))
    def a_layer_begins(self, slot: int, rid: str) -> None:
        peer = self.hub.peer(DESK, Booth(slot))
        if peer is not None and len(peer.by_ssrc) < 6:
            self.learn(Booth(slot), peer, new_ssrcs(1)[0], rid)

    @rule(seconds=st.sampled_from([0.3, 3.0, 30.0, 70.0, 130.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.desk.tick(self.now)
        self.hub.tick()
        if self.announce and self.now - self.announced_at >= 60.0:
            self.announce = False

    # --- the law --------------------------------------------------------------------------------

    def leave_air(self, slot: int) -> None:
        if self.talk == slot:
            self.end_air()

    def end_air(self) -> None:
        self.talk, self.announce = None, False

    def listed(self, source: Party, sink: Party, kind: Kind) -> bool:
        if not self.officer_media:
            return False
        if isinstance(source, Booth) and sink == OFFICER:
            here = source.slot in self.joined & self.media & self.consented
            return here and (kind is Kind.VIDEO or self.talk == source.slot)
        if source == OFFICER and isinstance(sink, Booth):
            here = sink.slot in self.joined & self.media
            return here and (self.announce or self.talk == sink.slot)
        return False

    @invariant()
    def the_planes_table_is_listed(self) -> None:
        for stream, route in self.plane.forwarding():
            source, kind = self.stream_owner[stream]
            sink, sink_kind, number = self.route_owner[route]
            assert kind is sink_kind
            assert self.listed(source, sink, kind), f"{source} -> {sink} {kind}"
            if isinstance(source, Booth):
                assert number == source.slot

    @invariant()
    def the_flows_are_listed(self) -> None:
        for flow in self.hub.flows(DESK):
            kind = Kind.AUDIO if flow.media is Media.AUDIO else Kind.VIDEO
            assert self.listed(flow.source, flow.sink, kind), flow

    @invariant()
    def who_is_on_air_is_connected(self) -> None:
        assert self.desk.talk_slot == self.talk
        assert self.desk.announcing == self.announce
        if self.talk is not None:
            pairs = {
                (self.stream_owner[s], self.route_owner[r]) for s, r in self.plane.forwarding()
            }
            booth = Booth(self.talk)
            assert ((booth, Kind.AUDIO), (OFFICER, Kind.AUDIO, self.talk)) in pairs
            assert ((OFFICER, Kind.AUDIO), (booth, Kind.AUDIO, 1)) in pairs


SETTINGS = settings(
    max_examples=50,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_no_sequence_of_events_leaks() -> None:
    run_state_machine_as_test(DeskMachine, settings=SETTINGS)


def test_the_law_sees_a_leaking_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same machine over a rule that leaves the old booth hearing must fail."""

    def leaking(state: DeskState) -> frozenset[Flow]:
        flows = set(allowed_flows(state))
        if state.officer and state.talk is not None:
            flows |= {Flow(OFFICER, Booth(slot), Media.AUDIO) for slot in state.joined}
        return frozenset(flows)

    monkeypatch.setattr(vcs.sfu, "allowed_flows", leaking)
    unshrunk = settings(SETTINGS, max_examples=1000, phases=[Phase.generate])
    with pytest.raises(AssertionError, match=r"->|Flow"):
        run_state_machine_as_test(DeskMachine, settings=unshrunk)


class Fault(Exception):
    """What the plane raises in a test."""


class FaultyPlane(PythonPlane):
    """Refuses what begins, as often as it is told to."""

    faults = 0

    def apply(self, changes: Sequence[Change]) -> None:
        if self.faults and any(isinstance(change, Forward) for change in changes):
            self.faults -= 1
            raise Fault
        super().apply(changes)


class Bench:
    """A hub whose peers publish sound and one picture each, all of it declared."""

    def __init__(self, plane: FaultyPlane) -> None:
        self.plane = plane
        self.hub = Hub(plane, lambda: 100.0)
        self.peers: dict[Party, MediaPeer] = {}

    def join(
        self, party: Party, publishes: Codec = Codec.VP8, receives: Codec = Codec.VP8
    ) -> MediaPeer:
        keys = SrtpKeys(SrtpProfile.AEAD_AES_128_GCM, os.urandom(28), os.urandom(28))
        voice, camera, *rest = new_ssrcs(20)
        slots = []
        for n in range(6 if party == OFFICER else 1):
            audio, video, rtx = rest[3 * n : 3 * n + 3]
            slots.append(slot_section(f"a{n}", Kind.AUDIO, audio, None))
            slots.append(slot_section(f"v{n}", Kind.VIDEO, video, rtx, receives))
        published = {
            "a": section("a", Kind.AUDIO, {voice: None}),
            "v": section("v", Kind.VIDEO, {camera: None}, publishes),
        }
        peer = MediaPeer(
            self.plane, self.plane.add_peer(keys, EXTENSIONS), EXTENSIONS, published, slots
        )
        self.hub.join(DESK, party, peer)
        self.peers[party] = peer
        return peer

    def fed(self, kind: Kind) -> set[tuple[Party, Party]]:
        """Who reaches whom in the plane's own table."""
        return {
            (source, sink)
            for stream, route in self.plane.forwarding()
            for source, sender in self.peers.items()
            for sink, receiver in self.peers.items()
            if stream in {layer.stream for layer in sender.layers[kind].values()}
            if route in receiver.routes[kind]
        }


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind(("127.0.0.1", 0))
    bound.setblocking(False)
    plane = FaultyPlane(asyncio.get_running_loop(), {SocketId(0): bound}, lambda: None)
    yield Bench(plane)
    plane.close()
    bound.close()


def talking_to(slot: int | None, slots: Sequence[int] = (1, 2)) -> DeskState:
    return DeskState(officer=True, joined=frozenset(slots), consented=frozenset(slots), talk=slot)


def pair(slot: int) -> set[tuple[Party, Party]]:
    return {(OFFICER, Booth(slot)), (Booth(slot), OFFICER)}


async def test_what_ends_has_ended_though_what_begins_fails(bench: Bench) -> None:
    for party in (OFFICER, Booth(1), Booth(2)):
        bench.join(party)
    bench.hub.apply(DESK, talking_to(1))
    assert bench.fed(Kind.AUDIO) == pair(1)
    bench.plane.faults = 1
    with pytest.raises(Fault):
        bench.hub.apply(DESK, talking_to(2))
    assert bench.fed(Kind.AUDIO) == set()
    bench.hub.tick()
    assert bench.fed(Kind.AUDIO) == pair(2)


async def test_what_could_not_begin_can_still_be_ended(bench: Bench) -> None:
    for party in (OFFICER, Booth(1), Booth(2)):
        bench.join(party)
    bench.plane.faults = 1
    with pytest.raises(Fault):
        bench.hub.apply(DESK, talking_to(1))
    bench.hub.apply(DESK, talking_to(None))
    assert bench.fed(Kind.AUDIO) == set()
    bench.hub.apply(DESK, talking_to(1))
    assert bench.fed(Kind.AUDIO) == pair(1)


@pytest.mark.parametrize("others", [Codec.H264, Codec.VP8])
async def test_a_picture_of_another_codec_is_not_forwarded(bench: Bench, others: Codec) -> None:
    ours = Codec.VP8 if others is Codec.H264 else Codec.H264
    bench.join(OFFICER, ours, ours)
    bench.join(Booth(1), others, others)
    bench.join(Booth(2), ours, ours)
    bench.hub.apply(DESK, talking_to(1))
    bench.hub.tick()
    assert bench.fed(Kind.VIDEO) == {(Booth(2), OFFICER)}
    assert bench.fed(Kind.AUDIO) == pair(1)
    bench.hub.apply(DESK, talking_to(2))
    assert bench.fed(Kind.VIDEO) == pair(2)
