"""What of which stream every receiver of a desk is fed, among the flows that the rule allows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vcs.downlink import Downlink
from vcs.layers import LayerHealth, LayerRate, priced, usable
from vcs.media.allocation import ALL_FRAMES, NOTHING, Given, Picture, PictureLayer, allocate
from vcs.media.description import Kind
from vcs.peer import Layer, MediaPeer
from vcs.plane import Plane, RouteId, StreamId
from vcs.privacy import OFFICER, Booth, Flow, Media, Party

Feed = tuple[StreamId, int]
"""What feeds a route: the stream, and the highest temporal layer that is sent of it."""
REMEMBERED_S: Final = 60.0
ONLY_SLOT: Final = 1
"""Of a booth, which gets one picture: its officer's."""

_KIND: Final = {Media.AUDIO: Kind.AUDIO, Media.VIDEO: Kind.VIDEO}


@dataclass(slots=True)
class DeskMedia:
    """The peers of one desk, and what is in force."""

    peers: dict[Party, MediaPeer] = field(default_factory=dict)
    flows: frozenset[Flow] = frozenset()
    pictures: dict[Party, list[Flow]] = field(default_factory=dict)
    """Flows of pictures, by who gets them."""
    sounds: list[Flow] = field(default_factory=list)
    next_layer_check: float = 0.0
    focus: int | None = None
    order: tuple[int, ...] = ()
    alive_since: dict[StreamId, float] = field(default_factory=dict)
    rates: dict[StreamId, LayerRate] = field(default_factory=dict)

    bore: dict[Party, tuple[float, float]] = field(default_factory=dict)
    """What the path to who has left was known to bear, in bit/s, and when it was left."""

    def began_with(self, party: Party, now: float) -> int | None:
        """What the path to who comes (back) now is taken to bear; None: nothing is known of it. A
        thin link that was lost because too much was sent must not be filled again at once."""
        bits_per_s, left_at = self.bore.pop(party, (0.0, -math.inf))
        return int(bits_per_s) if now - left_at < REMEMBERED_S else None

    def allow(self, flows: frozenset[Flow]) -> None:
        """These and no others, from now on."""
        self.flows = flows
        self.sounds = [flow for flow in flows if flow.media is Media.AUDIO]
        self.pictures = {}
        for flow in flows:
            if flow.media is Media.VIDEO:
                self.pictures.setdefault(flow.sink, []).append(flow)


class Feeds:
    """Works out the feeds of a desk; makes none of them.

    `fed` is what the plane does at present, which the caller keeps true; `downlink_of` a peer is
    None when it is not, or no longer, of this hub.
    """

    def __init__(
        self,
        plane: Plane,
        clock: Callable[[], float],
        fed: Mapping[RouteId, Feed],
        downlink_of: Callable[[MediaPeer], Downlink | None],
    ) -> None:
        self._plane = plane
        self._clock = clock
        self._fed = fed
        self._downlink_of = downlink_of

    def of(self, media: DeskMedia) -> dict[RouteId, Feed]:
        """All that shall be fed at this desk now; routes that are not in it, nothing."""
        wanted: dict[RouteId, Feed] = {}
        for flow in media.sounds:
            fed = self._sound(media, flow)
            if fed is not None:
                wanted[fed[0]] = fed[1]
        for sink, peer in media.peers.items():
            wanted.update(self._pictures(media, peer, media.pictures.get(sink, ())))
        return wanted

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
        downlink = self._downlink_of(sink)
        if downlink is None:
            return {}
        if not flows:
            downlink.allocation = NOTHING
            return {}
        now = self._clock()
        routes: dict[int, tuple[RouteId, Sequence[Layer]]] = {}
        pictures: dict[int, Picture] = {}
        for flow in flows:
            route = self._route(media, flow)
            if route is not None:
                slot, layers = _slot(flow), media.peers[flow.source].pictures()
                routes[slot] = (route, layers)
                pictures[slot] = Picture(slot, self._layers(media, layers, route, now))
        focus = media.focus if sink is media.peers.get(OFFICER) else ONLY_SLOT
        ranked = sorted(pictures, key=lambda slot: (_place(slot, media.order), slot))
        downlink.allocation = allocate(
            downlink.bits_per_s,
            [pictures[slot] for slot in ranked],
            focus if focus in pictures else None,
            downlink.sounds if media.sounds else 0,
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
                self._plane.last_arrival(layer.stream),
                media.alive_since.get(layer.stream, now),
            )
            for index, layer in enumerate(layers)
        ]
        fed = self._fed.get(route)
        current = next(
            (i for i, layer in enumerate(layers) if fed is not None and layer.stream == fed[0]),
            None,
        )
        logs = [self._plane.stream_log(layer.stream) for layer in layers]
        # Alike in all layers of one sender, and seen only in those that are on their way.
        temporal = max((log.temporal_layers for log in logs), default=1)
        return tuple(
            priced(index, media.rates.get(layers[index].stream), temporal)
            for index in usable(health, current, now)
        )


def _slot(flow: Flow) -> int:
    """An officer has a section for each slot, a booth one of each kind for its officer."""
    return flow.source.slot if isinstance(flow.source, Booth) else ONLY_SLOT


def _place(slot: int, order: Sequence[int]) -> int:
    return order.index(slot) if slot in order else len(order)
