"""The hub: peers, what each publishes, and the routes that the privacy rule allows.

`Hub.apply` takes the state of a desk and makes exactly the flows of `vcs.privacy.allowed_flows`:
nothing else in the program enables a route. Everything that may change what a flow needs (a stream
that begins, a layer that stops, another focus) goes through the same function with the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from vcs.downlink import Downlink, Room
from vcs.feedback import TICK_S, Feedback, ask_for_key_frame
from vcs.feeds import DeskMedia, Feed, Feeds
from vcs.layers import ALIVE_S, LayerRate
from vcs.link_measure import measure
from vcs.link_stats import LinkStats, ReceivedMedia, SentPicture
from vcs.media.allocation import Paused
from vcs.media.level import loudness
from vcs.media.rtcp import MalformedRtcp
from vcs.peer import MediaPeer, PageReport
from vcs.plane import (
    Change,
    Forward,
    KeyFrameWanted,
    PeerId,
    Plane,
    RouteId,
    RtcpEvent,
    Stop,
    StreamId,
    UnknownSsrc,
)
from vcs.privacy import OFFICER, Booth, DeskState, Flow, Media, Party, allowed_flows

DeskId = int
LAYER_CHECK_S: Final = 0.25
TICK_PARTS: Final = 5
CHECK_PARTS: Final = 20
"""Ticks between two checks of a desk, with some to spare: one desk in each, while there are no more
desks than that."""


@dataclass(frozen=True, slots=True)
class Travelling:
    """A peer between two desks, with what is known of its streams."""

    peer: MediaPeer
    feedback: Feedback
    alive_since: dict[StreamId, float]
    rates: dict[StreamId, LayerRate]


class Hub:
    """All desks of this server over one packet plane."""

    def __init__(self, plane: Plane, clock: Callable[[], float], room: Room | None = None) -> None:
        self._room = room
        self.plane = plane
        self.clock = clock
        self._malformed_rtcp = 0
        self._desks: dict[DeskId, DeskMedia] = {}
        self._by_peer: dict[PeerId, tuple[DeskId, MediaPeer, Feedback]] = {}
        self._fed: dict[RouteId, Feed] = {}
        self._feeds = Feeds(plane, clock, self._fed, self._downlink)
        self._tick_part = 0

    # --- peers ----------------------------------------------------------------------------------

    def join(self, desk: DeskId, party: Party, peer: MediaPeer) -> None:
        """A peer takes this place at the desk; whoever had it is dropped first."""
        self.leave(desk, party)
        media = self._desks.setdefault(desk, DeskMedia())
        media.peers[party] = peer
        now = self.clock()
        feedback = Feedback(self.plane, peer, now, media.began_with(party, now), self._room)
        if party != OFFICER:
            # One picture, and most of the time none: too little to learn of a path from.
            feedback.downlink.leave_unmeasured()
        self._by_peer[peer.id] = (desk, peer, feedback)
        self._refresh(media)

    def leave(self, desk: DeskId, party: Party) -> None:
        """The place is empty; its peer, its streams and every route from and to it are gone."""
        media = self._desks.get(desk)
        peer = media.peers.pop(party, None) if media else None
        if media is None or peer is None:
            return
        # First the rule's own routes stop, then the peer goes: no path outlives its reason.
        self._refresh(media)
        downlink = self._by_peer[peer.id][2].downlink
        if downlink.measured:
            media.bore[party] = downlink.bore, self.clock()
        for routes in peer.routes.values():
            for route in routes:
                self._fed.pop(route, None)
        del self._by_peer[peer.id]
        self.plane.drop_peer(peer.id)

    def take_out(self, desk: DeskId, party: Party) -> Travelling | None:
        """A peer leaves its place and keeps its streams, to be put in elsewhere at once. Every path
        from and to it has ended when this returns. None: there is no peer."""
        media = self._desks.get(desk)
        peer = media.peers.pop(party, None) if media else None
        if media is None or peer is None:
            return None
        # What others are fed of it ends by the rule, what it is fed by its own routes.
        self._refresh(media)
        own = [route for routes in peer.routes.values() for route in routes if route in self._fed]
        if own:
            self.plane.apply([Stop(route) for route in own])
            for route in own:
                del self._fed[route]
        _, _, feedback = self._by_peer.pop(peer.id)
        feedback.downlink.allocation = None
        streams = [layer.stream for layer in peer.by_ssrc.values()]
        return Travelling(
            peer,
            feedback,
            {each: media.alive_since.pop(each) for each in streams if each in media.alive_since},
            {each: media.rates.pop(each) for each in streams if each in media.rates},
        )

    def put_in(self, desk: DeskId, party: Party, travelling: Travelling) -> None:
        """A peer that was taken out has this place, which is empty; the rule of its new desk makes
        what flows there. Raises `ValueError` when the place is taken."""
        media = self._desks.setdefault(desk, DeskMedia())
        if party in media.peers:
            raise ValueError("another peer has this place")
        media.peers[party] = travelling.peer
        media.alive_since.update(travelling.alive_since)
        media.rates.update(travelling.rates)
        self._by_peer[travelling.peer.id] = (desk, travelling.peer, travelling.feedback)
        self._refresh(media)

    def peer(self, desk: DeskId, party: Party) -> MediaPeer | None:
        media = self._desks.get(desk)
        return media.peers.get(party) if media else None

    # --- the rule -------------------------------------------------------------------------------

    def apply(self, desk: DeskId, state: DeskState) -> None:
        """Make exactly the flows that the rule allows for this state; in force on return."""
        media = self._desks.setdefault(desk, DeskMedia())
        media.allow(allowed_flows(state))
        self._refresh(media)

    def focus(self, desk: DeskId, slot: int | None) -> None:
        """Which booth's picture the officer gets in full size. Opens no flow, closes none."""
        media = self._desks.setdefault(desk, DeskMedia())
        media.focus = slot
        self._refresh(media)

    def order(self, desk: DeskId, slots: Sequence[int]) -> None:
        """Whose small picture comes first where there is no room for all: who needs the officer
        most. In force with the next look at the layers."""
        media = self._desks.setdefault(desk, DeskMedia())
        media.order = tuple(slots)

    def paused(self, desk: DeskId, slot: int) -> bool:
        """Whether the officer is sent nothing of a booth's picture because his path has no room."""
        peer = self.peer(desk, OFFICER)
        downlink = None if peer is None else self._downlink(peer)
        if downlink is None or downlink.allocation is None:
            return False
        return downlink.allocation.slots.get(slot) is Paused.NO_ROOM

    def flows(self, desk: DeskId) -> frozenset[Flow]:
        """What the rule allowed at the last change."""
        media = self._desks.get(desk)
        return media.flows if media else frozenset()

    def _refresh(self, media: DeskMedia) -> None:
        wanted = self._feeds.of(media)
        stops: list[RouteId] = []
        starts: dict[RouteId, Feed] = {}
        for peer in media.peers.values():
            for route in (r for routes in peer.routes.values() for r in routes):
                feed = wanted.get(route)
                if feed is None:
                    if route in self._fed:
                        stops.append(route)
                elif self._fed.get(route) != feed:
                    starts[route] = feed
        # What ends, ends first and by itself: no fault in what begins can keep it going. What is
        # noted as fed is what the plane has accepted, so that a failed change is tried again.
        if stops:
            self.plane.apply([Stop(route) for route in stops])
            for route in stops:
                del self._fed[route]
        if starts:
            changes: list[Change] = [Forward(route, *feed) for route, feed in starts.items()]
            self.plane.apply(changes)
            self._fed.update(starts)

    def _downlink(self, peer: MediaPeer) -> Downlink | None:
        entry = self._by_peer.get(peer.id)
        return None if entry is None else entry[2].downlink

    # --- what the plane tells -------------------------------------------------------------------

    def on_unknown(self, unknown: UnknownSsrc) -> None:
        """A new stream, or one that fits nowhere."""
        entry = self._by_peer.get(unknown.peer)
        if entry is not None and entry[1].learn(unknown):
            self._refresh(self._desks[entry[0]])

    def on_rtcp(self, event: RtcpEvent) -> None:
        """A compound packet of a peer."""
        entry = self._by_peer.get(event.peer)
        if entry is None:
            return
        try:
            entry[2].received(event, partial(self._receivers, entry[0]))
        except MalformedRtcp:
            self._malformed_rtcp += 1

    def on_key_frame(self, wanted: KeyFrameWanted) -> None:
        """A receiver of this stream waits for a key frame."""
        for _, peer, _ in self._by_peer.values():
            ask_for_key_frame(self.plane, peer, wanted)

    def _receivers(self, desk: DeskId, stream: StreamId) -> Iterable[MediaPeer]:
        """Who is sent something of this stream, which a peer of this desk publishes."""
        return [
            peer
            for peer in self._desks[desk].peers.values()
            if any(self._is_fed(route, stream) for route in peer.route_by_ssrc.values())
        ]

    def _is_fed(self, route: RouteId, stream: StreamId) -> bool:
        fed = self._fed.get(route)
        return fed is not None and fed[0] == stream

    def tick(self) -> None:
        """Every TICK_S / TICK_PARTS: RTCP that is due, for a part of the peers at a time, so that
        packets need not wait for all of it; and the health of layers, one desk at a time."""
        now = self.clock()
        self._tick_part = (self._tick_part + 1) % TICK_PARTS
        entries = list(self._by_peer.values())
        for _, _, feedback in entries:
            if feedback.downlink.probing:
                feedback.downlink.pad(now)
        for desk, _, feedback in entries[self._tick_part :: TICK_PARTS]:
            feedback.tick(now)
            if feedback.downlink.overspent:
                self._refresh(self._desks[desk])
        self._watch_due(now)

    def _watch_due(self, now: float) -> None:
        """The desks that have waited longest, as many as lets each have its turn."""
        due = [media for media in self._desks.values() if media.next_layer_check <= now]
        due.sort(key=lambda media: media.next_layer_check)
        for media in due[: 1 + len(self._desks) // CHECK_PARTS]:
            media.next_layer_check = now + LAYER_CHECK_S
            self._watch_layers(media, now)

    def _watch_layers(self, media: DeskMedia, now: float) -> None:
        present: dict[StreamId, float] = {}
        rates: dict[StreamId, LayerRate] = {}
        for peer in media.peers.values():
            for layer in peer.pictures():
                if now - self.plane.last_arrival(layer.stream) < ALIVE_S:
                    present[layer.stream] = media.alive_since.get(layer.stream, now)
                    rate = rates[layer.stream] = media.rates.get(layer.stream) or LayerRate()
                    log = self.plane.stream_log(layer.stream)
                    rate.note(log.packets, log.octets, now)
        media.alive_since, media.rates = present, rates
        self._refresh(media)

    # --- numbers --------------------------------------------------------------------------------

    def last_heard(self, desk: DeskId, party: Party) -> float | None:
        """When the peer's last authentic SRTP or SRTCP packet arrived."""
        peer = self.peer(desk, party)
        return None if peer is None else self.plane.last_heard(peer.id)

    def level(self, desk: DeskId, slot: int) -> float | None:
        """How loud a booth is, 0 to 1; None where the rule allows the officer no level."""
        if Flow(Booth(slot), OFFICER, Media.LEVEL) not in self.flows(desk):
            return None
        peer = self.peer(desk, Booth(slot))
        layer = peer.sound() if peer else None
        if layer is None:
            return None
        log = self.plane.stream_log(layer.stream)
        return loudness(log.level, log.level_at, self.clock())

    def link_quality(self, desk: DeskId, party: Party) -> int:
        """0 to 4."""
        peer = self.peer(desk, party)
        if peer is None:
            return 0
        return peer.link.quality(self.clock() - self.plane.last_heard(peer.id))

    def reported(
        self, desk: DeskId, party: Party, received: ReceivedMedia, sent: SentPicture | None
    ) -> None:
        """What a client's page says of itself; forgotten with its media."""
        peer = self.peer(desk, party)
        if peer is not None:
            peer.report = PageReport(received, sent, self.clock())

    def link_stats(self, desk: DeskId, party: Party) -> LinkStats | None:
        """The numbers of a client's link; None while it has no media. For the officer and for
        administrators: nothing of it is ever told to a booth."""
        media = self._desks.get(desk)
        peer = media.peers.get(party) if media else None
        downlink = None if peer is None else self._downlink(peer)
        if media is None or peer is None or downlink is None:
            return None

        def rid_of(slot: int, index: int) -> str | None:
            source = media.peers.get(Booth(slot) if party == OFFICER else OFFICER)
            layers = source.pictures() if source else []
            return layers[index].rid if index < len(layers) else None

        return measure(self.plane, peer, downlink, media.rates, rid_of, self.clock())

    @property
    def malformed_rtcp(self) -> int:
        """Compound packets that were none, of the present peers also feedback that was none."""
        unread = sum(feedback.downlink.malformed for _, _, feedback in self._by_peer.values())
        return self._malformed_rtcp + unread

    @property
    def refused_rtcp(self) -> int:
        """Compound packets of the present peers that were more than a peer may send."""
        return sum(feedback.refused for _, _, feedback in self._by_peer.values())

    def __len__(self) -> int:
        """How many peers there are."""
        return len(self._by_peer)


__all__ = ["TICK_PARTS", "TICK_S", "DeskId", "Hub"]
