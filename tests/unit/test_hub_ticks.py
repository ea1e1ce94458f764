"""The hub's clock: what is due for many desks is done one after another, so that packets wait for
none of it long."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from vcs.feeds import DeskMedia
from vcs.plane import SocketId
from vcs.plane.python import PythonPlane
from vcs.privacy import DeskState
from vcs.sfu import CHECK_PARTS, LAYER_CHECK_S, TICK_PARTS, TICK_S, Hub

EVERY_S = TICK_S / TICK_PARTS


class Watching(Hub):
    """Notes which desks are looked at in a tick."""

    def __init__(self, plane: PythonPlane) -> None:
        super().__init__(plane, lambda: self.now)
        self.now = 100.0
        self.seen: list[list[int]] = []

    def step(self) -> None:
        self.now += EVERY_S
        self.seen.append([])
        self.tick()

    def _watch_layers(self, media: DeskMedia, now: float) -> None:
        number = next(number for number, found in self._desks.items() if found is media)
        self.seen[-1].append(number)
        super()._watch_layers(media, now)


@pytest.fixture
def hub() -> Iterator[Watching]:
    loop = asyncio.new_event_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.setblocking(False)
        plane = PythonPlane(loop, {SocketId(0): opened}, lambda: None)
        yield Watching(plane)
        plane.close()
    loop.close()


@pytest.mark.parametrize("desks", [1, 12, 50])
def test_every_desk_has_its_turn_and_no_tick_has_many(hub: Watching, desks: int) -> None:
    for desk in range(desks):
        hub.apply(desk, DeskState())
    rounds = 8
    for _ in range(round(rounds * LAYER_CHECK_S / EVERY_S)):
        hub.step()
    assert max(len(seen) for seen in hub.seen) == 1 + desks // CHECK_PARTS
    turns = [sum(desk in seen for seen in hub.seen) for desk in range(desks)]
    assert min(turns) >= rounds - 1
    assert max(turns) <= rounds + 1
