"""DTLS-SRTP (RFC 5763, RFC 5764) by aiortc's `RTCDtlsTransport`, over datagrams of our own.

aiortc does the handshake and afterwards answers retransmissions and hears close_notify; the keys
are taken out and media never passes through it. All of aiortc's single-underscore names are used
in this file alone, which is why its version is pinned.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
    State,
)
from aiortc.rtcicetransport import RTCIceTransport
from OpenSSL import SSL

from vcs.media.description import SrtpKeys, SrtpProfile

QUEUED_DATAGRAMS: Final = 64
"""A handshake is under ten; what does not fit is dropped, and DTLS repeats it."""

Role = Literal["client", "server"]

_PROFILES: Final = {
    SrtpProfile.AEAD_AES_128_GCM: SRTP_AEAD_AES_128_GCM,
    SrtpProfile.AEAD_AES_256_GCM: SRTP_AEAD_AES_256_GCM,
    SrtpProfile.AES128_CM_SHA1_80: SRTP_AES128_CM_SHA1_80,
}
_BIO_OCTETS: Final = 1_500  # aiortc reads as much at a time
_NO_RENEGOTIATION: Final = 0x40000000  # SSL_OP_NO_RENEGOTIATION
_DIGEST_OCTETS: Final = {"sha-256": 32, "sha-384": 48, "sha-512": 64}


class HandshakeFailed(Exception):
    """No keys came of it. `reason` is one of "fingerprint", "profile", "protocol", "timeout" and
    "closed"; it holds nothing of what the peer sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"DTLS handshake failed: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hash of a certificate as in `a=fingerprint` (RFC 8122): upper-case hexadecimal pairs."""

    algorithm: str
    value: str

    def __str__(self) -> str:
        return f"{self.algorithm} {self.value}"

    @property
    def supported(self) -> bool:
        """True for SHA-256, SHA-384 and SHA-512 with a value of the right form."""
        pairs = self.value.split(":")
        return len(pairs) == _DIGEST_OCTETS.get(self.algorithm) and all(
            len(pair) == 2 and set(pair) <= set("0123456789ABCDEF") for pair in pairs
        )


class _Key(RTCCertificate):
    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        context = super()._create_ssl_context(srtp_profiles)
        # Keys are taken out once; another handshake on top would only cost time.
        context.set_options(_NO_RENEGOTIATION)
        return context


class Certificate:
    """A key (EC P-256) with a self-signed certificate; one for the life of the process will do."""

    def __init__(self) -> None:
        self._key = _Key.generateCertificate()
        self.fingerprint = next(
            Fingerprint(known.algorithm, known.value)
            for known in self._key.getFingerprints()
            if known.algorithm == "sha-256"
        )


class DtlsSession:
    """One DTLS association: datagrams in by `receive`, out by `send`.

    `on_closed` is called once when the peer says goodbye (an authenticated close_notify) after the
    handshake. Nothing else that arrives can end the session then.
    """

    def __init__(
        self,
        role: Role,
        certificate: Certificate,
        profiles: Sequence[SrtpProfile],
        send: Callable[[bytes], None],
        on_closed: Callable[[], None],
    ) -> None:
        """`profiles`, most wanted first: as server we choose, as client we offer. Raises
        `ValueError` for none."""
        if not profiles:
            raise ValueError("no SRTP profile")
        self.counters: Counter[str] = Counter()
        self._on_closed = on_closed
        self._closing = False
        self._datagrams = _Datagrams(send)
        self._transport = _KeysOnly(self._datagrams, certificate._key, profiles, role)

    def receive(self, data: bytes) -> None:
        """A datagram of class 20..63 (RFC 7983) from a validated address of the peer."""
        if not data or not self._datagrams.put(data):
            self.counters["drop_dtls_queue_full" if data else "drop_dtls_empty"] += 1

    async def handshake(
        self,
        remote: Sequence[Fingerprint],
        timeout: float,  # noqa: ASYNC109
    ) -> SrtpKeys:
        """Once. Returns the keys when the peer has proved that its certificate is the one in its
        session description; raises `HandshakeFailed` otherwise. Seconds."""
        if not any(fingerprint.supported for fingerprint in remote):
            raise HandshakeFailed("fingerprint")
        parameters = RTCDtlsParameters(
            fingerprints=[RTCDtlsFingerprint(f.algorithm, f.value) for f in remote]
        )
        try:
            async with asyncio.timeout(timeout):
                await self._transport.start(parameters)
        except TimeoutError:
            raise HandshakeFailed("timeout") from None
        if self._closing:
            raise HandshakeFailed("closed")
        if self._transport.keys is None or self._transport._task is None:
            raise HandshakeFailed(self._transport.failure)
        self._transport._task.add_done_callback(self._on_pump_end)
        return self._transport.keys

    def close(self) -> None:
        """Say goodbye (close_notify), as far as there is somebody to say it to. A handshake that is
        under way fails. May be called again."""
        if not self._closing:
            self._closing = True
            self._transport.say_goodbye(self._datagrams.out)
            self._datagrams.end()

    def _on_pump_end(self, pump: asyncio.Future[None]) -> None:
        if not pump.cancelled() and (error := pump.exception()) is not None:
            raise error  # a fault of ours: the loop's exception handler says so
        if not self._closing:
            self._on_closed()


class _Datagrams:
    """What `RTCDtlsTransport` takes for an ICE transport."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUED_DATAGRAMS + 1)
        self.out = send

    def put(self, data: bytes) -> bool:
        if self._queue.qsize() >= QUEUED_DATAGRAMS:
            return False
        self._queue.put_nowait(data)
        return True

    def end(self) -> None:
        self._queue.put_nowait(None)

    async def _recv(self) -> bytes:
        data = await self._queue.get()
        if data is None:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        self.out(data)


class _KeysOnly(RTCDtlsTransport):
    """Keeps the keys instead of making SRTP sessions, and knows why a handshake failed."""

    def __init__(
        self,
        datagrams: _Datagrams,
        key: RTCCertificate,
        profiles: Sequence[SrtpProfile],
        role: Role,
    ) -> None:
        super().__init__(cast(RTCIceTransport, datagrams), [key])
        self._wanted = profiles
        self._srtp_profiles = [_PROFILES[profile] for profile in profiles]
        self._set_role(role)
        self.keys: SrtpKeys | None = None
        self.failure = "protocol"

    def _validate_peer_identity(self, remoteParameters: RTCDtlsParameters) -> None:
        super()._validate_peer_identity(remoteParameters)
        if self._state is State.FAILED:
            self.failure = "fingerprint"

    def _setup_srtp(self) -> None:
        ssl = self._ssl
        assert ssl is not None
        chosen = ssl.get_selected_srtp_profile()
        profile = next((p for p in self._wanted if _PROFILES[p].openssl_profile == chosen), None)
        if profile is None:
            self.failure = "profile"
            self._set_state(State.FAILED)
            return
        layout = _PROFILES[profile]
        octets = 2 * (layout.key_length + layout.salt_length)
        material = ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", octets)
        ours, theirs = (0, 1) if self._role == "client" else (1, 0)
        self.keys = SrtpKeys(
            profile=profile,
            receive=layout.get_key_and_salt(material, theirs),
            send=layout.get_key_and_salt(material, ours),
        )

    def say_goodbye(self, send: Callable[[bytes], None]) -> None:
        """As `stop` does, but at once, and also to a peer whose certificate was refused: it would
        wait for media otherwise."""
        if self._task is not None:
            self._task.cancel()
        if self._ssl is None or self._state is State.CLOSED:
            return
        try:
            self._ssl.shutdown()
            send(self._ssl.bio_read(_BIO_OCTETS))
        except SSL.Error:  # nothing to say: the handshake had not come so far
            return
