from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from vcs.transport import tcp_listener
from vcs.transport.sockets import open_port
from vcs.transport.tcp_listener import TcpListener

from .loopback import until


class Taker:
    def __init__(self) -> None:
        self.taken: list[socket.socket] = []
        self.refusal: Exception | None = None

    def take(self, accepted: socket.socket) -> None:
        self.taken.append(accepted)
        if self.refusal is not None:
            raise self.refusal


@pytest.fixture
async def port() -> AsyncIterator[tuple[Taker, TcpListener, Callable[[], socket.socket]]]:
    sockets, listening = open_port(0, "127.0.0.1", None)
    taker = Taker()
    listener = TcpListener(asyncio.get_running_loop(), listening, taker.take)
    made: list[socket.socket] = []

    def connect() -> socket.socket:
        made.append(socket.create_connection(listening[0].getsockname(), timeout=5))
        return made[-1]

    yield taker, listener, connect
    listener.close()
    for opened in (*sockets.values(), *listening.values(), *made, *taker.taken):
        opened.close()


Port = tuple[Taker, TcpListener, Callable[[], socket.socket]]


async def test_each_connection_is_given_away(port: Port) -> None:
    taker, listener, connect = port
    for _ in range(40):
        connect()
    await until(lambda: len(taker.taken) == 40)
    listener.close()
    listener.close()
    connect()
    await asyncio.sleep(0.05)
    assert len(taker.taken) == 40


@pytest.mark.parametrize("refusal", [ValueError("no room"), OSError(errno.ENOTCONN, "gone")])
async def test_what_is_not_taken_is_closed(port: Port, refusal: Exception) -> None:
    taker, _, connect = port
    taker.refusal = refusal
    refused = connect()
    await until(lambda: len(taker.taken) == 1)
    assert refused.recv(1) == b""
    taker.refusal = None
    connect()
    await until(lambda: len(taker.taken) == 2)
    assert taker.taken[1].fileno() >= 0


async def test_without_descriptors_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real exhaustion would take the test's own descriptors too."""
    monkeypatch.setattr(tcp_listener, "PAUSE_S", 0.05)
    sockets, listening = open_port(0, "127.0.0.1", None)

    class Exhausted:
        tries = 0

        def fileno(self) -> int:
            return listening[0].fileno()

        def accept(self) -> tuple[socket.socket, object]:
            self.tries += 1
            if self.tries <= 2:
                raise OSError(errno.EMFILE, "too many open files")
            return listening[0].accept()

    exhausted, taker = Exhausted(), Taker()
    listener = TcpListener(asyncio.get_running_loop(), {0: exhausted}, taker.take)  # type: ignore[dict-item]
    with socket.create_connection(listening[0].getsockname(), timeout=5):
        await until(lambda: exhausted.tries == 1)
        for _ in range(20):
            await asyncio.sleep(0)
        assert exhausted.tries == 1
        await until(lambda: len(taker.taken) == 1)
    listener.close()
    for opened in (*sockets.values(), *listening.values(), *taker.taken):
        opened.close()
