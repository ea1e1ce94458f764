from __future__ import annotations

import asyncio
import os

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack

from vcs.media.description import Kind, SrtpProfile
from vcs.transport import stun
from vcs.transport.association import Association, HandshakeFailed
from vcs.transport.client import ClientSection, ConnectFailed
from vcs.transport.dtls import Certificate
from vcs.transport.sdp import parse_offer

from .loopback import Inbox, LoopbackServer, SrtpPeer, rtp, until

SENDING = [ClientSection(Kind.AUDIO, "sendonly")]


async def test_a_certificate_that_was_not_offered_is_refused(
    server: LoopbackServer, inbox: Inbox
) -> None:
    client = inbox.client()
    offer = parse_offer(client.offer())
    association = server.associations.new_association()
    results = await asyncio.gather(
        association.handshake([Certificate().fingerprint]),
        client.connect(server.describe(offer, association), timeout=3.0),
        return_exceptions=True,
    )
    assert isinstance(results[0], HandshakeFailed)
    assert results[0].reason == "fingerprint"
    assert server.associations.counters()["handshake_failed_fingerprint"] == 1
    assert len(server.associations) == 0
    assert server.port.paths == {}
    await client.close()


async def test_no_common_profile(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client(profiles=[SrtpProfile.AEAD_AES_256_GCM])
    offer = parse_offer(client.offer())
    association = server.associations.new_association()
    results = await asyncio.gather(
        association.handshake(offer.fingerprints),
        client.connect(server.describe(offer, association), timeout=3.0),
        return_exceptions=True,
    )
    assert isinstance(results[0], HandshakeFailed)
    assert results[0].reason in ("profile", "protocol")
    assert isinstance(results[1], ConnectFailed)


async def test_a_client_that_never_comes(server: LoopbackServer) -> None:
    association = server.associations.new_association()
    with pytest.raises(HandshakeFailed, match="timeout"):
        await association.handshake([Certificate().fingerprint], timeout=0.05)
    assert len(server.associations) == 0


async def test_closing_ends_a_handshake(server: LoopbackServer) -> None:
    association = server.associations.new_association()
    waiting = asyncio.create_task(association.handshake([Certificate().fingerprint]))
    await asyncio.sleep(0)
    association.close()
    with pytest.raises(HandshakeFailed, match="closed"):
        await waiting


async def test_the_selected_path_is_told_and_dropped_at_the_end(
    server: LoopbackServer, inbox: Inbox
) -> None:
    client = inbox.client(SENDING)
    offer = parse_offer(client.offer())
    association = server.associations.new_association()
    assert association.path is None
    told: list[int] = []
    association.on_selected_path = told.append
    opened = association.last_heard
    await asyncio.gather(
        association.handshake(offer.fingerprints),
        client.connect(server.describe(offer, association)),
    )
    assert told == [association.path]
    assert association.path in server.port.paths
    assert association.last_heard > opened
    assert not association.expired(association.last_heard + 29)
    assert association.expired(association.last_heard + 31)
    association.close()
    association.close()
    assert server.port.paths == {}
    assert association.path is None
    await client.close()


async def test_the_clients_goodbye_is_heard(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client(SENDING)
    association, _ = await server.connect(client)
    gone = asyncio.Event()
    association.on_closed = gone.set
    await client.close()
    await asyncio.wait_for(gone.wait(), 15)
    assert association.path in server.port.paths


async def test_a_client_that_moves_is_followed(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client(SENDING)
    association, keys = await server.connect(client)
    before = association.path
    moved = asyncio.get_running_loop().create_future()
    association.on_selected_path = moved.set_result
    client.rebind()
    path = await asyncio.wait_for(moved, 15)
    assert path == association.path != before
    peer = SrtpPeer(keys)
    client.send_rtp(rtp(1))
    assert peer.unprotect((await server.media.get())[1]) == rtp(1)
    server.port.send_to(association.path, peer.protect(rtp(2)))
    assert await inbox.rtp.get() == rtp(2)
    await client.close()


async def test_an_ice_restart_keeps_the_keys(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client(SENDING)
    association, keys = await server.connect(client)
    before = association.local_ufrag, association.local_password
    offer = client.offer()
    await server.restart(client, association)
    assert client.offer() != offer
    assert (association.local_ufrag, association.local_password) != before
    peer = SrtpPeer(keys)
    client.send_rtp(rtp(1))
    assert peer.unprotect((await server.media.get())[1]) == rtp(1)
    assert server.associations.counters().keys() == {"stun_answered"}
    await client.close()


async def test_a_restart_from_another_address(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client(SENDING)
    association, _ = await server.connect(client)
    before = association.path
    client.rebind()
    await server.restart(client, association)
    await until(lambda: association.path != before)
    await client.close()


async def test_hostile_datagrams_leave_a_call_alone(server: LoopbackServer, inbox: Inbox) -> None:
    """From strangers and, worse, with the client's own address."""
    client = inbox.client(SENDING)
    association, keys = await server.connect(client)
    path, paths = association.path, dict(server.port.paths)
    socket, _ = paths[path]
    alerts = [
        bytes((21, 254, 253)) + bytes(8) + b"\x00\x02" + alert
        for alert in (b"\x01\x00", b"\x02\x28")
    ]
    hello = bytes((22, 254, 253)) + bytes(8) + b"\x00\x20" + b"\x01" + bytes(31)
    epochs = [bytes((21, 254, 253, 0, 1)) + bytes(6) + b"\x00\x1a" + os.urandom(26)]
    forged = [*alerts, hello, *epochs, *(bytes((n,)) + os.urandom(60) for n in range(20, 64))]
    for data in forged:
        server.associations.on_dtls(path, data)
        await asyncio.sleep(0)
    server.associations.on_dtls(path, b"")
    server.associations.on_dtls(12345, alerts[0])
    for data in (b"", b"\x00", b"\x00\x01" + bytes(18), os.urandom(40), bytes(1500)):
        server.associations.on_stun(socket, ("127.0.0.1", 1), data, association.last_heard)
    assert server.port.paths == paths
    await until(lambda: association._dtls._datagrams._queue.empty())
    peer = SrtpPeer(keys)
    client.send_rtp(rtp(1))
    assert peer.unprotect((await server.media.get())[1]) == rtp(1)
    server.port.send_to(path, peer.protect(rtp(2)))
    assert await inbox.rtp.get() == rtp(2)
    # The session still hears a true goodbye.
    gone = asyncio.Event()
    association.on_closed = gone.set
    await client.close()
    await asyncio.wait_for(gone.wait(), 15)


async def test_a_flood_of_dtls_is_bounded(server: LoopbackServer, inbox: Inbox) -> None:
    client = inbox.client(SENDING)
    association, _ = await server.connect(client)
    for _ in range(1_000):
        server.associations.on_dtls(association.path, b"\x16" + bytes(50))
    assert server.associations.counters()["drop_dtls_queue_full"] == 1_000 - 64
    client.send_rtp(rtp(1))
    await server.media.get()
    association.close()
    assert server.associations.counters()["drop_dtls_queue_full"] == 1_000 - 64
    await client.close()


async def test_dtls_for_an_association_that_is_gone(server: LoopbackServer, inbox: Inbox) -> None:
    """Its path may be known for longer: the one table is emptied after the other."""
    client = inbox.client(SENDING)
    association, _ = await server.connect(client)
    assert association.path is not None
    del server.associations._open[id(association._ice)]
    server.associations.on_dtls(association.path, b"\x16" + bytes(50))
    assert server.associations._ice.owner(association.path) is association._ice
    assert server.associations.counters()["drop_dtls_no_path"] == 1
    association.close()
    await client.close()


async def test_a_source_port_that_is_none_does_no_harm(server: LoopbackServer) -> None:
    """With the right password: the answer would go to a port that no socket can send to."""
    association = server.associations.new_association()
    check = stun.binding_request(
        bytes(12),
        username=f"{association.local_ufrag}:theirs",
        password=association.local_password.encode(),
        priority=1,
        tie_breaker=1,
        use_candidate=True,
    )
    server.associations.on_stun(0, ("127.0.0.1", 0), check, 1.0)
    assert server.associations.counters() == {"drop_stun_no_port": 1}
    assert server.port.paths == {}
    association.close()
    with pytest.raises(ValueError, match="closed"):
        association.restart()


async def test_two_clients_do_not_mix(server: LoopbackServer) -> None:
    inboxes = [Inbox(), Inbox()]
    clients = [inbox.client(SENDING) for inbox in inboxes]
    (first, first_keys), (second, second_keys) = [await server.connect(c) for c in clients]
    assert first.path != second.path
    assert first_keys.send != second_keys.send
    server.port.send_to(second.path, SrtpPeer(second_keys).protect(rtp(1)))
    assert await inboxes[1].rtp.get() == rtp(1)
    assert inboxes[0].rtp.empty()
    for client in clients:
        await client.close()


async def test_many_joins_leave_nothing_behind(server: LoopbackServer) -> None:
    tasks = len(asyncio.all_tasks())
    for _ in range(5):
        client = Inbox().client(SENDING)
        association, _ = await server.connect(client)
        await client.close()
        association.close()
    await until(lambda: len(asyncio.all_tasks()) == tasks)
    assert len(server.associations) == 0
    assert server.port.paths == {}
    assert server.associations._ice._by_ufrag == {}
    assert server.associations._ice._owners == {}


async def test_aiortc_as_the_client(server: LoopbackServer) -> None:
    """Somebody else's ICE, DTLS and SDP reader against ours: its sound arrives."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver(AudioStreamTrack(), direction="sendonly")
    connection.addTransceiver("video", direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    offer = parse_offer(connection.localDescription.sdp)
    association: Association = server.associations.new_association()
    answer = server.describe(offer, association)
    handshake = asyncio.create_task(association.handshake(offer.fingerprints))
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    keys = await handshake
    _, data = await asyncio.wait_for(server.media.get(), 15)
    while 192 <= data[1] < 224:
        _, data = await asyncio.wait_for(server.media.get(), 15)
    plain = SrtpPeer(keys).unprotect(data)
    assert plain[1] & 0x7F == offer.sections[0].payload_type
    assert int.from_bytes(plain[8:12], "big") in offer.sections[0].ssrcs
    gone = asyncio.Event()
    association.on_closed = gone.set
    await connection.close()
    await asyncio.wait_for(gone.wait(), 15)
