"""TCP connections: the same packets in frames, and what becomes of them when it stalls or ends."""

from __future__ import annotations

import asyncio
import random
import socket
import time

import pytest

from vcs.media.description import SrtpProfile
from vcs.media.framing import MAX_FRAME, frame
from vcs.plane import (
    MAX_CONNECTIONS,
    MAX_PATHLESS,
    MAX_QUEUE_OCTETS,
    MAX_QUEUE_S,
    PATHLESS_S,
    ConnectionEnded,
    Forward,
    KeyFrameWanted,
)

from .implementations import MakePlane
from .loopback import KEY_SIZES, V4, Bench, Client, vp8
from .tcp import TcpClient, closed, connect

RECEIVER_REPORT = b"\x80\xc9\0\1\0\0\0\1"
PART = bytes(1100)


@pytest.mark.parametrize("profile", list(KEY_SIZES))
async def test_packets_of_every_kind_go_both_ways(bench: Bench, profile: SrtpProfile) -> None:
    booth, officer = TcpClient(bench, profile), bench.client()
    heard, ssrc = bench.voice(booth)
    said, officer_ssrc = bench.voice(officer)
    to_officer, _ = bench.ear(officer)
    to_booth, out = bench.ear(booth)
    bench.plane.apply([Forward(to_officer, heard), Forward(to_booth, said)])
    for n in range(10):
        booth.sound(ssrc, n, b"booth %d" % n)
        officer.sound(officer_ssrc, n, b"officer %d" % n)
        await bench.settle()
    assert [p.payload for p in officer.got] == [b"booth %d" % n for n in range(10)]
    assert [p.payload for p in booth.got] == [b"officer %d" % n for n in range(10)]
    assert {p.ssrc for p in booth.got} == {out}
    booth.send_rtcp(RECEIVER_REPORT)
    bench.plane.send_rtcp(booth.id, RECEIVER_REPORT)
    booth.put(b"\0stun")
    booth.put(b"\x16dtls")
    bench.plane.send_to(booth.path, b"\x16answer")
    bench.plane.send_unbound(booth.connection, booth.address, b"\1error")
    await bench.settle()
    events = bench.plane.pull_events()
    assert [(e.peer, e.data) for e in events.rtcp] == [(booth.id, RECEIVER_REPORT)]
    assert [(e.socket, e.address, e.path, e.data) for e in events.stun] == [
        (booth.connection, booth.address, booth.path, b"\0stun")
    ]
    assert [(e.path, e.data) for e in events.dtls] == [(booth.path, b"\x16dtls")]
    assert booth.got_rtcp == [RECEIVER_REPORT]
    assert booth.got_plain == [b"\x16answer", b"\1error"]


async def test_without_a_path_only_stun_is_taken(bench: Bench) -> None:
    identifier, near = connect(bench)
    assert identifier > 1
    near.sendall(b"".join(map(frame, (b"\x80" + bytes(20), b"\x16x", b"\x50x", b"\0a", b"\0b"))))
    await bench.settle()
    events = bench.plane.pull_events()
    assert [(e.socket, e.address, e.path, e.data) for e in events.stun] == [
        (identifier, near.getsockname(), None, b"\0a"),
        (identifier, near.getsockname(), None, b"\0b"),
    ]
    assert (events.dtls, events.rtcp, events.unknown) == ([], [], [])
    counters = bench.plane.counters()
    assert (counters["drop_no_path"], counters["drop_class"]) == (2, 1)
    with pytest.raises(ValueError, match="other end"):
        bench.plane.add_path(identifier, ("127.0.0.1", 9))


async def test_frames_cut_at_every_octet(bench: Bench) -> None:
    booth, officer = TcpClient(bench), bench.client()
    stream, ssrc = bench.voice(booth)
    route, _ = bench.ear(officer)
    bench.plane.apply([Forward(route, stream)])

    def wire(n: int) -> bytes:
        return frame(booth.tx.protect(booth.packet(ssrc, n, 960 * n, b"voice %d" % n)))

    sent = 0
    for cut in range(2 * len(wire(0)) + 1):
        two = wire(2 * cut + 1) + wire(2 * cut + 2)
        for part in (two[:cut], two[cut:]):
            booth.sock.sendall(part)
            await bench.settle()
        sent += 2
    for octet in wire(sent + 1) + wire(sent + 2):
        booth.sock.sendall(bytes([octet]))
        await bench.settle()
    assert [p.payload for p in officer.got] == [b"voice %d" % n for n in range(1, sent + 3)]


async def test_many_packets_at_once_arrive_whole(bench: Bench) -> None:
    booth, officer = TcpClient(bench), bench.client()
    stream, ssrc = bench.voice(booth)
    route, _ = bench.ear(officer)
    bench.plane.apply([Forward(route, stream)])
    packets = [booth.packet(ssrc, n, 960 * n, bytes([n]) * 900) for n in range(200)]
    wire = b"".join(frame(booth.tx.protect(packet)) for packet in packets)
    for at in range(0, len(wire), 30_000):
        booth.sock.sendall(wire[at : at + 30_000])
        await bench.settle()
    assert [p.payload[0] for p in officer.got] == list(range(200))


class Scene:
    """An officer whose sound and picture go to a booth over TCP."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.officer: Client = bench.client()
        self.booth = TcpClient(bench, receive_octets=4096)
        self.voice, self.voice_ssrc = bench.voice(self.officer)
        self.camera, self.camera_ssrc, _ = bench.camera(self.officer)
        self.ear, self.ear_ssrc = bench.ear(self.booth)
        self.eye, self.eye_ssrc, _ = bench.eye(self.booth)
        bench.plane.apply([Forward(self.ear, self.voice), Forward(self.eye, self.camera)])
        self.spoken = self.shown = 0

    def speak(self) -> None:
        self.officer.sound(self.voice_ssrc, self.spoken)
        self.spoken += 1

    def show(self, key: bool = False) -> None:
        body = vp8(b"%d " % self.shown + PART, key=key, picture=self.shown)
        self.officer.picture(self.camera_ssrc, self.shown, body, 3000 * self.shown, marker=True)
        self.shown += 1

    async def stall(self) -> None:
        """Until the plane holds pictures back; the test fails when that takes 20 s of video."""
        self.booth.stalled = True
        before = self.bench.plane.counters()["drop_key_frame_awaited"]
        for _ in range(400):
            for _ in range(3):
                self.show()
            self.speak()
            await self.bench.settle()
            if self.bench.plane.counters()["drop_key_frame_awaited"] > before:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("no picture was held back")

    def pictures(self) -> list[int]:
        got = [p for p in self.booth.got if p.ssrc == self.eye_ssrc]
        return [int(p.payload[7:].split()[0]) for p in got]

    def sounds(self) -> list[bytes]:
        return [p.payload for p in self.booth.got if p.ssrc == self.ear_ssrc]


async def test_a_stalled_reader_loses_pictures_and_no_sound(bench: Bench) -> None:
    scene = Scene(bench)
    booth = scene.booth
    scene.show(key=True)
    await bench.settle()
    began = time.monotonic()
    await scene.stall()
    assert time.monotonic() - began > MAX_QUEUE_S
    bench.plane.pull_events()
    # Held: a key frame that comes by itself does not go out either, and nobody asks for one.
    held_from = scene.shown
    scene.show(key=True)
    for _ in range(50):
        scene.show()
        scene.speak()
    bench.plane.send_rtcp(booth.id, RECEIVER_REPORT)
    bench.plane.send_to(booth.path, b"\x16dtls")
    bench.plane.send_to(booth.path, b"\1stun")
    await bench.settle()
    await asyncio.sleep(0.4)
    assert bench.plane.pull_events().key_frames == []
    assert bench.plane.forwarding() == {(scene.voice, scene.ear), (scene.camera, scene.eye)}
    # It reads again: a key frame is asked for when all has gone, and the picture goes on with it.
    booth.stalled = False
    asked: list[KeyFrameWanted] = []
    bench.listener = lambda: asked.extend(bench.plane.pull_events().key_frames)
    await bench.until(lambda: bool(asked))
    assert asked == [KeyFrameWanted(scene.camera, urgent=True)]
    scene.show()
    restart = scene.shown
    scene.show(key=True)
    scene.show()
    await bench.settle()
    await bench.until(lambda: scene.pictures()[-1:] == [scene.shown - 1])
    await bench.until(lambda: len(scene.sounds()) == scene.spoken)
    assert scene.sounds() == [b"voice %d" % n for n in range(scene.spoken)]
    assert booth.got_rtcp == [RECEIVER_REPORT]
    assert booth.got_plain == [b"\x16dtls", b"\1stun"]
    pictures = scene.pictures()
    before = [n for n in pictures if n < held_from]
    assert before == list(range(len(before)))
    assert pictures[len(before) :] == [restart, restart + 1]
    # Left out before they had a number: the receiver has nothing to ask for.
    got = [p for p in booth.got if p.ssrc == scene.eye_ssrc]
    first = got[0].sequence
    assert [(p.sequence - first) & 0xFFFF for p in got] == list(range(len(got)))
    assert {(p.timestamp - 3000 * n) & 0xFFFFFFFF for p, n in zip(got, pictures, strict=True)} == {
        (got[0].timestamp) & 0xFFFFFFFF
    }


async def test_a_slow_reader_asks_others_for_a_key_frame_once_a_second(bench: Bench) -> None:
    scene = Scene(bench)
    scene.show(key=True)
    await bench.settle()
    asked: list[float] = []

    def listen() -> None:
        for wanted in bench.plane.pull_events().key_frames:
            assert wanted.stream == scene.camera
            asked.append(time.monotonic())

    bench.plane.pull_events()
    bench.listener = listen
    for _ in range(2):
        await scene.stall()
        scene.booth.stalled = False
        before = len(asked)
        await bench.until(lambda before=before: len(asked) > before)  # type: ignore[misc]
        scene.show(key=True)
        await bench.settle()
    assert asked[1] - asked[0] > 0.9


async def test_another_path_shows_pictures_again(bench: Bench) -> None:
    scene = Scene(bench)
    scene.show(key=True)
    await bench.settle()
    await scene.stall()
    bench.plane.pull_events()
    spare = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    spare.bind(("127.0.0.1", 0))
    spare.settimeout(5)
    bench.strangers.append(spare)
    bench.plane.bind(scene.booth.id, bench.plane.add_path(V4, spare.getsockname()))
    await bench.settle()
    assert bench.plane.pull_events().key_frames == [KeyFrameWanted(scene.camera, urgent=True)]
    scene.show(key=True)
    await bench.settle()
    plain = scene.booth.rx.unprotect(spare.recv(4096))
    assert b"%d " % (scene.shown - 1) in plain
    # And back, where it still stalls.
    bench.plane.bind(scene.booth.id, scene.booth.path)
    before = bench.plane.counters()["drop_key_frame_awaited"]
    scene.show()
    await bench.settle()
    assert bench.plane.counters()["drop_key_frame_awaited"] == before + 1


async def test_nothing_of_a_held_picture_is_repaired_after_a_switch(bench: Bench) -> None:
    scene = Scene(bench)
    scene.show(key=True)
    await bench.settle()
    await scene.stall()
    other, _, _ = bench.camera(bench.client())
    bench.plane.apply([Forward(scene.eye, other)])
    assert bench.plane.forwarding() == {(scene.voice, scene.ear), (other, scene.eye)}
    assert bench.plane.retransmit(scene.eye, range(1 << 16)) == 0


async def test_too_much_waiting_ends_the_connection(bench: Bench) -> None:
    booth, officer = TcpClient(bench, receive_octets=4096), bench.client()
    booth.stalled = True
    packet = b"\x16" + bytes(1199)
    for _ in range(2 * MAX_QUEUE_OCTETS // len(packet)):
        bench.plane.send_to(booth.path, packet)
    await bench.settle()
    (ended,) = bench.plane.pull_events().ended
    assert (ended.socket, ended.address) == (booth.connection, booth.address)
    counters = bench.plane.counters()
    assert counters["drop_connection_stalled"] == 1
    assert counters["drop_send_full"] == 1
    assert counters["drop_send_error"] > 0
    assert counters["octets_out"] < 2 * MAX_QUEUE_OCTETS
    await works(bench, officer, bench.client())


async def works(bench: Bench, speaker: Client, listener: Client) -> None:
    """Sound goes from one to the other."""
    stream, ssrc = bench.voice(speaker)
    route, out = bench.ear(listener)
    bench.plane.apply([Forward(route, stream)])
    for n in range(5):
        speaker.sound(ssrc, n)
    await bench.settle()
    assert [p.payload for p in listener.got if p.ssrc == out] == [b"voice %d" % n for n in range(5)]


@pytest.mark.parametrize("how", ["closed", "reset", "shut down", "oversized"])
async def test_the_end_of_a_connection(bench: Bench, how: str) -> None:
    booth, officer = TcpClient(bench), bench.client()
    stream, ssrc = bench.voice(officer)
    route, _ = bench.ear(booth)
    bench.plane.apply([Forward(route, stream)])
    booth.put(b"\0last words")
    if how == "closed":
        booth.sock.close()
    elif how == "reset":
        booth.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        booth.sock.close()
    elif how == "shut down":
        booth.sock.shutdown(socket.SHUT_WR)
    else:
        booth.sock.sendall((MAX_FRAME + 1).to_bytes(2, "big") + bytes(100))
    booth.stalled = True
    await bench.settle()
    events = bench.plane.pull_events()
    # What came before the end still has an id to be dealt with by.
    assert [(e.socket, e.address) for e in events.ended] == [(booth.connection, booth.address)]
    assert isinstance(events.ended[0], ConnectionEnded)
    if how != "reset":
        assert [(e.socket, e.path) for e in events.stun] == [(booth.connection, booth.path)]
    assert bench.plane.add_path(booth.connection, booth.address) == booth.path
    officer.sound(ssrc, 0)
    bench.plane.send_to(booth.path, b"\x16x")
    bench.plane.send_unbound(booth.connection, booth.address, b"\1x")
    await bench.settle()
    assert bench.plane.counters()["drop_send_error"] == 3
    bench.plane.drop_connection(booth.connection)
    with pytest.raises(KeyError):
        bench.plane.add_path(booth.connection, booth.address)
    with pytest.raises(KeyError):
        bench.plane.drop_connection(booth.connection)
    with pytest.raises(KeyError):
        bench.plane.send_to(booth.path, b"x")
    officer.sound(ssrc, 1)
    await bench.settle()
    assert bench.plane.counters()["drop_send_no_path"] == 1
    assert bench.plane.pull_events().ended == []


async def test_a_connection_that_is_dropped_tells_nobody(bench: Bench) -> None:
    booth = TcpClient(bench)
    bench.plane.drop_connection(booth.connection)
    await bench.settle()
    assert booth.ended
    assert bench.plane.pull_events().ended == []
    with pytest.raises(KeyError):
        bench.plane.drop_connection(V4)


async def test_empty_frames_and_garbage(bench: Bench) -> None:
    chance = random.Random(11)
    booth, officer = TcpClient(bench), bench.client()
    identifier, near = connect(bench)
    near.sendall(bytes(2 * 1000))
    await bench.settle()
    assert bench.plane.counters()["drop_empty"] == 1000
    for size in (1, 2, 11, 12, 13, 100, MAX_FRAME):
        for first in range(0, 256, 5):
            data = bytes([first]) + chance.randbytes(size - 1)
            near.sendall(frame(data))
            booth.sock.sendall(frame(data))
        await bench.settle()
    assert bench.plane.pull_events().ended == []
    await works(bench, officer, booth)
    await works(bench, booth, officer)
    assert bench.plane.add_path(identifier, near.getsockname())


async def test_who_says_nothing_is_let_go(make_plane: MakePlane) -> None:
    clock = [1000.0]
    bench = Bench(make_plane, lambda: clock[0])
    booth = TcpClient(bench)
    identifier, near = connect(bench)
    await asyncio.sleep(1.2)
    assert not closed(near)
    clock[0] += PATHLESS_S
    await bench.until(lambda: closed(near))
    assert [e.socket for e in bench.plane.pull_events().ended] == [identifier]
    assert bench.plane.counters()["drop_connection_silent"] == 1
    await works(bench, bench.client(), booth)
    # A path that was dropped leaves the connection like one that never had any.
    bench.plane.drop_path(booth.path)
    clock[0] += PATHLESS_S + 2
    await bench.until(lambda: booth.ended)
    bench.close()


async def test_a_thousand_idle_connections_keep_nobody_out(bench: Bench) -> None:
    booth, officer = TcpClient(bench), bench.client()
    _, slow = connect(bench, "127.0.0.2")
    strangers: list[socket.socket] = []
    for n in range(1000):
        _, near = connect(bench)
        strangers.append(near)
        if n % 100 == 0:
            for ended in bench.plane.pull_events().ended:
                bench.plane.drop_connection(ended.socket)
    # They crowd out each other, and nobody from elsewhere.
    assert not closed(slow)
    assert sum(1 for near in strangers if not closed(near)) == MAX_PATHLESS - 1
    late = TcpClient(bench)
    await works(bench, officer, booth)
    await works(bench, booth, late)
    assert bench.plane.counters()["drop_connection_limit"] == 1000 + 2 - MAX_PATHLESS


async def test_connections_in_use_are_bounded_too(bench: Bench) -> None:
    first = TcpClient(bench)
    for _ in range(MAX_CONNECTIONS - 1):
        identifier, near = connect(bench)
        bench.plane.add_path(identifier, near.getsockname())
    with pytest.raises(ValueError, match="connections"):
        connect(bench)
    await works(bench, bench.client(), first)


async def test_a_flood_on_one_connection_lets_the_others_speak(bench: Bench) -> None:
    _, near = connect(bench)
    booth, officer = TcpClient(bench), bench.client()
    stream, ssrc = bench.voice(booth)
    route, _ = bench.ear(officer)
    bench.plane.apply([Forward(route, stream)])
    for n in range(20):
        near.sendall(frame(b"\0") * 5000)
        near.sendall(bytes(10_000))
        booth.sound(ssrc, n)
        await bench.settle()
    assert [p.payload for p in officer.got] == [b"voice %d" % n for n in range(20)]
