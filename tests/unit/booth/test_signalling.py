from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from vcs import messages as m
from vcs.booth import signalling
from vcs.booth.signalling import NotConnected, OfferRefused, Signalling

ORIGIN = "http://vcs.example"
HELLO = m.BoothHello("token-token-token")

Script = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def line_to(script: Script) -> AsyncIterator[Signalling[m.ToBooth]]:
    async with serve(script, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield Signalling(f"ws://127.0.0.1:{port}/ws/booth", ORIGIN, m.decode_to_booth)


async def test_hello_goes_first_and_the_close_code_comes_back() -> None:
    said: list[object] = []

    async def script(socket: ServerConnection) -> None:
        assert socket.request is not None
        said.append(socket.request.headers["Origin"])
        said.append(json.loads(await socket.recv()))
        await socket.send(m.encode(m.Error("odd", "something")))
        await socket.close(m.CLOSE_UNAUTHORISED, "who are you")

    heard: list[m.ToBooth] = []
    async with line_to(script) as line:
        with pytest.raises(NotConnected):
            line.send(m.Start())
        ended = await line.run(HELLO, heard.append)
    assert ended == (m.CLOSE_UNAUTHORISED, "who are you")
    assert said == [ORIGIN, json.loads(m.encode(HELLO))]
    assert heard == [m.Error("odd", "something")]


async def test_offers_find_their_answers() -> None:
    async def script(socket: ServerConnection) -> None:
        async for data in socket:
            match m.decode_from_booth(data):
                case m.Offer(id=number, sdp="good"):
                    await socket.send(m.encode(m.Answer(number, "answer")))
                case m.Offer(id=number):
                    await socket.send(m.encode(m.Error("bad_offer", "no good", number)))
                case m.Ping(id=number):
                    await socket.send(m.encode(m.Pong(number)))

    async with line_to(script) as line:
        life = asyncio.create_task(line.run(HELLO, lambda _: None))
        while True:
            try:
                answer = await line.offer("good")
                break
            except NotConnected:
                await asyncio.sleep(0.01)
        assert answer == "answer"
        with pytest.raises(OfferRefused, match="no good"):
            await line.offer("bad")
        await line.close()
        assert (await life)[0] == 1000


async def test_a_server_that_stops_answering_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signalling, "PING_S", 0.05)
    monkeypatch.setattr(signalling, "PONG_WITHIN_S", 0.3)
    silent = asyncio.Event()

    async def script(socket: ServerConnection) -> None:
        await silent.wait()

    async with line_to(script) as line:
        async with asyncio.timeout(10):
            code, _ = await line.run(HELLO, lambda _: None)
        silent.set()
    assert code in (None, 1006)


@pytest.mark.parametrize("frame", ["no JSON", '{"type":"unheard_of"}', b"\xff"])
async def test_what_is_no_message_ends_the_connection(frame: str | bytes) -> None:
    async def script(socket: ServerConnection) -> None:
        await socket.send(frame)
        await socket.wait_closed()

    heard: list[m.ToBooth] = []
    async with line_to(script) as line, asyncio.timeout(10):
        await line.run(HELLO, heard.append)
    assert heard == []


async def test_nobody_there_is_a_reason_and_no_exception() -> None:
    async with line_to(lambda socket: socket.close()) as line:
        pass
    code, reason = await line.run(HELLO, lambda _: None)
    assert code is None
    assert reason


async def test_leaving_from_within() -> None:
    async def script(socket: ServerConnection) -> None:
        for _ in range(3):
            await socket.send(m.encode(m.Error("odd", "something")))
        await socket.wait_closed()

    heard: list[m.ToBooth] = []

    async with line_to(script) as line, asyncio.timeout(10):

        def received(message: m.ToBooth) -> None:
            heard.append(message)
            line.leave()

        assert (await line.run(HELLO, received))[0] == 1000
    assert len(heard) == 1
