"""From a stream's packet to the routes that it feeds, and what feeds which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vcs.media import h264, vp8
from vcs.media.level import SILENT
from vcs.media.sequence import SENT_WINDOW
from vcs.media.timestamp import MASK
from vcs.plane import Switched
from vcs.plane.chaser import KeyFrameChaser
from vcs.plane.pacer import Pacer
from vcs.plane.rings import Rings
from vcs.plane.route import Route
from vcs.plane.sender import Sender
from vcs.plane.stream import Stream
from vcs.plane.tail import SilenceTail

if TYPE_CHECKING:
    from mypy_extensions import i64

_SENT_MASK: Final = SENT_WINDOW - 1


class Forwarder:
    """`forward_...` are on the path of each packet; `start` and `stop` change the tables."""

    __slots__ = ("_chaser", "_counts", "_pacer", "_rings", "_sender", "_tail", "received")

    def __init__(
        self,
        sender: Sender,
        tail: SilenceTail,
        chaser: KeyFrameChaser,
        pacer: Pacer,
        rings: Rings,
        counts: dict[str, int],
    ) -> None:
        self.received = memoryview(b"")
        """Where the packet is that comes next; its owner changes it."""
        self._sender = sender
        self._tail = tail
        self._chaser = chaser
        self._pacer = pacer
        self._rings = rings
        self._counts = counts

    # --- what feeds which -----------------------------------------------------------------------

    def start(self, route: Route, stream: Stream, max_temporal_layer: int) -> None:
        """Feed the route from the stream; nothing of another peer goes out from now on."""
        self._tail.cancel(route)
        source = route.source
        if source is stream:
            self._wait_for(route, None)
            route.wanted_tid = max_temporal_layer
            return
        if route.pending is stream:
            route.pending_tid = max_temporal_layer
            return
        if source is None:
            # Held, it has no source, and what it was given may wait all the same.
            self._pacer.forget(route)
        elif not (route.video and source.peer is stream.peer):
            self._pacer.forget(route)
            source.detach(route)
            route.source = None
            if route.history is not None:
                route.history.clear()
        route.floor = stream.reception.highest
        if route.video:
            route.pending_tid = max_temporal_layer
            self._wait_for(route, stream)
        else:
            route.source = stream
            route.starting = True
            stream.attach(route)

    def stop(self, route: Route) -> None:
        """Feed the route from nothing; its past cannot be asked for any more, and what still waits
        of it does not leave."""
        self._pacer.forget(route)
        self._wait_for(route, None)
        if route.source is not None:
            route.source.detach(route)
            route.source = None
        route.starting = False
        route.redundant.clear()
        if route.history is not None:
            route.history.clear()
        if not route.video:
            self._tail.start(route)

    def _wait_for(self, route: Route, stream: Stream | None) -> None:
        waited = route.pending
        route.pending = stream
        if waited is not None and waited is not stream:
            waited.detach(route)
            self._chaser.settle(waited)
        if stream is not None:
            stream.attach(route)
            if not route.peer.held:
                self._chaser.route_waits(stream)

    # --- packets --------------------------------------------------------------------------------

    def skip(self, stream: Stream, number: i64) -> None:
        """The packet `number` goes nowhere: the routes' sequences close up."""
        for route in stream.routes:
            if route.source is stream and not route.starting:
                route.numbers.skip(number)

    def forward_audio(
        self,
        stream: Stream,
        number: i64,
        marker: i64,
        timestamp: i64,
        start: i64,
        end: i64,
        now: float,
    ) -> None:
        """`number` is unwrapped; the payload is `start` to `end` of the received packet."""
        level = SILENT if stream.level is None else stream.level
        payload = self.received[start:end]
        size = end - start
        sender = self._sender
        for route in stream.routes:
            beginning = route.starting
            if beginning:
                if number <= route.floor:
                    self._counts["drop_route_late"] += 1
                    continue
                route.begin(stream, number, timestamp, now)
                self._rings.switched.push(Switched(route.id, stream.id, now))
            ours_at = (timestamp + (route.timestamps.offset or 0)) & MASK
            ours = self._our_number(route, number, ours_at, now)
            if ours < 0:
                continue
            route.tail_owed = True
            at = route.payload_at
            if beginning:
                marker_out: i64 = 0x80
            else:
                marker_out = marker
            redundant = route.redundant
            packet = sender.following(route)
            if redundant.depth == 0:
                packet.view[at : at + size] = payload
                sender.send(route, packet, ours, marker_out, ours_at, size, level, now)
            else:
                plain = route.payload_type
                whole = redundant.write(packet.view, at, plain, ours_at, bytes(payload))
                route.payload_type = route.red_payload_type
                sender.send(route, packet, ours, marker_out, ours_at, whole, level, now)
                route.payload_type = plain

    def _our_number(self, route: Route, number: i64, timestamp: i64, now: float) -> i64:
        """Our number for a packet with our `timestamp`, marked as sent; -1, counted, for one that
        is not to be sent."""
        numbers, sent = route.numbers, route.sent
        if number == numbers.newest + 1:
            # In order, as nearly all are: `keep` and `mark` by hand.
            numbers.newest = number
            shift = numbers.shift
            numbers.shifts[number & numbers.mask] = shift
            ours = number + shift
            if ours > sent.highest:
                sent.highest = ours
                sent.numbers[ours & _SENT_MASK] = ours
                times = route.timestamps
                times.last = timestamp
                times.last_at = now
                return ours
        else:
            ours = numbers.keep(number)
            if ours < 0:
                self._counts["drop_route_late"] += 1
                return -1
        if sent.mark(ours):
            route.timestamps.sent(timestamp, now)
            return ours
        self._counts["drop_route_duplicate"] += 1
        return -1

    def forward_video(
        self,
        stream: Stream,
        number: i64,
        marker: i64,
        timestamp: i64,
        start: i64,
        end: i64,
        now: float,
    ) -> None:
        """As `forward_audio`. Raises `MalformedPacket` before anything is sent."""
        view = self.received
        picture_at: i64 = -1
        tl0_at: i64 = -1
        tid: i64 = -1
        picture: i64 = 0
        bits: i64 = 0
        tl0: i64 = 0
        starts = key = sync = False
        if stream.vp8:
            head = stream.head
            if view[start : start + len(head)] == head and end - start > len(head) > 0:
                # Further packets of a picture have the same descriptor.
                picture_at, picture, bits, tl0_at, tl0, tid = stream.behind_head
                picture_at += start
                tl0_at += start
            else:
                descriptor = vp8.read_descriptor(view, start, end)
                starts, key, picture_at, picture, bits, tl0_at, tl0, tid, sync = descriptor
                if picture_at >= 0:
                    picture = stream.unwrap_picture(picture, bits)
                    if tid >= stream.temporal_layers:
                        stream.temporal_layers = tid + 1
                    if tl0_at >= 0 and tid >= 0 and not starts:
                        stream.head = bytes(view[start : tl0_at + 2])
                        stream.behind_head = (
                            picture_at - start,
                            picture,
                            bits,
                            tl0_at - start,
                            tl0,
                            tid,
                        )
        else:
            key = h264.starts_key_frame(view, start, end)
        if key and number == stream.reception.highest:
            # A key frame whose first packet comes late has lost the packets that overtook it.
            self._take_over(stream, number, timestamp, picture, tl0, now)
        counts = self._counts
        sender = self._sender
        payload = view[start:end]
        size = end - start
        for route in stream.routes:
            if route.source is not stream:
                counts["drop_key_frame_awaited"] += 1
                continue
            numbers = route.numbers
            if tid >= 0:
                if starts and number > numbers.newest:
                    self._choose_layers(route, key, tid, sync)
                if tid > route.highest_tid:
                    numbers.skip(number)
                    if picture_at >= 0:
                        route.pictures.skip(picture)
                        route.picture_in = -1
                    counts["drop_temporal_layer"] += 1
                    continue
            if (
                picture_at >= 0
                and (picture != route.picture_in or number <= numbers.newest)
                and not self._map_picture(
                    route, picture, tl0 if tl0_at >= 0 else -1, number > numbers.newest
                )
            ):
                numbers.keep(number)
                counts["drop_route_late"] += 1
                continue
            ours_at = (timestamp + (route.timestamps.offset or 0)) & MASK
            ours = self._our_number(route, number, ours_at, now)
            if ours < 0:
                continue
            packet = sender.following(route)
            data = packet.data
            at = route.payload_at
            packet.view[at : at + size] = payload
            if picture_at >= 0:
                mapped = route.picture_out
                there = at + picture_at - start
                if bits == 15:
                    data[there] = 0x80 | mapped >> 8 & 0x7F
                    data[there + 1] = mapped & 0xFF
                else:
                    data[there] = mapped & 0x7F
            if tl0_at >= 0:
                if picture_at < 0:
                    route.tl0_out = route.map_tl0(tl0)
                data[at + tl0_at - start] = route.tl0_out
            pace = route.peer.pace
            if pace is not None and (pace.queue or not pace.free(now)):
                body = bytes(packet.view[at : at + size])
                self._pacer.wait(pace, route, ours, marker, ours_at, body)
                continue
            if route.history is not None:
                route.history.put(ours, ours_at, marker, bytes(packet.view[at : at + size]), now)
            sender.send(route, packet, ours, marker, ours_at, size, SILENT, now)

    def _map_picture(self, route: Route, picture: i64, tl0: i64, newest: bool) -> bool:
        """Ours for the source's picture and TL0PICIDX (-1: none); False for one that is not to be
        sent."""
        mapped = route.pictures.keep(picture)
        if mapped < 0 and newest:
            # The encoder began anew with other numbers.
            route.pictures.begin(picture)
            mapped = route.pictures.keep(picture)
        if mapped < 0:
            route.picture_in = -1
            return False
        route.picture_in = picture
        route.picture_out = mapped
        if tl0 >= 0:
            route.tl0_out = route.map_tl0(tl0)
        return True

    def _take_over(
        self, stream: Stream, number: i64, timestamp: i64, picture: i64, tl0: i64, now: float
    ) -> None:
        """A key frame begins: the routes that wait for it are fed by the stream from here on."""
        for route in stream.routes:
            if route.pending is not stream or number <= route.floor or route.peer.held:
                continue
            if route.source is not None:
                route.source.detach(route)
            if self._pacer.forget_stale(route) and route.history is not None:
                route.history.clear()
            route.source = stream
            route.pending = None
            route.wanted_tid = route.pending_tid
            route.begin(stream, number, timestamp, now)
            route.begin_pictures(picture, tl0)
            self._rings.switched.push(Switched(route.id, stream.id, now))
        self._chaser.came(stream)

    def _choose_layers(self, route: Route, key: bool, tid: i64, sync: bool) -> None:
        """At the beginning of a frame: fewer temporal layers at once; more, one by one, where a
        frame needs nothing that was left out (layer sync, RFC 7741 section 4.2)."""
        wanted = route.wanted_tid
        if key or wanted < route.highest_tid:
            route.highest_tid = wanted
        elif tid <= wanted and tid == route.highest_tid + 1 and sync:
            route.highest_tid = tid
