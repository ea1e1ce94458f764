from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from vcs.media.framing import FrameReader, frame
from vcs.transport.client_tcp import MAX_WAITING_OCTETS, ClientStreams
from vcs.transport.stun import Address

from .loopback import until


class Server:
    """Answers each packet with itself in capitals; keeps what came, connection by connection."""

    def __init__(self) -> None:
        self.got: list[list[bytes]] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.deaf = False
        self.address: Address = ("127.0.0.1", 0)
        self._server: asyncio.Server

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, *self.address)
        self.address = self._server.sockets[0].getsockname()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames, got = FrameReader(), list[bytes]()
        self.got.append(got)
        self.writers.append(writer)
        while not self.deaf and (data := await reader.read(1000)):
            for packet in frames.feed(data):
                got.append(bytes(packet))
                writer.write(frame(bytes(packet).upper()))

    async def close(self) -> None:
        self._server.close()
        for writer in self.writers:
            writer.close()
        await self._server.wait_closed()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    await made.open()
    yield made
    await made.close()


Got = list[tuple[bytes, Address]]


@pytest.fixture
async def streams() -> AsyncIterator[tuple[ClientStreams, Got]]:
    got: Got = []
    made = ClientStreams(lambda data, address: got.append((data, address)))
    yield made, got
    made.close()


Streams = tuple[ClientStreams, Got]


async def test_packets_go_both_ways(server: Server, streams: Streams) -> None:
    client, got = streams
    packets = [b"packet %d" % n for n in range(100)]
    for packet in packets:  # the first ones wait for the connection
        client.sendto(packet, server.address)
    await until(lambda: len(got) == 100)
    assert server.got == [packets]
    assert got == [(packet.upper(), server.address) for packet in packets]


async def test_a_connection_that_ended_is_opened_again(server: Server, streams: Streams) -> None:
    client, got = streams
    client.sendto(b"a", server.address)
    await until(lambda: len(got) == 1)
    server.writers[0].close()
    await until(lambda: not client._open)
    client.sendto(b"b", server.address)
    await until(lambda: len(got) == 2)
    assert server.got == [[b"a"], [b"b"]]
    client.close()
    client.sendto(b"c", server.address)
    await until(lambda: len(got) == 3)


async def test_where_nobody_listens_each_packet_tries_anew(
    server: Server, streams: Streams
) -> None:
    client, got = streams
    await server.close()
    for _ in range(3):
        client.sendto(b"a", server.address)
        await until(lambda: not client._open)
    await server.open()
    client.sendto(b"b", server.address)
    await until(lambda: got == [(b"B", server.address)])


async def test_what_waits_is_bounded(server: Server, streams: Streams) -> None:
    client, _ = streams
    server.deaf = True
    with pytest.raises(BlockingIOError):
        for _ in range(100_000):
            client.sendto(bytes(1200), server.address)
            await asyncio.sleep(0)
    (stream,) = client._open.values()
    assert len(stream._waiting) <= MAX_WAITING_OCTETS
