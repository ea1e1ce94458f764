"""Everything that a headless client is sent, judged as it arrives and kept to be listened to."""

from __future__ import annotations

import asyncio

from benchmarks.six_booths.air import OFFICER, Path
from benchmarks.six_booths.gate import Gate, Verdict
from benchmarks.six_booths.headless import HeadlessBooth, HeadlessOfficer
from vcs.booth.listener import HeardPacket
from vcs.booth.receiving import MediaReceiver
from vcs.booth.viewer import Viewer
from vcs.media import rtcp
from vcs.transport.client import ClientConnection

OFFICER_SOUND_MID = "2"
OFFICER_PICTURE_MID = "3"


class Ear:
    """One path's sound where it arrives. `first`: when speech was first heard after the command;
    `last`: when speech was heard last; both monotonic seconds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.gate = Gate()
        self.first: float | None = None
        self.last = 0.0
        self.late = 0
        self.heard = asyncio.Event()
        self._packets: list[HeardPacket] = []

    def received(self, packet: HeardPacket) -> None:
        if packet.is_silence:
            return
        self._packets.append(packet)
        self.last = packet.arrival
        if self.gate.verdict() is Verdict.LATE:
            self.late += 1
        if self.first is None:
            self.first = packet.arrival
            self.heard.set()

    def command(self, opens: bool) -> None:
        """A command leaves now, after which this path is to carry sound or not."""
        self.gate.command(opens)
        self.first = None
        self.heard.clear()

    def take(self) -> list[HeardPacket]:
        """All speech since the last time."""
        packets, self._packets = self._packets, []
        return packets


class PictureWatch:
    """The officer's picture at one booth: it goes where his sound goes, and nowhere else.

    `strays` counts packets, repairs too, that came while there was no way for them.
    """

    def __init__(self, viewer: Viewer, gate: Gate) -> None:
        self.strays = 0
        self._viewer = viewer
        self._gate = gate
        self._seen = 0

    def look(self) -> None:
        """Before each change of the gate, and at the end."""
        seen = self._viewer.packets + self._viewer.repairs
        if not self._gate.passable:
            self.strays += seen - self._seen
        self._seen = seen


class BoothEars:
    """What one headless booth is sent."""

    def __init__(self, booth: HeadlessBooth) -> None:
        receiver = booth.agent.receiver
        connection = booth.agent.connection
        assert receiver is not None
        assert connection is not None
        self.receiver = receiver
        self.connection = connection
        self.ear = Ear(Path(OFFICER, booth.number))
        self.picture = PictureWatch(receiver.viewers[OFFICER_PICTURE_MID], self.ear.gate)
        receiver.listeners[OFFICER_SOUND_MID].on_packet = self.ear.received


class OfficerEars:
    """What the headless officer is sent: a slot for each booth."""

    def __init__(self, officer: HeadlessOfficer, booths: int) -> None:
        receiver = officer.link.receiver
        assert receiver is not None
        self.receiver = receiver
        self.connection: ClientConnection = officer.link.connection
        self.ears = [Ear(Path(number, OFFICER)) for number in range(1, booths + 1)]
        for ear in self.ears:
            receiver.listeners[str(2 * ear.path.source)].on_packet = ear.received


def lost_packets(receiver: MediaReceiver, now: float) -> tuple[int, int]:
    """Gaps in the sequence numbers of everything that was received, and how many packets there
    should have been; by RFC 3550 section 6.4.1, appendix A.3."""
    data = receiver.report(now)
    if data is None:
        return 0, 0
    blocks = [
        block
        for packet in rtcp.parse(data)
        if isinstance(packet, rtcp.ReceiverReport)
        for block in packet.blocks
    ]
    received = sum(listener.count for listener in receiver.listeners.values()) + sum(
        viewer.packets for viewer in receiver.viewers.values()
    )
    lost = sum(max(0, block.packets_lost) for block in blocks)
    return lost, received + lost
