from __future__ import annotations

import asyncio

import pytest

from vcs.media.description import Codec, Extensions, Kind, SrtpProfile
from vcs.transport.client import ClientConnection, ClientSection, ConnectFailed
from vcs.transport.sdp import parse_offer

from .loopback import Inbox, LoopbackServer, SrtpPeer, receiver_report, rtp, until


async def test_packets_go_both_ways(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client()
    association, keys = await server.connect(client)
    assert keys.profile is SrtpProfile.AEAD_AES_128_GCM
    assert (len(keys.receive), len(keys.send)) == (28, 28)
    peer = SrtpPeer(keys)
    client.send_rtp(rtp(1))
    client.send_rtp(bytearray(rtp(2)))
    arrived = [await server.media.get() for _ in range(2)]
    assert [peer.unprotect(data) for _, data in arrived] == [rtp(1), rtp(2)]
    assert {path for path, _ in arrived} == {association.path}
    server.port.send_to(association.path, peer.protect(rtp(9, ssrc=8)))
    server.port.send_to(association.path, peer.protect_rtcp(receiver_report(8)))
    assert await inbox.rtp.get() == rtp(9, ssrc=8)
    assert await inbox.rtcp.get() == receiver_report(8)
    assert client.counters()["packets_out"] == 2
    assert client.counters()["packets_in"] == 2
    await client.close()


async def test_what_the_sections_came_to_be(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client()
    assert client.sections == {}
    offer = parse_offer(client.offer())
    await server.connect(client)
    assert list(client.sections) == ["0", "1", "2", "3"]
    sound, picture, heard, seen = client.sections.values()
    assert (sound.payload_type, sound.codec, sound.clock_rate) == (111, Codec.OPUS, 48_000)
    assert sound.extensions == Extensions(audio_level=1, abs_send_time=2, transport_cc=3, mid=4)
    assert {sound.ssrc: None} == offer.sections[0].ssrcs
    assert [stream.rid for stream in picture.streams] == ["l", "h"]
    assert len({s.ssrc for s in picture.streams} | {s.rtx_ssrc for s in picture.streams}) == 4
    assert (picture.extensions.rid, picture.extensions.repaired_rid) == (10, 11)
    assert (heard.ssrc, heard.streams[0].rtx_ssrc) == (1000, None)
    assert (seen.ssrc, seen.streams[0].rtx_ssrc, seen.rtx_payload_type) == (1001, 2001, 97)
    with pytest.raises(KeyError):
        client.section("4")
    await client.close()


async def test_a_forced_profile_is_used(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client(profiles=[SrtpProfile.AES128_CM_SHA1_80])
    _, keys = await server.connect(client)
    assert keys.profile is SrtpProfile.AES128_CM_SHA1_80
    peer = SrtpPeer(keys)
    client.send_rtp(rtp(1))
    assert peer.unprotect((await server.media.get())[1]) == rtp(1)
    await client.close()


async def test_a_packet_is_never_sent_twice(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client()
    await server.connect(client)
    client.send_rtp(rtp(1))
    client.send_rtp(rtp(1))
    client.send_rtp(b"short")
    assert client.counters()["drop_refused_by_srtp_out"] == 2
    assert client.counters()["packets_out"] == 1
    with pytest.raises(ValueError, match="too long"):
        client.send_rtp(bytes(1_400))
    await client.close()


async def test_nothing_forged_is_heard(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client()
    association, keys = await server.connect(client)
    protected = SrtpPeer(keys).protect(rtp(1, ssrc=8))
    for forged in (rtp(5), b"\x80" + bytes(40), b"\x15" + bytes(30), b"\x00" * 20, b"\xff"):
        server.port.send_to(association.path, forged)
    server.port.send_to(association.path, protected)
    server.port.send_to(association.path, protected)
    assert await inbox.rtp.get() == rtp(1, ssrc=8)
    await until(lambda: client.counters()["drop_not_authentic"] == 3)
    assert inbox.rtp.empty()
    assert not inbox.lost.is_set()
    await client.close()


async def test_a_silent_server_is_lost(inbox: Inbox) -> None:
    server = LoopbackServer()
    client = inbox.client(lost_after=0.2)
    await server.connect(client)
    server.port.on_stun = lambda *_: None
    async with asyncio.timeout(15):
        await inbox.lost.wait()
    assert not client.closed_by_server
    client.send_rtp(rtp(1))
    assert client.counters()["packets_out"] == 0
    await client.close()
    assert inbox.times_lost == 1
    server.close()


async def test_a_lost_connection_is_revived_by_a_restart(
    server: LoopbackServer, inbox: Inbox
) -> None:
    client = inbox.client(lost_after=0.2)
    association, keys = await server.connect(client)
    server.port.on_stun = lambda *_: None
    await asyncio.wait_for(inbox.lost.wait(), 15)
    server.port.on_stun = server.associations.on_stun
    await server.restart(client, association)
    client.send_rtp(rtp(1))
    assert SrtpPeer(keys).unprotect((await server.media.get())[1]) == rtp(1)
    await client.close()


async def test_the_servers_goodbye_is_heard(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client()
    association, _ = await server.connect(client)
    association.close()
    await asyncio.wait_for(inbox.lost.wait(), 15)
    assert client.closed_by_server
    with pytest.raises(ConnectFailed, match="closed"):
        await client.connect("")
    await client.close()
    assert inbox.times_lost == 1


async def test_no_server_no_connection(inbox: Inbox) -> None:
    server = LoopbackServer()
    client = inbox.client()
    offer = parse_offer(client.offer())
    answer = server.describe(offer, server.associations.new_association())
    server.close()
    with pytest.raises(ConnectFailed, match="no candidate"):
        await client.connect(answer, timeout=0.3)
    assert not inbox.lost.is_set()


async def test_a_server_that_does_not_shake_hands(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client()
    answer = server.describe(parse_offer(client.offer()), server.associations.new_association())
    with pytest.raises(ConnectFailed, match="DTLS timed out"):
        await client.connect(answer, timeout=0.5)


async def test_another_certificate_than_the_answers(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client()
    offer = parse_offer(client.offer())
    association = server.associations.new_association()
    answer = server.describe(offer, association)
    digits = server.associations.fingerprint[-2:]
    forged = answer.replace(digits + "\r\n", ("00" if digits != "00" else "11") + "\r\n")
    results = await asyncio.gather(
        association.handshake(offer.fingerprints), client.connect(forged), return_exceptions=True
    )
    assert isinstance(results[1], ConnectFailed)
    assert "fingerprint" in str(results[1])


@pytest.mark.parametrize("answer", ["", "v=0", "m=", "\x00", "v=0\r\nm=audio 9 UDP x\r\n"])
async def test_a_bad_answer(inbox: Inbox, answer: str) -> None:
    with pytest.raises(ConnectFailed):
        await inbox.client().connect(answer)


async def test_closing_while_connecting(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client()
    answer = server.describe(parse_offer(client.offer()), server.associations.new_association())
    server.port.on_stun = lambda *_: None
    connecting = asyncio.create_task(client.connect(answer))
    await asyncio.sleep(0)
    with pytest.raises(ConnectFailed, match="already"):
        await client.connect(answer)
    await client.close()
    with pytest.raises(ConnectFailed, match="closed"):
        await connecting
    await client.close()
    assert not inbox.lost.is_set()


def test_nothing_to_offer() -> None:
    def ignore(*_: object) -> None: ...

    for sections in (
        [],
        [ClientSection(Kind.AUDIO, "sendonly", ("l",))],
        [ClientSection(Kind.VIDEO, "recvonly", ("l",))],
    ):
        with pytest.raises(ValueError, match=r"offer|layers"):
            ClientConnection(sections, on_rtp=ignore, on_rtcp=ignore, on_lost=ignore)
