from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

import pytest_asyncio

from vcs.plane.drowse import Drowse


class Watched:
    """A socket, and what was found in it at each look."""

    def __init__(self) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.bind(("127.0.0.1", 0))
        self.other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.other.connect(self.sock.getsockname())
        self.looks: list[int] = []
        self.drowse = Drowse(asyncio.get_running_loop(), [self.sock], self._take)

    def _take(self) -> bool:
        found = 0
        while True:
            try:
                self.sock.recv(100)
            except BlockingIOError:
                self.looks.append(found)
                return found > 0
            found += 1

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():  # noqa: ASYNC110
                await asyncio.sleep(0)


@pytest_asyncio.fixture
async def watched() -> AsyncIterator[Watched]:
    made = Watched()
    yield made
    made.drowse.close()
    made.sock.close()
    made.other.close()


async def test_a_packet_now_and_then_is_taken_at_once_and_nobody_looks_again(
    watched: Watched,
) -> None:
    for number in range(1, 4):
        watched.other.send(b"x")
        await watched.until(lambda number=number: len(watched.looks) == number)
        await asyncio.sleep(0.02)
    assert watched.looks == [1, 1, 1]


async def test_packets_close_to_each_other_share_their_looks(watched: Watched) -> None:
    """Sent as fast as the loop turns: many more than there are looks."""
    async with asyncio.timeout(10):
        while sum(watched.looks) < 2_000:
            watched.other.send(b"x")
            await asyncio.sleep(0)
    assert len(watched.looks) < sum(watched.looks) / 2
    await asyncio.sleep(0.02)
    before = len(watched.looks)
    await asyncio.sleep(0.05)
    assert len(watched.looks) == before, "nothing comes, nobody looks"


async def test_nobody_looks_after_the_end(watched: Watched) -> None:
    watched.drowse.close()
    watched.other.send(b"x")
    await asyncio.sleep(0.02)
    assert watched.looks == []
    watched.drowse.close()
