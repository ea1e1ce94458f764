"""The server is killed, as by a power cut, around a break and a closing: what was acknowledged is
so, and what was on its way is or is not, with a way on from both."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from tests.browser.server import ServerProcess
from tests.unit.test_live_day import ask, day_of, has_day
from tests.unit.visits.house import Person
from tests.unit.visits.officers import officer_at
from vcs import messages as m


@contextlib.asynccontextmanager
async def console_of(server: ServerProcess) -> AsyncIterator[Person]:
    """An officer whose day has been told."""
    async with officer_at(server) as person:
        await person.until(lambda: has_day(person))
        yield person


async def cut(server: ServerProcess) -> None:
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)


async def test_a_power_cut_around_a_break_and_a_closing(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    await asyncio.to_thread(server.prepare, 1)
    await asyncio.to_thread(server.start)
    try:
        async with console_of(server) as officer:
            assert await ask(officer, m.BeginBreak, minutes=15, revision=0) == "ack"
            begun = day_of(officer).pause
            assert begun is not None
            await cut(server)
        async with console_of(server) as officer:
            pause = day_of(officer).pause
            assert pause is not None
            assert pause.back == begun.back
            assert await ask(officer, m.EndBreak) == "ack"
            await cut(server)
        async with console_of(server) as officer:
            assert day_of(officer).pause is None
            assert await ask(officer, m.BeginClosing, revision=0) == "ack"
            await cut(server)
        async with console_of(server) as officer:
            assert day_of(officer).status == "closing"
            revision = day_of(officer).revision
            assert await ask(officer, m.CloseDesk, revision=revision) == "ack"
            await cut(server)
        async with console_of(server) as officer:
            assert day_of(officer).status == "closed"
            await officer.wire.say(m.OpenDesk(99))  # on its way when the power goes
            await cut(server)
        async with console_of(server) as officer:
            assert day_of(officer).status in ("closed", "open")
            assert await ask(officer, m.OpenDesk) == "ack"
            revision = day_of(officer).revision
            await officer.wire.say(m.BeginBreak(98, None, revision))
            await cut(server)
        async with console_of(server) as officer:
            assert await ask(officer, m.EndBreak) == "ack"
            assert (day_of(officer).status, day_of(officer).pause) == ("open", None)
            assert await ask(
                officer, m.BeginBreak, minutes=5, revision=day_of(officer).revision
            ) == ("ack")
    finally:
        server.stop()
