"""A DTLS association in the plane's tables: its SRTP contexts and the SSRCs that it uses."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

from vcs.media.description import Extensions, SrtpKeys
from vcs.plane import Arrivals, Departures, PeerId
from vcs.plane.srtp import SrtpContext

if TYPE_CHECKING:
    from mypy_extensions import i64

    from vcs.plane.pacer import Pace
    from vcs.plane.paths import Path
    from vcs.plane.route import Route
    from vcs.plane.stream import Stream

MAX_DEPARTURES: Final = 4096
MAX_ARRIVALS: Final = 4096
"""Transport-wide arrivals kept between two pulls: ten times what a booth sends in a second."""


class InboundSsrc:
    """An SSRC that the peer uses. It holds a place among MAX_SSRCS_PER_PEER for the peer's life
    once libsrtp has a context for it (`authentic`), which keeps the protection against replay."""

    __slots__ = ("authentic", "repair", "stream", "told_at")

    def __init__(self) -> None:
        self.stream: Stream | None = None
        self.repair = False
        self.authentic = False
        self.told_at = float("-inf")


class DepartureLog:
    """What left with a transport-wide number (see `vcs.plane.Departures`)."""

    __slots__ = ("first", "octets", "sent_us")

    def __init__(self, first: int) -> None:
        self.first = first
        self.sent_us = array("q")
        self.octets = array("H")

    def note(self, octets: i64, now: float) -> bool:
        """False when there is no room before the next pull."""
        if len(self.sent_us) >= MAX_DEPARTURES:
            return False
        self.sent_us.append(int(now * 1_000_000))
        self.octets.append(octets)
        return True

    def pull(self, following: int) -> Departures:
        """`following`: the number that the next packet will have."""
        gone = Departures(self.first, self.sent_us, self.octets)
        self.first = following
        self.sent_us = array("q")
        self.octets = array("H")
        return gone


class Peer:
    """Keys, path, and tables of one peer. `arrival_sequence` and `arrival_us` go together: what
    arrived with a transport-wide number since the last pull, MAX_ARRIVALS at most. `held`: its TCP
    connection does not keep up, and no picture is sent (see `VideoHold`)."""

    __slots__ = (
        "arrival_sequence",
        "arrival_us",
        "departures",
        "extensions",
        "heard",
        "held",
        "id",
        "inbound",
        "pace",
        "path",
        "receive",
        "routes",
        "send",
        "streams",
        "transport_sequence",
        "used_ssrcs",
    )

    def __init__(
        self, identifier: PeerId, keys: SrtpKeys, extensions: Extensions, now: float
    ) -> None:
        self.id = identifier
        self.receive = SrtpContext(keys.profile, keys.receive, inbound=True)
        self.send = SrtpContext(keys.profile, keys.send, inbound=False)
        self.extensions = extensions
        self.path: Path | None = None
        self.heard = now
        self.held = False
        self.inbound: dict[int, InboundSsrc] = {}
        self.streams: dict[Stream, None] = {}
        self.routes: dict[Route, None] = {}
        self.used_ssrcs: set[int] = set()
        self.transport_sequence: i64 = 0
        self.arrival_sequence = array("H")
        self.arrival_us = array("q")
        self.departures: DepartureLog | None = None
        self.pace: Pace | None = None

    def pull_arrivals(self) -> Arrivals:
        arrivals = Arrivals(self.arrival_sequence, self.arrival_us)
        self.arrival_sequence = array("H")
        self.arrival_us = array("q")
        return arrivals
