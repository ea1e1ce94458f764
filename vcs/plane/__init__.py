"""The packet plane's contract: tables in, events out, and a fence.

The plane owns the media sockets and both SRTP contexts of each peer. It moves packets by its tables
and asks nobody. Everything else (ICE, DTLS, RTCP policy, who may hear whom) changes the tables or
reads the logs. `vcs.plane.python` is the first implementation; another may stand beside it and must
pass the same tests, so nothing here assumes the event loop.

    socket -> path -> peer -> stream -> route -> peer -> path -> socket

- A *path* is a socket of ours with a remote address. It is made only for an address that ICE has
  validated; datagrams from an address without a path yield STUN events or are counted and dropped.
- A *peer* is a DTLS association: its SRTP keys, and the path that it is bound to now.
- A *stream* is one SSRC that a peer sends.
- A *route* is one SSRC that a peer is sent: a slot that keeps its sequence state for the life of
  the peer, whatever streams feed it. It is made stopped.

`apply` is atomic, and a fence: when it returns, its changes are in force, and nothing more is
handed to the kernel on a route that it stopped, save the tail of silence, which is made here and
not by the speaker.
"""

from __future__ import annotations

import socket as sockets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, NewType, Protocol

from vcs.media.description import Codec, Extensions, Kind, SrtpKeys

PathId = NewType("PathId", int)
PeerId = NewType("PeerId", int)
StreamId = NewType("StreamId", int)
RouteId = NewType("RouteId", int)
SocketId = NewType("SocketId", int)
"""Which of our sockets: 0 for IPv4, 1 for IPv6, further ones for TCP connections. The id of a
connection is never given out again."""

Address = tuple[str, int]
"""Remote host and port. IPv6 without flow and scope, IPv4 never mapped into IPv6."""

MAX_SSRCS_PER_PEER: Final = 16
EVENT_RING: Final = 1024
TAIL_FRAMES: Final = 5
TAIL_INTERVAL_S: Final = 0.020
MAX_CONNECTIONS: Final = 512
"""TCP connections at a time."""
MAX_PATHLESS: Final = 64
"""Of them without a path, as all are at first."""
PATHLESS_S: Final = 10.0
"""A connection without a path for so long is ended."""
MAX_QUEUE_S: Final = 0.2
"""What waits on a connection for longer holds its pictures."""
MAX_QUEUE_OCTETS: Final = 1 << 20
"""A connection on which more would wait is ended."""


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """One SSRC that a peer sends, and the SSRC of its repairs (RFC 4588) when there is one."""

    peer: PeerId
    ssrc: int
    kind: Kind
    codec: Codec
    payload_type: int
    clock_rate: int
    rtx_ssrc: int | None = None
    rtx_payload_type: int | None = None


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """One SSRC that a peer is sent. `ssrc` and `rtx_ssrc` are unique within the peer for its life.

    `mid` is written into the MID extension when `to_peer` negotiated it. `red_payload_type`: of
    redundant sound (RFC 2198), where the receiver takes it.
    """

    to_peer: PeerId
    ssrc: int
    kind: Kind
    codec: Codec
    payload_type: int
    clock_rate: int
    mid: str
    rtx_ssrc: int | None = None
    rtx_payload_type: int | None = None
    red_payload_type: int | None = None


@dataclass(frozen=True, slots=True)
class Forward:
    """Feed this route from this stream. Video begins with the stream's next key frame, which the
    plane asks for (event `KeyFrameWanted`).

    If the route is fed from another stream of the *same* peer (another layer), that one goes on
    until the key frame comes; from another peer, it stops at once. `max_temporal_layer` drops VP8
    frames above that TID. Raises `ValueError` when kind or codec differ or an id is unknown; then
    nothing of the whole `apply` is done.
    """

    route: RouteId
    stream: StreamId
    max_temporal_layer: int = 7


@dataclass(frozen=True, slots=True)
class Stop:
    """Feed this route from nothing. Audio gets its tail of silence; the history is emptied, so
    that no retransmission answers for what was sent before."""

    route: RouteId


Change = Forward | Stop

# --- events: pulled, one bounded ring for each kind -----------------------------------------------


@dataclass(frozen=True, slots=True)
class StunEvent:
    """A datagram of class 0..3 (RFC 7983), from anywhere."""

    socket: SocketId
    address: Address
    path: PathId | None
    data: bytes
    arrival: float


@dataclass(frozen=True, slots=True)
class DtlsEvent:
    """A datagram of class 20..63, from an address that has a path."""

    path: PathId
    data: bytes
    arrival: float


@dataclass(frozen=True, slots=True)
class RtcpEvent:
    """A compound RTCP packet (RFC 3550, or reduced size RFC 5506), decrypted and authentic."""

    peer: PeerId
    data: bytes
    arrival: float


@dataclass(frozen=True, slots=True)
class UnknownSsrc:
    """An authentic RTP packet of an SSRC without a stream, with what its extensions say of it.

    Made for the first packet of an SSRC and then at most every 100 ms, until there is a stream or
    the packet's peer has MAX_SSRCS_PER_PEER.
    """

    peer: PeerId
    ssrc: int
    payload_type: int
    mid: str | None
    rid: str | None
    repaired_rid: str | None
    arrival: float


@dataclass(frozen=True, slots=True)
class KeyFrameWanted:
    """A receiver of this stream needs a key frame: it was just switched to it (`urgent`), or its
    decoder asked. The plane has coalesced: urgent at most one per 250 ms and stream, else one a
    second."""

    stream: StreamId
    urgent: bool


@dataclass(frozen=True, slots=True)
class Switched:
    """The route now carries this stream: its key frame was forwarded, or its first sound."""

    route: RouteId
    stream: StreamId
    arrival: float


@dataclass(frozen=True, slots=True)
class ConnectionEnded:
    """A TCP connection has ended, by the other end, by the network, or because it broke a bound.
    Sending on it drops and counts. Its id and its path stay known until `drop_connection`, because
    events from before its end may name them."""

    socket: SocketId
    address: Address
    at: float


@dataclass(frozen=True, slots=True)
class Events:
    """What was in the rings; `dropped` counts by kind what did not fit since the last pull."""

    stun: Sequence[StunEvent]
    dtls: Sequence[DtlsEvent]
    rtcp: Sequence[RtcpEvent]
    unknown: Sequence[UnknownSsrc]
    key_frames: Sequence[KeyFrameWanted]
    switched: Sequence[Switched]
    dropped: Mapping[str, int]
    ended: Sequence[ConnectionEnded] = ()


# --- logs: what Python composes RTCP from ---------------------------------------------------------


class StreamLog(NamedTuple):
    """Reception of one stream since it was added (RFC 3550 section 6.4.1, appendix A).

    `highest` is the extended highest sequence number, `jitter` in timestamp units.
    `level` is the last RFC 6464 level in -dBov (0 loud, 127 silent) and `level_at` when it arrived.
    Times are of the monotonic clock, in seconds.
    """

    ssrc: int
    packets: int
    octets: int
    base: int
    highest: int
    jitter: float
    last_arrival: float
    level: int | None
    level_at: float
    timestamp: int
    timestamp_at: float
    """RTP timestamp of the newest packet, and when it arrived."""
    temporal_layers: int
    """Of VP8: the highest TID seen on the way to a route, and one; 1 where none was."""
    repair_packets: int
    repair_octets: int
    """All that came on the stream's RTX SSRC, and its octets behind the header: repairs, and the
    padding that senders probe for bandwidth with."""


class RouteLog(NamedTuple):
    """What was sent on one route. `timestamp_offset` maps the source's RTP timestamps to ours
    (modulo 2**32); None before the first packet of the present source."""

    ssrc: int
    packets: int
    octets: int
    timestamp: int
    sent_at: float
    stream: StreamId | None
    timestamp_offset: int | None


class Arrivals(NamedTuple):
    """Transport-wide sequence numbers that arrived since the last pull, in order of arrival."""

    sequence: Sequence[int]
    arrival_us: Sequence[int]


class Departures(NamedTuple):
    """Packets that left with a transport-wide number since the last pull, in order: sent_us[n] and
    octets[n] (as on the wire, without IP and UDP) are of number `first` + n, modulo 65536."""

    first: int
    sent_us: Sequence[int]
    octets: Sequence[int]


class Plane(Protocol):
    """Unknown ids raise `KeyError`. Nothing here blocks or awaits."""

    # paths
    def local_port(self, socket: SocketId) -> int: ...
    def add_path(self, socket: SocketId, address: Address) -> PathId:
        """The same id again when the path exists already."""

    def drop_path(self, path: PathId) -> None: ...
    def send_to(self, path: PathId, data: bytes) -> None:
        """STUN and DTLS. A full socket drops and counts, as the network would."""

    def send_unbound(self, socket: SocketId, address: Address, data: bytes) -> None:
        """A STUN error response to an address that has no path."""

    # TCP connections
    def add_connection(self, accepted: sockets.socket) -> SocketId:
        """A TCP connection that was accepted: RFC 4571 framing, packets sorted as datagrams are
        (RFC 7983). The plane owns the socket from now on and closes it.

        Its one remote address may become a path; without one for PATHLESS_S it is ended. So is,
        when there would be more than MAX_PATHLESS, the oldest without one of the host that has most
        of them. A frame longer than `vcs.media.framing.MAX_FRAME` ends it; one of length 0 is
        counted and dropped.

        Nothing that is sent on it is lost while it lasts. But once something has waited for
        MAX_QUEUE_S, routes of video to its peer carry nothing until it has all gone, and then begin
        with a key frame; sound, RTCP, DTLS and STUN go on. MAX_QUEUE_OCTETS waiting end it.

        Raises `ValueError` when there are MAX_CONNECTIONS with paths, `OSError` when it has ended
        already; the socket stays the caller's then."""

    def drop_connection(self, socket: SocketId) -> None:
        """Close it if it is open, without an event, and forget it with its path."""

    # peers and streams
    def add_peer(self, keys: SrtpKeys, extensions: Extensions) -> PeerId: ...
    def bind(self, peer: PeerId, path: PathId) -> None:
        """Send to the peer on this path from now on; packets are accepted from every path that was
        bound to it, until that is dropped or bound to another peer."""

    def set_extensions(self, peer: PeerId, extensions: Extensions) -> None: ...
    def last_heard(self, peer: PeerId) -> float:
        """When the last authentic SRTP or SRTCP packet of the peer arrived (monotonic)."""

    def drop_peer(self, peer: PeerId) -> None:
        """Ends its streams, its routes and the routes fed by its streams (these with a tail)."""

    def add_stream(self, spec: StreamSpec) -> StreamId:
        """Raises `ValueError` past MAX_SSRCS_PER_PEER (repairs count) or for an SSRC in use."""

    def set_rtx(self, stream: StreamId, rtx_ssrc: int, rtx_payload_type: int) -> None: ...
    def drop_stream(self, stream: StreamId) -> None: ...

    # routes
    def add_route(self, spec: RouteSpec) -> RouteId: ...
    def drop_route(self, route: RouteId) -> None: ...
    def apply(self, changes: Sequence[Change]) -> None: ...
    def forwarding(self) -> frozenset[tuple[StreamId, RouteId]]:
        """Every pair that can move a packet now, the stream that a switch waits for included. For
        tests and for the hub's own proof."""

    def request_key_frame(self, route: RouteId) -> None:
        """The receiver's decoder asked (PLI or FIR)."""

    def retransmit(
        self, route: RouteId, sequences: Sequence[int], within_pace: bool = False
    ) -> int:
        """Answer a NACK by RTX (RFC 4588). Only what this route sent since its last Forward from
        a standstill, each packet at most `vcs.media.history.MAX_RESENDS` times. `within_pace`: only
        as many as the pace bears before pictures that wait; who lacks more asks again. Returns how
        many were sent. Audio has none."""

    def set_redundancy(self, route: RouteId, depth: int) -> None:
        """Let each packet of sound carry the `depth` frames before it once more (RFC 2198), of the
        present source since it began and of nothing else. Without effect where the receiver takes
        no such packets."""

    def set_pace(self, peer: PeerId, bits_per_s: float | None) -> None:
        """Pictures are sent to the peer no faster. Sound is counted but never waits; repairs and
        padding do neither, unless `retransmit` is told so. Order and numbers stay as they are.
        What waits of a route when it ends, or is fed by another peer, never leaves, and neither
        does much that waits when another layer takes over; the sequence closes up. None, as at
        first: nothing waits."""

    def send_padding(self, route: RouteId, octets: int) -> int:
        """Zeros under the route's SSRC of repairs, to see what the path bears: as many packets as
        come closest to `octets` on the wire without going below it. Returns what was sent, 0 on a
        route without repairs or without a path."""

    # RTCP
    def send_rtcp(self, peer: PeerId, plain: bytes) -> None: ...
    def align(self, stream: StreamId, ntp: float, rtp_timestamp: int) -> None:
        """A sender report: this RTP timestamp was captured at this time of the publisher's clock,
        in seconds. Layers are aligned by it at the next switch."""

    def stream_log(self, stream: StreamId) -> StreamLog: ...
    def missing(self, stream: StreamId) -> Sequence[int]:
        """Sequence numbers (16 bits) that have not arrived, oldest first, not older than a second.
        Asked on every tick: cheap when there are none."""

    def last_arrival(self, stream: StreamId) -> float:
        """When the stream's last packet arrived; 0.0 before the first."""

    def route_log(self, route: RouteId) -> RouteLog: ...
    def pull_arrivals(self, peer: PeerId) -> Arrivals: ...
    def log_departures(self, peer: PeerId, wanted: bool) -> None:
        """Whether to keep what `pull_departures` gives; at first it is not. A log that is not
        pulled keeps its oldest 4096 packets; the others are counted as `drop_departures`."""

    def pull_departures(self, peer: PeerId) -> Departures: ...

    # events and numbers
    def pull_events(self) -> Events: ...
    def counters(self) -> Mapping[str, int]:
        """Packets and octets in and out, and every drop by its reason (`drop_...`)."""

    def close(self) -> None: ...
