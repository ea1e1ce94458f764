"""The path towards one receiver: how much it bears, what it is given, and the search for more.

What leaves is logged by the plane; what arrived is told by the receiver's transport-wide feedback.
A receiver that gives none is believed its REMB, or nothing is held back from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from vcs.media.allocation import SOUND_BITS_PER_S, Allocation
from vcs.media.delivery import DeliveryLog
from vcs.media.description import Kind
from vcs.media.estimate import bandwidth
from vcs.media.estimate.bandwidth import BandwidthEstimator
from vcs.media.estimate.prober import ProbeCluster
from vcs.media.packet import MalformedPacket
from vcs.media.red import MAX_DEPTH
from vcs.media.twcc import TransportFeedback, merged, parse
from vcs.peer import MediaPeer
from vcs.plane import Plane, RouteId

UNKNOWN_BITS_PER_S: Final = 1e9
"""Of a receiver that tells nothing."""
INITIAL_BITS_PER_S: Final = 3_000_000
"""What an officer's link is made for; on a thinner one the first second shows it."""
CALM_S: Final = 0.5
"""On a path with plenty of room messages are read together, so far apart: each costs alike, however
little it tells."""
REPEATED_SOUND: Final = 0.6
"""A frame that is repeated shares its packet's headers with the new one."""
MOST_SOUND: Final = 1 / 3
"""Of what may be sent, for a voice and its repetitions."""
FULL_MS: Final = 40.0
"""Of queue over the path's usual one: the path is full."""
FULL_S: Final = 2.0
"""What is told of loss may be told so much later."""
MAX_UNREAD: Final = 64
PACE: Final = 0.93
"""Of the estimate: as fast as that, a key frame fills the link and lowers the estimate with it."""
DRAINING_PACE: Final = 0.6
DRAINING_MS: Final = 100.0
"""While packets wait so much longer than usual: so that sound soon comes in time again."""
KEEPS_UP: Final = 1.1
"""Of what is given, at least, while none wait; or pictures would come ever later."""
PACE_STEP: Final = 0.02
PLENTY: Final = 1.5
OVERSPENT: Final = 0.95
"""Below so much of what was given, giving less does not wait for its turn."""


@dataclass(frozen=True, slots=True)
class Room:
    """Between what a path is taken to bear before it has shown it, and the most that it ever is
    taken to bear; bit/s."""

    begin: int = INITIAL_BITS_PER_S
    most: int = bandwidth.MAX_BITS_PER_S


class Downlink:
    """`allocation` is what the hub gave last; its wishes are what is probed for."""

    def __init__(
        self,
        plane: Plane,
        peer: MediaPeer,
        now: float,
        begin: int | None = None,
        room: Room | None = None,
    ) -> None:
        """`begin`: bit/s at first, `room.begin` at most and where None."""
        room = room or Room()
        initial = min(room.begin, begin or room.begin)
        self._plane = plane
        self._peer = peer
        self._log = DeliveryLog()
        self._estimator = BandwidthEstimator(now, initial, maximum=room.most)
        self._logged = bool(peer.extensions.transport_cc)
        self._reported = False
        self._cluster: ProbeCluster | None = None
        self._cluster_octets = 0
        self._unread: list[bytes | TransportFeedback] = []
        self.malformed = 0
        """Messages that were none."""
        self._read_at = now
        self._full_at = -math.inf
        self._paced = 0.0
        self.sounds = 1.0
        """What the voice that is sent takes, in voices without redundancy."""
        self.allocation: Allocation | None = None
        if self._logged:
            plane.log_departures(peer.id, True)

    def leave_unmeasured(self) -> None:
        """Hold nothing back but by REMB, and do not count what leaves."""
        self._logged = False
        self._plane.log_departures(self._peer.id, False)

    @property
    def bits_per_s(self) -> float:
        """What may be sent now."""
        known = self._logged or self._reported
        return float(self._estimator.bits_per_s) if known else UNKNOWN_BITS_PER_S

    @property
    def bore(self) -> float:
        """What the path was last known to bear; silence, as of one that is gone, changes nothing in
        it."""
        return float(self._estimator.before_silence or self.bits_per_s)

    @property
    def measured(self) -> bool:
        """Packets are followed one by one: queue and loss are known."""
        return self._logged

    @property
    def most_repeated(self) -> int:
        """How often a frame of a voice may be sent again: on a thin path what is lost is lost
        because too much is sent."""
        room = MOST_SOUND * self.bits_per_s / SOUND_BITS_PER_S - 1
        return max(0, min(MAX_DEPTH, int(room / REPEATED_SOUND)))

    def repeat_sound(self, depth: int) -> None:
        """Each frame of a voice is sent so many times more."""
        self.sounds = 1 + REPEATED_SOUND * depth

    @property
    def overspent(self) -> bool:
        """More is given than there is."""
        given = 0.0 if self.allocation is None else self.allocation.bits_per_s
        return self.bits_per_s < OVERSPENT * given

    @property
    def queue_ms(self) -> float:
        """How long packets wait on the path, beyond its least delay."""
        return self._estimator.queue_ms

    @property
    def loss(self) -> float:
        """Share lost lately."""
        return self._estimator.loss

    @property
    def full(self) -> bool:
        """A queue stands before the path that is longer than usual there."""
        estimator = self._estimator
        return bool(estimator.queue_ms > FULL_MS + estimator.usual_queue_ms)

    def was_full(self, now: float) -> bool:
        """Whether what was lost lately may have been lost because too much was sent."""
        return now - self._full_at < FULL_S

    @property
    def probing(self) -> bool:
        return self._cluster is not None

    def told(self, feedback: bytes | TransportFeedback, now: float) -> None:
        """What the receiver says of what arrived; bytes are read (`vcs.media.twcc.parse`) sooner or
        later."""
        if not self._logged:
            return
        self._unread.append(feedback)
        late = now - self._read_at >= CALM_S or len(self._unread) >= MAX_UNREAD
        if late or not self._plenty(now):
            self._read(now)

    def remb(self, bits_per_s: int, now: float) -> None:
        """The receiver's own estimate (draft-alvestrand-rmcat-remb-03)."""
        self._reported = True
        self._estimator.remb(float(bits_per_s), now)

    def tick(self, now: float) -> None:
        """A few times a second: silence counts, and a probe may begin."""
        if not self._logged:
            return
        since: int | None = None
        if now - self._read_at >= CALM_S or not self._plenty(now):
            if self._unread:
                self._read(now)
            else:
                self._pull()
            since = self._log.waiting_since_us
        self._estimator.waited(None if since is None else since / 1e6, now)
        if self._cluster is None and self.allocation is not None:
            self._cluster = self._estimator.probe(self.allocation.wanted_bits_per_s, now)
            self._cluster_octets = 0
        self._pace()

    def pad(self, now: float) -> None:
        """Every 10 ms while `probing`: what the media leaves free of the probe is filled up."""
        cluster = self._cluster
        if cluster is None:
            return
        self._pull()
        if now * 1e6 > cluster.end_us:
            self._cluster = None
            return
        due = cluster.padding_due(now, self._cluster_octets)
        route = self._padded_route()
        if due > 0 and route is not None:
            self._plane.send_padding(route, due)

    def _plenty(self, now: float) -> bool:
        """Nothing is held back, and nothing points to a path that is nearly full."""
        given = self.allocation
        return (
            given is not None
            and given.wanted_bits_per_s <= given.bits_per_s
            and self._estimator.bits_per_s >= PLENTY * given.bits_per_s
            and self._cluster is None
            and self._estimator.calm(now)
        )

    def _pace(self) -> None:
        wanted = PACE * self.bits_per_s
        if self.queue_ms > DRAINING_MS + self._estimator.usual_queue_ms:
            wanted = DRAINING_PACE * self.bits_per_s
        elif not self.full and self.allocation is not None:
            wanted = max(wanted, KEEPS_UP * self.allocation.bits_per_s)
        if abs(wanted - self._paced) > PACE_STEP * self._paced:
            self._paced = wanted
            self._plane.set_pace(self._peer.id, wanted)

    def _read(self, now: float) -> None:
        self._read_at = now
        self._pull()
        unread, self._unread = self._unread, []
        whole: TransportFeedback | None = None
        for body in unread:
            try:
                following = parse(0, 0, body) if isinstance(body, bytes) else body
            except MalformedPacket:
                self.malformed += 1
                continue
            both = following if whole is None else merged(whole, following)
            if both is None and whole is not None:
                self._consider(whole, now)
            whole = following if both is None else both
        if whole is not None:
            self._consider(whole, now)

    def _consider(self, feedback: TransportFeedback, now: float) -> None:
        estimator = self._estimator
        estimator.told(self._log.told(feedback), self._peer.link.round_trip, now)
        if self.full:
            self._full_at = now

    def _padded_route(self) -> RouteId | None:
        slots = (slot for slot in self._peer.slots if slot.rtx_ssrc is not None)
        slot = next((slot for slot in slots if slot.kind is Kind.VIDEO), None)
        return None if slot is None else self._peer.route_by_ssrc[slot.ssrc]

    def _pull(self) -> None:
        gone = self._plane.pull_departures(self._peer.id)
        if not gone.sent_us:
            return
        self._log.sent(gone.first, gone.sent_us, gone.octets)
        if self._cluster is not None:
            start = self._cluster.start_us
            self._cluster_octets += sum(
                octets for at, octets in zip(gone.sent_us, gone.octets, strict=True) if at >= start
            )
