"""The hub: peers, what each publishes, and the routes that the privacy rule allows.

`Hub.apply` takes the state of a desk and makes exactly the flows of `vcs.privacy.allowed_flows`:
nothing else in the program enables a route. Everything that may change what a flow needs (a stream
that begins, a layer that stops, another focus) goes through the same function with the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from vcs.feedback import TICK_S, Feedback, ask_for_key_frame
from vcs.layers import ALIVE_S, LayerHealth, choose
from vcs.media.description import Kind
from vcs.media.level import loudness
from vcs.media.rtcp import MalformedRtcp
from vcs.peer import MediaPeer
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

_KIND: Final = {Media.AUDIO: Kind.AUDIO, Media.VIDEO: Kind.VIDEO}


@dataclass(slots=True)
class DeskMedia:
    """The peers of one desk, and what is in force."""

    peers: dict[Party, MediaPeer] = field(default_factory=dict)
    state: DeskState = field(default_factory=DeskState)
    flows: frozenset[Flow] = frozenset()
    focus: int | None = None
    alive_since: dict[StreamId, float] = field(default_factory=dict)


class Hub:
    """All desks of this server over one packet plane."""

    def __init__(self, plane: Plane, clock: Callable[[], float]) -> None:
        self.plane = plane
        self.clock = clock
        self.malformed_rtcp = 0
        self._desks: dict[DeskId, DeskMedia] = {}
        self._by_peer: dict[PeerId, tuple[DeskId, MediaPeer, Feedback]] = {}
        self._fed: dict[RouteId, StreamId] = {}
        self._next_layer_check = 0.0
        self._tick_part = 0

    # --- peers ----------------------------------------------------------------------------------

    def join(self, desk: DeskId, party: Party, peer: MediaPeer) -> None:
        """A peer takes this place at the desk; whoever had it is dropped first."""
        self.leave(desk, party)
        media = self._desks.setdefault(desk, DeskMedia())
        media.peers[party] = peer
        self._by_peer[peer.id] = (desk, peer, Feedback(self.plane, peer, self.clock()))
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

    def flows(self, desk: DeskId) -> frozenset[Flow]:
        """What the rule allowed at the last change."""
        media = self._desks.get(desk)
        return media.flows if media else frozenset()

    def _refresh(self, media: DeskMedia) -> None:
        media.flows = allowed_flows(media.state)
        wanted: dict[RouteId, StreamId] = {}
        for flow in media.flows:
            if flow.media is Media.LEVEL:
                continue
            fed = self._route_and_stream(media, flow)
            if fed is not None:
                wanted[fed[0]] = fed[1]
        stops: list[RouteId] = []
        starts: dict[RouteId, StreamId] = {}
        for peer in media.peers.values():
            for route in (r for routes in peer.routes.values() for r in routes):
                stream = wanted.get(route)
                if stream is None:
                    if route in self._fed:
                        stops.append(route)
                elif self._fed.get(route) != stream:
                    starts[route] = stream
        # What ends, ends first and by itself: no fault in what begins can keep it going. What is
        # noted as fed is what the plane has accepted, so that a failed change is tried again.
        if stops:
            self.plane.apply([Stop(route) for route in stops])
            for route in stops:
                del self._fed[route]
        if starts:
            changes: list[Change] = [Forward(route, stream) for route, stream in starts.items()]
            self.plane.apply(changes)
            self._fed.update(starts)

    def _route_and_stream(self, media: DeskMedia, flow: Flow) -> tuple[RouteId, StreamId] | None:
        source, sink = media.peers.get(flow.source), media.peers.get(flow.sink)
        if source is None or sink is None:
            return None
        kind = _KIND[flow.media]
        # An officer has a section for each slot, a booth one of each kind for its officer.
        slot = flow.source.slot if isinstance(flow.source, Booth) else 1
        route = sink.route(kind, slot)
        if route is None:
            return None
        published = [s.codec for s in source.published.values() if s.kind is kind]
        if sink.codec(kind) not in published:
            return None
        stream = self._sound(source) if kind is Kind.AUDIO else self._picture(media, flow, route)
        return None if stream is None else (route, stream)

    def _sound(self, source: MediaPeer) -> StreamId | None:
        layer = source.sound()
        return None if layer is None else layer.stream

    def _picture(self, media: DeskMedia, flow: Flow, route: RouteId) -> StreamId | None:
        layers = media.peers[flow.source].pictures()
        large = not isinstance(flow.source, Booth) or media.focus == flow.source.slot
        now = self.clock()
        health = [
            LayerHealth(
                index,
                self.plane.last_arrival(layer.stream),
                media.alive_since.get(layer.stream, now),
            )
            for index, layer in enumerate(layers)
        ]
        fed = self._fed.get(route)
        current = next((i for i, layer in enumerate(layers) if layer.stream == fed), None)
        index = choose(health, current, large, now)
        return None if index is None else layers[index].stream

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
            self.malformed_rtcp += 1

    def on_key_frame(self, wanted: KeyFrameWanted) -> None:
        """A receiver of this stream waits for a key frame."""
        for _, peer, _ in self._by_peer.values():
            ask_for_key_frame(self.plane, peer, wanted)

    def _receivers(self, stream: StreamId) -> Iterable[MediaPeer]:
        routes = {route for route, fed in self._fed.items() if fed == stream}
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
        for _, _, feedback in list(self._by_peer.values())[self._tick_part :: TICK_PARTS]:
            feedback.tick(now)
        if now >= self._next_layer_check:
            self._next_layer_check = now + LAYER_CHECK_S
            for media in self._desks.values():
                self._watch_layers(media, now)

    def _watch_layers(self, media: DeskMedia, now: float) -> None:
        present: dict[StreamId, float] = {}
        for peer in media.peers.values():
            for layer in peer.pictures():
                alive = now - self.plane.last_arrival(layer.stream) < ALIVE_S
                if alive:
                    present[layer.stream] = media.alive_since.get(layer.stream, now)
        media.alive_since = present
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

    @property
    def refused_rtcp(self) -> int:
        """Compound packets of the present peers that were more than a peer may send."""
        return sum(feedback.refused for _, _, feedback in self._by_peer.values())

    def __len__(self) -> int:
        """How many peers there are."""
        return len(self._by_peer)


__all__ = ["TICK_PARTS", "TICK_S", "DeskId", "Hub"]
