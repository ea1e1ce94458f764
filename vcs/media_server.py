"""The media side of a server: the packet plane, ICE and DTLS, and the hub, on one port."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, ParamSpec

import structlog

from vcs.media.description import SrtpProfile
from vcs.plane import ConnectionEnded, SocketId
from vcs.plane.python import PythonPlane
from vcs.sfu import Hub
from vcs.transport.association import Associations
from vcs.transport.sections import DEFAULT_PROFILES
from vcs.transport.sockets import candidates, open_port
from vcs.transport.tcp_listener import TcpListener

log = structlog.get_logger(__name__)
P = ParamSpec("P")

TROUBLE_TOLD_EVERY_S: Final = 10.0


class MediaServer:
    """Opens the port when made; needs a running loop. Raises `PortUnavailable`, `ValueError`."""

    def __init__(
        self,
        *,
        port: int,
        ipv4: str | None,
        ipv6: str | None,
        public_addresses: Sequence[str] = (),
        server_id: str = "",
        profiles: Sequence[SrtpProfile] = DEFAULT_PROFILES,
        tcp: bool = True,
    ) -> None:
        """`tcp`: take media over TCP too, on the same number."""
        loop = asyncio.get_running_loop()
        self._sockets: dict[int, socket.socket]
        self._sockets, self._listening = open_port(port, ipv4, ipv6, tcp=tcp)
        self.plane = PythonPlane(
            loop,
            {SocketId(number): opened for number, opened in self._sockets.items()},
            self._on_events,
        )
        self.associations = Associations(
            self.plane,
            candidates(public_addresses, self._sockets, tcp=tcp),
            server_id=server_id,
            profiles=profiles,
        )
        self._listener = TcpListener(loop, self._listening, self.plane.add_connection)
        self.hub = Hub(self.plane, time.monotonic)
        self._events_dropped: Counter[str] = Counter()
        self._trouble_told_at = -TROUBLE_TOLD_EVERY_S

    @property
    def port(self) -> int:
        """The port number, of UDP and of TCP."""
        number: int = next(iter(self._sockets.values())).getsockname()[1]
        return number

    def _on_events(self) -> None:
        events = self.plane.pull_events()
        for stun in events.stun:
            self._deal(
                self.associations.on_stun, stun.socket, stun.address, stun.data, stun.arrival
            )
        for dtls in events.dtls:
            self._deal(self.associations.on_dtls, dtls.path, dtls.data)
        for unknown in events.unknown:
            self._deal(self.hub.on_unknown, unknown)
        for rtcp in events.rtcp:
            self._deal(self.hub.on_rtcp, rtcp)
        for wanted in events.key_frames:
            self._deal(self.hub.on_key_frame, wanted)
        for ended in events.ended:  # after what came before the end
            self._deal(self._forget_connection, ended)
        for kind, count in events.dropped.items():
            self._events_dropped[f"drop_event_{kind}"] += count

    def _forget_connection(self, ended: ConnectionEnded) -> None:
        try:
            self.associations.on_connection_ended(ended.socket, ended.address)
        finally:
            self.plane.drop_connection(ended.socket)

    def _deal(self, handle: Callable[P, object], /, *args: P.args, **kwargs: P.kwargs) -> None:
        """One event; an error of ours in it is counted, told now and then, and costs the events
        behind it, which are other people's, nothing."""
        try:
            handle(*args, **kwargs)
        except Exception as error:
            self._events_dropped["drop_event_failed"] += 1
            now = time.monotonic()
            if now - self._trouble_told_at >= TROUBLE_TOLD_EVERY_S:
                self._trouble_told_at = now
                log.exception("a packet could not be dealt with", reason=type(error).__name__)

    def counters(self) -> Mapping[str, int]:
        """Packets, octets, and every drop by its reason."""
        return {
            **self.plane.counters(),
            **self.associations.counters(),
            **self._events_dropped,
            "malformed_rtcp": self.hub.malformed_rtcp,
            "drop_rtcp_rate": self.hub.refused_rtcp,
            "peers": len(self.hub),
        }

    def close(self) -> None:
        """Say goodbye to everybody and close the port."""
        self._listener.close()
        self.associations.close()
        self.plane.close()
        for opened in (*self._sockets.values(), *self._listening.values()):
            opened.close()
