"""An officer at a server that is a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import ClientSession

from tests.browser.server import PASSWORD, ServerProcess
from tests.unit.http.rig import Wire
from tests.unit.visits.house import Person
from vcs import messages as m


@contextlib.asynccontextmanager
async def officer_at(
    server: ServerProcess, name: str = "andi", desk: int | None = None
) -> AsyncIterator[Person]:
    """Signed in, with a console that has said which desk it wants; without one, the first."""
    async with ClientSession(headers={"Origin": server.url}) as http:
        body = {"name": name, "password": PASSWORD}
        async with http.post(f"{server.url}/api/sign-in", json=body) as answer:
            assert answer.status == 200
            cookie = answer.cookies["vcs_session"].value
        async with http.ws_connect(
            f"{server.url}/ws/officer", headers={"Cookie": f"vcs_session={cookie}"}
        ) as socket:
            person = Person(Wire(socket, m.decode_to_officer))
            await person.wire.say(m.OfficerHello(desk))
            pinging = asyncio.create_task(_ping(person))
            try:
                yield person
            finally:
                pinging.cancel()
                await asyncio.gather(pinging, return_exceptions=True)


async def _ping(person: Person) -> None:
    while not person.wire.socket.closed:
        await person.wire.say(m.Ping(0))
        await asyncio.sleep(1)
