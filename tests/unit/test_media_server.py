"""One event that fails costs its neighbours nothing, and is told without a flood."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from vcs import media_server
from vcs.media_server import MediaServer
from vcs.plane import (
    DtlsEvent,
    Events,
    KeyFrameWanted,
    PathId,
    PeerId,
    RtcpEvent,
    SocketId,
    StreamId,
    StunEvent,
    UnknownSsrc,
)

HERE = ("127.0.0.1", 9)
STUN = StunEvent(SocketId(0), HERE, None, bytes(20), 1.0)
DTLS = DtlsEvent(PathId(4711), b"\x16" + bytes(20), 1.0)
RTCP = RtcpEvent(PeerId(4711), bytes(8), 1.0)
UNKNOWN = UnknownSsrc(PeerId(4711), 5, 96, None, None, None, 1.0)
KEY_FRAME = KeyFrameWanted(StreamId(4711), urgent=True)


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    opened = MediaServer(port=0, ipv4="127.0.0.1", ipv6=None)
    yield opened
    opened.close()


def batch(monkeypatch: pytest.MonkeyPatch, server: MediaServer) -> None:
    """Each pull from now on gives two events of each kind."""
    events = Events(
        stun=[STUN] * 2,
        dtls=[DTLS] * 2,
        rtcp=[RTCP] * 2,
        unknown=[UNKNOWN] * 2,
        key_frames=[KEY_FRAME] * 2,
        switched=[],
        dropped={"stun": 3},
    )
    monkeypatch.setattr(server.plane, "pull_events", lambda: events)


HANDLERS = ["on_stun", "on_dtls", "on_unknown", "on_rtcp", "on_key_frame"]


@pytest.mark.parametrize("failing", HANDLERS)
async def test_an_event_that_fails_costs_the_others_nothing(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    dealt_with: list[str] = []

    def handler(name: str) -> object:
        def handle(*_: object) -> None:
            dealt_with.append(name)
            if name == failing and dealt_with.count(name) == 1:
                raise RuntimeError("a fault of ours")

        return handle

    for name in HANDLERS:
        owner = server.associations if name in {"on_stun", "on_dtls"} else server.hub
        monkeypatch.setattr(owner, name, handler(name))
    batch(monkeypatch, server)
    server._on_events()
    assert sorted(dealt_with) == sorted(HANDLERS * 2)
    assert server.counters()["drop_event_failed"] == 1
    assert server.counters()["drop_event_stun"] == 3


async def test_failures_are_all_counted_and_told_now_and_then(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    now = 5_000.0
    clock = SimpleNamespace(monotonic=lambda: now)
    monkeypatch.setattr(media_server, "time", clock)
    monkeypatch.setattr(server.associations, "on_stun", fail)
    batch(monkeypatch, server)
    with capture_logs() as lines:
        server._on_events()
        now += media_server.TROUBLE_TOLD_EVERY_S - 0.1
        server._on_events()
        assert [line["reason"] for line in lines] == ["RuntimeError"]
        assert server.counters()["drop_event_failed"] == 4
        now += 0.2
        server._on_events()
    assert len(lines) == 2
    assert all(line["log_level"] == "error" and line["exc_info"] for line in lines)
    assert server.counters()["drop_event_failed"] == 6


async def test_the_real_handlers_take_a_batch_of_strangers(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch(monkeypatch, server)
    server._on_events()
    numbers = server.counters()
    assert numbers["drop_stun_malformed"] == numbers["drop_dtls_no_path"] == 2
    assert numbers.get("drop_event_failed", 0) == 0


@pytest.mark.parametrize("tcp", [True, False])
async def test_candidates_are_of_what_is_open(tcp: bool) -> None:
    server = MediaServer(port=0, ipv4="127.0.0.1", ipv6=None, tcp=tcp)
    lines = server.associations.candidates()
    assert [line.split()[2] for line in lines] == (["udp", "tcp"] if tcp else ["udp"])
    assert {int(line.split()[5]) for line in lines} == {server.port}
    with socket.socket() as client:
        client.settimeout(5)
        assert (client.connect_ex(("127.0.0.1", server.port)) == 0) is tcp
    server.close()
