"""What a real TURN server says to our credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from aioice import stun, turn

from benchmarks.links.coturn import Coturn
from vcs.messages import IceServer


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    server = Coturn(tmp_path_factory.mktemp("coturn"))
    yield server
    server.close()


class Echo(asyncio.DatagramProtocol):
    """Sends back what it gets."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data, addr)


class Ears(asyncio.DatagramProtocol):
    """Keeps what comes."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.put_nowait(data)


async def allocate(
    coturn: Coturn, given: IceServer, ears: Ears | None = None, *, tcp: bool = False
) -> asyncio.DatagramTransport:
    """An Allocate (RFC 8656 section 7) with this credential."""
    transport, _ = await turn.create_turn_endpoint(
        lambda: ears or Ears(),
        server_addr=("127.0.0.1", coturn.port),
        username=given.username,
        password=given.credential,
        transport="tcp" if tcp else "udp",
    )
    return cast(asyncio.DatagramTransport, transport)


async def released(transport: asyncio.DatagramTransport) -> None:
    transport.close()
    await asyncio.sleep(0.2)  # aioice gives the allocation back in a task of its own


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
async def test_a_credential_is_taken_and_packets_pass(coturn: Coturn, tcp: bool) -> None:
    loop = asyncio.get_running_loop()
    echo, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    ears = Ears()
    given = coturn.turn().credentials("booth 1", datetime.now(UTC))
    relay = await allocate(coturn, given, ears, tcp=tcp)
    assert relay.get_extra_info("sockname")[0] == "127.0.0.1"
    relay.sendto(b"hello", echo.get_extra_info("sockname"))
    async with asyncio.timeout(5):
        assert await ears.heard.get() == b"hello"
    await released(relay)
    echo.close()


async def refusal(coturn: Coturn, given: IceServer) -> int:
    """The STUN error code with which the Allocate is refused."""
    with pytest.raises(stun.TransactionFailed) as refused:
        await allocate(coturn, given)
    return int(refused.value.response.error_code)


async def test_an_expired_credential_is_refused(coturn: Coturn) -> None:
    before = datetime.now(UTC) - timedelta(hours=2)
    assert await refusal(coturn, coturn.turn(3600.0).credentials("booth 1", before)) == 401


async def test_a_stretched_or_foreign_credential_is_refused(coturn: Coturn) -> None:
    now = datetime.now(UTC)
    given = coturn.turn().credentials("booth 1", now)
    later = coturn.turn(86_400.0).credentials("booth 1", now)
    stretched = IceServer(given.urls, later.username, given.credential)
    assert await refusal(coturn, stretched) == 401
    wrong = type(coturn.turn())(tuple(given.urls), "another-secret-here", 3600.0)
    assert await refusal(coturn, wrong.credentials("booth 1", now)) == 401


async def test_nothing_but_the_media_address_is_reached(coturn: Coturn) -> None:
    """A relay that reaches the network behind it would be a way round its firewall."""
    loop = asyncio.get_running_loop()
    other, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.2", 0))
    ears = Ears()
    given = coturn.turn().credentials("booth 1", datetime.now(UTC))
    client, protocol = await loop.create_datagram_endpoint(
        lambda: turn.TurnClientUdpProtocol(
            ("127.0.0.1", coturn.port),
            username=given.username,
            password=given.credential,
            lifetime=600,
            channel_refresh_time=500,
        ),
        remote_addr=("127.0.0.1", coturn.port),
    )
    protocol.receiver = ears
    await protocol.connect()
    with pytest.raises(stun.TransactionFailed) as refused:
        await protocol.send_data(b"hello", other.get_extra_info("sockname"))
    assert refused.value.response.error_code == 403
    assert ears.heard.empty()
    await protocol.delete()
    client.close()
    other.close()
