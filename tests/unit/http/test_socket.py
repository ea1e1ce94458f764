"""A client that reads nothing, one that says too much, one that is gone: raw, over TCP."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import socket
import struct
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tests.unit.transport.loopback import until
from vcs import messages as m
from vcs.http import socket as signal_socket
from vcs.http.socket import SignalSocket

BIG = m.Error("big", "y" * 100_000)
"""More than all buffers between two ends hold, when it is sent a hundred times."""

LONG = 10.0
SO_ATTACH_FILTER = 26
SO_DETACH_FILTER = 27
SOCKET_FILTER = struct.Struct("HBBI")
"""One instruction of a socket's filter (linux/filter.h)."""


class Line:
    """Both ends of one connection."""

    def __init__(self, request: web.Request) -> None:
        self.server: SignalSocket[m.FromBooth] = SignalSocket(
            request, m.decode_from_booth, time.monotonic
        )
        self.heard: asyncio.Queue[m.FromBooth] = asyncio.Queue()
        self.ended = asyncio.Event()
        self.doubts = 0
        self.alive = False
        self.client: asyncio.StreamWriter
        self.reader: asyncio.StreamReader

    def doubt(self) -> None:
        self.doubts += 1

    def say(self, message: m.Message) -> None:
        """From the client: one text frame (RFC 6455 section 5.2), masked with zeros."""
        payload = m.encode(message).encode()
        assert len(payload) < 126
        self.client.write(bytes((0x81, 0x80 | len(payload))) + bytes(4) + payload)

    async def listen(self) -> None:
        try:
            async for message in self.server.messages(self.doubt, lambda: self.alive):
                self.heard.put_nowait(message)
        finally:
            self.ended.set()


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """A connection whose client has read the answer to its upgrade, and reads no further."""
    made: asyncio.Future[Line] = asyncio.get_running_loop().create_future()

    async def handle(request: web.Request) -> web.StreamResponse:
        line = Line(request)
        response = await line.server.open()
        assert request.transport is not None
        request.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096
        )
        made.set_result(line)
        await line.listen()
        await line.server.finish()
        return response

    app = web.Application()
    app.router.add_get("/", handle)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, runner.addresses[0])
    reader, writer = await asyncio.open_connection(sock=raw, limit=1_024)
    writer.write(
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    line = await made
    line.client, line.reader = writer, reader
    yield line
    writer.transport.abort()
    async with asyncio.timeout(LONG):
        await line.ended.wait()
    await runner.cleanup()


async def choke(line: Line) -> None:
    """Send until the writer waits for a client that does not read."""
    for _ in range(100):
        line.server.send(BIG)
    left = 101
    while len(line.server._queue) < left:
        left = len(line.server._queue)
        await asyncio.sleep(0.02)
    assert left > 10


async def test_a_client_that_does_not_read_is_cut_off_after_a_close(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal_socket, "CLOSED_WITHIN_S", 0.1)
    await choke(line)
    line.server.close(m.CLOSE_REPLACED, "another came")
    assert not line.ended.is_set()
    # Well before its silence would end it.
    async with asyncio.timeout(signal_socket.SILENCE_S / 2):
        await line.ended.wait()
    assert line.heard.empty()


async def test_a_client_that_is_closed_and_talks_on_is_not_heard(line: Line) -> None:
    line.say(m.Ping(1))
    async with asyncio.timeout(LONG):
        assert await line.heard.get() == m.Ping(1)
    await choke(line)
    line.server.close(m.CLOSE_UNAUTHORISED, "no longer valid")
    line.say(m.Start())
    line.say(m.Ping(2))
    async with asyncio.timeout(LONG):
        await line.ended.wait()
    assert line.heard.empty()


async def test_gone_when_closed(line: Line) -> None:
    assert not line.server.gone
    line.server.close(m.CLOSE_RESTART, "the server restarts")
    assert line.server.gone


async def test_gone_when_cut_off(line: Line) -> None:
    line.server.abort()
    assert line.server.gone


async def test_gone_when_the_client_has_left(line: Line) -> None:
    assert not line.server.gone
    line.client.transport.abort()
    await until(lambda: line.server.gone)


async def test_a_client_that_reads_gets_all_and_the_close_code(line: Line) -> None:
    line.server.send(m.Pong(1))
    line.server.send(m.Pong(2))
    line.server.close(m.CLOSE_REPLACED, "another came")
    line.server.send(m.Pong(3))
    line.server.close(m.CLOSE_RESTART, "too late")
    expected = [m.encode(m.Pong(n)).encode() for n in (1, 2)]
    frames: list[bytes] = []
    async with asyncio.timeout(LONG):
        while not frames or frames[-1][:1] != b"\x88":
            head = await line.reader.readexactly(2)
            frames.append(head[:1] + await line.reader.readexactly(head[1]))
    assert [frame[1:] for frame in frames[:-1]] == expected
    assert int.from_bytes(frames[-1][1:3], "big") == m.CLOSE_REPLACED
    with contextlib.suppress(ConnectionError):
        line.client.write(b"\x88\x80" + bytes(4))


async def test_what_is_lost_is_sent_again_after_even_pauses(line: Line) -> None:
    transport = line.server._request.transport
    assert transport is not None
    kernel = transport.get_extra_info("socket")
    option = signal_socket.TCP_THIN_LINEAR_TIMEOUTS
    assert kernel.getsockopt(socket.IPPROTO_TCP, option) == 1


async def test_figures_are_left_out_while_the_path_loses_the_last_ones(line: Line) -> None:
    """More in flight, and the system would not send again soon: it does so only where little is
    (tcp(7), tcp_thin_linear_timeouts)."""
    deaf = line.client.transport.get_extra_info("socket")
    for number in range(3):
        line.server.send(m.Pong(number))
        assert await text(line) == m.encode(m.Pong(number)).encode()
    drop_all = SOCKET_FILTER.pack(0x06, 0, 0, 0)  # BPF_RET: nothing of the packet is taken
    held = ctypes.create_string_buffer(drop_all)
    program = struct.pack("HL", 1, ctypes.addressof(held))
    deaf.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
    for number in range(20):
        line.server.send_if_idle(m.Pong(100 + number))
        await asyncio.sleep(0.005)
    deaf.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
    line.server.send(m.Pong(999))
    got = 0
    async with asyncio.timeout(LONG):
        while await text(line) != m.encode(m.Pong(999)).encode():
            got += 1
    assert 1 <= got <= signal_socket.MAX_IN_FLIGHT


async def text(line: Line) -> bytes:
    """The next short text frame that the client is sent."""
    async with asyncio.timeout(LONG):
        opening, length = await line.reader.readexactly(2)
        assert (opening, length < 126) == (0x81, True)
        return await line.reader.readexactly(length)


async def test_who_says_nothing_is_doubted_and_then_gone(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal_socket, "DOUBT_S", 0.1)
    monkeypatch.setattr(signal_socket, "SILENCE_S", 0.4)
    line.say(m.Ping(1))
    async with asyncio.timeout(LONG):
        await line.heard.get()
        await until(lambda: line.doubts == 1)
        assert not line.ended.is_set()
        await line.ended.wait()
    assert line.doubts == 1


async def test_whose_media_come_is_waited_for(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """His words are on their way, on a path that loses much of what is sent."""
    monkeypatch.setattr(signal_socket, "DOUBT_S", 0.1)
    monkeypatch.setattr(signal_socket, "SILENCE_S", 0.2)
    monkeypatch.setattr(signal_socket, "PATIENCE_S", 1.0)
    line.alive = True
    line.say(m.Ping(1))
    async with asyncio.timeout(LONG):
        await line.heard.get()
        begun = time.monotonic()
        await asyncio.sleep(0.5)
        assert not line.ended.is_set()
        line.say(m.Ping(2))
        assert await line.heard.get() == m.Ping(2)
        assert line.doubts == 1
        # Not for ever, and each silence is doubted anew.
        await line.ended.wait()
    assert line.doubts == 2
    assert time.monotonic() - begun >= 1.4
