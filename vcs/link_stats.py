"""What is known of one client's link: measured by this server, and told by the client's page.

Values alone; they become JSON as they stand. Rates are kbit/s, times milliseconds, losses shares
from 0 to 1. Terms are those of WebRTC statistics (https://www.w3.org/TR/webrtc-stats/). Nothing
here says who somebody is, or where.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

MAX_LAYERS: Final = 3
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
Side = Annotated[int, msgspec.Meta(ge=0, le=16_384)]
Rid = Literal["l", "m", "h"]
Limitation = Literal["none", "cpu", "bandwidth", "other"]
"""`qualityLimitationReason`: what keeps a sender from sending its picture as it should be."""
AdaptationStep = Literal["full", "fewer_layers", "smaller", "slower"]
"""full: everything that the camera gives. fewer_layers: without the largest layer. smaller:
captured in 640x360 as well. slower: at 15 frames a second as well."""


class Reported(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of what pages tell."""


class SentLayer(Reported, frozen=True):
    """A layer of its camera that a page encodes now; `rid` is null where there is but one."""

    rid: Rid | None
    width: Side
    height: Side
    fps: Annotated[float, msgspec.Meta(ge=0, le=1000)]


class SentPicture(Reported, frozen=True):
    """What a page sends of its camera. `encode_ms`: for one frame in all its layers, null when none
    was encoded lately."""

    encode_ms: Annotated[float, msgspec.Meta(ge=0, le=60_000)] | None
    limitation: Limitation
    step: AdaptationStep
    layers: Annotated[list[SentLayer], msgspec.Meta(max_length=MAX_LAYERS)]


class ReceivedMedia(Reported, frozen=True):
    """How what a page receives is played: freezes of pictures since its connection began, and the
    share of sound that was made up for want of packets, lately (null when none was to be heard).
    `transport` is what ICE has chosen, `round_trip_ms` what its checks take."""

    freezes: Count
    freeze_ms: Milliseconds
    concealed: Share | None
    transport: Literal["udp", "tcp"] | None
    round_trip_ms: Annotated[int, msgspec.Meta(ge=0, le=60_000)] | None


class LayerStats(msgspec.Struct, frozen=True):
    """A layer of its picture that a client publishes, as it arrives here. `alive`: it arrives."""

    rid: str | None
    kbps: int | None
    alive: bool


class GivenStats(msgspec.Struct, frozen=True):
    """What a client is sent of one picture: the layer, and up to which temporal layer (7: all of
    them). `paused`: nothing, because its path has no room, or because there is no picture."""

    slot: int
    rid: str | None = None
    temporal_layer: int | None = None
    kbps: int | None = None
    paused: Literal["no_room", "no_picture"] | None = None


class LinkStats(msgspec.Struct, frozen=True):
    """One client's link now. What is not known is null.

    `sent_...` and `loss_down` are of the way to the client, `received_...` and `loss_up` of the way
    from it; `estimate_kbps` is what the way to it bears, `queue_ms` how long packets wait on it;
    `jitter_ms` is of its sound as it arrives here, or of its picture.
    """

    quality: int
    round_trip_ms: int | None
    loss_up: float
    loss_down: float
    jitter_ms: float | None
    estimate_kbps: int | None
    queue_ms: int | None
    sent_kbps: int | None
    received_kbps: int | None
    publishes: list[LayerStats]
    given: list[GivenStats]
    report_ms: int | None = None
    received: ReceivedMedia | None = None
    sent: SentPicture | None = None
