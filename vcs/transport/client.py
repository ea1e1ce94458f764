"""A WebRTC client without a browser: one UDP socket, packets in and out as they are.

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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vcs.media.description import Codec, Extensions, Kind, SrtpProfile
from vcs.transport.sections import DEFAULT_PROFILES, Direction

MAX_PLAIN_PACKET: Final = 1_300
"""Octets of an RTP or RTCP packet before protection."""


class ConnectFailed(Exception):
    """The answer was no good, no candidate answered, DTLS failed, or time ran out."""


@dataclass(frozen=True, slots=True)
class ClientSection:
    """One section to offer. `rids` make a sending video section simulcast, small layer first."""

    kind: Kind
    direction: Direction
    rids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClientStream:
    """One SSRC of a section and the SSRC of its repairs (RFC 4588; None: audio)."""

    ssrc: int
    rtx_ssrc: int | None = None
    rid: str | None = None


@dataclass(frozen=True, slots=True)
class NegotiatedSection:
    """What a section came to be. `direction` is ours: sendonly means that we send.

    `streams`: sending, the SSRCs to use (one for each rid that the server took, or one without a
    rid); receiving, the one that the server declared (none when it feeds us nothing here). Packets
    of simulcast streams must carry the MID and RID extensions (REPAIRED-RID on repairs) until the
    server's first report on them; others the MID.
    `extensions`: ids to write and read; 0: not in use in this section.
    """

    mid: str
    kind: Kind
    direction: Direction
    codec: Codec
    payload_type: int
    rtx_payload_type: int | None
    clock_rate: int
    extensions: Extensions
    streams: tuple[ClientStream, ...]

    @property
    def ssrc(self) -> int:
        """SSRC of the first stream. Raises `IndexError` when there is none."""
        return self.streams[0].ssrc


class ClientConnection:
    """One connection to a server with ICE-lite. Belongs to the event loop that `connect` runs in.

    `on_rtp(plain, now)` and `on_rtcp(plain, now)` get authentic decrypted packets and the
    monotonic time of their arrival; RTCP is compound or of reduced size. `on_lost()` is called once
    when the server has closed the connection or has not answered a check for `lost_after` seconds;
    not after `close()`, and not for a `connect` that failed. A lost connection may be revived by
    `restart_ice` unless the server has closed it (`closed_by_server`).
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
    ) -> None:
        """`sections` get the mids "0", "1", ... in their order. Raises `ValueError` for none."""
        raise NotImplementedError

    def offer(self) -> str:
        """The SDP offer. The same text until `restart_ice`."""
        raise NotImplementedError

    async def connect(self, answer: str, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Take the server's answer and return when packets can be sent.

        Raises `ConnectFailed` (after the first connect everything is closed then; after a restart
        the old path stays in use as far as it still works).
        """
        raise NotImplementedError

    def section(self, mid: str) -> NegotiatedSection:
        """By mid. Raises `KeyError` before `connect` and for a section that the server refused."""
        raise NotImplementedError

    @property
    def sections(self) -> Mapping[str, NegotiatedSection]:
        """All negotiated sections by mid, in the order of the offer. Empty before `connect`."""
        raise NotImplementedError

    def send_rtp(self, packet: bytes | bytearray | memoryview) -> None:
        """Protect and send one RTP packet; at most `MAX_PLAIN_PACKET` octets, else `ValueError`.

        Before `connect` and after `close` nothing is sent. A full socket drops, as the network
        would. No (SSRC, sequence number) may be sent twice: libsrtp refuses, counted as
        `drop_replayed_out`. Repairs go as RTX.
        """
        raise NotImplementedError

    def send_rtcp(self, packet: bytes | bytearray | memoryview) -> None:
        """Protect and send one RTCP packet, as `send_rtp`."""
        raise NotImplementedError

    def counters(self) -> Mapping[str, int]:
        """`packets_in`, `packets_out`, `octets_in`, `octets_out` and drops by reason."""
        raise NotImplementedError

    def restart_ice(self) -> str:
        """A new offer with new ICE credentials on the same connection; then `connect` with its
        answer. The DTLS session, keys and sections stay; media goes on meanwhile."""
        raise NotImplementedError

    def rebind(self) -> None:
        """Go on from a new local port, as after a change of network: the path is checked from
        there at once and the server follows."""
        raise NotImplementedError

    async def close(self) -> None:
        """Say goodbye (DTLS close_notify) and close the socket. May be called again."""
        raise NotImplementedError
