"""The packet plane in Python, in the event loop: `vcs.plane.Plane`.

The tables are here; a packet goes `Inlet` -> `Forwarder` -> `Sender`, one call deep in each.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from vcs.media.description import Codec, Extensions, Kind, SrtpKeys
from vcs.media.red import MAX_DEPTH
from vcs.media.timestamp import SenderClock
from vcs.plane import (
    MAX_SSRCS_PER_PEER,
    Address,
    Arrivals,
    Change,
    Departures,
    Events,
    Forward,
    PathId,
    PeerId,
    Plane,
    RouteId,
    RouteLog,
    RouteSpec,
    SocketId,
    StreamId,
    StreamLog,
    StreamSpec,
)
from vcs.plane import inlet as path_of_a_packet
from vcs.plane.chaser import KeyFrameChaser
from vcs.plane.connections import Connections
from vcs.plane.counts import fresh_counts
from vcs.plane.drowse import Drowse
from vcs.plane.forwarder import Forwarder
from vcs.plane.hold import VideoHold
from vcs.plane.inlet import Inlet
from vcs.plane.pacer import Pacer
from vcs.plane.paths import PathTable
from vcs.plane.peer import DepartureLog, InboundSsrc, Peer
from vcs.plane.rings import Rings
from vcs.plane.route import Route
from vcs.plane.sender import Sender
from vcs.plane.stream import Stream
from vcs.plane.tail import SilenceTail

COMPILED: Final = not str(path_of_a_packet.__file__).endswith(".py")
"""Whether the path of a packet runs as extension modules (see `hatch_build.py`)."""


class PythonPlane(Plane):
    """A packet plane over sockets that are bound and non-blocking; they stay their owner's, who
    closes them after `close`.

    `on_events` is called in the loop, without arguments, whenever events wait to be pulled: after
    a drain of a socket, or soon after a change that made one. It may call the plane.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sockets: Mapping[SocketId, socket.socket],
        on_events: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loop = loop
        self._on_events = on_events
        self._clock = clock
        self._paths = PathTable(sockets)
        self._peers: dict[PeerId, Peer] = {}
        self._streams: dict[StreamId, Stream] = {}
        self._routes: dict[RouteId, Route] = {}
        self._next_id = 1
        self._counts = fresh_counts()
        self._rings = Rings()
        self._closed = False
        self._waking: asyncio.Handle | None = None
        self._sender = Sender(self._counts)
        self._tail = SilenceTail(loop, self._sender, clock)
        self._chaser = KeyFrameChaser(loop, clock, self._rings, self._wake)
        self._pacer = Pacer(loop, self._sender, clock)
        self._forwarder = Forwarder(
            self._sender, self._tail, self._chaser, self._pacer, self._rings, self._counts
        )
        self._inlet = Inlet(clock, self._forwarder, self._rings, self._counts)
        self._datagram_sockets = tuple(self._paths.sockets.values())
        self._drowse = Drowse(loop, [on.sock for on in self._datagram_sockets], self._take_all)
        self._hold = VideoHold(self._chaser)
        self._connections = Connections(
            loop,
            clock,
            self._paths,
            self._inlet,
            self._sender,
            self._hold,
            self._rings,
            self._counts,
            self._wake,
        )

    def _take_all(self) -> bool:
        came = 0
        for on in self._datagram_sockets:
            came += self._inlet.drain(on)
        self._sender.flush()
        if self._rings:
            self._on_events()
        return came > 0

    def _wake(self) -> None:
        if self._waking is None and not self._closed:
            self._waking = self._loop.call_soon(self._awake)

    def _awake(self) -> None:
        self._waking = None
        if self._rings:
            self._on_events()

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id

    # --- paths ----------------------------------------------------------------------------------

    def local_port(self, socket: SocketId) -> int:
        port: int = self._paths.sockets[socket].sock.getsockname()[1]
        return port

    def add_path(self, socket: SocketId, address: Address) -> PathId:
        """Raises `ValueError` for what is no address of that socket's family, or not the one of
        that connection."""
        return self._paths.add(socket, address)

    def drop_path(self, path: PathId) -> None:
        self._paths.drop(path)

    def send_to(self, path: PathId, data: bytes) -> None:
        self._sender.send_on(self._paths.by_id[path], data)

    def send_unbound(self, socket: SocketId, address: Address, data: bytes) -> None:
        on = self._paths.sockets[socket]
        self._sender.send_raw(on, data, on.destination(address))

    def add_connection(self, accepted: socket.socket) -> SocketId:
        return self._connections.add(accepted)

    def drop_connection(self, socket: SocketId) -> None:
        self._connections.drop(socket)

    # --- peers and streams ----------------------------------------------------------------------

    def add_peer(self, keys: SrtpKeys, extensions: Extensions) -> PeerId:
        """Raises `ValueError` for keys that do not fit their profile."""
        identifier = PeerId(self._new_id())
        self._peers[identifier] = Peer(identifier, keys, extensions, self._clock())
        return identifier

    def bind(self, peer: PeerId, path: PathId) -> None:
        bound = self._peers[peer]
        self._paths.bind(path, bound)
        self._hold.follow(bound)

    def set_extensions(self, peer: PeerId, extensions: Extensions) -> None:
        owner = self._peers[peer]
        owner.extensions = extensions
        for route in owner.routes:
            route.write_template()

    def last_heard(self, peer: PeerId) -> float:
        return self._peers[peer].heard

    def drop_peer(self, peer: PeerId) -> None:
        owner = self._peers[peer]
        for route in list(owner.routes):
            self.drop_route(route.id)
        for stream in list(owner.streams):
            self.drop_stream(stream.id)
        self._paths.forget_peer(owner)
        del self._peers[peer]

    def add_stream(self, spec: StreamSpec) -> StreamId:
        peer = self._peers[spec.peer]
        if (spec.codec is Codec.OPUS) != (spec.kind is Kind.AUDIO):
            raise ValueError(f"{spec.codec.value} is not {spec.kind.value}")
        if spec.rtx_ssrc is not None and spec.rtx_payload_type is None:
            raise ValueError("repairs need a payload type")
        wanted = [spec.ssrc] if spec.rtx_ssrc is None else [spec.ssrc, spec.rtx_ssrc]
        self._check_ssrcs(peer, wanted)
        stream = Stream(StreamId(self._new_id()), spec, peer)
        for ssrc in wanted:
            self._claim(peer, ssrc, stream, repair=ssrc == spec.rtx_ssrc)
        peer.streams[stream] = None
        self._streams[stream.id] = stream
        return stream.id

    def set_rtx(self, stream: StreamId, rtx_ssrc: int, rtx_payload_type: int) -> None:
        """Raises `ValueError` as `add_stream` does; another SSRC for repairs replaces the first."""
        repaired = self._streams[stream]
        peer = repaired.peer
        if repaired.rtx_ssrc != rtx_ssrc:
            self._check_ssrcs(peer, [rtx_ssrc])
            if repaired.rtx_ssrc is not None:
                self._release(peer, repaired.rtx_ssrc)
            self._claim(peer, rtx_ssrc, repaired, repair=True)
        repaired.rtx_ssrc = rtx_ssrc
        repaired.rtx_payload_type = rtx_payload_type

    def drop_stream(self, stream: StreamId) -> None:
        dropped = self._streams.pop(stream)
        for route in self._routes.values():
            if route.pending is dropped and route.source is not None:
                # The layer that it would have replaced goes on.
                self._forwarder.start(route, route.source, route.wanted_tid)
            elif route.pending is dropped or route.source is dropped:
                self._lose_source(route, dropped)
            if route.prior is dropped:
                route.prior = None
        self._chaser.forget(dropped)
        peer = dropped.peer
        del peer.streams[dropped]
        self._release(peer, dropped.spec.ssrc)
        if dropped.rtx_ssrc is not None:
            self._release(peer, dropped.rtx_ssrc)

    def _lose_source(self, route: Route, dropped: Stream) -> None:
        waiting = route.pending if route.pending is not dropped else None
        pending_tid = route.pending_tid
        self._forwarder.stop(route)
        if waiting is not None:
            self._forwarder.start(route, waiting, pending_tid)

    def _check_ssrcs(self, peer: Peer, wanted: Sequence[int]) -> None:
        if len(set(wanted)) != len(wanted):
            raise ValueError("one SSRC for two purposes")
        entries = [peer.inbound.get(ssrc) for ssrc in wanted]
        if any(entry is not None and entry.stream is not None for entry in entries):
            raise ValueError("the SSRC is in use")
        if len(peer.inbound) + entries.count(None) > MAX_SSRCS_PER_PEER:
            self._counts["drop_ssrc_limit"] += 1
            raise ValueError(f"more than {MAX_SSRCS_PER_PEER} SSRCs")

    def _claim(self, peer: Peer, ssrc: int, stream: Stream, *, repair: bool) -> None:
        entry = peer.inbound.setdefault(ssrc, InboundSsrc())
        entry.stream = stream
        entry.repair = repair

    def _release(self, peer: Peer, ssrc: int) -> None:
        entry = peer.inbound[ssrc]
        entry.stream = None
        entry.repair = False
        if not entry.authentic:
            del peer.inbound[ssrc]

    # --- routes ---------------------------------------------------------------------------------

    def add_route(self, spec: RouteSpec) -> RouteId:
        """Raises `ValueError` for an SSRC that the peer has been sent before: a sequence number
        must never come twice under one key."""
        peer = self._peers[spec.to_peer]
        wanted = {spec.ssrc} if spec.rtx_ssrc is None else {spec.ssrc, spec.rtx_ssrc}
        if spec.rtx_ssrc == spec.ssrc or not peer.used_ssrcs.isdisjoint(wanted):
            raise ValueError("the SSRC was used before")
        if spec.rtx_ssrc is not None and spec.rtx_payload_type is None:
            raise ValueError("repairs need a payload type")
        route = Route(RouteId(self._new_id()), spec, peer)
        peer.used_ssrcs |= wanted
        peer.routes[route] = None
        self._routes[route.id] = route
        return route.id

    def drop_route(self, route: RouteId) -> None:
        """Ends it where it stands, without a tail: its receiver has no use for one."""
        dropped = self._routes.pop(route)
        self._counts["packets_out"] += dropped.packets
        self._counts["octets_out"] += dropped.octets_out()
        self._tail.cancel(dropped)
        dropped.tail_owed = False
        self._pacer.forget(dropped)
        self._forwarder.stop(dropped)
        del dropped.peer.routes[dropped]

    def apply(self, changes: Sequence[Change]) -> None:
        planned: list[tuple[Route, Stream | None, int]] = []
        for change in changes:
            route = self._routes.get(change.route)
            if route is None:
                raise ValueError(f"no route {change.route}")
            if not isinstance(change, Forward):
                planned.append((route, None, 0))
                continue
            stream = self._streams.get(change.stream)
            if stream is None:
                raise ValueError(f"no stream {change.stream}")
            if (stream.spec.kind, stream.spec.codec) != (route.spec.kind, route.spec.codec):
                raise ValueError("kind or codec differ")
            planned.append((route, stream, change.max_temporal_layer))
        for route, stream, max_temporal_layer in planned:
            if stream is None:
                self._forwarder.stop(route)
            else:
                self._forwarder.start(route, stream, max_temporal_layer)

    def forwarding(self) -> frozenset[tuple[StreamId, RouteId]]:
        return frozenset(
            (stream.id, route.id) for stream in self._streams.values() for route in stream.routes
        )

    def request_key_frame(self, route: RouteId) -> None:
        source = self._routes[route].source
        if source is not None and source.video:
            self._chaser.decoder_asks(source)

    def retransmit(
        self, route: RouteId, sequences: Sequence[int], within_pace: bool = False
    ) -> int:
        from_route = self._routes[route]
        if from_route.history is None:
            return 0
        now = self._clock()
        pace = from_route.peer.pace if within_pace else None
        sent = 0
        for sequence in sequences:
            if pace is not None and not pace.bears_repair(now):
                break
            found = from_route.history.take(sequence & 0xFFFF, now)
            if found is not None:
                timestamp, marker, payload = found
                sent += self._sender.send_repair(
                    from_route, sequence & 0xFFFF, marker, timestamp, payload, now
                )
                if pace is not None:
                    pace.spend(from_route.payload_at + len(payload), now)
        return sent

    def set_redundancy(self, route: RouteId, depth: int) -> None:
        changed = self._routes[route]
        if changed.red_payload_type >= 0 and not changed.video:
            changed.redundant.depth = min(max(depth, 0), MAX_DEPTH)
            if depth <= 0:
                changed.redundant.clear()

    def set_pace(self, peer: PeerId, bits_per_s: float | None) -> None:
        self._pacer.set(self._peers[peer], None if bits_per_s is None else bits_per_s / 8)

    def send_padding(self, route: RouteId, octets: int) -> int:
        return self._sender.send_padding(self._routes[route], octets, self._clock())

    # --- RTCP -----------------------------------------------------------------------------------

    def send_rtcp(self, peer: PeerId, plain: bytes) -> None:
        self._sender.send_rtcp(self._peers[peer], plain)

    def align(self, stream: StreamId, ntp: float, rtp_timestamp: int) -> None:
        self._streams[stream].clock = SenderClock(ntp, rtp_timestamp)

    def stream_log(self, stream: StreamId) -> StreamLog:
        return self._streams[stream].log()

    def missing(self, stream: StreamId) -> Sequence[int]:
        reception = self._streams[stream].reception
        return reception.missing(self._clock()) if reception.any_missing else ()

    def last_arrival(self, stream: StreamId) -> float:
        return self._streams[stream].reception.last_arrival

    def route_log(self, route: RouteId) -> RouteLog:
        return self._routes[route].log()

    def pull_arrivals(self, peer: PeerId) -> Arrivals:
        return self._peers[peer].pull_arrivals()

    def log_departures(self, peer: PeerId, wanted: bool) -> None:
        owner = self._peers[peer]
        if not wanted:
            owner.departures = None
        elif owner.departures is None:
            owner.departures = DepartureLog(owner.transport_sequence)

    def pull_departures(self, peer: PeerId) -> Departures:
        owner = self._peers[peer]
        if owner.departures is None:
            return Departures(owner.transport_sequence, (), ())
        return owner.departures.pull(owner.transport_sequence)

    # --- events and numbers ---------------------------------------------------------------------

    def pull_events(self) -> Events:
        return self._rings.pull()

    def counters(self) -> Mapping[str, int]:
        total = dict(self._counts)
        # The routes count for themselves: one addition less for each packet.
        for route in self._routes.values():
            total["packets_out"] += route.packets
            total["octets_out"] += route.octets_out()
        return total

    def close(self) -> None:
        """Takes no more packets and sends none of its own; the sockets that it was made with stay
        open."""
        self._closed = True
        self._drowse.close()
        self._connections.close()
        for route in self._routes.values():
            self._tail.cancel(route)
        self._chaser.close()
        self._pacer.close()
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None
