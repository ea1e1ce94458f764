"""The people without a browser: booths that agree by themselves, and an officer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from aiohttp import ClientSession

from benchmarks.six_booths.air import Air
from vcs import messages as m
from vcs.booth.agent import BoothAgent
from vcs.booth.media_link import MediaLink
from vcs.booth.pacing import Pacemaker
from vcs.booth.prepared import PreparedMedia
from vcs.booth.signalling import Signalling
from vcs.booth.visitor import Habits
from vcs.http.sign_in import COOKIE
from vcs.media.description import Kind
from vcs.transport.client import ClientSection

SLOTS: Final = 6
ANSWER_WITHIN_S: Final = 10.0
JOIN_WITHIN_S: Final = 30.0
AT_ONCE: Final = Habits(start=0.0, start_again=0.5, consent=0.0)

OFFICER_SECTIONS: Final = (
    ClientSection(Kind.AUDIO, "sendonly"),
    ClientSection(Kind.VIDEO, "sendonly", ("l", "m")),
    *(ClientSection(kind, "recvonly") for _ in range(SLOTS) for kind in (Kind.AUDIO, Kind.VIDEO)),
)


class Gone(Exception):
    """A client has lost the server, which no measurement survives."""


class Refused(Exception):
    """The server refused a command; the text is its code."""


class HeadlessBooth:
    """One booth whose visitor sits down and agrees as soon as it has joined."""

    def __init__(
        self,
        number: int,
        url: str,
        token: str,
        media: PreparedMedia,
        pacemaker: Pacemaker,
    ) -> None:
        self.number = number
        self.on_state: Callable[[m.BoothState], None] | None = None
        """Gets every state when it is read; may be set at any time."""
        self.agent = BoothAgent(
            url, token, media, agree=AT_ONCE, pacemaker=pacemaker, on_state=self._told
        )
        self._life: asyncio.Task[None] | None = None

    async def join(self) -> float:
        """Returns the milliseconds from opening the signalling connection to media that is up:
        WebSocket, hello, offer, answer, ICE and DTLS, this client's own work for it included."""
        began = time.monotonic()
        self._life = asyncio.create_task(self.agent.run())
        joined = asyncio.create_task(self.agent.joined.wait())
        try:
            async with asyncio.timeout(JOIN_WITHIN_S):
                await asyncio.wait((self._life, joined), return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            raise Gone(f"booth {self.number} cannot join: {self.agent.why_not}") from None
        finally:
            joined.cancel()
        self.check()
        return (time.monotonic() - began) * 1000

    async def seated(self) -> None:
        """Returns when the visitor has agreed and sends."""
        try:
            async with asyncio.timeout(JOIN_WITHIN_S):
                await self.agent.until(lambda state: state.visit == "running")
        except TimeoutError:
            raise Gone(f"nobody could sit down in booth {self.number}") from None

    def check(self) -> None:
        """Raises `Gone` when it is not joined, or was not all the time."""
        if not self.agent.joined.is_set() or self.agent.joins != 1:
            raise Gone(f"booth {self.number} lost the server: {self.agent.why_not}")

    async def leave(self) -> None:
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)

    def _told(self, state: m.BoothState) -> None:
        if self.on_state is not None:
            self.on_state(state)


class HeadlessOfficer:
    """The officer's console without a page. `on_desk` gets every `desk` message when it is read."""

    def __init__(
        self, url: str, pacemaker: Pacemaker, on_desk: Callable[[m.DeskView], None]
    ) -> None:
        self.desk: m.DeskView | None = None
        self.link = MediaLink(OFFICER_SECTIONS, pacemaker)
        self._url = url
        self._on_desk = on_desk
        self._changed = asyncio.Event()
        self._welcomed = asyncio.Event()
        self._answers: dict[int, asyncio.Future[m.Ack]] = {}
        self._line: Signalling[m.ToOfficer] | None = None
        self._life: asyncio.Task[tuple[int | None, str]] | None = None

    async def open(self, name: str, password: str, media: PreparedMedia) -> None:
        """Sign in, take the desk, and send picture and sound. Raises `Gone`."""
        self._line = Signalling(
            self._url.replace("http", "ws", 1) + "/ws/officer",
            self._url,
            m.decode_to_officer,
            headers={"Cookie": f"{COOKIE}={await self._sign_in(name, password)}"},
        )
        self._life = asyncio.create_task(self._line.run(m.OfficerHello(), self._received))
        try:
            async with asyncio.timeout(JOIN_WITHIN_S):
                await self._welcomed.wait()
                await self.link.connect(self._line.offer)
        except TimeoutError:
            raise Gone("the officer cannot join") from None
        self.link.publish(media).start(time.monotonic())
        self._line.send(m.Microphone(True))

    async def everybody_ready(self, booths: int) -> None:
        """Returns when every booth has a visitor who agreed, and media. Raises `Gone`."""

        def ready() -> bool:
            return (
                self.desk is not None
                and self.desk.media
                and all(tile.consented and tile.media for tile in self.desk.tiles[:booths])
            )

        try:
            async with asyncio.timeout(JOIN_WITHIN_S):
                while not ready():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise Gone("not every booth is ready") from None

    async def put_on_air(self, air: Air, before: Air) -> float:
        """Returns the milliseconds until the acknowledgement. Raises `Refused`, `Gone`."""
        assert self._line is not None
        assert self.desk is not None
        number = self._line.next_id()
        command: m.Talk | m.Hold | m.Announce
        if air.slot is not None:
            occupant = self.desk.tiles[air.slot - 1].occupant
            if occupant is None:
                raise Refused("nobody sits there")
            command = m.Talk(number, air.slot, occupant, self.desk.revision)
        elif air.announcing:
            command = m.Announce(number, True, self.desk.revision)
        elif before.announcing:
            command = m.Announce(number, False, self.desk.revision)
        else:
            command = m.Hold(number)
        answer: asyncio.Future[m.Ack] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        began = time.monotonic()
        self._line.send(command)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await answer
        except TimeoutError:
            raise Gone("the server does not answer commands") from None
        finally:
            del self._answers[number]
        return (time.monotonic() - began) * 1000

    def check(self) -> None:
        """Raises `Gone` when it has lost the server."""
        if self._life is None or self._life.done() or self.link.lost.is_set():
            raise Gone("the officer lost the server")

    async def close(self) -> None:
        await self.link.close()
        if self._line is not None and self._life is not None:
            await self._line.close()
            await asyncio.gather(self._life, return_exceptions=True)

    async def _sign_in(self, name: str, password: str) -> str:
        async with (
            ClientSession(headers={"Origin": self._url}) as http,
            http.post(
                f"{self._url}/api/sign-in", json={"name": name, "password": password}
            ) as response,
        ):
            if response.status != 200:
                raise Gone(f"the officer cannot sign in: {response.status}")
            return response.cookies[COOKIE].value

    def _received(self, message: m.ToOfficer) -> None:
        match message:
            case m.OfficerWelcome():
                self._welcomed.set()
            case m.DeskView():
                self._on_desk(message)
                self.desk = message
                self._changed.set()
            case m.Ack() if message.id in self._answers:
                self._answers[message.id].set_result(message)
            case m.Refused() if message.id in self._answers:
                self._answers[message.id].set_exception(Refused(message.code))
            case _:
                pass
