"""Agents at the real server: real signalling, DTLS and SRTP on loopback, a real database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from vcs import messages as m
from vcs.app import RunningServer, start
from vcs.booth.agent import BoothAgent, NotEnrolled
from vcs.booth.device_token import enrol
from vcs.booth.media_link import MediaLink
from vcs.booth.pacing import Pacemaker
from vcs.booth.signalling import Signalling
from vcs.booth.visitor import Habits
from vcs.config import Settings
from vcs.http.sign_in import COOKIE
from vcs.media.description import Kind
from vcs.transport.client import ClientSection

from .material import media

LONG = 20.0
AT_ONCE = Habits(start=0.0, start_again=60.0, consent=0.0)
PASSWORD = "a long enough password"


@dataclass
class Branch:
    """A server with a desk of two booths and an officer."""

    settings: Settings
    server: RunningServer
    tokens: dict[int, str]
    booths: dict[int, int]


@contextlib.asynccontextmanager
async def living(agent: BoothAgent) -> AsyncIterator[asyncio.Task[None]]:
    life = asyncio.create_task(agent.run())
    try:
        async with asyncio.timeout(LONG):
            await agent.joined.wait()
        yield life
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


@pytest.fixture
async def branch(tmp_path: Path) -> AsyncIterator[Branch]:
    settings = Settings(
        http_port=0, media_port=0, media_host=("127.0.0.1",), data_dir=tmp_path, log_level="error"
    )
    server = await start(settings)
    home = await server.store.branches.add("Cabang Salemba")
    desk = (await server.store.branches.desks(home.id))[0]
    await server.accounts.add("andi", PASSWORD, home.id, display_name="Andi Pratama")
    tokens, booths = {}, {}
    for slot in (1, 2):
        place = await server.store.booths.add(desk.id, slot)
        booths[slot] = place.id
        tokens[slot] = await enrol(server.http_url, (await server.enrolment.pair(place.id)).code)
    port = int(server.http_url.rsplit(":", 1)[1])
    made = Branch(settings.replace(http_port=port), server, tokens, booths)
    yield made
    await made.server.stop()


async def eventually(condition: Callable[[], bool]) -> None:
    """For what tells nobody when it changes."""
    async with asyncio.timeout(LONG):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def media_packets(server: RunningServer) -> float:
    """RTP that arrived, for which there is no way out while no officer is there."""
    numbers = server.numbers()
    return numbers["drop_unknown_ssrc"] + numbers["drop_no_route"]


async def test_two_booths_join_agree_and_their_media_arrive(branch: Branch) -> None:
    pacemaker = Pacemaker()
    agents = [
        BoothAgent(branch.server.http_url, token, media(), pacemaker=pacemaker)
        for token in branch.tokens.values()
    ]
    async with living(agents[0]), living(agents[1]), asyncio.timeout(LONG):
        for agent in agents:
            agent.start()
            asked = await agent.until(lambda state: state.visit == "consent")
            assert agent.sender is not None
            assert not agent.sender.running
            assert media_packets(branch.server) == 0 or agent is not agents[0]
            agent.consent(True)
            running = await agent.until(lambda state: state.visit == "running")
            assert running.occupant == asked.occupant
            assert agent.sender.running
        await eventually(lambda: media_packets(branch.server) > 200)
        numbers = branch.server.numbers()
        assert numbers["drop_srtp_auth"] == numbers["drop_malformed"] == 0
        assert numbers["drop_payload_type"] == numbers["malformed_rtcp"] == 0
        agents[0].end()
        await agents[0].until(lambda state: state.visit == "none")
        assert agents[0].sender is not None
        assert not agents[0].sender.running


async def test_a_booth_without_udp_joins_over_tcp(branch: Branch) -> None:
    agent = BoothAgent(branch.server.http_url, branch.tokens[1], media(), agree=AT_ONCE, tcp=True)
    async with living(agent), asyncio.timeout(LONG):
        await agent.until(lambda state: state.visit == "running")
        await eventually(lambda: media_packets(branch.server) > 200)
        numbers = branch.server.numbers()
        assert numbers["connections_in"] == 1
        assert numbers["drop_srtp_auth"] == numbers["drop_malformed"] == 0


async def test_a_refused_consent_sends_nothing(branch: Branch) -> None:
    agent = BoothAgent(branch.server.http_url, branch.tokens[1], media())
    async with living(agent), asyncio.timeout(LONG):
        agent.start()
        await agent.until(lambda state: state.visit == "consent")
        agent.consent(False)
        await agent.until(lambda state: state.visit == "none" and state.seq > 2)
        assert agent.sender is not None
        assert agent.sender.sound is not None
        assert agent.sender.sound.stream.packets == media_packets(branch.server) == 0


async def test_a_talk_is_heard_both_ways(branch: Branch) -> None:
    session = await branch.server.accounts.sign_in("andi", PASSWORD, None)
    url = branch.server.http_url
    console: Signalling[m.ToOfficer] = Signalling(
        url.replace("http", "ws", 1) + "/ws/officer",
        url,
        m.decode_to_officer,
        headers={"Cookie": f"{COOKIE}={session.token}"},
    )
    desks: asyncio.Queue[m.DeskView] = asyncio.Queue()
    welcomed = asyncio.Event()

    def received(message: m.ToOfficer) -> None:
        if isinstance(message, m.DeskView):
            desks.put_nowait(message)
        elif isinstance(message, m.OfficerWelcome):
            welcomed.set()

    pacemaker = Pacemaker()
    slots = [ClientSection(kind, "recvonly") for _ in range(6) for kind in (Kind.AUDIO, Kind.VIDEO)]
    sections = [
        ClientSection(Kind.AUDIO, "sendonly"),
        ClientSection(Kind.VIDEO, "sendonly", ("l", "m")),
        *slots,
    ]
    agent = BoothAgent(url, branch.tokens[2], media(), agree=AT_ONCE, pacemaker=pacemaker)
    link = MediaLink(sections, pacemaker)
    life = asyncio.create_task(console.run(m.OfficerHello(), received))
    try:
        async with living(agent), asyncio.timeout(LONG):
            await welcomed.wait()
            await link.connect(console.offer)
            assert link.receiver is not None
            link.publish(media()).start(asyncio.get_running_loop().time())
            console.send(m.Microphone(True))
            desk = await desks.get()
            while not (desk.media and desk.tiles[1].media and desk.tiles[1].consented):
                desk = await desks.get()
            occupant = desk.tiles[1].occupant
            assert occupant is not None
            console.send(m.Talk(console.next_id(), 2, occupant, desk.revision))
            await agent.until(lambda state: state.phase == "on_air" and state.hears)
            assert agent.listener is not None
            officer_hears = link.receiver.listeners["4"]
            heard = (agent.listener, officer_hears)
            await eventually(lambda: min(listener.speech_count for listener in heard) >= 25)
            for listener in heard:
                levels = listener.tone_levels_dbfs([500, 700], 0.4)
                assert levels[500] > -30
                assert levels[700] < -60
            viewer = link.receiver.viewers["5"]
            await eventually(lambda: viewer.size is not None)
            assert link.receiver.listeners["2"].count == 0, "slot 1 is empty"
            assert agent.receiver is not None
            assert agent.receiver.foreign == link.receiver.foreign == 0
            console.send(m.Hold(console.next_id()))
            await agent.until(lambda state: state.phase == "hold")
            packets = agent.listener.packets
            await eventually(lambda: packets[-1].is_silence)
            spoken = agent.listener.speech_count
            await asyncio.sleep(0.2)
            assert agent.listener.speech_count == spoken
    finally:
        await link.close()
        await console.close()
        await life


async def test_a_restarted_server_has_its_booth_back(branch: Branch) -> None:
    agent = BoothAgent(branch.server.http_url, branch.tokens[1], media(), agree=AT_ONCE)
    async with living(agent):
        async with asyncio.timeout(LONG):
            await agent.until(lambda state: state.visit == "running")
        await branch.server.stop()
        await eventually(lambda: not agent.joined.is_set())
        assert agent.sender is None or not agent.sender.running
        branch.server = await start(branch.settings)
        async with asyncio.timeout(LONG):
            await agent.joined.wait()
            state = await agent.until(lambda _: True)
        assert agent.joins == 2
        assert state.visit == "consent", "the visit goes on, consent does not"


async def test_media_that_is_lost_comes_back_over_the_same_signalling(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is asked for consent again: the socket, and with it the visit, has lived on."""
    agent = BoothAgent(branch.server.http_url, branch.tokens[1], media(), agree=AT_ONCE)
    async with living(agent):
        async with asyncio.timeout(LONG):
            before = await agent.until(lambda state: state.visit == "running")
        connection, welcome = agent.connection, agent.welcome
        associations = branch.server.media.associations
        with monkeypatch.context() as deaf:
            deaf.setattr(associations, "on_stun", lambda *_: None)
            await eventually(lambda: not agent.joined.is_set())
        async with asyncio.timeout(LONG):
            await agent.joined.wait()
        assert agent.joins == 2
        assert (agent.connection, agent.welcome) == (connection, welcome)
        assert agent.state is not None
        assert (agent.state.visit, agent.state.occupant) == ("running", before.occupant)
        arrived = media_packets(branch.server)
        await eventually(lambda: media_packets(branch.server) > arrived + 100)


async def test_a_booth_whose_token_is_taken_away_stops_trying(branch: Branch) -> None:
    agent = BoothAgent(branch.server.http_url, branch.tokens[1], media())
    async with living(agent) as life:
        await branch.server.enrolment.revoke(branch.booths[1])
        with pytest.raises(NotEnrolled):
            async with asyncio.timeout(LONG):
                await life


async def test_media_that_cannot_be_made_ends_the_agent(branch: Branch) -> None:
    async def broken(_: m.BoothWelcome) -> object:
        raise ValueError("no such film")

    agent = BoothAgent(branch.server.http_url, branch.tokens[1], broken)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no such film"):
        async with asyncio.timeout(LONG):
            await agent.run()
