from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from vcs.media.description import SrtpKeys, SrtpProfile
from vcs.transport.dtls import Certificate, DtlsSession, Fingerprint, HandshakeFailed

from .loopback import until

GCM = SrtpProfile.AEAD_AES_128_GCM
CM = SrtpProfile.AES128_CM_SHA1_80


class Pair:
    """A server and a client whose datagrams cross at once, without a network."""

    def __init__(
        self, server: Sequence[SrtpProfile] = (GCM, CM), client: Sequence[SrtpProfile] = (GCM, CM)
    ) -> None:
        self.certificates = Certificate(), Certificate()
        self.goodbyes = asyncio.Event(), asyncio.Event()
        self.sent: tuple[list[bytes], list[bytes]] = [], []
        self.server = DtlsSession(
            "server", self.certificates[0], server, self._to_client, self.goodbyes[0].set
        )
        self.client = DtlsSession(
            "client", self.certificates[1], client, self._to_server, self.goodbyes[1].set
        )

    def _to_client(self, data: bytes) -> None:
        self.sent[0].append(data)
        self.client.receive(data)

    def _to_server(self, data: bytes) -> None:
        self.sent[1].append(data)
        self.server.receive(data)

    async def shake(
        self, of_client: Fingerprint | None = None, of_server: Fingerprint | None = None
    ) -> list[SrtpKeys | BaseException]:
        return await asyncio.gather(
            self.server.handshake([of_client or self.certificates[1].fingerprint], 10.0),
            self.client.handshake([of_server or self.certificates[0].fingerprint], 10.0),
            return_exceptions=True,
        )

    def close(self) -> None:
        self.server.close()
        self.client.close()


@pytest.mark.parametrize(
    ("server", "client", "chosen", "octets"),
    [
        ((GCM, CM), (GCM, CM), GCM, 28),
        ((GCM, CM), (CM, GCM), GCM, 28),
        ((CM,), (GCM, CM), CM, 30),
        ((GCM, CM), (CM,), CM, 30),
        ((SrtpProfile.AEAD_AES_256_GCM,), (SrtpProfile.AEAD_AES_256_GCM,), 8, 44),
    ],
)
async def test_keys_of_the_profile_that_the_server_wants(
    server: Sequence[SrtpProfile],
    client: Sequence[SrtpProfile],
    chosen: SrtpProfile,
    octets: int,
) -> None:
    pair = Pair(server, client)
    ours, theirs = await pair.shake()
    assert isinstance(ours, SrtpKeys)
    assert isinstance(theirs, SrtpKeys)
    assert (ours.profile, theirs.profile) == (chosen, chosen)
    assert (ours.receive, ours.send) == (theirs.send, theirs.receive)
    assert (len(ours.receive), len(ours.send)) == (octets, octets)
    assert ours.receive != ours.send
    assert ours.send.hex() not in repr(ours)
    pair.close()


async def test_no_profile_in_common() -> None:
    pair = Pair((GCM,), (CM,))
    ours, theirs = await pair.shake()
    assert isinstance(ours, HandshakeFailed)
    assert ours.reason == "profile"
    assert isinstance(theirs, HandshakeFailed)
    pair.close()


async def test_a_strange_certificate_is_refused_and_told() -> None:
    pair = Pair()
    waiting = asyncio.create_task(pair.shake(of_client=Certificate().fingerprint))
    ours, theirs = await waiting
    assert isinstance(ours, HandshakeFailed)
    assert ours.reason == "fingerprint"
    pair.server.close()
    if not isinstance(theirs, HandshakeFailed):  # it had finished its part before
        await asyncio.wait_for(pair.goodbyes[1].wait(), 10)
    pair.client.close()


@pytest.mark.parametrize("fingerprints", [[], [Fingerprint("sha-1", "AB:CD")]])
async def test_no_fingerprint_to_trust(fingerprints: list[Fingerprint]) -> None:
    pair = Pair()
    with pytest.raises(HandshakeFailed, match="fingerprint"):
        await pair.server.handshake(fingerprints, 1.0)
    pair.close()


async def test_one_wrong_fingerprint_among_right_ones_is_refused() -> None:
    pair = Pair()
    right = pair.certificates[1].fingerprint
    ours, _ = await asyncio.gather(
        pair.server.handshake([right, Certificate().fingerprint], 10.0),
        pair.client.handshake([pair.certificates[0].fingerprint], 10.0),
        return_exceptions=True,
    )
    assert isinstance(ours, HandshakeFailed)
    pair.close()


async def test_a_lost_flight_is_repeated() -> None:
    pair = Pair()
    lost = []

    def lossy(data: bytes) -> None:
        if len(lost) < 2:
            lost.append(data)
        else:
            pair.client.receive(data)

    pair.server._datagrams.out = lossy
    ours, theirs = await pair.shake()
    assert isinstance(ours, SrtpKeys)
    assert isinstance(theirs, SrtpKeys)
    assert len(lost) == 2
    pair.close()


@pytest.mark.parametrize("who", [0, 1])
async def test_goodbye(who: int) -> None:
    pair = Pair()
    await pair.shake()
    (pair.server, pair.client)[who].close()
    await asyncio.wait_for(pair.goodbyes[1 - who].wait(), 10)
    assert not pair.goodbyes[who].is_set()
    pair.close()


async def test_a_repeated_goodbye_or_flight_does_nothing() -> None:
    """Whoever recorded the datagrams of a call cannot end the next one with them."""
    former = Pair()
    await former.shake()
    former.close()
    recorded = former.sent[0] + former.sent[1]
    pair = Pair()
    await pair.shake()
    mine = list(pair.sent[1])
    for data in recorded + mine:
        pair.server.receive(data)
        await asyncio.sleep(0)
    await until(pair.server._datagrams._queue.empty)
    assert not pair.goodbyes[0].is_set()
    pair.client.close()
    await asyncio.wait_for(pair.goodbyes[0].wait(), 10)
    pair.close()


async def test_empty_datagrams_are_dropped() -> None:
    pair = Pair()
    pair.server.receive(b"")
    assert pair.server.counters == {"drop_dtls_empty": 1}
    pair.close()


async def test_nothing_comes_in_time() -> None:
    pair = Pair()
    pair.server._datagrams.out = lambda data: None
    with pytest.raises(HandshakeFailed, match="timeout"):
        await pair.server.handshake([pair.certificates[1].fingerprint], 0.05)
    pair.close()


def test_fingerprints() -> None:
    ours = Certificate().fingerprint
    assert ours.supported
    assert str(ours) == f"sha-256 {ours.value}"
    for algorithm, value in (
        ("sha-256", "AB"),
        ("sha-256", ours.value.lower()),
        ("sha-256", ours.value[:-1] + "G"),
        ("sha-384", ours.value),
        ("md5", ours.value),
    ):
        assert not Fingerprint(algorithm, value).supported


async def test_no_profile_at_all() -> None:
    with pytest.raises(ValueError, match="profile"):
        Pair(server=())
