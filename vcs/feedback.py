"""RTCP: what each peer is told of what arrived, and what it tells us.

Composed on a tick from the plane's logs, never on the path of a packet: receiver reports, NACKs and
transport-wide feedback towards publishers, sender reports towards receivers, key-frame requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from vcs.downlink import Downlink, Room
from vcs.link_measure import note_totals
from vcs.media import rtcp, twcc
from vcs.media.description import Kind
from vcs.media.loss import NackScheduler
from vcs.media.red import LEAST_LOSS, RedundancyControl
from vcs.media.twcc import FeedbackComposer
from vcs.peer import Layer, MediaPeer
from vcs.plane import KeyFrameWanted, Plane, RtcpEvent, StreamId

TICK_S: Final = 0.05
REPORT_S: Final = 1.0
TRANSPORT_FEEDBACK_S: Final = 0.1
"""As often as browsers expect it at most bit rates (50 to 250 ms, by the draft's authors)."""
REMB_BITS_PER_S: Final = 2_500_000
"""Told to publishers that negotiated no transport-wide feedback; without either, Chromium stays
near 300 kbit/s."""
MAX_RTCP_PER_S: Final = 200.0
"""Compound packets of one peer that are read. Chromium sends 20 to 40; more is an attack, or a
fault, and would be work for everybody's loop."""
MAX_NACKED: Final = 256
"""Numbers of one NACK that are looked at: two seconds of a large picture with one packet in four
lost."""
FULL_LOSS: Final = 0.02
"""Loss that a full path causes counts for no more: repetitions would fill it further."""
OUR_SSRC: Final = 1
"""Sender SSRC of our reports and requests: we send no media under it."""


class Feedback:
    """The RTCP of one peer."""

    def __init__(
        self,
        plane: Plane,
        peer: MediaPeer,
        now: float,
        begin: int | None = None,
        room: Room | None = None,
    ) -> None:
        """`begin` and `room`: what the path to it is taken to bear, as `Downlink` has it."""
        self.plane = plane
        self.peer = peer
        self._twcc = FeedbackComposer(OUR_SSRC)
        self._nacks: dict[StreamId, NackScheduler] = {}
        self._intervals: dict[StreamId, tuple[int, int]] = {}
        self._next_report = now + REPORT_S
        self._next_transport_feedback = now
        self._allowance = MAX_RTCP_PER_S
        self._allowance_at = now
        self.downlink = Downlink(plane, peer, now, begin, room)
        self._redundancy = RedundancyControl()
        self._repeated = 0
        self._videos = peer.layers.setdefault(Kind.VIDEO, {})
        self.refused = 0
        """Compound packets that were too many."""

    # --- on the tick ----------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Every TICK_S: what is due goes out."""
        peer = self.peer
        self.downlink.tick(now)
        self._protect_sound(now)
        if peer.extensions.transport_cc and now >= self._next_transport_feedback:
            self._next_transport_feedback = now + TRANSPORT_FEEDBACK_S
            self._send_transport_feedback()
        for layer in self._videos.values():
            self._send_nacks(layer, now)
        if now >= self._next_report:
            self._next_report = now + REPORT_S
            self._send_reports(now)
            note_totals(self.plane, peer, now)

    def _protect_sound(self, now: float) -> None:
        """More of each voice on a path that loses packets."""
        loss = max(self.downlink.loss, self.peer.link.loss_down)
        if self._redundancy.depth == self._repeated == 0 and loss < LEAST_LOSS:
            return  # nearly always
        if self.downlink.was_full(now):
            loss = min(loss, FULL_LOSS)
        depth = min(self._redundancy.update(loss, now), self.downlink.most_repeated)
        if depth != self._repeated:
            self._repeated = depth
            self.downlink.repeat_sound(depth)
            for route in self.peer.routes.get(Kind.AUDIO, ()):
                self.plane.set_redundancy(route, depth)

    def _send_transport_feedback(self) -> None:
        arrivals = self.plane.pull_arrivals(self.peer.id)
        if not len(arrivals.sequence):
            return
        media_ssrc = next(iter(self.peer.by_ssrc), OUR_SSRC)
        for packet in self._twcc.compose(media_ssrc, arrivals.sequence, arrivals.arrival_us):
            self.plane.send_rtcp(self.peer.id, packet)

    def _send_nacks(self, layer: Layer, now: float) -> None:
        missing = self.plane.missing(layer.stream)
        scheduler = self._nacks.get(layer.stream)
        if not missing:
            if scheduler is not None:
                scheduler.nothing_missing()
            return
        if scheduler is None:
            scheduler = self._nacks[layer.stream] = NackScheduler()
        due = scheduler.due(missing, now, self.peer.link.round_trip or 0.1)
        if due:
            self.plane.send_rtcp(
                self.peer.id, rtcp.compose([rtcp.Nack(OUR_SSRC, layer.ssrc, tuple(due))])
            )

    def _send_reports(self, now: float) -> None:
        peer = self.peer
        blocks: list[rtcp.ReportBlock] = []
        expected = received = 0
        for layer in peer.by_ssrc.values():
            log = self.plane.stream_log(layer.stream)
            if not log.packets:
                continue
            span = log.highest - log.base + 1
            expected += span
            received += log.packets
            since = middle = 0
            if layer.sender_report is not None:
                middle, at = layer.sender_report
                since = round((now - at) * 65536)
            blocks.append(
                rtcp.ReportBlock(
                    ssrc=layer.ssrc,
                    fraction_lost=self._fraction_lost(layer.stream, span, log.packets),
                    packets_lost=max(-0x800000, min(0x7FFFFF, span - log.packets)),
                    highest_sequence=log.highest & 0xFFFFFFFF,
                    jitter=min(0xFFFFFFFF, int(log.jitter)),
                    last_sender_report=middle,
                    delay_since_last=min(0xFFFFFFFF, since),
                )
            )
        link = peer.link
        fresh = expected - link.expected_before
        if fresh > 0:
            lost = fresh - (received - link.received_before)
            link.loss_up = max(0.0, min(1.0, lost / fresh))
        link.expected_before, link.received_before = expected, received
        if not blocks:
            return
        packets: list[rtcp.Packet] = [rtcp.ReceiverReport(OUR_SSRC, tuple(blocks[:31]))]
        if not peer.extensions.transport_cc:
            videos = tuple(layer.ssrc for layer in self._videos.values())
            if videos:
                packets.append(rtcp.Remb(OUR_SSRC, REMB_BITS_PER_S, videos))
        self.plane.send_rtcp(peer.id, rtcp.compose(packets))

    def _fraction_lost(self, stream: StreamId, expected: int, received: int) -> int:
        """Share of the last interval in 1/256 (RFC 3550 appendix A.3)."""
        before = self._intervals.get(stream, (0, 0))
        self._intervals[stream] = (expected, received)
        fresh = expected - before[0]
        lost = fresh - (received - before[1])
        return 0 if fresh <= 0 or lost <= 0 else min(255, lost * 256 // fresh)

    # --- what comes in --------------------------------------------------------------------------

    def received(self, event: RtcpEvent, fed_by: Callable[[StreamId], Iterable[MediaPeer]]) -> None:
        """One compound packet. Raises `rtcp.MalformedRtcp`, having done nothing.

        What it may cost is bounded: too many are not read, a NACK's numbers count up to a limit and
        once each, and only the first report of a sender in one packet is passed on.
        """
        if not self._within_rate(event.arrival):
            self.refused += 1
            return
        if twcc.is_alone(event.data):  # most of what receivers send
            self.downlink.told(event.data[twcc.BODY_AT :], event.arrival)
            return
        reported: set[int] = set()
        for packet in rtcp.parse(event.data):
            match packet:
                case rtcp.SenderReport():
                    if packet.ssrc not in reported:
                        reported.add(packet.ssrc)
                        self._sender_report(packet, event.arrival, fed_by)
                    self._report_blocks(packet.blocks, event.arrival)
                case rtcp.ReceiverReport():
                    self._report_blocks(packet.blocks, event.arrival)
                case rtcp.PictureLoss() | rtcp.FullIntraRequest():
                    route = self.peer.route_by_ssrc.get(packet.media_ssrc)
                    if route is not None:
                        self.plane.request_key_frame(route)
                case rtcp.Nack():
                    route = self.peer.route_by_ssrc.get(packet.media_ssrc)
                    # On a path that is full a repair would only be the next to be lost, and sound
                    # with it; who lacks it asks again. All that was lost so at once would fill it
                    # again.
                    if route is not None and not self.downlink.full:
                        numbers = tuple(dict.fromkeys(packet.sequences[:MAX_NACKED]))
                        lately_full = self.downlink.was_full(event.arrival)
                        self.plane.retransmit(route, numbers, lately_full)
                case twcc.TransportFeedback():
                    self.downlink.told(packet, event.arrival)
                case rtcp.Remb():
                    self.downlink.remb(packet.bits_per_s, event.arrival)
                case _:
                    pass

    def _within_rate(self, now: float) -> bool:
        earned = max(0.0, now - self._allowance_at) * MAX_RTCP_PER_S
        self._allowance_at = now
        self._allowance = min(MAX_RTCP_PER_S, self._allowance + earned)
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _sender_report(
        self,
        report: rtcp.SenderReport,
        arrival: float,
        fed_by: Callable[[StreamId], Iterable[MediaPeer]],
    ) -> None:
        layer = self.peer.by_ssrc.get(report.ssrc)
        if layer is None:
            return
        layer.sender_report = ((report.ntp >> 16) & 0xFFFFFFFF, arrival)
        self.plane.align(layer.stream, report.ntp / 2**32, report.rtp_timestamp)
        for receiver in fed_by(layer.stream):
            send_sender_report(self.plane, receiver, layer.stream, report, arrival)

    def _report_blocks(self, blocks: Iterable[rtcp.ReportBlock], arrival: float) -> None:
        link = self.peer.link
        worst = None
        for block in blocks:
            sent = self.peer.reports_sent.get(block.ssrc)
            if sent is not None and block.last_sender_report == sent[0]:
                trip = arrival - sent[1] - block.delay_since_last / 65536
                if 0 <= trip < 10:
                    before = link.round_trip
                    link.round_trip_at = arrival
                    link.round_trip = trip if before is None else before + (trip - before) / 4
            if block.ssrc in self.peer.route_by_ssrc:
                worst = max(worst or 0.0, block.fraction_lost / 256)
        if worst is not None:
            link.loss_down = worst


def send_sender_report(
    plane: Plane,
    receiver: MediaPeer,
    stream: StreamId,
    report: rtcp.SenderReport,
    now: float,
) -> None:
    """Pass a publisher's clock on to who gets its media, in the timestamps of the route
    (RFC 3550 section 6.4.1): what keeps lips and voice together."""
    for ssrc, route in receiver.route_by_ssrc.items():
        log = plane.route_log(route)
        if log.stream != stream or log.timestamp_offset is None or not log.packets:
            continue
        receiver.reports_sent[ssrc] = ((report.ntp >> 16) & 0xFFFFFFFF, now)
        plane.send_rtcp(
            receiver.id,
            rtcp.compose(
                [
                    rtcp.SenderReport(
                        ssrc=ssrc,
                        ntp=report.ntp,
                        rtp_timestamp=(report.rtp_timestamp + log.timestamp_offset) & 0xFFFFFFFF,
                        packets=log.packets & 0xFFFFFFFF,
                        octets=log.octets & 0xFFFFFFFF,
                        blocks=(),
                    ),
                    rtcp.SourceDescription(ssrc, receiver.cname),
                ]
            ),
        )


def ask_for_key_frame(plane: Plane, publisher: MediaPeer, event: KeyFrameWanted) -> None:
    """A picture loss indication (RFC 4585 section 6.3.1) to the stream's publisher."""
    for layer in publisher.by_ssrc.values():
        if layer.stream == event.stream:
            plane.send_rtcp(publisher.id, rtcp.compose([rtcp.PictureLoss(OUR_SSRC, layer.ssrc)]))
            return
