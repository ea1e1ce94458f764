"""Ours as it is installed, but for the rule (see `open_server`): its own process, its database, its
doors."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from aiohttp import ClientSession

from benchmarks.forwarding.call import Call
from benchmarks.forwarding.desk import BOOTHS, CannotServe, Desk, booth_number, officer_number
from benchmarks.forwarding.namespace import ADDRESS
from benchmarks.server_process import Keys, ServerProcess, ServerTrouble
from vcs import messages as m
from vcs.booth.signalling import Signalling
from vcs.http.doors import CONSENT_VERSION
from vcs.http.sign_in import COOKIE
from vcs.media.description import Kind, SrtpProfile
from vcs.transport.client_sdp import ClientSection, choose_streams, make_offer, read_answer

JOIN_WITHIN_S: Final = 30.0
SENDS: Final = (ClientSection(Kind.AUDIO, "sendonly"), ClientSection(Kind.VIDEO, "sendonly"))
RECEIVES: Final = (ClientSection(Kind.AUDIO, "recvonly"), ClientSection(Kind.VIDEO, "recvonly"))


class VcsServer:
    """See `desk.Server`."""

    def __init__(self, profile: SrtpProfile, desks: int) -> None:
        self._profile = profile
        self._desks = desks
        self._folder = tempfile.TemporaryDirectory(prefix="vcs-forwarding-")
        self._process = ServerProcess(
            Path(self._folder.name),
            program="benchmarks.forwarding.open_server",
            media_host=ADDRESS,
        )
        self._keys: list[Keys] = []
        self._lines: list[_Line] = []

    async def start(self) -> None:
        try:
            self._keys = await self._process.furnish(BOOTHS, desks=self._desks)
            await self._process.start()
        except ServerTrouble as trouble:
            raise CannotServe(str(trouble)) from trouble

    async def open_desk(self, number: int) -> Desk:
        desk, keys, url = Desk(), self._keys[number - 1], self._process.url
        officer = _OfficerLine(url, await _signed_in(url, keys))
        booths = [booth_number(number, slot) for slot in range(1, BOOTHS + 1)]
        try:
            async with asyncio.timeout(JOIN_WITHIN_S):
                for booth, token in zip(booths, keys.tokens.values(), strict=True):
                    line = _BoothLine(url, token)
                    self._lines.append(line)
                    await line.seated()
                    await self._join(desk, line, booth, [officer_number(number)], 1)
                await self._join(desk, officer, officer_number(number), booths, BOOTHS)
                officer.line.send(m.Microphone(True))
                await officer.everybody_there()
        except TimeoutError:
            raise CannotServe(f"desk {number} did not come about:\n{self._process.log()}") from None
        self._lines.append(officer)
        return desk

    async def _join(
        self, desk: Desk, line: _Line, number: int, allowed: list[int], slots: int
    ) -> None:
        call = Call(self._profile, allowed)
        assert call.certificate is not None
        desk.calls.append(call)
        call.listen(ADDRESS)
        offered = choose_streams((*SENDS, *(RECEIVES * slots)))
        offer = make_offer(offered, call.credentials, call.certificate.fingerprint, (number, 1))
        answer = read_answer(await line.line.offer(offer), offered)
        server = next(c for c in answer.candidates if c[0] == ADDRESS)
        await call.connect(server, answer.credentials, answer.fingerprints)
        sections = answer.sections
        call.transport_cc = sections["0"].extensions.transport_cc
        ssrcs = {Kind.AUDIO: sections["0"].ssrc, Kind.VIDEO: sections["1"].ssrc}
        desk.sends(call, number, ssrcs, call.transport_cc)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def stop(self) -> None:
        for line in self._lines:
            await line.close()
        await self._process.stop()
        self._folder.cleanup()


class _Line:
    """A signalling connection, kept up."""

    def __init__(self, line: Signalling[m.ToBooth] | Signalling[m.ToOfficer]) -> None:
        self.line = line
        self.life: asyncio.Task[object] | None = None
        self._changed = asyncio.Event()

    async def until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self._changed.clear()
            await self._changed.wait()

    def changed(self) -> None:
        self._changed.set()

    async def close(self) -> None:
        if self.life is not None:
            self.life.cancel()
            await asyncio.gather(self.life, return_exceptions=True)


class _BoothLine(_Line):
    def __init__(self, url: str, token: str) -> None:
        self._state: m.BoothState | None = None
        line: Signalling[m.ToBooth] = Signalling(
            url.replace("http", "ws", 1) + "/ws/booth", url, m.decode_to_booth
        )
        super().__init__(line)
        self.life = asyncio.create_task(line.run(m.BoothHello(token), self._received))

    def _received(self, message: m.ToBooth) -> None:
        if isinstance(message, m.BoothState):
            self._state = message
            self.changed()

    async def seated(self) -> None:
        """A visitor sits there and has agreed."""
        await self.until(lambda: self._state is not None)
        self.line.send(m.Start())
        await self.until(lambda: self._state is not None and self._state.occupant is not None)
        assert self._state is not None
        assert self._state.occupant is not None
        self.line.send(m.Consent(self._state.occupant, True, "id", CONSENT_VERSION))
        await self.until(lambda: self._state is not None and self._state.visit == "running")


class _OfficerLine(_Line):
    def __init__(self, url: str, session: str) -> None:
        self._desk: m.DeskView | None = None
        line: Signalling[m.ToOfficer] = Signalling(
            url.replace("http", "ws", 1) + "/ws/officer",
            url,
            m.decode_to_officer,
            headers={"Cookie": f"{COOKIE}={session}"},
        )
        super().__init__(line)
        self.life = asyncio.create_task(line.run(m.OfficerHello(), self._received))

    def _received(self, message: m.ToOfficer) -> None:
        if isinstance(message, m.DeskView):
            self._desk = message
            self.changed()

    async def everybody_there(self) -> None:
        await self.until(
            lambda: (
                self._desk is not None
                and self._desk.media
                and all(tile.media and tile.consented for tile in self._desk.tiles[:BOOTHS])
            )
        )


async def _signed_in(url: str, keys: Keys) -> str:
    """The session cookie."""
    async with (
        ClientSession() as http,
        http.post(
            f"{url}/api/sign-in",
            json={"name": keys.name, "password": keys.password},
            headers={"Origin": url},
        ) as response,
    ):
        if response.status != 200:
            raise CannotServe(f"the officer cannot sign in: {await response.text()}")
        return response.cookies[COOKIE].value
