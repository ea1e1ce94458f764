"""Both doors over real sockets: what clients are told, and what bad input gets."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.unit.http.rig import Rig, Wire, running
from vcs import messages as m
from vcs.http import doors, rights
from vcs.turn import IceServers, Turn


async def seated(rig: Rig, slot: int) -> tuple[Wire, m.BoothState]:
    """A booth whose visitor has agreed."""
    wire = await rig.booth(slot)
    await wire.hear(m.BoothWelcome)
    await wire.say(m.Start())
    state = await wire.hear_until(m.BoothState, lambda s: s.visit == "consent")
    assert isinstance(state, m.BoothState)
    assert state.occupant is not None
    await wire.say(m.Consent(state.occupant, True, "id", "2026-11"))
    state = await wire.hear_until(m.BoothState, lambda s: s.visit == "running")
    assert isinstance(state, m.BoothState)
    return wire, state


async def test_a_booth_is_told_its_state_whole() -> None:
    async with running() as rig:
        wire = await rig.booth(3)
        welcome = await wire.hear(m.BoothWelcome)
        assert isinstance(welcome, m.BoothWelcome)
        assert (welcome.branch, welcome.booth, welcome.name) == ("Salemba", 3, "Bilik 3")
        first = await wire.hear(m.BoothState)
        assert isinstance(first, m.BoothState)
        assert (first.phase, first.seq, first.hears, first.heard) == ("idle", 1, False, False)


async def test_a_booth_hears_nothing_of_others() -> None:
    async with running() as rig:
        one, state = await seated(rig, 1)
        two, _ = await seated(rig, 2)
        console = await rig.console()
        await console.hear(m.DeskView)
        await two.say(m.Call(True))
        await console.hear_until(m.DeskView, lambda d: d.tiles[1].state == "calling")
        await two.socket.close()
        await console.hear_until(m.DeskView, lambda d: d.tiles[1].state == "offline")
        await one.say(m.Call(True))
        told = await one.hear_until(m.BoothState, lambda s: s.called)
        assert isinstance(told, m.BoothState)
        # Its own call, and nothing between it and its own consent (the officer's name is shown
        # once the console is there).
        assert told.seq <= state.seq + 2


async def test_the_console_sees_the_desk() -> None:
    async with running() as rig:
        _booth, _ = await seated(rig, 4)
        console = await rig.console()
        welcome = await console.hear(m.OfficerWelcome)
        assert isinstance(welcome, m.OfficerWelcome)
        assert (welcome.officer, welcome.slots) == ("Andi Pratama", 6)
        desk = await console.hear(m.DeskView)
        assert isinstance(desk, m.DeskView)
        assert [t.state for t in desk.tiles] == [*["offline"] * 3, "waiting", *["offline"] * 2]
        assert desk.on_air is None


async def test_refusals_name_the_request() -> None:
    async with running() as rig:
        _booth, state = await seated(rig, 1)
        assert state.occupant is not None
        console = await rig.console()
        desk = await console.hear(m.DeskView)
        assert isinstance(desk, m.DeskView)
        await console.say(m.Talk(7, 1, state.occupant, desk.revision))
        refused = await console.hear(m.Refused)
        assert isinstance(refused, m.Refused)
        assert (refused.id, refused.code) == (7, "no_media")
        await console.say(m.Talk(8, 1, state.occupant, desk.revision + 5))
        refused = await console.hear(m.Refused)
        assert isinstance(refused, m.Refused)
        assert (refused.id, refused.code) == (8, "stale")
        await console.say(m.Hold(9))
        ack = await console.hear(m.Ack)
        assert isinstance(ack, m.Ack)
        assert ack.id == 9


async def test_a_second_console_asks_and_takes_over() -> None:
    async with running() as rig:
        first = await rig.console()
        await first.hear(m.DeskView)
        second = await rig.console("maya-session")
        taken = await second.hear(m.DeskTaken)
        assert isinstance(taken, m.DeskTaken)
        assert taken.officer == "Andi Pratama"
        await second.say(m.OfficerHello(take_over=True))
        told = await first.hear(m.TakenOver)
        assert isinstance(told, m.TakenOver)
        assert told.by == "Maya Putri"
        assert await first.closed() == m.CLOSE_REPLACED
        desk = await second.hear(m.DeskView)
        assert isinstance(desk, m.DeskView)
        assert desk.on_air is None


async def test_the_same_booth_again_replaces_the_first() -> None:
    async with running() as rig:
        first = await rig.booth(2)
        await first.hear(m.BoothState)
        second = await rig.booth(2)
        await second.hear(m.BoothState)
        assert await first.closed() == m.CLOSE_REPLACED
        await second.say(m.Ping(1))
        assert isinstance(await second.hear(m.Pong), m.Pong)


async def test_a_booth_that_reconnects_is_asked_again() -> None:
    async with running() as rig:
        first, state = await seated(rig, 2)
        await first.socket.close()
        again = await rig.booth(2)
        told = await again.hear(m.BoothState)
        assert isinstance(told, m.BoothState)
        assert told.visit == "consent"
        assert told.occupant != state.occupant


TURN = Turn(("turn:turn.example:3478",), "north-sea-lighthouse", 0.4)


async def test_everybody_gets_turn_credentials_and_then_others_in_time() -> None:
    async with running(ice_servers=IceServers([], TURN)) as rig:
        booth, console = await rig.booth(2), await rig.console()
        names = []
        for wire, welcome_type in ((booth, m.BoothWelcome), (console, m.OfficerWelcome)):
            welcome = await wire.hear(welcome_type)
            assert isinstance(welcome, m.BoothWelcome | m.OfficerWelcome)
            (first,) = welcome.ice_servers
            assert (first.urls, first.expires_ms) == (["turn:turn.example:3478"], 400)
            renewed = await wire.hear(m.IceServers)
            assert isinstance(renewed, m.IceServers)
            (second,) = renewed.ice_servers
            names.append([(each.username or "").split(":")[1] for each in (first, second)])
        assert names == [[TURN.name("booth 102")] * 2, [TURN.name("officer 1")] * 2]


async def test_booths_do_not_see_each_other_in_their_credentials() -> None:
    """Whatever the other booths do, a booth's name at the TURN server is its own."""
    told = []
    for others in ((), (1, 4, 5)):
        async with running(ice_servers=IceServers([], TURN)) as rig:
            for slot in others:
                await (await rig.booth(slot)).hear(m.BoothState)
            welcome = await (await rig.booth(2)).hear(m.BoothWelcome)
            assert isinstance(welcome, m.BoothWelcome)
            told.append((welcome.ice_servers[0].username or "").split(":")[1])
    assert told[0] == told[1]


@pytest.mark.parametrize("door", ["booth", "officer"])
async def test_without_a_right_there_is_nothing(door: str) -> None:
    async with running() as rig:
        wire = await rig.wire(f"/ws/{door}", m.decode_to_booth)
        await wire.say(m.BoothHello(token="x" * 40))
        assert await wire.closed() == m.CLOSE_UNAUTHORISED


async def test_no_hello_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "HELLO_S", 0.2)
    async with running() as rig:
        wire = await rig.wire("/ws/booth", m.decode_to_booth)
        assert await wire.closed() == m.CLOSE_HELLO_TIMEOUT


async def test_another_version_is_told_to_reload() -> None:
    async with running() as rig:
        wire = await rig.wire("/ws/booth", m.decode_to_booth)
        await wire.say(m.BoothHello(token="booth-token-0001-xxxxxxxx", version=99))
        assert await wire.closed() == m.CLOSE_VERSION


async def test_a_revoked_booth_is_out_within_a_recheck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "RECHECK_S", 0.1)
    async with running() as rig:
        wire, _ = await seated(rig, 5)
        del rig.directory.booths["booth-token-0005-xxxxxxxx"]
        assert await wire.closed() == m.CLOSE_UNAUTHORISED


async def test_a_session_that_ends_takes_the_desk_to_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "RECHECK_S", 0.1)
    async with running() as rig:
        console = await rig.console()
        await console.hear(m.DeskView)
        del rig.directory.officers["andi-session"]
        assert await console.closed() == m.CLOSE_UNAUTHORISED


BAD_FRAMES = [
    ("not json", "{"),
    ("unknown type", '{"type":"fly"}'),
    ("unknown field", '{"type":"start","x":1}'),
    ("deep", "[" * 30_000),
    ("another client's", '{"type":"talk","id":1,"slot":1,"occupant":1,"revision":1}'),
    ("an offer that is none", json.dumps({"type": "offer", "id": 3, "sdp": "v=0"})),
]


@pytest.mark.parametrize("text", [text for _, text in BAD_FRAMES], ids=[n for n, _ in BAD_FRAMES])
async def test_bad_input_gets_an_error_and_nobody_else_notices(text: str) -> None:
    async with running() as rig:
        bad, _ = await seated(rig, 1)
        good, before = await seated(rig, 2)
        await bad.socket.send_str(text)
        error = await bad.hear(m.Error)
        assert isinstance(error, m.Error)
        assert error.code in {"malformed", "bad_offer"}
        await bad.say(m.Ping(5))
        assert isinstance(await bad.hear(m.Pong), m.Pong)
        await good.say(m.Call(True))
        told = await good.hear_until(m.BoothState, lambda s: s.called)
        assert isinstance(told, m.BoothState)
        assert told.seq == before.seq + 1


async def test_gross_faults_close() -> None:
    async with running() as rig:
        wire, _ = await seated(rig, 1)
        for _ in range(12):
            await wire.socket.send_str("{")
        assert await wire.closed() == m.CLOSE_MALFORMED
        wire, _ = await seated(rig, 1)
        await wire.socket.send_bytes(b"\x00\x01")
        assert await wire.closed() == m.CLOSE_MALFORMED
        wire, _ = await seated(rig, 1)
        await wire.socket.send_str("x" * 70_000)
        assert await wire.closed() == m.CLOSE_TOO_BIG


async def test_a_flood_is_cut_off_and_nobody_else_notices() -> None:
    async with running() as rig:
        good, _ = await seated(rig, 2)
        flood, _ = await seated(rig, 1)
        ping = m.encode(m.Ping(1))
        for _ in range(500):
            try:
                await flood.socket.send_str(ping)
            except ConnectionError:
                break
        assert await flood.closed() == m.CLOSE_TOO_FAST
        await good.say(m.Ping(2))
        assert isinstance(await good.hear(m.Pong), m.Pong)


async def test_a_reader_that_stalls_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as rig:
        console = await rig.console()
        await console.hear(m.DeskView)
        live = next(iter(rig.desks))
        assert live.console is not None
        socket = live.console.client
        # The console reads nothing more; the server must not hoard for it.
        gone = asyncio.Event()
        monkeypatch.setattr(live, "detach_console", lambda client: gone.set())
        for number in range(20_000):
            socket.send(m.Error("x" * 200, "y" * 200))
            if number % 500 == 0:
                await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await gone.wait()


async def test_idle_sockets_do_not_slow_anybody() -> None:
    async with running() as rig:
        for _ in range(90):
            await rig.wire("/ws/booth", m.decode_to_booth)
        wire, _ = await seated(rig, 1)
        await wire.say(m.Ping(2))
        assert isinstance(await wire.hear(m.Pong), m.Pong)


async def test_a_server_that_stops_says_so() -> None:
    async with running() as rig:
        booth, _ = await seated(rig, 1)
        console = await rig.console()
        await console.hear(m.DeskView)
        rig.desks.farewell()
        assert await booth.closed() == m.CLOSE_RESTART
        assert await console.closed() == m.CLOSE_RESTART
