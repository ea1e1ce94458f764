"""From a stream's packet to the routes that it feeds, and what feeds which."""

from __future__ import annotations

from vcs.media import h264, vp8
from vcs.media.level import SILENT
from vcs.plane import Switched
from vcs.plane.chaser import KeyFrameChaser
from vcs.plane.rings import Rings
from vcs.plane.route import Route
from vcs.plane.sender import Sender
from vcs.plane.stream import Stream
from vcs.plane.tail import SilenceTail


class Forwarder:
    """`forward_...` are on the path of each packet; `start` and `stop` change the tables."""

    __slots__ = ("_chaser", "_counts", "_rings", "_sender", "_tail", "_view")

    def __init__(
        self,
        received: memoryview,
        sender: Sender,
        tail: SilenceTail,
        chaser: KeyFrameChaser,
        rings: Rings,
        counts: dict[str, int],
    ) -> None:
        self._view = received
        self._sender = sender
        self._tail = tail
        self._chaser = chaser
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
        if source is not None and not (route.video and source.peer is stream.peer):
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
        """Feed the route from nothing; its past cannot be asked for any more."""
        self._wait_for(route, None)
        if route.source is not None:
            route.source.detach(route)
            route.source = None
        route.starting = False
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
            self._chaser.route_waits(stream)

    # --- packets --------------------------------------------------------------------------------

    def skip(self, stream: Stream, number: int) -> None:
        """The packet `number` goes nowhere: the routes' sequences close up."""
        for route in stream.routes:
            if route.source is stream and not route.starting:
                route.numbers.skip(number)

    def forward_audio(
        self,
        stream: Stream,
        number: int,
        marker: int,
        timestamp: int,
        start: int,
        end: int,
        now: float,
    ) -> None:
        """`number` is unwrapped; the payload is `start` to `end` of the received packet."""
        counts = self._counts
        level = SILENT if stream.level is None else stream.level
        for route in stream.routes:
            beginning = route.starting
            if beginning:
                if number <= route.floor:
                    counts["drop_route_late"] += 1
                    continue
                route.begin(stream, number, timestamp, now)
                self._rings.switched.push(Switched(route.id, stream.id, now))
            ours = route.numbers.keep(number)
            if ours < 0:
                counts["drop_route_late"] += 1
                continue
            if not route.sent.mark(ours):
                counts["drop_route_duplicate"] += 1
                continue
            route.tail_owed = True
            self._sender.stage(route, self._view[start:end])
            self._sender.send(
                route,
                ours,
                0x80 if beginning else marker,
                route.timestamps.map(timestamp),
                end - start,
                level,
                now,
            )

    def forward_video(
        self,
        stream: Stream,
        number: int,
        marker: int,
        timestamp: int,
        start: int,
        end: int,
        now: float,
    ) -> None:
        """As `forward_audio`. Raises `MalformedPacket` before anything is sent."""
        view = self._view
        picture_at = tl0_at = tid = -1
        picture = bits = tl0 = 0
        starts = sync = False
        if stream.vp8:
            descriptor = vp8.read_descriptor(view, start, end)
            starts, key, picture_at, picture, bits, tl0_at, tl0, tid, sync = descriptor
            if picture_at >= 0:
                picture = stream.unwrap_picture(picture, bits)
        else:
            key = h264.starts_key_frame(view, start, end)
        if key and number == stream.reception.highest:
            # A key frame whose first packet comes late has lost the packets that overtook it.
            self._take_over(stream, number, timestamp, picture, tl0, now)
        counts = self._counts
        sender = self._sender
        size = end - start
        for route in stream.routes:
            if route.source is not stream:
                counts["drop_key_frame_awaited"] += 1
                continue
            if tid >= 0:
                if starts and number > route.numbers.newest:
                    self._choose_layers(route, key, tid, sync)
                if tid > route.highest_tid:
                    route.numbers.skip(number)
                    if picture_at >= 0:
                        route.pictures.skip(picture)
                    counts["drop_temporal_layer"] += 1
                    continue
            newest = number > route.numbers.newest
            ours = route.numbers.keep(number)
            mapped = 0
            if picture_at >= 0:
                mapped = route.pictures.keep(picture)
                if mapped < 0 and newest:
                    # The encoder began anew with other numbers.
                    route.pictures.begin(picture)
                    mapped = route.pictures.keep(picture)
            if ours < 0 or mapped < 0:
                counts["drop_route_late"] += 1
                continue
            if not route.sent.mark(ours):
                counts["drop_route_duplicate"] += 1
                continue
            at = sender.stage(route, view[start:end])
            if picture_at >= 0:
                vp8.write_picture(sender.data, at + picture_at - start, bits, mapped)
            if tl0_at >= 0:
                vp8.write_tl0(sender.data, at + tl0_at - start, route.map_tl0(tl0))
            ours_at = route.timestamps.map(timestamp)
            if route.history is not None:
                route.history.put(ours, ours_at, marker, bytes(sender.view[at : at + size]), now)
            sender.send(route, ours, marker, ours_at, size, SILENT, now)

    def _take_over(
        self, stream: Stream, number: int, timestamp: int, picture: int, tl0: int, now: float
    ) -> None:
        """A key frame begins: the routes that wait for it are fed by the stream from here on."""
        for route in stream.routes:
            if route.pending is not stream or number <= route.floor:
                continue
            if route.source is not None:
                route.source.detach(route)
            route.source = stream
            route.pending = None
            route.wanted_tid = route.pending_tid
            route.begin(stream, number, timestamp, now)
            route.begin_pictures(picture, tl0)
            self._rings.switched.push(Switched(route.id, stream.id, now))
        self._chaser.came(stream)

    def _choose_layers(self, route: Route, key: bool, tid: int, sync: bool) -> None:
        """At the beginning of a frame: fewer temporal layers at once; more, one by one, where a
        frame needs nothing that was left out (layer sync, RFC 7741 section 4.2)."""
        wanted = route.wanted_tid
        if key or wanted < route.highest_tid:
            route.highest_tid = wanted
        elif tid <= wanted and tid == route.highest_tid + 1 and sync:
            route.highest_tid = tid
