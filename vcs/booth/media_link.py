"""One media connection of a client and all that hangs on it: what it sends, what it is sent, the
reports in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from vcs.booth.pacing import Pacemaker
from vcs.booth.prepared import PreparedMedia
from vcs.booth.receiving import MediaReceiver
from vcs.booth.sending import MediaSender
from vcs.media import rtcp, twcc
from vcs.transport.client import ClientConnection, ClientSection, ConnectFailed

REPORT_S: Final = 1.0
LOST_AFTER_S: Final = 3.0
"""Six checks without an answer, of which one each half second is sent after the first of them."""

RESTART_WITHIN_S: Final = 15.0
"""How long a restarted path is tried. A server forgets a client that it has not heard for 30 s."""


class MediaLink:
    """Made for one signalling connection, and closed with it.

    `receiver` is there once `connect` has returned, `sender` after `publish`; `lost` is set when
    the server is gone, or has not answered for `lost_after` seconds: `restart` may revive it.
    """

    def __init__(
        self,
        sections: Sequence[ClientSection],
        pacemaker: Pacemaker,
        *,
        lost_after: float = LOST_AFTER_S,
        tcp: bool = False,
    ) -> None:
        self.lost = asyncio.Event()
        self.receiver: MediaReceiver | None = None
        self.sender: MediaSender | None = None
        self.malformed = 0
        self.transport_feedback = 0
        self.connection = ClientConnection(
            sections,
            on_rtp=self._rtp,
            on_rtcp=self._rtcp,
            on_lost=self.lost.set,
            lost_after=lost_after,
            tcp=tcp,
        )
        self._pacemaker = pacemaker
        self._beat: int | None = None
        self._reporting: asyncio.Task[None] | None = None

    async def connect(self, ask: Callable[[str], Awaitable[str]]) -> None:
        """Offer, have `ask` bring the answer, and connect. Raises what `ask` raises, and
        `ConnectFailed`."""
        answer = await ask(self.connection.offer())
        await self.connection.connect(answer)
        self.receiver = MediaReceiver(self.connection.sections.values())
        self._reporting = asyncio.create_task(self._report(self.receiver))

    async def restart(self, ask: Callable[[str], Awaitable[str]]) -> None:
        """Find a path anew for a connection that is lost (ICE restart): keys and streams stay.
        Raises what `ask` raises, and `ConnectFailed`; then nothing revives it."""
        if self.connection.closed_by_server:
            raise ConnectFailed("the server said goodbye")
        self.lost.clear()
        answer = await ask(self.connection.restart_ice())
        await self.connection.connect(answer, RESTART_WITHIN_S)

    def publish(self, media: PreparedMedia) -> MediaSender:
        """Make ready to send this; nothing is sent before `start` of the sender returned."""
        self.sender = MediaSender(self.connection, self.connection.sections.values(), media)
        self._beat = self._pacemaker.add(self.sender.tick)
        return self.sender

    async def close(self) -> None:
        """Send nothing more and say goodbye."""
        if self._beat is not None:
            self._pacemaker.remove(self._beat)
            self._beat = None
        if self.sender is not None:
            self.sender.stop()
        if self._reporting is not None:
            self._reporting.cancel()
        # Before anything is waited for: who waits may be cancelled, and a socket would stay open.
        await self.connection.close()
        if self._reporting is not None:
            await asyncio.gather(self._reporting, return_exceptions=True)

    def _rtp(self, packet: bytes, now: float) -> None:
        if self.receiver is not None:
            self.receiver.received(packet, now)

    def _rtcp(self, data: bytes, now: float) -> None:
        if _is_transport_feedback(data):
            # Twenty a second, slow to read, and prepared media has no rate to change.
            self.transport_feedback += 1
            return
        try:
            packets = rtcp.parse(data)
        except rtcp.MalformedRtcp:
            self.malformed += 1
            return
        if self.sender is not None:
            self.sender.feedback(packets, now)
        if self.receiver is not None:
            self.receiver.feedback(packets, now)

    async def _report(self, receiver: MediaReceiver) -> None:
        while True:
            await asyncio.sleep(REPORT_S)
            report = receiver.report(time.monotonic())
            if report is not None:
                self.connection.send_rtcp(report)


def _is_transport_feedback(data: bytes) -> bool:
    """Whether this is transport-wide feedback and nothing else."""
    return (
        len(data) >= 4
        and data[0] & 0x1F == twcc.FORMAT
        and data[1] == twcc.RTCP_TYPE
        and len(data) == 4 + 4 * (data[2] << 8 | data[3])
    )
