"""A WebRTC client without a browser: one UDP socket, or TCP, packets in and out as they are.

For the headless booth and for load: nothing is encoded, decoded, paced or repaired here. The caller
makes RTP and RTCP packets and gets them; `ClientConnection` finds the path (ICE), agrees on keys
(DTLS) and protects (SRTP).

    connection = ClientConnection(
        [ClientSection(Kind.AUDIO, "sendonly"), ClientSection(Kind.VIDEO, "sendonly", ("l", "h"))],
        on_rtp=heard, on_rtcp=told, on_lost=gone,
    )
    offer = connection.offer()              # to the server, over the signalling socket
    await connection.connect(answer)        # what the server answered
    sound = connection.section("0")
    connection.send_rtp(packet)             # 12-byte header with sound.payload_type, sound.ssrc ...
    await connection.close()
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pylibsrtp

from vcs.media.description import SrtpKeys, SrtpProfile
from vcs.transport.client_ice import CONSENT_INTERVAL_S, ControllingAgent
from vcs.transport.client_sdp import (
    Answer,
    BadAnswer,
    ClientSection,
    ClientStream,
    NegotiatedSection,
    choose_streams,
    make_offer,
    read_answer,
)
from vcs.transport.client_socket import native, open_socket
from vcs.transport.client_tcp import ClientStreams
from vcs.transport.dtls import Certificate, DtlsSession, HandshakeFailed
from vcs.transport.ice import new_credentials
from vcs.transport.sections import DEFAULT_PROFILES
from vcs.transport.stun import Address

__all__ = [
    "ClientConnection",
    "ClientSection",
    "ClientStream",
    "ConnectFailed",
    "NegotiatedSection",
]

MAX_PLAIN_PACKET: Final = 1_300
"""Octets of an RTP or RTCP packet before protection."""

_DATAGRAM_OCTETS: Final = 1_500
_DRAIN: Final = 64  # datagrams taken at a time, so that timers and other sockets get their turn
_WINDOW: Final = 1_024  # packets that may come late by so much (RFC 3711 section 3.3.2)


class ConnectFailed(Exception):
    """The answer was no good, no candidate answered, DTLS failed, or time ran out."""


class ClientConnection:
    """One connection to a server with ICE-lite. Belongs to the event loop that `connect` runs in.

    `on_rtp(plain, now)` and `on_rtcp(plain, now)` get authentic decrypted packets and the
    monotonic time of their arrival; RTCP is compound or of reduced size.

    `on_lost()` is called when the server has said goodbye (`closed_by_server` is true then) or has
    not answered a check for `lost_after` seconds; not after `close()`, nor during a `connect`.
    Nothing is sent then. Unless the server has said goodbye, `restart_ice` may revive the
    connection.
    """

    def __init__(
        self,
        sections: Sequence[ClientSection],
        *,
        profiles: Sequence[SrtpProfile] = DEFAULT_PROFILES,
        on_rtp: Callable[[bytes, float], None],
        on_rtcp: Callable[[bytes, float], None],
        on_lost: Callable[[], None],
        lost_after: float = 6.0,
        tcp: bool = False,
    ) -> None:
        """`sections` get the mids "0", "1", ... in their order. `tcp`: over TCP, as always when the
        server has no UDP candidate. Raises `ValueError` for none, and
        for layers where there can be none."""
        self._offered = choose_streams(sections)
        self._on_rtp = on_rtp
        self._on_rtcp = on_rtcp
        self._on_lost = on_lost
        self._lost_after = lost_after
        self._tcp = tcp
        self._certificate = Certificate()
        self._dtls = DtlsSession(
            "client", self._certificate, profiles, self._send_to_server, self._on_goodbye
        )
        self._credentials = new_credentials()
        self._session = (secrets.randbits(62), 1)
        self._answer: Answer | None = None
        self._socket: socket.socket | None = None
        self._streams: ClientStreams | None = None
        self._agent: ControllingAgent | None = None
        self._selected: Address | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._found: asyncio.Future[None] | None = None
        self._inbound: pylibsrtp.Session | None = None
        self._outbound: pylibsrtp.Session | None = None
        self._connecting = False
        self._closed = False
        self.closed_by_server = False
        self._counters: Counter[str] = Counter()
        self._packets_in = self._packets_out = self._octets_in = self._octets_out = 0

    def offer(self) -> str:
        """The SDP offer. The same text until `restart_ice`."""
        return make_offer(
            self._offered, self._credentials, self._certificate.fingerprint, self._session
        )

    async def connect(self, answer: str, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Take the server's answer and return when packets can be sent.

        Raises `ConnectFailed`. After the first connect everything is closed then. After a restart
        the old path stays in use, as far as it still works, and another restart may follow.
        """
        if self._closed or self.closed_by_server:
            raise ConnectFailed("the connection is closed")
        if self._connecting:
            raise ConnectFailed("already connecting")
        first = self._outbound is None
        self._connecting = True
        try:
            async with asyncio.timeout(timeout):
                await self._connect(answer, first, timeout)
        except TimeoutError:
            reason = "no candidate of the server answered" if self._found else "DTLS timed out"
            failure = ConnectFailed(reason)
        except (BadAnswer, HandshakeFailed, OSError) as error:
            failure = ConnectFailed(str(error))
        except ConnectFailed as error:
            failure = error
        else:
            return
        finally:
            self._found = None
            self._connecting = False
        if first:
            await self.close()
        raise failure

    def section(self, mid: str) -> NegotiatedSection:
        """By mid. Raises `KeyError` before `connect` and for a section that the server refused."""
        return self.sections[mid]

    @property
    def sections(self) -> Mapping[str, NegotiatedSection]:
        """All negotiated sections by mid, in the order of the offer. Empty before `connect`."""
        return {} if self._answer is None else self._answer.sections

    def send_rtp(self, packet: bytes | bytearray | memoryview) -> None:
        """Protect and send one RTP packet; `ValueError` when longer than `MAX_PLAIN_PACKET`.

        Before `connect`, while lost and after `close` nothing is sent. A full socket drops, as the
        network would. No (SSRC, sequence number) may be sent twice: libsrtp refuses, which is
        counted. Repairs go as RTX.
        """
        if len(packet) > MAX_PLAIN_PACKET:
            raise ValueError("packet too long")
        if self._outbound is None or self._selected is None:
            return
        try:
            protected = self._outbound.protect(bytes(packet))
        except pylibsrtp.Error:
            self._counters["drop_refused_by_srtp_out"] += 1
            return
        self._transmit(protected)

    def send_rtcp(self, packet: bytes | bytearray | memoryview) -> None:
        """Protect and send one RTCP packet, as `send_rtp`."""
        if len(packet) > MAX_PLAIN_PACKET:
            raise ValueError("packet too long")
        if self._outbound is None or self._selected is None:
            return
        try:
            protected = self._outbound.protect_rtcp(bytes(packet))
        except pylibsrtp.Error:
            self._counters["drop_refused_by_srtp_out"] += 1
            return
        self._transmit(protected)

    def counters(self) -> Mapping[str, int]:
        """`packets_in`, `packets_out`, `octets_in`, `octets_out` (SRTP), and drops by reason.
        What has not happened reads as 0."""
        carried = {
            "packets_in": self._packets_in,
            "packets_out": self._packets_out,
            "octets_in": self._octets_in,
            "octets_out": self._octets_out,
        }
        return Counter(carried) + self._counters + self._dtls.counters

    def restart_ice(self) -> str:
        """A new offer with new ICE credentials on the same connection; then `connect` with its
        answer. The DTLS session, keys and sections stay; media goes on meanwhile."""
        self._credentials = new_credentials()
        self._session = (self._session[0], self._session[1] + 1)
        return self.offer()

    def rebind(self) -> None:
        """Go on from a new local port, as after a change of network: the path is checked from
        there at once and the server follows. Does nothing before `connect`."""
        if self._agent is not None and self._streams is not None:
            self._streams.close()
            self._agent.recheck(time.monotonic())
            self._check()
        if self._socket is None or self._agent is None:
            return
        family = self._socket.family
        self._close_socket()
        self._listen(open_socket(family))
        self._agent.recheck(time.monotonic())
        self._check()

    async def close(self) -> None:
        """Say goodbye (DTLS close_notify) and close the socket. May be called again."""
        if self._closed:
            return
        self._closed = True
        self._dtls.close()
        self._stop_sending()
        self._close_socket()
        self._inbound = self._outbound = None
        if self._found is not None and not self._found.done():
            self._found.set_exception(ConnectFailed("closed while connecting"))
        await asyncio.sleep(0)  # the DTLS task ends here and not in somebody's shutdown

    # --- setting up -------------------------------------------------------------------------------

    async def _connect(self, text: str, first: bool, timeout: float) -> None:  # noqa: ASYNC109
        answer = read_answer(text, self._offered)
        if self._answer is not None and self._answer.fingerprints != answer.fingerprints:
            raise ConnectFailed("another server answered: a new connection is needed")
        candidates = self._reachable(answer)
        self._agent = ControllingAgent(
            self._credentials,
            answer.credentials,
            candidates,
            time.monotonic(),
            interval=min(CONSENT_INTERVAL_S, self._lost_after / 3),
        )
        self._found = found = asyncio.get_running_loop().create_future()
        self._check()
        await found
        self._found = None
        if first:
            self._protect(await self._dtls.handshake(answer.fingerprints, timeout))
        self._answer = answer

    def _reachable(self, answer: Answer) -> Sequence[Address]:
        """The server's candidates as what we send with writes them; opens that the first time."""
        if self._socket is None and (
            self._streams is not None or self._tcp or not answer.candidates
        ):
            if not answer.tcp_candidates:
                raise ConnectFailed("the server does not take media over TCP")
            self._streams = self._streams or ClientStreams(self._on_datagram)
            return answer.tcp_candidates
        if self._socket is None:
            self._listen(open_socket(socket.AF_UNSPEC, answer.candidates))
        assert self._socket is not None
        return native(answer.candidates, self._socket.family)

    def _protect(self, keys: SrtpKeys) -> None:
        inbound = pylibsrtp.Policy(
            key=keys.receive,
            ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND,
            srtp_profile=int(keys.profile),
        )
        inbound.window_size = _WINDOW
        outbound = pylibsrtp.Policy(
            key=keys.send,
            ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND,
            srtp_profile=int(keys.profile),
        )
        outbound.window_size = _WINDOW
        self._inbound = pylibsrtp.Session(inbound)
        self._outbound = pylibsrtp.Session(outbound)

    # --- keeping the path -------------------------------------------------------------------------

    def _check(self) -> None:
        """Send the checks that are due, notice a lost server, set the timer for the next."""
        agent = self._agent
        if agent is None or (self._socket is None and self._streams is None):
            return
        now = time.monotonic()
        for address, data in agent.due(now):
            self._transmit_to(data, address)
        if not self._connecting and now - agent.last_answer > self._lost_after:
            self._stop_sending()
            self._on_lost()
            return
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(agent.next_at - now, 0.0), self._check)

    def _on_stun(self, data: bytes, address: Address, now: float) -> None:
        agent = self._agent
        if agent is None or not agent.on_stun(address, data, now):
            self._counters["drop_stun"] += 1
            return
        self._selected = agent.selected
        if self._found is not None and not self._found.done():
            self._found.set_result(None)
        self._check()

    def _on_goodbye(self) -> None:
        self.closed_by_server = True
        self._stop_sending()
        self._on_lost()

    def _stop_sending(self) -> None:
        self._selected = None
        self._agent = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- datagrams --------------------------------------------------------------------------------

    def _listen(self, opened: socket.socket) -> None:
        self._socket = opened
        asyncio.get_running_loop().add_reader(opened, self._readable)

    def _close_socket(self) -> None:
        if self._streams is not None:
            self._streams.close()
            self._streams = None
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _readable(self) -> None:
        source = self._socket
        for _ in range(_DRAIN):
            if source is None or source is not self._socket:  # closed or replaced by a callback
                return
            try:
                data, address = source.recvfrom(_DATAGRAM_OCTETS)
            except BlockingIOError:
                return
            except OSError:
                self._counters["receive_errors"] += 1
                return
            if data:
                self._on_datagram(data, address[:2])

    def _on_datagram(self, data: bytes, address: Address) -> None:
        """Sorted by the first byte (RFC 7983), and RTCP from RTP by the second (RFC 5761)."""
        now = time.monotonic()
        first = data[0]
        if 128 <= first < 192:
            if self._inbound is None or len(data) < 12:
                self._counters["drop_media_early"] += 1
                return
            is_rtcp = 192 <= data[1] < 224
            try:
                if is_rtcp:
                    plain = self._inbound.unprotect_rtcp(data)
                else:
                    plain = self._inbound.unprotect(data)
            except pylibsrtp.Error:
                self._counters["drop_not_authentic"] += 1
                return
            self._packets_in += 1
            self._octets_in += len(data)
            (self._on_rtcp if is_rtcp else self._on_rtp)(plain, now)
        elif first < 4:
            self._on_stun(data, address, now)
        elif 20 <= first < 64 and self._agent is not None and self._agent.knows(address):
            self._dtls.receive(data)
        else:
            self._counters["drop_unknown"] += 1

    def _send_to_server(self, data: bytes) -> None:
        if self._selected is not None:
            self._transmit_to(data, self._selected)

    def _transmit(self, data: bytes) -> None:
        if self._selected is not None:
            self._packets_out += 1
            self._octets_out += len(data)
            self._transmit_to(data, self._selected)

    def _transmit_to(self, data: bytes, address: Address) -> None:
        by = self._streams or self._socket
        if by is None:
            return
        try:
            by.sendto(data, address)
        except BlockingIOError:
            self._counters["drop_socket_full"] += 1
        except OSError:  # no route just now: as if the network had lost it
            self._counters["drop_no_route"] += 1
