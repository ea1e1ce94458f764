"""One client's media as the hub keeps it: what it publishes, what it is sent, and what is known of
its link. A peer decides nothing; the hub makes its routes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vcs.layers import LayerRate
from vcs.link_stats import ReceivedMedia, SentPicture
from vcs.media.description import Codec, Extensions, Kind
from vcs.plane import (
    PeerId,
    Plane,
    RouteId,
    RouteSpec,
    StreamId,
    StreamSpec,
    UnknownSsrc,
)

LAYER_ORDER = ("l", "m", "h")
"""Simulcast layers by RID, small to large."""


@dataclass(frozen=True, slots=True)
class PublishedSection:
    """A section of the offer in which the client sends. `ssrcs` are declared ones, with the SSRC of
    their repairs or None; simulcast sections declare none."""

    mid: str
    kind: Kind
    codec: Codec
    payload_type: int
    clock_rate: int
    rtx_payload_type: int | None
    ssrcs: Mapping[int, int | None]


@dataclass(frozen=True, slots=True)
class SlotSection:
    """A section of the offer in which the client receives, with the SSRCs that we chose for it."""

    mid: str
    kind: Kind
    codec: Codec
    payload_type: int
    clock_rate: int
    rtx_payload_type: int | None
    ssrc: int
    rtx_ssrc: int | None
    red_payload_type: int | None = None


@dataclass(slots=True)
class Layer:
    """One stream that a peer sends: a simulcast layer, the only picture, or sound."""

    stream: StreamId
    ssrc: int
    rid: str | None
    sender_report: tuple[int, float] | None = None
    """Middle 32 bits of the last sender report's NTP time, and when it arrived."""


@dataclass(slots=True)
class Link:
    """What receiver reports and arrivals tell of a link. Loss is a share, times are seconds."""

    round_trip: float | None = None
    round_trip_at: float = 0.0
    """When it was last measured: only what is sent media can be asked."""
    loss_down: float = 0.0
    loss_up: float = 0.0
    expected_before: int = 0
    received_before: int = 0
    came: LayerRate = field(default_factory=LayerRate)
    went: LayerRate = field(default_factory=LayerRate)
    """Everything from this client, and everything to it."""

    def quality(self, silent_for: float) -> int:
        """0 (nothing arrives) to 4 (good): the signs on a tile."""
        if silent_for > 3.0:
            return 0
        loss = max(self.loss_up, self.loss_down)
        delay = self.round_trip or 0.0
        if loss > 0.15 or delay > 0.8:
            return 1
        if loss > 0.05 or delay > 0.4:
            return 2
        if loss > 0.02 or delay > 0.2:
            return 3
        return 4


@dataclass(frozen=True, slots=True)
class PageReport:
    """What the client's page last said of itself, and when."""

    received: ReceivedMedia
    sent: SentPicture | None
    at: float


def new_ssrcs(count: int, taken: Sequence[int] = ()) -> list[int]:
    """Random SSRCs (RFC 3550 section 8.1), none zero, none twice."""
    chosen: list[int] = []
    while len(chosen) < count:
        ssrc = secrets.randbits(32)
        if ssrc and ssrc not in chosen and ssrc not in taken:
            chosen.append(ssrc)
    return chosen


@dataclass(slots=True, eq=False)
class MediaPeer:
    """A client whose DTLS handshake is done, in the tables of the plane."""

    plane: Plane
    id: PeerId
    extensions: Extensions
    published: Mapping[str, PublishedSection]
    slots: Sequence[SlotSection]
    layers: dict[Kind, dict[str | None, Layer]] = field(default_factory=dict)
    routes: dict[Kind, list[RouteId]] = field(default_factory=dict)
    by_ssrc: dict[int, Layer] = field(default_factory=dict)
    route_by_ssrc: dict[int, RouteId] = field(default_factory=dict)
    reports_sent: dict[int, tuple[int, float]] = field(default_factory=dict)
    link: Link = field(default_factory=Link)
    report: PageReport | None = None
    cname: str = "vcs"

    def __post_init__(self) -> None:
        for section in self.slots:
            route = self.plane.add_route(
                RouteSpec(
                    to_peer=self.id,
                    ssrc=section.ssrc,
                    kind=section.kind,
                    codec=section.codec,
                    payload_type=section.payload_type,
                    clock_rate=section.clock_rate,
                    mid=section.mid,
                    rtx_ssrc=section.rtx_ssrc,
                    rtx_payload_type=section.rtx_payload_type,
                    red_payload_type=section.red_payload_type,
                )
            )
            self.routes.setdefault(section.kind, []).append(route)
            self.route_by_ssrc[section.ssrc] = route
        for published in self.published.values():
            for ssrc, rtx_ssrc in published.ssrcs.items():
                self._add_layer(published, ssrc, None, rtx_ssrc)

    def codec(self, kind: Kind) -> Codec | None:
        """What this client receives in its sections of this kind."""
        return next((section.codec for section in self.slots if section.kind is kind), None)

    def route(self, kind: Kind, slot: int) -> RouteId | None:
        """The route into the client's section of this kind with this number, from 1."""
        routes = self.routes.get(kind, [])
        return routes[slot - 1] if slot <= len(routes) else None

    def learn(self, event: UnknownSsrc) -> bool:
        """Take an SSRC by the MID and RID that it carried (RFC 8843 section 9.2, RFC 8852).

        True when a new stream came of it. What fits no section stays unknown, hence dropped.
        """
        section = self._section_of(event)
        if section is None:
            return False
        if event.payload_type == section.rtx_payload_type:
            layer = self.layers.get(section.kind, {}).get(event.repaired_rid)
            if layer is not None and section.rtx_payload_type is not None:
                self.plane.set_rtx(layer.stream, event.ssrc, section.rtx_payload_type)
            return False
        if event.payload_type != section.payload_type:
            return False
        old = self.layers.get(section.kind, {}).get(event.rid)
        if old is not None:
            # The client began this layer anew under another SSRC.
            self.by_ssrc.pop(old.ssrc, None)
            self.plane.drop_stream(old.stream)
        self._add_layer(section, event.ssrc, event.rid, None)
        return True

    def _section_of(self, event: UnknownSsrc) -> PublishedSection | None:
        if event.mid is not None:
            return self.published.get(event.mid)
        fitting = [
            section
            for section in self.published.values()
            if event.payload_type in (section.payload_type, section.rtx_payload_type)
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _add_layer(
        self, section: PublishedSection, ssrc: int, rid: str | None, rtx_ssrc: int | None
    ) -> None:
        try:
            stream = self.plane.add_stream(
                StreamSpec(
                    peer=self.id,
                    ssrc=ssrc,
                    kind=section.kind,
                    codec=section.codec,
                    payload_type=section.payload_type,
                    clock_rate=section.clock_rate,
                    rtx_ssrc=rtx_ssrc,
                    rtx_payload_type=section.rtx_payload_type if rtx_ssrc is not None else None,
                )
            )
        except ValueError:  # past the limit of SSRCs: the plane has counted it
            return
        layer = Layer(stream, ssrc, rid)
        self.layers.setdefault(section.kind, {})[rid] = layer
        self.by_ssrc[ssrc] = layer

    def sound(self) -> Layer | None:
        """The one stream of sound, if it has begun."""
        layers = self.layers.get(Kind.AUDIO, {})
        return next(iter(layers.values()), None)

    def pictures(self) -> list[Layer]:
        """The layers of the picture that have begun, small to large."""
        layers = self.layers.get(Kind.VIDEO, {})
        return sorted(
            layers.values(),
            key=lambda layer: LAYER_ORDER.index(layer.rid) if layer.rid in LAYER_ORDER else 9,
        )
