"""The hub: peers, what each publishes, and the routes that the privacy rule allows.

`Hub.apply` takes the state of a desk and makes exactly the flows of `vcs.privacy.allowed_flows`:
nothing else in the program enables a route. Everything that may change what a flow needs (a stream
that begins, a layer that stops, another focus) goes through the same function with the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from vcs.downlink import Downlink
from vcs.feedback import TICK_S, Feedback, ask_for_key_frame
from vcs.layers import ALIVE_S, LayerHealth, LayerRate, priced, usable
from vcs.link_measure import measure
from vcs.link_stats import LinkStats, ReceivedMedia, SentPicture
from vcs.media.allocation import ALL_FRAMES, Given, Paused, Picture, PictureLayer, allocate
from vcs.media.description import Kind
from vcs.media.level import loudness
from vcs.media.rtcp import MalformedRtcp
from vcs.peer import Layer, MediaPeer, PageReport
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
Feed = tuple[StreamId, int]
"""What feeds a route: the stream, and the highest temporal layer that is sent of it."""
LAYER_CHECK_S: Final = 0.25
TICK_PARTS: Final = 5
ONLY_SLOT: Final = 1
"""Of a booth, which gets one picture: its officer's."""

_KIND: Final = {Media.AUDIO: Kind.AUDIO, Media.VIDEO: Kind.VIDEO}


@dataclass(slots=True)
class DeskMedia:
    """The peers of one desk, and what is in force."""

    peers: dict[Party, MediaPeer] = field(default_factory=dict)
    state: DeskState = field(default_factory=DeskState)
    flows: frozenset[Flow] = frozenset()
    focus: int | None = None
    order: tuple[int, ...] = ()
    alive_since: dict[StreamId, float] = field(default_factory=dict)
    rates: dict[StreamId, LayerRate] = field(default_factory=dict)


class Hub:
    """All desks of this server over one packet plane."""

    def __init__(self, plane: Plane, clock: Callable[[], float]) -> None:
        self.plane = plane
        self.clock = clock
        self._malformed_rtcp = 0
        self._desks: dict[DeskId, DeskMedia] = {}
        self._by_peer: dict[PeerId, tuple[DeskId, MediaPeer, Feedback]] = {}
        self._fed: dict[RouteId, Feed] = {}
        self._next_layer_check = 0.0
        self._tick_part = 0

    # --- peers ----------------------------------------------------------------------------------

    def join(self, desk: DeskId, party: Party, peer: MediaPeer) -> None:
        """A peer takes this place at the desk; whoever had it is dropped first."""
        self.leave(desk, party)
        media = self._desks.setdefault(desk, DeskMedia())
        media.peers[party] = peer
        feedback = Feedback(self.plane, peer, self.clock())
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
        for routes in peer.routes.values():
            for route in routes:
                self._fed.pop(route, None)
        del self._by_peer[peer.id]
        self.plane.drop_peer(peer.id)

    def peer(self, desk: DeskId, party: Party) -> MediaPeer | None:
        media = self._desks.get(desk)
        return media.peers.get(party) if media else None

    # --- the rule -------------------------------------------------------------------------------

    def apply(self, desk: DeskId, state: DeskState) -> None:
        """Make exactly the flows that the rule allows for this state; in force on return."""
        media = self._desks.setdefault(desk, DeskMedia())
        media.state = state
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
        media.flows = allowed_flows(media.state)
        wanted: dict[RouteId, Feed] = {}
        pictures: dict[Party, list[Flow]] = {}
        for flow in media.flows:
            if flow.media is Media.AUDIO:
                fed = self._sound(media, flow)
                if fed is not None:
                    wanted[fed[0]] = fed[1]
            elif flow.media is Media.VIDEO:
                pictures.setdefault(flow.sink, []).append(flow)
        for sink, peer in media.peers.items():
            wanted.update(self._pictures(media, peer, pictures.get(sink, [])))
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

    def _sound(self, media: DeskMedia, flow: Flow) -> tuple[RouteId, Feed] | None:
        route = self._route(media, flow)
        layer = media.peers[flow.source].sound() if route is not None else None
        return None if route is None or layer is None else (route, (layer.stream, ALL_FRAMES))

    def _route(self, media: DeskMedia, flow: Flow) -> RouteId | None:
        """Where the flow would go; None when either end is not there, or they share no codec."""
        source, sink = media.peers.get(flow.source), media.peers.get(flow.sink)
        if source is None or sink is None:
            return None
        kind = _KIND[flow.media]
        route = sink.route(kind, _slot(flow))
        published = [s.codec for s in source.published.values() if s.kind is kind]
        return route if sink.codec(kind) in published else None

    def _pictures(
        self, media: DeskMedia, sink: MediaPeer, flows: Sequence[Flow]
    ) -> dict[RouteId, Feed]:
        """What of its pictures this receiver gets, by what its path bears: allocated anew."""
        now = self.clock()
        routes: dict[int, tuple[RouteId, Sequence[Layer]]] = {}
        pictures: dict[int, Picture] = {}
        for flow in flows:
            route = self._route(media, flow)
            if route is not None:
                slot, layers = _slot(flow), media.peers[flow.source].pictures()
                routes[slot] = (route, layers)
                pictures[slot] = Picture(slot, self._layers(media, layers, route, now))
        downlink = self._downlink(sink)
        if downlink is None:
            return {}
        focus = media.focus if sink is media.peers.get(OFFICER) else ONLY_SLOT
        ranked = sorted(pictures, key=lambda slot: (_place(slot, media.order), slot))
        sounds = sum(1 for flow in media.flows if flow.media is Media.AUDIO) if flows else 0
        downlink.allocation = allocate(
            downlink.bits_per_s,
            [pictures[slot] for slot in ranked],
            focus if focus in pictures else None,
            min(sounds, 1) * downlink.sound_copies,
            downlink.allocation,
            now,
        )
        feeds: dict[RouteId, Feed] = {}
        for slot, (route, published) in routes.items():
            given = downlink.allocation.slots.get(slot)
            if isinstance(given, Given):
                feeds[route] = (published[given.layer].stream, given.max_temporal_layer)
        return feeds

    def _layers(
        self, media: DeskMedia, layers: Sequence[Layer], route: RouteId, now: float
    ) -> tuple[PictureLayer, ...]:
        """Those that can be given on this route now."""
        health = [
            LayerHealth(
                index,
                self.plane.last_arrival(layer.stream),
                media.alive_since.get(layer.stream, now),
            )
            for index, layer in enumerate(layers)
        ]
        fed = self._fed.get(route)
        current = next(
            (i for i, layer in enumerate(layers) if fed is not None and layer.stream == fed[0]),
            None,
        )
        logs = [self.plane.stream_log(layer.stream) for layer in layers]
        # Alike in all layers of one sender, and seen only in those that are on their way.
        temporal = max((log.temporal_layers for log in logs), default=1)
        return tuple(
            priced(index, media.rates.get(layers[index].stream), temporal)
            for index in usable(health, current, now)
        )

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
            entry[2].received(event, self._receivers)
        except MalformedRtcp:
            self._malformed_rtcp += 1

    def on_key_frame(self, wanted: KeyFrameWanted) -> None:
        """A receiver of this stream waits for a key frame."""
        for _, peer, _ in self._by_peer.values():
            ask_for_key_frame(self.plane, peer, wanted)

    def _receivers(self, stream: StreamId) -> Iterable[MediaPeer]:
        routes = {route for route, fed in self._fed.items() if fed[0] == stream}
        return [
            peer
            for _, peer, _ in self._by_peer.values()
            if routes.intersection(peer.route_by_ssrc.values())
        ]

    def tick(self) -> None:
        """Every TICK_S / TICK_PARTS: RTCP that is due, for a part of the peers at a time, so that
        packets need not wait for all of it; and now and then the health of layers."""
        now = self.clock()
        self._tick_part = (self._tick_part + 1) % TICK_PARTS
        for place, (desk, _, feedback) in enumerate(list(self._by_peer.values())):
            downlink = feedback.downlink
            if downlink.probing:
                downlink.pad(now)
            if place % TICK_PARTS == self._tick_part:
                feedback.tick(now)
                if downlink.overspent:
                    self._refresh(self._desks[desk])
        if now >= self._next_layer_check:
            self._next_layer_check = now + LAYER_CHECK_S
            for media in self._desks.values():
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


def _slot(flow: Flow) -> int:
    """An officer has a section for each slot, a booth one of each kind for its officer."""
    return flow.source.slot if isinstance(flow.source, Booth) else ONLY_SLOT


def _place(slot: int, order: Sequence[int]) -> int:
    return order.index(slot) if slot in order else len(order)


__all__ = ["TICK_PARTS", "TICK_S", "DeskId", "Hub"]
