"""From an offer to a peer, and what a failure leaves: a real port, a real client."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator

import pytest

from tests.unit.transport.loopback import Inbox, until
from vcs.connection import MediaConnection
from vcs.media.description import Kind
from vcs.media_server import MediaServer
from vcs.peer import MediaPeer
from vcs.plane import PathId
from vcs.transport.association import Association
from vcs.transport.client import ClientConnection, ClientSection


class Told:
    """Whom the connection tells."""

    def __init__(self) -> None:
        self.peers: list[MediaPeer] = []
        self.up = asyncio.Event()
        self.times_down = 0

    def connected(self, peer: MediaPeer) -> None:
        self.peers.append(peer)
        self.up.set()

    def disconnected(self) -> None:
        self.times_down += 1


@pytest.fixture
async def media() -> AsyncIterator[MediaServer]:
    opened = MediaServer(port=0, ipv4="127.0.0.1", ipv6=None)
    yield opened
    opened.close()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def connection(media: MediaServer, told: Told) -> AsyncIterator[MediaConnection]:
    made = MediaConnection(media.associations, media.plane, told)
    yield made
    made.close()


@pytest.fixture
async def client() -> AsyncIterator[ClientConnection]:
    made = Inbox().client([ClientSection(Kind.AUDIO, "sendonly")])
    yield made
    await made.close()


def ufrag(answer: str) -> str:
    return answer.split("a=ice-ufrag:")[1].split()[0]


async def join(connection: MediaConnection, client: ClientConnection, told: Told) -> None:
    await client.connect(await connection.answer(client.offer()))
    async with asyncio.timeout(15):
        await told.up.wait()


@pytest.mark.parametrize("restarts", [False, True], ids=["the same offer", "new credentials"])
async def test_after_a_failed_handshake_an_offer_begins_anew(
    media: MediaServer,
    connection: MediaConnection,
    client: ClientConnection,
    told: Told,
    monkeypatch: pytest.MonkeyPatch,
    restarts: bool,
) -> None:
    with monkeypatch.context() as patched:
        # The client does not come in time; it may all the same offer again.
        hasty = functools.partialmethod(Association.handshake, timeout=0.02)
        patched.setattr(Association, "handshake", hasty)
        failed = await connection.answer(client.offer())
        await until(lambda: len(media.associations) == 0)
        await until(lambda: connection._handshake is None or connection._handshake.done())
    assert connection.last_heard() is None
    again = await connection.answer(client.restart_ice() if restarts else client.offer())
    assert ufrag(again) != ufrag(failed)
    assert len(media.associations) == 1
    await client.connect(again)
    async with asyncio.timeout(15):
        await told.up.wait()
    assert told.peers == [connection.peer]
    assert connection.last_heard() is not None
    assert media.counters()["handshake_failed_timeout"] == 1


async def test_new_credentials_restart_and_keep_the_peer(
    media: MediaServer, connection: MediaConnection, client: ClientConnection, told: Told
) -> None:
    await join(connection, client, told)
    peer = connection.peer
    await client.connect(await connection.answer(client.restart_ice()))
    assert connection.peer is peer
    assert len(media.associations) == 1
    connection.close()
    connection.close()
    assert told.times_down == 1
    assert len(media.associations) == 0


async def test_a_client_whose_place_was_taken_may_still_move(
    media: MediaServer, connection: MediaConnection, client: ClientConnection, told: Told
) -> None:
    await join(connection, client, told)
    assert connection.peer is not None
    assert connection._association is not None
    before = connection._association.path
    assert before is not None
    media.plane.drop_peer(connection.peer.id)
    connection._bind(PathId(before))
    client.rebind()
    await until(lambda: connection._association.path != before)
    assert media.counters().get("drop_event_failed", 0) == 0
