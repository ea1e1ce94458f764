"""Two thousand people come and go: nothing of them stays."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter as Count

import psutil

from tests.unit.http.rig import Rig, running
from tests.unit.test_live_talk import until
from vcs import messages as m
from vcs.media.description import Kind
from vcs.transport.client import ClientConnection, ClientSection

PEOPLE = 2_000
FIRST = 200
"""After so many, caches and pools have what they will ever have."""
WITH_MEDIA = 10
"""One in so many goes the whole way, to SRTP keys; the others leave after the offer's answer."""
SECTIONS = [
    ClientSection(Kind.AUDIO, "sendonly"),
    ClientSection(Kind.VIDEO, "sendonly"),
    ClientSection(Kind.AUDIO, "recvonly"),
    ClientSection(Kind.VIDEO, "recvonly"),
]


async def come_and_go(rig: Rig, number: int) -> None:
    wire = await rig.booth(1 + number % 6)
    await wire.hear(m.BoothState)
    connection = ClientConnection(
        SECTIONS, on_rtp=lambda p, t: None, on_rtcp=lambda p, t: None, on_lost=lambda: None
    )
    await wire.say(m.Offer(1, connection.offer()))
    answer = await wire.hear(m.Answer)
    assert isinstance(answer, m.Answer)
    if number % WITH_MEDIA == 0:
        await connection.connect(answer.sdp)
    await connection.close()
    await wire.socket.close()
    rig.forget(wire)


def kept(rig: Rig) -> dict[str, int]:
    """Everything that could grow."""
    gc.collect()
    plane = rig.media.plane
    kinds = Count(type(thing).__name__ for thing in gc.get_objects())
    return {
        "tasks": len(asyncio.all_tasks()),
        "descriptors": psutil.Process().num_fds(),
        "peers": len(rig.media.hub),
        "associations": len(rig.media.associations),
        "clients": len(rig.desks.media),
        "paths": len(plane._paths.by_id),
        "streams": len(plane._streams),
        "routes": len(plane._routes),
        **{kind: kinds[kind] for kind in ("Peer", "Route", "Stream", "DtlsSession", "Path")},
    }


async def test_tasks_descriptors_and_memory_stay_flat() -> None:
    async with running() as rig:
        for number in range(FIRST):
            await come_and_go(rig, number)
        await until(lambda: len(rig.desks.media) == 0)
        before, memory = kept(rig), psutil.Process().memory_info().rss
        for number in range(PEOPLE - FIRST):
            await come_and_go(rig, number)
        await until(lambda: len(rig.desks.media) == 0)
        assert kept(rig) == before
        assert psutil.Process().memory_info().rss - memory < 8 << 20
