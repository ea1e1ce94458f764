"""What may happen to a booth between its hello and its place."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import WSMsgType

from tests.unit.http.rig import Rig, Wire, running
from tests.unit.transport.loopback import until
from vcs import messages as m
from vcs.http import booth_socket
from vcs.http.socket import SignalSocket
from vcs.live_desk import DeskIdentity

TOKEN = "booth-token-0002-xxxxxxxx"


class SlowDirectory:
    """Holds up the first question for a desk, which comes after the first look at the token."""

    def __init__(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = asyncio.Event()
        self.go_on = asyncio.Event()
        self._identity = rig.directory.identity
        monkeypatch.setattr(rig.directory, "desk", self.desk)

    async def desk(self, desk_id: int) -> DeskIdentity:
        if not self.asked.is_set():
            self.asked.set()
            await self.go_on.wait()
        return self._identity


async def closed_at_once(wire: Wire) -> int | None:
    """The close code, when nothing was said before it."""
    async with asyncio.timeout(10):
        frame = await wire.socket.receive()
    assert frame.type is WSMsgType.CLOSE
    return wire.socket.close_code


@pytest.mark.parametrize("change", ["revoked", "moved"])
async def test_a_token_that_changed_meanwhile(monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    async with running() as rig:
        directory = SlowDirectory(rig, monkeypatch)
        wire = await rig.booth(2)
        await directory.asked.wait()
        booth = rig.directory.booths.pop(TOKEN)
        if change == "moved":
            rig.directory.booths[TOKEN] = rig.directory.booths["booth-token-0003-xxxxxxxx"]
        directory.go_on.set()
        assert await closed_at_once(wire) == m.CLOSE_UNAUTHORISED
        live = rig.desks.desk(rig.directory.identity)
        assert live.booths == {}
        assert booth.slot not in live.desk.seats


async def test_a_lost_connection_does_not_replace_a_newer_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sockets: list[SignalSocket[m.FromBooth]] = []
    finished: list[SignalSocket[m.FromBooth]] = []

    class Noted(SignalSocket[m.FromBooth]):
        async def open(self) -> object:  # type: ignore[override]
            sockets.append(self)
            return await super().open()

        async def finish(self) -> None:
            finished.append(self)
            await super().finish()

    monkeypatch.setattr(booth_socket, "SignalSocket", Noted)
    async with running() as rig:
        directory = SlowDirectory(rig, monkeypatch)
        lost = await rig.booth(2)
        await directory.asked.wait()
        assert lost.socket._response.connection is not None
        assert lost.socket._response.connection.transport is not None
        lost.socket._response.connection.transport.abort()
        await until(lambda: sockets[0].gone)
        present = await rig.booth(2)
        told = await present.hear(m.BoothState)
        assert isinstance(told, m.BoothState)
        directory.go_on.set()
        await until(lambda: sockets[0] in finished)
        await present.say(m.Ping(1))
        assert isinstance(await present.hear(m.Pong), m.Pong)
        live = rig.desks.desk(rig.directory.identity)
        assert live.booths[2].client is sockets[1]
        assert live.desk.seats[2].joined
