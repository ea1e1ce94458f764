"""A client's way to us: its ICE and DTLS joined, from the offer until it is gone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from vcs.media.description import SrtpKeys, SrtpProfile
from vcs.transport.dtls import Certificate, DtlsSession, Fingerprint, HandshakeFailed
from vcs.transport.ice import Credentials, DatagramPort, IceLite, PathId, SocketId
from vcs.transport.sections import DEFAULT_PROFILES
from vcs.transport.stun import Address

__all__ = ["Association", "Associations", "HandshakeFailed"]

HANDSHAKE_S: Final = 15.0
"""For ICE and DTLS together. A poor link needs 3 s; a lost flight is repeated after one second."""

CONSENT_S: Final = 30.0
"""Without a check for so long, nobody wants our packets any more (RFC 7675 section 5.1)."""


class Associations:
    """All clients of the media port. The packet plane's STUN and DTLS events go in here."""

    def __init__(
        self,
        port: DatagramPort,
        candidates: Sequence[str],
        *,
        server_id: str = "",
        certificate: Certificate | None = None,
        profiles: Sequence[SrtpProfile] = DEFAULT_PROFILES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`candidates`: where clients reach us, for answers (see `vcs.transport.sockets`).
        `profiles`: SRTP profiles that we accept, most wanted first. `clock` is the one that the
        events' arrival times are of. Raises `ValueError` for a bad server id."""
        self._port = port
        self._candidates = tuple(candidates)
        self._ice = IceLite(port, server_id)
        self._certificate = certificate or Certificate()
        self._profiles = tuple(profiles)
        self._clock = clock
        self._open: dict[int, Association] = {}
        self._counters: Counter[str] = Counter()

    @property
    def fingerprint(self) -> str:
        """Of our certificate, as it stands in answers: "sha-256 AB:CD:..."."""
        return str(self._certificate.fingerprint)

    def candidates(self) -> Sequence[str]:
        """Values of `a=candidate` for answers."""
        return self._candidates

    def new_association(self) -> Association:
        """Expect a client."""
        association = Association(self)
        self._open[id(association._ice)] = association
        return association

    def on_stun(self, socket: SocketId, address: Address, data: bytes, now: float) -> None:
        """A datagram of class 0..3 (RFC 7983) from anywhere. Never raises for what it holds."""
        self._ice.on_stun(socket, address, data, now)

    def on_dtls(self, path: PathId, data: bytes) -> None:
        """A datagram of class 20..63 from an address that has a path."""
        owner = self._ice.owner(path)
        association = None if owner is None else self._open.get(id(owner))
        if association is None:  # the path was dropped while the datagram waited
            self._counters["drop_dtls_no_path"] += 1
            return
        association._dtls.receive(data)

    def on_connection_ended(self, socket: SocketId, address: Address) -> None:
        """A TCP connection has ended; its client falls back to another path, if it has one."""
        self._ice.connection_ended(socket, address)

    def sweep(self, now: float) -> None:
        """Forget former credentials and idle paths. To be called about once a second."""
        self._ice.sweep(now)

    def counters(self) -> Mapping[str, int]:
        """What was answered, failed handshakes, and every drop by its reason."""
        total = self._counters + self._ice.counters
        for association in self._open.values():
            total += association._dtls.counters
        return total

    def close(self) -> None:
        """Say goodbye to everybody."""
        for association in list(self._open.values()):
            association.close()

    def __len__(self) -> int:
        return len(self._open)


class Association:
    """One client. Made by `Associations.new_association`.

    `on_selected_path(path)` is called when packets are to go to another path: before the handshake
    is done, and whenever the client moves. `on_closed()` is called when the client has said
    goodbye; the association still has to be closed. Both may be set at any time.
    """

    def __init__(self, table: Associations) -> None:
        self.on_selected_path: Callable[[PathId], None] = lambda path: None
        self.on_closed: Callable[[], None] = lambda: None
        self._table = table
        self._ice = table._ice.open(lambda path: self.on_selected_path(path), table._clock())
        self._dtls = DtlsSession(
            "server",
            table._certificate,
            table._profiles,
            send=self._send,
            on_closed=lambda: self.on_closed(),
        )

    @property
    def local_ufrag(self) -> str:
        return self._ice.credentials.ufrag

    @property
    def local_password(self) -> str:
        return self._ice.credentials.password

    @property
    def path(self) -> PathId | None:
        """Where the client wants its packets; None until its first check."""
        return self._ice.selected_path

    @property
    def last_heard(self) -> float:
        """When the last authentic check came (monotonic seconds); the opening before the first."""
        return self._ice.last_heard

    def expired(self, now: float, after: float = CONSENT_S) -> bool:
        """True when no check came for `after` seconds."""
        return now - self._ice.last_heard > after

    async def handshake(
        self,
        remote_fingerprints: Sequence[Fingerprint],
        timeout: float = HANDSHAKE_S,  # noqa: ASYNC109
    ) -> SrtpKeys:
        """Once: wait for the client's checks and its DTLS handshake. There is a path then.

        Raises `HandshakeFailed`; the association is closed then.
        """
        try:
            return await self._dtls.handshake(remote_fingerprints, timeout)
        except HandshakeFailed as failure:
            self._table._counters[f"handshake_failed_{failure.reason}"] += 1
            self.close()
            raise

    def restart(self) -> Credentials:
        """New ICE credentials (`local_ufrag`, `local_password`) for the answer to an offer with new
        ones. DTLS, keys and paths stay. Raises `ValueError` when it is closed."""
        return self._table._ice.restart(self._ice, self._table._clock())

    def close(self) -> None:
        """Say goodbye, drop the paths, forget the credentials. May be called again."""
        self._dtls.close()
        self._table._ice.close(self._ice)
        if self._table._open.pop(id(self._ice), None) is not None:
            self._table._counters += self._dtls.counters

    def _send(self, data: bytes) -> None:
        if self._ice.selected_path is not None:
            self._table._port.send_to(self._ice.selected_path, data)
